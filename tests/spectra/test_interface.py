"""One interface: every transform keeps the same promises, and refuses the same bad input."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import Audio, AudioError
from mirlab.spectra import (
    CQT,
    STFT,
    VQT,
    Chroma,
    Gammatone,
    HarmonicCQT,
    Mel,
    Reassigned,
    Transform,
    Wavelet,
    compare,
    scale,
)

SR = 4000  # low, so that all tests take seconds
SMALL = {"sr": SR, "fmin": 110.0, "n_bins": 40}
MAKERS: dict[str, Callable[..., Transform]] = {
    "STFT": lambda hop: STFT(sr=SR, n_fft=256, hop_length=hop),
    "Mel": lambda hop: Mel(sr=SR, n_fft=256, hop_length=hop, n_mels=20),
    "CQT": lambda hop: CQT(**SMALL, hop_length=hop),
    "VQT": lambda hop: VQT(**SMALL, hop_length=hop),
    "HarmonicCQT": lambda hop: HarmonicCQT(**SMALL, hop_length=hop, harmonics=(0.5, 1, 2, 3)),
    "Wavelet": lambda hop: Wavelet(**SMALL, hop_length=hop),
    "Chroma of STFT": lambda hop: Chroma(STFT(sr=SR, n_fft=256, hop_length=hop)),
    "Chroma of CQT": lambda hop: Chroma(CQT(**SMALL, hop_length=hop)),
    "Gammatone": lambda hop: Gammatone(sr=SR, n_bins=20, hop_length=hop),
    "Reassigned": lambda hop: Reassigned(sr=SR, n_fft=256, hop_length=hop),
}
MADE = {name: make(64) for name, make in MAKERS.items()}
every = pytest.mark.parametrize("name", MADE)


def sound(*shape: int, seed: int = 0) -> torch.Tensor:
    """White noise, float32."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def error(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """Root of the mean squared difference over that of what is wanted."""
    return float((found - wanted).norm() / wanted.norm())


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
def test_a_batch_is_its_sounds_one_by_one(name: str) -> None:
    y = sound(3, 4500)
    wanted = torch.stack([MADE[name](clip) for clip in y])
    assert error(MADE[name](y), wanted) < 1e-6


@every
def test_silence_stays_silent_and_doubling_doubles(name: str) -> None:
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
def test_streamed_is_whole(name: str, samples: int, sizes: list[int], hop: int) -> None:
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
def test_moving_the_sound_by_hops_moves_the_picture(name: str) -> None:
    y = torch.nn.functional.pad(sound(3000), (6400, 6400))
    early, late = MADE[name](y), MADE[name](torch.roll(y, 640))
    assert error(late[..., 10:], early[..., :-10]) < 1e-3


@every
def test_memory_of_a_stream_is_flat(name: str) -> None:
    transform = MADE[name]
    chunk, longest = sound(4000), 0
    widest = 0
    for spectrum in transform.stream(chunk for _ in range(60)):
        longest, widest = longest + spectrum.shape[-1], max(widest, spectrum.shape[-1])
    assert longest == transform.frames(60 * 4000)
    assert widest <= max(2 * transform.block, 4000 // 64 + 2 * transform.reach // 64 + 2)


@every
def test_gradients_are_right(name: str) -> None:
    transform = MAKERS[name](64).double()
    y = sound(2100, seed=1).double()
    weight = torch.randn(transform(y).shape, generator=torch.Generator().manual_seed(2)).double()

    def loss(y: torch.Tensor) -> torch.Tensor:
        return (scale(transform.whole(y), "power") * weight).sum()

    y.requires_grad_()
    (slope,) = torch.autograd.grad(loss(y), y)
    direction = sound(2100, seed=3).double()
    step = 1e-6
    with torch.no_grad():
        wanted = (loss(y + step * direction) - loss(y - step * direction)) / (2 * step)
    # reassigned power jumps from cell to cell, where there is no slope
    assert (
        float(slope @ direction) == pytest.approx(float(wanted), rel=1e-5) or name == "Reassigned"
    )
    assert bool(torch.isfinite(slope).all()) and float(slope.abs().max()) > 0


@pytest.mark.parametrize("kind", [STFT, CQT, Gammatone])
def test_gradients_pass_torchs_own_check(kind: type[Transform]) -> None:
    options = {
        STFT: {"n_fft": 32, "hop_length": 16},
        CQT: {"fmin": 800.0, "n_bins": 6, "hop_length": 16},
        Gammatone: {"fmin": 1500.0, "n_bins": 4, "hop_length": 16},
    }[kind]
    transform = kind(sr=SR, **options).double()  # type: ignore[call-arg]
    y = sound(transform.window_length + 20).double().requires_grad_()
    assert torch.autograd.gradcheck(transform, y, fast_mode=True)


@every
def test_numbers_are_the_same_with_and_without_gradient(name: str) -> None:
    y = sound(140_000)  # several blocks
    plain, traced = MADE[name](y), MADE[name](y.requires_grad_())
    assert traced.requires_grad and not plain.requires_grad
    assert torch.equal(traced, plain)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # of torch's own use of it
@pytest.mark.parametrize("name", ["STFT", "CQT", "HarmonicCQT"])
def test_linear_transforms_are_their_own_derivative(name: str) -> None:
    transform = MAKERS[name](24)
    y, tangent = sound(140_000), sound(140_000, seed=1)  # spectrograms of many megabytes
    _, slope = torch.func.jvp(transform.whole, (y,), (tangent,))
    assert error(slope, transform(tangent)) < 1e-6


@every
def test_a_module_moves_whole(name: str) -> None:
    transform, y = MAKERS[name](64), sound(4500)
    single = transform(y)
    for double in (transform.double()(y), MAKERS[name](64).to(torch.float64)(y)):
        assert double.dtype in (torch.float64, torch.complex128)
        if name != "Reassigned":  # whose rounding may tip
            assert error(double.to(single.dtype), single) < 1e-5
    assert not list(transform.parameters()) and not transform.state_dict()


@every
def test_bad_sounds_are_refused_by_name_value_and_limit(name: str) -> None:
    transform = MADE[name]
    longest = transform.window_length
    with pytest.raises(AudioError, match=rf"y has {longest - 1} samples, .* {longest} samples"):
        transform(sound(longest - 1))
    with pytest.raises(AudioError, match=r"y has shape \(0, 9000\): zero channels"):
        transform(torch.zeros(0, 9000))
    with pytest.raises(AudioError, match=r"y has shape \(2, 0\): zero samples"):
        transform(torch.zeros(2, 0))
    for bad in (float("nan"), float("inf")):
        y = sound(9000)
        y[7] = bad
        with pytest.raises(AudioError, match="y holds NaN or infinity"):
            transform(y)
    with pytest.raises(AudioError, match="real numbers"):
        transform(torch.zeros(9000, dtype=torch.complex64))
    with pytest.raises(AudioError, match=r"shape \(\.\.\., samples\)"):
        transform(torch.tensor(1.0))
    with pytest.raises(AudioError, match=f"fewer than the longest window, {longest}"):
        list(transform.stream([sound(1)]))
    with pytest.raises(AudioError, match="at least 1 chunk"):
        list(transform.stream([]))


def test_loud_sounds_are_not_taken_for_infinite() -> None:
    assert bool(torch.isfinite(STFT(n_fft=64, hop_length=32)(torch.full((200,), 3e36)).abs()).all())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: STFT(n_fft=512, hop_length=513), "hop_length is 513 samples.* 512 samples"),
        (lambda: Mel(n_fft=512, hop_length=600), "hop_length is 600 samples.* 512 samples"),
        (lambda: Reassigned(n_fft=512, hop_length=600), "hop_length is 600.* 512 samples"),
        (lambda: CQT(fmin=8000, n_bins=2, hop_length=512), "hop_length is 512 samples.* 48 samp"),
        (lambda: Wavelet(fmin=8000, n_bins=2, hop_length=512), "hop_length is 512 samples"),
        (lambda: Gammatone(fmin=5000, hop_length=512), "hop_length is 512 samples"),
        (lambda: CQT(n_bins=109), "fmax is 16744 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: VQT(n_bins=109), "fmax is 16744 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: Wavelet(n_bins=109), "fmax is 16744 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: HarmonicCQT(n_bins=109), "fmax is 16744 Hz, over the Nyquist"),
        (lambda: Mel(fmax=12000), "fmax is 12000 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: Gammatone(fmax=12000), "fmax is 12000 Hz, over the Nyquist frequency, 11025 Hz"),
        (lambda: STFT(hop_length=0), "hop_length must be a whole number >= 1, not 0"),
        (lambda: STFT(n_fft=2047), "n_fft must be even, not 2047"),
        (lambda: STFT(sr=0), "sr must be positive, not 0"),
        (lambda: STFT(n_fft=2048.0), "n_fft must be a whole number >= 4, not 2048.0"),
        (lambda: CQT(n_bins=0), "n_bins must be a whole number >= 1, not 0"),
        (lambda: CQT(fmin=-1), "fmin must be positive, not -1 Hz"),
        (lambda: CQT(bins_per_octave=0), "bins_per_octave must be a whole number >= 1, not 0"),
        (lambda: VQT(gamma=-1), "gamma must be at least 0, not -1"),
        (lambda: Wavelet(bandwidth=0), "bandwidth must be positive, not 0"),
        (lambda: HarmonicCQT(harmonics=(1, 0)), r"harmonics must be .* not \(1, 0\)"),
        (lambda: HarmonicCQT(harmonics=()), r"harmonics must be .* not \(\)"),
        (lambda: Mel(fmin=4000, fmax=3000), "fmin must .*3000 Hz, not .*4000 Hz"),
        (lambda: Mel(fmin=-1), "fmin must be at least 0, not -1"),
        (lambda: Mel(n_mels=900), "n_mels is 900: .* bands lie between two bins of n_fft=2048"),
        (lambda: Gammatone(hop_length=100), "hop_length must be a multiple of 8, not 100"),
        (lambda: Chroma(CQT(bins_per_octave=10)), "multiple of 12 .* not 10"),
        (lambda: Chroma(Mel()), "base must be an STFT or a CQT, not a Mel"),
    ],
)
def test_bad_numbers_are_refused_by_name_value_and_limit(
    make: Callable[[], Transform], message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        make()


def test_harmonics_lie_over_each_other() -> None:
    hcqt = HarmonicCQT(fmin=55.0, n_bins=108, bins_per_octave=36, harmonics=(0.5, 1, 2, 3, 4, 5))
    t = torch.arange(3 * 22050) / 22050
    y = sum(torch.sin(2 * torch.pi * 110 * k * t) / k for k in (1, 2, 3, 4, 5))
    stack = hcqt(y)[..., 60].abs()
    for other in (34, 38):  # in every layer there is a peak at the fundamental's bin
        assert bool((stack[1:, 36] > 2 * stack[1:, other]).all())
    assert float(stack[0, 36]) < 1e-2 * float(stack[1, 36])  # no sound at half its frequency
    assert hcqt.cents_off.tolist() == pytest.approx([0, 0, 0, -1.955, 0, 13.686], abs=1e-3)
    wanted = CQT(fmin=110.0, n_bins=108, bins_per_octave=36)(y)
    assert error(hcqt(y)[2], wanted) < 2e-3


def test_harmonics_over_nyquist_are_zero() -> None:
    hcqt = HarmonicCQT(sr=SR, fmin=110.0, n_bins=48, harmonics=(1, 3))
    top = hcqt(sound(9000))[1]
    silent = 110 * 3 * 2 ** (np.arange(48) / 12) > SR / 2
    assert silent.any() and float(top[torch.from_numpy(silent)].abs().max()) == 0
    assert bool((top[torch.from_numpy(~silent)].abs().amax(-1) > 0).all())


def test_scales_are_one_another() -> None:
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
def test_what_is_said_of_resolution_is_what_is_measured(name: str) -> None:
    """Clicks and sines, one beside the other, seen by one bin in one frame."""
    # a gammatone's frame is a mean over the hop, which must be short to see the filter
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


def test_compare_gives_a_row_a_transform() -> None:
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
def test_the_first_call_costs_no_more_than_the_next() -> None:
    """Nothing compiles: making the module and its first picture take well under a second."""
    y = sound(10 * 22050)
    STFT()(y)  # torch's own first steps
    start = time.process_time()
    CQT(fmin=27.5, n_bins=309, bins_per_octave=36, hop_length=256)(y)
    assert time.process_time() - start < 2
