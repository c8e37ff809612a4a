"""Expression marks of a score: dynamics, sustain pedal, and slides.

Marks are sparse. A dynamic level is written where it changes lastingly, the pedal as a line below
the lowest staff. Of pitch bends, only slides into or out of a note of about a semitone or more are
written: smaller ones are intonation or vibrato, which players add on their own. (The MusicXML
contains the slides; verovio does not draw them.)
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.viterbi import cheapest_path
from .grid import STEPS
from .notation import Bar

if TYPE_CHECKING:
    from ..core.notes import Notes
    from .quantize import GridScore
    from .voice_separation import Event

LEVELS = {"pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112}  # MIDI velocities
LEVEL_CHANGE = 3.0  # cost of a new level, in bars that are one level off
LEVEL_PERCENTILE = 75  # per cent; the louder notes of a bar define its level, as melodies do
MIN_VELOCITY_RANGE = 2  # velocities that vary by no more carry no dynamics

PEDAL_GRID = STEPS // 2  # steps; players change the pedal near the beat

PEDAL = '<pedal type="{}" line="yes" sign="no"/>'
SLIDE = 0.8  # semitones between the middle of a note and its beginning or end
SHORTEST_SLIDE = 0.15  # s; in shorter notes the direction of a slide is inaudible


@dataclass(frozen=True)
class Slides:
    """Names of slides by (step, MIDI number): into notes that begin, out of notes that end."""

    into: dict[tuple[int, int], str]
    out: dict[tuple[int, int], str]


def dynamics(notes: Notes, score: GridScore) -> list[tuple[int, str]]:
    """List the step and level (`"pp"` to `"ff"`) of each mark; empty if velocities are constant.

    Parameters
    ----------
    notes
        The notes of the score, with their tempo map.
    score
        From `quantize`.
    """
    played = notes[~notes.is_drum]
    assert played.tempo_map is not None
    if not len(played) or np.ptp(played.velocity) <= MIN_VELOCITY_RANGE:
        return []
    step = np.round(played.tempo_map.beats(played.onset) * STEPS).astype(int)
    bar = np.searchsorted(score.lines, step, side="right") - 1
    centres = np.array(list(LEVELS.values()))
    width = float(np.diff(centres).mean())
    costs = np.zeros((int(bar.max() - bar.min()) + 1, centres.size))
    numbers, first = np.unique(bar, return_index=True)  # bars rise with the onsets
    for i, velocities in zip(numbers, np.split(played.velocity, first[1:]), strict=True):
        level = np.percentile(velocities, LEVEL_PERCENTILE)
        costs[i - bar.min()] = np.abs(level - centres) / width
    path = cheapest_path(costs, LEVEL_CHANGE * (1 - np.eye(centres.size)))
    changed = np.flatnonzero(np.r_[True, np.diff(path) != 0])
    starts = sorted({e.start for s in score.staves for voice in s.voices for e in voice})
    marks = []
    for i in changed:
        begins = score.lines[bar.min() + i] if bar.min() + i >= 0 else 0
        k = min(int(np.searchsorted(starts, begins)), len(starts) - 1)
        marks.append((starts[k], list(LEVELS)[path[i]]))
    return marks


def pedals(notes: Notes, score: GridScore) -> list[tuple[int, int]]:
    """List the first and last step of each pedal interval, rounded to eighths; empty without pedal.

    If the pedal is released and pressed again at once, an interval ends where the next begins.
    """
    if notes.pedal is None:
        return []
    assert notes.tempo_map is not None
    beats = notes.tempo_map.beats(notes.pedal[:, :2])
    on_grid = np.round(beats * STEPS / PEDAL_GRID).astype(int) * PEDAL_GRID
    intervals: list[tuple[int, int]] = []
    for start, end in np.clip(on_grid, score.start, score.length).tolist():
        if intervals and start < intervals[-1][1]:
            first, last = intervals[-1]  # of another program's pedal
            intervals[-1] = (first, max(last, end))
        elif start < end:
            intervals.append((start, end))
    return intervals


def slides(notes: Notes, score: GridScore) -> Slides:
    """Detect slides into and out of notes.

    Slides into a note come from below (`"scoop"`) or above (`"plop"`), keyed by the step on which
    it begins and its MIDI number. Slides out of it go down (`"falloff"`) or up (`"doit"`), keyed by
    the step on which it ends. Notes whose pitch varies as much as a slide have none.
    """
    into: dict[tuple[int, int], str] = {}
    out: dict[tuple[int, int], str] = {}
    if notes.bends is None:
        return Slides(into, out)
    assert notes.tempo_map is not None
    written: dict[int, list[Event]] = {}
    events = (e for staff in score.staves for voice in staff.voices for e in voice)
    for event in sorted(events, key=lambda event: event.start):
        for pitch in event.pitches:
            written.setdefault(pitch, []).append(event)
    steps = notes.tempo_map.beats(notes.onset) * STEPS
    for i in np.flatnonzero(~notes.is_drum).tolist():
        pitch = int(notes.pitch[i])
        begins, ends = _detect_slide(notes, i)
        if not begins and not ends:
            continue
        k = bisect(written[pitch], steps[i], key=lambda event: event.start)
        near = written[pitch][max(0, k - 1) : k + 1]
        event = min(near, key=lambda event: abs(event.start - steps[i]))
        if begins:
            into[event.start, pitch] = "scoop" if begins < 0 else "plop"
        if ends:
            out[event.end, pitch] = "falloff" if ends < 0 else "doit"
    return Slides(into, out)


def _detect_slide(notes: Notes, i: int) -> tuple[int, int]:
    """Direction of the slide into and out of note `i`: 0 for none, -1 below its middle, 1 above."""
    onset, offset = float(notes.onset[i]), float(notes.offset[i])
    if notes.bends is None or len(notes.bends[i]) < 2 or offset - onset < SHORTEST_SLIDE:
        return 0, 0
    bend = notes.bend_at(i, onset + (offset - onset) * (np.arange(20) + 0.5) / 20)
    middle = bend[5:15]
    if np.ptp(middle) >= SLIDE:
        return 0, 0
    distance = np.array([bend[:2].mean(), bend[-2:].mean()]) - np.median(middle)
    begins, ends = np.where(np.abs(distance) >= SLIDE, np.sign(distance), 0).astype(int).tolist()
    return begins, ends


def mark_directions(
    written: list[Bar], levels: list[tuple[int, str]], pedal: list[tuple[int, int]]
) -> list[str]:
    """Dynamics and pedal marks as directions of MusicXML, a text for each bar."""
    lowest = len(written[0].staves)
    marks = [(at, False, f"<dynamics><{level}/></dynamics>", 1) for at, level in levels]
    for start, end in pedal:
        marks.append((start, False, PEDAL.format("start"), lowest))
        marks.append((end, True, PEDAL.format("stop"), lowest))
    ends = [bar.start + bar.length for bar in written]
    texts = [""] * len(written)
    for at, ending, kind, staff in marks:
        i = bisect(ends, at - ending)  # what ends at a bar line belongs to the bar before it
        texts[i] += (
            f'<direction placement="below"><direction-type>{kind}</direction-type>'
            f"<offset>{at - written[i].start}</offset><staff>{staff}</staff></direction>"
        )
    return texts
