"""`Analysis`: everything that is known about one sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._version import __version__
from ..chords import LogSpectrogram
from ..core import Audio, Notes, Segments, TempoMap
from ..core.display import segments_html
from ..transcription import MODEL


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything that `analyze` found in one sound.

    Parameters
    ----------
    name
        Of the piece: the file's name without its suffix.
    audio
        The sound as it was heard: mono, 22,050 Hz.
    stems
        `"harmonic"` and `"percussive"`, mono at 22,050 Hz; they add up to `audio`.
    notes
        With the tempo map of the beats; None where nobody looked for them.
    chords
        Harte labels from 0 to the end.
    key
        Such as `"G minor"`; None for silence.
    beats
        From beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    meter
        Of every bar: 2/4, 3/4, 4/4, or 6/8 with two beats in a bar.
    spectrogram
        Constant-Q, seven octaves from C1.
    seconds
        Time taken by each task, some of them side by side, and `"total"`.
    meter_sure
        Whether the sound says the meter clearly; otherwise it is assumed.
    """

    name: str
    audio: Audio
    stems: dict[str, Audio]
    notes: Notes | None
    chords: Segments
    key: str | None
    beats: Segments
    meter: tuple[int, int]
    spectrogram: LogSpectrogram
    seconds: dict[str, float]
    meter_sure: bool = False

    @property
    def tempo(self) -> float | None:
        """Beats a minute (see `TempoMap.typical_bpm`); None without two beats."""
        if not len(self.beats):
            return None
        return TempoMap.from_beats(self.beats.intervals[:, 0]).typical_bpm

    def to_json(self) -> dict[str, Any]:
        """Everything but sound and picture, as plain numbers, strings, lists and dictionaries."""
        return {
            "mirlab": __version__,
            "name": self.name,
            "duration": round(self.audio.duration, 6),
            "key": self.key,
            "tempo_bpm": self.tempo,
            "meter": "/".join(map(str, self.meter)),
            "meter_sure": self.meter_sure,
            "tuning_semitones": self.spectrogram.tuning,
            "beats": _rows(self.beats),
            "chords": _rows(self.chords),
            "notes": None if self.notes is None else _note_rows(self.notes),
            "stems": {name: f"stems/{name}.flac" for name in self.stems},
            "stem_gain": stem_gain(self.stems),
            "models": {"stems": "hpss", "notes": MODEL, "chords": "templates"},
            "seconds": self.seconds,
        }

    def __repr__(self) -> str:
        return f"Analysis({self._headline()})"

    def _headline(self) -> str:
        """The piece in one line."""
        tempo = "no beat" if self.tempo is None else f"{self.tempo:.0f} bpm"
        notes = "notes not looked for" if self.notes is None else f"{len(self.notes)} notes"
        return (
            f"{self.name}: {self.audio.duration:.1f} s, {self.key or 'no key'}, {tempo}, "
            f"{notes}, {len(self.chords)} chords"
        )

    def _repr_html_(self) -> str:
        parts = [self.audio.player(self._headline())._repr_html_()]
        if self.notes is not None:
            parts.append(self.notes._repr_html_())
        parts.append(segments_html(self.chords.intervals, self.chords.labels, title="Chords"))
        return "".join(parts)


def stem_gain(stems: dict[str, Audio]) -> float:
    """What all stems are turned down by so that none clips: a part can peak above its sum."""
    peak = max(float(max(stem.y.max(), -stem.y.min())) for stem in stems.values())
    return min(1.0, 0.999 / peak) if peak > 0 else 1.0


def _rows(segments: Segments) -> list[dict[str, Any]]:
    """Segments as a list of start, end and label."""
    return [
        {"start": round(a, 6), "end": round(b, 6), "label": label}
        for (a, b), label in zip(segments.intervals.tolist(), segments.labels, strict=True)
    ]


def _note_rows(notes: Notes) -> list[dict[str, Any]]:
    """Notes as a list of onset, offset, pitch and velocity."""
    names = ("onset", "offset", "pitch", "velocity")
    columns = (np.round(getattr(notes, name), 6).tolist() for name in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
