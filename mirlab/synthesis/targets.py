"""Targets: what is true of a sound, frame by frame, as networks are taught it.

Frame t lies at `t * hop_length / sr`, where the transforms of `mirlab.spectra` have its centre.
"""

from __future__ import annotations

import numpy as np

from ..composer import pitch_at
from ..core import Notes, Segments, SegmentsError
from ..core.constants import LOWEST_PITCH, PITCHES

REACH = 0.05  # s on either side of an onset or offset in which its target rises and falls


def note_rolls(notes: Notes, *others: Notes, frames: int, hop_length: int, sr: float) -> np.ndarray:
    """Which notes begin, sound and end in each frame, and how hard they are struck.

    An onset between two frames is told by both: the target is a triangle around its exact time
    (Kong et al. 2021, eq. 9), 1 at the onset and 0 from 50 ms off; so is an offset. Where the
    pedal holds a note its sound goes on, and so does its frame target.

    Parameters
    ----------
    notes
        What sounds; drums and pitches outside A0 to C8 are left out.
    others
        What sounds as well, such as other parts.
    frames
        How many there are.
    hop_length, sr
        Samples from frame to frame, and the sampling rate in Hz.

    Returns
    -------
    ndarray
        Shape `(4, 88, frames)`, float32, 0..1: onset, frame, offset, and velocity over 127 where
        the onset's triangle is.

    Examples
    --------
    >>> rolls = note_rolls(Notes([0.02], [0.1], [60]), frames=12, hop_length=1, sr=100)
    >>> print(rolls[0, 60 - 21].round(1))
    [0.6 0.8 1.  0.8 0.6 0.4 0.2 0.  0.  0.  0.  0. ]
    """
    rolls = np.zeros((4, PITCHES, frames), np.float32)
    for part in (notes, *others):
        _draw_notes(rolls, part, hop_length / sr)
    return rolls


def _draw_notes(rolls: np.ndarray, notes: Notes, hop: float) -> None:
    """Draw the notes of a part into rolls; where notes meet, the larger value stays."""
    onset, frame, offset, velocity = rolls
    rows = notes.pitch - LOWEST_PITCH
    kept = np.flatnonzero(~notes.is_drum & (rows >= 0) & (rows < PITCHES))
    ends = sounding_ends(notes)
    for i in kept:
        row, start, end = rows[i], notes.onset[i], ends[i]
        _triangle(offset[row], end, hop)
        here = _triangle(onset[row], start, hop)
        velocity[row, here] = np.maximum(velocity[row, here], notes.velocity[i] / 127)
        frame[row, round(start / hop) : round(end / hop) + 1] = 1


def sounding_ends(notes: Notes) -> np.ndarray:
    """When each note is no longer held: by its key, by the pedal, or because it is struck again.

    Returns
    -------
    ndarray
        Seconds, shape `(n,)`; at least the note's offset.

    Examples
    --------
    >>> sounding_ends(Notes([0.0, 1.0], [0.5, 1.2], [60, 60], pedal=[[0.2, 3.0, 0]])).tolist()
    [1.0, 3.0]
    """
    ends = notes.offset.copy()
    if notes.pedal is None:
        return ends
    for down, up, program in notes.pedal:
        held = (notes.program == program) & ~notes.is_drum & (ends >= down) & (ends < up)
        ends[held] = up
    order = np.lexsort((notes.onset, notes.pitch, notes.program))
    for i, later in zip(order[:-1], order[1:], strict=True):
        same = (notes.pitch[i], notes.program[i]) == (notes.pitch[later], notes.program[later])
        if same and notes.offset[i] <= notes.onset[later]:
            ends[i] = min(ends[i], notes.onset[later])
    return ends


def chord_frames(chords: Segments, *, frames: int, hop_length: int, sr: float) -> np.ndarray:
    """The root, the tones and the bass of the chord in each frame.

    Three answers that can be right one by one (as in McFee and Bello 2017), and from which any
    vocabulary of chords can be read.

    Parameters
    ----------
    chords
        Labels in Harte's syntax; a frame takes the chord of its time.
    frames
        How many there are.
    hop_length, sr
        Samples from frame to frame, and the sampling rate in Hz.

    Returns
    -------
    ndarray
        Shape `(3, 12, frames)`, float32, 0 or 1: root, tones, bass, each by pitch class from C
        on; all 0 where there is no chord, or none that is known (`"X"`).

    Raises
    ------
    SegmentsError
        For a label nobody knows.

    Examples
    --------
    >>> chords = Segments([[0, 1]], ["G:maj/3"])
    >>> root, tones, bass = chord_frames(chords, frames=1, hop_length=256, sr=22050)
    >>> np.flatnonzero(root), np.flatnonzero(tones), np.flatnonzero(bass)
    (array([7]), array([ 2,  7, 11]), array([11]))
    """
    from mir_eval import chord

    labels = chords.at(np.arange(frames) * (hop_length / sr))
    names = sorted(set(labels))
    try:
        roots, tones, basses = chord.encode_many(names)
    except chord.InvalidChordException as reason:
        raise SegmentsError(f"nobody knows the chord: {reason}") from None
    table = np.zeros((len(names), 3, 12), np.float32)
    for row, root, intervals, bass in zip(table, roots, tones, basses, strict=True):
        if root >= 0:
            row[0, root] = row[2, (root + bass) % 12] = 1
            row[1] = np.roll(intervals, root) > 0  # semitones over the root to pitch classes
    return table[np.searchsorted(names, labels)].transpose(1, 2, 0)


def f0_frames(
    notes: Notes, *, frames: int, hop_length: int, sr: float, tuning: float = 0.0
) -> np.ndarray:
    """The fundamental frequency in each frame: the latest note's, with its bend.

    Parameters
    ----------
    notes
        One voice; of notes that overlap the later one is taken.
    frames
        How many there are.
    hop_length, sr
        Samples from frame to frame, and the sampling rate in Hz.
    tuning
        Semitones by which everything sounds higher than its pitch says.

    Returns
    -------
    ndarray
        Hz, shape `(frames,)`, float32; 0 where no key is held.

    Examples
    --------
    >>> f0_frames(Notes([0.1], [0.3], [69]), frames=4, hop_length=1, sr=10, tuning=12).tolist()
    [0.0, 880.0, 880.0, 0.0]
    """
    hz = pitch_at(notes, np.arange(frames) * (hop_length / sr)) * 2 ** (tuning / 12)
    return hz.astype(np.float32)


def _triangle(row: np.ndarray, time: float, hop: float) -> slice:
    """Draw a triangle around a time, over what is there already; give where it stands."""
    first = max(0, int(np.ceil((time - REACH) / hop)))
    here = slice(first, max(first, min(row.size, int((time + REACH) / hop) + 1)))
    times = np.arange(here.start, here.stop) * hop
    row[here] = np.maximum(row[here], np.clip(1 - np.abs(times - time) / REACH, 0, 1))
    return here
