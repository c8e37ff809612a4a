"""Argument checks that raise a `LearningError`."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from functools import partial

from ..core import checks
from .errors import LearningError

NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z0-9][a-z0-9._-]*")

require = partial(checks.require, error=LearningError)
require_count = partial(checks.require_count, error=LearningError)
require_type = partial(checks.require_type, error=LearningError)
require_flag = partial(checks.require_flag, error=LearningError)


def require_callable(name: str, function: object) -> None:
    """Raise a `LearningError` unless `function` can be called."""
    require(callable(function), f"{name} must be a function, not {type(function).__name__}")


def require_texts(**texts: object) -> None:
    """Raise a `LearningError` unless all these arguments are text."""
    for name, text in texts.items():
        require_type(name, text, str)


def require_number(name: str, value: float, *, below: float = math.inf) -> None:
    """Raise a `LearningError` unless `value` is a number of at least 0 and less than `below`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    limit = "finite" if below == math.inf else f"less than {below:g}"
    require(number and 0 <= value < below, f"{name} must be at least 0 and {limit}, not {value!r}")


def require_name(name: str) -> None:
    """Raise a `LearningError` unless `name` is a registry name, `task/name`."""
    require(
        isinstance(name, str) and NAME.fullmatch(name) is not None,
        f"name must be 'task/name' in lower case, such as 'chords/mine', not {name!r}",
    )


def unknown_name(kind: str, name: str, known: Sequence[str]) -> str:
    """Error message for a name, `task/name`, that is not known; a similar one is proposed.

    Examples
    --------
    >>> unknown_name("model", "chords/template", ["chords/templates"])
    "there is no model 'chords/template'; available: 'chords/templates'; did you mean
    'chords/templates'?"
    """
    ends = {each.split("/")[-1]: each for each in known}
    close = difflib.get_close_matches(str(name), known, n=1)
    # the task before the name may be missing or wrong
    close += [ends[end] for end in difflib.get_close_matches(str(name).split("/")[-1], ends, n=1)]
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"there is no {kind} {name!r}; available: {', '.join(map(repr, known)) or 'none'}{hint}"
