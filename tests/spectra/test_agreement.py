"""The transforms equal their definitions and other libraries."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import scipy.signal
import torch
from packaging.version import Version

from mirlab.core import Audio
from mirlab.spectra import CQT, STFT, VQT, Chroma, Gammatone, Mel, Reassigned, Wavelet
from mirlab.spectra.banks import chroma_bank, fold_bank, mel_bank
from mirlab.spectra.filterbank import FilterBank

SR = 22050


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    """White noise, float32: energy at all frequencies and times."""
    return np.random.default_rng(seed).standard_normal(round(seconds * SR)).astype(np.float32)


def music() -> np.ndarray:
    """Eight seconds of struck notes with overtones, float32."""
    t = np.arange(8 * SR) / SR
    rng = np.random.default_rng(1)
    y = 1e-4 * rng.standard_normal(t.size)
    for onset, pitch in zip(np.arange(0, 7.5, 0.25), rng.integers(36, 90, 30), strict=True):
        since = np.maximum(t - onset, 0)
        for harmonic in range(1, 9):
            hz = 440 * 2 ** ((pitch - 69) / 12) * harmonic
            if hz < SR / 2:
                y += (t >= onset) * np.exp(-4 * since) * np.sin(2 * np.pi * hz * t) / harmonic**1.5
    return y.astype(np.float32)


SOUNDS = {"noise": noise(8), "music": music()}


def error(found: np.ndarray, wanted: np.ndarray) -> float:
    """Root of the mean squared difference over that of what is wanted."""
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def direct_vqt(y: np.ndarray, frames: np.ndarray, vqt: VQT, gamma: float) -> np.ndarray:
    """The definition in `VQT`'s docstring, term by term, in float64."""
    ratio = 4 ** (1 / vqt.bins_per_octave)
    alpha = (ratio - 1) / (ratio + 1)
    hz = vqt.fmin * 2 ** (np.arange(len(vqt.frequencies)) / vqt.bins_per_octave)
    margin = int(SR / (alpha * hz[0] + gamma)) + 1
    y = np.pad(y.astype(np.float64), margin)
    rows = []
    for f in hz:
        n = SR / (alpha * f + gamma)
        m = np.arange(-int(n / 2), int(n / 2) + 1)
        wave = 2 / np.sqrt(n) * (0.5 + 0.5 * np.cos(2 * np.pi * m / n))
        wave = wave * np.exp(-2j * np.pi * f * m / SR)
        rows.append([y[margin + t * vqt.hop_length + m] @ wave for t in frames])
    return np.array(rows)


