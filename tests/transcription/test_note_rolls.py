"""Note rolls and their decoder: the targets decode to the notes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import Notes
from mirlab.synthesis import note_rolls
from mirlab.transcription import Rolls, notes_from_peaks
from mirlab.transcription.training import note_loss

HOP = 0.01


@st.composite
def melodies(draw):
    """Notes of a few pitches, each at least 130 ms from onset to onset and 50 ms long."""
    onset, offset, pitch = [], [], []
    for row in draw(st.lists(st.integers(21, 108), min_size=1, max_size=4, unique=True)):
        time = draw(st.floats(0.1, 0.5))
        for _ in range(draw(st.integers(1, 6))):
            length, rest = draw(st.floats(0.08, 0.4)), draw(st.floats(0.05, 0.3))
            onset.append(time)
            offset.append(time + length)
            pitch.append(row)
            time += length + rest
    return Notes(onset, offset, pitch, draw(st.integers(1, 127)))


@settings(deadline=None, max_examples=60)
@given(melodies())
def test_the_targets_decode_to_the_notes(notes):
    """Onsets between frames are decoded to a fraction of a frame."""
    rolls = note_rolls(notes, frames=600, hop_length=1, sr=100)
    found = notes_from_peaks(Rolls(*rolls), hop_length=1, sr=100)
    order = np.lexsort((notes.onset, notes.pitch))
    again = np.lexsort((found.onset, found.pitch))
    np.testing.assert_array_equal(found.pitch[again], notes.pitch[order])
    np.testing.assert_allclose(found.onset[again], notes.onset[order], atol=1e-3)
    np.testing.assert_allclose(found.offset[again], notes.offset[order], atol=2 * HOP)
    np.testing.assert_array_equal(found.velocity[again], notes.velocity[order])


@pytest.mark.parametrize("rate", [2, 8, 12, 16])
def test_repeated_notes_stay_apart(rate):
    onset = 0.2 + np.arange(2 * rate) / rate
    notes = Notes(onset, onset + 0.8 / rate, np.full(onset.size, 72))
    rolls = note_rolls(notes, frames=300, hop_length=1, sr=100)
    found = notes_from_peaks(Rolls(*rolls), hop_length=1, sr=100)
    np.testing.assert_allclose(found.onset, onset, atol=3e-3)


def test_the_loss_is_lowest_for_the_true_posteriors():
    rolls = torch.from_numpy(
        note_rolls(Notes([0.2], [0.5], [60], 80), frames=100, hop_length=1, sr=100)
    )[None]
    right = torch.logit(rolls.clamp(1e-4, 1 - 1e-4))
    best = note_loss(right, rolls)
    for head in range(4):
        wrong = right.clone()
        wrong[:, head, 39] = -wrong[:, head, 39]
        assert note_loss(wrong, rolls) > best + 0.01
