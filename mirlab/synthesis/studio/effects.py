"""Audio effects that change neither time nor pitch, with random settings.

An effect is a small frozen dataclass of ranges; called with audio and a seed, it draws its settings
and returns audio of the same length. The same seed gives the same result. Labels stay valid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.fft import irfft, next_fast_len
from scipy.signal import lfilter, sosfilt

from ... import dsp
from ...core import Audio, AudioError
from ...core.audio_files import encode
from ...core.checks import as_array, require, require_choice, require_seed
from ...dsp.signals import SLOPES
from ..checks import require_range, require_sequence

STEP = 16  # samples between successive gains of a compressor
QUIETEST = 1e-5  # -100 dBFS, lower limit of a compressor's level
MAX_DB = 300.0
Range = tuple[float, float]


class Effect(Protocol):
    """Protocol of all effects: from audio and a seed to audio of the same length."""

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Apply the effect."""


@dataclass(frozen=True)
class Gain:
    """Random gain.

    Parameters
    ----------
    db
        Lowest and highest gain in dB.

    Examples
    --------
    >>> sound = Audio(np.full((1, 100), 0.5), 22050)
    >>> float(Gain((-6.0206, -6.0206))(sound, seed=0).y[0, 0].round(4))
    0.25
    """

    db: Range = (-12.0, 0.0)

    def __post_init__(self) -> None:
        require_limits("db", self.db, -MAX_DB, MAX_DB)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Multiply by a constant."""
        gain = dsp.db_to_amplitude(draw(seed, self.db))
        return Audio(audio.y * np.float32(gain), audio.sr)


@dataclass(frozen=True)
class Pan:
    """Constant-power panning.

    Parameters
    ----------
    position
        Leftmost and rightmost position: -1 is left, 1 right.
    """

    position: Range = (-1.0, 1.0)

    def __post_init__(self) -> None:
        require_limits("position", self.position, -1, 1)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Multiply the mono mix by the cosine and the sine of an angle; two channels."""
        angle = (draw(seed, self.position) + 1) * math.pi / 4
        gains = np.sqrt(2) * np.array([[math.cos(angle)], [math.sin(angle)]])
        return Audio(audio.mono().y * gains.astype(np.float32), audio.sr)


@dataclass(frozen=True)
class Equalizer:
    """Three-band equalizer: low shelf, peak and high shelf.

    Parameters
    ----------
    db
        Lowest and highest gain of each band, in dB.
    """

    db: Range = (-6.0, 6.0)

    def __post_init__(self) -> None:
        require_limits("db", self.db, -60, 60)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Filter with three biquads of random corner frequencies (`mirlab.dsp.biquad`)."""
        rng = generator(seed)
        top = audio.sr / 2
        corners = (("lowshelf", 80, 300), ("peak", 300, 3000), ("highshelf", 2500, 6000))
        sections = []
        for kind, low, high in corners:
            frequency = min(math.exp(rng.uniform(math.log(low), math.log(high))), 0.8 * top)
            b, a = dsp.biquad(kind, frequency, sr=audio.sr, gain_db=rng.uniform(*self.db))
            sections.append(np.r_[b, a])
        y = sosfilt(sections, audio.y.astype(np.float64))  # one cascade: 3 x faster
        return Audio(y.astype(np.float32), audio.sr)


@dataclass(frozen=True)
class Compressor:
    """Compressor: above a threshold the level rises by 1 dB for every `ratio` dB.

    A feed-forward design (Giannoulis, Massberg and Reiss 2012): the level is the power of all
    channels, smoothed over 10 ms, and the gain follows it with the time constant `release`.

    Parameters
    ----------
    threshold
        Lowest and highest threshold in dB, relative to the loudest level.
    ratio
        Smallest and largest ratio.
    release
        Time constant of the gain in seconds (63 % of a change).
    """

    threshold: Range = (-24.0, -6.0)
    ratio: Range = (2.0, 6.0)
    release: float = 0.1

    def __post_init__(self) -> None:
        require_limits("threshold", self.threshold, -MAX_DB, 0)
        require_limits("ratio", self.ratio, 1, 1000)
        require_range("release", self.release, 0.001, 100, " s")

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Measure the level and reduce the gain above the threshold."""
        rng = generator(seed)
        threshold, ratio = rng.uniform(*self.threshold), rng.uniform(*self.ratio)
        # level and gain change over 10 ms or more: every 16th sample suffices, 10 x faster
        y = np.pad(audio.y, ((0, 0), (0, -audio.samples % STEP)))
        blocks = y.reshape(audio.channels, -1, STEP)
        power = np.einsum("cbs,cbs->b", blocks, blocks) / (audio.channels * STEP)
        power = _smooth(power.astype(np.float64), 0.01, audio.sr / STEP)
        level = 10 * np.log10(np.maximum(power, QUIETEST**2))
        excess = np.maximum(level - (level.max() + threshold), 0)
        reduction = _smooth(excess * (1 - 1 / ratio), self.release, audio.sr / STEP)
        gain = 10 ** (-np.r_[0.0, reduction] / 20).astype(np.float32)
        ramp = np.arange(1, STEP + 1, dtype=np.float32) / STEP  # linear between gains
        blocks *= gain[:-1, None] + np.diff(gain)[:, None] * ramp
        return Audio(y[:, : audio.samples], audio.sr)


