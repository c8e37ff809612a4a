"""Separation by non-negative matrix factorisation of a recording whose notes are known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..core import Audio, AudioLike, Notes, NotesError, as_audio
from ..core.checks import require, require_type
from ..core.chunks import Chunk
from .masking import apply_masks, stft_size
from .nmf import component_masks, nmf

ITERATIONS = 30
CHUNK_SECONDS = 20.0  # templates are learned in each chunk anew
PARTIAL_WIDTH = 0.5  # semitones on either side of a partial
MAIN_LOBE = 2  # bins on either side: half the main lobe of the Hann window
EARLY, LATE = 0.05, 0.2  # s before onset and after offset in which a note may sound
DECAY = 0.4  # s after onset in which a drum may sound


def separate_by_score(audio: AudioLike, notes: Notes) -> dict[str, Audio]:
    """Separate the instruments of a recording whose notes are known (Ewert and Müller, 2012).

    Each pitch of each program has a template, which at first is 1/h at the partials h and 0
    between them, and an activation that is 0 where no such note sounds; the key of a drum has a
    template without zeros. The updates of `nmf` preserve the zeros. The stem of a program is the
    share of its components in the model.

    Parameters
    ----------
    audio
        A path, an `Audio` or `(y, sr)`; rate and channels are preserved. Memory does not grow with
        its length beyond that of input and stems.
    notes
        Its notes, aligned to within about 50 ms; at least one.

    Returns
    -------
    dict
        `"program 0"` and so on, sorted, for each General MIDI program in the notes; `"drums"` for
        the drum kit if it plays; `"rest"`, what no note explains. They add up to the input.

    Raises
    ------
    AudioError
        When `audio` is not valid audio.
    NotesError
        When `notes` are no notes, or there are none.

    References
    ----------
    Ewert and Müller, "Using score-informed constraints for NMF-based source separation",
    ICASSP 2012.

    Examples
    --------
    >>> notes = Notes([0, 0], [1, 1], [60, 67], program=[0, 40])
    >>> list(separate_by_score(notes.render(sr=8000), notes))
    ['program 0', 'program 40', 'rest']
    """
    audio = as_audio(audio)
    require_type("notes", notes, Notes, NotesError)
    require(len(notes.pitch) > 0, "notes must be one or more", NotesError)
    program = np.where(notes.is_drum, -1, notes.program)
    programs = sorted(set(program.tolist()), key=lambda number: (number < 0, number))
    names = ["drums" if number < 0 else f"program {number}" for number in programs]
    n_fft, hop_length = stft_size(audio.sr)

    def masks_of(magnitude: np.ndarray, chunk: Chunk) -> Iterable[np.ndarray]:
        channels, bins, frames = magnitude.shape
        times = (chunk.first + hop_length * np.arange(frames)) / audio.sr
        keys, active = _note_activity(notes, program, times)
        if not keys:
            return [np.zeros_like(magnitude)] * len(names)
        templates = np.stack([_template(key, audio.sr, n_fft) for key in keys], axis=1)
        w, h = nmf(
            np.moveaxis(magnitude, 0, 1).reshape(bins, -1),
            len(keys),
            iterations=ITERATIONS,
            templates=templates,
            activations=np.tile(active, channels),
        )
        groups = [[k for k, key in enumerate(keys) if key[0] == number] for number in programs]
        return component_masks(w, h.reshape(len(keys), channels, frames), groups)

    return apply_masks(audio, [*names, "rest"], masks_of, chunk_seconds=CHUNK_SECONDS)


def _note_activity(
    notes: Notes, program: np.ndarray, times: np.ndarray
) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Which notes may sound when.

    Returns
    -------
    keys : pairs of program, -1 for drums, and pitch
    active : shape (keys, frames), 1 where a note of the key may sound, else 0
    """
    start = notes.onset - EARLY
    end = np.where(program < 0, notes.onset + DECAY, notes.offset + LATE)
    found: dict[tuple[int, int], np.ndarray] = {}
    for i in np.flatnonzero((end >= times[0]) & (start <= times[-1])):
        key = int(program[i]), int(notes.pitch[i])
        row = found.setdefault(key, np.zeros(times.size, np.float32))
        row[(times >= start[i]) & (times <= end[i])] = 1
    keys = sorted(found)
    return keys, np.array([found[key] for key in keys])


def _template(key: tuple[int, int], sr: int, n_fft: int) -> np.ndarray:
    """Initial template of a program, -1 for drums, and pitch; shape (bins,)."""
    program, pitch = key
    hz = np.arange(n_fft // 2 + 1) * sr / n_fft
    if program < 0:
        return np.ones(hz.size, np.float32)
    fundamental = 440 * 2 ** ((pitch - 69) / 12)
    harmonics = np.maximum(1, np.round(hz / fundamental))  # nearest to each bin
    partial = harmonics * fundamental
    width = np.maximum(partial * (2 ** (PARTIAL_WIDTH / 12) - 1), MAIN_LOBE * sr / n_fft)
    template: np.ndarray = np.where(np.abs(hz - partial) <= width, 1 / harmonics, 0)
    return template.astype(np.float32)
