"""The beginning of an `Analysis`, for pages too small for all of it."""

from __future__ import annotations

from dataclasses import replace

from ..analysis import Analysis
from ..core import Segments


def beginning(analysis: Analysis, seconds: float) -> Analysis:
    """The first `seconds` of an analysis; the analysis itself if it is not longer."""
    if seconds >= analysis.audio.duration:
        return analysis
    spectrogram = analysis.spectrogram
    frames = int(spectrogram.times.searchsorted(seconds))
    return replace(
        analysis,
        audio=analysis.audio.slice(0, seconds),
        stems={name: stem.slice(0, seconds) for name, stem in analysis.stems.items()},
        notes=None if analysis.notes is None else analysis.notes.slice(0, seconds),
        chords=_first(analysis.chords, seconds),
        beats=_first(analysis.beats, seconds),
        sections=_first(analysis.sections, seconds),
        spectrogram=replace(
            spectrogram,
            magnitude=spectrogram.magnitude[:, :frames],
            times=spectrogram.times[:frames],
        ),
    )


def _first(segments: Segments, seconds: float) -> Segments:
    """The segments that begin before `seconds`; the last one ends there at the latest."""
    count = int((segments.intervals[:, 0] < seconds).sum()) if len(segments) else 0
    return Segments(segments.intervals[:count].clip(max=seconds), segments.labels[:count])
