"""The power spectrum of noise in a recording, and the frames it is estimated from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..core import Audio, as_audio
from ..core.checks import require_flag
from .windows import window

WINDOW = 0.093  # s; rounded to a power of two of samples: 2,048 at 22,050 Hz
SAMPLED = 4000  # frames, evenly spaced, from which the noise is estimated
NEIGHBOURS = 63  # bins of the running median: tones are narrower, features of the noise wider
NOISE_FRACTION = 0.2  # fraction of the frames in which a bin is assumed to contain only noise
SILENCE = 1e-12  # power below which a frame is digital silence


def noise_power(audio: Audio, *, noise_only: bool = False) -> np.ndarray:
    """Estimate the power spectrum of stationary noise in a recording.

    The power of Gaussian noise in a bin is exponentially distributed, so its lowest quintile
    determines its mean; and music leaves most bins free for a fifth of the time (after Martin, IEEE
    Trans. SAP 2001, who tracks the minimum). Where a tone never stops, the neighbouring bins
    determine the noise: as many below as above, so that a steeply falling spectrum, such as room
    rumble, keeps its slope.

    Parameters
    ----------
    audio
        The recording.
        noise_only
        Whether the excerpt contains only noise; the mean power is then used directly.

    Returns
    -------
    ndarray
        Mean squared magnitude of spectra with a Hann window of about 93 ms, shape
        `(channels, bins)`. Frames of digital silence are ignored.

    Examples
    --------
    >>> hiss = Audio(np.random.default_rng(0).standard_normal(22050), 22050)
    >>> noise_power(hiss).shape
    (1, 1025)
    """
    audio = as_audio(audio)
    require_flag("noise_only", noise_only)
    n_fft = frame_length(audio.sr)
    result = np.zeros((audio.channels, n_fft // 2 + 1))
    for channel, y in enumerate(audio.y):
        power = _sampled_power(y, n_fft)
        if len(power) and noise_only:
            result[channel] = power.mean(axis=0)
        elif len(power):
            mean = np.quantile(power, NOISE_FRACTION, axis=0) / -np.log1p(-NOISE_FRACTION)
            result[channel] = _running_median(mean)
    return result


def _running_median(values: np.ndarray) -> np.ndarray:
    """Median of the bins around each bin, symmetric; fewer near the ends."""
    bins = np.arange(values.size)
    reach = np.minimum(np.minimum(bins, bins[::-1]), NEIGHBOURS // 2)
    return np.array(
        [np.median(values[k - r : k + r + 1]) for k, r in zip(bins, reach, strict=True)]
    )


def _sampled_power(y: np.ndarray, n_fft: int) -> np.ndarray:
    """Power of at most SAMPLED evenly spaced frames, without silent ones; (frames, bins)."""
    count = frame_count(y.size, n_fft)
    indices = np.unique(np.linspace(0, count - 1, min(count, SAMPLED)).astype(int))
    power = np.empty((indices.size, n_fft // 2 + 1), np.float32)
    for row, n in enumerate(indices):
        power[row] = np.abs(np.fft.rfft(frames(y, n, n + 1, n_fft)[0])) ** 2
    return power[power.mean(axis=1) > SILENCE]


def frame_length(sr: int) -> int:
    """Frame length in samples: the power of two nearest to 93 ms at `sr` Hz, at least 16."""
    return max(16, 2 ** round(np.log2(WINDOW * sr)))


def frame_count(samples: int, n_fft: int) -> int:
    """Number of frames, see `frames`."""
    hop = n_fft // 4
    return -(-(samples + n_fft - hop) // hop)


def frames(y: np.ndarray, first: int, last: int, n_fft: int) -> np.ndarray:
    """Frames `first` to `last` with a Hann window, shape (last - first, n_fft).

    Frame 0 ends with the first hop of the signal, so that every sample is in four frames. The
    signal is padded with zeros.
    """
    hop = n_fft // 4
    start = first * hop - (n_fft - hop)
    padded = np.zeros((last - first - 1) * hop + n_fft)
    inner = slice(max(start, 0), min(start + padded.size, y.size))
    padded[inner.start - start : inner.stop - start] = y[inner]
    cut = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    return np.asarray(cut * _hann(n_fft))


@lru_cache(maxsize=8)
def _hann(n_fft: int) -> np.ndarray:
    """The window of every frame, computed once; not to be written to."""
    shape = window("hann", n_fft)
    shape.flags.writeable = False
    return shape
