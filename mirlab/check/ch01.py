"""Chapter 1: aliases, peaks of a spectrum, decibels, a filter against hum, and a cleaner."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import dsp
from .verdict import Verdict, called, numbers

SR = 22050  # Hz
ALIAS_SR = 8000  # Hz
PARTIALS = 1500.0 * np.array([1, 3, 5, 7])  # Hz, the first four of a square wave
GAIN = 8.0  # dB, required of a denoiser: more than any time-invariant filter achieves


def ch01_alias(frequencies: ArrayLike) -> Verdict:
    """Exercise 1: the frequencies of a 1,500 Hz square wave's partials, sampled at 8,000 Hz.

    Parameters
    ----------
    frequencies
        Frequencies of partials 1, 3, 5 and 7 in Hz, in this order, shape `(4,)`.
    """
    given = numbers(frequencies, PARTIALS.size)
    if isinstance(given, Verdict):
        return given

    def is_near(wanted: np.ndarray) -> bool:
        return bool(np.all(np.abs(given - wanted) <= 1))

    truth = dsp.alias_frequency(PARTIALS, sr=ALIAS_SR)
    if is_near(truth):
        return Verdict(True, "Three of the four moved, and none to a multiple of 1,500 Hz.")
    if is_near(PARTIALS):
        return Verdict(
            False,
            "These are the partials before sampling. What lies above half the "
            "sampling rate, 4,000 Hz, cannot stay there: where does it fold?",
        )
    if is_near(PARTIALS % ALIAS_SR):
        return Verdict(
            False,
            "Multiples of the sampling rate are subtracted, but a remainder above 4,000 Hz "
            "must still be mirrored: f sounds like 8,000 - f.",
        )
    if is_near(np.minimum(PARTIALS, ALIAS_SR / 2)):
        return Verdict(False, "Partials do not pile up at half the sampling rate; they fold back.")
    if np.any(given > ALIAS_SR / 2) or np.any(given < 0):
        return Verdict(False, "Every answer must lie between 0 Hz and half the sampling rate.")
    if is_near(np.sort(truth)):
        return Verdict(False, "The frequencies are right, but not the order: begin with partial 1.")
    if is_near(dsp.alias_frequency(1500.0 * np.arange(1, 5), sr=ALIAS_SR)):
        return Verdict(False, "A square wave has odd partials only: 1, 3, 5, 7 times 1,500 Hz.")
    return Verdict(
        False,
        "Subtract whole sampling rates from each partial, and mirror the remainder if it is "
        "above 4,000 Hz.",
    )


def ch01_peak(function: Callable[[np.ndarray, int], float]) -> Verdict:
    """Exercise 2: the frequency of the strongest partial.

    Parameters
    ----------
    function
        Takes samples of shape `(n,)` and the sampling rate in Hz; returns Hz, within one bin
        (`sr / n`).
    """
    for sr, n, hz in ((22050, 2048, 440.0), (8000, 1000, 1000.0), (44100, 4096, 97.0)):
        t = np.arange(n) / sr
        y = np.sin(2 * np.pi * hz * t) + 0.3 * np.sin(4 * np.pi * hz * t)
        given = called(function, y, sr)
        given = given if isinstance(given, Verdict) else numbers(given, 1)
        if isinstance(given, Verdict):
            return given
        if abs(given[0] - hz) > sr / n:
            case = f"At {sr:,} Hz, {n:,} samples of {hz:g} Hz gave {given[0]:g}. "
            return Verdict(False, case + _peak_hint(float(given[0]), hz, sr, n))
    return Verdict(True, "With n samples, bin k lies at k sr / n Hz, for any sampling rate.")


def _peak_hint(given: float, hz: float, sr: int, n: int) -> str:
    """Hint for a peak at `given` instead of `hz`."""
    bin_width = sr / n
    if abs(given - round(hz / bin_width)) <= 1:
        return "That is the number of the bin; a bin is sr / n Hz wide."
    if abs(given - 2 * hz) <= 2 * bin_width:
        return "An octave too high: is a bin sr / n Hz wide, with n the number of samples?"
    if abs(given - hz / 2) <= bin_width:
        return "An octave too low: is a bin sr / n Hz wide, not half of it?"
    if abs(given - (sr - hz)) <= bin_width:
        return "That is the mirror image at the negative frequency; use the first half of bins."
    for other in (8000, 22050, 44100):
        if abs(given * sr / other - hz) <= bin_width:
            return f"Is the rate {other:,} Hz written into your function? It is passed as sr."
    return "Which bin of the spectrum is the largest, and how many Hz wide is a bin?"


def ch01_snr(function: Callable[[np.ndarray, np.ndarray], float]) -> Verdict:
    """Exercise 3: the signal-to-noise ratio in dB.

    Parameters
    ----------
    function
        Takes the signal and the noise, shape `(n,)` each; returns dB, within 0.01.
    """
    sound = dsp.sine(440, sr=SR, amplitude=0.5)
    for level in (0.02, 0.1, 2.0):
        noise = level * dsp.noise(sr=SR)
        given = called(function, sound, noise)
        given = given if isinstance(given, Verdict) else numbers(given, 1)
        if isinstance(given, Verdict):
            return given
        truth = 20 * np.log10(dsp.rms(sound) / dsp.rms(noise))
        if abs(given[0] - truth) > 0.01:
            case = f"It should be {truth:.2f} dB, but your function returns {given[0]:.2f}. "
            return Verdict(False, case + _snr_hint(float(given[0]), float(truth), sound, noise))
    return Verdict(True, "10 log10 of powers, or 20 log10 of amplitudes: the same number.")


def _snr_hint(given: float, truth: float, sound: np.ndarray, noise: np.ndarray) -> str:
    """Hint for `given` dB instead of `truth`."""
    peaks = 20 * np.log10(np.abs(sound).max() / np.abs(noise).max())
    mistakes = {
        2 * truth: "That is twice as much: 20 log10 is for amplitudes, powers take 10 log10.",
        truth / 2: "That is half of it: 10 log10 is for powers, amplitudes take 20 log10.",
        -truth: "The sign is wrong: the sound is the numerator, the noise the denominator.",
        truth * np.log(10): "Is that the natural logarithm? Decibels take log10.",
        truth / 10: "That is in bels; a decibel is a tenth of one.",
        10 ** (truth / 10): "That is the ratio itself; take 10 log10 of it.",
        float(peaks): "That compares the highest samples; power is the mean of the squares.",
    }
    for wrong, hint in mistakes.items():
        if abs(given - wrong) <= 0.01 * max(1.0, abs(wrong)):
            return hint
    return "Power is the mean of the squares. What is 10 log10 of the ratio of two powers?"


def ch01_hum_filter(b: ArrayLike, a: ArrayLike) -> Verdict:
    """Exercise 4: a two-pole filter that removes 50 Hz and preserves the music.

    Parameters
    ----------
    b, a
        Coefficients at 22,050 Hz, shape `(3,)` each. The gain must be -40 dB or less at 50 Hz, and
        within 1 dB of 0 dB at 30 Hz and from 80 Hz on.
    """
    pair = []
    for values in (b, a):
        given = numbers(values, 3)
        if isinstance(given, Verdict):
            return Verdict(False, f"b and a have three coefficients each. {given.hint}")
        pair.append(given)
    top, bottom = pair
    if bottom[0] == 0:
        return Verdict(False, "a[0] must not be 0: all coefficients are divided by it.")
    if not dsp.is_stable(bottom):
        return Verdict(False, "The filter is unstable: a pole lies on or outside the unit circle.")
    grid = np.r_[30.0, 50.0, np.geomspace(80, 11000, 500)]
    gains = dsp.amplitude_to_db(
        np.abs(dsp.frequency_response(top, bottom, frequencies=grid, sr=SR)) + 1e-12
    )
    rest = np.delete(gains, 1)
    if gains[1] <= -40 and np.abs(rest).max() <= 1:
        return Verdict(
            True,
            "A zero on the unit circle removes the hum; a pole close to it restores the gain "
            "at all other frequencies.",
        )
    return Verdict(False, _filter_hint(top, bottom, grid, gains))


def _filter_hint(b: np.ndarray, a: np.ndarray, grid: np.ndarray, gains: np.ndarray) -> str:
    """Hint for a stable filter with these gains in dB at the frequencies of `grid`."""
    lowest = np.geomspace(1, 11000, 20000)
    response = np.abs(dsp.frequency_response(b, a, frequencies=lowest, sr=SR))
    deepest = float(lowest[response.argmin()])
    if gains[1] > -40 and abs(deepest - 100) < 5:
        return "The notch lies at 100 Hz, an octave too high: did you pass half the rate as sr?"
    if gains[1] > -40 and abs(deepest - 25) < 2:
        return "The notch lies at 25 Hz, an octave too low: did you pass twice the rate as sr?"
    if gains[1] > 40:
        return f"50 Hz is amplified by {gains[1]:.0f} dB. Are b and a swapped?"
    if gains[1] > -40:
        return (
            f"The gain at 50 Hz is still {gains[1]:.1f} dB; the filter's minimum is at "
            f"{deepest:.0f} Hz. Which kind of biquad has a hole in its response?"
        )
    worst = int(np.abs(np.delete(gains, 1)).argmax())
    where = float(np.delete(grid, 1)[worst])
    return (
        f"50 Hz is removed, but {where:.0f} Hz has changed by "
        f"{np.delete(gains, 1)[worst]:.1f} dB. A higher q makes the notch narrower."
    )


def ch01_cleaner(function: Callable[[np.ndarray, int], np.ndarray]) -> Verdict:
    """Exercise 5: denoise a melody in white noise, with a gain of at least 8 dB.

    Parameters
    ----------
    function
        Takes the noisy samples, shape `(n,)`, and the sampling rate in Hz; returns as many samples.
        It is tested on a melody of six notes in white noise at 10 dB.
    """
    clean = _melody()
    noisy = clean + dsp.scale_to_snr(clean, dsp.noise(sr=SR, duration=clean.size / SR), snr=10)
    given = called(function, noisy, SR)
    if isinstance(given, Verdict):
        return given
    cleaned = numbers(given)
    if isinstance(cleaned, Verdict):
        return cleaned
    if cleaned.size != clean.size:
        return Verdict(
            False,
            f"{clean.size:,} samples went in and {cleaned.size:,} came out. Are they "
            "frames or hops instead of samples, or is the end missing?",
        )
    if not np.any(cleaned):
        return Verdict(False, "Nothing is left: your function returns silence.")
    delay = _delay(clean, cleaned)
    if delay:
        return Verdict(
            False,
            f"The output is {abs(delay)} samples too "
            f"{'late' if delay > 0 else 'early'}. A filter of m weights delays "
            "by (m - 1) / 2 samples: shift it back.",
        )
    gain = dsp.si_sdr(clean, cleaned) - dsp.si_sdr(clean, noisy)
    if gain >= GAIN:
        return Verdict(True, f"{gain:.1f} dB gained. Listen to it, too: does it sound better?")
    if gain > 0.05:
        return Verdict(
            False,
            f"{gain:.1f} dB gained; {GAIN:g} are required. Does the gain of each bin "
            "follow the sound from moment to moment?",
        )
    return Verdict(
        False,
        f"{gain:.1f} dB: the noise is still there, or the melody was removed with it. Is the "
        "gain of each bin between 0 and 1, and 1 where the sound is louder than the noise?",
    )


@cache
def _melody() -> np.ndarray:
    """Six notes of ten partials, shape `(samples,)`."""
    notes = []
    for pitch in (60, 64, 67, 72, 67, 64):
        hz = 440 * 2 ** ((pitch - 69) / 12)
        tone = dsp.harmonic_tone(hz, 1 / np.arange(1, 11) ** 1.5, sr=SR, duration=0.5)
        notes.append(tone * dsp.adsr(0.01, 0.1, 0.6, 0.1, sr=SR, duration=0.4))
    return np.concatenate(notes)


def _delay(clean: np.ndarray, cleaned: np.ndarray) -> int:
    """Lag of the second signal in samples, by cross-correlation; 0 without a clear peak."""
    n = 2 ** int(np.ceil(np.log2(2 * clean.size)))
    product: Any = np.fft.rfft(cleaned, n) * np.conj(np.fft.rfft(clean, n))
    correlation = np.fft.irfft(product, n)
    best = int(correlation.argmax())
    if correlation[best] < 1.05 * correlation[0]:
        return 0
    return best if best < n // 2 else best - n
