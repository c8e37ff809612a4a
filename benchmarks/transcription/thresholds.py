"""Thresholds for decoders, chosen on other sets than the one that is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from mirlab.core import Notes
from mirlab.evaluation import note_scores
from mirlab.transcription import (
    notes_from_path,
    notes_from_peaks,
    notes_from_posteriors,
    notes_from_thresholds,
)
from mirlab.transcription.detector import HOP, SR

HOP_SECONDS = HOP / SR
ONSETS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
FRAMES = (0.3, 0.45, 0.6)
OFFSETS = (0.2, 0.3, 0.4)
SHORTEST = 11  # frames: Basic Pitch's greedy decoder drops notes as short


class Setting(NamedTuple):
    """The thresholds of a decoder; one that has no use for some lets them be."""

    onset: float = 0.4
    frame: float = 0.4
    offset: float = 0.3


@dataclass(frozen=True)
class Heard:
    """A stretch of a recording: what a net says of it, and what is true."""

    set: str
    rolls: np.ndarray
    notes: Notes
    tolerance: float = 0.05


Decoder = Callable[[np.ndarray, Setting], Notes]


def with_three_thresholds(decoder: Callable[..., Notes]) -> Decoder:
    """A decoder that asks for onsets, frames and offsets, under a setting."""

    def decode(rolls: np.ndarray, setting: Setting) -> Notes:
        return decoder(
            rolls,
            hop_seconds=HOP_SECONDS,
            onset_threshold=setting.onset,
            frame_threshold=setting.frame,
            offset_threshold=setting.offset,
        )

    return decode


def by_greed(rolls: np.ndarray, setting: Setting) -> Notes:
    """Basic Pitch's own way, which asks no offsets."""
    return notes_from_posteriors(
        rolls[0].T,
        rolls[1].T,
        times=np.arange(rolls.shape[-1]) * HOP_SECONDS,
        onset_threshold=setting.onset,
        frame_threshold=setting.frame,
        min_frames=SHORTEST,
    )


def by_threshold(rolls: np.ndarray, setting: Setting) -> Notes:
    """Runs of loud frames."""
    return notes_from_thresholds(rolls, hop_seconds=HOP_SECONDS, frame_threshold=setting.frame)


DECODERS: Mapping[str, Decoder] = {
    "path": with_three_thresholds(notes_from_path),
    "peaks": with_three_thresholds(notes_from_peaks),
    "greedy": by_greed,
    "thresholds": by_threshold,
}


def best_settings(heard: Sequence[Heard], decoder: Decoder) -> dict[str, Setting]:
    """For each set the setting that is best on average over the other sets.

    First the onset threshold with the others as they are, by onset F; then the other two, by the
    sum of onset F and onset and offset F.
    """
    sets = list(dict.fromkeys(one.set for one in heard))
    first = _tables(heard, decoder, [Setting(onset=value) for value in ONSETS], ("onset_f",))
    onset = {name: _best_elsewhere(first, name).onset for name in sets}
    best: dict[str, Setting] = {}
    for value in sorted(set(onset.values())):
        tried = [Setting(value, frame, offset) for frame, offset in product(FRAMES, OFFSETS)]
        table = _tables(heard, decoder, tried, ("onset_f", "onset_offset_f"))
        best |= {n: _best_elsewhere(table, n) for n in sets if onset[n] == value}
    return best


Table = dict[str, dict[Setting, float]]  # mean score by set and setting


def _tables(
    heard: Sequence[Heard], decoder: Decoder, tried: Iterable[Setting], measures: Sequence[str]
) -> Table:
    """The mean of each set under each setting."""
    table: Table = {}
    for setting in tried:
        scores: dict[str, list[float]] = {}
        for one in heard:
            found = decoder(one.rolls, setting)
            values = note_scores(one.notes, found, onset_tolerance=one.tolerance)
            scores.setdefault(one.set, []).append(sum(values[name] for name in measures))
        for name, values_of in scores.items():
            table.setdefault(name, {})[setting] = float(np.mean(values_of))
    return table


def _best_elsewhere(table: Table, name: str) -> Setting:
    """The setting with the best mean over all sets but one."""
    others = [row for other, row in table.items() if other != name]
    return max(others[0], key=lambda setting: float(np.mean([row[setting] for row in others])))
