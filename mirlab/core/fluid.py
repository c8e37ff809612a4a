"""FluidSynth at its own speed: fonts stay in memory, samples come as floats and are not copied.

To be imported only where FluidSynth is installed (`rendering.has_fluidsynth`).
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
from .midi_files import BEND_RANGE, DATA_ENTRY, RPN_HIGH, RPN_LOW

Event = tuple[float, int, Callable[..., int], tuple[int, ...]]  # time, order, what to send

Synthesizer = tuple[Any, int]  # pyfluidsynth's, and the number of its font

# Controllers: forget the bend and pedal that the last instrument left, and its range of bends.
AS_NEW = ((121, 0), (RPN_HIGH, 0), (RPN_LOW, 0), (DATA_ENTRY, int(BEND_RANGE)))
DRY = {"synth.reverb.active": 0, "synth.chorus.active": 0}

# What pyfluidsynth leaves out. Its own way to the samples rounds them and copies them twice.
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
_set_log(2, None, None)  # no warnings: a font that is put away would be missed on every channel

_idle_fonts: dict[str, list[int]] = {}


def add_instrument(
    playing: Synthesizer, instrument: Any, y: np.ndarray, sr: int, *, tail: float
) -> None:
    """Add one instrument of a MIDI file to a sound: its events in turn, and what sounds between.

    Parameters
    ----------
    playing
        From `synthesizer`.
    instrument
        Of pretty_midi; at least one note.
    y
        The sound, shape `(samples,)`, float32.
    sr
        Sampling rate in Hz.
    tail
        Seconds for which it may ring on after the last event.
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
    left, right = np.zeros((2, end - first), np.float32)  # only the left channel is heard
    to_left, to_right = left.ctypes.data, right.ctypes.data
    ends = [*starts[1:], end]
    for (_, _, send, values), start, until in zip(events, starts, ends, strict=True):
        send(channel, *values)
        place = start - first
        if until > start:
            _write(synth.synth, until - start, to_left, place, 1, to_right, place, 1)
    heard = left[: max(y.size - first, 0)]
    y[first : first + heard.size] += heard


def own_font() -> str:
    """The sound font that comes with pretty_midi."""
    import pretty_midi
    from pretty_midi.fluidsynth import DEFAULT_SF2

    return str(Path(pretty_midi.__file__).with_name(DEFAULT_SF2))


def _events(instrument: Any, synth: Any) -> list[Event]:
    """What is sent to a synthesizer, in order of time."""
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
    """A new synthesizer and the number of its font.

    The font stays in memory, for to read it again takes 10 ms, as long as a part of bass to play.
    The synthesizer does not: in one that has played before, a voice sounds a little otherwise. Of
    those that play at the same time each has its own font, whose samples FluidSynth shares.

    Parameters
    ----------
    font_path
        A sound font.
    sr
        Sampling rate in Hz.
    dry
        Without reverb and chorus.

    Raises
    ------
    AudioError
        When FluidSynth cannot read the font.
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
    """The address of a font, in a synthesizer that is there for nothing else."""
    keeper = fluidsynth.Synth(channels=16)
    number = keeper.sfload(font_path)
    if number == -1:
        keeper.delete()
        raise AudioError(f"{font_path}: FluidSynth cannot read it")
    address: int = fluidsynth.fluid_synth_get_sfont_by_id(keeper.synth, number)
    return address
