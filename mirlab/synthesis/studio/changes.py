"""Changes of time or pitch that transform the audio and its labels together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...core import Audio, AudioError, Notes, Segments, TempoMap
from ...core.checks import require
from ...core.theory import PITCH_CLASSES, pitch_class
from .effects import Range, draw, generator, require_limits
from .multitrack import Multitrack

MAX_CENTS = 1200.0
MAX_SEMITONES = 48
ROOT = re.compile(r"^[A-G][#b]*")


@dataclass(frozen=True)
class Detune:
    """Slight change of speed and pitch, as of a tape that runs too fast or too slow.

    Parameters
    ----------
    cents
        Lowest and highest detuning.
    """

    cents: Range = (-50.0, 50.0)

    def __post_init__(self) -> None:
        require_limits("cents", self.cents, -MAX_CENTS, MAX_CENTS)

    def __call__(self, take: Multitrack, *, seed: int) -> Multitrack:
        """Resample all stems; times are divided by the factor on the frequencies."""
        import soxr

        source_sr = round(take.sr * 2 ** (draw(seed, self.cents) / 1200))  # Hz, integer
        rate = source_sr / take.sr
        stems = {
            name: Audio(soxr.resample(stem.y.T, source_sr, stem.sr).T, stem.sr)
            for name, stem in take.stems.items()
        }
        detuned = apply_rate(take, stems, rate)
        return replace(detuned, tuning=take.tuning + 12 * math.log2(rate))


@dataclass(frozen=True)
class TimeStretch:
    """Change of tempo at the same pitch, by librosa's phase vocoder.

    Parameters
    ----------
    rate
        Smallest and largest rate; 2 is twice as fast.
    """

    rate: Range = (0.8, 1.25)

    def __post_init__(self) -> None:
        require_limits("rate", self.rate, 0.1, 10)

    def __call__(self, take: Multitrack, *, seed: int) -> Multitrack:
        """Stretch all stems; the times of the labels are divided by the rate."""
        rate = draw(seed, self.rate)
        stems = {name: _stretch(stem, rate) for name, stem in take.stems.items()}
        return apply_rate(take, stems, rate)


@dataclass(frozen=True)
class PitchShift:
    """Transposition by whole semitones at the same tempo, by librosa's phase vocoder.

    Drums are unchanged. Transposed notes outside 0..127, which do not occur for real instruments,
    raise the error of `Notes`.

    Parameters
    ----------
    semitones
        Lowest and highest transposition, integers.
    """

    semitones: tuple[int, int] = (-3, 3)

    def __post_init__(self) -> None:
        require_limits("semitones", self.semitones, -MAX_SEMITONES, MAX_SEMITONES)
        whole = all(steps == int(steps) for steps in self.semitones)
        require(whole, f"semitones must be integers, not {self.semitones}")

    def __call__(self, take: Multitrack, *, seed: int) -> Multitrack:
        """Shift the pitched stems, their notes, the chords and the key.

        Raises
        ------
        AudioError
            If the parts are mixed, since drums must stay unchanged.
        """
        if set(take.notes) - set(take.stems):
            raise AudioError("mixed parts cannot be shifted; record them apart")

        low, high = self.semitones
        steps = int(generator(seed).integers(low, high + 1))
        drums = {name for name, notes in take.notes.items() if bool(notes.is_drum.all())}
        pitched = set(take.stems) - drums
        stems = {
            name: _shift_pitch(stem, steps) if name in pitched and steps else stem
            for name, stem in take.stems.items()
        }
        notes = {
            name: transpose(part, steps) if name in pitched else part
            for name, part in take.notes.items()
        }
        chords = [transpose_label(label, steps) for label in take.chords.labels]
        return replace(
            take,
            stems=stems,
            notes=notes,
            chords=Segments(take.chords.intervals, chords),
            key=None if take.key is None else transpose_label(take.key, steps),
        )


def _stretch(sound: Audio, rate: float) -> Audio:
    """Stretch audio in time: `rate` times as fast at the same pitch.

    The steps of `librosa.effects.time_stretch`, which raises a spurious warning in librosa 1.0.
    """
    import librosa

    with np.errstate(invalid="ignore"):  # the compiled phasor of librosa 1.0 warns without cause
        stretched = librosa.phase_vocoder(librosa.stft(sound.y), rate=rate)
    length = round(sound.samples / rate)
    return Audio(librosa.istft(stretched, dtype=sound.y.dtype, length=length), sound.sr)


def _shift_pitch(sound: Audio, steps: int) -> Audio:
    """Raise the pitch by semitones at the same length: stretch, then resample."""
    import librosa

    rate = 2.0 ** (-steps / 12)
    y = librosa.resample(_stretch(sound, rate).y, orig_sr=sound.sr / rate, target_sr=sound.sr)
    return Audio(librosa.util.fix_length(y, size=sound.samples), sound.sr)


def apply_rate(take: Multitrack, stems: Mapping[str, Audio], rate: float) -> Multitrack:
    """A take with stems that are `rate` times as fast, with matching labels."""
    return replace(
        take,
        stems=stems,
        notes={name: speed_up(notes, rate) for name, notes in take.notes.items()},
        chords=Segments(take.chords.intervals / rate, take.chords.labels),
        beats=Segments(take.beats.intervals / rate, take.beats.labels),
    )


def speed_up(notes: Notes, rate: float) -> Notes:
    """Play notes, with their bends, pedal and tempo, `rate` times as fast.

    >>> speed_up(Notes([1.0], [2.0], [60]), 2.0).onset
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


def transpose(notes: Notes, semitones: int) -> Notes:
    """Transpose notes by semitones, except drums.

    >>> transpose(Notes([0.0], [1.0], [60]), -2).pitch
    array([58])
    """
    return replace(notes, pitch=np.where(notes.is_drum, notes.pitch, notes.pitch + semitones))


def transpose_label(label: str, semitones: int) -> str:
    """Transpose a chord in Harte's syntax or a key; labels without a root are unchanged.

    >>> transpose_label("D:min7/b7", 3), transpose_label("N", 3), transpose_label("A minor", 1)
    ('F:min7/b7', 'N', 'Bb minor')
    """
    root = ROOT.match(label)
    if root is None or semitones % 12 == 0:
        return label
    return PITCH_CLASSES[(pitch_class(root[0]) + semitones) % 12] + label[root.end() :]
