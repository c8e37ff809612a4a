"""JSON that others wrote: what it contains is checked before it is used."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from .errors import MirlabError
from .files import reason_in_words

MAX_DEPTH = 50  # of lists and objects in each other
MAX_DIGITS = 18  # of an integer; those fit into 64 bits
NAMES = {str: "text", int: "an integer", float: "a number", bool: "true or false"}


def read_json(path: Path, form: Any, *, kind: str, error: type[MirlabError]) -> Any:
    """Read a JSON file of a stranger.

    Parameters
    ----------
    path
        A file in UTF-8, with or without a byte order mark.
    form
        Type of the value: a `TypedDict`, a dataclass (whose arguments are the entries; the value
        stays a dictionary), or a type such as `dict[str, float]`. Entries that a `TypedDict` does
        not name are kept.
    kind
        What the file should be, such as `"a card"`, for messages.
    error
        Raised if the file cannot be read, is not JSON, has another form, or contains a number that
        is not finite, half a surrogate pair, or more than 50 levels.

    Returns
    -------
    Any
        The value, of the form that was asked for.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as reason:
        raise error(f"{path}: cannot be read ({reason_in_words(reason)})") from reason
    except UnicodeDecodeError:
        raise error(f"{path}: is not {kind} (it is not UTF-8 text)") from None
    return parse_json(text, form, name=str(path), kind=kind, error=error)


def parse_json(text: str, form: Any, *, name: str, kind: str, error: type[MirlabError]) -> Any:
    """Parse the JSON of a stranger, named `name` in messages; otherwise as `read_json`."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_integer)
        _check_values(value)
    except (ValueError, RecursionError) as reason:
        line = "too deep" if isinstance(reason, RecursionError) else str(reason)
        raise error(f"{name}: is not {kind} ({line})") from None
    if complaint := find_complaint(value, form):
        raise error(f"{name}: is not {kind} ({complaint})")
    return value


def find_complaint(value: Any, form: Any) -> str:
    """The first thing that is wrong with a value of JSON, as `read_json` checks it, or `""`.

    >>> find_complaint({"a": "1"}, dict[str, float])
    'a must be a number'
    """
    return next(_complaints(value, form, ""), "")


def _refuse(text: str) -> float:
    """Refuse `NaN` and `Infinity`, which are not JSON."""
    raise ValueError(f"{text} is not a number")


def _finite(text: str) -> float:
    """Parse a number that is not whole; one such as `1e999` is refused."""
    number = float(text)
    return number if math.isfinite(number) else _refuse(text[:20])


def _integer(text: str) -> int:
    """Parse an integer of 64 bits."""
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ValueError(f"the number {text[:MAX_DIGITS]}... is too large")
    return int(text)


def _check_values(value: Any) -> None:
    """Raise a ValueError for half a surrogate pair or too many levels."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inside: list[Any] = []
        for each in level:
            if isinstance(each, str) and any("\ud800" <= c <= "\udfff" for c in each):
                raise ValueError(f"{each[:20]!r} is not valid text")
            if isinstance(each, dict):
                inside += [*each, *each.values()]
            elif isinstance(each, list):
                inside += each
        level = inside
    if level:
        raise ValueError(f"it has more than {MAX_DEPTH} levels")


def _complaints(value: Any, form: Any, name: str) -> Iterator[str]:
    """What is wrong with a value, the first thing first."""
    origin, inner = get_origin(form), get_args(form)
    if is_typeddict(form) or is_dataclass(form):
        yield from _entry_complaints(value, form, name)
    elif origin in (Union, types.UnionType):
        found = [next(_complaints(value, each, name), None) for each in inner]
        if None not in found:
            yield cast(str, found[0])
    elif origin is list and isinstance(value, list):
        for i, each in enumerate(value):
            yield from _complaints(each, inner[0], f"{name}[{i}]")
    elif origin is dict and isinstance(value, dict):
        for key, each in value.items():
            yield from _complaints(each, inner[1], f"{name}.{key}".lstrip("."))
    elif form is not Any and not _is_of(value, origin or form):
        kind = {list: "a list", dict: "an object", type(None): "null"} | NAMES
        yield f"{name or 'the whole'} must be {kind[origin or form]}"


def _entry_complaints(value: Any, form: Any, name: str) -> Iterator[str]:
    """What is wrong with the entries of an object."""
    if not isinstance(value, dict):
        yield f"{name or 'the whole'} must be an object"
        return
    if is_dataclass(form):
        every = fields(form)
        optional = {
            entry.name
            for entry in every
            if entry.default is not MISSING or entry.default_factory is not MISSING
        }
        unknown = sorted(value.keys() - {entry.name for entry in every})
        if unknown:
            yield f"it has no {unknown[0]!r}"
    else:
        optional = set(form.__optional_keys__)
    for key, inner in get_type_hints(form).items():
        path = f"{name}.{key}".lstrip(".")
        if key in value:
            yield from _complaints(value[key], inner, path)
        elif key not in optional:
            yield f"{path} is missing"


def _is_of(value: Any, kind: type) -> bool:
    """Whether a value of JSON has a type; a truth value is no number; an integer is a float."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)
