"""Scores of a note net on the test sets: notes, pitch by octave, repeated notes, cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.spectra.repetitions import OTHER_PITCHES, RATES
from benchmarks.spectra.repetitions import PITCHES as REPEATED_PITCHES
from benchmarks.transcription.test_sets import (
    HOP,
    LONGEST,
    RENDERED,
    SECONDS,
    SR,
    UNSEEN,
    Repeated,
    Sound,
    repetitions,
    sounds,
)
from mirlab.core import Notes
from mirlab.evaluation import frame_scores, match_notes, note_scores
from mirlab.transcription import Rolls, decode

KINDS = {  # octaves whose pitch accuracy is measured
    "piano": ("piano", "Chopin", "rendered piano"),
    "voice": ("voice", "rendered voice"),
    "mixture": ("strings", "rendered mixture"),
}
FEW = 30  # notes; octaves with fewer are omitted
ONSETS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)  # candidate thresholds
FRAMES = (0.2, 0.3, 0.4, 0.5)
PRECISE = 0.9

PROTOCOL = f"""
tests: the first {LONGEST:g} s of each real recording of transcription.real_recordings (piano =
piano_maps_disklavier, Chopin = piano_smd_chopin, strings = stems_urmp), longer notes cut there;
rendered: {RENDERED} pieces of about {SECONDS:g} s of another seed than the training's, on the sound
font {UNSEEN} (Debian's csound-soundfont), which no net has learned from, with rooms, noise and
detuning: piano = all parts on program 0, voice = the melody alone on programs 52 and 53, mixture =
as composed. onset_f, frame_f: as in real_recordings, means over a set's sounds. Thresholds: of
{len(ONSETS)} for onsets and {len(FRAMES)} for frames, those with the best mean over the other sets,
of the real for the real and of the rendered for the rendered. pitch: accuracy = share of the true
notes, real and rendered, of an octave (C to B) whose pitch's frame posterior, averaged from onset
to offset, is higher than that of every pitch up to an octave away that does not sound meanwhile;
octaves with at least {FEW} notes. repeated notes: one pitch (C3, C4, C5) 2 to 20 times a second for
4 s, pedal up, program 0 of {UNSEEN}; the threshold is the lowest with a precision of at least
{PRECISE} on other notes (A2, A3, A4); recall, and precision, there; a match within 50 ms or 0.4 of
the notes' distance, whichever is less. cost: cpu_s = CPU seconds a minute of sound, picture and
net, on one thread.
"""

Listen = Callable[[np.ndarray], np.ndarray]  # samples to rolls (4, 88, frames), 0..1
Values = dict[str, float]


def answers(listen: Listen) -> dict[str, Values]:
    """Run all tests; values by test set."""
    started = time.process_time()
    posteriors = [listen(sound.y) for sound in sounds()]
    seconds = time.process_time() - started
    minutes = sum(sound.y.size for sound in sounds()) / SR / 60
    tables = notes_found(sounds(), posteriors) | pitches_by_octave(sounds(), posteriors)
    tables |= repeated_notes(listen)
    return tables | {"cost": {"cpu_s": seconds / minutes}}


def notes_found(sounds: Sequence[Sound], posteriors: Sequence[np.ndarray]) -> dict[str, Values]:
    """Onset F and frame F by set, with thresholds from the other sets of the same kind."""
    pairs = list(zip(sounds, posteriors, strict=True))
    onsets = [[onset_f(sound, decoded(rolls, value)) for value in ONSETS] for sound, rolls in pairs]
    onset = _chosen(sounds, onsets)
    frames = [
        [frame_f(sound, decoded(rolls, ONSETS[onset[sound.set]], value)) for value in FRAMES]
        for sound, rolls in pairs
    ]
    frame = _chosen(sounds, frames)
    return {
        name: {
            "onset_f": _mean(sounds, onsets, name)[onset[name]],
            "frame_f": _mean(sounds, frames, name)[frame[name]],
            "onset_threshold": ONSETS[onset[name]],
            "frame_threshold": FRAMES[frame[name]],
        }
        for name in onset
    }


def _chosen(sounds: Sequence[Sound], rows: Sequence[Sequence[float]]) -> dict[str, int]:
    """Best column on the other sets of the same kind, real or rendered; by set."""
    names = list(dict.fromkeys(sound.set for sound in sounds))
    tables = {name: _mean(sounds, rows, name) for name in names}

    def realm(name: str) -> bool:
        return name.startswith("rendered")

    others = {
        name: [tables[other] for other in names if other != name and realm(other) == realm(name)]
        for name in names
    }
    return {name: int(np.mean(others[name], axis=0).argmax()) for name in names}


def _mean(sounds: Sequence[Sound], rows: Sequence[Sequence[float]], name: str) -> list[float]:
    """Mean row of the sounds of a set."""
    rows_of_set = [row for sound, row in zip(sounds, rows, strict=True) if sound.set == name]
    means: list[float] = np.mean(rows_of_set, axis=0).tolist()
    return means


def decoded(rolls: np.ndarray, onset_threshold: float, frame_threshold: float = 0.3) -> Notes:
    """Decode the notes of a network's posteriors."""
    return decode(
        Rolls(*rolls),
        decoder="peaks",
        hop_length=HOP,
        sr=SR,
        onset_threshold=onset_threshold,
        frame_threshold=frame_threshold,
    )


def onset_f(sound: Sound, found: Notes) -> float:
    """F of notes by pitch and onset."""
    return note_scores(sound.notes, found, onset_tolerance=sound.tolerance)["onset_f"]


def frame_f(sound: Sound, found: Notes) -> float:
    """F of pitches by frame."""
    return frame_scores(sound.notes, found)["frame_f"]


def pitches_by_octave(
    sounds: Sequence[Sound], posteriors: Sequence[np.ndarray]
) -> dict[str, Values]:
    """How often a note's pitch has a higher posterior than the silent pitches near it."""
    tables: dict[str, Values] = {}
    for kind, sets in KINDS.items():
        rows_of_set = [pair for pair in zip(sounds, posteriors, strict=True) if pair[0].set in sets]
        right = np.concatenate([believed(sound.notes, rolls[1]) for sound, rolls in rows_of_set])
        pitch = np.concatenate([sound.notes.pitch for sound, _ in rows_of_set])
        for octave in range(9):
            here = right[pitch // 12 == octave + 1]
            if here.size >= FEW:
                tables[f"pitch of {kind}, octave {octave}"] = {"accuracy": float(here.mean())}
    return tables


def believed(notes: Notes, frame: np.ndarray) -> np.ndarray:
    """Whether the posterior of each note's pitch exceeds that of all silent ones within an octave.

    Parameters
    ----------
    notes
        The truth.
    frame
        Posterior of sounding, shape `(88, frames)`.

    Returns
    -------
    ndarray
        bool, shape `(n,)`; False for pitches outside A0 to C8.
    """
    right = np.zeros(len(notes), bool)
    rows = notes.pitch - 21
    first = np.round(notes.onset * SR / HOP).astype(int)
    last = np.maximum(np.round(notes.offset * SR / HOP).astype(int), first + 1)
    for i in np.flatnonzero((rows >= 0) & (rows < len(frame)) & ~notes.is_drum):
        mean = frame[:, first[i] : last[i]].mean(axis=1)
        near = np.abs(np.arange(len(frame)) - rows[i]) <= 12
        near[rows[(first < last[i]) & (last > first[i]) & (rows >= 0) & (rows < len(frame))]] = (
            False
        )
        right[i] = bool(mean[near].max(initial=0) < mean[rows[i]])
    return right


def repeated_notes(listen: Listen) -> dict[str, Values]:
    """Recall of fast repeated notes at a precision of nine in ten."""
    others = [(repeated, listen(repeated.y)) for repeated in repetitions(OTHER_PITCHES)]
    precise = [value for value in ONSETS if _found(others, value)["precision"] >= PRECISE]
    threshold = min(precise, default=max(ONSETS))
    posteriors = [(repeated, listen(repeated.y)) for repeated in repetitions(REPEATED_PITCHES)]
    return {
        f"repeated notes, {rate} a second": _found(
            [pair for pair in posteriors if pair[0].rate == rate], threshold
        )
        for rate in RATES
    }


def _found(posteriors: Sequence[tuple[Repeated, np.ndarray]], threshold: float) -> Values:
    """Precision and recall over several sounds."""
    matched = found = true = 0
    for repeated, rolls in posteriors:
        notes = decoded(rolls, threshold)
        near = min(0.05, 0.4 / repeated.rate)
        matched += len(match_notes(repeated.notes, notes, onset_tolerance=near))
        found += len(notes)
        true += len(repeated.notes)
    return {"recall": matched / true, "precision": matched / found if found else 1.0}
