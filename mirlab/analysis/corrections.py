"""Corrections of an analysis by hand, and the file `corrections.json` that holds them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..core.errors import MirlabError, SegmentsError
from ..core.files import atomic_write
from ..core.json_files import find_complaint, read_json
from ..core.segments import check_chord
from ..core.theory import note_name
from ..score.quantize import METERS
from ..score.spelling import signature
from .beat_grid import CorrectionsError

FACTORS = {"2": Fraction(2), "1/2": Fraction(1, 2), "3/2": Fraction(3, 2), "2/3": Fraction(2, 3)}
MAX_OPERATIONS = 100_000
MAX_SECONDS = 1e6


@dataclass(frozen=True)
class _Tempo:
    """Change the number of beats; `factor` is one of `FACTORS`."""

    op: str
    factor: str


@dataclass(frozen=True)
class _BarLine:
    """A bar begins at `time` s."""

    op: str
    time: float


@dataclass(frozen=True)
class _Meter:
    """The meter, such as `"3/4"`."""

    op: str
    meter: str


@dataclass(frozen=True)
class _Key:
    """The key, such as `"G minor"`."""

    op: str
    key: str


@dataclass(frozen=True)
class _Chord:
    """The chord from `start` to `end` s, labelled in Harte's syntax."""

    op: str
    start: float
    end: float
    label: str


@dataclass(frozen=True)
class _NoteAdd:
    """Add a note."""

    op: str
    action: str
    onset: float
    offset: float
    pitch: int
    velocity: int = 80


@dataclass(frozen=True)
class _NoteDelete:
    """Delete the note of this pitch at this onset."""

    op: str
    action: str
    onset: float
    pitch: int


@dataclass(frozen=True)
class _NoteValues:
    """New values of a note."""

    onset: float | None = None
    offset: float | None = None
    pitch: int | None = None
    velocity: int | None = None


@dataclass(frozen=True)
class _NoteChange:
    """Change the note of this pitch at this onset."""

    op: str
    action: str
    onset: float
    pitch: int
    to: _NoteValues


@dataclass(frozen=True)
class _Beat:
    """Add a beat at `time` s, or delete the one there."""

    op: str
    action: str
    time: float


@dataclass(frozen=True)
class _BeatMove:
    """Move the beat at `time` s `to` another time."""

    op: str
    action: str
    time: float
    to: float


# The entries of each operation: by its name, and by its action if it has several.
FORMS: dict[str, type | dict[str, type]] = {
    "tempo": _Tempo,
    "bar_line": _BarLine,
    "meter": _Meter,
    "key": _Key,
    "chord": _Chord,
    "note": {"add": _NoteAdd, "delete": _NoteDelete, "change": _NoteChange},
    "beat": {"add": _Beat, "delete": _Beat, "move": _BeatMove},
}


