"""Chapter 6: side bands, tuning of a loop, labels of a tape, oscillator, string, transcription."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from .. import dsp
from ..core import Audio, Notes
from ..evaluation import note_scores
from .verdict import NOT_A_FUNCTION, Verdict, called, numbers

SR = 22050  # Hz
SIDE_BANDS = (200.0, 100.0, 400.0, 700.0, 1000.0)  # Hz, of exercise 1, n from -2 to 2
STRING_HZ = 880.0  # of exercise 2
MAX_ALIASING = -60.0  # dB, of exercise 4
MAX_CENTS, MIN_T60 = 1.0, 0.3  # cents and s, of exercise 5
REQUIRED_F = 0.7  # of exercise 6
TAKES = (70_011, 70_027, 70_044)  # seeds of its hidden recordings


def ch06_side_bands(answer: ArrayLike) -> Verdict:
    """Exercise 1: the audible frequencies of a frequency modulation.

    Parameters
    ----------
    answer
        Frequencies in Hz of the partials n = -2, -1, 0, 1, 2 of a carrier of 400 Hz and a modulator
        of 300 Hz, in any order, shape `(5,)`.
    """
    given = numbers(answer, 5)
    if isinstance(given, Verdict):
        return given
    if np.allclose(np.sort(given), np.sort(SIDE_BANDS)):
        return Verdict(True, "All are multiples of 100 Hz, so that is the pitch that you hear.")
    if np.any(given < 0):
        return Verdict(False, "A sine of -200 Hz is an inverted sine of 200 Hz: the same pitch.")
    if np.allclose(np.sort(given), 400 * np.arange(1, 6)):
        return Verdict(
            False, "Those are a sawtooth's. Here the partials lie 300 Hz apart, around 400 Hz."
        )
    return Verdict(False, "The partials lie at c + n m. Write down c + n m for n = -2 to 2.")


def ch06_cents(answer: ArrayLike) -> Verdict:
    """Exercise 2: the mistuning of a loop of whole samples.

    Parameters
    ----------
    answer
        Cents by which a string of 880 Hz at 22,050 Hz is sharp (negative: flat), with a loop of
        `int(sr / f)` samples and the mean of two neighbours; within 0.5.
    """
    given = numbers(answer, 1)
    if isinstance(given, Verdict):
        return given
    (cents,) = given.tolist()
    length = int(SR / STRING_HZ) + 0.5
    right = 1200 * np.log2(SR / length / STRING_HZ)
    if abs(cents - right) <= 0.5:
        return Verdict(True, "A third of a semitone: a sixth of that is audible.")
    if abs(cents + right) <= 0.5:
        return Verdict(False, "The size is right. Is a longer loop higher or lower?")
    if abs(cents - 1200 * np.log2(SR / int(SR / STRING_HZ) / STRING_HZ)) <= 0.5:
        return Verdict(False, "The mean of two neighbours adds a delay, too: half a sample.")
    if abs(cents - (SR / length - STRING_HZ)) <= 0.5:
        return Verdict(False, "That is how many Hz; an octave has 1,200 cents, so it takes a log2.")
    if abs(cents - right / 100) <= 0.005:
        return Verdict(False, "Those are semitones. A cent is a hundredth of one.")
    return Verdict(False, "The loop lasts int(22050 / 880) + 0.5 samples. Which frequency is that?")


def ch06_faster(function: Callable[..., tuple[ArrayLike, ArrayLike, ArrayLike]]) -> Verdict:
    """Exercise 3: the labels of a tape that runs at another speed.

    Parameters
    ----------
    function
        Takes onsets and offsets in s and pitches as MIDI numbers, each of shape `(n,)`, and the
        speed of the tape as a factor; returns onsets, offsets and pitches, which may be fractional.
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
            return Verdict(False, "Return three arrays: onsets, offsets, pitches.")
        if len(parts) != 3 or any(part.size != 3 for part in parts):
            return Verdict(False, "Return three arrays, each with one number per note.")
        if not np.allclose(parts[0], onset / rate, atol=1e-6):
            if np.allclose(parts[0], onset * rate, atol=1e-6):
                return Verdict(
                    False, "Played faster, does a note begin sooner or later? You multiply."
                )
            return Verdict(
                False, f"At {rate:.3g} times the speed, a note at 0.5 s begins elsewhere."
            )
        if not np.allclose(parts[1], offset / rate, atol=1e-6):
            return Verdict(False, "The onsets are right. The notes also end sooner.")
        shift = parts[2] - pitch
        if np.allclose(shift, 0):
            return Verdict(False, "The times are right. But a tape that runs faster sounds higher.")
        if not np.allclose(shift, 12 * np.log2(rate), atol=1e-3):
            if np.allclose(shift, -12 * np.log2(rate), atol=1e-3):
                return Verdict(False, "Faster is higher; yours go down.")
            return Verdict(
                False, "Twice as fast is an octave, 12 semitones. And 1.5 times as fast?"
            )
    return Verdict(
        True, "Labels change with the audio. Otherwise a network is trained on wrong labels."
    )


