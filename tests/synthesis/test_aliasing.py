"""No aliasing: below 16 kHz at 44.1 kHz everything but the partials is under -60 dB."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import get_window

from mirlab.core import Audio
from mirlab.synthesis import (
    FM,
    Additive,
    Breath,
    Held,
    NoteBatch,
    Operator,
    Sampler,
    Subtractive,
    Wavetable,
    powers,
    random_patch,
)

SR = 44100
STEADY = Held(attack=0.01, decay=0.01, sustain=1.0, release=0.02)
HZ = np.array([55.3, 110.7, 440.2, 881.1, 1234.5, 1567.8, 1999.3, 2000.0])
SAW = Subtractive(cutoff=50, sweep=0, envelope=STEADY, filter_envelope=STEADY)
BRIGHT = {
    "sawtooth": SAW,
    "square": replace(SAW, wave="square"),
    "triangle": replace(SAW, wave="triangle"),
    "resonant": replace(SAW, cutoff=3, sweep=2, q=8),
    "additive": Additive(powers(200, 0.3), envelope=STEADY),
    "wavetable": Wavetable((powers(512, 0.0),), envelope=STEADY),
    "breath": Breath(slope=0.3, noise=0, envelope=STEADY),
}


def strongest_stranger(source, hz: np.ndarray) -> float:
    """Strongest component below 16 kHz other than partials, relative to the strongest, in dB."""
    y = source(NoteBatch(hz, duration=1.05, velocity=127, sr=SR)).numpy()[:, 1000 : 1000 + SR]
    magnitude = np.abs(np.fft.rfft(y * get_window("blackmanharris", SR)))  # bins of 1 Hz
    bins = np.arange(magnitude.shape[1])
    from_partial = np.abs((bins / hz[:, None] + 0.5) % 1 - 0.5) * hz[:, None]  # Hz
    strange = (from_partial > 8) & (bins < 16000)
    worst = (magnitude * strange).max(axis=1) / magnitude.max(axis=1)
    return float(20 * np.log10(worst.max()))


def test_the_measure_detects_a_naive_square() -> None:
    def naive(voices: NoteBatch):
        return (voices.cycles(voices.samples(0.1)) % 1 < 0.5).float() * 2 - 1

    assert strongest_stranger(naive, HZ[-2:]) > -30


@pytest.mark.parametrize("name", BRIGHT)
def test_bright_sources_do_not_alias(name: str) -> None:
    assert strongest_stranger(BRIGHT[name], HZ) < -60


@pytest.mark.parametrize("index", [1.0, 5.0, 32.0])
@pytest.mark.parametrize("ratio", [1.0, 3.0, 14.0])
def test_fm_does_not_alias(index: float, ratio: float) -> None:
    operators = (Operator(envelope=STEADY), Operator(ratio, index, 0, STEADY))
    assert strongest_stranger(FM(operators), HZ) < -60


@pytest.mark.slow
def test_random_fm_does_not_alias() -> None:
    for seed in range(40):
        drawn = random_patch("fm", seed=seed)
        operators = tuple(
            # whole ratios, so that the partials are known
            replace(op, ratio=float(max(1, round(op.ratio))), envelope=STEADY)
            for op in drawn.operators
        )
        assert strongest_stranger(FM(operators), HZ[3:]) < -60, seed


def test_a_recording_that_is_played_higher_does_not_alias() -> None:
    recording = SAW(NoteBatch([220.0], duration=11.0, sr=SR))[0].numpy()
    sampler = Sampler(Audio(recording, SR), 220.0, envelope=STEADY)
    assert strongest_stranger(sampler, HZ) < -60
