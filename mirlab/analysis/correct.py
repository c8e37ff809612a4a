"""`correct`: apply corrections to an analysis, and derive what depends on them anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..core import MirlabError, Notes, Segments
from ..core.checks import require_type
from .beat_grid import BeatGrid, CorrectionsError
from .corrections import FACTORS, METER_NAMES, Corrections, name_of
from .meter import beat_count, tempo_of_beats
from .result import Analysis

SAME_ONSET = 0.03  # s; a note is meant by an onset this close to its own


def correct(analysis: Analysis, corrections: Corrections) -> Analysis:
    """Apply corrections: bars, tempo map, meter, key, chords and notes; the audio is not read.

    Parameters
    ----------
    analysis
        From `analyze`. If it is corrected already, the new corrections follow the earlier ones.
    corrections
        Operations, applied in their order.

    Returns
    -------
    Analysis
        With `corrections`, and the uncorrected `original`. What was given by hand counts as sure.

    Raises
    ------
    CorrectionsError
        If an operation does not fit the analysis; the message has its number and name.

    Examples
    --------
    >>> import mirlab
    >>> t = np.arange(8 * 22050)
    >>> clicks = np.where(t % 11025 < 100, 0.5, 0.0)  # two per second
    >>> analysis = mirlab.analyze((clicks, 22050), progress=False)
    >>> corrected = correct(analysis, Corrections([{"op": "tempo", "factor": "1/2"}]))
    >>> round(corrected.tempo / analysis.tempo, 2), corrected.corrections.describe()
    (0.5, ['tempo ×1/2'])
    """
    require_type("analysis", analysis, Analysis, CorrectionsError)
    require_type("corrections", corrections, Corrections, CorrectionsError)
    original = analysis.original or analysis
    every = analysis.corrections + corrections
    state = _State(original)
    for number, operation in enumerate(every, 1):
        try:
            OPERATIONS[operation["op"]](state, operation)
        except MirlabError as reason:
            raise CorrectionsError(f"{name_of(number, operation)}: {reason}") from None
    return state.result(original, every)


class _State:
    """An analysis while it is corrected."""

    def __init__(self, analysis: Analysis) -> None:
        self.grid: BeatGrid | None = None  # made when the first beat is corrected
        self.beats = analysis.beats
        self.meter = analysis.meter
        self.key = analysis.key
        self.chords = analysis.chords
        self.notes = analysis.notes
        self.sure: dict[str, Any] = {}

    def change_beats(self, change: Callable[[BeatGrid], BeatGrid]) -> None:
        """Change the beat grid, which is made first if no beat was corrected before."""
        if self.grid is None:
            self.grid = BeatGrid.from_segments(self.beats, beat_count(self.meter))
        self.grid = change(self.grid)

    def given_notes(self) -> Notes:
        """The notes; an error if they were not analysed."""
        if self.notes is None:
            raise CorrectionsError("the notes of this recording were not analysed")
        return self.notes

    def result(self, original: Analysis, corrections: Corrections) -> Analysis:
        """The corrected analysis."""
        beats, notes = self.beats, self.notes
        if self.grid is not None:
            beats = self.grid.beats()
            if notes is not None:
                tempo = tempo_of_beats(
                    self.grid.times, notes.onset, self.meter, placed=self.grid.placed
                )
                notes = notes.with_tempo(tempo)
        return replace(
            original,
            beats=beats,
            notes=notes,
            meter=self.meter,
            key=self.key,
            chords=self.chords,
            corrections=corrections,
            original=original,
            **self.sure,
        )


def _tempo(state: _State, operation: dict[str, Any]) -> None:
    state.change_beats(lambda grid: grid.with_tempo(FACTORS[operation["factor"]]))
    state.sure["tempo_confidence"] = 1.0


def _bar_line(state: _State, operation: dict[str, Any]) -> None:
    state.change_beats(lambda grid: grid.with_bar_line(operation["time"]))


def _meter(state: _State, operation: dict[str, Any]) -> None:
    meter = METER_NAMES[operation["meter"]]
    if len(state.beats) or state.grid is not None:
        state.change_beats(lambda grid: grid.with_count(beat_count(meter)))
    state.meter = meter
    state.sure["meter_sure"] = True


def _key(state: _State, operation: dict[str, Any]) -> None:
    state.key = operation["key"].strip()
    state.sure["key_confidence"] = 1.0


def _chord(state: _State, operation: dict[str, Any]) -> None:
    """Replace what the chords contain in an interval; it is cut to their end."""
    chords = state.chords
    last = float(chords.intervals[-1, 1]) if len(chords) else 0.0
    start, end = operation["start"], min(operation["end"], last)
    if start >= end:
        raise CorrectionsError("it lies after the end of the recording")
    before, after = chords.crop(0, start), chords.crop(end, last)
    intervals = np.vstack([before.intervals, [(start, end)], after.intervals])
    labels = [*before.labels, operation["label"], *after.labels]
    state.chords = Segments(intervals, labels).merge()


def _note(state: _State, operation: dict[str, Any]) -> None:
    notes = state.given_notes()
    if operation["action"] == "add":
        state.notes = _with_note(notes, operation)
        return
    near = np.abs(notes.onset - operation["onset"])
    same = np.where((notes.pitch == operation["pitch"]) & ~notes.is_drum, near, np.inf)
    if not same.size or same.min() > SAME_ONSET:
        raise CorrectionsError("there is no such note")
    i = int(same.argmin())
    others = notes[np.arange(len(notes)) != i]
    if operation["action"] == "delete":
        state.notes = others
        return
    columns = ("onset", "offset", "pitch", "velocity", "program")
    values = {name: getattr(notes, name)[i].item() for name in columns}
    values |= {name: value for name, value in operation["to"].items() if value is not None}
    bend = None if notes.bends is None else notes.bends[i]
    state.notes = _with_note(others, values, bend)


def _with_note(notes: Notes, values: dict[str, Any], bend: np.ndarray | None = None) -> Notes:
    """Notes with a further one, of the values onset, offset, pitch, and others if given."""
    played = notes.program[~notes.is_drum]
    program = int(np.bincount(played).argmax()) if played.size else 0
    added = {"velocity": 80, "program": program, "is_drum": False} | values
    names = ("onset", "offset", "pitch", "velocity", "program", "is_drum")
    columns = {name: np.append(getattr(notes, name), added[name]) for name in names}
    bends = None
    if notes.bends is not None or bend is not None:
        bends = [*(notes.bends or [[]] * len(notes)), [] if bend is None else bend]
    return Notes(**columns, bends=bends, tempo_map=notes.tempo_map, pedal=notes.pedal)


def _beat(state: _State, operation: dict[str, Any]) -> None:
    time = operation["time"]
    if operation["action"] == "move":
        state.change_beats(lambda grid: grid.with_beat_moved(time, operation["to"]))
    elif operation["action"] == "add":
        state.change_beats(lambda grid: grid.with_beat_added(time))
    else:
        state.change_beats(lambda grid: grid.with_beat_deleted(time))


OPERATIONS: dict[str, Callable[[_State, dict[str, Any]], None]] = {
    "tempo": _tempo,
    "bar_line": _bar_line,
    "meter": _meter,
    "key": _key,
    "chord": _chord,
    "note": _note,
    "beat": _beat,
}
