"""The benchmark of chord templates: pitch classes and decision rule, on known chords."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.spectra import chroma
from mirlab import dsp

COARSE = ("Mel", "Gammatone")  # rows wider than a semitone


def triad(*hz: float) -> np.ndarray:
    """Three harmonic tones for 3 s, shape (samples,)."""
    tones = [dsp.harmonic_tone(f, [1, 0.4, 0.2], duration=3.0) for f in hz]
    return np.sum(tones, axis=0) / 10


@torch.no_grad()
@pytest.mark.parametrize("row", [row for row in chroma.folds() if row not in COARSE])
def test_every_fine_spectrogram_finds_two_chords(row: str) -> None:
    y = np.concatenate([triad(261.63, 329.63, 392.0), triad(220.0, 261.63, 329.63)])
    fold = chroma.folds()[row]
    classes = fold(torch.from_numpy(y.astype(np.float32)))
    chords = chroma.chords_of(classes, 6.0)
    assert chords.at([1.0, 5.0]) == ["C:maj", "A:min"]
    assert chords.intervals[0, 0] == 0 and chords.intervals[-1, 1] == 6


def test_silence_has_no_chord() -> None:
    classes = torch.zeros(12, 200)
    classes[[0, 4, 7], :100] = 1.0
    chords = chroma.chords_of(classes, 200 * chroma.HOP / 22050)
    assert chords.labels == ("C:maj", "N")
    nothing = chroma.chords_of(torch.zeros(12, 50), 2.0)
    assert nothing.labels == ("N",)


def test_the_examples_have_chords_and_keys() -> None:
    pieces = chroma.shipped_pieces()
    assert {piece.name for piece in pieces} >= {"chorale", "piano", "song"}
    assert all(chroma.tonic(piece.key) for piece in pieces)
