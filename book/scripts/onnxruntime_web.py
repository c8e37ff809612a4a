"""onnxruntime-web for the pages of the book: fetched by npm, checked against pinned hashes.

`book/onnxruntime` pins the version (package-lock.json) and the sha256 of the two files that a page
loads (SHA256SUMS). They are 14 MB and not committed; without npm the book is built without them,
and the widgets that need them show a message.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PINNED = Path("book/onnxruntime")
STATIC = Path("_build/static")  # copied to `_static` of the pages
FOLDER = "onnxruntime"
PACKAGE = Path("node_modules/onnxruntime-web/dist")
INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]


def pinned_hashes(root: Path) -> dict[str, str]:
    """The sha256 of each file by its name."""
    lines = (root / PINNED / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def is_complete(root: Path) -> bool:
    """Whether the files exist with their pinned hashes."""
    folder = root / STATIC / FOLDER
    return folder.is_dir() and all(
        (folder / name).is_file() and _sha256(folder / name) == digest
        for name, digest in pinned_hashes(root).items()
    )


def bring_onnxruntime(root: Path) -> bool:
    """Fetch the files by npm, unless they exist; return whether they do.

    On failure the reason is printed on one line, and existing files are removed. A repository that
    does not pin onnxruntime-web is built without it.
    """
    if is_complete(root):
        return True
    if not (root / PINNED).is_dir():
        return False
    target = root / STATIC / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    npm = shutil.which("npm")
    if npm is None:
        return _without("there is no npm (Debian: sudo apt-get install -y npm)")
    with TemporaryDirectory() as made:
        shutil.copytree(root / PINNED, made, dirs_exist_ok=True)
        done = subprocess.run([npm, *INSTALL], cwd=made, check=False, capture_output=True)
        if done.returncode:
            return _without("npm could not bring it")
        target.mkdir(parents=True)
        for name in pinned_hashes(root):
            shutil.copy(Path(made) / PACKAGE / name, target)
    shutil.copy(root / PINNED / "LICENSE", target)
    if not is_complete(root):
        shutil.rmtree(target)
        return _without("what npm brought has another sha256 than book/onnxruntime/SHA256SUMS says")
    return True


def _without(reason: str) -> bool:
    """Print why the book is built without onnxruntime-web; return False."""
    print(f"the book is built without onnxruntime-web: {reason}", file=sys.stderr)
    return False


def _sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
