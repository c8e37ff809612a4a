"""Pair the note-ons and note-offs of a MIDI file.

Of overlapping notes of one pitch, the first that began ends first. Where a note-off is missing,
that rule would give every later note the end of the next one. So notes without an end are found
first: those that would be left over if each note-off ended the newest note.
"""

from __future__ import annotations

from collections import deque

import numpy as np

_Event = tuple[int, int, bool]  # index, tick, whether it is a note-on


def pair_notes(
    part: np.ndarray, pitch: np.ndarray, tick: np.ndarray, is_on: np.ndarray, *, across: bool
) -> np.ndarray:
    """Find the tick at which each note ends.

    Parameters
    ----------
    part
        Channel of a track of each message: `16 * track + channel`. Shape `(n,)`.
    pitch, tick, is_on
        Pitch, time, and whether it is a note-on; in the order of the file. Shape `(n,)`.
    across
        Whether a note-off may end a note of another track, if none of its own track does.

    Returns
    -------
    ndarray
        Ticks, shape `(n,)`; -1 for note-offs and for notes that nothing ends.
    """
    ends = np.full(part.size, -1)
    if not part.size:
        return ends
    key = part * 128 + pitch
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0])
    size = np.diff(np.r_[first, part.size])
    step = np.where(is_on[order], 1, -1)
    sounding = np.cumsum(step)
    sounding -= np.repeat(sounding[first] - step[first], size)
    last = first + size - 1
    regular = (np.minimum.reduceat(sounding, first) >= 0) & (sounding[last] == 0)
    simple = np.repeat(regular, size)
    ons = order[simple & is_on[order]]
    ends[ons] = tick[order[simple & ~is_on[order]]]  # the k-th note-off of a key ends its k-th note
    left: dict[int, list[_Event]] = {}  # by channel and pitch: what has no partner in its track
    for a, b in zip(first[~regular].tolist(), last[~regular].tolist(), strict=True):
        group = order[a : b + 1]
        events = list(zip(group.tolist(), tick[group].tolist(), is_on[group].tolist(), strict=True))
        rest = _match(events, ends)
        if across:
            left.setdefault(int(key[group[0]] % 2048), []).extend(rest)
    for rest in left.values():
        if any(on for _, _, on in rest) and not all(on for _, _, on in rest):
            _match(sorted(rest, key=lambda event: event[1:]), ends)  # note-offs before note-ons
    return ends


def _match(events: list[_Event], ends: np.ndarray) -> list[_Event]:
    """Write the ends of the notes of one key into `ends`; return the events without a partner."""
    pairs, unpaired = _pair(events)
    if any(on for _, _, on in unpaired):
        _, unpaired = _pair(events, newest=True)
        ignored = {index for index, _, _ in unpaired}
        pairs, others = _pair([event for event in events if event[0] not in ignored])
        unpaired += others
    for on, end in pairs.items():
        ends[on] = end
    return unpaired


def _pair(events: list[_Event], *, newest: bool = False) -> tuple[dict[int, int], list[_Event]]:
    """End the oldest (or newest) sounding note at each note-off; a dict of ticks by note-on.

    At one tick, a note-off ends an older note, not one that begins there. If there is none, the
    note has no length, unless a later note-off has nothing to end.
    """
    sounding: deque[_Event] = deque()
    new: deque[_Event] = deque()  # notes that began at this tick
    empty: _Event | None = None  # the last note of no length
    pairs: dict[int, int] = {}
    spurious: list[_Event] = []
    now = -1
    for event in events:
        _, tick, on = event
        if tick > now:
            sounding.extend(new)
            new.clear()
            now = tick
        if on:
            new.append(event)
            empty = None
        elif sounding:
            pairs[(sounding.pop() if newest else sounding.popleft())[0]] = tick
        elif new:
            empty = new.popleft()
            pairs[empty[0]] = tick
        elif empty is not None and tick > empty[1]:
            pairs[empty[0]] = tick
            empty = None
        else:
            spurious.append(event)
    return pairs, [*sounding, *new, *spurious]
