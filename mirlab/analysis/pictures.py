"""Figures in files, drawn with matplotlib; displays for notebooks are in `core.display`."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np

from ..chords import LogSpectrogram
from ..core import AudioError, Notes, Segments
from ..core.files import atomic_write
from ..core.theory import NO_CHORD

PIXELS_PER_SECOND = 12
MIN_WIDTH, MAX_WIDTH = 1000, 3000  # pixels
HEIGHT = 640
DPI = 100
RANGE = 60.0  # dB from the loudest bin to black
LOWEST_PITCH = 24  # C1, the first row


def save_spectrogram(
    path: str | os.PathLike[str],
    spectrogram: LogSpectrogram,
    chords: Segments,
    notes: Notes | None,
) -> Path:
    """Draw a constant-Q spectrogram with chord names above it and notes on it.

    Parameters
    ----------
    path
        A `.png` file; written atomically.
    spectrogram
        The spectrogram, drawn with a range of 60 dB and 12 pixels per second.
    chords
        Their names are written above the spectrogram.
    notes
        Drawn as lines at their pitch; None draws no notes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    duration = float(spectrogram.times[-1]) + 1e-3
    pixels = int(np.clip(duration * PIXELS_PER_SECOND, MIN_WIDTH, MAX_WIDTH))
    figure = Figure(figsize=(pixels / DPI, HEIGHT / DPI), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(
        _decibels(spectrogram.magnitude, pixels),
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=-RANGE,
        vmax=0,
        extent=(0, duration, LOWEST_PITCH - 0.5, LOWEST_PITCH + 83.5),
    )
    if notes is not None and len(notes):
        axes.hlines(notes.pitch, notes.onset, notes.offset, colors="#4de1ff", linewidth=2.5)
    _name_chords(axes, chords, duration / pixels)
    axes.set_xlim(0, duration)
    axes.set_ylim(LOWEST_PITCH - 0.5, LOWEST_PITCH + 83.5)
    axes.set_yticks(range(24, 108, 12), [f"C{octave}" for octave in range(1, 8)])
    axes.set_xlabel("seconds")
    axes.set_ylabel("pitch")
    with atomic_write(path, error=AudioError) as temporary:
        # run-length encoding takes a quarter of zlib's default time; the file is 2 % larger
        figure.savefig(temporary, format="png", pil_kwargs={"compress_type": zlib.Z_RLE})
    return Path(path)


def _decibels(magnitude: np.ndarray, columns: int) -> np.ndarray:
    """Magnitude in dB relative to its maximum, pooled by maximum to columns of pixels."""
    if magnitude.shape[1] > columns:
        edges = np.linspace(0, magnitude.shape[1], columns + 1).astype(int)[:-1]
        magnitude = np.maximum.reduceat(magnitude, edges, axis=1)
    loudest = max(float(magnitude.max()), 1e-9)
    return 20 * np.log10(np.maximum(magnitude / loudest, 10 ** (-RANGE / 20)))


def _name_chords(axes: object, chords: Segments, seconds_per_pixel: float) -> None:
    """Write the name of each chord above its start, if there is room."""
    free, end = -np.inf, float(chords.intervals[-1, 1])
    for (start, _), label in zip(chords.intervals, chords.labels, strict=True):
        name = label.replace(":maj", "").replace(":min", "m")
        width = 9 * len(name) * seconds_per_pixel
        if label == NO_CHORD or start < free or start + width > end:
            continue
        axes.annotate(  # type: ignore[attr-defined]
            name,
            (start, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            fontsize=8,
            annotation_clip=False,
        )
        free = start + width