def ch06_oscillator(function: Callable[[float, int, int], np.ndarray]) -> Verdict:
    """Exercise 4: a square wave without aliasing.

    Parameters
    ----------
    function
        Takes the frequency in Hz, the sampling rate in Hz and the number of samples; returns a
        square wave, shape `(samples,)`, at any level. All partials below half the sampling rate
        must be right within 1 dB, and everything else must lie 60 dB lower.
    """
    for f0 in (233.08, 1244.5, 3520.0):
        given = called(function, f0, SR, 8000)
        if isinstance(given, Verdict):
            return given
        y = numbers(given)
        if isinstance(y, Verdict):
            return y
        if np.shape(given) != (8000,):
            line = f"8,000 finite samples are expected, not an array of shape {np.shape(given)}."
            return Verdict(False, line)
        levels, rest = _partials(y, f0)
        if levels[0] < 1e-6:
            return Verdict(False, f"At {f0:g} Hz there is no partial at {f0:g} Hz.")
        if rest > MAX_ALIASING:
            hint = f"At {f0:g} Hz the residual is at {rest:.0f} dB; -60 dB is required. "
            return Verdict(False, hint + "Leave out every partial at or above half the rate.")
        k = np.arange(1, levels.size + 1)
        due = np.where(k % 2, 1 / k, 0.0)
        levels = levels / levels[0]
        if np.any(levels[1::2] > 0.01):
            return Verdict(False, "Every second partial is not in a square wave: k = 1, 3, 5, ...")
        db = 20 * np.log10(np.maximum(levels[::2], 1e-6) / due[::2])
        wrong = int(np.argmax(np.abs(db)))
        if abs(db[wrong]) > 1:
            number, f = 2 * wrong + 1, (2 * wrong + 1) * f0
            case = f"Partial {number}, at {f:.0f} Hz, is off by {db[wrong]:.0f} dB"
            return Verdict(False, f"{case}; it fits, with amplitude 1/{number}.")
    return Verdict(True, "No aliasing and no missing partial: the bound of the table above.")


def _partials(y: np.ndarray, f0: float) -> tuple[np.ndarray, float]:
    """Amplitude of each partial below half the rate, and the level of the residual in dB."""
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
        Takes the frequency in Hz, the sampling rate in Hz and a duration in s; returns samples. The
        first partial must be right within 1 cent, with a 60 dB decay of at least 0.3 s even at C7.
    """
    for f0 in (146.83, 392.0, 1174.66, 2093.0):
        given = called(function, f0, SR, 0.6)
        if isinstance(given, Verdict):
            return given
        y = numbers(given)
        if isinstance(y, Verdict):
            return y
        if y.size < SR // 2:
            return Verdict(False, f"Half a second of samples is expected; these are {y.size}.")
        cents, t60 = _first_partial(y[100:], f0)
        if t60 < MIN_T60:
            hint = f"A string of {f0:g} Hz falls by 60 dB in {t60:.2f} s; 0.3 s is required. "
            return Verdict(False, hint + "The higher the note, the less it may lose each round.")
        if abs(cents) > MAX_CENTS:
            hint = f"A string of {f0:g} Hz is {cents:+.1f} cents off; 1 is allowed. "
            return Verdict(False, hint + _tuning_hint(cents, f0))
    return Verdict(True, "In tune up to C7, and it rings. Listen to a scale up there.")


def _first_partial(y: np.ndarray, f0: float) -> tuple[float, float]:
    """Deviation of the first partial from f0 in cents, and its 60 dB decay time in s."""
    demodulated = y * np.exp(-2j * np.pi * f0 / SR * np.arange(y.size))
    baseband = np.convolve(demodulated, np.hanning(round(6 * SR / f0) + 1), mode="valid")
    size = np.abs(baseband)
    audible = np.flatnonzero(size > 0.03 * size.max())
    baseband, size = baseband[: audible[-1] + 1], size[: audible[-1] + 1]
    t = np.arange(baseband.size) / SR
    slope = np.polyfit(t, np.unwrap(np.angle(baseband)), 1, w=size)[0]
    decay = -np.polyfit(t, 20 * np.log10(size + 1e-12), 1, w=size)[0]
    cents = 1200 * np.log2(max(1 + slope / (2 * np.pi * f0), 1e-3))
    return float(cents), float(60 / max(decay, 1e-3))


def _tuning_hint(cents: float, f0: float) -> str:
    """Hint for the mistuning of a string."""
    sample = 1200 * np.log2(1 + f0 / SR)  # cents per sample of the loop
    if abs(abs(cents) - sample / 2) < 0.15 * sample:
        return "That is half a sample: the delay of the mean of two neighbours."
    if abs(cents) < sample:
        return "That is less than a sample: how long is your loop exactly, losses included?"
    return "That is more than a sample: does the loop last sr / f?"


def ch06_hearing(function: Callable[[Audio], Notes]) -> Verdict:
    """Exercise 6: transcribe unseen instruments and rooms, with an F of at least 0.7.

    Parameters
    ----------
    function
        Takes an `Audio` of one channel at 22,050 Hz, returns `Notes`. It is tested on three
        recordings of unseen synthesizers, with a tolerance of 50 ms and 50 cents.
    """
    if not callable(function):  # before recordings are rendered
        return NOT_A_FUNCTION
    scores, found, true = [], 0, 0
    for audio, truth in _recordings():
        given = called(function, audio)
        if isinstance(given, Verdict):
            return given
        if not isinstance(given, Notes):
            return Verdict(False, f"Your function should return Notes, not {type(given).__name__}.")
        scores.append(note_scores(truth, given)["onset_f"])
        found, true = found + len(given), true + len(truth)
    f = float(np.mean(scores))
    if f >= REQUIRED_F:
        return Verdict(True, f"F = {f:.2f}, on sounds that your network was not trained on.")
    required = f"F = {f:.2f}; {REQUIRED_F:g} is required. "
    if found > 1.5 * true:
        return Verdict(False, required + f"You give {found} notes for {true}: raise the threshold.")
    if found < 0.5 * true:
        return Verdict(False, required + f"You give {found} notes for {true}: lower the threshold.")
    return Verdict(
        False, required + "More variety, more steps, or both? See which of the three fails."
    )


@cache
def _recordings() -> tuple[tuple[Audio, Notes], ...]:
    """Hidden recordings and their notes: no drums, a synth per part, and a room for each."""
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
