"""Chapter 4: missing fundamental, ghost notes, peak picking, octaves, repeated notes, decoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import dsp
from ..core import Audio, Notes
from ..evaluation import note_scores
from .verdict import NOT_A_FUNCTION, Verdict, called, numbers

SR = 22050  # Hz
TONE = (400.0, 600.0, 800.0)  # Hz, partials of exercise 1, whose pitch is 200 Hz
ROOT = 48  # C3, of exercise 2
GHOSTS = (60, 67, 72, 76, 79)  # MIDI numbers of its partials 2 to 6
FRAME = 2048  # samples of exercise 4
TOLERANCE = 2  # frames, for the notes of exercise 5
REQUIRED_F = 0.5  # of exercise 6
TAKES = (80_013, 80_018)  # seeds of its hidden recordings


def ch04_missing(answer: ArrayLike) -> Verdict:
    """Exercise 1: the pitch of a tone whose fundamental is missing.

    Parameters
    ----------
    answer
        The pitch in Hz that YIN estimates for partials at 400, 600 and 800 Hz; within 2 Hz.
    """
    given = numbers(answer, 1)
    if isinstance(given, Verdict):
        return given
    (hz,) = given.tolist()
    if abs(hz - 200) <= 2:
        return Verdict(
            True, "All three repeat after 5 ms, and so does their sum: that is the pitch."
        )
    if abs(hz - 100) <= 2:
        return Verdict(False, "It does repeat after 10 ms. But is that the first time?")
    if min(abs(hz - partial) for partial in TONE) <= 2:
        return Verdict(False, "That is the rate of one partial. When do all of them repeat?")
    return Verdict(False, "A period of the tone contains whole periods of each of its partials.")


def ch04_ghosts(answer: ArrayLike) -> Verdict:
    """Exercise 2: the pitches of a note's partials.

    Parameters
    ----------
    answer
        Nearest MIDI numbers of partials 2 to 6 of C3 (48), in any order, shape `(5,)`.
    """
    given = numbers(answer, 5)
    if isinstance(given, Verdict):
        return given
    found = np.sort(given)
    if np.allclose(found, GHOSTS, atol=0.5):
        return Verdict(True, "Octave, twelfth, two octaves, and a third and a fifth above those.")
    if np.allclose(found, ROOT + 12 * np.arange(1, 6)):
        return Verdict(False, "Those are octaves: 2, 4, 8 times the frequency. 3 and 5 are not.")
    if np.allclose(found, np.r_[ROOT, GHOSTS[:4]], atol=0.5):
        return Verdict(False, "Partial 1 is the note itself. Begin with the second.")
    if np.all(given > 127):
        return Verdict(False, "Give MIDI numbers, not Hz: 48 + 12 log2(k) for partial k.")
    return Verdict(False, "Partial k lies 12 log2(k) semitones above. Round to whole semitones.")


def ch04_peaks(function: Callable[..., ArrayLike]) -> Verdict:
    """Exercise 3: peaks above a threshold, with a minimum distance.

    Parameters
    ----------
    function
        Takes a curve of shape `(frames,)`, a threshold and the minimum distance in frames; returns
        the frames of the peaks in rising order.
    """
    for curve, distance, due in _curves():
        given = called(function, curve, 1.0, distance)
        if isinstance(given, Verdict):
            return given
        try:
            found = np.asarray(given, dtype=np.float64).ravel().tolist()
        except (TypeError, ValueError):
            return Verdict(False, "Return the numbers of the frames: a list or an array.")
        if found == due:
            continue
        case = f"In {curve.round(1).tolist()}, {distance} apart, {due} are expected, not {found}."
        if any(not 0 <= k < curve.size or curve[int(k)] < 1 for k in found):
            return Verdict(False, f"{case} Some lie below the threshold of 1.")
        if sorted(found) == due:
            return Verdict(False, f"{case} Those are right; return them in rising order.")
        if np.any(np.diff(sorted(found)) < distance):
            return Verdict(False, f"{case} Some are nearer than that.")
        if len(found) < len(due):
            return Verdict(False, f"{case} A peak that gives way must not suppress others.")
        return Verdict(False, f"{case} Of two that are near, the higher one stays.")
    return Verdict(True, "The highest first, and each suppresses only those around it.")


def _curves() -> Iterator[tuple[np.ndarray, int, list[float]]]:
    """Curves, minimum distances of their peaks, and the expected peaks."""
    yield np.array([0, 2, 0, 0, 0, 3, 0, 0.5, 0]), 3, [1, 5]
    yield np.array([0, 2, 0, 3, 0, 0, 0, 2, 0]), 3, [3, 7]
    # 4 is suppressed by 6, and then no longer suppresses 2
    yield np.array([0, 0, 2, 0, 3, 0, 4, 0, 0]), 3, [2, 6]
    yield np.array([0, 5, 0, 4, 0, 3, 0, 2, 0]), 4, [1, 5]
    yield np.zeros(6), 2, []


def ch04_octave(function: Callable[[np.ndarray, int], Any]) -> Verdict:
    """Exercise 4: the pitch of a frame in the right octave.

    Parameters
    ----------
    function
        Takes a frame, shape `(2048,)`, and the sampling rate in Hz; returns the pitch in Hz, within
        a quarter of a semitone. The fundamental may be weak, strong or missing.
    """
    for what, f0, x in _tones():
        given = called(function, x, SR)
        if isinstance(given, Verdict):
            return given
        given = numbers(given, 1)
        if isinstance(given, Verdict):
            return given
        (hz,) = given.tolist()
        if hz <= 0:
            return Verdict(False, f"A pitch is more than 0 Hz; for {f0:g} Hz you return {hz:g}.")
        steps = 12 * np.log2(hz / f0)
        if abs(steps) <= 0.25:
            continue
        case = f"For {f0:g} Hz, {what}, your function returns {hz:.1f} Hz. "
        if steps < -11 and abs(f0 / hz - round(f0 / hz)) < 0.05:
            return Verdict(False, case + f"Of lags that fit, that is number {f0 / hz:.0f}, not 1.")
        if steps > 11 and abs(hz / f0 - round(hz / f0)) < 0.05:
            return Verdict(False, case + "That is a partial. Is the dip there as deep as others?")
        return Verdict(False, case + "The lag is off by about a sample: does a parabola help?")
    return Verdict(True, "The first dip that is deep enough: neither a partial nor two periods.")


def _tones() -> Iterator[tuple[str, float, np.ndarray]]:
    """Kind of tone, its pitch in Hz, and a frame of it."""
    kinds = {
        "with all partials": 1 / np.arange(1, 9.0),
        "a sine": np.array([1.0]),
        "with a weak fundamental": np.array([0.15, 1, 0.5, 0.4, 0.3]),
        "without a fundamental": np.array([0.0, 0.6, 1, 0.8, 0.5]),
    }
    for seed, f0 in enumerate((82.41, 196.0, 440.0, 783.99)):
        noise = np.random.default_rng(seed).standard_normal(FRAME)
        for what, amplitudes in kinds.items():
            tone = dsp.harmonic_tone(f0, amplitudes, sr=SR, duration=FRAME / SR)[:FRAME]
            tone = tone / np.abs(tone).max()
            yield what, f0, tone
            yield what + ", in noise", f0, tone + 0.01 * noise


def ch04_repeats(function: Callable[[np.ndarray, np.ndarray], Any]) -> Verdict:
    """Exercise 5: the notes of one pitch, decoded from its posteriors.

    Parameters
    ----------
    function
        Takes the onset and the frame posterior, 0..1, each of shape `(frames,)`; returns pairs of
        first frame and end, within 2 frames.
    """
    for what, onset, frame, due in _rows():
        given = called(function, onset, frame)
        if isinstance(given, Verdict):
            return given
        try:
            found = np.asarray(given, dtype=np.float64).reshape(-1, 2)
        except (TypeError, ValueError):
            return Verdict(False, "Return pairs of frames: the first, and the end.")
        case = f"{what}: {len(due)} notes are expected, not {len(found)}. "
        if len(found) < len(due):
            if len(due) > 1:
                return Verdict(False, case + "A new onset peak begins a new note.")
            return Verdict(False, case + "Its onset peak is low, but its frame posterior is high.")
        if len(found) > len(due):
            return Verdict(False, case + "Is every onset peak followed by sound?")
        error = np.abs(found[np.argsort(found[:, 0])] - due)
        if error[:, 0].max(initial=0) > TOLERANCE:
            return Verdict(
                False, f"{what}: a note begins {error[:, 0].max():.0f} frames elsewhere."
            )
        if error[:, 1].max(initial=0) > TOLERANCE:
            return Verdict(False, f"{what}: a note ends {error[:, 1].max():.0f} frames elsewhere.")
    return Verdict(True, "Repeated notes stay separate, and no single frame decides alone.")


def _rows() -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Description, onset and frame posterior, and notes, shape `(n, 2)`."""
    quick = [[20 + 8 * k, 28 + 8 * k] for k in range(6)]
    cases: dict[str, tuple[list[list[int]], list[int]]] = {
        "One note": ([[30, 70]], []),
        "Two with a rest": ([[10, 40], [60, 90]], []),
        "Six struck again": (quick, []),
        "One note, and an onset peak in silence": ([[20, 50]], [80]),
        "Silence": ([], []),
    }
    for seed, (what, (notes, false)) in enumerate(cases.items()):
        rng = np.random.default_rng(seed)
        onset, frame = rng.uniform(0, 0.05, (2, 110))
        for peak in [*(a for a, _ in notes), *false]:
            height = 0.5 if peak in false else 0.9
            triangle = height * (1 - np.abs(np.arange(110) - peak) / 4)
            onset = np.maximum(onset, triangle)
        for a, b in notes:
            frame[a:b] = rng.uniform(0.75, 0.95, b - a)
        yield what, onset, frame, np.array(notes, dtype=float).reshape(-1, 2)


