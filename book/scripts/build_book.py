"""Build the book into _build/html: every notebook is executed, and any warning is an error.

Results are cached by notebook. The cache does not see the code that a notebook imports nor the
benchmarks whose results it shows, so it is dropped whenever either has changed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from stamp_address import ROOT


def package_hash(*folders: Path) -> str:
    """sha256 over the names and contents of all files of some folders, caches left out."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


def forget_if_changed(build: Path, *folders: Path) -> bool:
    """Drop the cached executions under `build` when `folders` are not what they ran with.

    Returns
    -------
    bool
        Whether the cache was dropped.
    """
    record, now = build / "package.sha256", package_hash(*folders)
    if record.exists() and record.read_text("utf-8") == now:
        return False
    shutil.rmtree(build / ".jupyter_cache", ignore_errors=True)
    build.mkdir(parents=True, exist_ok=True)
    record.write_text(now, "utf-8")
    return True


def build_book(root: Path = ROOT, *options: str) -> None:
    """Build the book of the repository `root`.

    Raises
    ------
    subprocess.CalledProcessError
        When a cell fails or anything warns.
    """
    forget_if_changed(root / "_build", root / "mirlab", root / "benchmarks/results")
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    command = [str(program), "build", ".", "--toc", "book/_toc.yml"]
    # --all: a changed picture or style sheet is not noticed otherwise; executions stay cached
    command += ["-W", "-n", "--keep-going", "--all", *options]
    subprocess.run(command, cwd=root, check=True)
    pack(root / "_build")


def pack(build: Path) -> Path:
    """Put the built pages into one file to download, which lies beside them: `mirlab-book.zip`."""
    target = build / "html/mirlab-book.zip"
    target.unlink(missing_ok=True)  # or it would hold the one before
    made = shutil.make_archive(str(build / "mirlab-book"), "zip", build / "html")
    return Path(shutil.move(made, target))


if __name__ == "__main__":
    try:
        build_book()
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
