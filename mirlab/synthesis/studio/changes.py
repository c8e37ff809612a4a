"""Changes that move times or pitches: the labels go with the sound."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...core import Audio, AudioError, Notes, Segments, TempoMap
from ...core.theory import PITCH_CLASSES, pitch_class
from .effects import Range, draw
from .multitrack import Multitrack

ROOT = re.compile(r"^[A-G][#b]*")


@dataclass(frozen=True)
class Detune:
    """The whole take a little sharp or flat, as a tape that runs too fast or too slow.

    Parameters
    ----------
    cents
        Lowest and highest.
    """

    cents: Range = (-50.0, 50.0)

    def __call__(self, take: Multitrack, *, seed: int) -> Multitrack:
        """Resample all stems; times shrink by the factor by which the pitch rises."""
        import soxr

        played = round(take.sr * 2 ** (draw(seed, self.cents) / 1200))  # Hz, whole
        rate = played / take.sr
        stems = {
            name: Audio(soxr.resample(stem.y.T, played, stem.sr).T, stem.sr)
            for name, stem in take.stems.items()
        }
        moved = at_rate(take, stems, rate)
        return replace(moved, tuning=take.tuning + 12 * math.log2(rate))


@dataclass(frozen=True)
class TimeStretch:
    """Faster or slower at the same pitch, by librosa's phase vocoder.

    Parameters
    ----------
    rate
        Slowest and fastest; 2 is twice as fast.
    """

    rate: Range = (0.8, 1.25)

    def __call__(self, take: Multitrack, *, seed: int) -> Multitrack:
        """Stretch all stems; times of the labels are divided by the rate."""
        rate = draw(seed, self.rate)
        stems = {name: _stretched(stem, rate) for name, stem in take.stems.items()}
        return at_rate(take, stems, rate)


@dataclass(frozen=True)
class PitchShift:
    """Higher or lower by whole semitones at the same tempo, by librosa's phase vocoder.

    Drums stay as they are. Notes that leave 0..127 do not occur for real instruments; should
    they, the error of `Notes` says so.

    Parameters
    ----------
    semitones
        Lowest and highest, whole.
    """

    semitones: tuple[int, int] = (-3, 3)

    def __call__(self, take: Multitrack, *, seed: int) -> Multitrack:
        """Shift the pitched stems, their notes, the chords and the key.

        Raises
        ------
        AudioError
            For a take whose parts are mixed: its drums cannot stay as they are.
        """
        if set(take.notes) - set(take.stems):
            raise AudioError("parts that are mixed cannot be shifted; record them apart")

        low, high = self.semitones
        steps = int(np.random.default_rng(seed).integers(low, high + 1))
        drums = {name for name, notes in take.notes.items() if bool(notes.is_drum.all())}
        pitched = set(take.stems) - drums
        stems = {
            name: _shifted(stem, steps) if name in pitched and steps else stem
            for name, stem in take.stems.items()
        }
        notes = {
            name: transposed(one, steps) if name in pitched else one
            for name, one in take.notes.items()
        }
        chords = [transposed_label(label, steps) for label in take.chords.labels]
        return replace(
            take,
            stems=stems,
            notes=notes,
            chords=Segments(take.chords.intervals, chords),
            key=None if take.key is None else transposed_label(take.key, steps),
        )


def _stretched(sound: Audio, rate: float) -> Audio:
    """Play a sound `rate` times as fast at the same pitch.

    The steps of `librosa.effects.time_stretch`, which warns about itself in librosa 1.0.
    """
    import librosa

    with np.errstate(invalid="ignore"):  # the compiled phasor of librosa 1.0 warns without cause
        stretched = librosa.phase_vocoder(librosa.stft(sound.y), rate=rate)
    length = round(sound.samples / rate)
    return Audio(librosa.istft(stretched, dtype=sound.y.dtype, length=length), sound.sr)


def _shifted(sound: Audio, steps: int) -> Audio:
    """Raise a sound by semitones at the same length: stretch it, then resample it."""
    import librosa

    rate = 2.0 ** (-steps / 12)
    y = librosa.resample(_stretched(sound, rate).y, orig_sr=sound.sr / rate, target_sr=sound.sr)
    return Audio(librosa.util.fix_length(y, size=sound.samples), sound.sr)


def at_rate(take: Multitrack, stems: Mapping[str, Audio], rate: float) -> Multitrack:
    """The labels of a take whose sound has become `rate` times as fast."""
    return replace(
        take,
        stems=stems,
        notes={name: faster_notes(notes, rate) for name, notes in take.notes.items()},
        chords=Segments(take.chords.intervals / rate, take.chords.labels),
        beats=Segments(take.beats.intervals / rate, take.beats.labels),
    )


def faster_notes(notes: Notes, rate: float) -> Notes:
    """Notes, their bends, pedal and tempo, played `rate` times as fast.

    >>> faster_notes(Notes([1.0], [2.0], [60]), 2.0).onset
    array([0.5])
    """
    bends, tempo, pedal = notes.bends, notes.tempo_map, notes.pedal
    return Notes(
        notes.onset / rate,
        notes.offset / rate,
        notes.pitch,
        notes.velocity,
        notes.program,
        notes.is_drum,
        bends=None if bends is None else [curve / (rate, 1) for curve in bends],
        tempo_map=None if tempo is None else TempoMap(tempo.times / rate, tempo.bpm * rate),
        pedal=None if pedal is None else pedal / (rate, rate, 1),
    )


def transposed(notes: Notes, semitones: int) -> Notes:
    """Notes moved by semitones; drums stay.

    >>> transposed(Notes([0.0], [1.0], [60]), -2).pitch
    array([58])
    """
    return replace(notes, pitch=np.where(notes.is_drum, notes.pitch, notes.pitch + semitones))


def transposed_label(label: str, semitones: int) -> str:
    """A chord in Harte's syntax or a key, moved by semitones; what has no root stays.

    >>> transposed_label("D:min7/b7", 3), transposed_label("N", 3), transposed_label("A minor", 1)
    ('F:min7/b7', 'N', 'Bb minor')
    """
    found = ROOT.match(label)
    if found is None or semitones % 12 == 0:
        return label
    return PITCH_CLASSES[(pitch_class(found[0]) + semitones) % 12] + label[found.end() :]
