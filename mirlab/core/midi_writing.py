"""Convert notes to `PrettyMIDI`, without losing notes that overlap or are bent."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import Any

import numpy as np

from .bars import Bar, Bars
from .checks import require_type
from .columns import NoteColumns
from .errors import NotesError
from .midi_controllers import BEND_RANGE, DATA_ENTRY, PEDAL, RPN_HIGH, RPN_LOW, part_of_curve
from .tempo import TempoMap

RESOLUTIONS = (480, 240, 120, 60, 24)  # ticks per beat: the finest that stays under MAX_TICKS
MAX_TICKS = 9_000_000  # pretty_midi has an array entry for each and reads at most 10 million
MAX_TRACKS = 32_766  # mido's limit, without the track of the tempi
CHANNELS = 16
BENT = -1  # the place of a pitch for bent notes


def to_pretty_midi(notes: NoteColumns, tempo_map: TempoMap | None, bars: Bars | None = None) -> Any:
    """Convert to `PrettyMIDI`, at 120 bpm without a tempo map; see `Notes.to_midi`."""
    import pretty_midi

    tempo_map = tempo_map or TempoMap(0, 120)
    midi = _empty_midi(tempo_map, notes.duration)
    if bars is not None:
        require_type("bars", bars, Bars, NotesError)
        midi.time_signature_changes = _time_signatures(bars, tempo_map, notes.duration, midi)
    start = _ticks(midi, notes.onset)
    end = np.maximum(_ticks(midi, notes.offset), start + 1)
    onset, offset = _seconds(midi, start).tolist(), _seconds(midi, end).tolist()
    pitch, velocity = notes.pitch.tolist(), notes.velocity.tolist()
    for program, is_drum in sorted({*zip(notes.program, notes.is_drum, strict=True)}):
        indices = np.flatnonzero((notes.program == program) & (notes.is_drum == is_drum))
        for number, track in enumerate(_assign_tracks(indices, start, end, notes)):
            instrument = pretty_midi.Instrument(int(program), bool(is_drum))
            instrument.notes = [
                pretty_midi.Note(velocity[i], pitch[i], onset[i], offset[i]) for i in track
            ]
            _add_bends(instrument, notes, track, midi)
            if not is_drum and number < CHANNELS:  # further tracks repeat the channels
                _add_pedal(instrument, notes, int(program))
            midi.instruments.append(instrument)
    if len(midi.instruments) > MAX_TRACKS:
        raise NotesError(f"so many notes overlap that MIDI lacks tracks ({MAX_TRACKS:,})")
    return midi


def _empty_midi(tempo_map: TempoMap, duration: float) -> Any:
    """Create a `PrettyMIDI` without notes, with this tempo map.

    The file stores tempi as whole microseconds per beat. pretty_midi truncates the fraction, so a
    small epsilon is added before. Each tempo change is rounded to the nearest tick, and its tempo
    is the one that reaches the next change in time.
    """
    import pretty_midi

    tempo_map = tempo_map.from_zero()
    beats = float(tempo_map.beats(max(duration, tempo_map.times[-1])))
    fine = [r for r in RESOLUTIONS if r * beats < MAX_TICKS]
    if not fine:
        raise NotesError(f"{beats:.3g} beats are too long for MIDI; give the notes a slower tempo")
    resolution = fine[0]
    ticks = np.round(tempo_map.beats(tempo_map.times) * resolution).astype(int)
    scales, now = [], 0.0
    for i, tick in enumerate(ticks):
        if i + 1 < ticks.size and ticks[i + 1] > tick:
            beat = (tempo_map.times[i + 1] - now) * resolution / (ticks[i + 1] - tick)
        elif i + 1 < ticks.size:
            continue  # of two changes on one tick, use the later
        else:
            beat = 60.0 / tempo_map.bpm[i]
        micros = min(max(round(beat * 1e6), 1), 0xFFFFFF)
        scales.append((int(tick), (micros + 1e-6) * 1e-6 / resolution))
        if i + 1 < ticks.size:
            now += (ticks[i + 1] - tick) * scales[-1][1]
    midi = pretty_midi.PrettyMIDI(resolution=resolution)
    midi._tick_scales = scales  # pretty_midi has no public way to give it a tempo map
    midi._update_tick_to_time(max(int(beats * resolution), scales[-1][0] + 1))
    return midi


def _time_signatures(bars: Bars, tempo_map: TempoMap, duration: float, midi: Any) -> list[Any]:
    """Time signatures where the meter changes; before the first bar line that of the pick-up."""
    import pretty_midi

    found = bars.until(float(tempo_map.beats(duration)))
    first = found[0].start
    written = [Bar(0.0, *_meter_of(first, found[0].denominator)), *found] if first else found
    changes = [
        bar
        for before, bar in zip([None, *written], written, strict=False)
        if before is None or before.meter != bar.meter
    ]
    times = _seconds(midi, np.round([bar.start * midi.resolution for bar in changes]).astype(int))
    return [
        pretty_midi.TimeSignature(*bar.meter, time)
        for bar, time in zip(changes, times.tolist(), strict=True)
    ]


def _meter_of(quarters: float, denominator: int) -> tuple[int, int]:
    """Meter of a bar of this length, with this denominator or a multiple."""
    while denominator < 64 and quarters * denominator % 4:
        denominator *= 2
    return max(1, round(quarters * denominator / 4)), denominator


def _tempi(midi: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First tick, time and seconds per tick of each tempo, shapes (n,)."""
    ticks, periods = np.array(midi._tick_scales).T
    return ticks, np.r_[0.0, np.cumsum(np.diff(ticks) * periods[:-1])], periods