@dataclass(frozen=True)
class Corrections:
    """Operations that correct an analysis, in their order.

    Parameters
    ----------
    operations
        Each is a dictionary, as JSON has it; times are in seconds, of the recording:

        - `{"op": "tempo", "factor": "2"}`: twice as many beats; or `"1/2"`, `"3/2"`, `"2/3"`
        - `{"op": "bar_line", "time": 12.3}`: a bar begins here; beats are counted from here to the
          next bar line placed by hand
        - `{"op": "meter", "meter": "3/4"}`: 2/4 to 7/4, or 6/8, 9/8 and 12/8 with two to four beats
        - `{"op": "key", "key": "G minor"}`
        - `{"op": "chord", "start": 2.0, "end": 4.0, "label": "G:7"}`: a label in Harte's syntax
        - `{"op": "note", "action": "delete", "onset": 1.5, "pitch": 60}`
        - `{"op": "note", "action": "add", "onset": 1.5, "offset": 2.0, "pitch": 60}`; `"velocity"`
          is 80 by default
        - `{"op": "note", "action": "change", "onset": 1.5, "pitch": 60, "to": {"pitch": 62}}`;
          `"to"` may contain `onset`, `offset`, `pitch` and `velocity`
        - `{"op": "beat", "action": "move", "time": 1.5, "to": 1.6}`
        - `{"op": "beat", "action": "delete", "time": 1.5}`, and `"add"`

    Raises
    ------
    CorrectionsError
        If an operation is invalid; the message has its number and name.

    Examples
    --------
    >>> corrections = Corrections([{"op": "tempo", "factor": "2"}, {"op": "key", "key": "G minor"}])
    >>> corrections.describe()
    ['tempo ×2', 'key G minor']
    >>> corrections.undo().describe()
    ['tempo ×2']
    """

    operations: tuple[dict[str, Any], ...] = ()

    def __init__(self, operations: Iterable[Mapping[str, Any]] = ()) -> None:
        if isinstance(operations, Mapping | str) or not isinstance(operations, Iterable):
            raise CorrectionsError("corrections are a list of operations, such as [{'op': 'key'}]")
        checked = tuple(_check(number, operation) for number, operation in enumerate(operations, 1))
        if len(checked) > MAX_OPERATIONS:
            raise CorrectionsError(f"there are more than {MAX_OPERATIONS} corrections")
        object.__setattr__(self, "operations", checked)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Corrections:
        """Read a file `corrections.json`: an object with the list `"corrections"`.

        Raises
        ------
        CorrectionsError
            If the file cannot be read or an operation in it is invalid; the message names both.
        """
        if not isinstance(path, str | os.PathLike):
            raise CorrectionsError(f"corrections are loaded from a path, not {type(path).__name__}")
        kind = "a file of corrections"
        found = read_json(Path(path), _File, kind=kind, error=CorrectionsError)
        try:
            return cls(found["corrections"])
        except CorrectionsError as reason:
            raise CorrectionsError(f"{path}: {reason}") from None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file `corrections.json` atomically, one operation per line."""
        lines = ",\n".join(f"  {json.dumps(operation)}" for operation in self.operations)
        text = f'{{"corrections": [\n{lines}\n]}}\n' if lines else '{"corrections": []}\n'
        with atomic_write(path, error=CorrectionsError) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return Path(path)

    def undo(self) -> Corrections:
        """The corrections without the last one."""
        return Corrections(self.operations[:-1])

    def describe(self) -> list[str]:
        """A few words for each operation."""
        return [_describe(operation) for operation in self.operations]

    def __add__(self, other: Corrections) -> Corrections:
        return Corrections((*self.operations, *other.operations))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.operations)

    def __len__(self) -> int:
        return len(self.operations)


@dataclass(frozen=True)
class _File:
    """The content of `corrections.json`."""

    corrections: list[dict[str, Any]]


def name_of(number: int, operation: Mapping[str, Any]) -> str:
    """How messages name an operation.

    >>> name_of(2, {"op": "bar_line", "time": 1.0})
    'correction 2 (bar_line)'
    """
    return f"correction {number} ({operation.get('op', 'no op')!s:.40})"


def _check(number: int, operation: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an operation that has the form and the values it must have."""
    if not isinstance(operation, Mapping):
        raise CorrectionsError(f"correction {number} must be an object, not {operation!r:.40}")
    found, name = dict(operation), name_of(number, operation)
    try:
        form = FORMS.get(found.get("op", ""))
    except TypeError:  # a list, which cannot be looked up
        form = None
    if form is None:
        raise CorrectionsError(f"{name}: op must be one of {', '.join(FORMS)}")
    if isinstance(form, dict):
        actions, action = form, found.get("action")
        if not isinstance(action, str) or action not in actions:
            raise CorrectionsError(f"{name}: action must be one of {', '.join(actions)}")
        form = actions[action]
    if complaint := find_complaint(found, form) or _wrong_value(found):
        raise CorrectionsError(f"{name}: {complaint}")
    return found


def _wrong_value(operation: dict[str, Any]) -> str:
    """What is wrong with a value of an operation of the right form; empty if nothing is."""
    values = operation | operation["to"] if operation.get("action") == "change" else operation
    for entry in ("time", "to", "start", "end", "onset", "offset"):
        value = values.get(entry)
        if isinstance(value, int | float) and not 0 <= value <= MAX_SECONDS:
            return f"{entry} must be from 0 to {MAX_SECONDS:g} s, not {value:g}"
    for entry, low in (("pitch", 0), ("velocity", 1)):
        value = values.get(entry)
        if value is not None and not low <= value <= 127:
            return f"{entry} must be from {low} to 127, not {value}"
    start, end = (values.get(a, values.get(b)) for a, b in (("start", "onset"), ("end", "offset")))
    if start is not None and end is not None and start >= end:
        return "it must end after it begins"
    try:
        return _wrong_name(operation)
    except MirlabError as reason:
        return str(reason)


def _wrong_name(operation: dict[str, Any]) -> str:
    """What is wrong with a factor, meter, key or chord; may also raise a `MirlabError`."""
    if operation["op"] == "tempo" and operation["factor"] not in FACTORS:
        return f"factor must be one of {', '.join(FACTORS)}"
    if operation["op"] == "meter" and operation["meter"] not in METER_NAMES:
        return f"meter must be one of {', '.join(METER_NAMES)}"
    if operation["op"] == "key":
        signature(operation["key"])
    if operation["op"] == "chord":
        check_chord(operation["label"], "label")
        if any(c in operation["label"] for c in "\t\r\n"):
            raise SegmentsError("label must be one word")
    return ""


METER_NAMES = {f"{count}/{unit}": (count, unit) for count, unit in METERS}


def _clock(seconds: float) -> str:
    """Seconds as 1:05.3."""
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def _describe(operation: dict[str, Any]) -> str:
    """An operation in words."""
    op, action = operation["op"], operation.get("action", "")
    if op == "tempo":
        return f"tempo ×{operation['factor']}"
    if op in ("meter", "key"):
        return f"{op} {operation[op]}"
    if op == "bar_line":
        return f"bar line at {_clock(operation['time'])}"
    if op == "chord":
        return f"chord {operation['label']} at {_clock(operation['start'])}"
    done = {"add": "added", "delete": "deleted", "change": "changed", "move": "moved"}[action]
    if op == "beat":
        return f"beat at {_clock(operation['time'])} {done}"
    return f"note {note_name(operation['pitch'])} at {_clock(operation['onset'])} {done}"
