"""The checks of chapter 10: a right answer passes, each usual mistake gets its own hint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mirlab import check, rhythm
from mirlab.check.ch10 import KINDS, PLAYED, clicked_pieces
from mirlab.composer import compose
from mirlab.evaluation import beat_scores

FPS = 22050 / 512


def refused(verdict: check.Verdict, *words: str) -> None:
    """Assert that the verdict is negative and its hint contains these words."""
    assert not verdict, verdict
    for word in words:
        assert word in verdict.hint, verdict


def test_meter() -> None:
    assert check.ch10_meter("B") and check.ch10_meter(" b ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [("A", "Count along with A"), ("C", "Count along with C"), ("AB", "one letter"), (3, "quotes")],
)
def test_wrong_meters(answer: Any, words: str) -> None:
    refused(check.ch10_meter(answer), words)


def test_only_the_second_piece_of_the_page_is_in_three() -> None:
    meters = [len(set(compose(seed, duration=9).beats.labels)) for seed in (313, 334, 331)]
    assert meters == [4, 3, 4]


def test_clicks() -> None:
    assert check.ch10_clicks(PLAYED) and check.ch10_clicks("c, a, b, d")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("ACBD", "swapped"),
        ("CABB", "each of the letters"),
        ("CADB", "run away"),
        ("BACD", "on every beat"),
        (7, "ABCD"),
    ],
)
def test_wrong_clicks(answer: Any, words: str) -> None:
    refused(check.ch10_clicks(answer), words)


def test_the_four_sounds_are_what_they_are_called() -> None:
    sounds = clicked_pieces()
    assert list(sounds) == ["A", "B", "C", "D"]
    assert len({sound.y.tobytes() for sound in sounds.values()}) == len(KINDS)
    assert {sound.samples for sound in sounds.values()} == {10 * 22050}


def test_measures() -> None:
    beats = np.arange(0, 60, 0.5)
    f = beat_scores(beats, np.arange(0, 60, 0.375))["f"]
    assert check.ch10_measures([1 / 4, 1 / 3, f])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([1 / 3, 1 / 4, 2 / 7], "share of the clicks"),
        ([1 / 4, 1 / 3, 7 / 24], "harmonic mean"),
        ([1 / 4, 1 / 3, 0.5], "2 p r"),
        ([25, 33, 29], "not percent"),
        ([0.75, 1, 6 / 7], "coincide"),
        ([0.25, 0.33], "3 numbers"),
    ],
)
def test_wrong_measures(answer: Any, words: str) -> None:
    refused(check.ch10_measures(answer), words)


def test_pick_up() -> None:
    assert check.ch10_pick_up([7 / 6, 19 / 6])
    assert check.ch10_pick_up([1.17, 3.17])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([0.5, 2.5], "three, not one"),
        ([7 / 6, 7 / 6 + 8 / 3], "three beats in a bar"),
        ([2 / 3, 8 / 3], "at 0.5 s"),
        ([7 / 6, 11 / 6], "next downbeat"),
        ([2.0, 6.5], "90 / 60"),
        ([1.0, 2.0], "Count"),
        ([1.0], "2 numbers"),
    ],
)
def test_wrong_pick_ups(answer: Any, words: str) -> None:
    refused(check.ch10_pick_up(answer), words)


def phase_means(strength: np.ndarray, period: int) -> int:
    return int(np.argmax([strength[p::period].mean() for p in range(period)]))


def test_phase() -> None:
    assert check.ch10_phase(phase_means)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda s, p: s.argmax(), "loudest frame"),
        (lambda s, p: s.argmax() % p, "One loud accent"),
        (lambda s, p: phase_means(s, p) + p, "not the first"),
        (lambda s, p: phase_means(s, p) / FPS, "seconds"),
        (lambda s, p: (phase_means(s, p) + p // 2) % p, "off-beat"),
        (lambda s, p: 2, "mean of strength"),
        (lambda s, p: None, "return"),
        (3, "the function itself"),
    ],
)
def test_wrong_phases(function: Any, words: str) -> None:
    refused(check.ch10_phase(function), words)


def over_four(beats: np.ndarray) -> np.ndarray:
    return 240 / (beats[4:] - beats[:-4])


def test_tempo_curve() -> None:
    assert check.ch10_tempo_curve(over_four)
    assert check.ch10_tempo_curve(lambda b: (240 / (b[4:] - b[:-4])).tolist())


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda b: 60 / np.diff(b), "single intervals"),
        (lambda b: 180 / (b[3:] - b[:-3]), "five ends"),
        (lambda b: over_four(b)[:3], "from beat k"),
        (lambda b: over_four(b) / 4, "A quarter"),
        (lambda b: 60 / over_four(b), "seconds a beat"),
        (lambda b: over_four(b) / 60, "beats a second"),
        (
            lambda b: np.convolve(60 / np.diff(b), np.ones(4) / 4, mode="valid"),
            "mean of four tempi",
        ),
        (lambda b: over_four(b)[::-1], "reversed"),
        (lambda b: over_four(b) + 1, "in a minute"),
    ],
)
def test_wrong_tempo_curves(function: Any, words: str) -> None:
    refused(check.ch10_tempo_curve(function), words)


def hidden_beats(y: np.ndarray, sr: int) -> np.ndarray:
    """The true beats of the hidden piece with these samples."""
    from mirlab.check.ch10 import _hidden_pieces

    return next(beats for audio, beats in _hidden_pieces() if audio.samples == y.size)


def dynamic_programming(y: np.ndarray, sr: int) -> np.ndarray:
    return rhythm.track_beats((y, sr), model="dynamic-programming").intervals[:, 0]


def test_tracker() -> None:
    assert check.ch10_tracker(hidden_beats)
    assert check.ch10_tracker(lambda y, sr: hidden_beats(y, sr) + 0.03)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (dynamic_programming, "several tempi"),
        (lambda y, sr: np.arange(0, y.size / sr, 0.5), "look at the sound"),
        (lambda y, sr: hidden_beats(y, sr)[::2], "half or twice"),
        (lambda y, sr: hidden_beats(y, sr) * 22050 / 512, "frames or samples"),
        (lambda y, sr: rhythm.track_beats((y, sr)), "Return the times"),
        (lambda y, sr: [], "look at the sound"),
        (lambda y, sr: None, "return"),
    ],
)
def test_wrong_trackers(function: Any, words: str) -> None:
    refused(check.ch10_tracker(function), words)
