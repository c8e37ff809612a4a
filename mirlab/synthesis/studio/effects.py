"""Effects that leave time and pitch alone: each draws its settings from a seed.

An effect is a small frozen dataclass of ranges; called with a sound and a seed it gives another
sound of the same length. The same seed gives the same sound. Labels stay true.
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
from ...dsp.signals import SLOPES

STEP = 16  # samples from one gain of a compressor to the next
QUIETEST = 1e-5  # -100 dBFS; below that a compressor has nothing to measure
Range = tuple[float, float]


class Effect(Protocol):
    """What all effects are: a sound and a seed in, a sound of the same length out."""

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """The sound with this effect on it."""


@dataclass(frozen=True)
class Gain:
    """Louder or softer.

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

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Multiply by one number."""
        gain = dsp.db_to_amplitude(draw(seed, self.db))
        return Audio(audio.y * np.float32(gain), audio.sr)


@dataclass(frozen=True)
class Pan:
    """A place between the loudspeakers, by which the power stays the same.

    Parameters
    ----------
    place
        Leftmost and rightmost place: -1 is left, 1 right.
    """

    place: Range = (-1.0, 1.0)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Two channels: the mono sound times the cosine and the sine of an angle."""
        angle = (draw(seed, self.place) + 1) * math.pi / 4
        gains = np.sqrt(2) * np.array([[math.cos(angle)], [math.sin(angle)]])
        return Audio(audio.mono().y * gains.astype(np.float32), audio.sr)


@dataclass(frozen=True)
class Equalizer:
    """Bass, middle and treble turned up or down: a shelf, a bell and a shelf.

    Parameters
    ----------
    db
        Lowest and highest gain of each of the three, in dB.
    """

    db: Range = (-6.0, 6.0)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Filter with three biquads of random corners (`mirlab.dsp.biquad`)."""
        rng = np.random.default_rng(seed)
        top = audio.sr / 2
        corners = (("lowshelf", 80, 300), ("peak", 300, 3000), ("highshelf", 2500, 6000))
        sections = []
        for kind, low, high in corners:
            frequency = min(math.exp(rng.uniform(math.log(low), math.log(high))), 0.8 * top)
            b, a = dsp.biquad(kind, frequency, sr=audio.sr, gain_db=rng.uniform(*self.db))
            sections.append(np.r_[b, a])
        y = sosfilt(sections, audio.y.astype(np.float64))  # all three in one go, thrice as fast
        return Audio(y.astype(np.float32), audio.sr)


@dataclass(frozen=True)
class Compressor:
    """Loud passages turned down: what lies over a threshold grows by 1 dB for every `ratio`.

    A feed-forward compressor (Giannoulis, Massberg and Reiss 2012): the level is the power in a
    window that fades over 10 ms, all channels together, and the gain follows it within `release`.

    Parameters
    ----------
    threshold
        Lowest and highest threshold in dB under the sound's loudest level.
    ratio
        Smallest and largest ratio.
    release
        Seconds in which the gain has made 63 % of its way.
    """

    threshold: Range = (-24.0, -6.0)
    ratio: Range = (2.0, 6.0)
    release: float = 0.1

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Measure the level, and turn down what is over."""
        rng = np.random.default_rng(seed)
        threshold, ratio = rng.uniform(*self.threshold), rng.uniform(*self.ratio)
        # level and gain change within 10 ms and more: every 16th sample tells, a tenth of the time
        y = np.pad(audio.y, ((0, 0), (0, -audio.samples % STEP)))
        blocks = y.reshape(audio.channels, -1, STEP)
        power = np.einsum("cbs,cbs->b", blocks, blocks) / (audio.channels * STEP)
        power = _smooth(power.astype(np.float64), 0.01, audio.sr / STEP)
        level = 10 * np.log10(np.maximum(power, QUIETEST**2))
        over = np.maximum(level - (level.max() + threshold), 0)
        reduction = _smooth(over * (1 - 1 / ratio), self.release, audio.sr / STEP)
        gain = 10 ** (-np.r_[0.0, reduction] / 20).astype(np.float32)
        way = np.arange(1, STEP + 1, dtype=np.float32) / STEP  # from one gain to the next
        blocks *= gain[:-1, None] + np.diff(gain)[:, None] * way
        return Audio(y[:, : audio.samples], audio.sr)


