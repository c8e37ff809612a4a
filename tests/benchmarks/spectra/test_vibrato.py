"""The benchmark of sung pitch: its voices, its rule and its measures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.spectra import repetitions, vibrato
from mirlab.spectra import STFT

VOICE = vibrato.sung("test", 247, 5, 50, vowel="a")


def test_a_synthetic_voice_has_the_given_vibrato() -> None:
    scored = VOICE.hz[VOICE.hz > 0]
    cents = 1200 * np.log2(scored / 247)
    assert np.abs(cents).max() == pytest.approx(50, abs=0.5)
    turns = np.count_nonzero(np.diff(np.sign(cents))) / 2
    assert turns == pytest.approx(5 * 1.4, abs=0.5)
    assert VOICE.hz.size == 1 + VOICE.y.size // vibrato.HOP


def test_the_true_pitch_has_all_of_the_vibrato_and_a_constant_none() -> None:
    assert vibrato.sway(VOICE.hz, VOICE.hz + (VOICE.hz == 0)) == pytest.approx(1)
    assert vibrato.sway(VOICE.hz, np.full(VOICE.hz.size, 247.0)) == pytest.approx(0, abs=1e-9)
    half = 247 * (np.where(VOICE.hz > 0, VOICE.hz, 247) / 247) ** 0.5
    assert vibrato.sway(VOICE.hz, half) == pytest.approx(0.5)
    assert vibrato.sway(VOICE.hz, np.full(VOICE.hz.size, 494.0)) is None


def test_an_octave_error_is_right_in_chroma_only() -> None:
    values = vibrato.score(VOICE, "", 2 * VOICE.hz + (VOICE.hz == 0)).values
    assert values["cents"] == pytest.approx(1200)
    assert (values["rpa"], values["rca"]) == (0, 1)


def test_the_bank_interpolates_the_spectrogram_at_the_partials() -> None:
    stft = STFT(hop_length=vibrato.HOP)
    bank = vibrato.partial_bank(stft)
    hz = stft.frequencies[stft.frequencies < vibrato.TOP].numpy()
    smooth = np.sin(hz / 200)  # smooth enough for a spline
    pitches = vibrato.FMIN * 2 ** (np.arange(bank.shape[1]) * vibrato.STEP / 1200)
    for k in (1, 3):
        np.testing.assert_allclose(bank[k - 1] @ smooth, np.sin(k * pitches / 200), atol=1e-3)
    outside = 12 * pitches > hz[-1]
    assert not bank[11][outside].any()


@torch.no_grad()
def test_the_rule_finds_a_steady_pitch_within_a_few_cents() -> None:
    voice = vibrato.sung("test", 250, 5, 0, vowel="a")
    stft = STFT(hop_length=vibrato.HOP)
    weights = vibrato.salience_weights(vibrato.partial_bank(stft), (8, 0.85))
    found = vibrato.highest(weights @ vibrato.level(stft, voice.y))
    assert np.abs(vibrato.cents_off(voice.hz, found)[voice.hz > 0]).max() < 5


def test_voices_for_choosing_the_rule_are_not_scored() -> None:
    assert not set(repetitions.PITCHES) & set(repetitions.OTHER_PITCHES)
    pairs = np.divide.outer(vibrato.FUNDAMENTALS, vibrato.OTHER_FUNDAMENTALS)
    assert np.abs(1200 * np.log2(pairs)).min() > 100  # further apart than the extent of the vibrato
