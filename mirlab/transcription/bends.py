"""How the pitch of each note moves: read off the picture, where a note sounds alone."""

from __future__ import annotations

import numpy as np

from ..core import Notes
from ..core.constants import LOWEST_PITCH

PER_SEMITONE = 3  # bins of the picture
HARMONICS = (1, 2, 3, 4, 5)
OVERTONES = (0, 12, 19, 24, 28, 31)  # semitones: who plays these disturbs nobody below
REACH = 5  # bins to either side in which the pitch is looked for
STEADY = 5  # frames of the running median
LEAST = 0.2  # semitones: a note that strays less is not bent
EVERY = 2  # frames from point to point of a curve


def bend_curves(
    picture: np.ndarray, notes: Notes, *, hop_length: int, sr: float, begins: float = 0.0
) -> list[np.ndarray]:
    """The bends of notes that sound alone, or under their own overtones.

    The others', and those of steady notes, are empty.

    In each frame the powers of the first five partials are added up at every shift of the pitch,
    and the tip of the highest sum is found by a parabola, as in harmonic summation (Hermes, JASA
    83, 1988). Near shifts are liked better, by a bell as wide as a semitone: at a note's ends the
    one before or after may be louder.

    Parameters
    ----------
    picture
        dB, three bins a semitone, A0 in the middle of the first three, shape `(bins, frames)`.
    notes
        In order of onset.
    hop_length, sr
        Samples from frame to frame, and the sampling rate in Hz.
    begins
        Seconds of the first frame.

    Returns
    -------
    list of ndarray
        One a note, shape `(points, 2)`: seconds, and semitones from the note's pitch.

    Examples
    --------
    >>> silence = np.full((309, 100), -80.0)
    >>> bend_curves(silence, Notes([0.1], [0.9], [60]), hop_length=1, sr=100)[0].shape
    (0, 2)
    """
    hop, frames = hop_length / sr, picture.shape[1]
    first, last = (
        np.round((times - begins) / hop).astype(int).clip(0, frames)
        for times in (notes.onset, notes.offset)
    )
    curves = []
    for start, end, pitch in zip(first, last, notes.pitch, strict=True):
        curve = np.empty((0, 2))
        together = np.minimum(last, end) - np.maximum(first, start) > STEADY
        beside = together & ~np.isin(notes.pitch - pitch, OVERTONES)
        if end - start > STEADY and not beside.any():
            found = _shift(picture[:, start:end], 3 * (int(pitch) - LOWEST_PITCH) + 1)
            if np.abs(found).max() >= LEAST:
                times = begins + np.arange(start, end) * hop
                curve = np.column_stack([times, found.round(3)])[::EVERY]
        curves.append(curve)
    return curves


def _shift(picture: np.ndarray, bin_: int) -> np.ndarray:
    """Semitones between a bin and the strongest pitch near it, shape `(frames,)`."""
    from scipy.ndimage import median_filter

    power = np.pad(10 ** (picture / 10), ((REACH, REACH), (0, 0)))
    places = bin_ + np.round(12 * PER_SEMITONE * np.log2(HARMONICS)).astype(int)
    places = places[places < picture.shape[0]]
    # rows of the padded picture lie REACH lower, so `place` is the lowest shift's
    total = sum(power[place : place + 2 * REACH + 1] for place in places)
    far = np.arange(-REACH, REACH + 1)[:, None] / PER_SEMITONE
    level = np.log(np.asarray(total) + 1e-12) - 0.5 * far**2
    best = level.argmax(axis=0)
    inner = best.clip(1, 2 * REACH - 1)
    frames = np.arange(best.size)
    before, top, after = (level[inner + step, frames] for step in (-1, 0, 1))
    curve = before - 2 * top + after
    tip = np.where(curve < -1e-9, (before - after) / np.where(curve < -1e-9, 2 * curve, 1), 0.0)
    shift = inner - REACH + np.clip(tip, -0.5, 0.5)
    smooth: np.ndarray = median_filter(shift / PER_SEMITONE, STEADY, mode="nearest")
    return smooth
