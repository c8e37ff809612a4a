"""Chapter 0: a record at the wrong speed, pitch in Hz, precision and recall, tempo, a beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import dsp
from ..evaluation import beat_scores
from .verdict import Verdict, called, numbers

SR = 22050  # Hz
FASTER = 45 / (100 / 3)  # a record for 33 1/3 revolutions per minute, played at 45
TRUE, FOUND, RIGHT = 40, 50, 30  # notes of exercise 3
BEAT_F = 0.8  # required by exercise 5
LEAD_IN, BPM, BEATS = 0.37, 104.0, 36  # of its hidden piece; 120 bpm from 0 s would score 0.3


def ch00_record(answer: ArrayLike) -> Verdict:
    """Exercise 1: a record for 33 1/3 revolutions per minute is played at 45.

    Parameters
    ----------
    answer
        The rise in semitones (within 0.05), and the new tempo in beats per minute of a song at 120
        (within 1), shape `(2,)`.
    """
    given = numbers(answer, 2)
    if isinstance(given, Verdict):
        return given
    semitones, tempo = given
    if abs(tempo - 120 * FASTER) > 1:
        if abs(tempo - 120 / FASTER) <= 1:
            return Verdict(False, "The record turns faster, so the song is faster, not slower.")
        return Verdict(False, "Every second of music now takes 33.3 / 45 of a second.")
    mistakes = {
        -12 * np.log2(FASTER): "The wrong way: a faster record sounds higher.",
        12 * (FASTER - 1): "An octave is a doubling, but its steps are equal factors, not sums: "
        "half an octave is a factor of 1.41, not 1.5.",
        12
        * np.log(FASTER): "That is the natural logarithm; an octave is a doubling, so take log2.",
        12 * np.log10(FASTER): "That is log10; an octave is a doubling, so take log2.",
        float(np.log2(FASTER)): "That is in octaves. An octave has 12 semitones.",
        120 * FASTER - 120: "That is how much faster it is. By how many semitones is it higher?",
    }
    if abs(semitones - 12 * np.log2(FASTER)) <= 0.05:
        return Verdict(True, "Tape and record change pitch and tempo together; the desk does not.")
    for wrong, hint in mistakes.items():
        if abs(semitones - wrong) <= 0.05:
            return Verdict(False, hint)
    return Verdict(
        False, "All frequencies grow by the factor 45 / 33.3. What does hz_to_midi return?"
    )


def ch00_midi_to_hz(function: Callable[[float], float]) -> Verdict:
    """Exercise 2: the conversion from a MIDI number to a frequency.

    Parameters
    ----------
    function
        Takes a MIDI number, which may be fractional; returns Hz, within 0.01 %.
    """
    for pitch in (69, 81, 57, 60, 69.5, 21):
        given = called(function, pitch)
        given = given if isinstance(given, Verdict) else numbers(given, 1)
        if isinstance(given, Verdict):
            return given
        hz = 440 * 2 ** ((pitch - 69) / 12)
        if abs(given[0] - hz) > 1e-4 * hz:
            case = f"{pitch:g} should be {hz:.2f} Hz, but your function returns {given[0]:.2f}. "
            return Verdict(False, case + _hz_hint(float(given[0]), pitch))
    return Verdict(True, "An octave has twelve equal steps, and quarter tones lie between them.")


def _hz_hint(given: float, pitch: float) -> str:
    """Hint for `given` Hz at `pitch`."""
    mistakes = {
        440 * 2 ** ((69 - pitch) / 12): "Upside down: higher numbers are higher notes.",
        440 * 2 ** (pitch - 69): "A step of 1 is a semitone; it takes 12 of them to double.",
        440 * 2 ** ((pitch - 60) / 12): "440 Hz is number 69; 60 is middle C.",
        440 * 2 ** ((round(pitch) - 69) / 12): "Fractional numbers are valid, too: no rounding.",
        440 * 2 ** ((int(pitch) - 69) / 12): "Fractional numbers are valid, too: no rounding.",
        440 * np.exp((pitch - 69) / 12): "An octave doubles: 2 to a power, not e to a power.",
        440 + 440 * (pitch - 69) / 12: "Equal steps are equal factors, not equal sums of Hz.",
    }
    for wrong, hint in mistakes.items():
        if abs(given - wrong) <= 1e-4 * abs(wrong):
            return hint
    return "Solve m = 69 + 12 log2(f / 440) for f."


def ch00_scores(answer: ArrayLike) -> Verdict:
    """Exercise 3: 40 true notes, 50 found, 30 of them right.

    Parameters
    ----------
    answer
        Precision, recall and F, each 0..1, within 0.005, shape `(3,)`.
    """
    given = numbers(answer, 3)
    if isinstance(given, Verdict):
        return given
    precision, recall = RIGHT / FOUND, RIGHT / TRUE
    truth = np.array([precision, recall, 2 * RIGHT / (FOUND + TRUE)])

    def is_near(wanted: Any) -> bool:
        return bool(np.all(np.abs(given - wanted) <= 0.005))

    if is_near(truth):
        return Verdict(True, "F is the harmonic mean, which lies nearer to the smaller of the two.")
    if is_near([recall, precision, truth[2]]):
        return Verdict(False, "Precision asks about the found notes; recall about the true ones.")
    if is_near([precision, recall, (precision + recall) / 2]):
        return Verdict(False, "F is the harmonic mean: 2 P R / (P + R), not (P + R) / 2.")
    if is_near([precision, recall, precision * recall]):
        return Verdict(False, "P times R is less than both. A mean lies between them.")
    if np.any(given > 1):
        return Verdict(False, "Each lies between 0 and 1: 50 % is 0.5.")
    return Verdict(False, "Which share of the 50 is right? Which share of the 40 was found?")


def ch00_tempo(function: Callable[[np.ndarray], float]) -> Verdict:
    """Exercise 4: the tempo of a series of beats, one of which may be missing.

    Parameters
    ----------
    function
        Takes beat times in seconds, shape `(n,)`; returns beats per minute, within 1.
    """
    steady = 2.0 + np.arange(16) * 0.5
    quick = 0.3 + np.arange(20) * 0.4
    for name, beats, bpm in (
        ("16 beats, half a second apart, from 2 s on", steady, 120.0),
        ("20 beats, 0.4 s apart", quick, 150.0),
        ("16 beats, half a second apart, one of them missed", np.delete(steady, 7), 120.0),
    ):
        given = called(function, beats)
        given = given if isinstance(given, Verdict) else numbers(given, 1)
        if isinstance(given, Verdict):
            return given
        if abs(given[0] - bpm) > 1:
            case = f"{name}: {bpm:g} bpm, but your function returns {given[0]:.4g}. "
            return Verdict(False, case + _tempo_hint(float(given[0]), bpm, beats))
    return Verdict(
        True, "One gap does not change the median. Would it change if every other beat were missed?"
    )


def _tempo_hint(given: float, bpm: float, beats: np.ndarray) -> str:
    """Hint for a tempo of `given`."""
    mistakes = {
        60 / bpm: "That is the time between beats; a minute has 60 s.",
        bpm / 60: "That is in beats a second; a minute has 60 s.",
        60 * beats.size / beats[-1]: "The piece need not begin with its first beat at 0 s.",
        60 * beats.size / (beats[-1] - beats[0]): "n beats have n - 1 intervals between them.",
        60 / float(np.mean(np.diff(beats))): "One beat is missing, and its gap pulls the mean. "
        "Which average is robust against that?",
    }
    for wrong, hint in mistakes.items():
        if abs(given - wrong) <= 0.005 * wrong:
            return hint
    return "How long are the intervals between beats? np.diff computes them; a minute has 60 s."


def ch00_tap(function: Callable[[np.ndarray, int], np.ndarray]) -> Verdict:
    """Exercise 5: track the beats of a drummer with an F of at least 0.8.

    Parameters
    ----------
    function
        Takes samples, shape `(n,)`, and the sampling rate in Hz; returns increasing beat times in
        seconds, shape `(beats,)`. It is tested on a hidden drum recording.
    """
    beats = LEAD_IN + np.arange(BEATS) * 60 / BPM
    given = called(function, _drums(beats), SR)
    if isinstance(given, Verdict):
        return given
    taps = numbers(given)
    if isinstance(taps, Verdict):
        return taps
    if taps.size < 2:
        return Verdict(False, f"There are {BEATS} beats, but you tapped {taps.size} times.")
    if np.any(np.diff(taps) <= 0) or taps[0] < 0:
        return Verdict(False, "Tap times are seconds from 0 s on, each later than the one before.")
    if taps[-1] > beats[-1] + 10:
        return Verdict(False, "Your last tap comes long after the end: are these frames, not s?")
    f = beat_scores(beats, taps)["f"]
    if f >= BEAT_F:
        return Verdict(
            True, f"F = {f:.2f}. Real songs are harder: see the numbers in the table above."
        )
    return Verdict(False, f"F = {f:.2f}; {BEAT_F:g} is required. " + _tap_hint(taps, beats))


def _tap_hint(taps: np.ndarray, beats: np.ndarray) -> str:
    """Hint for taps that differ from the beats."""
    period = 60 / BPM
    ratio = float(np.median(np.diff(taps))) / period
    if 0.45 < ratio < 0.55:
        return "You tap twice as fast: the cymbals between the beats are onsets, not beats."
    if 1.9 < ratio < 2.1:
        return "You tap half as fast: every other beat is missing."
    if abs(ratio - 1) < 0.03:
        late = np.median((taps - beats[0] + period / 2) % period - period / 2)
        if abs(late) > period / 3:
            return "The tempo is right, but you tap between the beats."
        return f"The tempo is right, but you tap {1000 * late:.0f} ms late."
    return f"Your taps lie {ratio * period:.2f} s apart. How far apart do the strong hits lie?"


def _drums(beats: np.ndarray) -> np.ndarray:
    """Bass drum and snare on the beats, cymbals on and between them, shape `(samples,)`."""
    period = beats[1] - beats[0]
    y = np.zeros(int((beats[-1] + 1) * SR))

    def hit(time: float, sound: np.ndarray) -> None:
        first = int(time * SR)
        y[first : first + sound.size] += sound[: y.size - first]

    t = np.arange(int(0.2 * SR)) / SR
    low = np.sin(2 * np.pi * (60 * t + 3 * (1 - np.exp(-30 * t)))) * np.exp(-18 * t)
    hiss = dsp.noise(sr=SR, duration=0.2, seed=5)
    snare = 0.4 * hiss * np.exp(-25 * t) + 0.3 * np.sin(2 * np.pi * 190 * t) * np.exp(-30 * t)
    cymbal = 0.15 * np.diff(hiss, prepend=0.0) * np.exp(-60 * t)
    for i, time in enumerate(beats):
        hit(time, snare if i % 2 else low)
        hit(time, cymbal)
        hit(time + period / 2, cymbal)
    return 0.5 * y
