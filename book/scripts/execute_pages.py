"""Execute the book's notebooks, one per processor core, into the cache that Sphinx reads.

Each successful page is cached at once, so that a failed build can be resumed. A page that fails or
prints to stderr is not cached and is reported with its cell; the others still run.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

# A cell's limit is wall time, and other work may share the machine: the slowest cell takes about
# a minute when it has a core to itself.
CELL_SECONDS = 1800
# A core for each page: more threads would only wait for each other.
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")
}
NUMBA_CACHE = Path(__file__).resolve().parents[2] / "_build/numba"


class PageError(Exception):
    """A page cannot be executed; the message names the page and the cell."""


@dataclass(frozen=True)
class Executed:
    """A notebook with its outputs.

    Attributes
    ----------
    notebook
        As nbformat reads it, version 4.
    seconds
        Execution time, > 0.
    """

    notebook: Any
    seconds: float


def execute_pages(
    pages: Sequence[Path],
    cache_folder: Path,
    *,
    cell_seconds: int = CELL_SECONDS,
    n_jobs: int | None = None,
) -> None:
    """Execute the notebooks that are not in the cache, and add them to it.

    Parameters
    ----------
    pages
        Paths of notebooks; the slowest should come first.
    cache_folder
        Folder of jupyter-cache, created if it is missing.
    cell_seconds
        Time limit for one cell, > 0.
    n_jobs
        Number of parallel executions; by default one per processor core.

    Raises
    ------
    PageError
        If cells failed, after all other pages have run.
    """
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    cache = get_cache(cache_folder)
    waiting = [page for page in pages if not _is_cached(cache, page)]
    failures = []
    with ThreadPoolExecutor(n_jobs or os.cpu_count(), "worker") as pool:
        running = {pool.submit(execute, page, cell_seconds): page for page in waiting}
        for future in as_completed(running):
            page = running[future]
            try:
                done = future.result()
            except PageError as reason:
                failures.append(str(reason))
                print(reason, flush=True)
                continue
            cache.cache_notebook_bundle(
                CacheBundleIn(done.notebook, str(page), data={"execution_seconds": done.seconds}),
                check_validity=False,
                overwrite=True,
            )
            print(f"{page.stem}: {done.seconds:.1f} s", flush=True)
    if failures:
        raise PageError("\n".join(sorted(failures)))


def _is_cached(cache: Any, page: Path) -> bool:
    """Whether the cache contains the results of exactly these cells."""
    try:
        cache.match_cache_notebook(nbformat.read(page, as_version=4))
    except KeyError:
        return False
    return True


def execute(page: Path, cell_seconds: int = CELL_SECONDS) -> Executed:
    """Execute one notebook in its own folder, in a kernel with one thread.

    Raises
    ------
    PageError
        If a cell fails, prints to stderr or takes longer than `cell_seconds`.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(page, as_version=4)
    current = [0]

    def begin(cell: Any, cell_index: int) -> None:
        current[0] = cell_index

    client = NotebookClient(
        notebook,
        timeout=cell_seconds,
        record_timing=False,
        resources={"metadata": {"path": str(page.parent)}},
        on_cell_start=begin,
        extra_arguments=["--log-level=ERROR"],
    )
    start = time.monotonic()
    # librosa's numba code crashes when two processes have compiled it into the same folder
    compiled = {"NUMBA_CACHE_DIR": str(NUMBA_CACHE / threading.current_thread().name)}
    reader = {"CI": ""}  # with it, pyfluidsynth prints where it finds its library
    try:
        asyncio.run(client.async_execute(env=os.environ | ONE_THREAD | compiled | reader))
    except CellTimeoutError:
        raise _page_error(page, notebook, current[0], f"ran for {cell_seconds} s") from None
    except CellExecutionError as reason:
        what = f"{reason.ename}: {reason.evalue}\n{reason.traceback}"
        raise _page_error(page, notebook, current[0], what) from None
    except DeadKernelError as reason:
        raise _page_error(page, notebook, current[0], str(reason)) from None
    for index, text in printed_to_stderr(notebook):
        raise _page_error(page, notebook, index, f"prints to stderr: {text}")
    return Executed(notebook, time.monotonic() - start)


def printed_to_stderr(notebook: Any) -> Iterator[tuple[int, str]]:
    """Yield index and text of each output to stderr."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                yield index, output["text"]


def _page_error(page: Path, notebook: Any, index: int, reason: str) -> PageError:
    """The error for a cell; code cells are counted from 1."""
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    first_line = notebook.cells[index].source.partition("\n")[0]
    return PageError(f"{page.name}, code cell {number} ({first_line}): {reason}")


def longest_first(pages: Sequence[Path], ledger: Path) -> list[Path]:
    """Sort pages by their times in a ledger, the slowest first; unknown pages come first."""
    seconds = json.loads(ledger.read_text("utf-8"))["pages"] if ledger.exists() else {}
    return sorted(pages, key=lambda page: -seconds.get(page.stem, float("inf")))
