"""Additive synthesizer for General MIDI, used where FluidSynth is not installed.

Each General MIDI family has its own spectrum, attack and decay: struck and plucked strings decay,
high partials first; clarinets have weak even partials; pipes have few partials (Fletcher and
Rossing, The Physics of Musical Instruments, 1998). Drums are shaped noise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .columns import NoteColumns

RELEASE = 0.15  # s, from the release of the key to silence
PARTIALS = 12
DRUM_LEVEL = 0.7  # relative to tones
DRUM_DECAYS = 5  # decay times until a drum is silent


class Timbre(NamedTuple):
    """Timbre of a family: partial k has amplitude `k ** -slope`, times `even` if k is even."""

    last: int  # the last program of the family
    slope: float
    even: float
    attack: float  # s
    decay: float  # 1/s for the first partial, k times that for the k-th


TIMBRES = (
    Timbre(7, 1.2, 1.0, 0.004, 1.0),  # pianos
    Timbre(15, 2.0, 0.3, 0.002, 2.5),  # bells and mallets
    Timbre(23, 1.0, 1.0, 0.015, 0.0),  # organs
    Timbre(31, 1.1, 0.8, 0.003, 1.2),  # guitars
    Timbre(39, 1.4, 1.0, 0.006, 0.6),  # basses
    Timbre(44, 1.2, 1.0, 0.05, 0.0),  # bowed strings
    Timbre(47, 1.3, 0.9, 0.003, 1.5),  # pizzicato, harp, timpani
    Timbre(55, 1.7, 1.0, 0.06, 0.0),  # ensembles and voices
    Timbre(63, 1.0, 1.0, 0.03, 0.0),  # brass
    Timbre(71, 1.1, 0.3, 0.025, 0.0),  # reeds
    Timbre(79, 2.2, 0.8, 0.04, 0.0),  # pipes
    Timbre(103, 1.2, 1.0, 0.02, 0.2),  # synthesizers
    Timbre(127, 1.2, 0.8, 0.003, 2.0),  # ethnic, percussive and sound effects
)


class Drum(NamedTuple):
    """Drum sound: a tone that falls by an octave, mixed with noise."""

    hz: float
    noise: float  # share of noise, 0..1
    bright: int  # order of the difference taken of the noise; higher is brighter
    decay: float  # s


KICK, SNARE, OTHER = Drum(55, 0.05, 0, 0.10), Drum(180, 0.7, 1, 0.09), Drum(0, 1.0, 1, 0.05)
HAT, OPEN_HAT, CYMBAL = Drum(0, 1.0, 2, 0.025), Drum(0, 1.0, 2, 0.15), Drum(0, 1.0, 2, 0.4)
DRUMS = {35: KICK, 36: KICK, 38: SNARE, 39: SNARE, 40: SNARE, 42: HAT, 44: HAT, 46: OPEN_HAT}
DRUMS |= dict.fromkeys((49, 51, 52, 53, 55, 57, 59), CYMBAL)
DRUMS |= {key: Drum(70 + 9 * (key - 41), 0.1, 0, 0.15) for key in (41, 43, 45, 47, 48, 50)}  # toms


def additive(notes: NoteColumns, sr: int) -> np.ndarray:
    """Synthesize notes with their bends and pedal: shape `(samples,)`, float32, not normalised."""
    rng = np.random.default_rng(0)  # the same drum noise in every call
    ends = [_end(notes, i) for i in range(len(notes))]
    out = np.zeros(int(max(ends) * sr) + 2, np.float32)
    for i, end in enumerate(ends):
        t = np.arange(int((end - notes.onset[i]) * sr)) / sr
        drum = DRUMS.get(int(notes.pitch[i]), OTHER)
        y = _drum_stroke(drum, t, rng) if notes.is_drum[i] else _tone(notes, i, t, sr)
        first = int(notes.onset[i] * sr)
        out[first : first + y.size] += y * (notes.velocity[i] / 127) ** 2
    return out


def _end(notes: NoteColumns, i: int) -> float:
    """Time (s) at which a note has decayed: a tone after key and pedal, a drum by its decay."""
    if notes.is_drum[i]:
        drum = DRUMS.get(int(notes.pitch[i]), OTHER)
        return float(notes.onset[i] + DRUM_DECAYS * drum.decay)
    end = float(notes.offset[i])
    if notes.pedal is not None:
        start, up, program = notes.pedal.T
        end = up[(program == notes.program[i]) & (start <= end) & (end < up)].max(initial=end)
    return end + RELEASE


def _tone(notes: NoteColumns, i: int, t: np.ndarray, sr: int) -> np.ndarray:
    """Synthesize one note from its partials along its bend; louder notes are brighter."""
    timbre = next(family for family in TIMBRES if notes.program[i] <= family.last)
    hz = notes.hz[i] * 2 ** (notes.bend_at(i, notes.onset[i] + t) / 12)
    phase = 2 * np.pi * np.cumsum(hz) / sr
    slope = timbre.slope + 0.5 * (1 - notes.velocity[i] / 127)
    k = np.arange(1, PARTIALS + 1)
    strength = np.where(k % 2, 1.0, timbre.even) * k**-slope
    first = np.exp(1j * phase - timbre.decay * t)  # its k-th power is the k-th partial
    partial, y = np.ones_like(first), np.zeros(t.size)
    for number, gain in zip(k, strength / np.sqrt(np.sum(strength**2)), strict=True):
        if number * hz.max(initial=0) >= sr / 2:
            break  # higher partials would alias
        partial *= first
        y += gain * partial.imag
    return y * np.minimum(t / timbre.attack, 1) * np.clip((t.size / sr - t) / RELEASE, 0, 1)


def _drum_stroke(drum: Drum, t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Synthesize one drum stroke; its length does not depend on the note's offset."""
    noise = np.diff(rng.standard_normal(t.size + drum.bright), n=drum.bright)
    fall = drum.hz * (t + 0.03 * (1 - np.exp(-t / 0.03)))  # cycles: from twice `hz` down to it
    y = drum.noise * noise / 2**drum.bright + (1 - drum.noise) * np.sin(2 * np.pi * fall)
    fade = np.clip(DRUM_DECAYS - t / drum.decay, 0, 1)
    return DRUM_LEVEL * y * np.exp(-t / drum.decay) * fade
