"""From the messages of a MIDI file to notes: times, note ends, programs, pedal and bends.

A track has its own notes and controllers, though MIDI has only 16 channels for all of them:
programs write more than 16 instruments that way. What a track lacks, it takes from other tracks of
its channel, as players do: the note-offs, the program, and the pedal and bends of tracks without
notes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import NotesError
from .midi_clock import MAX_SECONDS, Clock
from .midi_controllers import (
    DRUMS,
    SHIFT,
    NoteTable,
    bend_curves,
    last_before,
    merge_pedal,
    pedal_intervals,
    sort_key,
)
from .midi_events import MAX_NOTES, MidiEvents
from .midi_pairing import pair_notes

HELD = 10.0  # s; how long a note without an end sounds after the last event of the file, at most
SOUND_OFF, NOTES_OFF = 120, 123  # controllers that end all notes; so do those after 123


def note_columns(midi: MidiEvents, name: str) -> dict[str, Any]:
    """Notes, tempo map, pedal and bends of a MIDI file, as the arguments of `Notes`.

    Raises
    ------
    NotesError
        If there are too many notes, or they last too long.
    """
    clock = Clock(midi)
    notes = _find_notes(midi, clock, name)
    pedal = pedal_intervals(midi, clock, notes) if notes.onset.size else []
    return {
        "onset": notes.onset,
        "offset": notes.offset,
        "pitch": notes.pitch,
        "velocity": notes.velocity,
        "program": notes.program,
        "is_drum": notes.part % 16 == DRUMS,
        "bends": bend_curves(midi, clock, notes, name),
        "tempo_map": clock.tempo_map(),
        "pedal": merge_pedal(pedal),
    }


def _find_notes(midi: MidiEvents, clock: Clock, name: str) -> NoteTable:
    """Pair note-ons with note-offs, in seconds; end those that nothing ends."""
    kind = midi.status >> 4
    is_note = (kind == 9) | (kind == 8)
    part = (midi.track * 16 + (midi.status & 15))[is_note]
    is_on = ((kind == 9) & (midi.second > 0))[is_note]
    if np.count_nonzero(is_on) > MAX_NOTES:
        raise NotesError(f"{name}: holds more than {MAX_NOTES:,} notes")
    tick, pitch = midi.tick[is_note], midi.first[is_note]
    end = pair_notes(part, pitch, tick, is_on, across=midi.kind != 2)[is_on]
    number = np.flatnonzero(is_note)[is_on]  # of the note-on, among the messages
    part, pitch, start = part[is_on], pitch[is_on], tick[is_on]
    held = end < 0
    if held.any():
        midi.mend(f"notes without an end are held ({np.count_nonzero(held)})")
        key = part * 128 + pitch
        end[held] = _ends_of_held(midi, clock, key, start)[held]
    brief = end <= start
    if brief.any():
        midi.mend(f"notes of no length are left out ({np.count_nonzero(brief)}), but for drums")
        end = np.where(brief & (part % 16 == DRUMS), start + 1, end)
    onset, offset = clock.seconds(start), clock.seconds(end)
    keep = np.flatnonzero(offset > onset)
    keep = keep[np.lexsort((start[keep], part[keep]))]
    last = float(offset[keep].max()) if keep.size else 0.0
    if last > MAX_SECONDS:
        raise NotesError(f"{name}: is longer than a day ({last:.0f} s)")
    program = _programs(midi, part, start, number)
    velocity = midi.second[number]
    rows = (part, start, onset, offset, pitch, velocity, program)
    return NoteTable(*(column[keep] for column in rows))


def _ends_of_held(midi: MidiEvents, clock: Clock, key: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Where a note ends that no note-off ends: ticks, shape (n,).

    It ends where its key is played again, all notes of its channel are ended, or the track ends;
    a track may end much too late, so at most some seconds after the last message.
    """
    ends = np.array(midi.ends)[key // 128 // 16]
    last = int(midi.tick.max())
    beyond = np.searchsorted(clock.ticks, last, side="right") - 1
    ends = np.minimum(ends, last + int(min(HELD / clock.period[beyond], 1e12)))
    ends = np.maximum(ends, start)
    order = np.lexsort((start, key))
    again = order[:-1][key[order][1:] == key[order][:-1]]
    ends[again] = np.minimum(ends[again], start[order[1:]][key[order][1:] == key[order][:-1]])
    is_off = (midi.status >> 4 == 11) & np.isin(midi.first, [SOUND_OFF, *range(NOTES_OFF, 128)])
    offs = np.sort((midi.status[is_off] & 15) << SHIFT | midi.tick[is_off])
    if offs.size:
        channel = key // 128 % 16
        following = np.searchsorted(offs, channel << SHIFT | start, side="right")
        found = offs[np.minimum(following, offs.size - 1)]
        valid = (following < offs.size) & (found >> SHIFT == channel)
        ends = np.where(valid, np.minimum(ends, found & ((1 << SHIFT) - 1)), ends)
    return ends


def _programs(
    midi: MidiEvents, part: np.ndarray, start: np.ndarray, number: np.ndarray
) -> np.ndarray:
    """Program of each note: the last in its part, or in its channel, when it begins; else 0."""
    changes = np.flatnonzero(midi.status >> 4 == 12)
    channel = midi.status[changes] & 15
    changed_part = midi.track[changes] * 16 + channel
    program = np.zeros(part.size, int)
    for keys, queries in (  # the program of the part overrides that of the channel
        (sort_key(channel, midi.tick[changes]), sort_key(part % 16, start)),
        (sort_key(changed_part, changes), sort_key(part, number)),
    ):
        order = np.argsort(keys, kind="stable")
        i = last_before(keys[order], queries)
        program = np.where(i < 0, program, np.r_[midi.first[changes[order]], 0][i])
    return program
