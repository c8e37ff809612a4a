"""Wrong arguments for the public functions, and what is expected of a call with them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import GeneratorType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mirlab import chords, transcription
from mirlab.core import Audio, MirlabError, Notes, Segments

Calls = dict[Callable[..., Any], dict[str, Any]]  # a call that works of each public function
Messages = list[tuple[Callable[[], Any], type[MirlabError], str]]  # wrong calls and their errors
SR = 22050
RNG = np.random.default_rng(0)
AUDIO = Audio(0.3 * np.sin(2 * np.pi * 220 * np.arange(SR // 4) / SR), SR)
NOTES, CHORDS = Notes([0.1], [0.5], [60]), Segments([(0, 1)], ["C:maj"])

JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    float("nan"),
    float("inf"),
    1 + 1j,
    "",
    "x",
    "\0",
    b"ab",
    [],
    [1, "a"],
    [[1], [1, 2]],
    {},
    (1, 2, 3),
    object(),
    lambda *_: None,
    np.zeros(0),
    np.zeros((2, 3, 4)),
    np.array(["a"]),
    np.array([None]),
    np.full(5, np.nan),
    -np.arange(4.0),
    AUDIO,
    NOTES,
    CHORDS,
    Notes.empty(),
    Segments([], []),
    Segments([(0, 1)], ["H:dur"]),
    chords.constant_q(AUDIO),
    transcription.Rolls(*RNG.random((4, 88, 30))),
    transcription.Rolls(None, 1, "a", []),
]
junk = st.one_of(
    st.sampled_from(JUNK),
    st.integers(-(10**4), 10**4),
    st.floats(),
    st.text(st.characters(exclude_characters="/\\"), max_size=5),  # not into other folders
    st.lists(st.floats(-2, 2), max_size=6).map(np.array),
)


def parameters(function: Callable[..., Any]) -> list[str]:
    """The names of all parameters, except `*others` and `**more`."""
    found = inspect.signature(function).parameters.values()
    return [p.name for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def call(function: Callable[..., Any], arguments: dict[str, Any]) -> None:
    """Call it; generators are started. The package's errors are in one line, without files."""
    message = "no error"
    before = set(Path.cwd().iterdir())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = function(**arguments)
            if isinstance(found, GeneratorType):
                next(found, None)
    except MirlabError as error:
        message = str(error)
        assert set(Path.cwd().iterdir()) == before, f"{message}: a file was written"
    assert message
    assert "\n" not in message


def name_of(function: Callable[..., Any]) -> str:
    """Name of a test."""
    return f"{function.__module__}.{function.__name__}"


def public_functions(rooms: tuple[str, ...]) -> set[str]:
    """Names of all public functions of some rooms."""
    modules = [import_module(f"mirlab.{room}") for room in rooms]
    public = [getattr(module, name) for module in modules for name in module.__all__]
    return {f.__name__ for f in public if inspect.isfunction(f)}


def try_one_by_one(function: Callable[..., Any], arguments: dict[str, Any]) -> None:
    """Call it with each wrong value of each argument."""
    for name in parameters(function):
        for wrong in JUNK:
            call(function, arguments | {name: wrong})


def draw_wrong(function: Callable[..., Any], data: st.DataObject) -> dict[str, Any]:
    """Draw wrong values of several arguments."""
    names = parameters(function)
    return data.draw(st.dictionaries(st.sampled_from(names), junk)) if names else {}
