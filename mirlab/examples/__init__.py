"""A dozen short annotated pieces, shipped with the package.

Every piece was transcribed by the authors (see `SOURCES.md` beside this file) and rendered with a
General MIDI sound font, so its annotations are exact to the millisecond: `load` returns the audio
with its notes, chords, key, beats and stems. Loading a piece neither renders nor downloads
anything.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import dataclass
from functools import reduce
from importlib.resources import files
from operator import add
from typing import Any

import numpy as np

from ..core import Audio, MirlabError, Notes, Segments, TempoMap
from ..core.display import segments_html

__all__ = ["Example", "ExampleError", "load", "names"]


class ExampleError(MirlabError, LookupError):
    """An unknown example, or files that differ from those shipped."""


@dataclass(frozen=True, eq=False)
class Example:
    """A short piece with its annotations.

    Parameters
    ----------
    name
        Name for `load`.
    title
        The piece and its instruments in one line.
    audio
        Mono audio at 22,050 Hz, at most 20 s, peak -6 dBFS; the sum of `stems`.
    notes
        The notes as played: with expressive timing, velocities, programs, bends if there are
        any, and the tempo map.
    chords
        Chords in Harte's syntax from 0 to the end of the audio; `"N"` where a melody, a bass or
        drums play alone, and in silence.
    key
        Key, such as `"A minor"`; None for drums.
    beats
        Segments from beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    stems
        Audio by instrument; a single stem for a piece with one instrument, or with several that
        were rendered together (`"all"`).
    meter
        Beats per bar and note value of a beat, such as `(4, 4)`.
    source
        Composer, year, and transcriber.
    """

    name: str
    title: str
    audio: Audio
    notes: Notes
    chords: Segments
    key: str | None
    beats: Segments
    stems: dict[str, Audio]
    meter: tuple[int, int]
    source: str

    @property
    def tempo(self) -> float:
        """Tempo in beats per minute, from the median duration of a beat."""
        return float(60 / np.median(self.beats.durations))

    def __repr__(self) -> str:
        return (
            f"Example({self.name}: {self.title}, {self.audio.duration:.1f} s, "
            f"{self.key or 'no key'}, {len(self.notes)} notes)"
        )

    def _repr_html_(self) -> str:
        parts = [self.audio.player(self.title)._repr_html_()]
        if set(self.chords.labels) != {"N"}:
            parts.append(segments_html(self.chords.intervals, self.chords.labels, title="Chords"))
        return "".join(parts)


def names() -> tuple[str, ...]:
    """Names of all examples, in alphabetical order.

    >>> "piano" in names()
    True
    """
    entries = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name[:-5] for name in entries if name.endswith(".json")))


def load(name: str) -> Example:
    """Load an example with its annotations.

    Parameters
    ----------
    name
        One of `names()`.

    Raises
    ------
    ExampleError
        If there is no example of that name, or a file of it is damaged.

    Examples
    --------
    >>> piece = load("piano")
    >>> piece.key, piece.meter
    ('C major', (4, 4))
    >>> piece.chords.labels
    ('N', 'C:maj', 'D:min7/b7', 'G:7/3', 'C:maj', 'N')
    """
    if not isinstance(name, str) or name not in names():
        close = difflib.get_close_matches(str(name), names(), n=1, cutoff=0.4)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ExampleError(f"there is no example {name!r}{hint} There are {', '.join(names())}")
    truth = json.loads((files(__name__) / f"{name}.json").read_text(encoding="utf-8"))
    stems = {stem: _sound(entry["file"], entry["sha256"]) for stem, entry in truth["stems"].items()}
    return Example(
        name=name,
        title=truth["title"],
        audio=reduce(add, stems.values()),
        notes=_notes(truth),
        chords=_segments(truth["chords"]),
        key=truth["key"],
        beats=_segments(truth["beats"]),
        stems=stems,
        meter=(truth["meter"][0], truth["meter"][1]),
        source=truth["source"],
    )


def _sound(file: str, sha256: str) -> Audio:
    """Load an audio file of the package after verifying its checksum."""
    try:
        data = (files(__name__) / file).read_bytes()
    except OSError as reason:
        raise ExampleError(f"{file}: cannot be read ({reason.strerror})") from reason
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ExampleError(f"{file}: is not the file that was shipped; install mirlab again")
    return Audio.load(data)


def _notes(truth: dict[str, Any]) -> Notes:
    """Notes of an annotation file: parallel lists, bends as lists of `[seconds, semitones]`."""
    table = truth["notes"]
    return Notes(
        table["onset"],
        table["offset"],
        table["pitch"],
        table["velocity"],
        table["program"],
        table["is_drum"],
        bends=table.get("bends"),
        tempo_map=TempoMap(truth["tempo"]["times"], truth["tempo"]["bpm"]),
        pedal=table.get("pedal"),
    )


def _segments(rows: list[list[Any]]) -> Segments:
    """Create segments from rows of start, end and label."""
    return Segments([row[:2] for row in rows], [row[2] for row in rows])
