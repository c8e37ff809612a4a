"""Chapter 4: a missing fundamental, ghosts, peaks apart, octaves, repeated notes, a listener."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import dsp
from ..core import Audio, Notes
from ..evaluation import note_scores
from .verdict import Verdict, called, numbers

SR = 22050  # Hz
TONE = (400.0, 600.0, 800.0)  # Hz: the partials of exercise 1, whose pitch is 200 Hz
ROOT = 48  # C3, struck in exercise 2
GHOSTS = (60, 67, 72, 76, 79)  # where its partials 2 to 6 lie
FRAME = 2048  # samples of exercise 4
NEAR = 2  # frames by which a note of exercise 5 may lie off
HEARING_F = 0.5  # what exercise 6 asks for
TAKES = (80_013, 80_018)  # seeds of its hidden recordings


def ch04_missing(answer: ArrayLike) -> Verdict:
    """Exercise 1: the pitch of a tone whose fundamental is missing.

    Parameters
    ----------
    answer
        The pitch in Hz that YIN finds in partials at 400, 600 and 800 Hz; within 2 Hz.
    """
    given = numbers(answer, 1)
    if isinstance(given, Verdict):
        return given
    (hz,) = given.tolist()
    if abs(hz - 200) <= 2:
        return Verdict(True, "All three repeat after 5 ms, and so does their sum. So hears an ear.")
    if abs(hz - 100) <= 2:
        return Verdict(False, "After 10 ms it repeats, too. But is that the first time?")
    if min(abs(hz - partial) for partial in TONE) <= 2:
        return Verdict(False, "One of the partials repeats so often. When do all of them at once?")
    return Verdict(False, "A period of the tone holds whole periods of each of its partials.")


def ch04_ghosts(answer: ArrayLike) -> Verdict:
    """Exercise 2: where the partials of a note lie.

    Parameters
    ----------
    answer
        MIDI numbers nearest to partials 2 to 6 of C3 (48), in any order, shape `(5,)`.
    """
    given = numbers(answer, 5)
    if isinstance(given, Verdict):
        return given
    found = np.sort(given)
    if np.allclose(found, GHOSTS, atol=0.5):
        return Verdict(True, "Octave, twelfth, two octaves, and a third and a fifth over those.")
    if np.allclose(found, ROOT + 12 * np.arange(1, 6)):
        return Verdict(False, "Those are octaves: 2, 4, 8 times the frequency. 3 and 5 are none.")
    if np.allclose(found, np.r_[ROOT, GHOSTS[:4]], atol=0.5):
        return Verdict(False, "Partial 1 is the note itself. Begin with the second.")
    if np.all(given > 127):
        return Verdict(False, "MIDI numbers, not Hz: 48 + 12 log2(k) for partial k.")
    return Verdict(False, "Partial k lies 12 log2(k) semitones above. Round to whole ones.")


def ch04_peaks(function: Callable[..., ArrayLike]) -> Verdict:
    """Exercise 3: peaks over a threshold, none nearer to another than so many frames.

    Parameters
    ----------
    function
        Takes a curve of shape `(frames,)`, a threshold and the least distance in frames; gives
        the frames of the peaks, rising.
    """
    for curve, apart, due in _curves():
        given = called(function, curve, 1.0, apart)
        if isinstance(given, Verdict):
            return given
        try:
            found = np.asarray(given, dtype=np.float64).ravel().tolist()
        except (TypeError, ValueError):
            return Verdict(False, "Give the numbers of the frames: a list or an array.")
        if found == due:
            continue
        case = f"In {curve.round(1).tolist()}, {apart} apart, {due} are due, not {found}."
        if any(not 0 <= k < curve.size or curve[int(k)] < 1 for k in found):
            return Verdict(False, f"{case} Some lie under the threshold of 1.")
        if sorted(found) == due:
            return Verdict(False, f"{case} Those are right; give them in rising order.")
        if np.any(np.diff(sorted(found)) < apart):
            return Verdict(False, f"{case} Some are nearer than that.")
        if len(found) < len(due):
            return Verdict(False, f"{case} One that gives way must not silence others.")
        return Verdict(False, f"{case} Of two that are near, the higher one stays.")
    return Verdict(True, "The highest first, and each silences only those around it.")


def _curves() -> Iterator[tuple[np.ndarray, int, list[float]]]:
    """Curves, how far apart their peaks have to be, and what is due."""
    yield np.array([0, 2, 0, 0, 0, 3, 0, 0.5, 0]), 3, [1, 5]
    yield np.array([0, 2, 0, 3, 0, 0, 0, 2, 0]), 3, [3, 7]
    # 4 gives way to 6, and then silences 2 no longer
    yield np.array([0, 0, 2, 0, 3, 0, 4, 0, 0]), 3, [2, 6]
    yield np.array([0, 5, 0, 4, 0, 3, 0, 2, 0]), 4, [1, 5]
    yield np.zeros(6), 2, []


def ch04_octave(function: Callable[[np.ndarray, int], Any]) -> Verdict:
    """Exercise 4: the pitch of a frame, in the right octave.

    Parameters
    ----------
    function
        Takes a frame, shape `(2048,)`, and the sampling rate in Hz; gives the pitch in Hz, within
        a quarter of a semitone. Its fundamental may be weak, strong, or missing.
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
            return Verdict(False, f"A pitch is more than 0 Hz; for {f0:g} Hz you give {hz:g}.")
        steps = 12 * np.log2(hz / f0)
        if abs(steps) <= 0.25:
            continue
        case = f"For {f0:g} Hz, {what}, you give {hz:.1f} Hz. "
        if steps < -11 and abs(f0 / hz - round(f0 / hz)) < 0.05:
            return Verdict(False, case + f"Of lags that fit, that is number {f0 / hz:.0f}, not 1.")
        if steps > 11 and abs(hz / f0 - round(hz / f0)) < 0.05:
            return Verdict(False, case + "That is a partial. Is the dip there as deep as others?")
        return Verdict(False, case + "A lag of a sample more or less: does a parabola help?")
    return Verdict(True, "The first dip that is deep enough: neither a partial nor two periods.")


