"""Baselines and upper bounds are what they claim to be."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.analysis import cost
from benchmarks.chords import real_recordings as chords
from benchmarks.recordings import NoteRecording
from benchmarks.rhythm import real_recordings as beats
from benchmarks.transcription import real_recordings as notes
from mirlab.core.errors import MirlabError
from mirlab.core.notes import Notes
from mirlab.core.segments import Segments
from mirlab.evaluation import beat_scores, chord_scores, note_scores


def test_ideal_posteriors_are_decoded_to_the_long_notes() -> None:
    truth = Notes(np.arange(10) * 0.5 + 0.2, np.arange(10) * 0.5 + 0.6, 60 + 2 * np.arange(10))
    found = notes.on_frames(truth, 6.0)
    assert found.pitch.tolist() == truth.pitch.tolist()
    frame = 256 / 22050
    assert np.abs(found.onset - truth.onset).max() < frame
    assert set(note_scores(truth, found).values()) == {1.0}


def test_short_notes_are_lost_unless_they_are_extended() -> None:
    truth = Notes(
        [0.5, 1.0], [0.6, 2.0], [60, 64]
    )  # 100 ms is shorter than the decoder's 11 frames
    assert notes.on_frames(truth, 3.0).pitch.tolist() == [64]
    drawn = notes.on_frames(truth, 3.0, shortest=notes.KEPT)
    assert note_scores(truth, drawn)["onset_f"] == 1.0
    almost = notes.on_frames(truth, 3.0, shortest=notes.KEPT - 1)
    assert almost.pitch.tolist() == [64]


def test_posteriors_are_one_where_notes_sound() -> None:
    truth = Notes([0.5], [1.0], [21])
    onset, note = notes.ideal_posteriors(truth, 2.0)
    assert onset.shape == note.shape == (174, 88)  # 86.6 per second, the first at 0
    assert onset.sum() == 1.0
    assert note[:, 0].sum() == pytest.approx(0.5 * 22050 / 256, abs=1)
    assert np.argmax(note[:, 0]) == np.argmax(onset[:, 0])


def test_pitches_beyond_the_piano_are_omitted() -> None:
    onset, note = notes.ideal_posteriors(Notes([0.5, 0.5], [1.0, 1.0], [20, 109]), 2.0)
    assert not onset.any()
    assert not note.any()


def test_a_recording_is_scored_with_its_own_tolerance() -> None:
    truth = Notes([1.0], [2.0], [60])
    late = Notes([1.08], [2.0], [60])
    strict = NoteRecording("set", "name", Path("x"), truth)
    lenient = NoteRecording("set", "name", Path("x"), truth, onset_tolerance=0.1)
    assert notes.score(strict, "row", late).values["onset_f"] == 0.0
    assert notes.score(lenient, "row", late).values["onset_f"] == 1.0
    assert notes.score(strict, "row", late).values["frame_recall"] == pytest.approx(0.92)


@pytest.mark.parametrize(
    ("label", "reduced"),
    [
        ("C:maj7/3", "C:maj"),
        ("Bb:7", "Bb:maj"),
        ("F#:hdim7", "F#:min"),
        ("A:aug", "A:maj"),
        ("D", "D:maj"),
        ("E:min9", "E:min"),
        ("X", "N"),
    ],
)
def test_chords_are_reduced_by_their_third(label: str, reduced: str) -> None:
    assert chords.triad(label) == reduced


def test_the_chord_upper_bound_loses_at_most_a_frame_per_change() -> None:
    ends = np.cumsum(np.random.default_rng(0).uniform(0.3, 2, 40))
    labels = np.random.default_rng(1).choice(["C:maj", "A:min", "N", "Eb:maj"], 40).tolist()
    truth = Segments(np.column_stack([np.r_[0, ends[:-1]], ends]), labels).merge()
    best = chords.upper_bound(truth)
    loss = 1 - chord_scores(truth, best)["majmin"]
    assert 0 < loss <= len(truth) * chords.HOP_SECONDS / 2 / ends[-1]
    assert set(best.labels) == set(truth.labels)


def test_the_tonic_triad_has_the_mode_of_the_key() -> None:
    assert chords.tonic("Bb major") == "Bb:maj"
    assert chords.tonic("C# minor") == "C#:min"


def test_the_beat_upper_bound_is_at_most_half_a_frame_off() -> None:
    truth = np.cumsum(np.random.default_rng(0).uniform(0.3, 0.8, 100))
    found = beats.on_frames(truth)
    assert np.abs(found - truth).max() <= beats.HOP_SECONDS / 2 + 1e-12
    assert beat_scores(truth, found)["f"] == 1.0
    assert beats.on_frames(np.array([1.0, 1.001])).size == 1


def test_there_is_no_tempo_without_two_beats() -> None:
    assert beats.tempo(np.zeros(0)) == 0.0
    assert beats.tempo(np.array([1.0])) == 0.0
    assert beats.tempo(np.arange(0, 10, 0.4)) == pytest.approx(150)


def test_a_song_is_cut_or_repeated_to_its_length(tmp_path: Path) -> None:
    import soundfile

    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "song.ogg", 0.1 * rng.standard_normal((2 * 22050, 2)), 22050)
    for seconds in (1, 7):
        target = tmp_path / f"{seconds}.mp3"
        cost.stretch(tmp_path / "song.ogg", target, seconds)
        written = soundfile.info(target)
        assert written.duration == pytest.approx(seconds, abs=0.1)
        assert written.channels == 2


def test_the_resources_of_a_process_are_measured(tmp_path: Path) -> None:
    def used(code: str) -> cost.Usage:
        return cost.fresh_process([sys.executable, "-c", code], tmp_path / "caches")

    small = used("pass")
    large = used("import time; x = bytes(b'x') * 200_000_000; time.sleep(0.5)")
    assert large.seconds >= 0.5
    assert large.cpu_seconds < large.seconds
    assert large.peak - small.peak == pytest.approx(200_000_000, rel=0.1)
    with pytest.raises(MirlabError, match="ZeroDivisionError"):
        used("1 / 0")
