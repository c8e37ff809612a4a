"""The sounds of the click benchmark, and how they are scored."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.rhythm import synthetic_sounds as benchmark
from mirlab.core import Segments


def test_a_click_track_has_its_tempo_and_its_accents() -> None:
    sounds = {sound.name: sound for sound in benchmark.clicks()}
    assert len(sounds) == 31
    assert np.diff(sounds["40 bpm"].beats.intervals[:, 0]) == pytest.approx(1.5)
    assert sounds["90 bpm in 3"].beats.labels[:4] == ("1", "2", "3", "1")
    y = sounds["240 bpm"].audio.y[0]
    for time in sounds["240 bpm"].beats.intervals[:, 0]:
        sample = round(time * benchmark.SR)
        assert np.abs(y[sample : sample + 200]).max() > 0.3
        assert np.abs(y[sample - 200 : sample]).max() < 0.01


def test_the_true_beats_score_everything() -> None:
    for sound in (*benchmark.clicks(), *benchmark.without_beats()):
        scores = benchmark.score(sound, sound.beats)
        assert scores.pop("offset_ms", 0.0) == pytest.approx(0)
        assert scores.pop("octave_error", 0.0) == 0.0
        assert set(scores.values()) == {1.0}


def test_half_the_tempo_is_another_level() -> None:
    sound = next(sound for sound in benchmark.clicks() if sound.name == "120 bpm")
    scores = benchmark.score(sound, sound.beats.intervals[::2, 0])
    assert (scores["level"], scores["octave_error"]) == (0.0, 1.0)
    assert "meter" not in scores


def test_any_beat_is_wrong_where_there_is_none() -> None:
    sound = benchmark.without_beats()[1]
    assert benchmark.score(sound, np.array([1.0])) == {"no_beats": 0.0}
    assert benchmark.score(sound, Segments([], [])) == {"no_beats": 1.0}
