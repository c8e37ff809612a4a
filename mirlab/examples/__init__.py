"""A dozen short pieces with their truth, shipped with the package.

Every one was typed in by us (see `SOURCES.md` beside this file) and played by a General MIDI sound
font, so what sounds is known to the millisecond: `load` gives the sound together with its notes,
chords, key, beats and stems. Nothing is rendered and nothing is downloaded when they are loaded.
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
    """There is no such example, or its files are not those that were shipped."""


@dataclass(frozen=True, eq=False)
class Example:
    """A short piece and everything that is true of it.

    Parameters
    ----------
    name
        What `load` knows it by.
    title
        The piece and its instruments in one line.
    audio
        The sound: mono, 22,050 Hz, at most 20 s, peak -6 dBFS. It is the sum of `stems`.
    notes
        What was played, as it was played: times with the player's small liberties, velocities,
        programs, bends where there are any, and the tempo map.
    chords
        Harte labels from 0 to the end of the sound; `"N"` where a tune, a bass or drums play
        alone and where nothing sounds.
    key
        Such as `"A minor"`; None for drums.
    beats
        From beat to beat; the label is the beat's number in its bar, `"1"` the downbeat.
    stems
        The sound by instrument: one for a piece with a single instrument, or with several that
        were not kept apart (`"all"`).
    meter
        Beats a bar and the note value of a beat, such as `(4, 4)`.
    source
        Who made the music, when, and who typed it in.
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
        """Beats a minute, from the median length of a beat."""
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
    """What `load` knows, in alphabetical order.

    >>> "piano" in names()
    True
    """
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name[:-5] for name in found if name.endswith(".json")))


def load(name: str) -> Example:
    """One of the pieces, with its truth.

    Parameters
    ----------
    name
        One of `names()`.

    Raises
    ------
    ExampleError
        When there is no example of that name, or a file of it is damaged.

    Examples
    --------
    >>> piece = load("piano")
    >>> piece.key, piece.meter
    ('C major', (4, 4))
    >>> piece.chords.labels
    ('N', 'C:maj', 'D:min7/b7', 'G:7/3', 'C:maj', 'N')
    """
    if name not in names():
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
    """One sound file of the package, if it is still the one that was shipped."""
    try:
        data = (files(__name__) / file).read_bytes()
    except OSError as reason:
        raise ExampleError(f"{file}: cannot be read ({reason.strerror})") from reason
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ExampleError(f"{file}: is not the file that was shipped; install mirlab again")
    return Audio.load(data)


def _notes(truth: dict[str, Any]) -> Notes:
    """The notes of a truth file: parallel lists, bends as lists of `[seconds, semitones]`."""
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
    """Segments from rows of start, end and label."""
    return Segments([row[:2] for row in rows], [row[2] for row in rows])
