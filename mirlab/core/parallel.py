"""Work shared out over the processor cores."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def parallel_map(
    function: Callable[[Given], Made],
    items: Iterable[Given],
    *,
    n_jobs: int = -1,
    ordered: bool = True,
) -> Iterator[Made]:
    """What a function makes of each item, several at a time, each in a process of its own.

    Parameters
    ----------
    function
        Of a module, or a method, or a `functools.partial` of one.
    items
        Its arguments, one for each call.
    n_jobs
        How many at a time; -1 for all cores.
    ordered
        Whether results come in the order of the items, or each as soon as it is there.

    Yields
    ------
    Made
        The results.

    Examples
    --------
    >>> list(parallel_map(abs, [-1, 2, -3], n_jobs=1))
    [1, 2, 3]
    """
    from joblib import Parallel, delayed

    # A net or a sound font that a process keeps loaded is taken for a leak: another process takes
    # over, nothing is lost, and the remark about it means nothing to who only wants the results.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    pool = Parallel(n_jobs=n_jobs, return_as="generator" if ordered else "generator_unordered")
    yield from pool(delayed(function)(item) for item in items)
