"""Drum parts: one-bar grooves with random variations, and fills where a phrase ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from .sampling import choice
from .score import ScoreNote

KEYS = {  # General MIDI
    "kick": 36,
    "stick": 37,
    "snare": 38,
    "hat": 42,
    "pedal hat": 44,
    "low tom": 45,
    "open hat": 46,
    "middle tom": 47,
    "crash": 49,
    "high tom": 50,
    "ride": 51,
    "shaker": 70,
}
ACCENTS = {"X": 12.0, "x": 0.0, "o": -30.0}  # accented, plain, ghost note; `.` is silence
Groove = Mapping[str, str]  # from a drum to its steps, which divide the bar evenly
GROOVES: dict[str, tuple[Groove, ...]] = {
    "pop": (
        {"kick": "x.....x.x.......", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "x..x..x...x.....", "snare": "....X..o.o..X...", "hat": "xoxoxoxoxoxoxoxo"},
        {"kick": "x...x...x...x...", "snare": "....X.......X...", "open hat": "..x...x...x...x."},
    ),
    "rock": (
        {"kick": "X.......X.x.....", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
        {"kick": "X..x....X.x...x.", "snare": "....X.......X..o", "ride": "X.x.X.x.X.x.X.x."},
    ),
    "ballad": (
        {"kick": "x.........x.....", "stick": "....x.......x...", "hat": "x...x...x...x..."},
        {"kick": "x.......x.......", "snare": "....x.......x...", "shaker": "xoxoxoxoxoxoxoxo"},
    ),
    "swing": (
        {"kick": "o.o.o.o.", "pedal hat": "..x...x.", "ride": "X.xxX.xx"},
        {"snare": ".o...o..", "pedal hat": "..x...x.", "ride": "X.xxX.xx"},
    ),
    "bossa": (
        {"kick": "x..xx..xx..xx..x", "stick": "x..x..x...x..x..", "hat": "xoxoxoxoxoxoxoxo"},
        {"kick": "x..xx..xx..xx..x", "stick": "x...x...x..x..x.", "shaker": "xoxoxoxoxoxoxoxo"},
    ),
    "waltz": (
        {"kick": "x.....", "snare": "..o.o.", "hat": "..x.x."},
        {"kick": "x.....", "pedal hat": "..x.x.", "ride": "x.x.xx"},
    ),
}
OMISSION, GHOST = 0.04, 0.08  # probabilities that a plain stroke is omitted, a ghost note added
FILL_DRUMS = ("snare", "high tom", "middle tom", "low tom")
FASTEST = 18.0  # strokes per second, upper limit for fills


def drum_part(
    groove: Groove,
    bars: Sequence[float],
    rng: np.random.Generator,
    *,
    fills: Collection[int],
    bpm: float,
) -> list[ScoreNote]:
    """Repeat a groove for every bar, with fills, each followed by a crash cymbal.

    Parameters
    ----------
    groove
        Steps of each drum, such as one of `GROOVES`.
    bars
        The beat on which each bar begins, and the end of the last bar.
    rng
        Random generator.
    fills
        Indices of the bars that end in a fill.
    bpm
        Beats per minute; it limits the speed of fills.
    """
    notes = []
    for number, (start, end) in enumerate(zip(bars[:-1], bars[1:], strict=True)):
        bar = _vary(groove, start, end, rng)
        if number in fills:
            fill = _fill(end, rng, beats=float(rng.integers(1, int(end - start) + 1)), bpm=bpm)
            bar = [note for note in bar if note.beat < fill[0].beat - 1e-9] + fill
        if number == 0 or number - 1 in fills:
            bar = [note for note in bar if note.pitch != KEYS["crash"]]
            bar.append(ScoreNote(start, 1.0, KEYS["crash"], 10.0))
        notes += bar
    return notes


def _vary(groove: Groove, start: float, end: float, rng: np.random.Generator) -> list[ScoreNote]:
    """One bar of a groove with a few strokes omitted and a few ghost notes added."""
    notes = []
    for drum, steps in groove.items():
        width = (end - start) / len(steps)
        for step, mark in enumerate(steps):
            random = rng.random()
            if mark == "x" and random < OMISSION:
                continue
            if mark == "." and drum == "snare" and random < GHOST:
                mark = "o"
            if mark in ACCENTS:
                beat = start + step * width
                notes.append(ScoreNote(beat, min(width, 0.5), KEYS[drum], ACCENTS[mark]))
    return notes


def _fill(end: float, rng: np.random.Generator, *, beats: float, bpm: float) -> list[ScoreNote]:
    """A crescendo of strokes around the kit in the last beats of a bar."""
    speeds = [n for n in (3, 4, 6, 8) if n * bpm / 60 <= FASTEST]
    width = 1 / choice(speeds, rng)
    count = round(beats / width)
    drums = np.sort(rng.integers(0, len(FILL_DRUMS), size=count))  # from the snare downwards
    return [
        ScoreNote(end - beats + i * width, width, KEYS[FILL_DRUMS[drum]], 16.0 * i / count - 8.0)
        for i, drum in enumerate(drums)
    ]
