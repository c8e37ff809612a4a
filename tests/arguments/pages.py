"""Calls of the functions of `mirlab.notebook`, `examples` and `check`, and what errors say."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from mirlab import check, examples, notebook
from mirlab.check import Verdict
from mirlab.core import AudioError, MirlabError
from mirlab.core.errors import TableError
from mirlab.examples import ExampleError
from tests.bad_arguments import AUDIO, Calls, Messages

ROOMS = ("check", "examples")
MEANS = {"violin": {"YIN": {"rpa": [0.912, 0.9, 0.92]}, "pYIN": {"rpa": [0.95, 0.9, 1.0]}}}
CALLS: Calls = {
    examples.load: {"name": "there is no such example"},
    examples.names: {},
    notebook.benchmark: {"name": "rhythm/real_recordings"},
    notebook.listen: {"sound": AUDIO, "title": "A tone"},
    notebook.measurements: {},
    notebook.score_table: {
        "means": MEANS,
        "columns": {"violin": ("violin", "rpa")},
        "systems": ["YIN", "pYIN"],
        "intervals": True,
    },
    notebook.table: {"columns": ["method", "dB"], "rows": [["Wiener", 4.2]], "decimals": 1},
}


def given(exercise: Callable[[Any], Verdict]) -> Callable[[Any], Verdict]:
    """The check of an exercise, called with a function that returns `answer`."""

    @wraps(exercise)
    def check_answer(answer: Any) -> Verdict:
        return exercise(lambda *_: answer)

    check_answer.__signature__ = inspect.signature(lambda answer: None)  # type: ignore[attr-defined]
    return check_answer


def uncalled(exercise: Callable[[Any], Verdict]) -> Callable[[Any], Verdict]:
    """The check of an exercise, which calls no function."""

    @wraps(exercise)
    def check_value(function: Any) -> Verdict:
        return exercise(None if callable(function) else function)

    return check_value


RENDERED = (check.ch04_hearing, check.ch06_hearing)  # their recordings take seconds to render
for exercise in (getattr(check, name) for name in check.__all__):
    if inspect.isfunction(exercise):
        names = list(inspect.signature(exercise).parameters)
        if exercise in RENDERED:
            CALLS[uncalled(exercise)] = {"function": None}
            continue
        CALLS[exercise] = dict.fromkeys(names)
        if names == ["function"]:
            CALLS[given(exercise)] = {"answer": None}

MESSAGES: Messages = [
    (lambda: examples.load(3), ExampleError, "there is no example 3"),
    (lambda: notebook.benchmark(3), MirlabError, "no benchmark 3; there are"),
    (lambda: notebook.listen("song.wav", "A tone"), AudioError, "samples must be floating point"),
    (lambda: notebook.listen(AUDIO, 3), AudioError, "title must be str, not int"),
    (lambda: notebook.table(3, []), TableError, "columns must be headings, not 3"),
    (lambda: notebook.table(["a", "b"], [[1]]), TableError, "a row has 1 values for 2 columns"),
    (lambda: notebook.table(["a"], [[1]], decimals=0.5), TableError, "decimals must be an integer"),
    (lambda: notebook.score_table({"a": 1}, {}), TableError, "means must be the result of"),
]
