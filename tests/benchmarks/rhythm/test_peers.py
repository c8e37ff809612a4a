"""The peers of the beat benchmark, and how its rows are scored."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.recordings import BeatRecording, numbered
from benchmarks.rhythm import peers, real_recordings
from mirlab.core import Audio, MirlabError, Segments

BEATS = np.arange(0.5, 20, 0.5)
BARS = numbered(BEATS, np.arange(BEATS.size) % 2 + 1)
SONG = BeatRecording("set", "song", Path("x"), BEATS, BARS, "C major")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder for madmom's answers."""
    monkeypatch.setattr(peers, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def python_that(path: Path, *lines: str) -> str:
    """An executable in the position of madmom's Python, which runs these lines of shell."""
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    path.chmod(0o755)
    return str(path)


def test_madmoms_answer_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer = json.dumps({"beats": [0.5, 1.0], "bars": [[0.5, 2], [1.0, 1], [1.5, 2]]})
    script = python_that(tmp_path / "python", 'test -s "$2" || exit 1', f"echo '{answer}'")
    monkeypatch.setenv("MIRLAB_MADMOM", script)
    [(beats, bars)] = peers.madmom_beats([Audio(np.zeros(22050), 22050)])
    assert beats.tolist() == [0.5, 1.0]
    assert bars.labels == ("2", "1", "2")
    assert bars.intervals[-1].tolist() == [1.5, 2.0]


def test_madmom_is_asked_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path) -> None:
    line = """echo '{"beats": [2.0], "bars": []}'"""
    monkeypatch.setenv("MIRLAB_MADMOM", python_that(tmp_path / "python", line))
    sounds = [Audio(np.full(22050, level), 22050) for level in (0.1, 0.2)]
    first = peers.madmom_beats(sounds[:1])
    assert len(list(cache.iterdir())) == 1
    second = peers.madmom_beats(sounds)  # the script answers one line: one sound was asked
    assert [beats.tolist() for beats, _ in [*first, *second]] == [[2.0]] * 3
    monkeypatch.setenv("MIRLAB_MADMOM", "none")
    assert len(peers.madmom_beats(sounds)) == 2


def test_without_beats_there_are_no_bars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = python_that(tmp_path / "python", """echo '{"beats": [], "bars": []}'""")
    monkeypatch.setenv("MIRLAB_MADMOM", script)
    [(beats, bars)] = peers.madmom_beats([Audio(np.zeros(22050), 22050)])
    assert beats.size == len(bars) == 0


def test_a_missing_or_failing_madmom_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MIRLAB_MADMOM", str(tmp_path / "none"))
    with pytest.raises(MirlabError, match="make peers"):
        peers.madmom_python()
    script = python_that(tmp_path / "python", "echo first >&2", "echo ImportError >&2", "exit 3")
    monkeypatch.setenv("MIRLAB_MADMOM", script)
    with pytest.raises(MirlabError, match=r"^madmom failed: ImportError$"):
        peers.madmom_beats([Audio(np.zeros(22050), 22050)])


def test_librosa_finds_the_clicks() -> None:
    y = np.zeros(22050 * 10)
    y[11025::11025] = 1
    assert np.median(np.diff(peers.librosa_beats(Audio(y, 22050)))) == pytest.approx(0.5, abs=0.03)


def test_a_row_without_numbers_has_no_score_of_bars() -> None:
    assert "downbeat_f" not in real_recordings.score(SONG, BEATS)
    scores = real_recordings.score(SONG, BARS)
    assert (scores["f"], scores["downbeat_f"], scores["meter"]) == (1.0, 1.0, 1.0)
    assert (scores["tempo_ratio"], scores["octave_error"]) == (1.0, 0.0)
    silence = real_recordings.score(SONG, Segments([], []))
    assert silence.keys() == scores.keys() - {"offset_ms"}
    assert set(silence.values()) == {0.0}


def test_twice_the_tempo_is_an_octave_error_and_late_beats_have_an_offset() -> None:
    doubled = real_recordings.score(SONG, np.arange(0.52, 20, 0.25))
    assert doubled["octave_error"] == 1.0
    assert doubled["offset_ms"] == pytest.approx(20)


def test_where_only_bars_are_labelled_beats_have_no_score() -> None:
    song = BeatRecording("set", "song", Path("x"), BEATS, BARS, None, only_bars=True)
    late = BEATS + np.where(np.arange(BEATS.size) % 2, 0.06, 0.02)  # downbeats 20 ms late
    scores = real_recordings.score(song, numbered(late, np.arange(late.size) % 2 + 1))
    assert "f" not in scores
    assert scores["downbeat_f"] == 1.0
    assert scores["offset_ms"] == pytest.approx(20)


def test_the_upper_bound_keeps_the_numbers() -> None:
    found = real_recordings.upper_bound(SONG)
    assert isinstance(found, Segments)
    assert found.labels == BARS.labels
    assert np.abs(found.intervals[:, 0] - BEATS).max() <= real_recordings.HOP_SECONDS / 2 + 1e-9
