"""Chord and key scores: closed forms, invariants, agreement with mir_eval called directly."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mir_eval import chord

from mirlab.core.errors import SegmentsError
from mirlab.core.segments import Segments
from mirlab.evaluation import chord_scores, key_score

RECALLS = ("root", "majmin", "thirds", "sevenths", "mirex")
LABELS = ("N", "C:maj", "A:min", "G:7", "F:maj7", "D:min7", "E:maj", "Bb:min")


def row(labels: tuple[str, ...], lengths: tuple[float, ...] | None = None) -> Segments:
    """Segments end to end from 0 s, one second each unless lengths are given."""
    ends = np.cumsum(lengths or (1.0,) * len(labels))
    return Segments(np.column_stack([np.r_[0, ends[:-1]], ends]), labels)


chord_rows = st.lists(
    st.tuples(st.sampled_from(LABELS), st.integers(1, 40).map(lambda n: n / 10)),
    min_size=1,
    max_size=10,
).map(lambda rows: row(*map(tuple, zip(*rows, strict=True))))


@given(chord_rows)
def test_chords_are_equal_to_themselves(chords: Segments) -> None:
    assert chord_scores(chords, chords) == pytest.approx(
        dict.fromkeys(chord_scores(chords, chords), 1.0)
    )


def test_half_of_the_duration_right_scores_half() -> None:
    truth = row(("C:maj", "A:min"))
    scores = chord_scores(truth, row(("C:maj",), (2.0,)))
    assert scores["root"] == scores["majmin"] == scores["thirds"] == scores["sevenths"] == 0.5
    assert scores["mirex"] == 0.5  # C E G and A C E share two pitch classes only
    assert scores["overseg"] == 1.0
    assert scores["underseg"] == scores["seg"] == 0.5


def test_each_measure_is_stricter_than_the_one_before() -> None:
    truth = row(("C:7",))
    assert chord_scores(truth, row(("C:min",)))["root"] == 1.0
    assert chord_scores(truth, row(("C:min",)))["thirds"] == 0.0
    assert chord_scores(truth, row(("C:maj",)))["majmin"] == 1.0
    assert chord_scores(truth, row(("C:maj",)))["sevenths"] == 0.0
    assert chord_scores(truth, row(("C:7/3",)))["sevenths"] == 1.0  # the bass is not compared


def test_time_outside_a_vocabulary_does_not_count() -> None:
    truth = row(("C:maj", "B:dim7"))
    scores = chord_scores(truth, row(("C:maj",), (2.0,)))
    assert scores["majmin"] == 1.0
    assert scores["root"] == 0.5


def test_a_vocabulary_without_true_chords_gives_zero_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert chord_scores(row(("B:dim7",)), row(("B:dim7",)))["majmin"] == 0.0


def test_gaps_and_missing_ends_count_as_no_chord() -> None:
    truth = Segments([[1.0, 2.0], [3.0, 4.0]], ["C:maj", "C:maj"])
    full = Segments([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]], ["C:maj", "N", "C:maj"])
    found = Segments([[0.0, 1.5]], ["C:maj"])
    assert chord_scores(truth, truth)["root"] == 1.0
    assert chord_scores(truth, full) == pytest.approx(chord_scores(full, full))
    assert chord_scores(truth, found)["root"] == pytest.approx(0.5)  # 0.5 s of C, 1 s of N


def test_no_estimate_counts_as_no_chord() -> None:
    truth = row(("N", "C:maj"), (1.0, 3.0))
    assert chord_scores(truth, Segments([], []))["majmin"] == 0.25
    assert chord_scores(truth, Segments([], [])) == chord_scores(truth, row(("N",), (4.0,)))


def test_bad_input_gives_our_error() -> None:
    with pytest.raises(SegmentsError, match="no chord to compare"):
        chord_scores(Segments([], []), row(("C:maj",)))
    with pytest.raises(SegmentsError, match="H:maj"):
        chord_scores(row(("C:maj",)), row(("H:maj",)))


@given(chord_rows, chord_rows)
def test_scores_are_shares_and_segmentation_changes_places(a: Segments, b: Segments) -> None:
    span = min(a.intervals[-1, 1], b.intervals[-1, 1])
    a, b = a.crop(0, span), b.crop(0, span)
    there, back = chord_scores(a, b), chord_scores(b, a)
    assert all(-1e-12 <= value <= 1 + 1e-12 for value in there.values())
    assert there["seg"] == min(there["overseg"], there["underseg"])
    assert there["overseg"] == pytest.approx(back["underseg"])
    assert there["root"] == pytest.approx(back["root"])


@given(chord_rows, chord_rows)
def test_scores_equal_mir_evals(truth: Segments, found: Segments) -> None:
    # cropped first: mir_eval stumbles over a segment that begins where the reference ends
    found = found.crop(0, truth.intervals[-1, 1])
    theirs = chord.evaluate(
        truth.intervals, list(truth.labels), found.intervals, list(found.labels)
    )
    ours = chord_scores(truth, found)
    for name, value in ours.items():
        assert value == pytest.approx(theirs[name], abs=1e-9)


@pytest.mark.parametrize(
    ("reference", "estimate", "score"),
    [
        ("C major", "C major", 1.0),
        ("C major", "G major", 0.5),
        ("C major", "F major", 0.0),
        ("C major", "A minor", 0.3),
        ("A minor", "C major", 0.3),
        ("C major", "C minor", 0.2),
        ("C major", "F# minor", 0.0),
        ("Cb major", "B major", 1.0),
        ("E# minor", "F minor", 1.0),
        ("C major", "X", 0.0),
    ],
)
def test_related_keys_score_partially(reference: str, estimate: str, score: float) -> None:
    assert key_score(reference, estimate) == score


@pytest.mark.parametrize("name", ["C", "H major", "C:maj", "c dur", "", "C  major"])
def test_an_invalid_key_is_refused(name: str) -> None:
    with pytest.raises(SegmentsError, match="is no key"):
        key_score("C major", name)
    with pytest.raises(SegmentsError, match="is no key"):
        key_score(name, "C major")
