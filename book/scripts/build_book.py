"""Build the book into _build/html: every notebook is executed, and any warning is an error.

Results are cached by notebook. The cache does not track the code that a notebook imports or the
benchmark results that it shows, so it is dropped whenever either has changed. Pages are built in a
separate folder, which replaces the last good one only after a successful build.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from pathlib import Path

import yaml
from execute_pages import PageError, execute_pages, longest_first
from filelock import FileLock
from onnxruntime_web import bring_onnxruntime
from page_networks import export_networks
from stamp_address import ROOT

LEDGER = Path("tests/ledger.json")
SOURCES = ("_config.yml", "book", "notebooks", "mirlab", "benchmarks/results")


class BuildError(Exception):
    """The book cannot be built; the pages of the last good build are unchanged."""


def package_hash(*sources: Path) -> str:
    """sha256 over the names and contents of files and of all files in folders.

    Python's caches and hidden files (of editors, or JupyterLab's checkpoints) are ignored.
    """
    digest = hashlib.sha256()
    for source in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            name = path.relative_to(source.parent).as_posix()
            if path.is_file() and "__pycache__" not in name and "/." not in name:
                content = path.read_bytes()
                digest.update(f"{name} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


def forget_if_changed(build: Path, *folders: Path) -> bool:
    """Drop the cached executions under `build` if the contents of `folders` have changed.

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


def build_book(root: Path = ROOT) -> bool:
    """Build the book of the repository `root`, unless its pages are up to date.

    With two concurrent calls the second waits for the first and then finds the book up to date.

    Returns
    -------
    bool
        Whether anything was built.

    Raises
    ------
    PageError
        If a cell fails; the message names page and cell.
    BuildError
        If Sphinx warns.
    """
    build = root / "_build"
    build.mkdir(exist_ok=True)
    with FileLock(build / "lock"):
        brought = bring_onnxruntime(root)
        record = build / "html.sha256"
        now = f"{package_hash(*(root / name for name in SOURCES))} {brought}"
        if (build / "html").exists() and record.exists() and record.read_text("utf-8") == now:
            return False
        if _settings(root)["execute"]["execute_notebooks"] == "cache":
            forget_if_changed(build, root / "mirlab", root / "benchmarks/results")
            pages = longest_first([*(root / "notebooks").glob("*.ipynb")], root / LEDGER)
            execute_pages(pages, build / ".jupyter_cache")
        if brought:
            export_networks(root)
        fresh = build / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        make_pages(root, fresh / "html")
        pack(fresh)
        replace_folder(fresh / "html", build / "html")
        shutil.rmtree(fresh)
        record.write_text(now, "utf-8")
    return True


def _settings(root: Path) -> dict[str, dict[str, str]]:
    settings: dict[str, dict[str, str]] = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    return settings


def make_pages(root: Path, target: Path, **settings: object) -> None:
    """Build the pages of the book with Sphinx in `target`.

    Parameters
    ----------
    root
        The repository.
    target
        Folder for the pages.
    **settings
        Sphinx's settings that differ from those of the book.

    Raises
    ------
    BuildError
        If Sphinx warns; it prints the warnings.
    """
    from jupyter_book.sphinx import build_sphinx

    status = build_sphinx(
        root,
        target,
        noconfig=True,
        path_config=root / "_config.yml",
        confoverrides={
            "external_toc_path": (root / "book/_toc.yml").as_posix(),
            "nb_execution_cache_path": str(root / "_build/.jupyter_cache"),
            "nitpicky": True,
            "latex_individualpages": False,
            **settings,
        },
        freshenv=True,
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    if status != 0:
        raise BuildError("Sphinx warns, see above")


def replace_folder(new: Path, target: Path) -> None:
    """Replace a folder by another one."""
    old = new.with_name("replaced")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def pack(folder: Path) -> Path:
    """Pack the built pages into `mirlab-book.zip`, a download beside them."""
    made = shutil.make_archive(str(folder / "mirlab-book"), "zip", folder / "html")
    return Path(shutil.move(made, folder / "html/mirlab-book.zip"))


def main(root: Path = ROOT) -> int:
    """Build the book and print the time; return the exit status."""
    start = time.monotonic()
    try:
        built = build_book(root)
    except (PageError, BuildError) as reason:
        print(f"the book was not built, its last good pages were kept:\n{reason}", file=sys.stderr)
        return 1
    took = f"built in {time.monotonic() - start:.0f} s" if built else "is up to date"
    print(f"the book {took}: {root / '_build/html/index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
