"""Note and frame scores: closed forms, invariants, agreement with mir_eval called directly."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mir_eval import multipitch, transcription

from mirlab.core.errors import NotesError
from mirlab.core.notes import Notes
from mirlab.evaluation import frame_scores, match_notes, note_scores

EMPTY = Notes.empty()


@st.composite
def drawn_notes(draw: st.DrawFn) -> Notes:
    """Up to 12 notes on a grid of 30 ms, often close enough to be confused."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(58, 62)),
            min_size=1,
            max_size=12,
        )
    )
    start, length, pitch = np.array(rows).T
    return Notes(start * 0.03, (start + length) * 0.03, pitch)


def scale(count: int) -> Notes:
    """`count` notes of 0.4 s, one every half second, all pitches different."""
    onset = np.arange(count) / 2
    return Notes(onset, onset + 0.4, 40 + np.arange(count))


def shift(notes: Notes, seconds: float) -> Notes:
    return Notes(notes.onset + seconds, notes.offset + seconds, notes.pitch)


def random_notes(seed: int, count: int, span: float) -> Notes:
    rng = np.random.default_rng(seed)
    onset = rng.uniform(0, span, count)
    return Notes(onset, onset + rng.uniform(0.05, 2, count), rng.integers(21, 109, count))


def test_a_shift_within_the_tolerance_costs_nothing_and_one_beyond_it_everything() -> None:
    truth = scale(10)
    assert set(note_scores(truth, shift(truth, 0.04)).values()) == {1.0}
    assert set(note_scores(truth, shift(truth, 0.06)).values()) == {0.0}
    assert note_scores(truth, shift(truth, 0.06), onset_tolerance=0.1)["onset_f"] == 1.0


def test_half_the_notes_is_half_the_recall() -> None:
    truth = scale(10)
    scores = note_scores(truth, truth[:5])
    assert scores["onset_precision"] == 1.0
    assert scores["onset_recall"] == 0.5
    assert scores["onset_f"] == pytest.approx(2 / 3)


def test_offsets_count_only_in_the_offset_scores() -> None:
    truth = Notes([0.0, 1.0], [0.5, 3.0], [60, 62])
    # 20 % of 2 s is 0.4 s, of 0.5 s is 0.1 s: the first end is too late, the second is not
    found = Notes([0.0, 1.0], [0.65, 3.35], [60, 62])
    scores = note_scores(truth, found)
    assert scores["onset_f"] == 1.0
    assert scores["onset_offset_f"] == 0.5


def test_a_true_note_matches_one_estimate_only() -> None:
    truth = Notes([1.0], [2.0], [60])
    twice = Notes([1.0, 1.02], [2.0, 2.0], [60, 60])
    assert note_scores(truth, twice)["onset_precision"] == 0.5


def test_a_semitone_off_is_wrong() -> None:
    truth = scale(4)
    found = Notes(truth.onset, truth.offset, truth.pitch + 1)
    assert note_scores(truth, found)["onset_f"] == 0.0
    assert frame_scores(truth, found)["frame_f"] == 0.0


