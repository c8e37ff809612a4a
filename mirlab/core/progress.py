"""How far long work is: shown by a bar, told to a function, or neither.

All of the package shares one idea. Who takes `progress` takes True (a bar while it runs), False
(nothing), or a function that is called with the share that is done, 0..1, and the name of the
task. Work that is called from other work reports to that one. Loops over the parts of a long sound
report by `tracked`, as `chunks` does, and know nothing of who listens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from typing import TypeVar

Report = Callable[[float, str], None]  # the share that is done, 0..1, and the task
Progress = bool | Report

Item = TypeVar("Item")

_report: ContextVar[Report | None] = ContextVar("report", default=None)

DELAY = 1.0  # s; quicker work shows no bar


@contextmanager
def reporting(progress: Progress, task: str) -> Iterator[None]:
    """Within it, what is done is reported as `progress` asks.

    Parameters
    ----------
    progress
        True: to the work that this is a part of; else by a bar on a terminal or in a live
        notebook, which is gone when all is done. (A book that is being built shows none.) False:
        not at all. A function: to that one.
    task
        What is done, where no part of it has a name of its own.

    Examples
    --------
    >>> with reporting(lambda done, task: print(done, task), "count"):
    ...     for item in tracked("ab"):
    ...         print(item)
    0.0 count
    a
    0.5 count
    b
    1.0 count
    """
    outer = _report.get()
    with ExitStack() as stack:
        report: Report | None = None
        if callable(progress):
            report = progress
        elif progress:
            report = outer or (stack.enter_context(_bar()) if _is_watched() else None)
        named = None if report is None else _named(report, task)
        stack.enter_context(_heard_by(named))
        yield
        if named is not None:
            named(1.0, "")


@contextmanager
def stage(first: float, last: float, task: str = "") -> Iterator[None]:
    """Within it, what is done is the part from `first` to `last` of the work around it.

    Parameters
    ----------
    first, last
        Shares of the work around it, 0..1.
    task
        Its name; without one, its parts keep their own.
    """
    outer = _report.get()
    if outer is None:
        yield
        return
    told: Report = outer

    def report(done: float, part: str) -> None:
        told(first + done * (last - first), task or part)

    report(0.0, "")
    with _heard_by(report):
        yield


def step(task: str, tasks: Sequence[str]) -> AbstractContextManager[None]:
    """The `stage` of one of some tasks that follow each other and count alike."""
    first = tasks.index(task)
    return stage(first / len(tasks), (first + 1) / len(tasks), task)


def tracked(items: Sequence[Item]) -> Iterator[Item]:
    """The items one after the other; each reports how many came before it."""
    report = _report.get()
    for i, item in enumerate(items):
        if report is not None:
            report(i / len(items), "")
        yield item


def _named(report: Report, task: str) -> Report:
    """A report that names the task where its part has no name."""
    return lambda done, part: report(done, part or task)


@contextmanager
def _heard_by(report: Report | None) -> Iterator[None]:
    """Within it, `report` is the one that is open."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)


@contextmanager
def _bar() -> Iterator[Report]:
    """A bar that appears when work takes longer than `DELAY`."""
    from tqdm.auto import tqdm

    form = "{desc} {percentage:3.0f}%|{bar}| {elapsed}"
    with tqdm(total=1.0, delay=DELAY, leave=False, miniters=0, bar_format=form) as bar:

        def report(done: float, task: str) -> None:
            bar.set_description_str(task, refresh=False)
            bar.update(done - bar.n)

        yield report


def _is_watched() -> bool:
    """Whether somebody is there to see a bar: at a terminal, or at a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return sys.stderr is not None and sys.stderr.isatty()
    # a page that is executed to build a book has nobody who could be asked for input
    return bool(kernel.get_parent().get("content", {}).get("allow_stdin"))
