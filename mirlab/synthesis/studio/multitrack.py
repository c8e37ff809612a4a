"""`Multitrack`: a recording by stems, with its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from ...core import Audio, AudioError, Notes, Segments
from ...core.checks import require, require_number, require_type
from .effects import Effect, generator

MIXTURE = "mixture"  # the only stem of a recording whose parts are mixed
NO_CHORD = Segments(np.zeros((0, 2)), [])


@dataclass(frozen=True, eq=False)
class Multitrack:
    """Stems of a recording and their labels.

    Parameters
    ----------
    stems
        Audio of each instrument by name, with one sampling rate and one length.
    notes
        Notes of each stem, by the same names; the sounding pitch is the MIDI number plus `tuning`.
        If the only stem is `"mixture"`, the names are those of its parts.
    chords, beats
        Chords and beats of the whole piece; empty if there are none.
    key
        Such as `"A minor"`, or None.
    tuning
        Semitones by which the audio is higher than its labels, about -0.5..0.5.

    Raises
    ------
    AudioError
        If there is no stem, stems differ in rate or length, notes have a name without a stem, or
        anything is of another type.
    """

    stems: Mapping[str, Audio]
    notes: Mapping[str, Notes]
    chords: Segments = NO_CHORD
    beats: Segments = NO_CHORD
    key: str | None = None
    tuning: float = 0.0

    def __post_init__(self) -> None:
        for name, kind in (("stems", Audio), ("notes", Notes)):
            parts = getattr(self, name)
            require_type(name, parts, Mapping, AudioError)
            for part in parts.values():
                require_type(f"each of the {name}", part, kind, AudioError)
        require_type("chords", self.chords, Segments, AudioError)
        require_type("beats", self.beats, Segments, AudioError)
        require(isinstance(self.key, str | None), f"key must be str or None, not {self.key!r}")
        require_number("tuning", self.tuning)
        if not self.stems:
            raise AudioError("a take needs at least one stem")
        shapes = {(stem.sr, stem.samples) for stem in self.stems.values()}
        if len(shapes) > 1:
            raise AudioError(f"stems must have one rate and length, not (sr, samples) {shapes}")
        unknown = sorted(set(self.notes) - set(self.stems))
        if unknown and set(self.stems) != {MIXTURE}:
            raise AudioError(f"there are notes for {unknown[0]!r}, but no such stem")

    @property
    def audio(self) -> Audio:
        """The mixture: the sum of all stems."""
        return reduce(add, self.stems.values())

    @property
    def sr(self) -> int:
        """Sampling rate in Hz."""
        return next(iter(self.stems.values())).sr

    def with_effect(self, effect: Effect, *, seed: int) -> Multitrack:
        """Apply an effect to every stem, with independent settings; labels are unchanged."""
        require(callable(effect), f"effect must be an effect, not {type(effect).__name__}")
        seeds = generator(seed).integers(2**31, size=len(self.stems))
        stems = {
            name: effect(stem, seed=int(stem_seed))
            for (name, stem), stem_seed in zip(self.stems.items(), seeds, strict=True)
        }
        return replace(self, stems=stems)
