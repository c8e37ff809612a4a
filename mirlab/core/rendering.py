"""Render notes with FluidSynth where it is installed, otherwise with the additive synthesizer."""

from __future__ import annotations

import importlib.util
from functools import cache

import numpy as np

from .additive import additive
from .audio import Audio
from .checks import require, require_audio_rate
from .columns import NoteColumns
from .errors import MissingPartError, NotesError
from .midi_writing import to_pretty_midi

PEAK = 0.5  # -6 dBFS
TAIL = 1.0  # s, release time rendered by FluidSynth
GET_FLUIDSYNTH = (
    'pip install "mirlab[sound]" and, on Debian and Ubuntu, apt-get install libfluidsynth3 '
    "(macOS: brew install fluid-synth)"
)


def render(notes: NoteColumns, *, sr: int = 22050, synth: str | None = None) -> Audio:
    """Synthesize notes.

    Parameters
    ----------
    notes
        The notes, with bends and pedal.
    sr
        Sampling rate in Hz, 8000..96000 (those of FluidSynth).
    synth
        `"fluidsynth"` (a General MIDI sound font), `"additive"` (mirlab's additive synthesizer),
        or None: FluidSynth if it is installed, otherwise additive, which prints a notice once.

    Returns
    -------
    Audio
        One channel, peak -6 dBFS, including the release of the last note.

    Raises
    ------
    NotesError
        If there are no notes, or `synth` is unknown.
    MissingPartError
        If `synth` is `"fluidsynth"` and it is not installed.
    AudioError
        If `sr` is out of range.

    Examples
    --------
    >>> from mirlab.core import Notes
    >>> render(Notes([0.0], [1.0], [69]), synth="additive")
    Audio(1 channel, 1.150 s, 22050 Hz)
    """
    if not hasattr(notes, "is_drum"):
        raise NotesError(f"notes must be Notes, not {type(notes).__name__}")
    if not len(notes):
        raise NotesError("there is no note to play")
    if synth is not None and not (isinstance(synth, str) and synth in ("fluidsynth", "additive")):
        raise NotesError(f"synth must be 'fluidsynth' or 'additive', not {synth!r}")
    sr = require_audio_rate(sr, "sr")
    require(8000 <= sr <= 96000, f"sr must be 8000..96000 Hz, not {sr}")
    if synth == "fluidsynth" and not has_fluidsynth():
        raise MissingPartError(f"FluidSynth is missing: {GET_FLUIDSYNTH}")
    if synth == "fluidsynth" or (synth is None and has_fluidsynth()):
        y = play_font(notes, sr)
    else:
        if synth is None:
            _suggest_fluidsynth()
        y = additive(notes, sr)
    y *= np.float32(PEAK / max(y.max(), -y.min(), 1e-9))
    return Audio(y, sr)


@cache
def has_fluidsynth() -> bool:
    """Whether both the Python package and the system library are installed."""
    if importlib.util.find_spec("fluidsynth") is None:
        return False
    try:
        import fluidsynth  # noqa: F401  (the import loads the library)
    except (ImportError, OSError, AttributeError):
        return False
    return True


@cache
def _suggest_fluidsynth() -> None:
    """Print a notice about FluidSynth, once per process; not a warning, since nothing is wrong."""
    print(f"Notes are rendered by mirlab's own synthesizer; for a sound font: {GET_FLUIDSYNTH}")


def play_font(
    notes: NoteColumns, sr: int, font_path: str | None = None, *, dry: bool = False
) -> np.ndarray:
    """Render every instrument with FluidSynth into one float32 array, shape `(samples,)`.

    `font_path` is a sound font; None is the one that comes with pretty_midi. `dry` turns off
    FluidSynth's reverb and chorus, which take half of its time.

    Raises
    ------
    AudioError
        If FluidSynth cannot read the font.
    """
    from .fluid import add_instrument, default_font, synthesizer

    midi = to_pretty_midi(notes, None)  # a tempo change after the last note would lengthen it
    y = np.zeros(int((notes.duration + TAIL) * sr), np.float32)
    path = font_path or default_font()
    # dry instruments sound the same alone and together; through one reverb and chorus they do not
    groups = [[instrument] for instrument in midi.instruments] if dry else [midi.instruments]
    for group in groups:
        with synthesizer(path, sr, dry=dry) as playing:
            for instrument in group:
                add_instrument(playing, instrument, y, sr, tail=TAIL)
    return y
