"""Loudness: the table and reference of the standard, and the test signals of EBU Tech 3341."""

from __future__ import annotations

import numpy as np
import pytest

from mirlab import dsp
from mirlab.core import Audio, AudioError
from mirlab.dsp.loudness import HEAD, LOW_CUT

SR = 48000


def stages(*parts: tuple[float, float]) -> Audio:
    """A 1 kHz sine in both channels; each part is its peak in dBFS and its seconds."""
    y = np.concatenate([dsp.sine(1000, sr=SR, duration=s) * 10 ** (db / 20) for db, s in parts])
    return Audio(np.stack([y, y]), SR)


@pytest.mark.parametrize(
    ("sr", "tolerance"), [(8000, 0.21), (22050, 0.03), (44100, 0.01), (48000, 0.005), (96000, 0.01)]
)
def test_the_reference_tone_of_the_standard_has_its_loudness(sr: int, tolerance: float) -> None:
    tone = Audio(dsp.sine(997, sr=sr, duration=5.0), sr)
    assert dsp.integrated_loudness(tone) == pytest.approx(-3.01, abs=tolerance)


def test_at_48_khz_the_filters_are_those_of_the_standard() -> None:
    np.testing.assert_allclose(
        dsp.k_weighting(48000), [[*HEAD[0], *HEAD[1]], [*LOW_CUT[0], *LOW_CUT[1]]], atol=1e-9
    )


@pytest.mark.parametrize("sr", [16000, 44100, 192000])
def test_the_weighting_is_the_same_curve_at_every_rate(sr: int) -> None:
    hertz = np.array([20.0, 60.0, 200.0, 1000.0, 1700.0, 3000.0])
    gains = [
        np.prod(
            [
                np.abs(dsp.frequency_response(s[:3], s[3:], frequencies=hertz, sr=rate))
                for s in dsp.k_weighting(rate)
            ],
            axis=0,
        )
        for rate in (sr, 48000)
    ]
    np.testing.assert_allclose(*(20 * np.log10(g) for g in gains), atol=0.2)


@pytest.mark.parametrize(
    "audio",  # EBU Tech 3341, cases 1 and 3 to 5
    [
        stages((-23, 20)),
        stages((-36, 10), (-23, 60), (-36, 10)),
        stages((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)),
        stages((-26, 20), (-20, 20.1), (-26, 20)),
    ],
    ids=["steady", "relative gate", "both gates", "louder middle"],
)
def test_ebu_signals_have_23_lufs_below_full_scale(audio: Audio) -> None:
    assert dsp.integrated_loudness(audio) == pytest.approx(-23.0, abs=0.1)


def test_surround_channels_are_weighted() -> None:  # case 6: left, right, centre, surrounds
    tone = dsp.sine(1000, sr=SR, duration=20.0)
    levels = np.array([-28, -28, -24, -30, -30])
    five = tone * 10 ** (levels[:, None] / 20)
    assert dsp.integrated_loudness(Audio(five, SR)) == pytest.approx(-23.0, abs=0.1)
    six = np.insert(five, 3, 0.9 * tone, axis=0)  # bass effects do not count
    assert dsp.integrated_loudness(Audio(six, SR)) == pytest.approx(-23.0, abs=0.1)


def test_twice_the_amplitude_is_6_db_and_two_channels_3_db() -> None:
    y = 0.1 * dsp.noise("pink", sr=22050, duration=3.0)
    once = dsp.integrated_loudness(Audio(y, 22050))
    assert dsp.integrated_loudness(Audio(2 * y, 22050)) - once == pytest.approx(6.02, abs=0.01)
    both = dsp.integrated_loudness(Audio(np.stack([y, y]), 22050))
    assert both - once == pytest.approx(3.01, abs=0.01)


def test_silence_has_no_loudness() -> None:
    assert dsp.integrated_loudness(Audio(np.zeros(SR), SR)) == -np.inf


@pytest.mark.parametrize(
    "audio",
    [
        Audio(np.ones(SR // 4), SR),
        Audio(np.ones((7, SR)), SR),
        Audio(np.ones(8000), 4000),
    ],
)
def test_sound_without_loudness_gives_our_error(audio: Audio) -> None:
    with pytest.raises(AudioError, match="loudness"):
        dsp.integrated_loudness(audio)
