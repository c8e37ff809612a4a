"""Values and metrics given what they cannot take raise the package's errors, in one line."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import (
    AudioError,
    MirlabError,
    Notes,
    NotesError,
    Segments,
    SegmentsError,
    TempoMap,
)
from mirlab.evaluation import (
    bar_scores,
    beat_offset,
    beat_scores,
    chord_scores,
    frame_scores,
    is_octave_error,
    key_score,
    match_notes,
    mean_interval,
    note_scores,
    separation_scores,
    tempo_ratio,
    tempo_scores,
)
from mirlab.score import quantize
from mirlab.score.spelling import signature

NOTES = Notes([0, 1], [1, 2], [60, 62], tempo_map=TempoMap(0, 120))
CHORDS = Segments([[0, 1], [1, 2]], ["C:maj", "G:7"])
STEMS = {name: (np.zeros(50), 8000) for name in "ab"}
WRONG: list[Any] = [
    None,
    "C4",
    ["C4"],
    b"C4",
    [None],
    [[1, 2], [3]],
    {"a": 1},
    {1, 2},
    object(),
    1j,
    np.array([1j]),
    np.array(["2020-01-01"], "datetime64[D]"),
    [np.nan],
    np.nan,
    -np.inf,
    10**400,
    [4, 4],
    (4, [4]),
    torch.ones(2, requires_grad=True),
    [1, [2]],
    -1,
    np.zeros((2, 2, 2)),
    True,
    2.5,
    [],
    NOTES,
    CHORDS,
    len,
]
CALLS: dict[str, Callable[..., object]] = {
    "Notes": lambda a, b: Notes(a, b, a),
    "Notes.pitch": lambda a, b: Notes([0, 1], [1, 2], a, b),
    "Notes.program": lambda a, b: Notes([0, 1], [1, 2], 60, program=a, is_drum=b),
    "Notes.bends": lambda a, b: Notes([0, 1], [1, 2], 60, bends=a, pedal=b),
    "Notes.bends of each": lambda a, b: Notes([0, 1], [1, 2], 60, bends=[a, b]),
    "Notes.tempo_map": lambda a, b: NOTES.with_tempo(a),
    "Notes.slice": lambda a, b: NOTES.slice(a, b),
    "Notes.bend_at": lambda a, b: NOTES.bend_at(0, a),
    "Notes.from_midi": lambda a, b: Notes.from_midi(a),
    "TempoMap": lambda a, b: TempoMap(a, b),
    "TempoMap.from_beats": lambda a, b: TempoMap.from_beats(a),
    "TempoMap.beats": lambda a, b: NOTES.tempo_map and NOTES.tempo_map.beats(a),
    "TempoMap.seconds": lambda a, b: NOTES.tempo_map and NOTES.tempo_map.seconds(a),
    "Segments": lambda a, b: Segments(a, b),
    "Segments.labels": lambda a, b: Segments([[0, 1]], a),
    "Segments.at": lambda a, b: CHORDS.at(a),
    "Segments.crop": lambda a, b: CHORDS.crop(a, b),
    "Segments.shift": lambda a, b: CHORDS.shift(a),
    "Segments.fill_gaps": lambda a, b: CHORDS.fill_gaps(a, b),
    "Segments.fill_gaps label": lambda a, b: CHORDS.fill_gaps(0, 3, label=a),
    "Segments.load": lambda a, b: Segments.load(a),
    "quantize": lambda a, b: quantize(a, meter=b),
    "quantize meter": lambda a, b: quantize(NOTES, meter=a, downbeat=b),
    "quantize downbeat": lambda a, b: quantize(NOTES, downbeat=a),
    "signature": lambda a, b: signature(a),
    "bar_scores": lambda a, b: bar_scores(a, b),
    "bar_scores estimate": lambda a, b: bar_scores(CHORDS, a),
    "beat_offset": lambda a, b: beat_offset(a, b),
    "beat_scores": lambda a, b: beat_scores(a, b),
    "chord_scores": lambda a, b: chord_scores(CHORDS, a),
    "chord_scores reference": lambda a, b: chord_scores(a, CHORDS),
    "frame_scores": lambda a, b: frame_scores(NOTES, a),
    "is_octave_error": lambda a, b: is_octave_error(a),
    "key_score": lambda a, b: key_score(a, b),
    "key_score estimate": lambda a, b: key_score("C major", a),
    "match_notes": lambda a, b: match_notes(a, NOTES),
    "mean_interval": lambda a, b: mean_interval(a, weights=b),
    "mean_interval seed": lambda a, b: mean_interval([1, 2], seed=a),
    "note_scores": lambda a, b: note_scores(NOTES, NOTES, onset_tolerance=a),
    "note_scores estimate": lambda a, b: note_scores(NOTES, a),
    "separation_scores": lambda a, b: separation_scores(a, b),
    "separation_scores estimate": lambda a, b: separation_scores(STEMS, {"a": a, "b": b}),
    "separation_scores window": lambda a, b: separation_scores(STEMS, STEMS, window=a),
    "tempo_ratio": lambda a, b: tempo_ratio(a, b),
    "tempo_scores": lambda a, b: tempo_scores(a, b),
    "tempo_scores estimate": lambda a, b: tempo_scores(120, a),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@settings(max_examples=60)
@given(st.sampled_from(WRONG), st.sampled_from(WRONG))
def test_wrong_values_raise_only_our_errors(call: Callable[..., object], a: Any, b: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        message = raised(lambda: call(a, b))
    assert len(message.splitlines()) <= 1
    assert len(message) < 300


def raised(call: Callable[[], object]) -> str:
    """The message of the package's error that a call raises, if it raises one."""
    try:
        call()
    except MirlabError as reason:
        return str(reason)
    return ""


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        (lambda: Notes([0], [1], ["C4"]), NotesError, r"pitch must be numbers, not \['C4'\]"),
        (lambda: Notes("0", "1", 60), NotesError, "onset must be numbers"),
        (lambda: Notes([0], [1], 60, bends=[[[0, 1, 2]]]), NotesError, "a bend curve needs 2 col"),
        (lambda: Notes([0], [1], 60, pedal=[0, 1, 0]), NotesError, "pedal table needs 3 columns"),
        (lambda: Notes([0], [1], 60, tempo_map=120), NotesError, "must be TempoMap, not int"),  # type: ignore[arg-type]
        (lambda: TempoMap(None, 120), NotesError, "times must be numbers, not None"),  # type: ignore[arg-type]
        (lambda: Segments([["a", "b"]], ["C"]), SegmentsError, "intervals must be numbers"),
        (lambda: key_score(None, "C major"), SegmentsError, "None is no key; write it as"),  # type: ignore[arg-type]
        (lambda: chord_scores(CHORDS, []), SegmentsError, "estimate must be Segments, not list"),  # type: ignore[arg-type]
        (lambda: note_scores([], NOTES), NotesError, "reference must be Notes, not list"),  # type: ignore[arg-type]
        (lambda: mean_interval("a"), MirlabError, "values must be numbers, not 'a'"),
        (lambda: separation_scores([], {}), AudioError, "reference must be sounds by name, not li"),  # type: ignore[arg-type]
        (lambda: separation_scores(STEMS, {}), AudioError, "estimate must be one stem or more"),
        (lambda: tempo_scores(None, 1), SegmentsError, "tempo must be numbers, not None"),  # type: ignore[arg-type]
    ],
)
def test_an_error_says_what_is_taken(
    call: Callable[[], object], error: type[MirlabError], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        call()


def test_fractions_and_tensors_are_numbers() -> None:
    exact = Notes(np.array([Fraction(1, 2)]), torch.tensor([1.5]), [np.int8(60)])
    assert exact.intervals.tolist() == [[0.5, 1.5]]
