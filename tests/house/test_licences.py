"""What the widget runtime holds of others ships with their licences."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

RUNTIME = Path("mirlab/widgets/runtime")
LISTED = re.compile(r"^(@?[a-z0-9./-]+) (\d+\.\d+\.\d+)$", re.MULTILINE)


@pytest.fixture
def blocks(root: Path) -> list[str]:
    text = (root / RUNTIME / "widgets.licences.txt").read_text("utf-8")
    return text.split(f"\n{'=' * 80}\n")[1:]


def test_every_package_is_named_with_the_version_that_is_locked(
    root: Path, blocks: list[str]
) -> None:
    lock = json.loads((root / "book/runtime/package-lock.json").read_text("utf-8"))["packages"]
    wanted = lock[""]["dependencies"]
    listed = [package for block in blocks for package in LISTED.findall(block)]
    assert wanted.items() <= dict(listed).items()
    locked = {
        (path.split("node_modules/")[-1], entry.get("version")) for path, entry in lock.items()
    }
    # anywidget comes bundled, with an own choice of versions
    assert {name for name, version in set(listed) - locked} <= {"solid-js", "@lukeed/uuid"}


def test_every_package_has_a_licence_that_may_ship(blocks: list[str]) -> None:
    assert blocks
    for block in blocks:
        assert LISTED.search(block)
        assert re.search(r"copyright", block, re.IGNORECASE), block[:200]
        permits = r"Permission is hereby granted|Redistribution and use|Permission to use, copy"
        assert re.search(permits, block), block[:200]


def test_the_bundle_says_where_its_licences_are(root: Path) -> None:
    first = (root / RUNTIME / "widgets.js").read_text("utf-8").splitlines()[0]
    assert first.startswith("//") and "widgets.licences.txt" in first
    for name in ("LICENSE-text.md", "README.md"):
        assert "widgets.licences.txt" in (root / name).read_text("utf-8"), name


@pytest.mark.slow
def test_what_is_bundled_is_named(root: Path, blocks: list[str], tmp_path: Path) -> None:
    """The bundler's own list, read in another way than by the script that writes the file."""
    if not shutil.which("npx"):
        line = "needs npx: sudo apt-get install -y nodejs npm"
        pytest.fail(line) if os.environ.get("CI") else pytest.skip(line)
    source, target = root / "book/runtime", tmp_path / "runtime"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("node_modules", "build"))
    (target / "build").mkdir()
    (target / "build/styles.txt").touch()
    bundler = re.search(r"esbuild@[\d.]+", (root / "Makefile").read_text("utf-8"))
    assert bundler
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, cwd=target, check=True)
    bundle = ["npx", "--yes", bundler[0], "index.js", "--bundle", "--outfile=out.js"]
    bundle += ["--loader:.css=empty", "--log-level=warning", "--metafile=meta.json"]
    subprocess.run(bundle, cwd=target, check=True, stdout=subprocess.DEVNULL)
    made = json.loads((target / "meta.json").read_text("utf-8"))["outputs"]["out.js"]["inputs"]
    used = [path for path in made if not path.startswith("(disabled)")]
    named = {name for block in blocks for name, _ in LISTED.findall(block)}
    bundled = {
        "/".join(parts[: 1 + parts[0].startswith("@")])
        for path in used
        if "node_modules/" in path
        for parts in [path.rsplit("node_modules/", 1)[1].split("/")]
    }
    assert len(bundled) > 20
    assert bundled <= named
