"""Properties of the development recordings; skipped without them."""

from __future__ import annotations

import os

import numpy as np
import pytest

from benchmarks.recordings import beat_recordings, chord_recordings, data_folder, note_recordings
from benchmarks.spectra import chroma, vibrato
from benchmarks.transcription import real_recordings
from mirlab.core.audio import Audio
from mirlab.transcription import transcribe

pytestmark = pytest.mark.skipif(
    not os.environ.get("MIRLAB_DATA"),
    reason="needs MIRLAB_DATA, the folder of the development recordings",
)


def test_every_set_is_read_completely() -> None:
    found = note_recordings(data_folder())
    counts = {name: sum(r.set == name for r in found) for name in {r.set for r in found}}
    assert counts == {
        "piano_maps_disklavier": 16,
        "piano_smd_chopin": 1,
        "violin_bach": 1,
        "voice_vocadito": 1,
        "stems_urmp": 1,
    }
    assert {len(r.notes) for r in found if r.set == "piano_smd_chopin"} == {599}
    assert len(chord_recordings(data_folder())) == 11
    beats = beat_recordings(data_folder())
    assert len(beats) == 16
    assert [r.name for r in beats if r.bars is None] == ["Faure_Op015-01-sec0-12_SMD126"]


def test_labels_and_sound_have_the_same_length() -> None:
    """A misread column (duration for end, ticks for seconds) would exceed the sound."""
    import soundfile

    folder = data_folder()
    lengths = [(r.audio, r.notes.duration) for r in note_recordings(folder)]
    lengths += [(r.audio, r.chords.intervals[-1, 1]) for r in chord_recordings(folder)]
    lengths += [(r.audio, r.beats[-1]) for r in beat_recordings(folder)]
    for path, end in lengths:
        assert 0.8 < end / soundfile.info(path).duration < 1.03, path.name


def test_the_sung_pitch_has_as_many_frames_as_the_sound() -> None:
    voice = vibrato.recorded_voice(data_folder())
    assert voice.hz.size == 1 + voice.y.size // vibrato.HOP
    sung = voice.hz[voice.hz > 0]
    assert 0.3 < sung.size / voice.hz.size < 0.9
    assert 80 < sung.min() < sung.max() < 1000  # where the benchmark looks


def test_every_recording_with_chords_is_cut_to_a_minute() -> None:
    found = chroma.recordings(data_folder())
    assert len(found) == 11
    for piece in found:
        assert piece.audio.duration <= 60
        assert piece.chords.intervals[-1, 1] <= piece.audio.duration + 0.01
        assert chroma.tonic(piece.key)


def test_steady_songs_have_the_tempo_of_their_labels() -> None:
    pop = {r.name: r.beats for r in beat_recordings(data_folder()) if r.set.startswith("stems")}
    tempi = {name: round(60 / float(np.median(np.diff(beats)))) for name, beats in pop.items()}
    assert tempi == {"Lithium": 124, "Potassium": 90, "Caesium": 130}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "onset", "onset_offset", "frame"),
    [("violin_bach", 0.906, 0.186, 0.598), ("voice_vocadito", 0.450, 0.248, 0.738)],
)
def test_basic_pitch_scores_as_its_own_package(
    name: str, onset: float, onset_offset: float, frame: float
) -> None:
    """The expected figures were measured with the basic-pitch package and its defaults."""
    recording = next(r for r in note_recordings(data_folder()) if r.set == name)
    found = transcribe(Audio.load(recording.audio), model="basic-pitch")
    values = real_recordings.score(recording, "mirlab", found).values
    assert values["onset_f"] == pytest.approx(onset, abs=0.01)
    assert values["onset_offset_f"] == pytest.approx(onset_offset, abs=0.01)
    assert values["frame_f"] == pytest.approx(frame, abs=0.01)
