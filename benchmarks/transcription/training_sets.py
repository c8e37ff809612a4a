"""The training sets of `benchmarks.transcription.small_nets`, from the simplest to the richest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.transcription.small_nets import SECONDS
from benchmarks.transcription.test_sets import HOP, SEEN, SR, fonts
from mirlab.composer import Piece, compose
from mirlab.core import Notes, TempoMap
from mirlab.synthesis import SyntheticMusic
from mirlab.synthesis.dataset import PADDING_SECONDS

GRID = 24  # grid positions per beat
SHORTEST = 0.02  # s

human = partial(compose, duration=SECONDS + PADDING_SECONDS)


def machine(seed: int) -> Piece:
    """A composed piece, played mechanically: on a grid, at one tempo, one velocity per part."""
    piece = human(seed)
    tempo = TempoMap(0, piece.tempo_map.typical_bpm)

    def time(seconds: np.ndarray) -> np.ndarray:
        """Quantised time of a played onset or offset."""
        position = np.round(piece.tempo_map.beats(seconds) * GRID) / GRID
        return tempo.seconds(position).round(6)

    def stiff(notes: Notes) -> Notes:
        onset = time(notes.onset)
        _, kept = np.unique(np.column_stack([onset, notes.pitch]), axis=0, return_index=True)
        kept.sort()  # notes on the same grid position are merged
        pedal = notes.pedal
        if pedal is not None:
            pedal = np.column_stack([time(pedal[:, :2].ravel()).reshape(-1, 2), pedal[:, 2]])
            pedal = pedal[pedal[:, 1] > pedal[:, 0]]
        return Notes(
            onset[kept],
            np.maximum(time(notes.offset), onset + SHORTEST)[kept],
            notes.pitch[kept],
            round(float(notes.velocity.mean())),
            notes.program[kept],
            notes.is_drum[kept],
            pedal=pedal,
        )

    parts = {name: stiff(notes) for name, notes in piece.parts.items()}
    return replace(piece, parts=parts, tempo_map=tempo)


def supply(
    names: tuple[str, ...], *, synths: float, pieces: Callable[[int], Piece], effects: bool
) -> SyntheticMusic:
    """Training items on these sound fonts."""
    return SyntheticMusic(
        "notes",
        duration=SECONDS,
        sr=SR,
        hop_length=HOP,
        seed=1,
        pieces=pieces,
        fonts=fonts(*names),
        synths=synths,
        effects=effects,
    )


SETS: Mapping[str, Callable[[], SyntheticMusic]] = {
    "one sound font": partial(supply, SEEN[:1], synths=0, pieces=machine, effects=False),
    "several sound fonts": partial(supply, SEEN, synths=0, pieces=machine, effects=False),
    "+ own synths": partial(supply, SEEN, synths=0.5, pieces=machine, effects=False),
    "+ human timing": partial(supply, SEEN, synths=0.5, pieces=human, effects=False),
    "everything": partial(supply, SEEN, synths=0.5, pieces=human, effects=True),
}
