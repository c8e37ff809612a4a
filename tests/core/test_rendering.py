"""Notes into sound: pitch, level and length are what was asked for."""

import numpy as np
import pytest

from mirlab.core import MissingPartError, Notes, NotesError, TempoMap, rendering


def strongest_hz(y, sr):
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size), 8 * y.size))
    return spectrum.argmax() * sr / (8 * y.size)


@pytest.fixture(params=["additive", "fluidsynth"])
def synth(request):
    if request.param == "fluidsynth":
        request.getfixturevalue("require_fluidsynth")
    return request.param


@pytest.mark.parametrize("pitch", [57, 69, 81])
def test_pitch_level_and_length(synth, pitch):
    notes = Notes([0.5], [1.5], [pitch], tempo_map=TempoMap([0, 60], [120, 90]))
    y, sr = notes.render(sr=22050, synth=synth)
    assert np.abs(y).max() == pytest.approx(0.5, abs=1e-3)
    assert 1.5 <= y.size / sr <= 2.6  # however late the last change of tempo
    assert np.abs(y[: int(0.48 * sr)]).max() < 1e-3
    cents = 1200 * np.log2(strongest_hz(y[int(0.6 * sr) : int(1.4 * sr)], sr) / notes.hz[0])
    assert abs(cents) < 10 or abs(cents - 1200) < 10  # some pianos sing the octave loudest


def test_loud_notes_are_louder(synth):
    y, sr = Notes([0, 1], [0.8, 1.8], [69, 69], [120, 40]).render(synth=synth)
    loud, soft = (np.sqrt(np.mean(y[a : a + sr // 2] ** 2)) for a in (0, sr))
    assert loud > 1.5 * soft


def test_drums_are_heard(synth):
    y, sr = Notes([0.2], [0.4], [38], is_drum=True).render(synth=synth)
    assert np.abs(y[int(0.2 * sr) : int(0.3 * sr)]).max() > 0.1


def test_the_additive_synth_does_not_alias():
    """A high note at a low rate: all energy lies at harmonics below half the rate."""
    y, sr = Notes([0], [1], [100]).render(sr=16000, synth="additive")
    power = np.abs(np.fft.rfft(y[:sr] * np.hanning(sr))) ** 2
    f0 = 440 * 2 ** (31 / 12)
    near = np.zeros(power.size, bool)
    for k in (1, 2, 3):
        near[int(k * f0) - 30 : int(k * f0) + 31] = True
    assert power[~near].sum() / power.sum() < 1e-4


def test_bad_requests():
    with pytest.raises(NotesError, match="no note"):
        Notes.empty().render()
    with pytest.raises(NotesError, match="'fluidsynth' or 'additive'"):
        Notes([0], [1], [60]).render(synth="moog")


def test_without_fluidsynth_the_additive_synth_plays(monkeypatch):
    monkeypatch.setattr(rendering, "has_fluidsynth", lambda: False)
    notes = Notes([0], [0.3], [60])
    np.testing.assert_array_equal(notes.render().y, notes.render(synth="additive").y)
    with pytest.raises(MissingPartError, match="libfluidsynth3"):
        notes.render(synth="fluidsynth")
