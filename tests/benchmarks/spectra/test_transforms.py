"""The benchmark of spectra: its sounds and its onset detector."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.spectra import repetitions, transforms
from mirlab.spectra import CQT, STFT


def test_the_piece_is_repeated_to_length() -> None:
    y = transforms.band(70)
    assert y.shape == (70 * 22050,) and y.dtype == np.float32
    assert np.abs(y).max() > 0.1


def test_the_definition_finds_a_sine_in_its_bin() -> None:
    grid = {"fmin": 220.0, "n_bins": 25, "bins_per_octave": 12, "hop_length": 256}
    y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    truth = transforms.definition(y, np.array([40]), **grid)
    assert int(np.abs(truth).argmax()) == 12
    ours = CQT(**grid)(y)[:, [40]].numpy()
    assert np.linalg.norm(ours - truth) < 1e-3 * np.linalg.norm(truth)


@pytest.mark.parametrize("pedal", [False, True])
def test_four_notes_per_second_are_found_at_their_times(
    pedal: bool, require_fluidsynth: None
) -> None:
    truth, audio = repetitions.repeated(4, 60, pedal=pedal)
    np.testing.assert_allclose(truth, 0.5 + np.arange(16) / 4)
    curve = repetitions.onset_curve(STFT(hop_length=repetitions.HOP), audio)
    found = repetitions.peaks(curve, 0.2) * repetitions.HOP / repetitions.SR
    assert found.shape == truth.shape
    assert np.abs(found - truth).max() < 0.03


def test_a_new_process_returns_its_number() -> None:
    assert transforms.run_python("import sys; print(float(sys.argv[1]) / 2)", "5") == 2.5
