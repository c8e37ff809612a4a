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
from typing import NamedTuple

import numpy as np

from .grid import STEPS

SIXTEENTH = STEPS // 4
BEAM = 12  # hypotheses per step; twice as many change one duration in a thousand
MIN_DURATION_COST = 0.35  # per note whose written duration differs from the played one
SECOND_VOICE = 0.05  # cost of each step with two voices
OPENING = 0.25  # cost of beginning a second voice
CROSSING = 0.15  # cost of a lower voice above the upper one
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


class _Node(NamedTuple):
    """An event of a voice, linked to the previous one."""

    start: int
    end: int
    pitches: tuple[int, ...]
    before: _Node | None

    def until(self, t: int) -> _Node:
        """Shorten the event to end at step `t` at the latest."""
        return self if self.end <= t else _Node(self.start, t, self.pitches, self.before)


class _Hypothesis(NamedTuple):
    """A voicing of the piece so far: its cost, and the last event of each voice."""

    cost: float
    upper: _Node | None
    lower: _Node | None


class _Choice(NamedTuple):
    """The chords that begin on a step in the upper and the lower voice, and their cost."""

    upper: _Node | None
    lower: _Node | None
    loss: float
    upper_middle: float
    lower_middle: float

    @classmethod
    def of(cls, upper: tuple[_Node | None, float], lower: tuple[_Node | None, float]) -> _Choice:
        """Combine two chords with the costs of their common ends."""
        middles = [_middle(node) if node else 0.0 for node in (upper[0], lower[0])]
        return cls(upper[0], lower[0], upper[1] + lower[1], *middles)


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
    hypotheses = [_Hypothesis(0.0, None, None)]
    steps, first = np.unique(starts, return_index=True)
    rows = list(zip(ends.tolist(), pitches.tolist(), strict=True))
    last = [*first[1:], starts.size][: steps.size]
    for t, a, b in zip(steps.tolist(), first, last, strict=True):
        new = rows[a:b]
        choices = [_Choice.of(_chord(t, new[k:]), _chord(t, new[:k])) for k in range(b - a + 1)]
        best: dict[object, tuple[float, _Hypothesis, _Choice]] = {}
        limit = np.inf
        for hypothesis in hypotheses:  # the cheapest first
            if hypothesis.cost > limit:
                break
            _collect(hypothesis, choices, t, limit, best)
            if len(best) > BEAM:
                limit = sorted(entry[0] for entry in best.values())[BEAM - 1]
        chosen = sorted(best.values(), key=lambda entry: entry[0])[:BEAM]
        hypotheses = [_extend(cost, hypothesis, choice, t) for cost, hypothesis, choice in chosen]
    upper, lower = _sort_voices([_events(node) for node in hypotheses[0][1:]])
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
    pitches = tuple(pitch for _, pitch in notes)
    choices = {end for end, _ in notes}
    if len(choices) == 1:
        return _Node(t, notes[0][0], pitches, None), 0.0
    costs = {e: sum(_duration_cost(t, end, e) for end, _ in notes) for e in choices}
    end = min(choices, key=lambda e: (costs[e], e))
    return _Node(t, end, pitches, None), costs[end]


def _duration_cost(start: int, end: int, written: int) -> float:
    """Cost of writing a note until `written` that is played until `end`."""
    if written == end:
        return 0.0
    difference = abs(end - written) / (max(end, written) - start)
    return MIN_DURATION_COST + (1 - MIN_DURATION_COST) * difference


def _collect(
    hypothesis: _Hypothesis,
    choices: list[_Choice],
    t: int,
    limit: float,
    best: dict[object, tuple[float, _Hypothesis, _Choice]],
) -> None:
    """Add what a hypothesis becomes by each choice at step `t`, if it costs no more than `limit`.

    Of several with the same last events, the cheapest is in `best`.
    """
    _, old_upper, old_lower = hypothesis
    upper_cut, upper_middle = _cut(old_upper, t)
    lower_cut, lower_middle = _cut(old_lower, t)
    was_two = old_upper and old_lower and old_upper.end >= t and old_lower.end >= t
    second = SECOND_VOICE if was_two else SECOND_VOICE + OPENING
    for choice in choices:
        cost = hypothesis.cost + choice.loss
        upper, lower = choice.upper or old_upper, choice.lower or old_lower
        if choice.upper is not None:
            cost += upper_cut
            if old_upper is not None:
                cost += LEAP * min(abs(choice.upper_middle - upper_middle), 12)
        if choice.lower is not None:
            cost += lower_cut
            if old_lower is not None:
                cost += LEAP * min(abs(choice.lower_middle - lower_middle), 12)
        if upper is not None and lower is not None and upper.end > t and lower.end > t:
            cost += second
            if lower.pitches[-1] > upper.pitches[0]:
                cost += CROSSING
        if cost > limit:
            continue
        state = (upper and upper[:3], lower and lower[:3])
        if state not in best or cost < best[state][0]:
            best[state] = cost, hypothesis, choice


def _cut(node: _Node | None, t: int) -> tuple[float, float]:
    """Cost of ending the event of a voice at step `t` at the latest, and its middle."""
    if node is None:
        return 0.0, 0.0
    if node.end <= t:
        return 0.0, _middle(node)
    return len(node.pitches) * _duration_cost(node.start, node.end, t), _middle(node)


def _extend(cost: float, hypothesis: _Hypothesis, choice: _Choice, t: int) -> _Hypothesis:
    """Extend a hypothesis by the chords of step `t`."""
    _, upper, lower = hypothesis
    if choice.upper is not None:
        upper = _Node(*choice.upper[:3], upper and upper.until(t))
    if choice.lower is not None:
        lower = _Node(*choice.lower[:3], lower and lower.until(t))
    return _Hypothesis(cost, upper, lower)


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
    pitches = [pitch for event in part for pitch in event.pitches]
    return sum(pitches) / len(pitches) if pitches else -1.0


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