@pytest.mark.parametrize("pair", [(EMPTY, EMPTY), (EMPTY, scale(3)), (scale(3), EMPTY)])
def test_nothing_on_either_side_is_zero_without_a_warning(pair: tuple[Notes, Notes]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(note_scores(*pair).values()) == {0.0}
        assert set(frame_scores(*pair).values()) == {0.0}


def test_drums_are_ignored() -> None:
    truth = scale(4)
    drum = Notes([0.0], [0.1], [38], is_drum=True)
    both = Notes(
        np.r_[truth.onset, drum.onset],
        np.r_[truth.offset, drum.offset],
        np.r_[truth.pitch, drum.pitch],
        is_drum=[False] * 4 + [True],
    )
    assert note_scores(truth, both)["onset_precision"] == 1.0
    assert frame_scores(both, truth)["frame_recall"] == 1.0
    assert note_scores(drum, drum)["onset_f"] == 0.0


@pytest.mark.parametrize("tolerance", [-0.01, float("nan")])
def test_an_invalid_tolerance_is_refused(tolerance: float) -> None:
    with pytest.raises(NotesError, match="onset_tolerance"):
        note_scores(scale(2), scale(2), onset_tolerance=tolerance)


@given(drawn_notes())
def test_notes_are_equal_to_themselves(notes: Notes) -> None:
    assert set(note_scores(notes, notes).values()) == {1.0}
    assert set(frame_scores(notes, notes).values()) == {1.0}


@given(drawn_notes(), drawn_notes())
def test_precision_and_recall_change_places_with_the_arguments(a: Notes, b: Notes) -> None:
    there, back = note_scores(a, b), note_scores(b, a)
    assert there["onset_precision"] == back["onset_recall"]
    assert there["onset_f"] == pytest.approx(back["onset_f"])
    there, back = frame_scores(a, b), frame_scores(b, a)
    assert there["frame_precision"] == back["frame_recall"]
    assert there["frame_f"] == pytest.approx(back["frame_f"])


@given(drawn_notes(), drawn_notes(), st.floats(0, 3))
def test_a_wrong_note_never_helps(truth: Notes, found: Notes, start: float) -> None:
    worse = Notes(
        np.r_[found.onset, start], np.r_[found.offset, start + 1], np.r_[found.pitch, 100]
    )
    before = note_scores(truth, found) | frame_scores(truth, found)
    after = note_scores(truth, worse) | frame_scores(truth, worse)
    for name, value in before.items():
        assert after[name] <= value


def test_note_scores_equal_mir_evals() -> None:
    truth, found = random_notes(1, 400, 40.0), random_notes(2, 400, 40.0)
    found = Notes(
        np.r_[truth.onset[:200] + 0.03, found.onset[:200]],
        np.r_[truth.offset[:200] + 0.2, found.offset[:200] + 0.1],
        np.r_[truth.pitch[:200], found.pitch[:200]],
    )
    ours = note_scores(truth, found)
    arguments = (truth.intervals, truth.hz, found.intervals, found.hz)
    theirs = transcription.evaluate(*arguments)
    for ending, kind in (("onset", "_no_offset"), ("onset_offset", "")):
        assert ours[f"{ending}_precision"] == theirs[f"Precision{kind}"]
        assert ours[f"{ending}_recall"] == theirs[f"Recall{kind}"]
        assert ours[f"{ending}_f"] == theirs[f"F-measure{kind}"]
    assert 0.4 < ours["onset_f"] < 1
    assert 0 < ours["onset_offset_f"] < ours["onset_f"]


@given(drawn_notes(), drawn_notes(), st.sampled_from([0.0, 0.03, 0.05, 0.2, 5.0]))
def test_pairs_are_those_of_mir_eval(truth: Notes, found: Notes, tolerance: float) -> None:
    """On the grid, many distances are exactly the tolerance."""
    arguments = (truth.intervals, truth.hz, found.intervals, found.hz)
    theirs = transcription.match_notes(*arguments, onset_tolerance=tolerance, offset_ratio=None)
    assert match_notes(truth, found, onset_tolerance=tolerance).tolist() == [*map(list, theirs)]
    both = transcription.match_notes(*arguments, onset_tolerance=tolerance)
    scores = note_scores(truth, found, onset_tolerance=tolerance)
    assert scores["onset_offset_recall"] == len(both) / len(truth)
    assert scores["onset_offset_precision"] == len(both) / len(found)


@pytest.mark.parametrize("pitches", [1, 88])
def test_scores_of_50000_notes_take_seconds(pitches: int) -> None:
    """A comparison of each note with each would need 20 GB a matrix."""
    rng = np.random.default_rng(0)
    onset = np.arange(50_000) * 0.03
    pitch = 21 + rng.integers(0, pitches, onset.size)
    found = Notes(onset + rng.uniform(-0.04, 0.04, onset.size) + 1, onset + 2, pitch)
    began = time.process_time()
    scores = note_scores(Notes(onset + 1, onset + 2, pitch), found)
    assert time.process_time() - began < 20
    assert scores["onset_f"] > 0.99


def frames_by_mir_eval(notes: Notes, times: np.ndarray) -> list[np.ndarray]:
    """Find the sounding pitches at each time, in Hz, note by note."""
    sounding = (notes.onset <= times[:, None]) & (times[:, None] < notes.offset)
    return [np.unique(notes.hz[row]) for row in sounding]


def test_frame_scores_equal_mir_evals() -> None:
    truth, found = random_notes(3, 60, 6.0), random_notes(4, 60, 6.0)
    found = Notes(
        np.r_[truth.onset[:30], found.onset],
        np.r_[truth.offset[:30] + 0.1, found.offset],
        np.r_[truth.pitch[:30], found.pitch],
    )
    times = np.arange(0, 900) / 100
    precision, recall, *_ = multipitch.metrics(
        times, frames_by_mir_eval(truth, times), times, frames_by_mir_eval(found, times)
    )
    ours = frame_scores(truth, found)
    assert ours["frame_precision"] == pytest.approx(precision, abs=1e-12)
    assert ours["frame_recall"] == pytest.approx(recall, abs=1e-12)
    assert ours["frame_f"] == pytest.approx(2 * precision * recall / (precision + recall))


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_every_hundredth_of_a_second_is_one_frame(start: int, length: int) -> None:
    """0.29 / 0.01 is slightly more than 29; such times must fall on their own frame."""
    truth = Notes([start / 100], [(start + length) / 100], [60])
    later = Notes([(start + length) / 100], [(start + length + 1) / 100], [60])
    both = Notes(
        np.r_[truth.onset, later.onset], np.r_[truth.offset, later.offset], np.array([60, 60])
    )
    assert frame_scores(both, truth)["frame_recall"] == pytest.approx(length / (length + 1))
    assert frame_scores(truth, later)["frame_f"] == 0.0


def test_frame_scores_of_four_minutes_take_less_than_a_second() -> None:
    truth, found = random_notes(5, 4000, 240.0), random_notes(6, 4000, 240.0)
    began = time.process_time()
    frame_scores(truth, found)
    assert time.process_time() - began < 1.0


@given(drawn_notes(), drawn_notes())
def test_matched_pairs_are_what_the_score_counts(truth: Notes, found: Notes) -> None:
    pairs = match_notes(truth, found)
    scores = note_scores(truth, found)
    assert len(pairs) == pytest.approx(scores["onset_recall"] * len(truth))
    for column in pairs.T:
        assert len(set(column.tolist())) == len(column)
    ours, theirs = pairs.T
    np.testing.assert_array_equal(truth.pitch[ours], found.pitch[theirs])
    assert np.all(np.abs(truth.onset[ours] - found.onset[theirs]) <= 0.05 + 1e-9)


def test_drums_are_not_matched_but_keep_their_indices() -> None:
    truth = Notes([0, 0, 1], [0.5, 0.5, 1.5], [40, 60, 62], is_drum=[True, False, False])
    found = Notes([1, 0], [1.5, 0.5], [62, 40], is_drum=[False, True])
    # notes are kept in the order of their onsets
    (pair,) = match_notes(truth, found)
    assert truth.pitch[pair[0]] == found.pitch[pair[1]] == 62
    assert match_notes(truth, EMPTY).shape == (0, 2)
    with pytest.raises(NotesError, match="onset_tolerance"):
        match_notes(truth, found, onset_tolerance=-1)
