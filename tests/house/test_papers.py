"""README, licences, citation: what they say is so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mirlab

OUTSIDE = re.compile(r"(?<![\w.:/-])/(?:work|home|root|Users|opt|mnt|tmp)/\w")


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="needs make, as README says")


def targets(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def test_citation_names_this_version(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "license"} <= citation.keys()
    assert citation["version"] == mirlab.__version__


def test_readme_names_only_targets_that_exist(root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", readme))
    assert {"lab", "test"} <= named
    assert named <= targets((root / "Makefile").read_text("utf-8"))


@needs_make
def test_make_lists_every_target(root: Path) -> None:
    command = ["make", "--no-print-directory"]  # make itself may run this test
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    inner = {"static", "system"}
    wanted = targets((root / "Makefile").read_text("utf-8")) - inner
    assert {line.split()[1] for line in listed.splitlines()} == wanted


def test_readme_shows_only_files_that_exist(root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    for text, target in re.findall(r"!?\[([^\]]*)\]\(([^)]+)\)", readme):
        assert text, f"{target} has no text"
        if not target.startswith(("http", "#")):
            assert (root / target).exists(), target


def test_no_file_names_a_path_of_one_machine(root: Path) -> None:
    """Absolute paths of somebody's home or workplace mean nothing to anybody else."""
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    found = []
    for name in filter(None, listed):
        path = root / name
        if not path.is_file():
            continue  # removed, but not yet in git's eyes
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # pictures and sounds
        found += [f"{name}: {m[0]}" for m in OUTSIDE.finditer(text)]
    assert not found


@needs_make
def test_python_is_checked_with_a_clear_message(root: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.9;; *) exit 1;; esac\n', "utf-8")
    old.chmod(0o755)
    answer = subprocess.run([root / ".ci/python", old], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert not answer.stdout
    assert "3.11, 3.12 or 3.13" in answer.stderr
    assert f"{old} is 3.9" in answer.stderr


@needs_make
def test_missing_system_packages_are_named_in_one_line(root: Path, tmp_path: Path) -> None:
    """Without apt the line to type is printed, and the rest goes on."""
    for tool in ("sh", "id", "sed", "cat"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    answer = subprocess.run(
        [root / ".ci/system", "false"],  # a Python that finds no library
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0
    line = "to have them: sudo apt-get install -y chromium-headless-shell libfluidsynth3"
    assert answer.stdout.splitlines()[-1].endswith(line)


@pytest.mark.slow
@pytest.mark.parametrize("ci", ["", "true"])
def test_a_missing_chromium_skips_here_and_fails_in_ci(root: Path, tmp_path: Path, ci: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "tests/browser"]
    environment = {**os.environ, "PATH": str(tmp_path), "CI": ci}
    answer = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert "sudo apt-get install -y chromium" in answer.stdout
    assert "passed" not in answer.stdout
    assert answer.returncode == (1 if ci else 0)
    assert ("skipped" in answer.stdout) is not bool(ci)
