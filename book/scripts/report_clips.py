"""Sounds on which the networks fail, synthesised from fixed seeds when the book is built.

Each case is a sound with known labels. A clip shows the labels and the output of a network, and
plays the sound and a resynthesis of the output.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import mirlab
from mirlab import Audio, Notes, dsp, examples
from mirlab.core.display import ACCENT, figure, player_html, svg
from mirlab.evaluation import match_notes
from mirlab.pitch import PitchTrack

SR = 22050
SECONDS = 3.0
PARTIALS = 8  # of the synthetic voices
NOISE_PEAK = 0.05  # -26 dBFS
HEIGHT = 150  # of a plot, in pixels
SPACE = np.array([-0.3, 0.3])  # octaves below and above a pitch curve
Curve = np.ndarray  # Hz, one value per sample or frame; 0 if unvoiced


@dataclass(frozen=True)
class NoteCase:
    """A sound and the notes in it."""

    audio: Audio
    notes: Notes


@dataclass(frozen=True)
class PitchCase:
    """A sound and its pitch as a function of times in seconds; 0 if unvoiced."""

    audio: Audio
    hz: Callable[[np.ndarray], Curve]


def repeated(pitch: int, rate: float) -> NoteCase:
    """One pitch, struck `rate` times a second for 2.5 s."""
    onset = np.arange(0, 2.5, 1 / rate) + 0.1
    notes = Notes(onset, onset + 0.9 / rate, np.full(onset.size, pitch), np.full(onset.size, 80))
    return NoteCase(notes.render(synth="additive"), notes)


def cluster() -> NoteCase:
    """Eight neighbouring semitones at once, from C2 and then from A1."""
    rows = [
        (start, start + 1.1, low + k, 80) for start, low in ((0.1, 36), (1.3, 33)) for k in range(8)
    ]
    notes = Notes(*np.array(rows).T)
    return NoteCase(notes.render(synth="additive"), notes)


def beginning(name: str, seconds: float = 4.0) -> NoteCase:
    """The first seconds of an example, without the notes of its drums."""
    piece = examples.load(name)
    notes = piece.notes[~piece.notes.is_drum & (piece.notes.onset < seconds - 0.1)]
    return NoteCase(piece.audio.slice(0, seconds), notes)


def white_noise() -> Audio:
    """White noise alone."""
    y = dsp.noise("white", sr=SR, duration=SECONDS, seed=0)
    return Audio(NOISE_PEAK * y / np.abs(y).max(), SR)


def voice(hz: Callable[[np.ndarray], Curve], levels: Callable[[int], float] | None = None) -> Audio:
    """A tone with partials 1 to 8; partial k has the level `levels(k)`, by default 1 / k."""
    times = np.arange(round(SECONDS * SR)) / SR
    phase = 2 * np.pi * np.cumsum(hz(times)) / SR
    y = sum((levels or (lambda k: 1 / k))(k) * np.sin(k * phase) for k in range(1, PARTIALS + 1))
    return Audio(0.1 * np.asarray(y), SR)


def steady(hz: float) -> Callable[[np.ndarray], Curve]:
    """A constant pitch curve."""
    return lambda times: np.full(times.shape, hz)


def wide_vibrato(times: np.ndarray) -> Curve:
    """Four semitones above and below A4, six times a second."""
    return 440 * 2 ** (4 / 12 * np.sin(2 * np.pi * 6 * times))


def weak_fundamental() -> PitchCase:
    """A3 with even partials twenty times as strong as the odd ones."""
    hz = steady(220.0)
    return PitchCase(voice(hz, lambda k: 1.0 if k % 2 == 0 else 0.05), hz)


def two_voices() -> PitchCase:
    """A3 and C4, equally loud; the true pitch is A3."""
    lower = steady(220.0)
    return PitchCase(voice(lower) + voice(steady(261.63)), lower)


CASES: dict[str, Callable[[], NoteCase | PitchCase]] = {
    "repeated C1": lambda: repeated(24, 12),
    "repeated C2": lambda: repeated(36, 12),
    "cluster": cluster,
    "prelude": lambda: beginning("piano"),
    "band": lambda: beginning("band"),
    "noise": lambda: NoteCase(white_noise(), Notes.empty()),
    "pitch of noise": lambda: PitchCase(white_noise(), steady(0.0)),
    "low E1": lambda: PitchCase(voice(steady(41.2)), steady(41.2)),
    "wide vibrato": lambda: PitchCase(voice(wide_vibrato), wide_vibrato),
    "two voices": two_voices,
    "weak fundamental": weak_fundamental,
}


def clip(name: str, model: str, title: str, text: str) -> tuple[str, dict[str, int]]:
    """Run a network on a case; show and play the result.

    Parameters
    ----------
    name
        One of `CASES`.
    model
        `task/name`.
    title
        Title of the clip; the labels of the players begin with it.
    text
        Explanation of the failure; `{found}` and the other counts are filled in.

    Returns
    -------
    html : str
        Plot, two players with labels, and the text.
    counts : dict
        Result of `note_counts` or `pitch_counts`.
    """
    case = CASES[name]()
    net = model.split("/")[1]
    if isinstance(case, NoteCase):
        notes = mirlab.transcribe(case.audio, model=model, progress=False)
        counts, image = note_counts(case.notes, notes), note_picture(case, notes)
        answer = notes.render(synth="additive") if len(notes) else None
    else:
        track = mirlab.track_pitch(case.audio, model=model, progress=False)
        counts, image = pitch_counts(case, track), pitch_picture(case, track)
        answer = resynthesis(track) if (track.voicing >= 0.5).any() else None
    words = text.format(**counts)
    legend = f"Grey: the truth. Blue: what {net} found."
    alt = f"{title}. {legend} {words}"
    body = image(alt) + _player(case.audio, f"{title}: the sound")
    if answer is not None:
        body += _player(answer, f"{title}: what {net} found")
    return f"{figure(body, legend)}<p>{html.escape(words)}</p>", counts


def note_counts(truth: Notes, found: Notes) -> dict[str, int]:
    """Numbers of notes `played`, `found`, `right`, `missed` and `false`."""
    right = len(match_notes(truth, found)) if len(truth) and len(found) else 0
    return {
        "played": len(truth),
        "found": len(found),
        "right": right,
        "missed": len(truth) - right,
        "false": len(found) - right,
    }


def pitch_counts(case: PitchCase, track: PitchTrack) -> dict[str, int]:
    """Percentages of frames: `voiced`; of the voiced ones, `right` and an `octave` off."""
    truth = case.hz(track.times)
    sounds = (truth > 0) & (track.hz > 0)
    cents = 1200 * np.log2(np.where(sounds, track.hz, 1) / np.where(sounds, truth, 1))[sounds]

    def percent(mask: np.ndarray) -> int:
        return round(100 * float(mask.mean())) if mask.size else 0

    return {
        "voiced": percent(track.voicing >= 0.5),
        "right": percent(np.abs(cents) < 50),
        "octave": percent(np.abs(np.abs(cents) - 1200) < 50),
    }


def resynthesis(track: PitchTrack) -> Audio:
    """A tone with the detected pitch, silent in unvoiced frames."""
    times = np.arange(round(track.times[-1] * SR)) / SR
    hz = np.interp(times, track.times, track.hz)
    voiced = np.interp(times, track.times, track.voicing >= 0.5)
    phase = 2 * np.pi * np.cumsum(hz) / SR
    y = sum(np.sin(k * phase) * (k * hz < SR / 2) / k for k in range(1, 5))
    return Audio(0.1 * voiced * np.asarray(y), SR)


def note_picture(case: NoteCase, found: Notes) -> Callable[[str], str]:
    """Piano roll: grey bars are played, blue outlines are found; a function of its alt text."""
    pitches = np.concatenate([case.notes.pitch, found.pitch, [48]])
    low, high = int(pitches.min()) - 2, int(pitches.max()) + 3
    bar = '<rect x="{:.3f}" y="{}" width="{:.3f}" height="1" {}/>'
    played, frame = 'fill="currentColor" opacity="0.3"', f'fill="none" stroke="{ACCENT}" {_WIDE}'
    shapes = "".join(
        bar.format(onset, high - 1 - pitch, offset - onset, look)
        for notes, look in ((case.notes, played), (found, frame))
        for onset, offset, pitch in zip(notes.onset, notes.offset, notes.pitch, strict=True)
    )
    return _framed(shapes, case.audio.duration, high - low)


def pitch_picture(case: PitchCase, track: PitchTrack) -> Callable[[str], str]:
    """Two pitch curves, the true one thick and grey; a function of its alt text."""
    truth = case.hz(track.times)
    voiced = (track.voicing >= 0.5) & (track.hz > 0)
    shown = np.concatenate([truth[truth > 0], track.hz[voiced]])
    low, high = (np.log2(np.percentile(shown, (0, 100))) if shown.size else (7, 8)) + SPACE
    shapes = ""
    looks = (
        (truth, truth > 0, 'stroke="currentColor" opacity="0.3" stroke-width="9"'),
        (track.hz, voiced, f'stroke="{ACCENT}" stroke-width="2"'),
    )
    for hz, sounds, look in looks:
        for run in np.split(np.arange(hz.size), np.flatnonzero(np.diff(sounds)) + 1):
            if sounds[run[0]]:
                points = zip(track.times[run], high - np.log2(hz[run]), strict=True)
                line = " ".join(f"{x:.3f},{y:.3f}" for x, y in points)
                shapes += f'<polyline fill="none" {_FIXED} {look} points="{line}"/>'
    return _framed(shapes, case.audio.duration, high - low)


_FIXED = 'vector-effect="non-scaling-stroke"'
_WIDE = f'stroke-width="2" {_FIXED}'


def _framed(shapes: str, seconds: float, rows: float) -> Callable[[str], str]:
    """A plot above a time axis in seconds."""
    axis = (
        '<div aria-hidden="true" style="display:flex;justify-content:space-between;'
        f'font-size:11px;opacity:.75"><span>0 s</span><span>{seconds:.1f} s</span></div>'
    )
    return lambda alt: svg(shapes, 0, 0, seconds, rows, height=HEIGHT, label=alt) + axis


def _player(audio: Audio, label: str) -> str:
    """An audio player below its label."""
    mono: Any = audio.mono()
    shown = f'<div style="font-size:13px;margin-top:6px">{html.escape(label)}</div>'
    return shown + player_html(mono.y, mono.sr, label)