@dataclass(frozen=True)
class Noise:
    """Additive noise.

    Parameters
    ----------
    snr
        Lowest and highest signal-to-noise ratio, in dB.
    colours
        Colours of `mirlab.dsp.noise`, of which one is drawn.
    """

    snr: Range = (10.0, 40.0)
    colours: Sequence[str] = ("white", "pink", "brown")

    def __post_init__(self) -> None:
        require_limits("snr", self.snr, -MAX_DB, MAX_DB)
        require_sequence("colours", self.colours)
        require(len(self.colours) > 0, "colours needs at least one")
        for colour in self.colours:
            require_choice("each of the colours", colour, SLOPES)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Add independent noise to every channel; silence stays silence."""
        rng = generator(seed)
        snr, colour = rng.uniform(*self.snr), str(rng.choice(list(self.colours)))
        size = dsp.rms(audio.y.reshape(-1)) * dsp.db_to_amplitude(-snr)
        noise = _noise(audio.y.shape, SLOPES[colour], rng)
        return Audio(audio.y + np.float32(size) * noise, audio.sr)


@dataclass(frozen=True)
class Clip:
    """Clipping.

    Parameters
    ----------
    excess
        Smallest and largest excess of the peak over the clipping level, in dB.
    """

    excess: Range = (0.0, 6.0)

    def __post_init__(self) -> None:
        require_limits("excess", self.excess, 0, MAX_DB)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Clip at a random level below the peak."""
        top = np.abs(audio.y).max(initial=0) * dsp.db_to_amplitude(-draw(seed, self.excess))
        return Audio(np.clip(audio.y, -top, top), audio.sr)


@dataclass(frozen=True)
class Mp3:
    """MP3 coding and decoding, which discards masked components.

    MP3 supports 8, 11.025, 12, 16, 22.05, 24, 32, 44.1 and 48 kHz. The decoded audio is aligned
    with the original and has the same length.
    """

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Encode with libsndfile's settings, decode and trim; `seed` is ignored."""
        peak = max(float(np.abs(audio.y).max(initial=0)), 1.0)  # the encoder clips at 1
        try:
            coded = Audio.load(encode(audio.y / np.float32(peak), audio.sr, ".mp3"))
        except (RuntimeError, ValueError) as reason:
            raise AudioError(f"MP3 does not support {audio.sr} Hz ({reason})") from reason
        y = coded.y[:, : audio.samples] * np.float32(peak)
        return Audio(np.pad(y, ((0, 0), (0, audio.samples - y.shape[1]))), audio.sr)


def require_limits(name: str, limits: Range, least: float, most: float) -> None:
    """Raise an `AudioError` unless `limits` are two numbers, in order, in `least..most`."""
    numbers = as_array(name, limits, AudioError)
    valid = numbers.size == 2 and least <= numbers[0] <= numbers[-1] <= most
    require(valid, f"{name} must be two increasing numbers in {least:g}..{most:g}, not {limits}")


def generator(seed: int) -> np.random.Generator:
    """The random generator of a seed; an `AudioError` if it is none."""
    require_seed(seed)
    return np.random.default_rng(seed)


def draw(seed: int, span: Range) -> float:
    """A random number in a range, from a seed."""
    return float(generator(seed).uniform(*span))


def _noise(shape: tuple[int, ...], slope: float, rng: np.random.Generator) -> np.ndarray:
    """Noise as `mirlab.dsp.noise`, of unit power, in single precision, drawn as a spectrum.

    The spectrum of white noise is white noise too: this saves one transform and two thirds of the
    time.
    """
    size = next_fast_len(shape[-1], real=True)
    spectrum = rng.standard_normal((*shape[:-1], size // 2 + 1, 2), np.float32)
    bins = np.arange(size // 2 + 1, dtype=np.float32)
    spectrum[..., 1:, :] *= (bins[1:] ** (-slope / 2))[:, None]
    spectrum[..., 0, :] = 0.0
    y = irfft(spectrum.view(np.complex64)[..., 0], size)[..., : shape[-1]]
    return np.asarray(y / np.sqrt((y**2).mean(axis=-1, keepdims=True)))


def _smooth(values: np.ndarray, seconds: float, sr: float) -> np.ndarray:
    """One-pole low-pass with a time constant in seconds."""
    pole = math.exp(-1 / (seconds * sr))
    return np.asarray(lfilter([1 - pole], [1, -pole], values))
