"""The Listening desk's benchmark: it counts what it says, and its result keeps the bar."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.results import FOLDER
from benchmarks.widgets import frame_drops


def test_the_committed_result_drops_at_most_one_frame_in_a_hundred() -> None:
    means = json.loads((FOLDER / "widgets/frame_drops.json").read_text("utf-8"))["means"]
    for name in ("plain", "half"):
        assert means[name]["mirlab"]["dropped"][0] <= 0.01 * 60 * frame_drops.WATCHED


def test_dropped_frames_are_counted_by_their_gaps() -> None:
    frame = 1000 / 60
    times = np.array([frame, 1.4 * frame, 2 * frame, 4 * frame, frame])
    found = frame_drops.smoothness(times)
    assert found["dropped"] == 1 + 3
    assert found["max_ms"] == pytest.approx(4 * frame)


def test_the_song_lasts_as_long_as_it_says() -> None:
    song = frame_drops.song(20)
    assert song.audio.duration == 20
    assert song.notes.duration <= 20
    assert song.beats.intervals[-1, 1] == 20
