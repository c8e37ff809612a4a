"""`Analysis`: the result of `analyze`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._version import __version__
from ..chords import LogSpectrogram
from ..core import Audio, Bars, Notes, Segments, TempoMap
from ..core.display import segments_html
from ..core.names import printable
from ..transcription import MODEL
from .corrections import Corrections
from .meter import bars_of_beats, first_downbeat

MIN_TEMPO_CONFIDENCE = 0.1  # clicks tracked at half their tempo have 0.01 at most


@dataclass(frozen=True, eq=False)
class Analysis:
    """Results of all tasks for a recording, as returned by `analyze`.

    Parameters
    ----------
    name
        Name of the piece: the file name without its suffix; control characters are escaped.
    audio
        The analysed audio: mono, 22,050 Hz.
    stems
        `"harmonic"` and `"percussive"`, mono at 22,050 Hz; they add up to `audio`.
    notes
        Notes with the tempo map of the beats; None if notes were not analysed.
    chords
        Chords with Harte labels, from 0 to the end.
    key
        Such as `"G minor"`; None if it is not clear.
    beats
        One segment per beat, labelled with its number in the bar; `"1"` is the downbeat.
    meter
        Meter of most bars, such as 3/4, or 6/8 with two beats per bar; a default without beats.
    spectrogram
        Constant-Q spectrogram, seven octaves from C1.
    seconds
        Duration of each task, some of which run in parallel, and `"total"`.
    meter_sure
        Whether the accents support the meter clearly; otherwise it is a default.
    tempo_confidence
        How clearly the onsets support the tempo rather than half or twice as much, 0..1; see
        `mirlab.rhythm.tempo_confidence`.
    key_confidence
        How clearly the sound has a key, 0..1; see `mirlab.chords.key_confidence`.
    sections
        Sections from 0 to the end; those with the same letter are similar. None in silence.
    corrections
        What was corrected by hand (see `correct`). What it says is sure, with a confidence of 1.
    original
        The analysis before it was corrected; None if it was not.
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
    tempo_confidence: float = 0.0
    key_confidence: float = 0.0
    sections: Segments = field(default_factory=lambda: Segments([], []))
    corrections: Corrections = field(default_factory=Corrections)
    original: Analysis | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", printable(self.name))

    @property
    def tempo(self) -> float | None:
        """Tempo in beats per minute (see `TempoMap.typical_bpm`); None below two beats."""
        if not len(self.beats):
            return None
        return TempoMap.from_beats(self.beats).typical_bpm

    @property
    def tempo_sure(self) -> bool:
        """Whether the onsets support the tempo; otherwise it may be half or twice as much."""
        return self.tempo_confidence >= MIN_TEMPO_CONFIDENCE

    @property
    def first_downbeat(self) -> int:
        """Number of beats before the first downbeat; the score begins with these."""
        return first_downbeat(self.beats, self.notes, self.meter)

    @property
    def bars(self) -> Bars | None:
        """The bars on the tempo map of the notes, as `write_musicxml` takes them.

        None without beats or notes.
        """
        return bars_of_beats(self.beats, self.notes, self.meter)

    def to_json(self) -> dict[str, Any]:
        """Everything except audio and spectrogram as numbers, strings, lists and dictionaries."""
        return {
            "mirlab": __version__,
            "name": self.name,
            "duration": round(self.audio.duration, 6),
            "key": self.key,
            "key_confidence": round(self.key_confidence, 3),
            "tempo_bpm": self.tempo,
            "tempo_confidence": round(self.tempo_confidence, 3),
            "meter": "/".join(map(str, self.meter)) if len(self.beats) else None,
            "meter_sure": self.meter_sure,
            "meter_changes": self._meter_changes(),
            "tuning_semitones": self.spectrogram.tuning,
            "beats": _rows(self.beats),
            "chords": _rows(self.chords),
            "sections": _rows(self.sections),
            "notes": None if self.notes is None else _note_rows(self.notes),
            "stems": {name: f"stems/{name}.flac" for name in self.stems},
            "stem_gain": stem_gain(self.stems),
            "models": {
                "stems": "hpss",
                "notes": MODEL,
                "chords": "templates",
                "sections": "novelty",
            },
            "seconds": self.seconds,
            "corrections": list(self.corrections),
        }

    def _meter_changes(self) -> list[dict[str, Any]]:
        """Time of the bar line and meter of each change, the first included; empty without bars."""
        bars = self.bars
        if bars is None or self.notes is None or self.notes.tempo_map is None:
            return []
        seconds = self.notes.tempo_map.seconds([bar.start for bar in bars.changes])
        return [
            {"time": round(time, 6), "meter": f"{bar.numerator}/{bar.denominator}"}
            for time, bar in zip(seconds.tolist(), bars.changes, strict=True)
        ]

    def __repr__(self) -> str:
        return f"Analysis({self._headline()})"

    def _headline(self) -> str:
        """One-line summary."""
        tempo = "no beat" if self.tempo is None else f"{self.tempo:.0f} bpm"
        tempo += "" if self.tempo is None or self.tempo_sure else " (uncertain)"
        notes = "notes not analysed" if self.notes is None else f"{len(self.notes)} notes"
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
    """Gain of all stems at which none clips; a stem can have a higher peak than the mix."""
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
