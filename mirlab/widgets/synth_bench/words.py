"""Texts of the Synth bench, and its prompts."""

from __future__ import annotations

from typing import Any

from ..shared.base import WidgetError
from .settings import KNOBS, check_settings, powers

WORDS: dict[str, Any] = {
    "methods": {
        "additive": "Additive",
        "subtractive": "Subtractive",
        "fm": "FM",
        "plucked": "Plucked string",
        "wavetable": "Wavetable",
        "breath": "Breath",
    },
    "titles": {
        "additive": "Partials: drag over the bars",
        "subtractive": "Filter: drag its corner (dashed: with the envelope at its peak)",
        "fm": "Operators: ratio to the right, index upwards; a × modulates another one",
        "plucked": "String and its partials: drag the plectrum; lower is softer",
        "wavetable": "One table's partials: drag over the bars",
        "breath": "Tone: drag the formants and the breath (×, dashed)",
        "envelope": "Envelope: drag its corners",
        "waveform": "Waveform: the whole note, and four periods at the line",
        "spectrum": "Spectrum (marks: ideal partials; dashed: the target)",
        "methods": "The same note by every method: click to listen",
        "items": "From the data set: click to listen",
    },
    "knobs": KNOBS,
    "kinds": {"held": "held: blown or bowed", "struck": "struck: decays"},
    "keys": "Keyboard: letters A to ' play, Z and X move by an octave; or arrows and Space",
    "midi": {
        "connect": "Connect a MIDI keyboard",
        "from": "Playing from",
        "none": "No MIDI keyboard was found: plug one in.",
        "missing": "This browser has no Web MIDI; Chrome, Edge and Firefox have it.",
        "refused": "The MIDI keyboard was refused. Allow it for this page.",
    },
    "help": (
        "Letters A to ' play white and black keys, Z and X move by an octave; or arrows and Space. "
        "Notes and chords are played at a safe level."
    ),
}
PROMPTED = {"method", "settings", "pitch", "velocity", "duration", "octave", "target"}
PROMPTS: list[tuple[str, dict[str, Any]]] = [
    (
        "Only odd partials: hollow",
        {
            "method": "additive",
            "settings": {"additive": {"amplitudes": powers(16, 1.0, even=0.0)}},
            "pitch": 57.0,
        },
    ),
    (
        "Close the filter, let it ring",
        {
            "method": "subtractive",
            "settings": {"subtractive": {"cutoff": 1.0, "sweep": 4.0, "q": 8.0}},
            "pitch": 45.0,
            "duration": 1.5,
        },
    ),
    (
        "A bell: a ratio that is not whole",
        {
            "method": "fm",
            "settings": {
                "fm": {
                    "operators": [
                        {"envelope": {"attack": 0.002, "t60": 6.0, "release": 0.5}},
                        {
                            "ratio": 1.4,
                            "index": 4.0,
                            "target": 0,
                            "envelope": {"attack": 0.002, "t60": 4.0, "release": 0.5},
                        },
                    ]
                }
            },
            "pitch": 69.0,
            "duration": 2.0,
        },
    ),
    (
        "Pluck in the middle: every second partial is gone",
        {
            "method": "plucked",
            "settings": {"plucked": {"position": 0.5, "softness": 0.2, "body": 0.0}},
            "pitch": 45.0,
            "duration": 2.0,
        },
    ),
    (
        "Match riddle 1: drag the partials until the distance is 0",
        {"method": "additive", "target": "riddle 1 (partials)"},
    ),
]


def validate_prompt(given: Any) -> list[Any]:
    """Validate a prompt: its text and the traits that it sets."""
    try:
        text, state = given
        unknown = sorted(set(state) - PROMPTED)
    except (TypeError, ValueError):
        raise WidgetError(f"a prompt is a text and a dict of traits, not {given!r}") from None
    if unknown:
        raise WidgetError(f"a prompt sets {', '.join(sorted(PROMPTED))}; not {unknown[0]!r}")
    given = state.get("settings", {})
    full = {method: check_settings(method, settings) for method, settings in given.items()}
    return [str(text), {**state, "settings": full} if full else dict(state)]
