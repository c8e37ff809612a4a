"""Bends: glides and vibrato are found within cents; steady notes and chords have none."""

import numpy as np
import pytest

import mirlab
from mirlab.core import Audio, Notes
from mirlab.core.constants import SAMPLE_RATE
from mirlab.transcription.detector import MARGIN, WINDOW, NoteDetector

T = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE


def played(semitones: np.ndarray) -> Audio:
    """A note of six partials on A4 with a given bend at each sample."""
    phase = 2 * np.pi * np.cumsum(440 * 2 ** (semitones / 12)) / SAMPLE_RATE
    y = sum(np.sin(k * phase) / k for k in range(1, 7)) * np.minimum(1, np.minimum(T, T[::-1]) * 50)
    return Audio(0.2 * np.r_[np.zeros(SAMPLE_RATE // 2), y], SAMPLE_RATE)


def bend_of(audio: Audio) -> np.ndarray:
    """The bend curve of the longest detected note."""
    found = mirlab.transcribe(audio, model="mirlab-notes-tiny")
    assert found.bends is not None
    return found.bends[int(np.argmax(found.offset - found.onset))]


@pytest.mark.slow
def test_a_glide_is_tracked():
    true = np.clip((T - 1) * 0.3, 0, 0.4)  # four tenths of a semitone up
    times, found = bend_of(played(true)).T
    inside = (times > 0.8) & (times < 3.2)
    error = found[inside] - np.interp(times[inside] - 0.5, T, true)
    assert np.abs(error).max() < 0.1


@pytest.mark.slow
def test_vibrato_is_tracked():
    true = 0.35 * np.sin(2 * np.pi * 5 * T)
    times, found = bend_of(played(true)).T
    inside = (times > 0.8) & (times < 3.2)
    error = found[inside] - np.interp(times[inside] - 0.5, T, true)
    assert np.sqrt(np.mean(error**2)) < 0.12


def test_a_steady_note_is_not_bent():
    found = mirlab.transcribe(played(np.zeros(T.size)), model="mirlab-notes-tiny")
    assert 69 in found.pitch
    assert found.bends is None or all(len(curve) == 0 for curve in found.bends)


def test_a_chord_is_not_bent():
    chord = Notes([0.5] * 3, [2.0] * 3, [60, 64, 67]).render(synth="additive")
    found = mirlab.transcribe(chord, model="mirlab-notes-tiny")
    assert len(found) >= 3
    assert found.bends is None or all(len(curve) == 0 for curve in found.bends)


@pytest.mark.slow
def test_notes_of_every_piece_of_a_long_sound_have_their_own_curve():
    seconds = (2 * WINDOW + MARGIN) / SAMPLE_RATE
    onset = np.arange(0.5, seconds - 1, 1.5)
    bend = [np.column_stack([a + np.arange(0, 1, 0.02), np.linspace(0, 0.6, 50)]) for a in onset]
    notes = Notes(onset, onset + 1.0, np.full(onset.size, 69), bends=bend)
    model = mirlab.load_model("transcription/mirlab-notes-tiny")
    assert isinstance(model, NoteDetector)
    found = model.transcribe(notes.render(synth="additive"))
    assert found.bends is not None
    bent = [
        c for c, length in zip(found.bends, found.offset - found.onset, strict=True) if length > 0.5
    ]
    assert len(bent) >= 0.8 * onset.size
    for curve in bent:
        if len(curve):
            assert curve[-1, 1] > 0.25 and np.abs(curve[:, 1]).max() < 1.2
