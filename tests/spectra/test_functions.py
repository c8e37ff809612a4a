"""The functions on arrays equal the modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import librosa
import numpy as np
import pytest

from mirlab import spectra
from mirlab.core import AudioError
from mirlab.spectra import CQT, STFT, VQT, Chroma, Mel

SR = 22050
NOISE = np.random.default_rng(0).standard_normal((2, 3 * SR + 77)).astype(np.float32)
GRIDS = [
    {"n_bins": 84, "hop_length": 512},
    {"fmin": 55.0, "n_bins": 180, "bins_per_octave": 36, "hop_length": 300},
    {"fmin": 11000 / 4, "n_bins": 25, "hop_length": 64},
]


def relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """Largest difference relative to the largest value."""
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


@pytest.mark.parametrize(("n_fft", "hop_length"), [(512, 128), (2048, 512), (1000, 333), (64, 64)])
def test_stft_and_mel_equal_the_modules(n_fft: int, hop_length: int) -> None:
    size = {"n_fft": n_fft, "hop_length": hop_length}
    found = spectra.stft(NOISE, **size)
    assert found.dtype == np.complex64
    assert relative(found, STFT(**size)(NOISE).numpy()) < 1e-6
    bands = 8 if n_fft == 64 else 40
    mel = spectra.melspectrogram(NOISE, **size, n_mels=bands, fmax=8000)
    assert relative(mel, Mel(**size, n_mels=bands, fmax=8000)(NOISE).numpy()) < 1e-6


@pytest.mark.parametrize(("hop_length", "length"), [(128, 9000), (333, 30000), (256, 8192)])
def test_istft_equals_the_module_and_inverts_the_stft(hop_length: int, length: int) -> None:
    y = NOISE[:, :length]
    spectrum = spectra.stft(y, n_fft=512, hop_length=hop_length)
    found = spectra.istft(spectrum, hop_length=hop_length, length=length)
    stft = STFT(n_fft=512, hop_length=hop_length)
    assert relative(found, stft.invert(stft(y), length=length).numpy()) < 1e-6
    inner = slice(0, length - 512)  # at the end, under a window's foot, rounding is not small
    assert relative(found[:, inner], y[:, inner]) < 1e-5


@pytest.mark.parametrize("grid", GRIDS)
def test_cqt_and_vqt_equal_the_modules(grid: dict[str, Any]) -> None:
    assert relative(spectra.cqt(NOISE, **grid), CQT(**grid)(NOISE).numpy()) < 1e-6
    found = np.concatenate(list(spectra.vqt_blocks(NOISE, **grid)), axis=-1)
    assert relative(found, VQT(**grid)(NOISE).numpy()) < 1e-6


def test_cqt_equals_librosas() -> None:
    y = NOISE[0].astype(np.float64)
    grid: dict[str, Any] = {"fmin": 55.0, "n_bins": 60, "hop_length": 512}
    wanted = librosa.cqt(y, sr=SR, tuning=0.0, sparsity=0.0, res_type="soxr_vhq", **grid)
    found = spectra.cqt(y, **grid)
    assert found.dtype == np.complex128
    assert np.linalg.norm(np.abs(found) - np.abs(wanted)) / np.linalg.norm(wanted) < 0.02


def test_chroma_equals_the_module() -> None:
    found = spectra.chroma_stft(NOISE, n_fft=4096)
    assert relative(found, Chroma(STFT(n_fft=4096))(NOISE).numpy()) < 1e-6
    grid: dict[str, Any] = GRIDS[1]
    assert relative(spectra.chroma_cqt(NOISE, **grid), Chroma(CQT(**grid))(NOISE).numpy()) < 1e-6


def test_blocks_equal_the_whole_and_keep_double_precision() -> None:
    y = np.tile(NOISE[:1].astype(np.float64), 8)
    for function, blocks in (
        (spectra.stft, spectra.stft_blocks),
        (spectra.cqt, spectra.cqt_blocks),
    ):
        whole, parts = function(y), list(blocks(y))
        assert whole.dtype == np.complex128 and len(parts) > 1
        np.testing.assert_array_equal(np.concatenate(parts, axis=-1), whole)


def test_power_to_db_equals_librosas() -> None:
    power = NOISE**2
    np.testing.assert_allclose(spectra.power_to_db(power), librosa.power_to_db(power), rtol=1e-6)


@pytest.mark.parametrize(
    "function",
    [spectra.stft, spectra.melspectrogram, spectra.cqt, spectra.chroma_stft, spectra.chroma_cqt],
)
@pytest.mark.parametrize(
    ("y", "reason"),
    [
        (np.zeros(0), "zero samples"),
        (np.zeros((0, 9999)), "zero channels"),
        (np.zeros(100), "fewer than the longest window"),
        (np.full(99999, np.nan), "NaN"),
        (np.zeros(99999, complex), "real"),
    ],
)
def test_a_bad_sound_is_refused(
    function: Callable[..., np.ndarray], y: np.ndarray, reason: str
) -> None:
    with pytest.raises(AudioError, match=reason):
        function(y)


def test_a_spectrum_of_another_length_is_refused() -> None:
    spectrum = spectra.stft(NOISE[0], n_fft=512, hop_length=128)
    with pytest.raises(AudioError, match="no STFT of 100 samples"):
        spectra.istft(spectrum, hop_length=128, length=100)
