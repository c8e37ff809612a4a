"""Beams: eighths and sixteenths of a beat are joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .grid import STEPS
from .notation import Bar, NotatedEvent, steps_of

LEVELS = {9: 1, 6: 1, 4: 1, 3: 2}  # number of beams by length in steps


def beams(events: Sequence[NotatedEvent], bar: Bar) -> list[str]:
    """The beam elements of MusicXML of each event of a voice; empty for most.

    Notes of a beat that follow each other without a rest are joined; a note alone has a flag.
    """
    texts = [""] * len(events)
    for group in _groups(events, bar):
        levels = [LEVELS[events[i].length] for i in group]
        for k, i in enumerate(group):
            texts[i] = "".join(
                f'<beam number="{level}">{_beam(levels, k, level)}</beam>'
                for level in range(1, levels[k] + 1)
            )
    return texts


def _groups(events: Sequence[NotatedEvent], bar: Bar) -> Iterator[list[int]]:
    """Indices of the events that are joined, two at least."""
    beat = steps_of(bar.meter)[1] if bar.meter else STEPS
    group: list[int] = []
    for i, event in enumerate(events):
        joins = bool(event.pitches) and event.length in LEVELS
        same = (
            group
            and (events[group[-1]].start + bar.padding) // beat
            == (event.start + bar.padding) // beat
        )
        if joins and same:
            group.append(i)
            continue
        if len(group) > 1:
            yield group
        group = [i] if joins else []
    if len(group) > 1:
        yield group


def _beam(levels: list[int], k: int, level: int) -> str:
    """What the beam of a level does at note `k` of a group with these numbers of beams."""
    before = k > 0 and levels[k - 1] >= level
    after = k + 1 < len(levels) and levels[k + 1] >= level
    if before and after:
        return "continue"
    if before or after:
        return "end" if before else "begin"
    return "forward hook" if k == 0 else "backward hook"
