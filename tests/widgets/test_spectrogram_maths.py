"""The Spectrogram bench's pictures and sounds, against what went in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mirlab import spectra
from mirlab.core import AudioError
from mirlab.widgets.shared.base import WidgetError
from mirlab.widgets.spectrogram_bench.inversion import resynthesize_cells
from mirlab.widgets.spectrogram_bench.maths import (
    RATE,
    power,
    region_sound,
    spectrogram_image,
    transform_for,
)
from mirlab.widgets.spectrogram_bench.settings import CHOICES, check_settings

KINDS = CHOICES["kind"]
USUAL = {"n_fft": 2048, "hop_length": 256, "bins_per_octave": 24, "scale": "db"}
T = np.arange(3 * RATE) / RATE
LOW, HIGH = 330.0, 1320.0  # Hz, two octaves apart


def sine(f: float) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * f * T)


def level(y: np.ndarray, f: float) -> float:
    """The level of what lies within 5 % of a frequency, in dB."""
    window = np.hanning(y.size)
    power = np.abs(np.fft.rfft(y * window)) ** 2 / (y.size * np.sum(window**2))
    near = abs(np.fft.rfftfreq(y.size, 1 / RATE) / f - 1) < 0.05
    return float(10 * np.log10(2 * power[near].sum() + 1e-20))


def use(**settings: Any) -> dict[str, Any]:
    return {**USUAL, **settings}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sine_is_brightest_at_its_pitch(kind: str) -> None:
    settings = use(kind=kind)
    # the harmonic CQT looks for all five harmonics
    y = sum(sine(440 * h) for h in ((1, 2, 3, 4, 5) if kind == "hcqt" else (1,)))
    shown = spectrogram_image(y, settings)
    module = transform_for(settings)
    assert shown.dtype == np.uint8
    assert shown.shape == (len(module.frequencies), module.frames(T.size))
    assert shown.max() == 255
    found = float(module.frequencies[shown[:, shown.shape[1] // 2].argmax()])
    assert found == pytest.approx(440, rel=0.05)  # the widest bands are a semitone apart


@pytest.mark.parametrize("kind", KINDS)
def test_silence_is_dark_and_quiet(kind: str) -> None:
    assert not spectrogram_image(0 * T, use(kind=kind)).any()
    region = {"start": 1.0, "end": 1.2, "low": 400, "high": 500}
    assert not region_sound(0 * T, use(kind=kind), region).any()


def test_scales_are_those_of_the_room() -> None:
    y = sine(440) * np.exp(-3 * T)
    found = power(y, use(kind="stft"))
    relative = found / found.max()
    for scale, expected in (
        ("power", relative),
        ("amplitude", relative.sqrt()),
        ("db", (spectra.scale(relative, "db") + 80) / 80),
        ("log1p", torch.log1p(1e4 * relative) / np.log(10001)),
    ):
        shown = spectrogram_image(y, use(kind="stft", scale=scale)) / 255
        np.testing.assert_allclose(shown, expected.numpy(), atol=0.51 / 255, err_msg=scale)


def test_the_level_of_a_sound_does_not_change_its_picture() -> None:
    for scale in CHOICES["scale"]:
        settings = use(kind="mel", scale=scale)
        loud, soft = (spectrogram_image(g * sine(440), settings).astype(int) for g in (1, 1e-3))
        assert np.abs(loud - soft).max() <= 1


def test_settings_are_checked() -> None:
    right = use(kind="cqt")
    assert check_settings(dict(reversed(right.items()))) == right
    for wrong, message in (
        ({"hop": 256}, "no setting 'hop'"),
        ({"hop_length": 300}, "hop_length is one of 128, 256, 512, 1024; not 300"),
        ({"kind": None}, "kind is one of stft, .* not None"),
    ):
        with pytest.raises(WidgetError, match=message):
            check_settings({**right, **wrong})
    with pytest.raises(WidgetError, match="'sonogram'"):
        transform_for({**right, "kind": "sonogram"})


def test_only_what_matters_makes_a_new_module() -> None:
    assert transform_for(use(kind="cqt")) is transform_for(use(kind="cqt", n_fft=512))
    assert transform_for(use(kind="mel")) is transform_for(use(kind="mel", bins_per_octave=12))
    assert transform_for(use(kind="cqt")) is not transform_for(use(kind="cqt", hop_length=512))


@pytest.mark.parametrize("kind", KINDS)
def test_a_short_sound_is_refused(kind: str) -> None:
    window = transform_for(use(kind=kind)).window_length
    short = np.ones(window - 1)
    region = {"start": 0.0, "end": 0.1, "low": 400, "high": 500}
    for answer in (lambda: spectrogram_image(short, use(kind=kind)),
                   lambda: region_sound(short, use(kind=kind), region)):  # fmt: skip
        with pytest.raises(AudioError, match=f"{window - 1} samples, fewer .* {window} samples"):
            answer()


def test_a_hop_longer_than_the_window_is_refused() -> None:
    with pytest.raises(AudioError, match="hop_length is 1024 samples, longer than the window, 512"):
        spectrogram_image(sine(440), use(kind="stft", n_fft=512, hop_length=1024))


@pytest.mark.parametrize("hop", [256, 1024])
@pytest.mark.parametrize("kind", ["stft", "mel", "cqt", "vqt", "wavelet", "reassigned"])
def test_a_region_holds_what_was_in_it_and_nothing_else(kind: str, hop: int) -> None:
    y = sine(LOW) + sine(HIGH)
    region = {"start": 1.0, "end": 2.0, "low": LOW / 1.4, "high": LOW * 1.4}
    alone = region_sound(y, use(kind=kind, hop_length=hop), region)
    middle = alone[alone.size // 4 : -alone.size // 4]
    # phases that are guessed cost some level, and a mel band hears a little of far away
    assert level(middle, LOW) == pytest.approx(level(sine(LOW), LOW), abs=3 if kind == "mel" else 1)
    assert level(middle, LOW) - level(middle, HIGH) > (30 if kind == "mel" else 50)


@pytest.mark.parametrize("kind", ["stft", "cqt", "vqt", "wavelet", "gammatone"])
def test_a_region_ends_where_its_cells_do(kind: str) -> None:
    # a sound before and one after the region, silence in it
    y = sine(LOW) * ((T < 0.8) | (T > 2.2))
    region = {"start": 1.3, "end": 1.7, "low": LOW / 1.1, "high": LOW * 1.1}
    assert np.abs(region_sound(y, use(kind=kind), region)).max() < 0.003  # -40 dB


def test_windows_side_by_side_have_a_way_back() -> None:
    settings = use(kind="stft", n_fft=512, hop_length=512)
    alone = region_sound(sine(440), settings, {"start": 1.0, "end": 2.0, "low": 0, "high": 900})
    assert level(alone[2000:-2000], 440) == pytest.approx(level(sine(440), 440), abs=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cqt", "vqt", "wavelet"])
def test_a_coarse_picture_sounds_as_well_as_a_fine_one(kind: str) -> None:
    y = np.random.default_rng(0).normal(0, 0.1, T.size)
    region = {"start": 1.0, "end": 2.0, "low": 500, "high": 3000}
    fine, coarse = (region_sound(y, use(kind=kind, hop_length=hop), region) for hop in (128, 1024))
    leads = [(spectrogram.size - RATE) // 2 for spectrogram in (fine, coarse)]
    fine, coarse = (
        spectrogram[lead + RATE // 4 : lead + 3 * RATE // 4]
        for spectrogram, lead in zip((fine, coarse), leads, strict=True)
    )
    assert np.sum((fine - coarse) ** 2) < 1e-3 * np.sum(fine**2)


def test_a_region_of_a_harmonic_cqt_brings_its_overtones() -> None:
    y = sine(LOW) + sine(3 * LOW) + sine(2.5 * LOW)
    region = {"start": 1.0, "end": 2.0, "low": LOW / 1.02, "high": LOW * 1.02}
    alone = region_sound(y, use(kind="hcqt"), region)
    assert level(alone, 3 * LOW) > level(alone, 2.5 * LOW) + 20


def test_a_region_of_chroma_has_all_octaves_of_its_pitch() -> None:
    y = sine(110) + sine(440) + sine(1760) + sine(1320)
    region = {"start": 1.0, "end": 2.0, "low": 440, "high": 440}
    alone = region_sound(y, use(kind="chroma"), region)
    for octave in (110, 440, 1760):
        assert level(alone, octave) > level(alone, 1320) + 20


def test_a_region_smaller_than_a_cell_is_one_cell() -> None:
    for kind in ("stft", "cqt"):
        alone = region_sound(
            sine(440), use(kind=kind), {"start": 1.5, "end": 1.5, "low": 441, "high": 441}
        )
        assert alone.dtype == np.float32
        assert 0.001 < np.abs(alone).max() < 0.3
        assert level(alone, 440) > level(alone, 880) + 40


def test_the_way_back_is_that_of_the_room() -> None:
    y = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, T.size)).float()
    cqt = transform_for(use(kind="cqt"))
    assert isinstance(cqt, spectra.CQT)
    bins, frames = np.arange(60, 90), np.arange(100, 150)
    mask = torch.zeros(len(cqt.frequencies), cqt.frames(T.size))
    mask[60:90, 100:150] = 1
    expected = cqt.invert(cqt(y) * mask, length=T.size, iterations=4)
    found = resynthesize_cells(cqt, y, bins, frames)
    assert float((found - expected).norm() / expected.norm()) < 1e-3


def test_a_sound_after_a_picture_and_without_gradients() -> None:
    settings = use(kind="vqt")
    region = {"start": 1.0, "end": 1.5, "low": 400, "high": 500}
    with torch.inference_mode():
        assert spectrogram_image(sine(440), settings).any()
        assert region_sound(sine(440), settings, region).any()
