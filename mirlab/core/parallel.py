"""Parallel map over the processor cores."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    n_jobs: int = -1,
    ordered: bool = True,
) -> Iterator[Result]:
    """Apply a function to each item, in parallel processes.

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
    yield from pool(delayed(function)(item) for item in items)
