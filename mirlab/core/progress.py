"""Progress of long computations, shown by a bar or passed to a function.

Every function with a `progress` argument takes True (a bar while it runs), False (nothing), or a
function that is called with the fraction done, 0..1, and the name of the task. A nested computation
reports to the enclosing one. Loops over the parts of a long signal report with `track_progress`, as
`chunks` does, independently of how the progress is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from typing import TypeVar

from .errors import MirlabError

Report = Callable[[float, str], None]  # fraction done, 0..1, and the task
Progress = bool | Report

Item = TypeVar("Item")

_report: ContextVar[Report | None] = ContextVar("report", default=None)

DELAY = 1.0  # s; shorter computations show no bar


@contextmanager
def reporting(progress: Progress, task: str) -> Iterator[None]:
    """Report the progress made within the block.

    Parameters
    ----------
    progress
        True: report to the enclosing computation; without one, show a bar on a terminal or in a
        live notebook, which is removed at the end. (Pages executed to build the book show none.)
        False: do not report. A function: call it.
    task
        Name of the task, used for parts without a name of their own.

    Examples
    --------
    >>> with reporting(lambda done, task: print(done, task), "count"):
    ...     for item in track_progress("ab"):
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
        elif not isinstance(progress, bool):
            kind = type(progress).__name__
            raise MirlabError(f"progress must be True, False or a function, not {kind}")
        elif progress:
            report = outer or (stack.enter_context(_bar()) if _is_interactive() else None)
        named = None if report is None else _with_default_task(report, task)
        stack.enter_context(_use_report(named))
        yield
        if named is not None:
            named(1.0, "")


@contextmanager
def stage(first: float, last: float, task: str = "") -> Iterator[None]:
    """Map the progress within the block to the range `first`..`last` of the enclosing computation.

    Parameters
    ----------
    first, last
        Fractions of the enclosing computation, 0..1.
    task
        Name of the stage; if empty, its parts keep their own names.
    """
    outer = _report.get()
    if outer is None:
        yield
        return
    parent: Report = outer

    def report(done: float, part: str) -> None:
        parent(first + done * (last - first), task or part)

    report(0.0, "")
    with _use_report(report):
        yield


def step(task: str, tasks: Sequence[str]) -> AbstractContextManager[None]:
    """The `stage` of `task` in a sequence of tasks of equal weight."""
    first = tasks.index(task)
    return stage(first / len(tasks), (first + 1) / len(tasks), task)


def track_progress(items: Sequence[Item]) -> Iterator[Item]:
    """Iterate over the items; report the fraction done before each."""
    report = _report.get()
    for i, item in enumerate(items):
        if report is not None:
            report(i / len(items), "")
        yield item


def report_fraction(done: float, task: str = "") -> None:
    """Report the fraction done, 0..1, of a computation that does not loop over items."""
    report = _report.get()
    if report is not None:
        report(done, task)


def _with_default_task(report: Report, task: str) -> Report:
    """Wrap `report` so that parts without a name get the name of the task."""
    return lambda done, part: report(done, part or task)


@contextmanager
def _use_report(report: Report | None) -> Iterator[None]:
    """Make `report` the current one within the block."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)


@contextmanager
def _bar() -> Iterator[Report]:
    """Progress bar that appears after `DELAY` seconds."""
    from tqdm.auto import tqdm

    form = "{desc} {percentage:3.0f}%|{bar}| {elapsed}"
    with tqdm(total=1.0, delay=DELAY, leave=False, miniters=0, bar_format=form) as bar:

        def report(done: float, task: str) -> None:
            bar.set_description_str(task, refresh=False)
            bar.update(done - bar.n)

        yield report


def _is_interactive() -> bool:
    """Whether a bar can be seen: on a terminal or in a live notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return sys.stderr is not None and sys.stderr.isatty()
    # a page executed to build the book does not allow input
    return bool(kernel.get_parent().get("content", {}).get("allow_stdin"))
