"""The committed JavaScript is what its source makes, and ships with the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest


@pytest.mark.slow
def test_bundles_are_made_from_the_source(root: Path, tmp_path: Path) -> None:
    if not shutil.which("npx"):
        line = "needs npx: sudo apt-get install -y nodejs npm"
        pytest.fail(line) if os.environ.get("CI") else pytest.skip(line)
    for name in ("Makefile", "mirlab/widgets", "book/runtime"):
        source, target = root / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target) if source.is_file() else shutil.copytree(
            source, target, ignore=shutil.ignore_patterns("node_modules", "build", "__pycache__")
        )
    subprocess.run(["make", "-B", "widgets"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    made = sorted((root / "mirlab/widgets").glob("*/*.js"))
    assert {path.name for path in made} >= {
        "bundle.js",
        "inference_worker.js",
        "score.js",
        "widgets.js",
    }
    for path in made:
        assert (tmp_path / path.relative_to(root)).read_bytes() == path.read_bytes(), path.name


def test_npm_and_pypi_give_one_anywidget(root: Path) -> None:
    lock = json.loads((root / "book/runtime/package-lock.json").read_text("utf-8"))
    packages = lock["packages"]
    found = packages["node_modules/anywidget"]["version"]
    assert found.split(".")[:2] == version("anywidget").split(".")[:2]
    assert not any("resolved" in package for package in packages.values())


@pytest.mark.slow
def test_the_wheel_brings_the_javascript(root: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source)
    shutil.copytree(root / "mirlab", source / "mirlab")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, source]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    scripts = ("shared/bundle.js", "listening_desk/score.js", "runtime/widgets.js")
    for name in ("shared/instrument.css", *scripts):
        assert f"mirlab/widgets/{name}" in names
