"""Sections: closed forms, invariants, agreement with librosa and scipy, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab import find_sections
from mirlab.chords import constant_q
from mirlab.core import Audio, AudioError, Segments, SegmentsError
from mirlab.structure import (
    checkerboard_novelty,
    frame_edges,
    frame_features,
    repetition_novelty,
    sections_from_features,
    self_similarity,
)
from mirlab.structure.classic import letter
from mirlab.structure.similarity import _recurrences

SR = 22050
BEAT = 0.5  # s
WRONG: Any = [1, 2]  # neither beats nor a spectrogram
TRIADS = np.array(
    [(0, 4, 7), (9, 0, 4), (5, 9, 0), (7, 11, 2), (2, 5, 9), (4, 7, 11)]
)  # of C major
KEYS = {"A": 0, "B": 6, "C": 3}  # semitones above C


def piece_chroma(form: str, *, beats: int, seed: int) -> np.ndarray:
    """Random triads, one a beat; each section is in a key of its own."""
    parts = {}
    for name in sorted(set(form)):
        rng = np.random.default_rng(10 * seed + ord(name) - ord("A"))
        parts[name] = np.zeros((12, beats))
        for beat, triad in enumerate(rng.integers(0, len(TRIADS), beats)):
            parts[name][(TRIADS[triad] + KEYS[name]) % 12, beat] = 1
    return np.hstack([parts[name] for name in form])


def grid(frames: int) -> np.ndarray:
    return BEAT * np.arange(frames + 1)


def noise(seconds: float) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(int(seconds * SR))


# --- what is found


@pytest.mark.parametrize("form", ["ABA", "AABA", "ABAB"])
@pytest.mark.parametrize("seed", range(3))
def test_the_form_of_a_piece_is_found(form: str, seed: int) -> None:
    chroma = piece_chroma(form, beats=48, seed=seed)
    sections = sections_from_features(chroma, grid(chroma.shape[1]))
    assert "".join(sections.labels) == form
    starts = sections.intervals[:, 0]
    true = 24.0 * np.arange(len(form))
    changes = [i for i in range(1, len(form)) if form[i] != form[i - 1]]
    np.testing.assert_allclose(starts[changes], true[changes], atol=BEAT)
    # between A and A, only the sequence of chords tells where the repetition begins
    np.testing.assert_allclose(starts, true, atol=4)


def test_a_change_of_timbre_is_a_boundary() -> None:
    chroma = np.tile(piece_chroma("A", beats=8, seed=0), 8)
    timbre = np.zeros((13, 64))
    timbre[2, 32:] = 30  # dB
    starts = sections_from_features(chroma, grid(64), timbre=timbre).intervals[:, 0]
    assert np.abs(starts - 16).min() <= BEAT


@pytest.mark.slow
@pytest.mark.parametrize("bpm", [None, 107])
def test_two_chords_with_and_without_beats(bpm: int | None) -> None:
    t = np.arange(16 * SR) / SR
    first, second = (
        0.2 * sum(np.sin(2 * np.pi * hz * t) for hz in chord)
        for chord in ((261.6, 329.6, 392.0), (185.0, 233.1, 277.2))
    )
    times = np.arange(0, 48, 1 if bpm is None else 60 / bpm)
    beats = Segments(np.c_[times[:-1], times[1:]], ["1"] * (times.size - 1))
    found = find_sections(
        (np.concatenate([first, second, first]), SR), beats=None if bpm is None else beats
    )
    assert found.labels == ("A", "B", "A")
    np.testing.assert_allclose(found.intervals[:, 0], [0, 16, 32], atol=0.7)
    if bpm is not None:
        assert np.isin(found.intervals[1:, 0].round(6), times.round(6)).all()


@pytest.mark.slow
@pytest.mark.parametrize("y", [noise(40), 0.3 * np.sin(0.1 * np.arange(40 * SR))])
def test_noise_and_a_tone_are_one_section(y: np.ndarray) -> None:
    found = find_sections((y, SR))
    assert found.labels == ("A",)
    np.testing.assert_allclose(found.intervals, [[0, 40]])


def test_silence_has_no_sections_and_a_short_piece_has_one() -> None:
    assert len(find_sections((np.zeros(30 * SR), SR))) == 0
    assert find_sections((noise(0.05), SR)).labels == ("A",)
    chroma = piece_chroma("AB", beats=19, seed=0)
    assert sections_from_features(chroma, grid(38)).labels == ("A",)


# --- invariants


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.text("ABC", min_size=1, max_size=6), st.integers(1, 60))
def test_sections_tile_the_piece_and_letters_come_in_order(
    seed: int, form: str, beats: int
) -> None:
    chroma = piece_chroma(form, beats=beats, seed=seed % 100)
    edges = np.r_[0, np.cumsum(np.random.default_rng(seed).uniform(0.3, 1, chroma.shape[1]))]
    found = sections_from_features(chroma, edges)
    starts, ends = found.intervals.T
    assert (starts[0], ends[-1]) == (edges[0], edges[-1])
    np.testing.assert_array_equal(starts[1:], ends[:-1])
    assert np.isin(starts, edges).all()
    firsts = list(dict.fromkeys(found.labels))
    assert firsts == [letter(i) for i in range(len(firsts))]


@given(
    st.floats(0.01, 5000),
    st.lists(st.floats(0, 5000), max_size=30, unique=True),
)
def test_frames_tile_the_recording(duration: float, times: list[float]) -> None:
    times = sorted(times)
    spans = [(a, b) for a, b in zip(times[:-1], times[1:], strict=True) if a < b]
    edges = frame_edges(duration, Segments(spans, ["1"] * len(spans)))
    assert (edges[0], edges[-1]) == (0, duration)
    assert np.all(np.diff(edges) > 0)
    assert edges.size <= 2002


def test_beats_are_joined_and_gaps_divided() -> None:
    fast = np.arange(0, 10, 0.1)
    beats = Segments(np.c_[fast[:-1], fast[1:]], ["1"] * 99)
    np.testing.assert_allclose(np.diff(frame_edges(9.0, beats)), 0.3)
    late = Segments([(4.0, 4.5), (4.5, 5.0), (5.0, 5.5)], ["1", "2", "3"])
    np.testing.assert_allclose(frame_edges(6.0, late), np.arange(0, 6.5, 0.5))


@given(st.integers(0, 1000), st.integers(1, 9))
def test_similarity_is_symmetric_and_at_most_one(seed: int, stacked: int) -> None:
    features = 5 * np.random.default_rng(seed).random((12, 20))
    similarity = self_similarity(features, stacked=stacked)
    np.testing.assert_allclose(similarity, similarity.T, atol=1e-6)
    assert np.abs(similarity).max() <= 1 + 1e-5
    np.testing.assert_allclose(similarity.diagonal(), 1, atol=1e-5)


def test_letters_go_on_after_z() -> None:
    assert [letter(i) for i in (0, 25, 26, 27, 51, 52)] == ["A", "Z", "AA", "AB", "AZ", "BA"]


# --- agreement with peers


def test_similarity_is_the_cosine_of_scipy() -> None:
    from scipy.spatial.distance import cdist

    features = np.random.default_rng(1).random((12, 30))
    deviation = (features - features.mean(axis=1, keepdims=True)).T
    want = 1 - cdist(deviation, deviation, "cosine")
    np.testing.assert_allclose(self_similarity(features), want, atol=1e-5)


def test_stacked_frames_are_the_delay_embedding_of_librosa() -> None:
    librosa = pytest.importorskip("librosa")
    features = np.random.default_rng(2).random((12, 30))
    deviation = features - features.mean(axis=1, keepdims=True)
    stacked = librosa.feature.stack_memory(deviation / np.linalg.norm(deviation, axis=0), n_steps=5)
    want = (stacked.T @ stacked)[4:, 4:] / 5  # without those that begin before the piece
    np.testing.assert_allclose(self_similarity(features, stacked=5)[2:-2, 2:-2], want, atol=1e-5)


def test_recurrences_are_those_of_librosa() -> None:
    librosa = pytest.importorskip("librosa")
    features = np.random.default_rng(3).standard_normal((4, 100))
    features -= features.mean(axis=1, keepdims=True)
    matrix = self_similarity(features)
    found = _recurrences(matrix)
    distances = librosa.segment.recurrence_matrix(  # its mode "connectivity" takes any neighbours
        features, k=4, width=4, sym=True, metric="cosine", mode="distance"
    )
    np.testing.assert_array_equal(found, distances > 0)


def test_the_novelty_of_a_checkerboard_is_one_at_its_middle_and_zero_in_its_fields() -> None:
    blocks = np.kron([[1, -1], [-1, 1]], np.ones((30, 30)))
    novelty = checkerboard_novelty(blocks, radius=8)
    assert novelty.argmax() == 30
    assert novelty[30] == pytest.approx(1)
    np.testing.assert_allclose(novelty[10:20], 0, atol=1e-12)


def test_repetitions_at_one_lag_have_no_novelty_inside() -> None:
    matrix = np.eye(80) + np.eye(80, k=40) + np.eye(80, k=-40)
    novelty = repetition_novelty(matrix, width=2)
    assert novelty.argmax() == 40  # where the lag changes from +40 to -40
    assert novelty[15:30].max() < 0.01 * novelty.max()


# --- features


def test_the_features_of_a_chord_are_its_pitch_classes() -> None:
    t = np.arange(4 * SR) / SR
    steps = np.array([3, 7, 10])[:, None]  # C5, E5, G5, from A4
    chord = np.sin(2 * np.pi * 440 * 2 ** (steps / 12) * t).sum(axis=0)
    edges = frame_edges(4.0)
    harmony, timbre = frame_features(constant_q(Audio(0.2 * chord, SR)), edges)
    assert (harmony.shape, timbre.shape) == ((24, 8), (13, 8))
    assert set(harmony[12:, 4].argsort()[-3:]) == {0, 4, 7}
    assert np.all(np.linalg.norm(harmony[12:], axis=0) <= 1 + 1e-9)


# --- bad input


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: find_sections((noise(1), SR), beats=WRONG), SegmentsError, "beats must be"),
        (lambda: frame_edges(0), AudioError, "duration"),
        (lambda: frame_edges(float("nan")), AudioError, "duration"),
        (lambda: frame_features(WRONG, grid(3)), AudioError, "spectrogram must be"),
        (lambda: self_similarity(np.zeros(3)), AudioError, "2 dimensions"),
        (lambda: self_similarity(np.zeros((3, 3)), stacked=0), AudioError, "stacked"),
        (lambda: checkerboard_novelty(np.zeros((3, 4)), radius=2), AudioError, "shape"),
        (lambda: checkerboard_novelty(np.zeros((3, 3)), radius=0), AudioError, "radius"),
        (lambda: repetition_novelty(np.zeros((3, 3)), width=0), AudioError, "width"),
        (lambda: sections_from_features(np.ones((12, 4)), grid(5)), AudioError, "edges must have"),
        (
            lambda: sections_from_features(np.ones((12, 2)), np.array([0, 2, 1])),
            SegmentsError,
            "increasing",
        ),
        (lambda: sections_from_features(np.full((12, 2), np.nan), grid(2)), AudioError, "harmony"),
        (
            lambda: sections_from_features(np.eye(60), grid(60), timbre=np.ones((13, 9))),
            AudioError,
            "timbre",
        ),
    ],
)
def test_bad_input_is_one_clear_error(call, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        call()
