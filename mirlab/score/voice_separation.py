"""Separate the notes of a staff into voices, and choose their written durations.

A staff has one voice, and a second one while notes are held under or over others. At each step, the
new notes become one chord in either voice, or two chords, one above the other. Beam search finds
the voicing whose written durations differ least from the played ones, with penalties for second
voices, crossings and leaps. Compare the costs of Chew and Wu, "Separating voices in polyphonic
music: a contig mapping approach" (CMMR 2004), and of Kilian and Hoos, "Voice separation" (ISMIR
2002), whose voices may also contain chords.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from .grid import STEPS

SIXTEENTH = STEPS // 4
BEAM = 12  # hypotheses per step; twice as many change one duration in a thousand
MIN_DURATION_COST = 0.35  # per note whose written duration differs from the played one
SECOND_VOICE = 0.1  # cost of each step with two voices
OPENING = 0.25  # cost of beginning a second voice
CROSSING = 0.3  # cost of a lower voice above the upper one
LEAP = 0.01  # cost per semitone between consecutive events of a voice


@dataclass(frozen=True)
class Event:
    """A note or chord: first step, length in steps (at least 1), MIDI pitches in rising order."""

    start: int
    length: int
    pitches: tuple[int, ...]

    @property
    def end(self) -> int:
        """First step after the event."""
        return self.start + self.length


@dataclass(frozen=True)
class _Node:
    """An event of a voice, linked to the previous one."""

    start: int
    end: int
    pitches: tuple[int, ...]
    before: _Node | None

    def until(self, t: int) -> _Node:
        """Shorten the event to end at step `t` at the latest."""
        return self if self.end <= t else _Node(self.start, t, self.pitches, self.before)


@dataclass(frozen=True)
class _Hypothesis:
    """A voicing of the piece so far: its cost, and the last event of each voice."""

    cost: float
    last: tuple[_Node | None, _Node | None]


def separate_voices(
    starts: np.ndarray, ends: np.ndarray, pitches: np.ndarray
) -> tuple[tuple[Event, ...], ...]:
    """Separate the notes of a staff into one or two voices, the upper one first.

    Parameters
    ----------
    starts, ends, pitches
        Steps and MIDI numbers, sorted by start, then pitch; a pitch begins at most once per step
        and ends where it is played again. Shape `(n,)`.

    Returns
    -------
    tuple of tuple of Event
        The events of a voice are sorted by time and never overlap.
    """
    hypotheses = [_Hypothesis(0.0, (None, None))]
    for t in np.unique(starts).tolist():
        a, b = np.searchsorted(starts, [t, t + 1])
        new = list(zip(ends[a:b].tolist(), pitches[a:b].tolist(), strict=True))
        chords = [
            (_chord(t, new[k:]), _chord(t, new[:k])) for k in range(len(new) + 1)
        ]  # (upper, lower), each with the cost of its common end
        best: dict[object, _Hypothesis] = {}
        for hypothesis in hypotheses:
            for chord in chords:
                extended = _extend(hypothesis, chord, t)
                state = tuple(
                    None if node is None else (node.start, node.end, node.pitches)
                    for node in extended.last
                )
                if state not in best or extended.cost < best[state].cost:
                    best[state] = extended
        hypotheses = sorted(best.values(), key=lambda hypothesis: hypothesis.cost)[:BEAM]
    upper, lower = _sort_voices([_events(node) for node in hypotheses[0].last])
    onsets = np.unique(starts)
    return tuple(
        tuple(_fill_short_rests(voice, onsets))
        for i, voice in enumerate([upper, lower])
        if voice or i == 0
    )


def _chord(t: int, notes: list[tuple[int, int]]) -> tuple[_Node | None, float]:
    """Combine notes (end, pitch) that begin at `t` into a chord; return it and its cost."""
    if not notes:
        return None, 0.0
    choices = {end for end, _ in notes}
    costs = {e: sum(_duration_cost(t, end, e) for end, _ in notes) for e in choices}
    end = min(choices, key=lambda e: (costs[e], e))
    return _Node(t, end, tuple(pitch for _, pitch in notes), None), costs[end]


def _duration_cost(start: int, end: int, written: int) -> float:
    """Cost of writing a note until `written` that is played until `end`."""
    if written == end:
        return 0.0
    difference = abs(end - written) / (max(end, written) - start)
    return MIN_DURATION_COST + (1 - MIN_DURATION_COST) * difference


def _extend(
    hypothesis: _Hypothesis,
    chords: tuple[tuple[_Node | None, float], tuple[_Node | None, float]],
    t: int,
) -> _Hypothesis:
    """Extend a hypothesis by the chords (upper, lower) of step `t`."""
    cost = hypothesis.cost
    last: list[_Node | None] = []
    for (chord, loss), old in zip(chords, hypothesis.last, strict=True):
        if chord is None:
            last.append(old)
            continue
        cost += loss
        if old is not None:
            cost += len(old.pitches) * _duration_cost(old.start, old.end, min(old.end, t))
            cost += LEAP * min(abs(_middle(chord) - _middle(old)), 12)
            old = old.until(t)
        last.append(_Node(t, chord.end, chord.pitches, old))
    upper, lower = last
    if upper is not None and lower is not None and upper.end > t and lower.end > t:
        cost += SECOND_VOICE
        cost += CROSSING * (lower.pitches[-1] > upper.pitches[0])
        was_two = all(node is not None and node.end >= t for node in hypothesis.last)
        cost += 0.0 if was_two else OPENING
    return _Hypothesis(cost, (upper, lower))


def _middle(node: _Node) -> float:
    """Middle of a chord as a MIDI number."""
    return (node.pitches[0] + node.pitches[-1]) / 2


def _events(node: _Node | None) -> list[Event]:
    """Events of a voice, sorted by time."""
    events = []
    while node is not None:
        events.append(Event(node.start, node.end - node.start, node.pitches))
        node = node.before
    return events[::-1]


def _sort_voices(voices: list[list[Event]]) -> tuple[list[Event], list[Event]]:
    """Sort the voices: in each passage between rests, the voice with the higher mean is the upper.

    A passage in only one voice goes to the upper voice.
    """
    both = sorted(((e, i) for i in (0, 1) for e in voices[i]), key=lambda pair: pair[0].start)
    reach = list(accumulate((event.end for event, _ in both), max))
    upper: list[Event] = []
    lower: list[Event] = []
    first = 0
    for k in range(1, len(both) + 1):
        if k < len(both) and both[k][0].start < reach[k - 1]:
            continue
        parts = [[event for event, i in both[first:k] if i == voice] for voice in (0, 1)]
        parts.sort(key=_height, reverse=True)
        upper += parts[0]
        lower += parts[1]
        first = k
    return upper, lower


def _height(part: list[Event]) -> float:
    """Mean pitch of the events; -1 without events."""
    return float(np.mean([p for event in part for p in event.pitches])) if part else -1.0


def _fill_short_rests(voice: list[Event], onsets: np.ndarray) -> Iterator[Event]:
    """Extend events over short rests before the next onset or eighth.

    Such rests reflect the articulation, not the rhythm, and are hard to read. `onsets` are the
    sorted onsets of the whole staff, since there is no silence while the other voice plays.
    """
    for event in voice:
        end = event.end
        k = int(np.searchsorted(onsets, end))
        rest = int(onsets[k]) - end if k < onsets.size else STEPS
        if rest <= STEPS // 3 and _level(end) >= _level(event.start):
            end += rest
        elif end % SIXTEENTH == 0 and end % (2 * SIXTEENTH):
            end += SIXTEENTH  # the rest of an eighth
        yield Event(event.start, end - event.start, event.pitches)


def _level(step: int) -> int:
    """Level of a step in the beat: 0 on the beat, 1 on its half, 2 on a quarter or third."""
    return 0 if step % STEPS == 0 else 1 if step % (STEPS // 2) == 0 else 2
