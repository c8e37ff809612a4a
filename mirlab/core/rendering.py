"""Notes into sound: FluidSynth where it is installed, a small synthesizer of ours elsewhere."""

from __future__ import annotations

import importlib.util
from functools import cache

import numpy as np

from .additive import additive
from .audio import Audio
from .columns import NoteColumns
from .errors import MissingPartError, NotesError
from .midi_files import to_pretty_midi

PEAK = 0.5  # -6 dBFS
TAIL = 1.0  # s, how long FluidSynth rings on
GET_FLUIDSYNTH = (
    'pip install "mirlab[sound]" and, on Debian and Ubuntu, apt-get install libfluidsynth3 '
    "(macOS: brew install fluid-synth)"
)


def render(notes: NoteColumns, *, sr: int = 22050, synth: str | None = None) -> Audio:
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


def play_font(
    notes: NoteColumns, sr: int, font_path: str | None = None, *, dry: bool = False
) -> np.ndarray:
    """Every instrument played after the other into one sound, held once and as float32.

    `font_path` names a sound font; None is the one that comes with pretty_midi. What is `dry` has
    neither FluidSynth's reverb nor its chorus, which take half of its time.

    Raises
    ------
    AudioError
        When FluidSynth cannot read the font.
    """
    from .fluid import add_instrument, own_font, synthesizer

    midi = to_pretty_midi(notes, None)  # a tempo change after the last note would sound on
    y = np.zeros(int((notes.duration + TAIL) * sr), np.float32)
    path = font_path or own_font()
    # dry instruments sound the same alone and together; through one reverb and chorus they do not
    groups = [[one] for one in midi.instruments] if dry else [midi.instruments]
    for group in groups:
        with synthesizer(path, sr, dry=dry) as playing:
            for instrument in group:
                add_instrument(playing, instrument, y, sr, tail=TAIL)
    return y
