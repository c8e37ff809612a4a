"""Frame-wise training targets: note rolls, chords and fundamental frequency.

Frame t lies at `t * hop_length / sr`, the centre of frame t in the transforms of `mirlab.spectra`.
"""

from __future__ import annotations

import numpy as np

from ..composer import pitch_at
from ..core import Notes, NotesError, Segments, SegmentsError
from ..core.checks import require, require_count, require_number, require_rate, require_type
from ..core.constants import LOWEST_PITCH, PITCHES

MOST_FRAMES = 2**22  # half a day at 86 per second
MAX_TUNING = 120.0  # semitones
HALF_WIDTH = 0.05  # s, of the triangular targets of onsets and offsets


def note_rolls(notes: Notes, *others: Notes, frames: int, hop_length: int, sr: float) -> np.ndarray:
    """Targets of note transcription: onset, frame, offset and velocity rolls.

    A triangular target around the exact time (Kong et al. 2021, eq. 9), 1 at the onset and 0
    beyond 50 ms, encodes onsets between frames in both neighbours; the same holds for offsets.
    Frame targets include the time in which the pedal sustains a note.

    Parameters
    ----------
    notes
        Notes; drums and pitches outside A0 to C8 are ignored.
    others
        Further notes, such as other parts.
    frames
        Number of frames.
    hop_length, sr
        Samples between frames, and the sampling rate in Hz.

    Returns
    -------
    ndarray
        Shape `(4, 88, frames)`, float32, 0..1: onset, frame, offset, and velocity divided by 127
        within the onset's triangle.

    Raises
    ------
    NotesError, AudioError
        If `notes` are none, or the frames no grid; as all functions here.

    Examples
    --------
    >>> rolls = note_rolls(Notes([0.02], [0.1], [60]), frames=12, hop_length=1, sr=100)
    >>> print(rolls[0, 60 - 21].round(1))
    [0.6 0.8 1.  0.8 0.6 0.4 0.2 0.  0.  0.  0.  0. ]
    """
    hop = _frame_hop(frames, hop_length, sr)
    for part in (notes, *others):
        require_type("notes", part, Notes, NotesError)
    rolls = np.zeros((4, PITCHES, frames), np.float32)
    for part in (notes, *others):
        _draw_notes(rolls, part, hop)
    return rolls


def _draw_notes(rolls: np.ndarray, notes: Notes, hop: float) -> None:
    """Add the notes of a part to rolls; where notes coincide, the maximum is taken."""
    onset, frame, offset, velocity = rolls
    rows = notes.pitch - LOWEST_PITCH
    indices = np.flatnonzero(~notes.is_drum & (rows >= 0) & (rows < PITCHES))
    ends = sounding_ends(notes)
    for i in indices:
        row, start, end = rows[i], notes.onset[i], ends[i]
        _triangle(offset[row], end, hop)
        here = _triangle(onset[row], start, hop)
        velocity[row, here] = np.maximum(velocity[row, here], notes.velocity[i] / 127)
        frame[row, round(start / hop) : round(end / hop) + 1] = 1


def sounding_ends(notes: Notes) -> np.ndarray:
    """End of each note: when key and pedal are released, or the pitch is played again.

    Returns
    -------
    ndarray
        Seconds, shape `(n,)`; at least the note's offset.

    Examples
    --------
    >>> sounding_ends(Notes([0.0, 1.0], [0.5, 1.2], [60, 60], pedal=[[0.2, 3.0, 0]])).tolist()
    [1.0, 3.0]
    """
    require_type("notes", notes, Notes, NotesError)
    ends = notes.offset.copy()
    if notes.pedal is None:
        return ends
    for down, up, program in notes.pedal:
        sustained = (notes.program == program) & ~notes.is_drum & (ends >= down) & (ends < up)
        ends[sustained] = up
    order = np.lexsort((notes.onset, notes.pitch, notes.program))
    for i, later in zip(order[:-1], order[1:], strict=True):
        same = (notes.pitch[i], notes.program[i]) == (notes.pitch[later], notes.program[later])
        if same and notes.offset[i] <= notes.onset[later]:
            ends[i] = min(ends[i], notes.onset[later])
    return ends


