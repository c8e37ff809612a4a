"""Broadband noise taken out of the spectrum: subtraction, Wiener's filter, a gate in each bin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core import Audio
from ..core.checks import require
from .windows import window

WINDOW = 0.093  # s; a power of two of samples near it: 2,048 at 22,050 Hz
FRAMES = 256  # transformed at once
SAMPLED = 4000  # frames, spread over the sound, from which its noise is read
BESIDE = 63  # bins: noise has no narrower lines, tones have
QUIET = 0.2  # the share of frames in which a bin is taken to hold noise only
SILENCE = 1e-12  # power below which a frame is no noise but digital silence

# A rule tells the gains (bins,) of a frame from its power over the noise's (bins,) and from what
# it remembers (bins,), which is 0 at first.
Rule = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def noise_power(audio: Audio, *, alone: bool = False) -> np.ndarray:
    """The power spectrum of the steady noise in a sound.

    In a bin of Gaussian noise the power is spread exponentially, so that its lowest fifth tells its
    mean; and music leaves most bins alone for a fifth of the time (after Martin, IEEE Trans. SAP
    2001, who follows the minimum). Where a tone never stops, the bins beside it tell: as many below
    as above, so that a spectrum that falls steeply, like the rumble of a room, keeps its slope.

    Parameters
    ----------
    audio
        Any sound.
    alone
        Whether it is a stretch of noise and nothing else; then the mean is taken as it is.

    Returns
    -------
    ndarray
        Mean squared magnitude of the room's spectra (Hann, about 93 ms), shape
        `(channels, bins)`. Digital silence does not count.

    Examples
    --------
    >>> hiss = Audio(np.random.default_rng(0).standard_normal(22050), 22050)
    >>> noise_power(hiss).shape
    (1, 1025)
    """
    n_fft = frame_length(audio.sr)
    result = np.zeros((audio.channels, n_fft // 2 + 1))
    for channel, y in enumerate(audio.y):
        power = _sampled_power(y, n_fft)
        if len(power) and alone:
            result[channel] = power.mean(axis=0)
        elif len(power):
            quiet = np.quantile(power, QUIET, axis=0) / -np.log1p(-QUIET)
            result[channel] = _median_beside(quiet)
    return result


def _median_beside(values: np.ndarray) -> np.ndarray:
    """The median around each bin; towards the ends of as many as lie on the shorter side."""
    bins = np.arange(values.size)
    reach = np.minimum(np.minimum(bins, bins[::-1]), BESIDE // 2)
    return np.array(
        [np.median(values[k - r : k + r + 1]) for k, r in zip(bins, reach, strict=True)]
    )


def _sampled_power(y: np.ndarray, n_fft: int) -> np.ndarray:
    """Power of at most SAMPLED frames, spread evenly, that are no silence; (frames, bins)."""
    count = _frame_count(y.size, n_fft)
    chosen = np.unique(np.linspace(0, count - 1, min(count, SAMPLED)).astype(int))
    power = np.empty((chosen.size, n_fft // 2 + 1), np.float32)
    for row, n in enumerate(chosen):
        power[row] = np.abs(np.fft.rfft(_frames(y, n, n + 1, n_fft)[0])) ** 2
    return power[power.mean(axis=1) > SILENCE]


def frame_length(sr: int) -> int:
    """The power of two of samples nearest to 93 ms at `sr` Hz, at least 16."""
    return max(16, 2 ** round(np.log2(WINDOW * sr)))


def spectral_subtraction(
    audio: Audio,
    *,
    noise: Audio | None = None,
    over_subtraction: float = 1.25,
    floor_db: float = -20.0,
) -> Audio:
    """Subtract the noise's magnitude from every bin's (Boll, IEEE Trans. ASSP 1979).

    `|S| = |Y| - over_subtraction |N|`, never less than `floor_db` below `|Y|`; the floor hides the
    chirping that single bins would leave (Berouti, Schwartz and Makhoul, ICASSP 1979).

    Parameters
    ----------
    audio
        Any sound with steady noise.
    noise
        The noise alone, same rate and channels; read from the quiet moments of each bin of the
        sound when not given.
    over_subtraction
        How many times the mean magnitude of the noise to take off, at least 0.
    floor_db
        The lowest gain in dB, at most 0.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        When `noise` does not fit the sound, or for a number out of its range.

    Examples
    --------
    >>> hiss = Audio(0.1 * np.random.default_rng(0).standard_normal(22050), 22050)
    >>> bool(np.std(spectral_subtraction(hiss).y) < 0.6 * np.std(hiss.y))
    True
    """
    require(over_subtraction >= 0, f"over_subtraction must be at least 0, not {over_subtraction}")
    floor = _floor(floor_db)
    # the magnitude of Gaussian noise of power 1 is Rayleigh's, with this mean
    mean = over_subtraction * np.sqrt(np.pi) / 2

    def rule(snr: np.ndarray, memory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.maximum(1 - mean / np.sqrt(np.maximum(snr, 1e-12)), floor), memory

    return _denoise(audio, noise, rule)


def wiener(
    audio: Audio,
    *,
    noise: Audio | None = None,
    smoothing: float = 0.94,
    floor_db: float = -20.0,
) -> Audio:
    """Wiener's filter, with the signal-to-noise ratio decided by the frame before.

    Each bin gets the gain `xi / (1 + xi)`, the best there is when `xi`, the ratio of the clean
    sound's power to the noise's, is known. It is estimated as `smoothing` times what the frame
    before was cleaned to, plus the rest of what this frame alone says (the decision-directed way
    of Ephraim and Malah, IEEE Trans. ASSP 1984, eq. 51), which keeps single bins from chirping.

    Parameters
    ----------
    audio, noise, floor_db
        As in `spectral_subtraction`.
    smoothing
        0..1, below 1.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        As in `spectral_subtraction`.

    Examples
    --------
    >>> hiss = Audio(0.1 * np.random.default_rng(0).standard_normal(22050), 22050)
    >>> bool(np.std(wiener(hiss).y) < 0.3 * np.std(hiss.y))
    True
    """
    require(0 <= smoothing < 1, f"smoothing must lie in 0..1 and below 1, not {smoothing}")
    floor = _floor(floor_db)

    def rule(snr: np.ndarray, memory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        xi = smoothing * memory + (1 - smoothing) * np.maximum(snr - 1, 0)
        gain = np.maximum(xi / (1 + xi), floor)
        return gain, gain**2 * snr  # what this frame is cleaned to, over the noise

    return _denoise(audio, noise, rule)


def spectral_gate(
    audio: Audio,
    *,
    noise: Audio | None = None,
    threshold_db: float = 8.0,
    hold: float = 0.05,
    floor_db: float = -20.0,
) -> Audio:
    """Let pass, bin for bin, what is clearly louder than the noise; turn the rest down.

    The power of three neighbouring bins is compared with the noise's. A gate opens at once and
    closes slowly, so that notes ring out.

    Parameters
    ----------
    audio, noise, floor_db
        As in `spectral_subtraction`.
    threshold_db
        A gate opens this many dB above the noise.
    hold
        Time constant of the closing, in seconds, at least 0.

    Returns
    -------
    Audio
        Same rate, channels and length.

    Raises
    ------
    AudioError
        As in `spectral_subtraction`.

    Examples
    --------
    >>> hiss = Audio(0.1 * np.random.default_rng(0).standard_normal(22050), 22050)
    >>> bool(np.std(spectral_gate(hiss).y) < 0.3 * np.std(hiss.y))
    True
    """
    require(bool(np.isfinite(threshold_db)), f"threshold_db must be finite, not {threshold_db}")
    require(hold >= 0, f"hold must be at least 0 s, not {hold}")
    floor = _floor(floor_db)
    limit = 10 ** (threshold_db / 10)
    hop = frame_length(audio.sr) // 4
    keep = np.exp(-hop / (hold * audio.sr)) if hold else 0.0

    def rule(snr: np.ndarray, memory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        edged = np.concatenate([snr[:1], snr, snr[-1:]])
        around = (edged[:-2] + edged[1:-1] + edged[2:]) / 3
        is_open = np.where(around > limit, 1.0, keep * memory)
        return floor + (1 - floor) * is_open, is_open

    return _denoise(audio, noise, rule)


def _floor(floor_db: float) -> float:
    """The lowest gain as a factor."""
    require(floor_db <= 0, f"floor_db must be at most 0 dB, not {floor_db}")
    return float(10 ** (floor_db / 20))


def _denoise(audio: Audio, noise: Audio | None, rule: Rule) -> Audio:
    """Apply a rule to every frame of every channel, a few seconds at a time."""
    if noise is None:
        powers = noise_power(audio)
    else:
        require(
            noise.sr == audio.sr and noise.channels == audio.channels,
            f"the noise must have the sound's rate and channels: {noise!r} for {audio!r}",
        )
        powers = noise_power(noise, alone=True)
    clean = np.zeros_like(audio.y)
    for y, power, out in zip(audio.y, powers, clean, strict=True):
        _filter_frames(y, power, rule, out)
    return Audio(clean, audio.sr)


def _filter_frames(y: np.ndarray, power: np.ndarray, rule: Rule, out: np.ndarray) -> None:
    """Add the frames of `y`, each with the gains of the rule, into `out`."""
    n_fft = 2 * (power.size - 1)
    hop = n_fft // 4
    count = _frame_count(y.size, n_fft)
    shape = window("hann", n_fft) / 1.5  # Hann squared, four times overlapped, adds up to 1.5
    safe = np.maximum(power, SILENCE)
    memory = np.zeros(power.size)
    for first in range(0, count, FRAMES):
        last = min(first + FRAMES, count)
        spectra = np.fft.rfft(_frames(y, first, last, n_fft))
        for spectrum in spectra:
            gain, memory = rule(np.abs(spectrum) ** 2 / safe, memory)
            spectrum *= gain
        start = first * hop - (n_fft - hop)  # sample of the sound at which the first frame begins
        added = np.zeros((last - first - 1) * hop + n_fft)
        for n, frame in enumerate(np.fft.irfft(spectra, n_fft) * shape):
            added[n * hop : n * hop + n_fft] += frame
        inner = slice(max(start, 0), min(start + added.size, y.size))
        out[inner] += added[inner.start - start : inner.stop - start].astype(np.float32)


def _frame_count(samples: int, n_fft: int) -> int:
    """How many frames hold a sound, see `_frames`."""
    hop = n_fft // 4
    return -(-(samples + n_fft - hop) // hop)


def _frames(y: np.ndarray, first: int, last: int, n_fft: int) -> np.ndarray:
    """Frames `first` to `last` under a Hann window, (last - first, n_fft).

    Frame 0 ends with the first hop of the sound, so that every sample lies in four frames; beyond
    the ends there is silence.
    """
    hop = n_fft // 4
    start = first * hop - (n_fft - hop)
    piece = np.zeros((last - first - 1) * hop + n_fft)
    inner = slice(max(start, 0), min(start + piece.size, y.size))
    piece[inner.start - start : inner.stop - start] = y[inner]
    frames = np.lib.stride_tricks.sliding_window_view(piece, n_fft)[::hop]
    return np.asarray(frames * window("hann", n_fft))
