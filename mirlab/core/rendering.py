"""Notes into sound: FluidSynth where it is installed, a few sines elsewhere."""

from __future__ import annotations

import importlib.util
from functools import cache

import numpy as np

from .audio import Audio
from .errors import MissingPartError, NotesError
from .notes import Notes

PEAK = 0.5  # -6 dBFS
RELEASE = 0.15  # s, how long the additive synth rings after the key
TAIL = 1.0  # s, how long FluidSynth rings on
PARTIALS = 8


def render(notes: Notes, *, sr: int, synth: str | None) -> Audio:
    """Play notes into sound; see `Notes.render`."""
    if not len(notes):
        raise NotesError("there is no note to play")
    if synth not in (None, "fluidsynth", "additive"):
        raise NotesError(f"synth must be 'fluidsynth' or 'additive', not {synth!r}")
    if synth == "fluidsynth" and not has_fluidsynth():
        raise MissingPartError(
            'FluidSynth is missing: pip install "mirlab[sound]" and, on Debian and Ubuntu, '
            "apt-get install libfluidsynth3 (macOS: brew install fluid-synth)"
        )
    if synth == "fluidsynth" or (synth is None and has_fluidsynth()):
        midi = notes.with_tempo(None).to_midi()  # a tempo change after the last note would sound on
        y = midi.fluidsynth(fs=sr).astype(np.float32)[: int((notes.duration + TAIL) * sr)]
    else:
        y = _additive(notes, sr)
    return Audio(y * np.float32(PEAK / max(np.abs(y).max(), 1e-9)), sr)


@cache
def has_fluidsynth() -> bool:
    """Whether both the Python package and the system library are there."""
    if importlib.util.find_spec("fluidsynth") is None:
        return False
    try:
        import fluidsynth  # noqa: F401  (its import looks for the library)
    except (ImportError, OSError, AttributeError):
        return False
    return True


def _additive(notes: Notes, sr: int) -> np.ndarray:
    """Each note a sum of harmonics 1/k that decay, the higher the faster; drums are noise."""
    rng = np.random.default_rng(0)  # drums: the same noise at every call
    y = np.zeros(int((notes.duration + 2 * RELEASE) * sr) + 1, np.float32)
    for onset, offset, hz, velocity, is_drum in zip(
        notes.onset, notes.offset, notes.hz, notes.velocity, notes.is_drum, strict=True
    ):
        end = offset - onset + RELEASE
        t = np.arange(int(end * sr)) / sr
        envelope = np.minimum(t / 0.005, 1) * np.clip((end - t) / RELEASE, 0, 1)
        if is_drum:
            tone = rng.standard_normal(t.size) * np.exp(-t / 0.05)
        else:
            harmonics = [k for k in range(1, PARTIALS + 1) if k * hz < sr / 2]
            tone = sum(
                (np.sin(2 * np.pi * k * hz * t) * np.exp(-t * k) / k for k in harmonics),
                np.zeros(t.size),
            )
        first = int(onset * sr)
        y[first : first + t.size] += (velocity / 127) ** 2 * envelope * tone
    return y
