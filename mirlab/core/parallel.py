"""Parallel map over the processor cores."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WATCH_SECONDS = 0.5  # between two looks at the parent process


def parallel_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    n_jobs: int = -1,
    ordered: bool = True,
) -> Iterator[Result]:
    """Apply a function to each item, in parallel processes, which end when this one does.

    Parameters
    ----------
    function
        A function of a module, a method, or a `functools.partial` of one.
    items
        The argument of each call.
    n_jobs
        Number of processes; -1 for all cores.
    ordered
        Whether results come in the order of the items, or each as soon as it is ready.

    Yields
    ------
    Result
        The results.

    Examples
    --------
    >>> list(parallel_map(abs, [-1, 2, -3], n_jobs=1))
    [1, 2, 3]
    """
    from joblib import Parallel, delayed

    # joblib takes a network or sound font that a process keeps loaded for a leak, and restarts the
    # process. No result is lost, so its warning does not concern the caller.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    pool = Parallel(n_jobs=n_jobs, return_as="generator" if ordered else "generator_unordered")
    watched = partial(_call_watched, function, os.getpid())
    yield from pool(delayed(watched)(item) for item in items)


def _call_watched(function: Callable[[Item], Result], parent: int, item: Item) -> Result:
    """Call the function in a process that ends with the process `parent`."""
    _end_with(parent)
    return function(item)


@cache
def _end_with(parent: int) -> None:
    """End this process soon after its parent, which may be killed and then says no goodbye."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    if parent != os.getpid():  # with n_jobs=1 it is this process
        threading.Thread(target=watch, daemon=True).start()