@dataclass(frozen=True)
class Noise:
    """Noise under the sound.

    Parameters
    ----------
    snr
        Lowest and highest ratio of sound to noise, in dB.
    colours
        Of `mirlab.dsp.noise`; one is drawn.
    """

    snr: Range = (10.0, 40.0)
    colours: Sequence[str] = ("white", "pink", "brown")

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Add noise of its own to every channel; silence stays silence."""
        rng = np.random.default_rng(seed)
        snr, colour = rng.uniform(*self.snr), str(rng.choice(list(self.colours)))
        size = dsp.rms(audio.y.reshape(-1)) * dsp.db_to_amplitude(-snr)
        noises = _noises(audio.y.shape, SLOPES[colour], rng)
        return Audio(audio.y + np.float32(size) * noises, audio.sr)


@dataclass(frozen=True)
class Clip:
    """Turned up too far: what is over the top is cut off.

    Parameters
    ----------
    over
        Least and most dB by which the loudest sample would lie over the top.
    """

    over: Range = (0.0, 6.0)

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Cut the sound at so many dB under its peak."""
        top = np.abs(audio.y).max(initial=0) * dsp.db_to_amplitude(-draw(seed, self.over))
        return Audio(np.clip(audio.y, -top, top), audio.sr)


@dataclass(frozen=True)
class Mp3:
    """Coded as MP3 and decoded: what lies under louder neighbours is thrown away.

    The rates that MP3 knows are 8, 11.025, 12, 16, 22.05, 24, 32, 44.1 and 48 kHz. The decoded
    sound begins and ends where the sound does.
    """

    def __call__(self, audio: Audio, *, seed: int) -> Audio:
        """Encode with libsndfile's settings, decode, cut to length; `seed` changes nothing."""
        peak = max(float(np.abs(audio.y).max(initial=0)), 1.0)  # the coder cuts at 1
        try:
            coded = Audio.load(encode(audio.y / np.float32(peak), audio.sr, ".mp3"))
        except (RuntimeError, ValueError) as reason:
            raise AudioError(f"MP3 cannot hold a sound at {audio.sr} Hz ({reason})") from reason
        y = coded.y[:, : audio.samples] * np.float32(peak)
        return Audio(np.pad(y, ((0, 0), (0, audio.samples - y.shape[1]))), audio.sr)


def draw(seed: int, span: Range) -> float:
    """One number between two, from a seed."""
    return float(np.random.default_rng(seed).uniform(*span))


def _noises(shape: tuple[int, ...], slope: float, rng: np.random.Generator) -> np.ndarray:
    """What `mirlab.dsp.noise` is, of unit power, in single precision and from its spectrum.

    White noise's spectrum is white noise, too: one transform less, and all in a third of the time.
    """
    size = next_fast_len(shape[-1], real=True)
    spectrum = rng.standard_normal((*shape[:-1], size // 2 + 1, 2), np.float32)
    bins = np.arange(size // 2 + 1, dtype=np.float32)
    spectrum[..., 1:, :] *= (bins[1:] ** (-slope / 2))[:, None]
    spectrum[..., 0, :] = 0.0
    y = irfft(spectrum.view(np.complex64)[..., 0], size)[..., : shape[-1]]
    return np.asarray(y / np.sqrt((y**2).mean(axis=-1, keepdims=True)))


def _smooth(values: np.ndarray, seconds: float, sr: float) -> np.ndarray:
    """Follow the values within so many seconds (a one-pole low-pass)."""
    keep = math.exp(-1 / (seconds * sr))
    return np.asarray(lfilter([1 - keep], [1, -keep], values))
