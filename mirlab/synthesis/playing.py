"""Rendering of whole pieces: play every note of a `Notes` with a source, and mix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
import torch

from ..core import Audio, Notes, NotesError
from ..core.checks import require, require_audio_rate, require_count, require_seed, require_type
from ..core.parallel import parallel_map
from ..core.rendering import PEAK
from .note_batch import MOST_SAMPLES, NoteBatch, Source
from .patches import PATCHES
from .soundfonts import SoundFont, find_sound_fonts
from .targets import sounding_ends

# Samples per batch of notes: few enough for the processor's cache, which takes a third less time
# than batches of a million, and enough to make Python's overhead negligible.
BATCH_SAMPLES = 2**18
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

    A sound font plays each note with the instrument of its program. Any other source plays all
    notes with the same sound; render the parts of a piece separately and add them. Notes whose
    frequency is at or above half of `sr` are silent. Bends and pedal are applied.

    Parameters
    ----------
    notes
        Notes to play.
    source
        A source such as `Plucked()`, a `SoundFont`, or a name: one of `PATCHES`, or a sound font's
        from `find_sound_fonts`, such as `"FluidR3_GM"`.
    sr
        Sampling rate in Hz.
    seed
        Seed of the random parts of the notes; the same seed gives the same samples. Sound fonts
        are deterministic.
    device
        Torch device of the sources.

    Returns
    -------
    Audio
        One channel, peak -6 dBFS, up to the end of the last note's decay.

    Raises
    ------
    NotesError
        If there is no note to play.
    AudioError
        If a name is neither a patch nor a sound font, or for a bad `sr`, seed or device.
    MissingPartError
        For a sound font, if FluidSynth is not installed.

    Examples
    --------
    >>> chord = Notes([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [60, 64, 67])
    >>> play(chord, "guitar")
    Audio(1 channel, 1.100 s, 22050 Hz)
    """
    require_type("notes", notes, Notes, NotesError)
    if not len(notes):
        raise NotesError("there is no note to play")
    sr = require_audio_rate(sr, "sr")
    require_seed(seed)
    if isinstance(source, str):
        source = _find_source(source)
    if isinstance(source, SoundFont):
        y = source.samples(notes, sr=sr)
    else:
        kind = type(source).__name__
        require(callable(source), f"source must be a source, SoundFont or name, not {kind}")
        y = _mix(notes, source, sr=sr, seed=seed, device=device)
    return Audio(y * np.float32(PEAK / max(y.max(), -y.min(), 1e-9)), sr)


def play_all(parts: Iterable[Part], *, sr: int = 22050, n_jobs: int = -1) -> Iterator[Audio]:
    """Play many parts or pieces in parallel processes.

    Parameters
    ----------
    parts
        Notes, source and seed of each, as for `play`.
    sr
        Sampling rate in Hz.
    n_jobs
        Number of processes; -1 for all cores.

    Yields
    ------
    Audio
        Results of `play`, in order, each as soon as it and those before it are done.

    Raises
    ------
    NotesError, AudioError, MissingPartError
        As `play`.
    """
    given = type(parts).__name__
    require(isinstance(parts, Iterable), f"parts must be a list of notes with source: {given}")
    if n_jobs != -1:
        require_count("n_jobs", n_jobs)
    yield from parallel_map(partial(_play_part, sr=sr), parts, n_jobs=n_jobs)


def _play_part(part: Part, *, sr: int) -> Audio:
    """`play` with a part as a single argument."""
    require(
        isinstance(part, tuple | list) and len(part) == 3,
        f"each of the parts must be notes, source and seed, not {type(part).__name__}",
    )
    notes, source, seed = part
    return play(notes, source, sr=sr, seed=seed)


def _find_source(name: str) -> Source | SoundFont:
    """The patch or sound font with this name."""
    if name in PATCHES:
        return PATCHES[name]
    fonts = find_sound_fonts()
    known = f"a patch ({', '.join(PATCHES)}) or a sound font that is here ({', '.join(fonts)})"
    require(name in fonts, f"source must be {known}, not {name!r}")
    return fonts[name]


def _mix(
    notes: Notes, source: Source, *, sr: int, seed: int, device: str | torch.device
) -> np.ndarray:
    """Render and mix all notes, in batches of similar length; `(samples,)`, float32."""
    durations = sounding_ends(notes) - notes.onset
    seeds = np.random.SeedSequence(seed).generate_state(len(notes))
    samples = int(np.ceil((notes.onset + durations).max() * sr))
    require(samples <= MOST_SAMPLES, f"the notes last {samples} samples; at most {MOST_SAMPLES}")
    y = np.zeros(samples, np.float32)
    for rows in _group_rows(durations, _has_bend(notes), sr):
        bend = _bends(notes, rows, durations, sr)
        highest = notes.hz[rows] * (1 if bend is None else 2 ** (bend.max(axis=1) / 12))
        audible = highest < sr / 2
        if not audible.any():
            continue
        rows = rows[audible]
        voices = NoteBatch(
            notes.hz[rows],
            duration=durations[rows].clip(min=1e-3),
            velocity=notes.velocity[rows],
            sr=sr,
            bend=None if bend is None else bend[audible],
            seed=seeds[rows].tolist(),
            device=device,
        )
        rendered = _rendered(source, voices)
        starts = np.round(notes.onset[rows] * sr).astype(int)
        missing = int(starts.max()) + rendered.shape[1] - y.size
        y = np.pad(y, (0, missing + sr)) if missing > 0 else y  # a second more: each pad copies
        for start, row in zip(starts, rendered, strict=True):
            y[start : start + row.size] += row
    return y[: y.size - int((y[::-1] != 0).argmax())] if y.any() else y[:samples]


def _rendered(source: Source, voices: NoteBatch) -> np.ndarray:
    """Samples of a batch, shape `(batch, samples)`; an `AudioError` if a source gives others."""
    y = source(voices)
    valid = isinstance(y, torch.Tensor) and y.ndim == 2 and len(y) == len(voices)
    kind = type(source).__name__
    require(valid, f"source {kind} must give a tensor of shape ({len(voices)}, samples)")
    return np.asarray(y.cpu())


def _group_rows(durations: np.ndarray, has_bend: np.ndarray, sr: int) -> Iterator[np.ndarray]:
    """Group notes into batches of similar length, those with bends separately; yield the rows."""
    waiting: list[int] = []
    for row in np.lexsort((durations, has_bend)).tolist():
        full = (len(waiting) + 1) * durations[row] * sr > BATCH_SAMPLES
        if waiting and (full or has_bend[row] != has_bend[waiting[0]]):
            yield np.array(waiting)
            waiting = []
        waiting.append(row)
    yield np.array(waiting)


def _has_bend(notes: Notes) -> np.ndarray:
    """Mask of the notes that have a bend, shape `(n,)`."""
    return np.array([len(curve) > 0 for curve in notes.bends or [()] * len(notes)])


def _bends(notes: Notes, rows: np.ndarray, durations: np.ndarray, sr: int) -> np.ndarray | None:
    """Bends of a batch at each sample, in semitones; None if the batch has none."""
    if notes.bends is None or not len(notes.bends[rows[0]]):
        return None
    t = np.arange(int(np.ceil(durations[rows].max() * sr)) + 1) / sr
    return np.array([notes.bend_at(row, notes.onset[row] + t) for row in rows])
