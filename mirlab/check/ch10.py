"""Chapter 10: meter and clicks by ear, measures, pick-up, phase, tempo curve, a beat tracker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from .. import examples
from ..composer import compose
from ..core import Audio, Segments
from ..evaluation import beat_scores
from ..rhythm import click_track
from .verdict import Verdict, called, numbers

SR = 22050  # Hz
IN_THREE = "B"  # of exercise 1; the others are in four
KINDS = ("on the beat", "off the beat", "at half the tempo", "too fast by 3 %")
PLAYED = "CABD"  # the letters of these kinds
FOUR_FOR_THREE = (1 / 4, 1 / 3, 2 / 7)  # precision, recall and F of exercise 3
PICK_UP, WALTZ_BEAT = 0.5, 60 / 90  # s, of exercise 4
FPS = 22050 / 512  # frames per second of exercise 5
REQUIRED_F = 0.8  # of exercise 7
HIDDEN = ((10_001, "pop", 1.4), (10_001, "waltz", 0.7))  # seed, style, second tempo over first


def ch10_meter(answer: str) -> Verdict:
    """Exercise 1: which of the pieces A, B and C is in three.

    Parameters
    ----------
    answer
        A letter.
    """
    letter = _letters(answer)
    if letter not in ("A", "B", "C"):
        return Verdict(False, 'The answer is one letter in quotes: "A", "B" or "C".')
    if letter == IN_THREE:
        return Verdict(True, "The bass has the first beat and the chords the other two.")
    return Verdict(
        False,
        f"Count along with {letter}: say one where the bass is lowest or the chord changes. How "
        "many beats is it to the next one?",
    )


def clicked_pieces() -> dict[str, Audio]:
    """The four sounds of exercise 2: one piece with four kinds of clicks, by letter."""
    piece = examples.load("band")
    times = piece.beats.intervals[:, 0]
    half = (times[1:] - times[:-1]) / 2
    clicks = (
        times,
        times[:-1] + half,
        times[::2],
        times[0] + (times - times[0]) / 1.03,
    )
    sounds = {}
    for letter, beats in zip(PLAYED, clicks, strict=True):
        track = click_track(beats, duration=piece.audio.duration)
        sounds[letter] = Audio(0.7 * piece.audio.y + 0.5 * track.y, SR).slice(6, 16)
    return dict(sorted(sounds.items()))


def ch10_clicks(answer: str) -> Verdict:
    """Exercise 2: which clicks are on the beat, off it, at half the tempo, and too fast.

    Parameters
    ----------
    answer
        Four letters in this order, such as `"ABCD"`.
    """
    letters = _letters(answer)
    if sorted(letters) != sorted(PLAYED):
        return Verdict(False, 'The answer is each of the letters A to D once, such as "ABCD".')
    if letters == PLAYED:
        return Verdict(
            True, "Three of them are a pulse of this music; a score at the beat accepts only one."
        )
    wrong = [kind for kind, a, b in zip(KINDS, letters, PLAYED, strict=True) if a != b]
    if KINDS[3] in wrong:
        return Verdict(
            False, f"Listen to the end: {letters[3]} keeps its place. Which clicks run away?"
        )
    if KINDS[2] in wrong:
        return Verdict(False, f"{letters[2]} has a click on every beat, or between all of them.")
    return Verdict(
        False, "On and off the beat are swapped: on which of them do bass and drum fall?"
    )


def ch10_measures(answer: ArrayLike) -> Verdict:
    """Exercise 3: precision, recall and F of four clicks for every three beats.

    Parameters
    ----------
    answer
        Precision, recall and F, 0..1, within 0.005, shape `(3,)`.
    """
    given = numbers(answer, 3)
    if isinstance(given, Verdict):
        return given
    precision, recall, _ = FOUR_FOR_THREE
    if np.allclose(given, FOUR_FOR_THREE, rtol=0, atol=0.005):
        return Verdict(True, "Such a tracker has a pulse, and no measure here gives it much.")
    if np.allclose(given[:2], (recall, precision), rtol=0, atol=0.01):
        return Verdict(False, "Precision is the share of the clicks, recall that of the beats.")
    if np.allclose(given[:2], (precision, recall), rtol=0, atol=0.01):
        if abs(given[2] - (precision + recall) / 2) < 0.005:
            return Verdict(False, "That is the mean; F is the harmonic mean, 2 p r / (p + r).")
        return Verdict(False, "Precision and recall are right; F is 2 p r / (p + r).")
    if np.any(given > 1):
        return Verdict(False, "Give shares between 0 and 1, not percent.")
    return Verdict(
        False,
        "Draw three beats and four clicks in the same time. How many of each coincide until "
        "both meet again?",
    )


def ch10_pick_up(answer: ArrayLike) -> Verdict:
    """Exercise 4: the first two downbeats of a waltz with a pick-up of one beat.

    Parameters
    ----------
    answer
        Two times in seconds, within 0.02, shape `(2,)`.
    """
    given = numbers(answer, 2)
    if isinstance(given, Verdict):
        return given

    def is_near(first: float, bar: float) -> bool:
        return bool(np.allclose(given, (first, first + bar), rtol=0, atol=0.02))

    first, bar = PICK_UP + WALTZ_BEAT, 3 * WALTZ_BEAT
    if is_near(first, bar):
        return Verdict(True, "One beat after the first note, then every three beats.")
    if is_near(PICK_UP, bar):
        return Verdict(False, "The first note is the pick-up: it is three, not one.")
    if is_near(first, 4 * WALTZ_BEAT):
        return Verdict(False, "A waltz has three beats in a bar.")
    if is_near(first - PICK_UP, bar):
        return Verdict(False, "The first note is at 0.5 s, not at 0.")
    if is_near(first, WALTZ_BEAT):
        return Verdict(False, "The second time is the next beat, not the next downbeat.")
    if is_near(PICK_UP + 1.5, 4.5):
        return Verdict(False, "90 beats a minute are 60 / 90 s from beat to beat, not 90 / 60.")
    return Verdict(False, "From beat to beat it is 60 / 90 s. Count: three, one, two, three, one.")


def ch10_phase(function: Callable[[np.ndarray, int], float]) -> Verdict:
    """Exercise 5: the frame of the first beat, given the period.

    Parameters
    ----------
    function
        Takes an onset strength, shape `(frames,)`, and the period in frames; returns the frame of
        the first beat, 0 to the period minus 1.
    """
    for period, phase, strength in _pulses():
        given = called(function, strength, period)
        given = given if isinstance(given, Verdict) else numbers(given, 1)
        if isinstance(given, Verdict):
            return given
        if abs(given[0] - phase) > 0.5:
            case = f"With a beat at {phase}, {phase + period}, ... it returned {given[0]:g}. "
            return Verdict(False, case + _phase_hint(float(given[0]), period, phase, strength))
    return Verdict(True, "No single onset decides: the sum over all beats does.")


def _pulses() -> Iterator[tuple[int, int, np.ndarray]]:
    """Period, phase and onset strength: beats, weaker off-beats, noise and one loud accent."""
    for seed, (period, phase) in enumerate(((20, 7), (27, 0), (31, 30), (24, 13))):
        rng = np.random.default_rng(seed)
        strength = rng.uniform(0, 0.3, 600)
        strength[phase::period] += rng.uniform(0.7, 1, strength[phase::period].size)
        middle = (phase + period // 2) % period
        strength[middle::period] += 0.5
        strength[300 + (phase - 300) % period + 3] = 4.0  # an accent three frames after a beat
        yield period, phase, strength


def _phase_hint(given: float, period: int, phase: int, strength: np.ndarray) -> str:
    """Hint for the wrong phase `given`."""
    if given == strength.argmax():
        return "That is the loudest frame. A single accent says little: add up all beats."
    if given == strength.argmax() % period:
        return "One loud accent decided. Does the sum contain all beats, and is there an average?"
    if given >= period and (given - phase) % period == 0:
        return "That is a beat, but not the first one: which is between 0 and the period?"
    if abs(given * FPS - phase) < 0.5:
        return "That seems to be in seconds; return a frame."
    if abs((given - phase) % period - period / 2) <= 1:
        return "That is the off-beat, half a period away."
    return "For each phase p, how large is the mean of strength[p::period]?"


def ch10_tempo_curve(function: Callable[[np.ndarray], ArrayLike]) -> Verdict:
    """Exercise 6: the tempo over every four beats.

    Parameters
    ----------
    function
        Takes beat times in seconds, shape `(n,)`; returns the tempo in beats per minute over each
        four consecutive intervals, shape `(n - 4,)`.
    """
    rng = np.random.default_rng(10)
    for size in (12, 30):
        beats = 0.4 + np.cumsum(np.linspace(0.7, 0.45, size) + rng.uniform(-0.02, 0.02, size))
        beats = np.round(beats * FPS) / FPS
        given = called(function, beats)
        if isinstance(given, Verdict):
            return given
        truth = 240 / (beats[4:] - beats[:-4])
        given = numbers(given)
        if isinstance(given, Verdict):
            return given
        if given.size != truth.size:
            return Verdict(False, _length_hint(given.size, size))
        if not np.allclose(given, truth, rtol=1e-6):
            return Verdict(False, _curve_hint(given, truth, beats))
    return Verdict(True, "A frame more or less in a bar is a quarter of the error in a beat.")


def _length_hint(given: int, size: int) -> str:
    """Hint for a curve of the wrong length."""
    case = f"{size} beats have {size - 4} spans of four intervals; you return {given} values. "
    if given == size - 1:
        return case + "Is that the tempo of single intervals? Take the time from beat k to k + 4."
    if given == size - 3:
        return case + "Four intervals have five ends: from beat k to beat k + 4, not k + 3."
    return case + "Take the time from beat k to beat k + 4."


def _curve_hint(given: np.ndarray, truth: np.ndarray, beats: np.ndarray) -> str:
    """Hint for a tempo curve with wrong values."""
    singles = 60 / np.diff(beats)
    means = np.convolve(singles, np.ones(4) / 4, mode="valid")
    if np.allclose(given, truth / 4, rtol=1e-6):
        return "A quarter of it: four beats pass in that time, not one."
    if np.allclose(given, 60 / truth, rtol=1e-6):
        return "That is in seconds a beat; the tempo is 60 over it."
    if np.allclose(given, truth / 60, rtol=1e-6):
        return "That is in beats a second; a minute has 60."
    if np.allclose(given, means, rtol=1e-6):
        return "That is the mean of four tempi. Four beats over their time is less, and right."
    if np.allclose(given, truth[::-1], rtol=1e-6):
        return "The order is reversed."
    return "Four beats in beats[k + 4] - beats[k] seconds: how many is that in a minute?"


def ch10_tracker(function: Callable[[np.ndarray, int], ArrayLike]) -> Verdict:
    """Exercise 7: track beats through a change of tempo, with an F of at least 0.8.

    Parameters
    ----------
    function
        Takes samples, shape `(samples,)`, and the sampling rate in Hz; returns beat times in
        seconds. It is tested on two hidden pieces, of which one becomes faster and one slower.
    """
    scores = []
    for audio, beats in _hidden_pieces():
        given = called(function, audio.y[0].astype(float), SR)
        if isinstance(given, Verdict):
            return given
        if isinstance(given, Segments):
            return Verdict(False, "Return the times: beats.intervals[:, 0].")
        found = numbers(given)
        if isinstance(found, Verdict):
            return found
        found = np.unique(found[found >= 0])
        if found.size and found[-1] > 2 * audio.duration:
            return Verdict(
                False,
                f"Your last beat is at {found[-1]:g}, but the piece has {audio.duration:.0f} s: "
                "are these frames or samples?",
            )
        scores.append(beat_scores(beats, found))
    f, cmlt, amlt = (float(np.mean([s[name] for s in scores])) for name in ("f", "cmlt", "amlt"))
    if min(score["f"] for score in scores) >= REQUIRED_F:
        return Verdict(True, f"F = {f:.2f}: your tracker follows both changes.")
    required = f"F = {f:.2f}; {REQUIRED_F:g} is required on each piece. "
    if amlt > cmlt + 0.3:
        return Verdict(False, required + "There is a pulse, at half or twice the tempo.")
    if max(score["f"] for score in scores) >= REQUIRED_F:
        return Verdict(False, required + "One is right. Does the method suit both directions?")
    if f > 0.3:
        return Verdict(
            False, required + "Some beats are right: does your method allow for several tempi?"
        )
    return Verdict(False, required + "Few beats are right; does the method look at the sound?")


@cache
def _hidden_pieces() -> tuple[tuple[Audio, np.ndarray], ...]:
    """Composed pieces whose tempo jumps in the middle, and the times of their beats."""
    made = []
    for seed, style, ratio in HIDDEN:
        piece = compose(seed, style=style, duration=24)
        middle = piece.beats.intervals[len(piece.beats) // 2, 0]
        end = piece.duration
        old, new = (0, middle, end), (0, middle, middle + (end - middle) / ratio)
        notes = piece.notes
        onset, offset = (np.interp(t, old, new) for t in (notes.onset, notes.offset))
        notes = replace(notes, onset=onset, offset=offset, bends=None, tempo_map=None, pedal=None)
        beats = np.interp(piece.beats.intervals[:, 0], old, new)
        made.append((notes.render(sr=SR, synth="additive"), beats))
    return tuple(made)


def _letters(answer: object) -> str:
    """The letters of an answer in upper case, without anything else."""
    return "".join(c for c in str(answer).upper() if c.isalpha())
