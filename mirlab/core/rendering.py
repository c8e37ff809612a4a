"""Notes into sound: FluidSynth where it is installed, a small synthesizer of ours elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .additive import additive
from .audio import Audio
from .errors import MissingPartError, NotesError
from .midi_files import BEND_RANGE, DATA_ENTRY, RPN_HIGH, RPN_LOW
from .notes import Notes

PEAK = 0.5  # -6 dBFS
TAIL = 1.0  # s, how long FluidSynth rings on
# Controllers: forget the bend and pedal that the last instrument left, and its range of bends.
AS_NEW = ((121, 0), (RPN_HIGH, 0), (RPN_LOW, 0), (DATA_ENTRY, int(BEND_RANGE)))
GET_FLUIDSYNTH = (
    'pip install "mirlab[sound]" and, on Debian and Ubuntu, apt-get install libfluidsynth3 '
    "(macOS: brew install fluid-synth)"
)


def render(notes: Notes, *, sr: int = 22050, synth: str | None = None) -> Audio:
    """Play notes into sound.

    Parameters
    ----------
    notes
        What to play; bends and pedal are heard.
    sr
        Sampling rate in Hz.
    synth
        `"fluidsynth"` (a General MIDI sound font), `"additive"` (a small synthesizer of our own),
        or None: FluidSynth where it is installed, else the other one, and one line says so once.

    Returns
    -------
    Audio
        One channel, peak -6 dBFS, the last note's release included.

    Raises
    ------
    NotesError
        When there is no note, or `synth` is unknown.
    MissingPartError
        When `"fluidsynth"` is asked for and not installed.

    Examples
    --------
    >>> from mirlab.core import Notes
    >>> render(Notes([0.0], [1.0], [69]), synth="additive")
    Audio(1 channel, 1.150 s, 22050 Hz)
    """
    if not len(notes):
        raise NotesError("there is no note to play")
    if synth not in (None, "fluidsynth", "additive"):
        raise NotesError(f"synth must be 'fluidsynth' or 'additive', not {synth!r}")
    if synth == "fluidsynth" and not has_fluidsynth():
        raise MissingPartError(f"FluidSynth is missing: {GET_FLUIDSYNTH}")
    if synth == "fluidsynth" or (synth is None and has_fluidsynth()):
        y = play_font(notes, sr)
    else:
        if synth is None:
            _say_once()
        y = additive(notes, sr)
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


@cache
def _say_once() -> None:
    """Tell, once a process, that it could sound better; no warning, since nothing is wrong."""
    print(f"Notes are played by mirlab's own small synthesizer; for a sound font, {GET_FLUIDSYNTH}")


def play_font(notes: Notes, sr: int, font_path: str | None = None) -> np.ndarray:
    """Every instrument played after the other into one sound, held once and as float32.

    `font_path` names a sound font; None is the one that comes with pretty_midi.
    """
    from pretty_midi.fluidsynth import get_fluidsynth_instance

    midi = notes.with_tempo(None).to_midi()  # a tempo change after the last note would sound on
    y = np.zeros(int((notes.duration + TAIL) * sr), np.float32)
    synth, font, _ = get_fluidsynth_instance(font_path, 0, sr)
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
    for number, value in AS_NEW:
        synth.cc(channel, number, value)
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