def chord_frames(chords: Segments, *, frames: int, hop_length: int, sr: float) -> np.ndarray:
    """Root, pitch classes and bass of the chord in each frame.

    Three separate targets (as in McFee and Bello 2017), from which chords of any vocabulary can be
    decoded.

    Parameters
    ----------
    chords
        Labels in Harte's syntax; a frame takes the chord at its time.
    frames
        Number of frames.
    hop_length, sr
        Samples between frames, and the sampling rate in Hz.

    Returns
    -------
    ndarray
        Shape `(3, 12, frames)`, float32, 0 or 1: root, pitch classes, bass, each by pitch class
        from C; all 0 without a chord or for an unknown one (`"X"`).

    Raises
    ------
    SegmentsError
        If `chords` are none, or a label is invalid.

    Examples
    --------
    >>> chords = Segments([[0, 1]], ["G:maj/3"])
    >>> root, tones, bass = chord_frames(chords, frames=1, hop_length=256, sr=22050)
    >>> np.flatnonzero(root), np.flatnonzero(tones), np.flatnonzero(bass)
    (array([7]), array([ 2,  7, 11]), array([11]))
    """
    from mir_eval import chord

    require_type("chords", chords, Segments, SegmentsError)
    hop = _frame_hop(frames, hop_length, sr)
    labels = chords.at(np.arange(frames) * hop)
    names = sorted(set(labels))
    try:
        roots, tones, basses = chord.encode_many(names)
    except chord.InvalidChordException as reason:
        raise SegmentsError(f"invalid chord label: {reason}") from None
    table = np.zeros((len(names), 3, 12), np.float32)
    for row, root, intervals, bass in zip(table, roots, tones, basses, strict=True):
        if root >= 0:
            row[0, root] = row[2, (root + bass) % 12] = 1
            row[1] = np.roll(intervals, root) > 0  # semitones over the root to pitch classes
    return table[np.searchsorted(names, labels)].transpose(1, 2, 0)


def f0_frames(
    notes: Notes, *, frames: int, hop_length: int, sr: float, tuning: float = 0.0
) -> np.ndarray:
    """Fundamental frequency in each frame: that of the latest note, with its bend.

    Parameters
    ----------
    notes
        Notes of one voice; of overlapping notes the later one is used.
    frames
        Number of frames.
    hop_length, sr
        Samples between frames, and the sampling rate in Hz.
    tuning
        Semitones by which the recording is higher than the notated pitch.

    Returns
    -------
    ndarray
        Hz, shape `(frames,)`, float32; 0 where no note is held.

    Examples
    --------
    >>> f0_frames(Notes([0.1], [0.3], [69]), frames=4, hop_length=1, sr=10, tuning=12).tolist()
    [0.0, 880.0, 880.0, 0.0]
    """
    require_number("tuning", tuning, minimum=-MAX_TUNING, maximum=MAX_TUNING)
    hop = _frame_hop(frames, hop_length, sr)
    hz = pitch_at(notes, np.arange(frames) * hop) * 2 ** (tuning / 12)
    return hz.astype(np.float32)


def _frame_hop(frames: int, hop_length: int, sr: float) -> float:
    """Seconds between frames; an `AudioError` if the numbers are no grid of frames."""
    require_count("frames", frames, minimum=0)
    require(frames <= MOST_FRAMES, f"frames must be at most {MOST_FRAMES}, not {frames}")
    require_count("hop_length", hop_length)
    require_rate(sr)
    return hop_length / sr


def _triangle(row: np.ndarray, time: float, hop: float) -> slice:
    """Add a triangle around a time to a row, by the maximum; return its frames."""
    first = max(0, int(np.ceil((time - HALF_WIDTH) / hop)))
    here = slice(first, max(first, min(row.size, int((time + HALF_WIDTH) / hop) + 1)))
    times = np.arange(here.start, here.stop) * hop
    row[here] = np.maximum(row[here], np.clip(1 - np.abs(times - time) / HALF_WIDTH, 0, 1))
    return here
