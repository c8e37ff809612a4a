"""Pedal and pitch bends of the notes of a MIDI file.

The controllers of tracks without notes are those of their channel: some programs write the pedal
into a track of its own.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .errors import NotesError
from .midi_clock import Clock
from .midi_events import MidiEvents

MAX_BEND_POINTS = 5_000_000  # of the curves of all notes
BEND_RANGE = 2.0  # semitones of a full bend, MIDI's default
DATA_ENTRY, DATA_CENTS, PEDAL, RESET = 6, 38, 64, 121  # controller numbers
NRPN_LOW, NRPN_HIGH, RPN_LOW, RPN_HIGH = 98, 99, 100, 101
DRUMS = 9  # the channel that is called 10
SHIFT = 40  # bits for a tick or index, see `sort_key`; `midi_events` refuses longer ticks
SETUP = 1 << 20  # more than the number of parts; `SETUP + channel` are the tracks without notes
NOT_BENT = np.empty((0, 2))


class NoteTable(NamedTuple):
    """Notes while they are read, arrays of shape (n,), sorted by part and onset.

    A part is a channel of a track: `16 * track + channel`.
    """

    part: np.ndarray
    start: np.ndarray  # tick
    onset: np.ndarray
    offset: np.ndarray
    pitch: np.ndarray
    velocity: np.ndarray
    program: np.ndarray


def sort_key(group: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Combine a group (at most 21 bits) and a position in it (at most 39 bits) for sorting."""
    return group << SHIFT | position


