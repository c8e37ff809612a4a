"""The benchmark of rendering: both methods make finished items, and rates count finished sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.synthesis import throughput
from mirlab.core import Notes
from mirlab.synthesis import SyntheticMusic
from mirlab.synthesis.studio import Room

SAMPLES = round(throughput.SECONDS * throughput.SR)


@pytest.fixture
def response() -> np.ndarray:
    return Room().response(throughput.SR, seed=0)


def test_the_simple_method_renders_the_files_of_the_same_piece(tmp_path: Path) -> None:
    for task in throughput.TASKS:
        music = SyntheticMusic(task, duration=throughput.SECONDS, fonts={}, synths=1)
        paths = throughput.midi_files(music, 3, tmp_path)
        piece = music.piece(3)
        assert len(paths) == (1 if task == "notes" else len(piece.parts))
        found = np.concatenate([Notes.from_midi(path).onset for path in paths])
        np.testing.assert_allclose(np.sort(found), np.sort(piece.notes.onset), atol=2e-3)


@pytest.mark.slow
def test_the_simple_method_finishes_its_items(
    require_fluidsynth: None, tmp_path: Path, response: np.ndarray
) -> None:
    path = Notes([0.0, 1.0], [0.9, 1.9], [60, 64]).save(tmp_path / "two.mid")
    stems, roll = throughput.plain_item([path], response, stretch=False)
    assert [stem.shape for stem in stems] == [(SAMPLES,)]
    assert set(roll.nonzero()[0]) == {60, 64}
    both, mixture = throughput.plain_item([path, path], response)
    assert len(both) == 2
    np.testing.assert_allclose(mixture, both[0] + both[1])
    assert abs(both[0].size / SAMPLES - 1) < 0.12  # stretched by at most a tenth


def test_a_rate_counts_seconds_of_finished_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 12.5])
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: next(times))
    music = SyntheticMusic("single_notes", duration=0.5, fonts={}, synths=1)
    rate = throughput.supply_rate(music, range(5), n_jobs=1)
    assert rate == pytest.approx(5 * throughput.SECONDS / 2.5)
