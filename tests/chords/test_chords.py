"""Chords and key: on sounds whose harmony is known, and against librosa."""

import librosa
import numpy as np
import pytest

from mirlab.chords import (
    MIN_KEY_CONFIDENCE,
    chroma,
    constant_q,
    estimate_key,
    key_confidence,
    pitch_class_profile,
    recognize_chords,
)
from mirlab.chords.tuning import estimate_tuning, spectral_peaks
from mirlab.composer import compose
from mirlab.core import Audio, MirlabError, Notes, Segments

CHORDS = {
    "C:maj": (48, 64, 67),
    "A:min": (45, 60, 64),
    "F:maj": (53, 57, 60),
    "G:maj": (43, 59, 62),
}


def progression(names, seconds=2.0, cents=0):
    """Successive triads by the additive synthesizer, and a second of silence at the end."""
    onset = [i * seconds for i, name in enumerate(names) for _ in CHORDS[name]]
    pitch = [p for name in names for p in CHORDS[name]]
    notes = Notes(onset, np.array(onset) + seconds - 0.05, pitch)
    sound = notes.render(synth="additive")
    y, sr = sound
    y = np.r_[y, np.zeros(sr)]
    if cents:  # played faster, it sounds higher
        y = librosa.resample(y, orig_sr=sr * 2 ** (cents / 1200), target_sr=sr)
    return Audio(y, sr)


def test_a_progression_is_recognised():
    names = ["C:maj", "A:min", "F:maj", "G:maj", "C:maj"]
    found = recognize_chords(progression(names))
    middle = [i * 2 + 1 for i in range(5)]
    assert found.at([*middle, 10.9]) == [*names, "N"]
    changes = found.intervals[1:5, 0]
    np.testing.assert_allclose(changes, [2, 4, 6, 8], atol=0.15)
    assert found.intervals[0, 0] == 0
    np.testing.assert_array_equal(found.intervals[1:, 0], found.intervals[:-1, 1])


@pytest.mark.parametrize("cents", [-40, 30])
def test_a_detuned_piece_keeps_its_chords(cents):
    sound = progression(["C:maj", "A:min", "F:maj"], cents=cents)
    assert constant_q(sound).tuning * 100 == pytest.approx(cents, abs=6)
    assert recognize_chords(sound).at([1, 3, 5]) == ["C:maj", "A:min", "F:maj"]


def drum_groove(seed, synth):
    notes = compose(seed, style="pop", duration=10).notes
    return notes[notes.is_drum].render(synth=synth)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [300, 301, 302])
@pytest.mark.parametrize("synth", ["additive", None])
def test_drums_have_no_key(seed, synth):
    drums = drum_groove(seed, synth)
    assert estimate_key(drums) is None
    assert key_confidence(constant_q(drums)) < MIN_KEY_CONFIDENCE


def test_noise_and_clicks_have_no_key_and_a_melody_has():
    rng = np.random.default_rng(0)
    clicks = np.zeros(5 * 22050)
    clicks[::11025] = 1
    for y in (0.1 * rng.standard_normal(5 * 22050), clicks):
        assert estimate_key((y, 22050)) is None
    t = np.arange(11025) / 22050
    scale = [np.sin(2 * np.pi * 440 * 2 ** (p / 12) * t) for p in (3, 5, 7, 8, 10, 12, 14, 15)]
    melody = np.concatenate(scale) * np.tile(np.hanning(t.size), 8)
    assert estimate_key((melody, 22050)) in (
        "C major",
        "C minor",
    )  # the weak point is the mode, not the tonic
    assert key_confidence(constant_q(Audio(melody, 22050))) > 0.9
    later = np.r_[melody, 0.01 * rng.standard_normal(5 * 22050)]
    assert estimate_key((later, 22050)) is not None


@pytest.mark.slow
def test_a_song_with_drums_has_its_key():
    piece = compose(300, style="pop", duration=15)
    assert estimate_key(piece.notes.render(synth="additive")) is not None