def last_before(keys: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Index of the last of the sorted keys up to each query, in its group; -1 for none."""
    i = np.searchsorted(keys, queries, side="right") - 1
    return np.where(np.r_[keys, -1][i] >> SHIFT == queries >> SHIFT, i, -1)


class _Controllers(NamedTuple):
    """Messages sorted by group and time, arrays of shape (n,).

    A group is a part that has notes, or `SETUP` and a channel: all tracks without notes there.
    """

    group: np.ndarray
    message: np.ndarray  # index among the messages of the file


def _controllers(midi: MidiEvents, chosen: np.ndarray, notes: NoteTable) -> _Controllers:
    """The chosen messages (a mask), by group."""
    index = np.flatnonzero(chosen)
    part = midi.track[index] * 16 + (midi.status[index] & 15)
    group = np.where(np.isin(part, notes.part), part, SETUP + part % 16)
    order = np.lexsort((midi.tick[index], group))
    return _Controllers(group[order], index[order])


def _groups_of(notes: NoteTable, controllers: _Controllers) -> np.ndarray:
    """The group whose controllers each note obeys: its part, or else the tracks without notes."""
    has_controllers = np.isin(notes.part, controllers.group)
    return np.where(has_controllers, notes.part, SETUP + notes.part % 16)


def pedal_intervals(
    midi: MidiEvents, clock: Clock, notes: NoteTable
) -> list[tuple[float, float, int]]:
    """Intervals with controller 64 at 64 or more: start s, end s, program that sounds then."""
    control = (midi.status >> 4 == 11) & (midi.status & 15 != DRUMS)
    chosen = control & ((midi.first == PEDAL) | (midi.first == RESET))
    group, index = controllers = _controllers(midi, chosen, notes)
    down = (midi.first[index] == PEDAL) & (midi.second[index] >= 64)
    begins = np.diff(group, prepend=-1) != 0
    before = np.r_[False, down[:-1]][: down.size] & ~begins
    pressed = down & ~before
    left_down = down & (np.diff(group, append=-1) != 0)
    ended = (before & ~down) | left_down
    start = midi.tick[index[pressed]]
    end = np.where(left_down, (1 << SHIFT) - 1, midi.tick[index])[ended]
    latest = float(notes.offset.max())
    seconds = np.where(end < 1 << SHIFT - 1, clock.seconds(end), latest)
    owner = _groups_of(notes, controllers)
    order = np.lexsort((notes.start, owner))
    keys, programs = sort_key(owner, notes.start)[order], notes.program[order]
    i = np.searchsorted(keys, sort_key(group[pressed], start), side="right")
    first = np.searchsorted(keys, sort_key(group[pressed], np.zeros_like(start)))
    i = np.maximum(i - 1, first)  # from the note before
    k = np.maximum(np.searchsorted(keys, sort_key(group[pressed], end)), i + 1)
    rows = zip(clock.seconds(start), seconds, group[pressed], i, k, strict=True)
    return [
        (float(a), float(b), int(program))
        for a, b, g, first_note, last_note in rows
        if a < b and first_note < keys.size and keys[first_note] >> SHIFT == g
        for program in np.unique(programs[first_note:last_note])
    ]


def bend_curves(
    midi: MidiEvents, clock: Clock, notes: NoteTable, name: str
) -> list[np.ndarray] | None:
    """Bend curve of each note, see `Notes`; None if nothing is bent.

    Raises
    ------
    NotesError
        If the curves have too many points: each note has those of its channel while it sounds.
    """
    kind = midi.status >> 4
    chosen = (kind == 14) | ((kind == 11) & (midi.first == RESET))
    group, index = controllers = _controllers(midi, chosen, notes)
    value = np.where(kind[index] == 14, midi.second[index] << 7 | midi.first[index], 8192) - 8192
    if not value.any():
        return None
    ranges = _bend_ranges(midi, notes)
    times = clock.seconds(midi.tick[index])
    semitones = (
        value
        / 8192
        * [
            _range_at(ranges, g, tick)
            for g, tick in zip(group.tolist(), midi.tick[index], strict=True)
        ]
    )
    owner = _groups_of(notes, controllers)
    bends = [NOT_BENT] * owner.size
    spans: list[tuple[int, int, int]] = []  # note, first point, end of its points
    for g in np.unique(group).tolist():
        (members,) = np.nonzero(owner == g)
        a, b = np.searchsorted(group, [g, g + 1])
        first = np.maximum(
            a - 1 + np.searchsorted(times[a:b], notes.onset[members], side="right"), a
        )
        last = np.maximum(a + np.searchsorted(times[a:b], notes.offset[members]), first)
        spans += zip(members.tolist(), first.tolist(), last.tolist(), strict=True)
    if sum(b - a for _, a, b in spans) > MAX_BEND_POINTS:
        raise NotesError(f"{name}: its bends have over {MAX_BEND_POINTS:,} points")
    curves = np.column_stack([times, semitones])
    for i, a, b in spans:
        bends[i] = part_of_curve(curves[a:b], notes.onset[i], notes.offset[i])
    return bends


def part_of_curve(curve: np.ndarray, start: float, end: float) -> np.ndarray:
    """Part of a bend curve between two times, with its value at the start; (0, 2) if all 0."""
    a, b = np.searchsorted(curve[:, 0], start, side="right"), np.searchsorted(curve[:, 0], end)
    part = np.vstack([[start, curve[a - 1, 1] if a else 0.0], curve[a:b]])
    part = part[np.r_[np.diff(part[:, 0]) > 0, True]]  # keep the last of simultaneous values
    return part if np.any(part[:, 1]) else NOT_BENT


def bend_ranges(messages: Iterable[tuple[int, int, int]]) -> list[tuple[int, float]]:
    """Tick and semitones of each bend range that controllers (tick, number, value) set."""
    selected: dict[int, int] = {}
    ranges = []
    semitones = cents = 0
    for tick, number, value in messages:
        if number in (RPN_LOW, RPN_HIGH):
            selected[number] = value
        elif number in (NRPN_LOW, NRPN_HIGH):
            selected.clear()
        elif selected == {RPN_HIGH: 0, RPN_LOW: 0} and number in (DATA_ENTRY, DATA_CENTS):
            semitones, cents = (value, 0) if number == DATA_ENTRY else (semitones, value)
            ranges.append((tick, semitones + cents / 100))
    return ranges


def _bend_ranges(midi: MidiEvents, notes: NoteTable) -> dict[int, list[tuple[int, float]]]:
    """Bend ranges by group."""
    numbers = (DATA_ENTRY, DATA_CENTS, NRPN_LOW, NRPN_HIGH, RPN_LOW, RPN_HIGH)
    chosen = (midi.status >> 4 == 11) & np.isin(midi.first, numbers)
    group, index = _controllers(midi, chosen, notes)
    ranges = {}
    columns = (column[index].tolist() for column in (midi.tick, midi.first, midi.second))
    messages = list(zip(*columns, strict=True))
    edges = np.r_[np.flatnonzero(np.diff(group, prepend=-1)), group.size]
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        ranges[int(group[a])] = bend_ranges(messages[a:b])
    return ranges


def _range_at(ranges: dict[int, list[tuple[int, float]]], group: int, tick: int) -> float:
    """Bend range of a group at a tick; before the first is set, the first."""
    known = ranges.get(group) or ranges.get(SETUP + group % 16)
    if not known:
        return BEND_RANGE
    return known[max(0, bisect_right(known, (tick, math.inf)) - 1)][1]


def merge_pedal(pedal: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Merge overlapping pedal intervals of each program, which its tracks repeat."""
    merged: dict[int, list[list[float]]] = defaultdict(list)
    for start, end, program in sorted(pedal):
        intervals = merged[program]
        if intervals and start < intervals[-1][1]:
            intervals[-1][1] = max(intervals[-1][1], end)
        else:
            intervals.append([start, end])
    return [(a, b, program) for program, times in merged.items() for a, b in times]