def _tones() -> Iterator[tuple[str, float, np.ndarray]]:
    """What kind of tone, its pitch in Hz, and a frame of it."""
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
    """Exercise 5: the notes of one pitch, from its posteriors.

    Parameters
    ----------
    function
        Takes the onset and the frame posterior, 0..1, each of shape `(frames,)`; gives pairs of
        first frame and end, within 2 frames.
    """
    for what, onset, frame, due in _rows():
        given = called(function, onset, frame)
        if isinstance(given, Verdict):
            return given
        try:
            found = np.asarray(given, dtype=np.float64).reshape(-1, 2)
        except (TypeError, ValueError):
            return Verdict(False, "Give pairs of frames: the first, and the end.")
        case = f"{what}: {len(due)} notes are due, not {len(found)}. "
        if len(found) < len(due):
            if len(due) > 1:
                return Verdict(False, case + "A new onset peak begins a new note.")
            return Verdict(False, case + "Its onset peak is low, but its frames are sure.")
        if len(found) > len(due):
            return Verdict(False, case + "Is every onset peak followed by sound?")
        off = np.abs(found[np.argsort(found[:, 0])] - due)
        if off[:, 0].max(initial=0) > NEAR:
            return Verdict(False, f"{what}: a note begins {off[:, 0].max():.0f} frames elsewhere.")
        if off[:, 1].max(initial=0) > NEAR:
            return Verdict(False, f"{what}: a note ends {off[:, 1].max():.0f} frames elsewhere.")
    return Verdict(True, "Repeated notes stay apart, and no single frame decides alone.")


def _rows() -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """What is played, its onset and frame posterior, and its notes, shape `(n, 2)`."""
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
        for place in [*(a for a, _ in notes), *false]:
            height = 0.5 if place in false else 0.9
            near = height * (1 - np.abs(np.arange(110) - place) / 4)
            onset = np.maximum(onset, near)
        for a, b in notes:
            frame[a:b] = rng.uniform(0.75, 0.95, b - a)
        yield what, onset, frame, np.array(notes, dtype=float).reshape(-1, 2)


def ch04_hearing(function: Callable[[Audio], Notes]) -> Verdict:
    """Exercise 6: hear notes with onset and offset; F has to reach 0.5.

    Parameters
    ----------
    function
        Takes an `Audio` of one channel at 22,050 Hz, gives `Notes`. It is tried on two recordings;
        a match is 50 ms and 50 cents near, and ends within 50 ms or a fifth of the note.
    """
    scores = []
    for audio, truth in _recordings():
        given = called(function, audio)
        if isinstance(given, Verdict):
            return given
        if not isinstance(given, Notes):
            return Verdict(False, f"Your function should give Notes, not {type(given).__name__}.")
        scores.append(note_scores(truth, given))
    f = float(np.mean([score["onset_offset_f"] for score in scores]))
    if f >= HEARING_F:
        return Verdict(True, f"F = {f:.2f}, with the ends right, on sounds that nobody has heard.")
    asked = f"F = {f:.2f}; {HEARING_F:g} is asked for. "
    precision, recall, onsets = (
        float(np.mean([score[f"onset_{kind}"] for score in scores]))
        for kind in ("precision", "recall", "f")
    )
    if onsets >= HEARING_F:
        return Verdict(False, asked + f"By onsets it is {onsets:.2f}: look at where notes end.")
    if precision < recall / 2:
        return Verdict(False, asked + "Most of your notes are not played: raise the threshold.")
    if recall < precision / 2:
        return Verdict(False, asked + "Most notes are missing: do you hear several at once?")
    return Verdict(False, asked + "Can your method hear several notes at once?")


@cache
def _recordings() -> tuple[tuple[Audio, Notes], ...]:
    """The hidden recordings and their notes: hands on keys and lines, a synth each, in a room."""
    from ..composer import random_keyboard_piece, random_solo_parts
    from ..synthesis import master, record
    from ..transcription.training import reference_notes

    made = []
    for kind, seed in zip((random_keyboard_piece, random_solo_parts), TAKES, strict=True):
        take = record(kind(seed, duration=8), seed=seed, fonts={}, synths=1)
        made.append((master(take.audio, seed=seed), reference_notes(take.notes.values())))
    return tuple(made)
