"""A take: the sound of a piece by stems, and everything that is true of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from ...core import Audio, AudioError, Notes, Segments
from .effects import Effect

MIXTURE = "mixture"  # the only stem of a take whose parts were mixed as they were played
NO_CHORD = Segments(np.zeros((0, 2)), [])


@dataclass(frozen=True, eq=False)
class Multitrack:
    """Stems and their labels.

    Parameters
    ----------
    stems
        The sound by instrument: one sampling rate and one length.
    notes
        What each stem plays, by the same names; pitches are MIDI numbers, to which `tuning` is
        added. Where the only stem is `"mixture"`, the names are of the parts in it.
    chords, beats
        Of the whole piece; empty where there are none.
    key
        Such as `"A minor"`, or None.
    tuning
        Semitones by which everything sounds higher than its label, about -0.5..0.5.

    Raises
    ------
    AudioError
        When there is no stem, stems differ in rate or length, or notes have another name.
    """

    stems: Mapping[str, Audio]
    notes: Mapping[str, Notes]
    chords: Segments = NO_CHORD
    beats: Segments = NO_CHORD
    key: str | None = None
    tuning: float = 0.0

    def __post_init__(self) -> None:
        if not self.stems:
            raise AudioError("a take needs at least one stem")
        shapes = {(stem.sr, stem.samples) for stem in self.stems.values()}
        if len(shapes) > 1:
            raise AudioError(f"stems must have one rate and length, not (sr, samples) {shapes}")
        strange = sorted(set(self.notes) - set(self.stems))
        if strange and set(self.stems) != {MIXTURE}:
            raise AudioError(f"there are notes for {strange[0]!r}, but no such stem")

    @property
    def audio(self) -> Audio:
        """The mixture: all stems together."""
        return reduce(add, self.stems.values())

    @property
    def sr(self) -> int:
        """Sampling rate in Hz."""
        return next(iter(self.stems.values())).sr

    def with_effect(self, effect: Effect, *, seed: int) -> Multitrack:
        """Every stem with an effect of its own settings; the labels stay."""
        seeds = np.random.default_rng(seed).integers(2**31, size=len(self.stems))
        stems = {
            name: effect(stem, seed=int(own))
            for (name, stem), own in zip(self.stems.items(), seeds, strict=True)
        }
        return replace(self, stems=stems)
