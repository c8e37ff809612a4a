"""Whole pieces: every note of a `Notes` played by a source, and mixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
import torch

from ..core import Audio, Notes, NotesError
from ..core.checks import require
from ..core.parallel import parallel_map
from ..core.rendering import PEAK
from .note_batch import NoteBatch, Source
from .patches import PATCHES
from .soundfonts import SoundFont, find_sound_fonts
from .targets import sounding_ends

# Samples of notes that are computed side by side: few enough to stay in a processor's cache, which
# takes a third off the time that a million took, and so many that Python does not matter.
TOGETHER = 2**18
Part = tuple[Notes, Source | SoundFont | str, int]


def play(
    notes: Notes,
    source: Source | SoundFont | str,
    *,
    sr: int = 22050,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Audio:
    """Play notes with one source.

    A sound font knows all instruments. Any other source plays every note as what it is, whatever
    the note's program; a piece of several instruments is played part by part and added. Notes
    whose frequency lies at or over half of `sr` are not heard. Bends and pedal are.

    Parameters
    ----------
    notes
        What to play.
    source
        A source such as `Plucked()`, a `SoundFont`, or a name: one of `PATCHES`, or a sound font's
        as `find_sound_fonts` gives it, such as `"FluidR3_GM"`.
    sr
        Sampling rate in Hz.
    seed
        Of what is random in the notes; the same seed gives the same samples. A sound font has
        nothing random.
    device
        Where sources compute; torch's name of it.

    Returns
    -------
    Audio
        One channel, peak -6 dBFS, until the last note has died away.

    Raises
    ------
    NotesError
        When there is no note to play.
    AudioError
        For a name that neither a patch nor a sound font has, or a bad `sr`, seed or device.
    MissingPartError
        For a sound font where FluidSynth is not installed.

    Examples
    --------
    >>> chord = Notes([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [60, 64, 67])
    >>> play(chord, "guitar")
    Audio(1 channel, 1.100 s, 22050 Hz)
    """
    if not len(notes):
        raise NotesError("there is no note to play")
    require(sr > 0, f"sr must be positive, not {sr}")
    require(seed >= 0, f"seed must be at least 0, not {seed}")
    if isinstance(source, str):
        source = _named(source)
    if isinstance(source, SoundFont):
        y = source.samples(notes, sr=sr)
    else:
        y = _mix(notes, source, sr=sr, seed=seed, device=device)
    return Audio(y * np.float32(PEAK / max(y.max(), -y.min(), 1e-9)), sr)


def play_all(parts: Iterable[Part], *, sr: int = 22050, n_jobs: int = -1) -> Iterator[Audio]:
    """Play many parts or pieces, several at a time, each in a process of its own.

    Parameters
    ----------
    parts
        For each one its notes, its source and its seed, as `play` takes them.
    sr
        Sampling rate in Hz.
    n_jobs
        How many at a time; -1 for all cores.

    Yields
    ------
    Audio
        What `play` gives, in their order, each as soon as it and those before it are done.

    Raises
    ------
    NotesError, AudioError, MissingPartError
        As `play`.
    """
    yield from parallel_map(partial(_play_part, sr=sr), parts, n_jobs=n_jobs)


def _play_part(part: Part, *, sr: int) -> Audio:
    """`play` with all that belongs to a part as one argument."""
    notes, source, seed = part
    return play(notes, source, sr=sr, seed=seed)


def _named(name: str) -> Source | SoundFont:
    """The patch or the sound font of a name."""
    if name in PATCHES:
        return PATCHES[name]
    fonts = find_sound_fonts()
    known = f"a patch ({', '.join(PATCHES)}) or a sound font that is here ({', '.join(fonts)})"
    require(name in fonts, f"source must be {known}, not {name!r}")
    return fonts[name]


def _mix(
    notes: Notes, source: Source, *, sr: int, seed: int, device: str | torch.device
) -> np.ndarray:
    """All notes, those of like length side by side; `(samples,)`, float32."""
    durations = sounding_ends(notes) - notes.onset
    seeds = np.random.SeedSequence(seed).generate_state(len(notes))
    samples = int(np.ceil((notes.onset + durations).max() * sr))
    y = np.zeros(samples, np.float32)
    for rows in _alike(durations, _bent(notes), sr):
        bend = _bends(notes, rows, durations, sr)
        highest = notes.hz[rows] * (1 if bend is None else 2 ** (bend.max(axis=1) / 12))
        heard = highest < sr / 2
        if not heard.any():
            continue
        rows = rows[heard]
        voices = NoteBatch(
            notes.hz[rows],
            duration=durations[rows].clip(min=1e-3),
            velocity=notes.velocity[rows],
            sr=sr,
            bend=None if bend is None else bend[heard],
            seed=seeds[rows].tolist(),
            device=device,
        )
        played = source(voices).cpu().numpy()
        starts = np.round(notes.onset[rows] * sr).astype(int)
        missing = int(starts.max()) + played.shape[1] - y.size
        y = np.pad(y, (0, missing + sr)) if missing > 0 else y  # seldom: it copies all of it
        for start, row in zip(starts, played, strict=True):
            y[start : start + row.size] += row
    return y[: y.size - int((y[::-1] != 0).argmax())] if y.any() else y[:samples]


def _alike(durations: np.ndarray, bent: np.ndarray, sr: int) -> Iterator[np.ndarray]:
    """Rows of notes that are played side by side: of like lengths, and the bent ones apart."""
    waiting: list[int] = []
    for row in np.lexsort((durations, bent)).tolist():
        full = (len(waiting) + 1) * durations[row] * sr > TOGETHER
        if waiting and (full or bent[row] != bent[waiting[0]]):
            yield np.array(waiting)
            waiting = []
        waiting.append(row)
    yield np.array(waiting)


def _bent(notes: Notes) -> np.ndarray:
    """Which notes are bent; shape `(n,)`."""
    return np.array([len(curve) > 0 for curve in notes.bends or [()] * len(notes)])


def _bends(notes: Notes, rows: np.ndarray, durations: np.ndarray, sr: int) -> np.ndarray | None:
    """The bends of some notes at each sample, in semitones; None when none of them is bent."""
    if notes.bends is None or not len(notes.bends[rows[0]]):
        return None
    t = np.arange(int(np.ceil(durations[rows].max() * sr)) + 1) / sr
    return np.array([notes.bend_at(row, notes.onset[row] + t) for row in rows])
