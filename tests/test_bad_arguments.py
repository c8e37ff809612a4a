"""Whatever is given to a public function: a result, or one line of the package's own error."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mirlab
from mirlab.core import MirlabError
from tests.arguments import composer, dsp, files, learning, pages, spectra, synthesis, tasks, values
from tests.bad_arguments import (
    AUDIO,
    Calls,
    call,
    draw_wrong,
    name_of,
    parameters,
    public_functions,
    try_one_by_one,
)

TABLES = (tasks, dsp, spectra, composer, files, synthesis, learning, pages, values)
SLOW = (tasks, files, learning, pages)  # more than a second for a function
CALLS: Calls = {function: call for table in TABLES for function, call in table.CALLS.items()}


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, for relative paths, and refuse signals that take seconds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mirlab.dsp.checks.MOST_SAMPLES", 2**20)


SEVERAL = [function for function in CALLS if len(parameters(function)) > 1]


def test_every_public_function_is_tried() -> None:
    public = {name for name in mirlab.__all__ if inspect.isfunction(getattr(mirlab, name))}
    rooms = [room for table in TABLES for room in table.ROOMS]
    assert public | public_functions(rooms) <= {f.__name__ for f in CALLS}


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(function, id=name_of(function), marks=[pytest.mark.slow] * (table in SLOW))
        for table in TABLES
        for function in table.CALLS
    ],
)
def test_one_wrong_argument_is_refused_or_used(function: Callable[..., Any]) -> None:
    call(function, CALLS[function])
    try_one_by_one(function, CALLS[function])


@pytest.mark.slow
@pytest.mark.parametrize("function", SEVERAL, ids=name_of)
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_wrong_arguments_together_are_refused_or_used(
    function: Callable[..., Any], data: st.DataObject
) -> None:
    call(function, CALLS[function] | draw_wrong(function, data))


@pytest.mark.parametrize(
    ("wrong", "error", "message"), [case for table in TABLES for case in table.MESSAGES]
)
def test_the_message_says_what_the_argument_takes(
    wrong: Callable[[], Any], error: type[MirlabError], message: str
) -> None:
    with pytest.raises(error, match=message):
        wrong()


@pytest.mark.parametrize("wrong", [None, 3, "x", AUDIO, {}])
def test_an_analysis_is_saved_only_as_one(wrong: Any, tmp_path: Path) -> None:
    with pytest.raises(MirlabError, match="analysis must be Analysis"):
        mirlab.save_analysis(wrong, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ["recognize_chords", "separate", "track_beats", "transcribe"])
def test_a_network_is_not_the_name_of_a_model(verb: str) -> None:
    network = mirlab.load_model("transcription/mirlab-notes-tiny")
    with pytest.raises(MirlabError, match="the name of a model, not NoteDetector; register_model"):
        getattr(mirlab, verb)(AUDIO, model=network)
