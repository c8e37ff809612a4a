"""Data of the Spectrogram bench: packed sounds, texts of the page, and prompts."""

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
PEAK_RANGE = (0.1, 1.0)  # peaks that are not rescaled, since rescaled FLAC files are larger
SHIPPED = {"piano": 0.0, "repeated": 9.6, "wind": 0.0, "sevenths": 0.0, "bass": 0.0}  # start, s

SIDES = ("left", "right")
LEFT = {"kind": "stft", "n_fft": 2048, "hop_length": 256, "bins_per_octave": 36, "scale": "db"}
RIGHT = {**LEFT, "kind": "cqt"}
MASKED = "their own cells"
CUT = "an STFT, since this transform has no inverse"
# Texts of the page; `uses` is the setting that applies besides the hop and the scale, `back`
# describes how a region is resynthesized.
WORDS: dict[str, Any] = {
    "kinds": {
        kind: {"name": name, "uses": uses, "back": back}
        for kind, name, uses, back in [
            ("stft", "STFT", "n_fft", MASKED),
            ("reassigned", "Reassigned STFT", "n_fft", CUT),
            ("mel", "Mel", "n_fft", "their own bands, with estimated phases"),
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
        "Point at a spectrogram to read it; the yellow box shows how far it smears a click and a "
        "sine there. A click plays 3 s of that bin. A drag selects a region and plays it. Keys on "
        "a spectrogram: the arrows move the cursor (ten steps with Shift), Enter plays the bin, M "
        "marks one corner of a region and then the other, Escape deselects. Everything is played "
        "at the same safe level, however soft it was."
    ),
}
PROMPTED = {"clip", "left", "right", "region", "view", "notes_shown"}  # traits a prompt may set
PROMPTS: list[tuple[str, dict[str, Any]]] = [
    (
        "Fast repeated notes: long or short window?",
        {
            "clip": "repeated",
            "left": {**LEFT, "n_fft": 8192, "hop_length": 128},
            "right": {**LEFT, "n_fft": 512, "hop_length": 128},
            "view": [5.0, 8.0, 50.0, 3000.0],
        },
    ),
    (
        "Low notes: which spectrogram separates them?",
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
        "What mel loses: play a region on both sides",
        {
            "clip": "piano",
            "left": LEFT,
            "right": {**LEFT, "kind": "mel"},
            "region": [3.8, 7.2, 200.0, 3000.0],
        },
    ),
    (
        "From pitches to pitch classes",
        {"clip": "sevenths", "left": RIGHT, "right": {**RIGHT, "kind": "chroma"}},
    ),
    (
        "Soft partials: invisible in amplitude, visible in dB",
        {"left": {**RIGHT, "scale": "amplitude"}, "right": RIGHT},
    ),
]


Sound = Audio | LabelledSound


def name_sounds(sounds: Sound | Mapping[str, Sound] | Sequence[Sound]) -> dict[str, Sound]:
    """Convert one or several sounds to a dict by name.

    Raises
    ------
    WidgetError
        If there is no sound, a value is not a sound, or two have the same name.
    """
    if isinstance(sounds, Mapping):
        result = dict(sounds)
    else:
        given = list(sounds) if isinstance(sounds, Sequence) else [sounds]
        names = [getattr(sound, "name", f"sound {i + 1}") for i, sound in enumerate(given)]
        if duplicates := {name for name in names if names.count(name) > 1}:
            raise WidgetError(f"two sounds are named {duplicates.pop()!r}; give them as a dict")
        result = dict(zip(names, given, strict=True))
    if not result:
        raise WidgetError("the bench needs at least one sound")
    for name, sound in result.items():
        if not isinstance(getattr(sound, "audio", sound), Audio):
            raise WidgetError(f"{name!r} must be an Audio or an Example, not {sound!r}")
    return result


def shipped() -> dict[str, Sound]:
    """Excerpts of shipped pieces."""
    from ...examples import load

    return {name: _from(load(name), start) for name, start in SHIPPED.items()}


def _from(piece: LabelledSound, start: float) -> LabelledSound:
    """A piece from `start` s on, without the notes that begin before."""
    end = piece.audio.duration
    part = piece.notes.slice(start, end) if piece.notes else Notes.empty()
    notes = Notes(part.onset - start, part.offset - start, part.pitch, is_drum=part.is_drum)
    return SimpleNamespace(name=piece.name, audio=piece.audio.slice(start, end), notes=notes)


def pack_sound(sound: Sound) -> bytes:
    """Encode the first 10 s as FLAC: mono, 22,050 Hz, 16 bits."""
    audio = sound if isinstance(sound, Audio) else sound.audio
    y = audio.mono().slice(0, LONGEST).resample(RATE).y
    peak = float(np.abs(y).max())
    keep_level = PEAK_RANGE[0] <= peak <= PEAK_RANGE[1] or peak == 0
    return encode(y, RATE, ".flac", gain=1.0 if keep_level else PEAK / peak)


def pack_sound_notes(sound: Sound) -> bytes:
    """Pack the notes of the first 10 s; empty if they are unknown."""
    notes = None if isinstance(sound, Audio) else sound.notes
    return pack_notes(notes.slice(0, LONGEST)) if notes else b""


def full_settings(side: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete settings with the defaults of a side."""
    try:
        return check_settings({**(LEFT if side == "left" else RIGHT), **given})
    except WidgetError as error:
        raise WidgetError(f"{side}: {error}") from None


def check_region(name: str, values: Sequence[float]) -> list[float]:
    """Validate start and end in s, low and high in Hz, each pair in order."""
    try:
        start, end, low, high = region = [float(value) for value in values]
    except (TypeError, ValueError):
        region = []
    if not region or not (0 <= start < end < np.inf and 0 <= low < high < np.inf):
        raise WidgetError(f"{name} is [start, end, low, high] in s and Hz, not {values!r}")
    return region


def validate_prompt(given: Sequence[Any]) -> list[Any]:
    """Validate a prompt: its text and the traits that it sets."""
    try:
        text, state = given
        unknown = sorted(set(state) - PROMPTED)
    except (TypeError, ValueError):
        raise WidgetError(f"a prompt is a text and a dict of traits, not {given!r}") from None
    if unknown:
        raise WidgetError(f"a prompt sets {', '.join(sorted(PROMPTED))}; not {unknown[0]!r}")
    full = {side: full_settings(side, state[side]) for side in SIDES if side in state}
    return [str(text), {**state, **full}]
