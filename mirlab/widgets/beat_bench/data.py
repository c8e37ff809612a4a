"""Data of the Beat bench: what it shows and plays, texts of the page, scores of taps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core import Audio, Segments
from ...core.audio_files import encode
from ...rhythm import (
    complex_novelty,
    energy_novelty,
    nearest,
    onset_strength,
    spectral_novelty,
    strength_from_novelty,
)
from ..shared.base import WidgetError
from ..shared.packing import FLAC_SECONDS, PEAK, RATE

LONGEST = 60.0  # s of a recording
TOLERANCE = 0.07  # s between a beat and a tap that hits it, as in `mirlab.evaluation.beat_scores`
DEFAULT = "song"  # of `mirlab.examples`
CLICK_RATIO = 0.7  # peak of a click at full level, relative to that of the recording
MAX_TAPS = 10_000

STRENGTHS: dict[str, Callable[[Audio], np.ndarray]] = {
    "mel": onset_strength,
    "energy": lambda audio: strength_from_novelty(energy_novelty(audio)),
    "spectral": lambda audio: strength_from_novelty(spectral_novelty(audio)),
    "complex": lambda audio: strength_from_novelty(complex_novelty(audio)),
}
REFERENCES = {"true": "the true beats", "tracked": "the tracked beats"}
DEFAULTS: dict[str, Any] = {
    "novelty": "mel",
    "tempo_prior": 120.0,
    "prior_octaves": 1.0,
    "tightness": 100.0,
}
PROMPTS = [  # texts of buttons, and the traits that they set besides the defaults
    ("Half the tempo", {"tempo_prior": 45.0, "prior_octaves": 0.4}),
    ("Twice the tempo", {"tempo_prior": 230.0, "prior_octaves": 0.4}),
    ("No prior at all", {"prior_octaves": 4.0}),
    ("Loose: every onset attracts the beat", {"tightness": 1.0}),
    ("Tight: nothing moves it", {"tightness": 5000.0}),
    ("The defaults", {}),
]
WORDS: dict[str, Any] = {
    "novelties": {
        "mel": "Mel bands (as track_beats)",
        "energy": "Energy",
        "spectral": "Spectral flux",
        "complex": "Complex domain",
    },
    "references": REFERENCES,
    "prompts": [[text, {**DEFAULTS, **traits}] for text, traits in PROMPTS],
    "tolerance": TOLERANCE,
    "click_ratio": CLICK_RATIO,
    "midi": {
        "connect": "Connect MIDI",
        "from": "Listening to",
        "none": "No MIDI device is connected.",
        "missing": "This browser has no Web MIDI; Chrome, Edge and Firefox have it.",
        "refused": "The browser refused access to MIDI devices",
    },
    "calibration": (
        "Calibrate first: you tap to a metronome, and the median of your errors is subtracted from "
        "all taps. It is the delay of keyboard and loudspeaker, less your habit of tapping early."
    ),
    "help": (
        "Tap with the pad, by mouse or finger, with any letter key, or, while the pad has "
        "the focus, with Space or Enter; a MIDI keyboard taps, too. Taps count while the song "
        "plays; taps in a passage that you play again replace those before. Mouse: click a lane to "
        "seek; drag the white handle on the tempogram to move the prior; drag a lane by touch, or "
        "use the wheel with Shift, to scroll, with Ctrl to zoom. Keys on the time ruler: Space "
        "plays; ←/→ move the playhead; + and − zoom, 0 shows the whole piece; Home, End."
    ),
}


def pack_recording(audio: Audio) -> dict[str, Any]:
    """The traits `sound` and `seconds` of a recording, of which the first 60 s are used."""
    part = audio.mono().slice(0, LONGEST).resample(RATE)
    suffix = ".flac" if part.duration <= FLAC_SECONDS else ".mp3"
    gain = PEAK / max(float(np.abs(part.y).max()), 1e-9)
    return {"sound": encode(part.y, RATE, suffix, gain=gain), "seconds": part.duration}


def pack_beats(beats: Segments) -> list[list[float]]:
    """True beats for the page: pairs of time in s and number in the bar."""
    try:
        numbers = [int(label) for label in beats.labels]
    except ValueError as error:
        raise WidgetError(f"beats are labelled by their numbers in the bar: {error}") from error
    times = beats.intervals[:, 0].tolist()
    return [[t, n] for t, n in zip(times, numbers, strict=True) if t < LONGEST]


def check_beats(rows: Any) -> list[list[float]]:
    """Validate pairs of time and number; the times increase, the numbers are positive integers."""
    try:
        times, numbers = np.array([(float(t), float(n)) for t, n in rows]).reshape(-1, 2).T
    except (TypeError, ValueError) as error:
        raise WidgetError(f"true_beats are pairs of time and number, not {rows!r}") from error
    valid = np.all(np.isfinite(times)) and np.all(times >= 0) and np.all(np.diff(times) > 0)
    if not valid or np.any(numbers < 1) or np.any(numbers % 1):
        raise WidgetError("true_beats are pairs of an increasing time in s and a number from 1 on")
    return [[float(t), int(n)] for t, n in zip(times, numbers, strict=True)]


def check_taps(taps: Any) -> list[float]:
    """Validate times of taps: finite, increasing, at most 10,000."""
    try:
        times = [float(tap) for tap in taps]
    except (TypeError, ValueError) as error:
        raise WidgetError(f"taps are times in s, not {taps!r}") from error
    if len(times) > MAX_TAPS or not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0):
        raise WidgetError(f"taps are at most {MAX_TAPS} increasing times in s")
    return times


def to_segments(rows: Sequence[Sequence[float]]) -> Segments:
    """Beats as segments from beat to beat; the last one lasts as long as the previous one."""
    times = np.array([time for time, _ in rows])
    if times.size < 2:
        return Segments([], [])
    ends = np.r_[times[1:], 2 * times[-1] - times[-2]]
    return Segments(np.column_stack([times, ends]), [str(int(number)) for _, number in rows])


def tap_errors(taps: np.ndarray, beats: np.ndarray) -> np.ndarray:
    """Signed errors in s: each tap minus the nearest beat, shape `(taps,)`; empty without beats."""
    if not beats.size:
        return np.zeros(0)
    return taps - beats[nearest(beats, taps)]


def tap_scores(taps: np.ndarray, beats: np.ndarray) -> dict[str, float]:
    """Count, mean and standard deviation of the errors in s, and the F-measure within 70 ms.

    The F-measure compares the taps with the beats from the first tap to the last one, 70 ms more
    on either side. `mean`, `spread` and `f` are 0 without taps or beats.
    """
    errors = tap_errors(taps, beats)
    if not errors.size:
        return {"taps": taps.size, "mean": 0.0, "spread": 0.0, "f": 0.0}
    from mir_eval.util import match_events

    inside = (beats >= taps[0] - TOLERANCE) & (beats <= taps[-1] + TOLERANCE)
    hits = len(match_events(beats[inside], taps, TOLERANCE))
    return {
        "taps": taps.size,
        "mean": float(errors.mean()),
        "spread": float(errors.std()),
        "f": 2 * hits / (taps.size + int(inside.sum())),
    }
