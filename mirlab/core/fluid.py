"""Fast bindings to FluidSynth: cached sound fonts, and float samples written without copies.

Import this module only where FluidSynth is installed (`rendering.has_fluidsynth`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import c_int, c_void_p
from pathlib import Path
from typing import Any

import fluidsynth
import numpy as np
from fluidsynth import cfunc

from .errors import AudioError
from .midi_controllers import BEND_RANGE, DATA_ENTRY, RPN_HIGH, RPN_LOW
from .stderr import suppress_stderr

Event = tuple[float, int, Callable[..., int], tuple[int, ...]]  # time, order, method, arguments

Synthesizer = tuple[Any, int]  # pyfluidsynth's object, and the id of its font

# Controllers that reset the pitch bend, pedal and bend range of the previous instrument.
AS_NEW = ((121, 0), (RPN_HIGH, 0), (RPN_LOW, 0), (DATA_ENTRY, int(BEND_RANGE)))
DRY = {"synth.reverb.active": 0, "synth.chorus.active": 0}

# C functions that pyfluidsynth does not bind. Its own `get_samples` rounds and copies twice.
_SYNTH, _FONT = ("synth", c_void_p, 1), ("sfont", c_void_p, 1)
_LEFT = ("lout", c_void_p, 1), ("loff", c_int, 1), ("lincr", c_int, 1)
_RIGHT = ("rout", c_void_p, 1), ("roff", c_int, 1), ("rincr", c_int, 1)
_write = cfunc("fluid_synth_write_float", c_int, _SYNTH, ("len", c_int, 1), *_LEFT, *_RIGHT)
_add_font = cfunc("fluid_synth_add_sfont", c_int, _SYNTH, _FONT)
_remove_font = cfunc("fluid_synth_remove_sfont", c_int, _SYNTH, _FONT)

_set_log = cfunc(
    "fluid_set_log_function",
    c_void_p,
    ("level", c_int, 1),
    ("fun", c_void_p, 1),
    ("data", c_void_p, 1),
)
_set_log(2, None, None)  # no warnings: removing a font would log one for every channel

_idle_fonts: dict[str, list[int]] = {}


def add_instrument(
    playing: Synthesizer, instrument: Any, y: np.ndarray, sr: int, *, tail: float
) -> None:
    """Render one instrument of a MIDI file and add it to `y`.

    Parameters
    ----------
    playing
        From `synthesizer`.
    instrument
        A `pretty_midi.Instrument` with at least one note.
    y
        The mix, shape `(samples,)`, float32; changed in place.
    sr
        Sampling rate in Hz.
    tail
        Seconds rendered after the last event.
    """
    synth, font = playing
    channel, bank = (9, 128) if instrument.is_drum else (0, 0)
    if synth.program_select(channel, font, bank, instrument.program) == -1:
        synth.program_select(channel, font, bank, 0)
    for number, value in AS_NEW:
        synth.cc(channel, number, value)
    events = _events(instrument, synth)
    starts = [int(sr * event[0]) for event in events]
    first, end = starts[0], starts[-1] + int(tail * sr)
    left, right = np.zeros((2, end - first), np.float32)  # only the left channel is used
    to_left, to_right = left.ctypes.data, right.ctypes.data
    ends = [*starts[1:], end]
    for (_, _, send, values), start, until in zip(events, starts, ends, strict=True):
        send(channel, *values)
        position = start - first
        if until > start:
            _write(synth.synth, until - start, to_left, position, 1, to_right, position, 1)
    rendered = left[: max(y.size - first, 0)]
    y[first : first + rendered.size] += rendered


def default_font() -> str:
    """Path of the sound font that comes with pretty_midi."""
    import pretty_midi
    from pretty_midi.fluidsynth import DEFAULT_SF2

    return str(Path(pretty_midi.__file__).with_name(DEFAULT_SF2))


def _events(instrument: Any, synth: Any) -> list[Event]:
    """Events of an instrument for a synthesizer, sorted by time."""
    events: list[Event] = [
        (note.start, 1, synth.noteon, (note.pitch, note.velocity)) for note in instrument.notes
    ]
    events += [(note.end, 0, synth.noteoff, (note.pitch,)) for note in instrument.notes]
    events += [(bend.time, 1, synth.pitch_bend, (bend.pitch,)) for bend in instrument.pitch_bends]
    events += [
        (control.time, 1, synth.cc, (control.number, control.value))
        for control in instrument.control_changes
    ]
    return sorted(events, key=lambda event: event[:2])  # old notes end before new ones begin


@contextmanager
def synthesizer(font_path: str, sr: int, *, dry: bool) -> Iterator[Synthesizer]:
    """Create a synthesizer and load a font into it; yields the synthesizer and the font's id.

    The font stays in memory, since reading it takes 10 ms, as long as rendering a bass part. The
    synthesizer is new each time: in a used one, a voice sounds slightly different. Synthesizers
    that run at the same time have a font object each; FluidSynth shares the samples.

    Parameters
    ----------
    font_path
        Path of a sound font.
    sr
        Sampling rate in Hz.
    dry
        Without reverb and chorus.

    Raises
    ------
    AudioError
        If FluidSynth cannot read the font.
    """
    idle = _idle_fonts.setdefault(font_path, [])
    font = idle.pop() if idle else _read(font_path)
    synth = fluidsynth.Synth(samplerate=sr, channels=16, **(DRY if dry else {}))
    try:
        yield synth, _add_font(synth.synth, font)
    finally:
        _remove_font(synth.synth, font)
        synth.delete()
        idle.append(font)


def _read(font_path: str) -> int:
    """Load a font into a synthesizer that is never deleted, and return the font's address."""
    owner = fluidsynth.Synth(channels=16)
    with suppress_stderr():  # FluidSynth and GLib log what is wrong with a font
        number = owner.sfload(font_path)
    if number == -1:
        owner.delete()
        raise AudioError(f"{font_path}: FluidSynth cannot read it")
    address: int = fluidsynth.fluid_synth_get_sfont_by_id(owner.synth, number)
    return address