def test_the_key_of_a_cadence():
    assert estimate_key(progression(["C:maj", "F:maj", "G:maj", "C:maj"])) == "C major"
    assert estimate_key(Audio(np.zeros(22050), 22050)) is None


def test_the_pitch_class_profile_weights_chords_by_duration():
    profile = pitch_class_profile(Segments([[0, 2], [2, 3], [3, 9]], ["C:maj", "A:min", "N"]))
    assert profile.tolist() == [5, 0, 0, 0, 3, 0, 0, 2, 0, 2, 0, 0]


def test_chroma_of_a_sine_is_its_pitch_class():
    t = np.arange(3 * 22050) / 22050
    bands = chroma(constant_q(Audio(0.4 * np.sin(2 * np.pi * 440 * t), 22050)))
    middle = bands[:, 10:-10]
    assert np.all(middle.argmax(axis=0) == 9)
    np.testing.assert_allclose(np.linalg.norm(middle, axis=0), 1, atol=1e-6)


@pytest.mark.parametrize("samples", [30 * 22050, 220 * 1024])
def test_the_constant_q_transform_is_close_to_librosas(samples):
    y = 0.1 * np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    ours = constant_q(Audio(y, 22050))
    fmin = 32.70319566257483 * 2 ** ((ours.tuning - 1 / 3) / 12)
    whole = np.abs(
        librosa.cqt(
            y, sr=22050, hop_length=1024, fmin=fmin, n_bins=252, bins_per_octave=36, tuning=0
        )
    )
    assert ours.magnitude.shape == whole.shape
    error = np.linalg.norm(ours.magnitude - whole) / np.linalg.norm(whole)
    assert error < 0.02  # librosa drops small values of its filters


@pytest.mark.parametrize("cents", [-37, 0, 20])
def test_the_tuning_equals_librosas(cents):
    rng = np.random.default_rng(cents + 50)
    t = np.arange(4 * 22050) / 22050
    pitches = rng.integers(45, 80, 6) + cents / 100
    y = sum(
        np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * k * t) / k for p in pitches for k in (1, 2)
    )
    y = y + 0.01 * rng.standard_normal(t.size)
    hz, heights = librosa.piptrack(y=y, sr=22050, n_fft=2048)
    strong = hz[(hz > 0) & (heights >= np.median(heights[hz > 0]))]
    assert estimate_tuning(y, 22050) == pytest.approx(
        librosa.pitch_tuning(strong, resolution=0.01), abs=0.01
    )
    found, tops = spectral_peaks(np.abs(librosa.stft(y)), sr=22050)
    np.testing.assert_allclose(np.sort(found), np.sort(hz[hz > 0]), rtol=1e-6)
    np.testing.assert_allclose(np.sort(tops), np.sort(heights[hz > 0]), rtol=1e-6)


def test_silence_is_in_tune():
    assert estimate_tuning(np.zeros(22050), 22050) == 0


@pytest.mark.parametrize("samples", [441, 1102, 22050])
def test_short_and_silent_sounds_have_no_chord(samples):
    found = recognize_chords(Audio(np.zeros(samples), 22050))
    assert found.labels == ("N",) and found.intervals[0, 1] == pytest.approx(samples / 22050)


@pytest.mark.parametrize("level", [0.0, 1e-4])
def test_no_chord_before_the_music_begins(level):
    """Windows of a second in the bass respond early, and noise has no chord."""
    rng = np.random.default_rng(0)
    t = np.arange(3 * 22050) / 22050
    triad = sum(np.sin(2 * np.pi * hz * t) for hz in (65.41, 130.81, 164.81, 196.0)) / 4
    y = np.concatenate([np.zeros(22050), triad]) + level * rng.standard_normal(4 * 22050)
    chords = recognize_chords((y, 22050), progress=False)
    assert chords.labels == ("N", "C:maj")
    assert chords.intervals[1, 0] == pytest.approx(1, abs=0.06)


def test_an_unknown_model_is_refused():
    with pytest.raises(MirlabError, match="available: 'chords/templates'"):
        recognize_chords(Audio(np.zeros(100), 22050), model="magic")
