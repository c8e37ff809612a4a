"""Pitch bends of notes that sound alone, estimated from a spectrogram."""

from __future__ import annotations

import numpy as np

from ..core import Notes
from ..core.constants import LOWEST_PITCH

PER_SEMITONE = 3  # bins of the spectrogram
HARMONICS = (1, 2, 3, 4, 5)
OVERTONES = (0, 12, 19, 24, 28, 31)  # semitones: notes this far above do not disturb a bend
REACH = 5  # bins searched on either side of the pitch
MEDIAN_FRAMES = 5  # length of the running median
MIN_BEND = 0.2  # semitones: smaller deviations count as a steady note
POINT_STEP = 2  # frames between two points of a curve


def bend_curves(
    spectrogram: np.ndarray, notes: Notes, *, hop_length: int, sr: float, begins: float = 0.0
) -> list[np.ndarray]:
    """Estimate the bend curves of notes that sound alone, or below notes at their overtones.

    The curves of all other notes, and of steady notes, are empty.

    In each frame the powers of the first five partials are summed for every shift of the pitch,
    and the maximum is interpolated by a parabola, as in harmonic summation (Hermes, JASA 83,
    1988). Small shifts are preferred, by a Gaussian weight with a standard deviation of one
    semitone: at the ends of a note its predecessor or successor may be louder.

    Parameters
    ----------
    spectrogram
        dB, three bins a semitone, A0 in the middle of the first three, shape `(bins, frames)`.
    notes
        Notes in order of onset.
    hop_length, sr
        Hop length in samples, and sampling rate in Hz.
    begins
        Time of the first frame in seconds.

    Returns
    -------
    list of ndarray
        One curve per note, shape `(points, 2)`: seconds, and semitones from the note's pitch.

    Examples
    --------
    >>> silence = np.full((309, 100), -80.0)
    >>> bend_curves(silence, Notes([0.1], [0.9], [60]), hop_length=1, sr=100)[0].shape
    (0, 2)
    """
    hop, frames = hop_length / sr, spectrogram.shape[1]
    first, last = (
        np.round((times - begins) / hop).astype(int).clip(0, frames)
        for times in (notes.onset, notes.offset)
    )
    curves = []
    for start, end, pitch in zip(first, last, notes.pitch, strict=True):
        curve = np.empty((0, 2))
        overlaps = np.minimum(last, end) - np.maximum(first, start) > MEDIAN_FRAMES
        disturbs = overlaps & ~np.isin(notes.pitch - pitch, OVERTONES)
        if end - start > MEDIAN_FRAMES and not disturbs.any():
            shift = _estimate_shift(spectrogram[:, start:end], 3 * (int(pitch) - LOWEST_PITCH) + 1)
            if np.abs(shift).max() >= MIN_BEND:
                times = begins + np.arange(start, end) * hop
                curve = np.column_stack([times, shift.round(3)])[::POINT_STEP]
        curves.append(curve)
    return curves


def _estimate_shift(spectrogram: np.ndarray, bin_: int) -> np.ndarray:
    """Distance in semitones from a bin to the strongest pitch near it, shape `(frames,)`."""
    from scipy.ndimage import median_filter

    power = np.pad(10 ** (spectrogram / 10), ((REACH, REACH), (0, 0)))
    rows = bin_ + np.round(12 * PER_SEMITONE * np.log2(HARMONICS)).astype(int)
    rows = rows[rows < spectrogram.shape[0]]
    # `power` has REACH more rows at the bottom, so its row `row` is the lowest shift
    total = sum(power[row : row + 2 * REACH + 1] for row in rows)
    distance = np.arange(-REACH, REACH + 1)[:, None] / PER_SEMITONE
    level = np.log(np.asarray(total) + 1e-12) - 0.5 * distance**2
    best = level.argmax(axis=0)
    inner = best.clip(1, 2 * REACH - 1)
    frames = np.arange(best.size)
    before, top, after = (level[inner + step, frames] for step in (-1, 0, 1))
    curve = before - 2 * top + after
    tip = np.where(curve < -1e-9, (before - after) / np.where(curve < -1e-9, 2 * curve, 1), 0.0)
    shift = inner - REACH + np.clip(tip, -0.5, 0.5)
    smooth: np.ndarray = median_filter(shift / PER_SEMITONE, MEDIAN_FRAMES, mode="nearest")
    return smooth
