"""Convert a grid score to notation: bars, note values, ties and rests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .grid import STEPS
from .quantize import GridScore
from .voice_separation import Event

PLAIN = (72, 48, 36, 24, 18, 12, 9, 6, 3)  # steps: whole to sixteenth notes, plain and dotted
TRIPLETS = (8, 4)  # steps: triplet quarter and eighth
VALUES = (*PLAIN, *TRIPLETS)
HALVED = ((4, 4), (6, 4), (12, 8))  # meters with a strong beat in the middle

Meter = tuple[int, int] | None  # None in free time


@dataclass(frozen=True)
class NotatedEvent:
    """One written note, chord or rest.

    Parameters
    ----------
    start
        Steps since the beginning of the bar.
    length
        Steps, one of `VALUES` (or a whole bar, for a rest).
    pitches
        MIDI numbers in increasing order; empty for a rest.
    tied_from, tied_to
        Whether it is tied to the previous event, and to the next.
    """

    start: int
    length: int
    pitches: tuple[int, ...] = ()
    tied_from: bool = False
    tied_to: bool = False


@dataclass(frozen=True)
class Bar:
    """A bar of all staves.

    Parameters
    ----------
    start, length
        Start in steps since the beginning of the score, and length in steps.
    padding
        Steps that a pick-up lacks at its beginning; 0 for full bars.
    meter
        Numerator and denominator; None in free time.
    staves
        Events by staff and voice. The events of a voice fill the bar. A second voice without a
        note in this bar is left out.
    """

    start: int
    length: int
    padding: int
    meter: Meter
    staves: tuple[tuple[tuple[NotatedEvent, ...], ...], ...]


def bars(score: GridScore) -> list[Bar]:
    """Divide a grid score into bars, and its durations into note values that show the beat."""
    edges = sorted({score.start, *score.lines})
    meters = score.meters if score.start == score.pickup else (score.meters[0], *score.meters)
    split = [[_split(voice, edges) for voice in staff.voices] for staff in score.staves]
    written = []
    for i, (start, end) in enumerate(zip(edges, edges[1:], strict=False)):
        meter = meters[i]
        padding = steps_of(meter)[0] - (end - start) if meter and start < score.pickup else 0
        staves = tuple(
            tuple(
                tuple(_voice(voice[i], end - start, padding, meter))
                for k, voice in enumerate(staff)
                if k == 0 or voice[i]
            )
            for staff in split
        )
        written.append(Bar(start, end - start, padding, meter, staves))
    return written


def steps_of(meter: tuple[int, int]) -> tuple[int, int]:
    """Steps per bar and per beat of a meter.

    >>> steps_of((4, 4)), steps_of((6, 8)), steps_of((1, 4))
    ((48, 12), (36, 18), (12, 12))
    """
    compound = meter[1] == 8 and meter[0] % 3 == 0
    return meter[0] * 4 * STEPS // meter[1], 18 if compound else STEPS


def values(position: int, length: int, meter: Meter) -> list[int]:
    """Divide `length` steps from `position` in the bar into note values, to be tied.

    A value covers no beat that is stronger than those at its beginning and end. A syncopation that
    is centred on such a beat (eighth, quarter, eighth) is one note.

    A note that begins or ends off the sixteenth grid is part of a triplet in that beat.

    >>> values(0, 21, (4, 4)), values(6, 12, (4, 4)), values(18, 12, (4, 4)), values(8, 20, (4, 4))
    ([18, 3], [12], [6, 6], [4, 12, 4])
    """
    end = position + length
    written = []
    if position % 3:
        written.append(min(end, (position // STEPS + 1) * STEPS) - position)
        position += written[0]
    last = max(position, end // STEPS * STEPS) if end % 3 else end
    while position < last:
        value = next(v for v in PLAIN if _readable(position, v, last, meter))
        written.append(value)
        position += value
    return [*written, end - last] if end > last else written


def _readable(position: int, value: int, end: int, meter: Meter) -> bool:
    """Whether a note of `value` is readable at `position`, if the whole note lasts until `end`."""
    after = position + value
    if after > end or meter is None:
        return after <= end
    hidden = max((_strength(p, meter) for p in range(position + 1, after)), default=0)
    here, there = _strength(position, meter), _strength(after, meter)
    if steps_of(meter)[1] == 18 and hidden >= 18:
        # in compound time notes that cover a beat last two or four whole beats
        return value in (36, 72) and hidden <= max(here, there)
    syncopated = after == end and value == 2 * here == hidden
    return hidden <= max(here, there) or syncopated


def _strength(position: int, meter: tuple[int, int]) -> int:
    """Metrical strength of a position: steps of the longest note value that may start there."""
    bar, beat = steps_of(meter)
    if position % bar == 0:
        return 72
    if position % beat == 0:
        return bar // 2 if meter in HALVED and position * 2 == bar else beat
    return 6 if position % 6 == 0 else 3


def _rests(position: int, length: int, meter: Meter) -> Iterator[int]:
    """Rests that fill `length` steps, aligned with the meter, dotted only for a compound beat."""
    end = position + length
    if meter is None:
        while position < end:
            rest = next(v for v in (48, 24, 12, 6, 3) if v <= end - position)
            yield rest
            position += rest
        return
    bar, beat = steps_of(meter)
    if position == 0 and length == bar:
        yield bar
        return
    while position < end:
        beat_end = min(end, (position // STEPS + 1) * STEPS)
        if position % 3 or (beat_end % 3 and beat_end == end):  # in a triplet
            rest = beat_end - position
        else:
            largest = min(end - position, _strength(position, meter), bar // 2)
            if beat == 18 and end - position == 9:
                rest = 9  # half of a dotted quarter, in a duplet
            else:
                rest = next(v for v in (18 if beat == 18 else 24, 12, 6, 3) if v <= largest)
        yield rest
        position += rest


def _split(voice: tuple[Event, ...], edges: list[int]) -> list[list[NotatedEvent]]:
    """Split the events of a voice at the bar lines: a list of notated events for each bar."""
    split: list[list[NotatedEvent]] = [[] for _ in edges[1:]]
    i = 0
    for event in voice:
        while edges[i + 1] <= event.start:
            i += 1
        start, k = event.start, i
        while start < event.end:
            end = min(event.end, edges[k + 1])
            split[k].append(
                NotatedEvent(
                    start - edges[k],
                    end - start,
                    event.pitches,
                    tied_from=start > event.start,
                    tied_to=end < event.end,
                )
            )
            start, k = end, k + 1
    return split


def _voice(
    events: list[NotatedEvent], length: int, padding: int, meter: Meter
) -> Iterator[NotatedEvent]:
    """Fill one bar of a voice: rests between the events, events as tied note values."""
    position = 0
    for event in [*events, NotatedEvent(length, 0)]:
        for rest in _rests(position + padding, event.start - position, meter):
            yield NotatedEvent(position, rest)
            position += rest
        parts = values(position + padding, event.length, meter)
        for k, value in enumerate(parts):
            yield NotatedEvent(
                position,
                value,
                event.pitches,
                tied_from=event.tied_from or k > 0,
                tied_to=event.tied_to or k < len(parts) - 1,
            )
            position += value
