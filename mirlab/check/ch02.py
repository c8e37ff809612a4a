"""Chapter 2: windows, rows of a CQT, chroma, transposition, vibrato, fast repetitions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import dsp
from ..core import Notes
from ..evaluation import match_notes
from .verdict import Verdict, called, numbers

SR = 22050  # Hz
LOW, NEXT = 55.0, 55.0 * 2 ** (1 / 12)  # Hz, A1 and its neighbour, of exercise 1
WINDOW = 16384  # samples, the first power of two whose bandwidth is less than their distance
RATE_ERROR, EXTENT_ERROR = 0.3, 0.2  # Hz, and a fraction: tolerances of exercise 5
REPEATS_F = 0.9  # required by exercise 6
REPEATS = ((6, 28), (9, 31), (13, 33))  # notes per second and MIDI pitch of its hidden sounds
TOLERANCE = 0.025  # s


def ch02_window(answer: ArrayLike) -> Verdict:
    """Exercise 1: the window that resolves A1 and its neighbour, and its duration.

    Parameters
    ----------
    answer
        The smallest power of two, in samples at 22,050 Hz, for which a Hann window's bandwidth is
        less than the distance of the two notes; and its duration in milliseconds (within 5),
        shape `(2,)`.
    """
    given = numbers(answer, 2)
    if isinstance(given, Verdict):
        return given
    samples, ms = given
    if samples != WINDOW:
        return Verdict(False, _window_hint(float(samples)))
    truth = 1000 * WINDOW / SR
    if abs(ms - truth) <= 5:
        return Verdict(True, "Three quarters of a second, just to resolve two notes.")
    if abs(ms - truth / 1000) <= 0.01:
        return Verdict(False, "The window is right, but its length is given in s: 1 s is 1,000 ms.")
    if abs(ms - 0.364 * truth) <= 5:
        return Verdict(False, "That is its width at half power. How long is the whole window?")
    return Verdict(False, "The window is right. How many ms does it last at 22,050 Hz?")


def _window_hint(samples: float) -> str:
    """Hint for a window of another length."""
    if samples == WINDOW // 2:
        return (
            "Its bins lie close enough, 2.7 Hz apart, but a sine's peak is wider than a bin: "
            "with a Hann window it is 1.44 bins wide at half power."
        )
    if samples == 2 * WINDOW:
        return "It resolves them, but half of it would do, with a better resolution in time."
    if samples <= 0 or not np.log2(samples).is_integer():
        least = 1.44 * SR / (NEXT - LOW)
        enough = "So many would do, but " if abs(samples - least) <= 0.01 * least else ""
        return f"{enough}{samples:g} is not a power of two."
    return (
        f"The notes lie 3.27 Hz apart; this window smears them over {1.44 * SR / samples:.2f} Hz."
    )


def ch02_row(function: Callable[[float, float, int], int]) -> Verdict:
    """Exercise 2: the row of a constant-Q spectrogram for a frequency.

    Parameters
    ----------
    function
        Takes a frequency in Hz, that of row 0, and the bins per octave; returns the nearest row.
    """
    for hz, fmin, bins in ((440, 55.0, 12), (440, 55.0, 36), (100, 32.7, 24), (57, 55.0, 36)):
        given = called(function, hz, fmin, bins)
        given = given if isinstance(given, Verdict) else numbers(given, 1)
        if isinstance(given, Verdict):
            return given
        position = bins * np.log2(hz / fmin)
        if given[0] != round(position):
            case = f"{hz} Hz above {fmin:g} Hz at {bins} an octave is row {round(position)}, "
            case += f"but your function returns {given[0]:.4g}. "
            return Verdict(False, case + _row_hint(float(given[0]), float(position)))
    return Verdict(True, "Rows are equal ratios, so every octave has the same number of rows.")


def _row_hint(given: float, position: float) -> str:
    """Hint for a row of `given` instead of `position`, rounded."""
    if abs(given - position) < 1e-6:
        return "A row is an integer: round to the nearest."
    if abs(given - np.floor(position)) < 1e-6:
        return "int() cuts off the fraction; the nearest row may be the next one. Use round()."
    if abs(given - round(position)) == 1:
        return "Off by one: the first row is row 0, not row 1."
    if abs(given - position * np.log(2)) <= 0.5:
        return "That is the natural logarithm; an octave is a doubling, so take log2."
    return "How many octaves above row 0 is it, and how many rows has an octave?"


def ch02_chroma(function: Callable[[np.ndarray, int], np.ndarray]) -> Verdict:
    """Exercise 3: fold a spectrogram with a row per semitone to the twelve pitch classes.

    Parameters
    ----------
    function
        Takes power of shape `(rows, frames)` and the MIDI number of row 0; returns the summed power
        of each pitch class, shape `(12, frames)`, where row 0 is C.
    """
    rng = np.random.default_rng(2)
    for rows, lowest in ((36, 36), (40, 33), (61, 28)):
        power = rng.exponential(size=(rows, 5))
        given = called(function, power, lowest)
        if isinstance(given, Verdict):
            return given
        values = numbers(given)
        if isinstance(values, Verdict):
            return values
        if np.shape(given) != (12, 5):
            shape = f"the shape should be (12, 5), not {np.shape(given)}."
            return Verdict(False, f"{rows} rows, 5 frames: {shape}")
        folded = values.reshape(12, 5)
        truth = _fold(power, lowest)
        if not np.allclose(folded, truth, rtol=1e-6):
            case = f"{rows} rows from MIDI {lowest} on: "
            return Verdict(False, case + _chroma_hint(folded, truth, power, lowest))
    return Verdict(True, "Power adds up, and the first row of an octave is a convention.")


def _fold(power: np.ndarray, lowest: int) -> np.ndarray:
    """Sum of each pitch class, shape `(12, frames)`."""
    classes = (lowest + np.arange(len(power))) % 12
    return np.array([power[classes == c].sum(axis=0) for c in range(12)])


def _chroma_hint(given: np.ndarray, truth: np.ndarray, power: np.ndarray, lowest: int) -> str:
    """Hint for a chroma."""

    def is_near(wanted: np.ndarray) -> bool:
        return bool(np.allclose(given, wanted, rtol=1e-6))

    if is_near(_fold(power, 0)):
        return f"your row 0 is the pitch class of the lowest row. MIDI {lowest} need not be a C."
    if any(is_near(np.roll(truth, shift, axis=0)) for shift in range(1, 12)):
        return "the right rows in another order. C is row 0; C is MIDI 60, a multiple of 12."
    counts = _fold(np.ones_like(power), lowest)
    if is_near(truth / counts):
        return "that is the mean. If one class has more rows than another, it differs from the sum."
    if is_near(_fold(np.sqrt(power), lowest)) or is_near(_fold(10 * np.log10(power), lowest)):
        return "sum the power itself: decibels and amplitudes of two sounds do not add."
    return "each row belongs to one class: (its MIDI number) % 12. Add up the rows of a class."


def ch02_transposed(answer: ArrayLike) -> Verdict:
    """Exercise 4: a melody that begins on A4 is played an octave higher.

    Parameters
    ----------
    answer
        The shift in rows in a CQT with 36 bins per octave; the shift in bins of the first
        fundamental in an STFT of 2,048 samples at 22,050 Hz; and the shift in bins of the third
        partial of that note (each within 0.6), shape `(3,)`.
    """
    given = numbers(answer, 3)
    if isinstance(given, Verdict):
        return given
    bins = 440 * 2048 / SR
    if abs(given[0] - 36) > 0.6:
        if abs(given[0] - 12) <= 0.6:
            return Verdict(False, "An octave has 12 semitones, but in this CQT it has 36 rows.")
        return Verdict(False, "An octave is a doubling; how many rows does this CQT have for it?")
    if np.all(np.abs(given[1:] - [bins, 3 * bins]) <= 0.6):
        return Verdict(True, "In the CQT the melody keeps its shape; in the STFT it is stretched.")
    if abs(given[1] - 2 * bins) <= 0.6:
        return Verdict(False, "That is where its fundamental is now. By how much has it moved?")
    if abs(given[1] - given[2]) <= 0.6:
        return Verdict(False, "Bins are equal steps in Hz. Do 440 Hz and 3 x 440 Hz rise alike?")
    return Verdict(False, "A bin is 22,050 / 2,048 Hz wide. By how many Hz does each partial rise?")


def ch02_vibrato(function: Callable[[np.ndarray, int], ArrayLike]) -> Verdict:
    """Exercise 5: rate and extent of a voice's vibrato.

    Parameters
    ----------
    function
        Takes samples, shape `(n,)`, and the sampling rate in Hz; returns the rate in Hz, within
        0.3, and the extent in cents from the mean to the maximum, within 20 %. It is tested on
        hidden voices.
    """
    for f0, rate, cents in ((196.0, 5.5, 60.0), (330.0, 4.5, 35.0), (262.0, 6.5, 90.0)):
        given = called(function, _voice(f0, rate, cents), SR)
        given = given if isinstance(given, Verdict) else numbers(given, 2)
        if isinstance(given, Verdict):
            return given
        if abs(given[0] - rate) > RATE_ERROR:
            case = f"A vibrato of {rate:g} Hz: your function returns {given[0]:.2f}. "
            return Verdict(False, case + _rate_hint(float(given[0]), rate))
        if abs(given[1] - cents) > EXTENT_ERROR * cents:
            case = f"A vibrato of {cents:g} cents: your function returns {given[1]:.4g}. "
            return Verdict(False, case + _extent_hint(float(given[1]), cents))
    return Verdict(True, "To measure vibrato, the window must be shorter than its period.")


def _rate_hint(given: float, rate: float) -> str:
    """Hint for a rate of `given` Hz."""
    if abs(given - 2 * rate) <= 2 * RATE_ERROR:
        return "Twice as fast: was the sign of the deviation lost, or are crossings counted?"
    if abs(given - 1 / rate) <= 0.02:
        return "That is the period; the rate is the number of periods in a second."
    return "Subtract the mean from the pitch curve in cents. Which frequency is strongest in it?"


def _extent_hint(given: float, cents: float) -> str:
    """Hint for an extent of `given` cents."""
    if abs(given - 2 * cents) <= EXTENT_ERROR * cents:
        return "That is from the bottom to the top; the extent is half of it."
    if abs(given - cents / np.sqrt(2)) <= 0.12 * cents:
        return "That is the standard deviation; a sine's maximum is sqrt(2) times that."
    if given < cents:
        return "Too little: a long window averages the vibrato. Can you use a shorter one?"
    return "Too much: outliers in single frames count fully. Does a median help?"


@cache
def _voice(f0: float, rate: float, cents: float) -> np.ndarray:
    """A sung vowel of 3 s with vibrato, shape `(samples,)`."""
    t = np.arange(3 * SR) / SR
    phase = 2 * np.pi * np.cumsum(f0 * 2 ** (cents / 1200 * np.sin(2 * np.pi * rate * t))) / SR
    k = np.arange(1, int(0.4 * SR / f0))
    strength = 0.05 + 1 / (1 + ((k * f0 - 600) / 350) ** 2)
    tone = np.sum([a * np.sin(n * phase) for n, a in zip(k, strength, strict=True)], axis=0)
    return 0.05 * tone * dsp.adsr(0.05, 0.0, 1.0, 0.2, sr=SR, duration=2.8)[: t.size]


def ch02_repeats(function: Callable[[np.ndarray, int], np.ndarray]) -> Verdict:
    """Exercise 6: onsets of fast repeated bass notes, with a mean F of at least 0.9.

    Parameters
    ----------
    function
        Takes samples, shape `(n,)`, and the sampling rate in Hz; returns onset times in seconds,
        shape `(onsets,)`. It is tested on three hidden sounds with a tolerance of 25 ms.
    """
    scores, late = [], []
    for rate, pitch in REPEATS:
        truth = _onsets(rate)
        given = called(function, _repetitions(rate, pitch), SR)
        if isinstance(given, Verdict):
            return given
        times = numbers(given)
        if isinstance(times, Verdict):
            return times
        if times.size and (times.min() < 0 or times.max() > truth[-1] + 5):
            return Verdict(False, f"An onset at {times.max():.4g} s? Are these frames or samples?")
        scores.append(_onset_f(truth, times))
        if times.size:
            nearest = truth[np.abs(times[:, None] - truth).argmin(axis=1)]
            late.append(float(np.median(times - nearest)))
    f = float(np.mean(scores))
    if f >= REPEATS_F:
        return Verdict(True, f"F = {f:.2f}. Listen to 13 a second: could you count them?")
    required = f"F = {f:.2f}; {REPEATS_F:g} is required. "
    return Verdict(False, required + _repeats_hint(scores, late))


def _repeats_hint(scores: list[float], late: list[float]) -> str:
    """Hint for onsets that differ from the true ones."""
    if not late:
        return "Your function returns no onset at all: is the threshold above every peak?"
    shift = 1000 * float(np.median(late))
    if abs(shift) > 15:
        return f"Your onsets are {abs(shift):.0f} ms too {'late' if shift > 0 else 'early'}."
    if scores[-1] < scores[0] - 0.2:
        return "The fastest is the worst: a window as long as the notes' distance merges them."
    if scores[0] < scores[-1] - 0.2:
        return "The slowest is the worst: are there peaks between the notes? Raise the threshold."
    return (
        "The window must be short compared to 77 ms, and yet contain two or three periods of the "
        "bass, which last up to 24 ms each."
    )


def _onsets(rate: int) -> np.ndarray:
    """Onsets in seconds of three seconds of notes, `rate` of them per second."""
    return 0.6 + np.arange(3 * rate) / rate


@cache
def _repetitions(rate: int, pitch: int) -> np.ndarray:
    """A repeated bass note, `rate` notes per second, shape `(samples,)`."""
    onsets = _onsets(rate)
    velocity = np.random.default_rng(rate).integers(70, 100, onsets.size)
    notes = Notes(onsets, onsets + 0.8 / rate, np.full(onsets.size, pitch), velocity)
    y: Any = notes.render(sr=SR, synth="additive").y[0]
    return np.pad(y.astype(np.float64), (0, SR))


def _onset_f(truth: np.ndarray, times: np.ndarray) -> float:
    """F of onsets, with a tolerance of 25 ms."""
    reference, estimate = (Notes(t, t + 0.01, np.full(t.size, 60)) for t in (truth, times))
    pairs = match_notes(reference, estimate, onset_tolerance=TOLERANCE)
    return 2 * len(pairs) / (truth.size + times.size)