@pytest.mark.parametrize("n_fft", [512, 2048])
@pytest.mark.parametrize("sound", SOUNDS)
def test_stft_equals_librosas(sound: str, n_fft: int) -> None:
    y = SOUNDS[sound]
    wanted = librosa.stft(y, n_fft=n_fft, hop_length=n_fft // 4)
    found = STFT(n_fft=n_fft, hop_length=n_fft // 4)(y).numpy()
    assert error(found, wanted) < 1e-5
    np.testing.assert_allclose(
        STFT(n_fft=n_fft).frequencies.numpy(), librosa.fft_frequencies(sr=SR, n_fft=n_fft)
    )


@pytest.mark.parametrize("n_mels", [40, 128])
@pytest.mark.parametrize("sound", SOUNDS)
def test_mel_equals_librosas(sound: str, n_mels: int) -> None:
    y = SOUNDS[sound]
    wanted = librosa.feature.melspectrogram(y=y, sr=SR, n_mels=n_mels, fmin=30, fmax=8000)
    assert error(Mel(n_mels=n_mels, fmin=30, fmax=8000)(y).numpy(), wanted) < 1e-5


@pytest.mark.parametrize(("sr", "n_fft"), [(22050, 2048), (44100, 4096), (8000, 512)])
def test_banks_equal_librosas(sr: int, n_fft: int) -> None:
    found = mel_bank(sr=sr, n_fft=n_fft, n_mels=40, fmin=0, fmax=sr / 2)
    np.testing.assert_allclose(
        found, librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=40), rtol=1e-5, atol=1e-9
    )
    wanted = librosa.filters.chroma(sr=sr, n_fft=n_fft)
    np.testing.assert_allclose(chroma_bank(sr=sr, n_fft=n_fft), wanted, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("bins_per_octave", [12, 24, 36, 60])
@pytest.mark.parametrize("fmin", [27.5, 32.70319566, 61.735])
def test_folded_chroma_equals_librosas(bins_per_octave: int, fmin: float) -> None:
    n_bins = 5 * bins_per_octave
    wanted = librosa.filters.cq_to_chroma(n_bins, bins_per_octave=bins_per_octave, fmin=fmin)
    found = fold_bank(n_bins=n_bins, bins_per_octave=bins_per_octave, fmin=fmin)
    np.testing.assert_array_equal(found, wanted)


def test_chroma_is_its_bank_times_power() -> None:
    y = SOUNDS["music"]
    wanted = librosa.filters.chroma(sr=SR, n_fft=2048) @ np.abs(librosa.stft(y)) ** 2
    assert error(Chroma(STFT())(y).numpy(), wanted) < 1e-5


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize(
    ("bins_per_octave", "n_bins"),
    [(36, 309), (12, 84), pytest.param(60, 240, marks=pytest.mark.slow)],
)
def test_cqt_equals_its_definition(sound: str, bins_per_octave: int, n_bins: int) -> None:
    y = SOUNDS[sound]
    cqt = CQT(fmin=27.5, n_bins=n_bins, bins_per_octave=bins_per_octave, hop_length=256)
    frames = np.arange(0, cqt.frames(y.size), 47)
    wanted = direct_vqt(y, frames, cqt, 0.0)
    assert error(cqt(y).numpy()[:, frames], wanted) < 1e-3


@pytest.mark.parametrize("sound", SOUNDS)
def test_vqt_equals_its_definition(sound: str) -> None:
    y = SOUNDS[sound]
    vqt = VQT(fmin=27.5, n_bins=96, hop_length=200)
    frames = np.arange(0, vqt.frames(y.size), 29)
    alpha = (4 ** (1 / 12) - 1) / (4 ** (1 / 12) + 1)
    wanted = direct_vqt(y, frames, vqt, 24.7 * alpha / 0.108)
    assert error(vqt(y).numpy()[:, frames], wanted) < 1e-3


def test_bins_at_nyquist_respond_on_both_sides() -> None:
    y = SOUNDS["noise"]
    cqt = CQT(fmin=11000 / 4, n_bins=25, hop_length=64)
    assert float(cqt.frequencies[-1]) == pytest.approx(11000)
    frames = np.arange(0, cqt.frames(y.size), 101)
    assert error(cqt(y).numpy()[:, frames], direct_vqt(y, frames, cqt, 0.0)) < 1e-3


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize("grid", ["default", "third of a semitone"])
def test_cqt_is_close_to_librosas(sound: str, grid: str) -> None:
    fine = {"fmin": 27.5, "n_bins": 288, "bins_per_octave": 36, "hop_length": 256}
    options = fine if grid != "default" else {}
    y = SOUNDS[sound]
    wanted = librosa.cqt(y, sr=SR, tuning=0.0, **options)
    assert error(CQT(**options)(y).numpy(), wanted) < 2e-2


def test_librosas_decimation_weakens_bins_near_the_top_of_an_octave() -> None:
    """With 309 bins from 27.5 Hz, librosa's decimation attenuates some bins; ours does not."""
    options = {"fmin": 27.5, "n_bins": 309, "bins_per_octave": 36, "hop_length": 256}
    y = SOUNDS["noise"]
    found, theirs = CQT(**options)(y).numpy(), librosa.cqt(y, sr=SR, tuning=0.0, **options)
    # the first bin of the last octave but one stands right under that octave's Nyquist frequency
    second = slice(309 - 72, 309 - 36)
    level = 20 * np.log10(np.linalg.norm(theirs[second], axis=1))
    level -= 20 * np.log10(np.linalg.norm(found[second], axis=1))
    if Version(librosa.__version__) < Version("1"):  # fixed in 1.0
        assert -level[-1] > 0.1
        level = level[:-6]
    assert np.abs(level).max() < 0.1


@pytest.mark.parametrize("bandwidth", [8.0, 32.0])
def test_wavelet_equals_its_definition(bandwidth: float) -> None:
    y = SOUNDS["noise"]
    wavelet = Wavelet(fmin=55.0, n_bins=80, hop_length=300, bandwidth=bandwidth)
    frames = np.arange(0, wavelet.frames(y.size), 29)
    padded = np.pad(y.astype(np.float64), 30000)
    rows = []
    for f in 55 * 2 ** (np.arange(80) / 12):
        a = SR / f
        m = np.arange(-round(4 * np.sqrt(bandwidth) * a), round(4 * np.sqrt(bandwidth) * a) + 1)
        psi = np.exp(-((m / a) ** 2) / bandwidth) * np.exp(2j * np.pi * m / a)
        psi /= np.sqrt(np.pi * bandwidth * a)
        rows.append([padded[30000 + t * 300 + m] @ psi.conj() for t in frames])
    assert error(wavelet(y).numpy()[:, frames], np.array(rows)) < 1e-4


def test_wavelet_equals_pywavelets() -> None:
    pywt = pytest.importorskip("pywt")
    y = SOUNDS["music"][: 2 * SR]
    # PyWavelets cuts its wavelet off at 8 waves either side: a bandwidth over 5 would be cut short
    wavelet = Wavelet(fmin=110.0, n_bins=48, hop_length=128, bandwidth=4.0)
    scales = SR / wavelet.frequencies.numpy().astype(np.float64)
    wanted, hz = pywt.cwt(y, scales, "cmor4.0-1.0", sampling_period=1 / SR, precision=16)
    np.testing.assert_allclose(hz, wavelet.frequencies.numpy(), rtol=1e-5)
    found, wanted = wavelet(y).numpy(), wanted[:, ::128]
    assert error(np.abs(found), np.abs(wanted)) < 2e-3
    # its wavelets are centred half a sample off where they have an even length: a turn of phase
    assert error(found, wanted) < 4e-2


def test_gammatone_is_the_mean_power_of_filtered_sound() -> None:
    """The filters of SciPy (after Slaney 1993), whose phase and delay do not matter in noise."""
    y = noise(20)
    gammatone = Gammatone(n_bins=20, fmin=100, fmax=6000)
    found = gammatone(y).mean(-1).numpy()
    for f, power in zip(gammatone.frequencies.tolist(), found, strict=True):
        b, a = scipy.signal.gammatone(f, "iir", fs=SR)
        _, response = scipy.signal.freqz(b, a, worN=np.fft.rfftfreq(2**16, 1 / SR), fs=SR)
        # SciPy's real filter passes both sides of the spectrum, the complex one half of that
        wanted = np.sum(np.abs(response) ** 2) / 2**16
        assert power == pytest.approx(wanted, rel=0.1), f


def test_gammatones_peak_at_their_frequency_with_gain_one_and_at_the_click() -> None:
    gammatone = Gammatone(n_bins=24, fmin=80, fmax=8000, hop_length=64)
    t = np.arange(SR) / SR
    for row in (0, 7, 15, 23):
        sine = np.sin(2 * np.pi * float(gammatone.frequencies[row]) * t)
        power = gammatone(sine)[:, 100:200].mean(-1)
        assert int(power.argmax()) == row
        # a complex filter of gain 1 makes exp(i w t) / 2 of a sine
        assert float(power[row]) == pytest.approx(0.25, rel=0.02)
    click = np.zeros(SR)
    click[100 * 64] = 1
    peaks = gammatone(click).argmax(-1)
    assert set(peaks.tolist()) <= {99, 100, 101}


@pytest.mark.filterwarnings("ignore:'where' used without 'out':UserWarning")  # inside librosa
def test_reassigned_positions_equal_librosas_where_there_is_power() -> None:
    y = SOUNDS["music"]
    reassigned = Reassigned()
    hz, seconds, amplitude = librosa.reassigned_spectrogram(
        y, sr=SR, n_fft=2048, hop_length=512, fill_nan=True, pad_mode="constant"
    )
    padded = torch.nn.functional.pad(torch.from_numpy(y), (1024, 1024 + 512))
    power, row, column = (values.numpy() for values in reassigned.coordinates(padded))
    frames = min(power.shape[1], hz.shape[1])
    strong = (amplitude > 1e-2 * amplitude.max())[:, :frames]
    strong[:, :2] = False  # librosa clips times at 0
    row_hz = row[:, :frames] * SR / 2048
    off = np.abs(row_hz - hz[:, :frames])[strong]  # Hz; bins are 10.8 apart
    assert np.median(off) < 1e-2 and off.max() < 2
    off = np.abs(column[:, :frames] * 512 / SR - seconds[:, :frames])[strong]
    assert np.median(off) < 1e-4 and off.max() < 2e-3


def test_a_chirp_is_a_thin_line_when_reassigned() -> None:
    t = np.arange(4 * SR) / SR
    chirp = np.sin(2 * np.pi * (500 * t + 250 * t**2))  # 500 Hz/s up from 500 Hz
    reassigned, stft = Reassigned(), STFT()
    for transform, share in ((reassigned, 0.98), (stft, 0.6)):
        power = transform(chirp)
        power = power.abs().square() if power.is_complex() else power
        hz = 500 + 500 * transform.times(t.size)
        near = (transform.frequencies[:, None] - hz).abs() <= SR / 2048
        inner = slice(10, -10)
        within = float((power * near)[:, inner].sum() / power[:, inner].sum())
        assert (within > share) if transform is reassigned else (within < 0.98)


def test_reassignment_keeps_the_power() -> None:
    y = np.pad(SOUNDS["music"], 8000)
    ratio = float(Reassigned()(y).sum() / STFT()(y).abs().square().sum())
    assert 0.98 < ratio <= 1.0001


def test_audio_objects_are_accepted() -> None:
    sound = Audio(np.stack([SOUNDS["noise"], SOUNDS["music"]]), SR)
    assert STFT()(sound.y).shape == (2, 1025, 1 + 8 * SR // 512)


def test_filters_shorter_than_a_zone_and_of_odd_hops_work() -> None:
    """A bank of one made-up filter is what its impulse response says."""
    width = 40.0

    def response(rows: np.ndarray, hz: np.ndarray) -> np.ndarray:
        return np.exp(-(((hz - 1000) / width) ** 2))

    for hop in (1, 7, 441):
        bank = FilterBank(
            sr=SR,
            hop_length=hop,
            window_length=2000,
            frequencies=[1000.0],
            half_widths=[4 * width],
            response=response,
        )
        bank.describe([1000.0], [1.0], [1.0])
        m = np.arange(-1000, 1001)
        wave = np.exp(-((np.pi * width * m / SR) ** 2)) * width * np.sqrt(np.pi) / SR
        wave = wave * np.exp(2j * np.pi * 1000 * m / SR)
        y = np.random.default_rng(2).standard_normal(3000).astype(np.float32)
        wanted = scipy.signal.fftconvolve(y, wave)[1000:4000:hop]
        assert error(bank(y).numpy()[0, : wanted.size], wanted) < 1e-3