def ch04_hearing(function: Callable[[Audio], Notes]) -> Verdict:
    """Exercise 6: transcribe notes with onset and offset, with an F of at least 0.5.

    Parameters
    ----------
    function
        Takes an `Audio` of one channel at 22,050 Hz, returns `Notes`. It is tested on two hidden
        recordings, with a tolerance of 50 ms and 50 cents for onset and pitch, and of 50 ms or a
        fifth of the note for the end.
    """
    if not callable(function):  # before recordings are rendered
        return NOT_A_FUNCTION
    scores = []
    for audio, truth in _recordings():
        given = called(function, audio)
        if isinstance(given, Verdict):
            return given
        if not isinstance(given, Notes):
            return Verdict(False, f"Your function should return Notes, not {type(given).__name__}.")
        scores.append(note_scores(truth, given))
    f = float(np.mean([score["onset_offset_f"] for score in scores]))
    if f >= REQUIRED_F:
        return Verdict(True, f"F = {f:.2f}, with the right ends, on unseen recordings.")
    required = f"F = {f:.2f}; {REQUIRED_F:g} is required. "
    precision, recall, onsets = (
        float(np.mean([score[f"onset_{kind}"] for score in scores]))
        for kind in ("precision", "recall", "f")
    )
    if onsets >= REQUIRED_F:
        return Verdict(False, required + f"By onsets it is {onsets:.2f}: check where notes end.")
    if precision < recall / 2:
        return Verdict(False, required + "Most of your notes are not played: raise the threshold.")
    if recall < precision / 2:
        return Verdict(False, required + "Most notes are missing: do you detect several at once?")
    return Verdict(False, required + "Can your method detect several notes at once?")


@cache
def _recordings() -> tuple[tuple[Audio, Notes], ...]:
    """Hidden recordings and their notes: keyboard figures and solo lines by random synths."""
    from ..composer import random_keyboard_piece, random_solo_parts
    from ..synthesis import master, record
    from ..transcription.training import reference_notes

    made = []
    for kind, seed in zip((random_keyboard_piece, random_solo_parts), TAKES, strict=True):
        take = record(kind(seed, duration=8), seed=seed, fonts={}, synths=1)
        made.append((master(take.audio, seed=seed), reference_notes(take.notes.values())))
    return tuple(made)
