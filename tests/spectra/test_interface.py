"""All transforms share one interface: axes, batches, streaming, resolution."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import Audio, AudioError
from mirlab.spectra import (
    CQT,
    STFT,
    HarmonicCQT,
    compare,
    scale,
)
from tests.spectra.transforms import MADE, MAKERS, SR, error, every, sound


@every
def test_axes_are_bins_and_frames(name: str) -> None:
    transform, y = MADE[name], sound(2, 3, 5000)
    spectrum = transform(y)
    bins, frames = len(transform.frequencies), len(transform.times(5000))
    assert spectrum.shape[:2] == (2, 3)
    assert spectrum.shape[-2:] == (bins, frames) == (bins, 1 + 5000 // 64)
    assert spectrum.ndim == (5 if name == "HarmonicCQT" else 4)
    assert float(transform.times(5000)[3]) == pytest.approx(3 * 64 / SR)
    for values in (transform.durations, transform.bandwidths):
        assert values.shape == (bins,) and bool((values > 0).all())
    assert bool((transform.frequencies.diff() > 0).all())


@every
def test_a_batch_equals_its_sounds_one_by_one(name: str) -> None:
    y = sound(3, 4500)
    wanted = torch.stack([MADE[name](clip) for clip in y])
    assert error(MADE[name](y), wanted) < 1e-6


@every
def test_silence_gives_zeros_and_the_output_scales_with_the_input(name: str) -> None:
    transform, y = MADE[name], sound(4500)
    assert float(transform(torch.zeros(4500)).abs().max()) == 0
    spectrum = transform(y)
    assert error(transform(2 * y), spectrum * (2 if spectrum.is_complex() else 4)) < 1e-5


@every
@settings(max_examples=12)
@given(
    samples=st.integers(2100, 60000),
    sizes=st.lists(st.integers(1, 30000), min_size=1, max_size=4),
    hop=st.sampled_from([24, 64, 80]),
)
def test_a_stream_equals_the_whole(name: str, samples: int, sizes: list[int], hop: int) -> None:
    transform, y = MAKERS[name](hop), sound(2, samples)
    chunks, start = [], 0
    while start < samples:
        size = max(sizes[len(chunks) % len(sizes)], samples // 50)
        chunks.append(y[:, start : start + size])
        start += size
    whole = transform(y)
    streamed = torch.cat(list(transform.stream(chunks)), dim=-1)
    assert streamed.shape == whole.shape
    assert error(streamed, whole) < 1e-5


@every
@settings(max_examples=10)
@given(batch=st.lists(st.integers(1, 3), max_size=3), samples=st.integers(2100, 9000))
def test_any_batch_and_length_works(name: str, batch: list[int], samples: int) -> None:
    spectrum = MADE[name](sound(*batch, samples))
    assert spectrum.shape[: len(batch)] == tuple(batch)
    assert spectrum.shape[-1] == MADE[name].frames(samples)
    assert bool(torch.isfinite(spectrum.abs()).all())


@every
def test_a_shift_by_hops_shifts_the_frames(name: str) -> None:
    y = torch.nn.functional.pad(sound(3000), (6400, 6400))
    early, late = MADE[name](y), MADE[name](torch.roll(y, 640))
    assert error(late[..., 10:], early[..., :-10]) < 1e-3


@every
def test_a_stream_needs_constant_memory(name: str) -> None:
    transform = MADE[name]
    chunk, longest = sound(4000), 0
    widest = 0
    for spectrum in transform.stream(chunk for _ in range(60)):
        longest, widest = longest + spectrum.shape[-1], max(widest, spectrum.shape[-1])
    assert longest == transform.frames(60 * 4000)
    assert widest <= max(2 * transform.block, 4000 // 64 + 2 * transform.reach // 64 + 2)


@every
def test_a_module_converts_to_double_precision(name: str) -> None:
    transform, y = MAKERS[name](64), sound(4500)
    single = transform(y)
    for double in (transform.double()(y), MAKERS[name](64).to(torch.float64)(y)):
        assert double.dtype in (torch.float64, torch.complex128)
        if name != "Reassigned":  # in which rounding may move energy to another cell
            assert error(double.to(single.dtype), single) < 1e-5
    assert not list(transform.parameters()) and not transform.state_dict()


def test_harmonics_are_aligned_with_the_fundamental() -> None:
    hcqt = HarmonicCQT(fmin=55.0, n_bins=108, bins_per_octave=36, harmonics=(0.5, 1, 2, 3, 4, 5))
    t = torch.arange(3 * 22050) / 22050
    y = sum(torch.sin(2 * torch.pi * 110 * k * t) / k for k in (1, 2, 3, 4, 5))
    stack = hcqt(y)[..., 60].abs()
    for other in (34, 38):  # every layer has a peak at the bin of the fundamental
        assert bool((stack[1:, 36] > 2 * stack[1:, other]).all())
    assert float(stack[0, 36]) < 1e-2 * float(stack[1, 36])  # no sound at half its frequency
    assert hcqt.cents_off.tolist() == pytest.approx([0, 0, 0, -1.955, 0, 13.686], abs=1e-3)
    wanted = CQT(fmin=110.0, n_bins=108, bins_per_octave=36)(y)
    assert error(hcqt(y)[2], wanted) < 2e-3


def test_harmonics_above_nyquist_are_zero() -> None:
    hcqt = HarmonicCQT(sr=SR, fmin=110.0, n_bins=48, harmonics=(1, 3))
    top = hcqt(sound(9000))[1]
    silent = 110 * 3 * 2 ** (np.arange(48) / 12) > SR / 2
    assert silent.any() and float(top[torch.from_numpy(silent)].abs().max()) == 0
    assert bool((top[torch.from_numpy(~silent)].abs().amax(-1) > 0).all())


def test_scales_convert_into_each_other() -> None:
    spectrum = MADE["CQT"](sound(4500))
    power = scale(spectrum, "power")
    assert error(scale(spectrum, "amplitude").square(), power) < 1e-6
    assert error(scale(power, "amplitude"), scale(spectrum, "amplitude")) < 1e-6
    level = scale(spectrum, "db", db_range=None)
    assert error(level, 10 * torch.log10(power.clamp(min=1e-10))) < 1e-6
    cut = scale(spectrum, "db", db_range=20.0)
    assert float(cut.max() - cut.min()) == pytest.approx(20, abs=1e-4)
    assert error(scale(spectrum, "log1p"), torch.log1p(power)) < 1e-6
    assert scale(torch.zeros(3, 4), "db").isfinite().all()
    for bad, message in (
        ({"to": "decibel"}, "to must be one of power, amplitude, db, log1p; not 'decibel'"),
        ({"to": "db", "reference": 0.0}, "reference must be positive, not 0"),
        ({"to": "db", "db_range": -1.0}, "db_range must be positive, not -1"),
    ):
        with pytest.raises(AudioError, match=message):
            scale(spectrum, **bad)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["STFT", "CQT", "VQT", "Wavelet", "Gammatone"])
def test_durations_and_bandwidths_are_as_measured(name: str) -> None:
    """Response of one bin in one frame to clicks at other times and sines at other frequencies."""
    # a gammatone frame is a mean over the hop, which must be shorter than the filter's response
    hop = 8 if name == "Gammatone" else 64
    transform = MAKERS[name](hop)
    row = len(transform.frequencies) // 2
    duration, bandwidth = float(transform.durations[row]), float(transform.bandwidths[row])
    samples = max(4000, 2 * transform.window_length)
    middle = samples // 2 // hop * hop
    clicks = torch.zeros(120, samples)
    positions = middle + torch.linspace(-1.5, 1.5, 120) * duration * SR
    clicks[torch.arange(120), positions.round().long()] = 1
    power = scale(transform(clicks), "power")[:, row, middle // hop]
    width = float((power > 0.5 * power.max()).float().mean()) * 3 * duration
    assert width == pytest.approx(duration, rel=0.1)
    hz = float(transform.frequencies[row]) + torch.linspace(-1.5, 1.5, 120) * bandwidth
    t = torch.arange(samples) / SR
    power = scale(transform(torch.sin(2 * torch.pi * hz[:, None] * t)), "power")
    power = power[:, row, middle // hop]
    width = float((power > 0.5 * power.max()).float().mean()) * 3 * bandwidth
    assert width == pytest.approx(bandwidth, rel=0.1)


def test_compare_returns_one_row_per_transform() -> None:
    audio = Audio(sound(2, 6000).numpy(), SR)
    rows = compare(audio, list(MADE.values()))
    for row, transform in zip(rows, MADE.values(), strict=True):
        assert row.name == type(transform).__name__
        assert row.spectrogram.shape == (len(row.frequencies), len(row.times))
        assert row.spectrogram.dtype == np.float32
        assert row.spectrogram.max() == 0 and row.spectrogram.min() >= -80.001
        assert row.seconds > 0
    assert rows[0].redundancy == pytest.approx(2 * 129 / 64)
    assert rows[1].redundancy == pytest.approx(20 / 64)
    with pytest.raises(AudioError, match=r"STFT was made for sr=22050, the sound has 4000"):
        compare(audio, [STFT()])


@pytest.mark.slow
def test_the_first_call_is_not_slowed_by_compilation() -> None:
    """Creating the module and its first spectrogram take less than two seconds of CPU time."""
    y = sound(10 * 22050)
    STFT()(y)  # torch's own initialisation
    start = time.process_time()
    CQT(fmin=27.5, n_bins=309, bins_per_octave=36, hop_length=256)(y)
    assert time.process_time() - start < 2
