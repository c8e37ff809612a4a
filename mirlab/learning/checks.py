"""What the room asks of its arguments; each refusal is a `LearningError`."""

from __future__ import annotations

import math
import re

from .errors import LearningError

NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z0-9][a-z0-9._-]*")


def require(holds: bool, message: str) -> None:
    """Raise a `LearningError` with this message unless `holds`."""
    if not holds:
        raise LearningError(message)


def require_count(name: str, value: int, *, least: int = 1) -> None:
    """Raise a `LearningError` unless `value` is a whole number of at least `least`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    require(whole and value >= least, f"{name} must be a whole number >= {least}, not {value!r}")


def require_number(name: str, value: float, *, below: float = math.inf) -> None:
    """Raise a `LearningError` unless `value` is a number of at least 0 and less than `below`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    limit = "finite" if below == math.inf else f"less than {below:g}"
    require(number and 0 <= value < below, f"{name} must be at least 0 and {limit}, not {value!r}")


def require_name(name: str) -> None:
    """Raise a `LearningError` unless `name` is a registry name, `task/name`."""
    require(
        isinstance(name, str) and NAME.fullmatch(name) is not None,
        f"name must be 'task/name' in small letters, such as 'chords/mine', not {name!r}",
    )
