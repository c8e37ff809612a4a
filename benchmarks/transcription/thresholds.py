"""Thresholds of decoders, chosen on other sets than the scored one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from mirlab.core import Notes
from mirlab.core.constants import SAMPLE_RATE
from mirlab.evaluation import note_scores
from mirlab.transcription import Rolls, decode
from mirlab.transcription.detector import HOP

HOP_SECONDS = HOP / SAMPLE_RATE
ONSETS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
FRAMES = (0.3, 0.45, 0.6)
OFFSETS = (0.2, 0.3, 0.4)


class Setting(NamedTuple):
    """The thresholds of a decoder; a decoder ignores those that it does not use."""

    onset: float = 0.4
    frame: float = 0.4
    offset: float = 0.3


DEFAULT = Setting()


@dataclass(frozen=True)
class ScoredExcerpt:
    """An excerpt of a recording: the posteriors of a network, and the true notes."""

    set: str
    rolls: Rolls[np.ndarray]
    notes: Notes
    tolerance: float = 0.05


def decoded(rolls: Rolls[np.ndarray], decoder: str, setting: Setting = DEFAULT) -> Notes:
    """Notes that a decoder finds with given thresholds, on the frames of our networks."""
    thresholds = {f"{name}_threshold": value for name, value in setting._asdict().items()}
    return decode(rolls, decoder=decoder, hop_length=HOP, sr=SAMPLE_RATE, **thresholds)


def best_settings(excerpts: Sequence[ScoredExcerpt], decoder: str) -> dict[str, Setting]:
    """For each set, the thresholds that are best on average over the other sets.

    First the onset threshold, with the others unchanged, by onset F; then the other two, by the
    sum of onset F and onset-offset F.
    """
    sets = list(dict.fromkeys(excerpt.set for excerpt in excerpts))
    first = _tables(excerpts, decoder, [Setting(onset=value) for value in ONSETS], ("onset_f",))
    onset = {name: _best_elsewhere(first, name).onset for name in sets}
    best: dict[str, Setting] = {}
    for value in sorted(set(onset.values())):
        tried = [Setting(value, frame, offset) for frame, offset in product(FRAMES, OFFSETS)]
        table = _tables(excerpts, decoder, tried, ("onset_f", "onset_offset_f"))
        best |= {n: _best_elsewhere(table, n) for n in sets if onset[n] == value}
    return best


Table = dict[str, dict[Setting, float]]  # mean score by set and thresholds


def _tables(
    excerpts: Sequence[ScoredExcerpt],
    decoder: str,
    tried: Iterable[Setting],
    measures: Sequence[str],
) -> Table:
    """Mean of each set with each choice of thresholds."""
    table: Table = {}
    for setting in tried:
        scores: dict[str, list[float]] = {}
        for excerpt in excerpts:
            found = decoded(excerpt.rolls, decoder, setting)
            values = note_scores(excerpt.notes, found, onset_tolerance=excerpt.tolerance)
            scores.setdefault(excerpt.set, []).append(sum(values[name] for name in measures))
        for name, values_of in scores.items():
            table.setdefault(name, {})[setting] = float(np.mean(values_of))
    return table


def _best_elsewhere(table: Table, name: str) -> Setting:
    """The thresholds with the best mean over all sets except one."""
    others = [row for other, row in table.items() if other != name]
    return max(others[0], key=lambda setting: float(np.mean([row[setting] for row in others])))
