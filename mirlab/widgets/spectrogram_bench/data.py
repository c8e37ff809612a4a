"""What the Spectrogram bench brings along: sounds packed for the page, choices and prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...core import Audio, Notes
from ...core.audio_files import encode
from ..shared.base import WidgetError
from ..shared.packing import PEAK, RATE, LabelledSound, pack_notes
from .settings import CHOICES, check_settings

LONGEST = 10.0  # s of each sound
FAIR = (0.1, 1.0)  # peaks of sounds that travel as they are: scaled anew they take more room
SHIPPED = {"piano": 0.0, "repeated": 9.6, "wind": 0.0, "sevenths": 0.0, "bass": 0.0}  # from s on

SIDES = ("left", "right")
LEFT = {"kind": "stft", "n_fft": 2048, "hop_length": 256, "bins_per_octave": 36, "scale": "db"}
RIGHT = {**LEFT, "kind": "cqt"}
MASKED = "its own cells, turned back into sound"
CUT = "cutting it out of an STFT, for it has no way back"
# How the page names what can be chosen; `uses` is what matters besides the hop and the scale,
# `back` how a region is heard.
WORDS: dict[str, Any] = {
    "kinds": {
        kind: {"name": name, "uses": uses, "back": back}
        for kind, name, uses, back in [
            ("stft", "STFT", "n_fft", MASKED),
            ("reassigned", "Reassigned STFT", "n_fft", CUT),
            ("mel", "Mel", "n_fft", "its own bands, with phases that are guessed"),
            ("gammatone", "Gammatone", "", CUT),
            ("cqt", "Constant-Q (CQT)", "bins_per_octave", MASKED),
            ("vqt", "Variable-Q (VQT)", "bins_per_octave", MASKED),
            ("wavelet", "Wavelet (Morlet)", "bins_per_octave", MASKED),
            ("hcqt", "Harmonic CQT (sum)", "bins_per_octave", CUT),
            ("chroma", "Chroma", "bins_per_octave", CUT),
        ]
    },
    "scales": {
        "db": "decibels",
        "power": "power",
        "amplitude": "amplitude",
        "log1p": "log(1 + power)",
    },
    "steps": {
        key: {
            "name": name,
            "values": list(CHOICES[key]),
            "texts": [text.format(n, 1000 * n / RATE) for n in CHOICES[key]],
        }
        for key, name, text in [
            ("n_fft", "Window", "{} ({:.0f} ms)"),
            ("hop_length", "Hop", "{} ({:.1f} ms)"),
            ("bins_per_octave", "Bins per octave", "{}"),
        ]
    },
    "help": (
        "Point at a picture to read it; the yellow box is how far it smears a click and a sine "
        "there. A click plays that bin alone, 3 s from there on. A drag marks a region and plays "
        "it alone. Keys on a picture: arrows move (with Shift ten steps), Enter plays the bin, M "
        "marks one corner of a region and then the other, Escape unmarks. All is played at one "
        "safe level: what was soft sounds as loud as the rest."
    ),
}
PROMPTED = {"clip", "left", "right", "region", "view", "notes_shown"}  # what a prompt may set
PROMPTS: list[tuple[str, dict[str, Any]]] = [
    (
        "Notes struck fast: long window or short?",
        {
            "clip": "repeated",
            "left": {**LEFT, "n_fft": 8192, "hop_length": 128},
            "right": {**LEFT, "n_fft": 512, "hop_length": 128},
            "view": [5.0, 8.0, 50.0, 3000.0],
        },
    ),
    (
        "Low notes: which picture parts them?",
        {
            "clip": "bass",
            "left": {**LEFT, "n_fft": 1024},
            "right": {**RIGHT, "bins_per_octave": 48},
            "view": [0.0, 5.0, 50.0, 500.0],
        },
    ),
    (
        "Follow the English horn's vibrato",
        {
            "clip": "wind",
            "left": {**LEFT, "kind": "reassigned", "hop_length": 128},
            "right": {**RIGHT, "kind": "wavelet", "hop_length": 128},
            "view": [4.5, 7.5, 500.0, 1600.0],
        },
    ),
    (
        "What mel forgets: play one region on both sides",
        {
            "clip": "piano",
            "left": LEFT,
            "right": {**LEFT, "kind": "mel"},
            "region": [3.8, 7.2, 200.0, 3000.0],
        },
    ),
    (
        "From pitches to twelve classes",
        {"clip": "sevenths", "left": RIGHT, "right": {**RIGHT, "kind": "chroma"}},
    ),
    (
        "Soft partials: amplitude hides, decibels show",
        {"left": {**RIGHT, "scale": "amplitude"}, "right": RIGHT},
    ),
]


Sound = Audio | LabelledSound


def named(sounds: Sound | Mapping[str, Sound] | Sequence[Sound]) -> dict[str, Sound]:
    """Sounds by name, whatever way they were given.

    Raises
    ------
    WidgetError
        For no sound at all, what is no sound, or two of one name.
    """
    if isinstance(sounds, Mapping):
        found = dict(sounds)
    else:
        given = list(sounds) if isinstance(sounds, Sequence) else [sounds]
        names = [getattr(one, "name", f"sound {i + 1}") for i, one in enumerate(given)]
        if twice := {name for name in names if names.count(name) > 1}:
            raise WidgetError(f"two sounds are named {twice.pop()!r}; give them as a dict")
        found = dict(zip(names, given, strict=True))
    if not found:
        raise WidgetError("the bench needs at least one sound")
    for name, sound in found.items():
        if not isinstance(getattr(sound, "audio", sound), Audio):
            raise WidgetError(f"{name!r} must be an Audio or an Example, not {sound!r}")
    return found


def shipped() -> dict[str, Sound]:
    """Ten seconds of some shipped pieces."""
    from ...examples import load

    return {name: _from(load(name), start) for name, start in SHIPPED.items()}


def _from(piece: LabelledSound, start: float) -> LabelledSound:
    """A piece from `start` s on; notes that sound there already are left out."""
    end = piece.audio.duration
    kept = piece.notes.slice(start, end) if piece.notes else Notes.empty()
    moved = Notes(kept.onset - start, kept.offset - start, kept.pitch, is_drum=kept.is_drum)
    return SimpleNamespace(name=piece.name, audio=piece.audio.slice(start, end), notes=moved)


def pack_sound(sound: Sound) -> bytes:
    """The first 10 s as FLAC: mono, 22,050 Hz, 16 bits."""
    audio = sound if isinstance(sound, Audio) else sound.audio
    y = audio.mono().slice(0, LONGEST).resample(RATE).y
    peak = float(np.abs(y).max())
    fair = FAIR[0] <= peak <= FAIR[1] or peak == 0
    return encode(y, RATE, ".flac", gain=1.0 if fair else PEAK / peak)


def packed_notes(sound: Sound) -> bytes:
    """The notes of the first 10 s, none where nobody knows them."""
    notes = None if isinstance(sound, Audio) else sound.notes
    return pack_notes(notes.slice(0, LONGEST)) if notes else b""


def full_settings(side: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with all their names; what is not given is as at first."""
    try:
        return check_settings({**(LEFT if side == "left" else RIGHT), **given})
    except WidgetError as error:
        raise WidgetError(f"{side}: {error}") from None


def checked_region(name: str, values: Sequence[float]) -> list[float]:
    """Start, end (s), low and high (Hz), as floats and in order."""
    try:
        start, end, low, high = region = [float(value) for value in values]
    except (TypeError, ValueError):
        region = []
    if not region or not (0 <= start < end < np.inf and 0 <= low < high < np.inf):
        raise WidgetError(f"{name} is [start, end, low, high] in s and Hz, not {values!r}")
    return region


def validate_prompt(given: Sequence[Any]) -> list[Any]:
    """A prompt's text and the traits it sets."""
    try:
        text, state = given
        wrong = sorted(set(state) - PROMPTED)
    except (TypeError, ValueError):
        raise WidgetError(f"a prompt is a text and a dict of traits, not {given!r}") from None
    if wrong:
        raise WidgetError(f"a prompt sets {', '.join(sorted(PROMPTED))}; not {wrong[0]!r}")
    full = {side: full_settings(side, state[side]) for side in SIDES if side in state}
    return [str(text), {**state, **full}]
