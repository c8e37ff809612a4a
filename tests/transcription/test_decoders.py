"""Decoders of note rolls: true notes are decoded, the path is optimal, repeats stay separate."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import Notes, NotesError
from mirlab.synthesis import note_rolls
from mirlab.transcription import Rolls, decode, notes_from_path, path
from mirlab.transcription.decoding import DECODERS
from mirlab.transcription.path import (
    FRAME_WEIGHT,
    NEG_INF,
    OFFSET_WEIGHT,
    PathDecoder,
    evidence,
)
from mirlab.transcription.rolls import peaks

HOP, SR = 256, 22050


def rolls_of(notes: Notes, seconds: float = 4.0) -> Rolls[np.ndarray]:
    return Rolls(*note_rolls(notes, frames=int(seconds * SR / HOP), hop_length=HOP, sr=SR))


def found(decoder: str, rolls: Rolls[np.ndarray], **settings: float) -> Notes:
    return decode(rolls, decoder=decoder, hop_length=HOP, sr=SR, **settings)


@pytest.mark.parametrize("decoder", DECODERS)
def test_silence_has_no_notes(decoder: str) -> None:
    for frames in (0, 1, 2, 3, 100):
        assert len(found(decoder, Rolls(*np.zeros((4, 88, frames), np.float32)))) == 0


@st.composite
def melodies(draw: st.DrawFn) -> Notes:
    """Notes of a few pitches, one after the other in each; some begin as the one before ends."""
    rows = []
    for pitch in draw(st.sets(st.integers(21, 108), min_size=1, max_size=3)):
        time = draw(st.floats(0.1, 0.5))
        for _ in range(draw(st.integers(1, 4))):
            length = draw(st.floats(0.12, 0.7))
            rows.append((time, time + length, pitch, draw(st.integers(20, 120))))
            time += length + draw(st.sampled_from((0.0, 0.15, 0.3)))
    return Notes(*zip(*sorted(rows), strict=True))


@settings(max_examples=60, deadline=None)
@given(melodies())
def test_the_true_notes_are_decoded(notes: Notes) -> None:
    """To a millisecond or two: the triangles encode onsets between two frames."""
    for decoder in ("path", "peaks"):
        again = found(decoder, rolls_of(notes, 6.0))
        order = np.lexsort((again.onset, again.pitch))
        truth = np.lexsort((notes.onset, notes.pitch))
        assert again.pitch[order].tolist() == notes.pitch[truth].tolist()
        np.testing.assert_allclose(again.onset[order], notes.onset[truth], atol=0.002)
        np.testing.assert_allclose(again.offset[order], notes.offset[truth], atol=0.03)
        np.testing.assert_allclose(again.velocity[order], notes.velocity[truth], atol=1)


def test_only_onsets_separate_repeated_notes() -> None:
    onset = 0.5 + np.arange(12) / 12  # twelve per second, without gaps
    rolls = rolls_of(Notes(onset, onset + 1 / 12, np.full(12, 60)))
    assert len(found("path", rolls)) == len(found("peaks", rolls)) == 12
    assert len(found("thresholds", rolls)) == 1


def test_a_weak_onset_counts_if_the_frame_posteriors_are_high() -> None:
    rolls = rolls_of(Notes([1.0], [2.0], [60]))
    rolls.onset[:] *= 0.2  # below every threshold
    assert len(found("peaks", rolls, onset_threshold=0.4)) == 0
    assert len(found("path", rolls, onset_threshold=0.4)) == 1
    rolls.frame[:] *= 0.2
    rolls.offset[:] *= 0.2
    assert len(found("path", rolls, onset_threshold=0.4)) == 0


@pytest.mark.parametrize("decoder", DECODERS)
def test_no_note_is_shorter_than_the_minimum(decoder: str) -> None:
    rolls = rolls_of(Notes([0.5, 1.0], [0.54, 1.5], [60, 64]))
    notes = found(decoder, rolls, min_seconds=0.2)
    assert notes.duration >= 1.4 and (notes.offset - notes.onset > 0.2 - 2 * HOP / SR).all()


def test_a_note_that_sounds_on_at_the_end_is_kept() -> None:
    notes = found("path", rolls_of(Notes([3.0], [9.0], [60])))
    assert notes.pitch.tolist() == [60] and notes.offset[0] > 3.9


@pytest.mark.parametrize("decoder", DECODERS)
def test_all_decoders_have_the_same_arguments(decoder: str) -> None:
    parameters = inspect.signature(DECODERS[decoder]).parameters
    assert list(parameters) == [
        name for name in inspect.signature(decode).parameters if name != "decoder"
    ]
    rolls = rolls_of(Notes([0.5], [1.5], [60]))
    notes = DECODERS[decoder](rolls, hop_length=HOP, sr=SR)
    assert notes.pitch.tolist() == [60]
    np.testing.assert_array_equal(notes.intervals, found(decoder, rolls).intervals)


def test_a_decoder_that_does_not_exist_is_named() -> None:
    with pytest.raises(NotesError, match="one of path, peaks, greedy, thresholds, not 'best'"):
        found("best", rolls_of(Notes([0.5], [1.5], [60])))


def cuts(frames: int, least: int, start: int = 0) -> Iterator[list[tuple[int, int]]]:
    """All ways to put notes between `start` and the last frame."""
    yield []
    for first in range(start, frames - least):
        for end in range(first + least, frames):
            for rest in cuts(frames, least, end):
                yield [(first, end), *rest]


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 8))
def test_no_path_scores_higher_than_the_best_path(seed: int, least: int, block: int) -> None:
    """Compared with all segmentations of eight frames; a last note may have no offset."""
    rng = np.random.default_rng(seed)
    frames = 8
    onset, frame, offset = rng.normal(-0.3, 1.5, (3, 1, frames))

    def earned(cut: list[tuple[int, int]], sounding: bool) -> float:
        total = sum(onset[0, s] + frame[0, s:e].sum() + offset[0, e] for s, e in cut)
        return float(total - (offset[0, cut[-1][1]] if sounding else 0.0))

    choices = [(cut, False) for cut in cuts(frames, least)]
    choices += [(cut, True) for cut, _ in choices if cut and cut[-1][1] == frames - 1]
    best = max(earned(*choice) for choice in choices)
    scores = np.full((3, frames, 88), NEG_INF)  # of one pitch; the others have no notes
    scores[:, :, 0] = onset[0], frame[0], offset[0]
    decoder = PathDecoder(hop_length=1, sr=1, min_seconds=least)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(path, "BLOCK", block)
        patch.setattr(decoder, "_scores", lambda a, b: tuple(scores[:, a:b]))
        decoder.push(np.zeros((4, 88, frames)))
        best_cut = [tuple(note) for note in decoder.finish().intervals.astype(int).tolist()]
    earnings = [earned(best_cut, False)] if best_cut else [0.0]
    if best_cut and best_cut[-1][1] == frames - 1:
        earnings.append(earned(best_cut, True))
    assert max(earnings) == pytest.approx(best)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 200), min_size=1, max_size=5))
def test_posteriors_in_pieces_have_the_notes_of_the_whole(seed: int, sizes: list[int]) -> None:
    """Even where notes and silence last longer than a block."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, rng.choice([0.1, 0.5]), (4, 88, sum(sizes)))
    rolls = 1 / (1 + np.exp(-np.cumsum(steps, axis=-1)))
    rolls[..., : int(rng.integers(sum(sizes)))] = 0
    times = {"hop_length": HOP, "sr": SR}
    decoder = PathDecoder(**times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(path, "BLOCK", 64)
        for piece in np.split(rolls, np.cumsum(sizes[:-1]), axis=-1):
            decoder.push(piece)
        assert decoder.rolls.shape[-1] < 64 + 200 + 2 * decoder.min_frames
        pieces = decoder.finish()
        whole = notes_from_path(Rolls(*rolls), **times)
    assert pieces.pitch.tolist() == whole.pitch.tolist()
    np.testing.assert_array_equal(pieces.intervals, whole.intervals)
    np.testing.assert_array_equal(pieces.velocity, whole.velocity)


def test_the_weights_are_those_in_the_docstring() -> None:
    text = notes_from_path.__doc__ or ""
    assert f"{FRAME_WEIGHT:g} sum" in text and f"{OFFSET_WEIGHT:g} l(offset" in text
    assert evidence(np.array([0.4]), 0.4)[0] == pytest.approx(0)


def test_a_peak_exceeds_the_value_before_and_is_not_below_the_next() -> None:
    curve = np.array([0.5, 0.2, 0.7, 0.7, 0.1, 0.3])
    assert np.flatnonzero(peaks(curve, 0.4)).tolist() == [0, 2]
    assert np.flatnonzero(peaks(curve)).tolist() == [0, 2, 5]
