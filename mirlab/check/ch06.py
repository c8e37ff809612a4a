"""Chapter 6: side bands, a loop's pitch, labels that move, an oscillator, a string, a listener."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from .. import dsp
from ..core import Audio, Notes
from ..evaluation import note_scores
from .verdict import Verdict, called, numbers

SR = 22050  # Hz
HEARD = (200.0, 100.0, 400.0, 700.0, 1000.0)  # Hz: of exercise 1, n from -2 to 2
ASKED = 880.0  # Hz: the string of exercise 2
CLEAN = -60.0  # dB: what aliasing exercise 4 allows
IN_TUNE, LASTING = 1.0, 0.3  # cents, and the s that C7 has to ring in exercise 5
HEARING_F = 0.7  # what exercise 6 asks for
TAKES = (70_011, 70_027, 70_044)  # seeds of its hidden recordings


def ch06_side_bands(answer: ArrayLike) -> Verdict:
    """Exercise 1: where the partials of a frequency modulation are heard.

    Parameters
    ----------
    answer
        Hz of the partials n = -2, -1, 0, 1, 2 of a carrier of 400 Hz and a modulator of 300 Hz, in
        any order, shape `(5,)`.
    """
    given = numbers(answer, 5)
    if isinstance(given, Verdict):
        return given
    if np.allclose(np.sort(given), np.sort(HEARD)):
        return Verdict(True, "All are multiples of 100 Hz, so that is the pitch that you hear.")
    if np.any(given < 0):
        return Verdict(False, "A sine of -200 Hz is a sine of 200 Hz turned over: same pitch.")
    if np.allclose(np.sort(given), 400 * np.arange(1, 6)):
        return Verdict(False, "Those are a sawtooth's. Here partials lie 300 Hz apart, around 400.")
    return Verdict(False, "The partials stand at c + n m. Write down c + n m for n = -2 to 2.")


def ch06_cents(answer: ArrayLike) -> Verdict:
    """Exercise 2: how far a loop of whole samples is out of tune.

    Parameters
    ----------
    answer
        Cents by which a string of 880 Hz at 22,050 Hz sounds too high (too low is negative), with
        a loop of `int(sr / f)` samples and the mean of two neighbours; within 0.5.
    """
    given = numbers(answer, 1)
    if isinstance(given, Verdict):
        return given
    (cents,) = given.tolist()
    length = int(SR / ASKED) + 0.5
    right = 1200 * np.log2(SR / length / ASKED)
    if abs(cents - right) <= 0.5:
        return Verdict(True, "A third of a semitone: an ear hears a sixth of that.")
    if abs(cents + right) <= 0.5:
        return Verdict(False, "The size is right. Does a longer loop sound higher or lower?")
    if abs(cents - 1200 * np.log2(SR / int(SR / ASKED) / ASKED)) <= 0.5:
        return Verdict(False, "The mean of two neighbours delays, too: by half a sample.")
    if abs(cents - (SR / length - ASKED)) <= 0.5:
        return Verdict(False, "That is how many Hz; an octave has 1,200 cents, so it takes a log2.")
    if abs(cents - right / 100) <= 0.005:
        return Verdict(False, "Those are semitones. A cent is a hundredth of one.")
    return Verdict(False, "The loop lasts int(22050 / 880) + 0.5 samples. Which frequency is that?")


def ch06_faster(function: Callable[..., tuple[ArrayLike, ArrayLike, ArrayLike]]) -> Verdict:
    """Exercise 3: the labels of a tape that runs at another speed.

    Parameters
    ----------
    function
        Takes onsets and offsets in s, pitches as MIDI numbers, each of shape `(n,)`, and how many
        times as fast the tape runs; gives onsets, offsets and pitches, which may be fractions.
    """
    onset, offset = np.array([0.5, 1.0, 2.5]), np.array([0.9, 2.0, 3.0])
    pitch = np.array([60, 64, 67])
    for rate in (2.0, 0.5, 2 ** (1 / 12)):
        given = called(function, onset, offset, pitch, rate)
        if isinstance(given, Verdict):
            return given
        try:
            parts = [np.asarray(part, dtype=np.float64).ravel() for part in given]
        except (TypeError, ValueError):
            return Verdict(False, "Give three arrays: onsets, offsets, pitches.")
        if len(parts) != 3 or any(part.size != 3 for part in parts):
            return Verdict(False, "Give three arrays, each with a number a note.")
        if not np.allclose(parts[0], onset / rate, atol=1e-6):
            if np.allclose(parts[0], onset * rate, atol=1e-6):
                return Verdict(
                    False, "Played faster, is a note heard sooner or later? You multiply."
                )
            return Verdict(
                False, f"At {rate:.3g} times the speed a note of 0.5 s begins elsewhere."
            )
        if not np.allclose(parts[1], offset / rate, atol=1e-6):
            return Verdict(False, "The onsets are right. The notes also end sooner.")
        moved = parts[2] - pitch
        if np.allclose(moved, 0):
            return Verdict(False, "The times are right. But a tape that runs faster sounds higher.")
        if not np.allclose(moved, 12 * np.log2(rate), atol=1e-3):
            if np.allclose(moved, -12 * np.log2(rate), atol=1e-3):
                return Verdict(False, "Faster is higher; yours go down.")
            return Verdict(
                False, "Twice as fast is an octave, 12 semitones. And 1.5 times as fast?"
            )
    return Verdict(
        True, "So a label moves with its sound. To forget that teaches a machine nonsense."
    )


def ch06_oscillator(function: Callable[[float, int, int], np.ndarray]) -> Verdict:
    """Exercise 4: a square wave without aliasing.

    Parameters
    ----------
    function
        Takes the frequency in Hz, the sampling rate in Hz and the number of samples; gives a square
        wave, shape `(samples,)`, at any level. All that fits has to be there within 1 dB, and
        all else has to lie 60 dB lower.
    """
    for f0 in (233.08, 1244.5, 3520.0):
        given = called(function, f0, SR, 8000)
        if isinstance(given, Verdict):
            return given
        y = np.asarray(given, dtype=np.float64)
        if y.shape != (8000,) or not np.isfinite(y).all():
            return Verdict(False, f"8,000 finite samples are due, not an array of shape {y.shape}.")
        levels, rest = _partials(y, f0)
        if levels[0] < 1e-6:
            return Verdict(False, f"At {f0:g} Hz there is no partial at {f0:g} Hz.")
        if rest > CLEAN:
            hint = f"At {f0:g} Hz what is no partial lies at {rest:.0f} dB; -60 dB is asked for. "
            return Verdict(False, hint + "Leave out every partial at or above half the rate.")
        k = np.arange(1, levels.size + 1)
        due = np.where(k % 2, 1 / k, 0.0)
        levels = levels / levels[0]
        if np.any(levels[1::2] > 0.01):
            return Verdict(False, "Every second partial is none of a square's: k = 1, 3, 5, ...")
        db = 20 * np.log10(np.maximum(levels[::2], 1e-6) / due[::2])
        wrong = int(np.argmax(np.abs(db)))
        if abs(db[wrong]) > 1:
            number, f = 2 * wrong + 1, (2 * wrong + 1) * f0
            case = f"Partial {number}, at {f:.0f} Hz, is off by {db[wrong]:.0f} dB"
            return Verdict(False, f"{case}; it fits, as 1/{number}.")
    return Verdict(True, "Nothing folds and nothing is missing: the bound of the table above.")


def _partials(y: np.ndarray, f0: float) -> tuple[np.ndarray, float]:
    """The size of each partial that fits, and in dB what is none of them."""
    k = np.arange(1, int(SR / 2 / f0) + 1)
    angles = 2 * np.pi * f0 / SR * np.outer(np.arange(y.size), k)
    waves = np.hstack([np.sin(angles), np.cos(angles)])
    weights = np.linalg.lstsq(waves, y, rcond=None)[0]
    fitted = waves @ weights
    rest = 20 * np.log10(max(dsp.rms(y - fitted), 1e-12) / max(dsp.rms(fitted), 1e-12))
    return np.hypot(weights[: k.size], weights[k.size :]), float(rest)


def ch06_string(function: Callable[[float, int, float], np.ndarray]) -> Verdict:
    """Exercise 5: a string that is in tune and whose high notes ring.

    Parameters
    ----------
    function
        Takes the frequency in Hz, the sampling rate in Hz and a length in s; gives samples. The
        first partial has to lie within 1 cent, and at C7 to take at least 0.3 s to fall by 60 dB.
    """
    for f0 in (146.83, 392.0, 1174.66, 2093.0):
        given = called(function, f0, SR, 0.6)
        if isinstance(given, Verdict):
            return given
        y = np.asarray(given, dtype=np.float64).ravel()
        if y.size < SR // 2 or not np.isfinite(y).all():
            return Verdict(False, f"Half a second of finite samples is due; these are {y.size}.")
        cents, t60 = _first_partial(y[100:], f0)
        if t60 < LASTING:
            hint = f"A string of {f0:g} Hz falls by 60 dB in {t60:.2f} s; 0.3 s is asked for. "
            return Verdict(False, hint + "Take less from it each round, the higher it is.")
        if abs(cents) > IN_TUNE:
            hint = f"A string of {f0:g} Hz is {cents:+.1f} cents off; 1 is allowed. "
            return Verdict(False, hint + _tuning_hint(cents, f0))
    return Verdict(True, "In tune up to C7, and it rings. Listen to a scale up there.")


def _first_partial(y: np.ndarray, f0: float) -> tuple[float, float]:
    """How far the first partial lies from f0 in cents, and the s in which it falls by 60 dB."""
    turning = y * np.exp(-2j * np.pi * f0 / SR * np.arange(y.size))
    slow = np.convolve(turning, np.hanning(round(6 * SR / f0) + 1), mode="valid")
    size = np.abs(slow)
    heard = np.flatnonzero(size > 0.03 * size.max())
    slow, size = slow[: heard[-1] + 1], size[: heard[-1] + 1]
    t = np.arange(slow.size) / SR
    turn = np.polyfit(t, np.unwrap(np.angle(slow)), 1, w=size)[0]
    fall = -np.polyfit(t, 20 * np.log10(size + 1e-12), 1, w=size)[0]
    cents = 1200 * np.log2(max(1 + turn / (2 * np.pi * f0), 1e-3))
    return float(cents), float(60 / max(fall, 1e-3))


def _tuning_hint(cents: float, f0: float) -> str:
    """Why a string is out of tune by so much."""
    sample = 1200 * np.log2(1 + f0 / SR)  # cents of one sample more
    if abs(abs(cents) - sample / 2) < 0.15 * sample:
        return "That is half a sample: the mean of two neighbours delays by as much."
    if abs(cents) < sample:
        return "That is less than a sample: how long is your loop exactly, losses included?"
    return "That is more than a sample: does the loop last sr / f?"


def ch06_hearing(function: Callable[[Audio], Notes]) -> Verdict:
    """Exercise 6: hear notes of instruments and rooms that nobody has heard; F has to reach 0.7.

    Parameters
    ----------
    function
        Takes an `Audio` of one channel at 22,050 Hz, gives `Notes`. It is tried on three
        recordings of synths that it has not heard; a match is 50 ms and 50 cents near.
    """
    scores, found, true = [], 0, 0
    for audio, truth in _recordings():
        given = called(function, audio)
        if isinstance(given, Verdict):
            return given
        if not isinstance(given, Notes):
            return Verdict(False, f"Your function should give Notes, not {type(given).__name__}.")
        scores.append(note_scores(truth, given)["onset_f"])
        found, true = found + len(given), true + len(truth)
    f = float(np.mean(scores))
    if f >= HEARING_F:
        return Verdict(True, f"F = {f:.2f}, on sounds that your network has never heard.")
    asked = f"F = {f:.2f}; {HEARING_F:g} is asked for. "
    if found > 1.5 * true:
        return Verdict(False, asked + f"You give {found} notes for {true}: raise the threshold.")
    if found < 0.5 * true:
        return Verdict(False, asked + f"You give {found} notes for {true}: lower the threshold.")
    return Verdict(
        False, asked + "More variety, more steps, or both? See which of the three fails."
    )


@cache
def _recordings() -> tuple[tuple[Audio, Notes], ...]:
    """The hidden recordings and their notes: no drums, a synth a part, a room each."""
    from ..composer import compose
    from ..synthesis import master, record

    made = []
    for seed in TAKES:
        piece = compose(seed, style="chorale", duration=6)
        take = record(piece, seed=seed, fonts={}, synths=1)
        rows = [np.column_stack([n.intervals, n.pitch]) for n in take.notes.values()]
        onset, offset, pitch = np.concatenate(rows).T
        made.append((master(take.audio, seed=seed), Notes(onset, offset, pitch.astype(int))))
    return tuple(made)