def _ticks(midi: Any, seconds: np.ndarray) -> np.ndarray:
    """Nearest ticks of times in seconds, shape (n,); `time_to_tick` takes one at a time."""
    ticks, times, periods = _tempi(midi)
    i = np.searchsorted(times, seconds, side="right") - 1
    return np.round(ticks[i] + (seconds - times[i]) / periods[i]).astype(int)


def _seconds(midi: Any, at: np.ndarray) -> np.ndarray:
    """Times in seconds of ticks, shape (n,)."""
    ticks, times, periods = _tempi(midi)
    i = np.searchsorted(ticks, at, side="right") - 1
    return times[i] + (at - ticks[i]) * periods[i]


def _assign_tracks(
    indices: np.ndarray, start: np.ndarray, end: np.ndarray, notes: NoteColumns
) -> list[list[int]]:
    """Distribute notes, sorted by start, over few instruments, so that none collide.

    Two notes of the same pitch must not overlap. A bent note must be the only one that sounds,
    since MIDI bends a whole channel.
    """
    tracks = _Tracks()
    assigned: list[list[int]] = []
    order = indices[np.argsort(start[indices], kind="stable")]
    for i in order.tolist():
        bent = notes.bends is not None and len(notes.bends[i]) > 0
        pitch = BENT if bent else int(notes.pitch[i])
        k = tracks.take(pitch, int(start[i]), int(end[i]))
        if k == len(assigned):
            assigned.append([])
        assigned[k].append(i)
    return assigned


class _Tracks:
    """Tracks by when they are free, so that each note finds the first free one without a search.

    For each pitch (or `BENT`) one heap has the tracks that are free by number, another the busy
    ones by when they become free. Entries go out of date when a track is taken for another pitch;
    they are corrected when they come up.
    """

    def __init__(self) -> None:
        self.end: list[int] = []  # by track: end of all notes, and of the last bent one
        self.bent_end: list[int] = []
        self.pitch_end: list[dict[int, int]] = []
        self.free: dict[int, list[int]] = defaultdict(list)
        self.busy: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.known: dict[int, int] = defaultdict(int)  # by pitch: tracks in its heaps

    def take(self, pitch: int, start: int, end: int) -> int:
        """Take the first track in which the note disturbs none, or a new one; return its number."""
        free, busy = self.free[pitch], self.busy[pitch]
        while busy and busy[0][0] <= start:
            heappush(free, heappop(busy)[1])
        track = self._first_free(pitch, start)
        if track == len(self.end):
            self.end.append(0)
            self.bent_end.append(0)
            self.pitch_end.append({})
        self.end[track] = max(self.end[track], end)
        if pitch == BENT:
            self.bent_end[track] = end
        else:
            self.pitch_end[track][pitch] = end
        heappush(busy, (end, track))
        return track

    def _first_free(self, pitch: int, start: int) -> int:
        """Number of the first track that is free for a pitch; the number of tracks if none is."""
        free, busy = self.free[pitch], self.busy[pitch]
        while free:
            track = heappop(free)
            until = self._busy_until(track, pitch)
            if until <= start:
                return track
            heappush(busy, (until, track))
        while self.known[pitch] < len(self.end):
            track = self.known[pitch]
            self.known[pitch] += 1
            until = self._busy_until(track, pitch)
            if until <= start:
                return track
            heappush(busy, (until, track))
        self.known[pitch] += 1
        return len(self.end)

    def _busy_until(self, track: int, pitch: int) -> int:
        """Tick from which a track is free for a pitch."""
        if pitch == BENT:
            return self.end[track]
        return max(self.bent_end[track], self.pitch_end[track].get(pitch, 0))


def _add_bends(instrument: Any, notes: NoteColumns, track: list[int], midi: Any) -> None:
    """Write the bend curves of a track's notes, and the bend range if it exceeds 2 semitones."""
    import pretty_midi

    if notes.bends is None or not any(len(notes.bends[i]) for i in track):
        return
    largest = max(np.abs(notes.bends[i][:, 1]).max(initial=0.0) for i in track)
    scale = BEND_RANGE
    if largest > BEND_RANGE:
        scale = float(min(np.ceil(largest), 24))
        # each on its own tick: on one tick pretty_midi would sort them by controller number
        for tick, (number, value) in enumerate(
            [(RPN_HIGH, 0), (RPN_LOW, 0), (DATA_ENTRY, int(scale))]
        ):
            change = pretty_midi.ControlChange(number, value, midi.tick_to_time(tick))
            instrument.control_changes.append(change)
    for i in track:
        curve = part_of_curve(notes.bends[i], notes.onset[i], notes.offset[i])
        for time, bend in curve if len(curve) else [(notes.onset[i], 0.0)]:
            value = int(np.clip(round(bend / scale * 8192), -8192, 8191))
            instrument.pitch_bends.append(pretty_midi.PitchBend(value, time))


def _add_pedal(instrument: Any, notes: NoteColumns, program: int) -> None:
    """Write the pedal events of a program."""
    import pretty_midi

    if notes.pedal is None:
        return
    for start, end, owner in notes.pedal:
        if owner == program:
            instrument.control_changes.append(pretty_midi.ControlChange(PEDAL, 127, start))
            instrument.control_changes.append(pretty_midi.ControlChange(PEDAL, 0, end))
