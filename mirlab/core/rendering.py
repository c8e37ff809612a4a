"""Notes into sound: FluidSynth where it is installed, a few sines elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from typing import Any

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
        y = _fluidsynth(notes, sr)
    else:
        y = _additive(notes, sr)
    y *= np.float32(PEAK / max(y.max(), -y.min(), 1e-9))
    return Audio(y, sr)


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


def _fluidsynth(notes: Notes, sr: int) -> np.ndarray:
    """Every instrument played after the other into one sound, held once and as float32."""
    from pretty_midi.fluidsynth import get_fluidsynth_instance

    midi = notes.with_tempo(None).to_midi()  # a tempo change after the last note would sound on
    y = np.zeros(int((notes.duration + TAIL) * sr), np.float32)
    synth, font, _ = get_fluidsynth_instance(None, 0, sr)
    try:
        for instrument in midi.instruments:
            _play(synth, font, instrument, y, sr)
    finally:
        synth.delete()
    return y


def _play(synth: Any, font: int, instrument: Any, y: np.ndarray, sr: int) -> None:
    """Add one instrument of a MIDI file to a sound: its events in turn, and what sounds between."""
    channel, bank = (9, 128) if instrument.is_drum else (0, 0)
    if synth.program_select(channel, font, bank, instrument.program) == -1:
        synth.program_select(channel, font, bank, 0)
    events: list[tuple[float, int, Callable[..., int], tuple[int, ...]]] = [
        (note.start, 1, synth.noteon, (note.pitch, note.velocity)) for note in instrument.notes
    ]
    events += [(note.end, 0, synth.noteoff, (note.pitch,)) for note in instrument.notes]
    events += [(bend.time, 1, synth.pitch_bend, (bend.pitch,)) for bend in instrument.pitch_bends]
    events += [
        (control.time, 1, synth.cc, (control.number, control.value))
        for control in instrument.control_changes
    ]
    events.sort(key=lambda event: event[:2])  # at one time old notes end before new ones begin
    starts = [int(sr * event[0]) for event in events]
    ends = [*starts[1:], starts[-1] + int(TAIL * sr)]
    for (_, _, send, values), start, end in zip(events, starts, ends, strict=True):
        send(channel, *values)
        left = synth.get_samples(end - start)[::2]  # of stereo
        y[start:end] += left[: max(y.size - start, 0)]


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
