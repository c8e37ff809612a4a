"""Sounds whose beats are known exactly: click tracks of 40 to 240 bpm, and sounds without a beat.

Does a tracker find the tempo rather than half or twice as much, and does it keep silent where there
is nothing to count? Beside `mirlab.rhythm.track_beats`: librosa, madmom, and the upper bound.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import numbered
from benchmarks.results import Score
from benchmarks.rhythm.peers import librosa_beats, madmom_beats
from mirlab.core import Audio, Segments
from mirlab.evaluation import bar_scores, beat_offset, beat_scores, is_octave_error, tempo_ratio
from mirlab.rhythm import click_track, track_beats

SR = 22050
SECONDS = 16.0
FIRST = 0.4  # s, time of the first click
LEVEL = 0.08  # relative: tempi closer than this are on the same metrical level
PLAIN = tuple(range(40, 241, 10))  # bpm
ACCENTED = (60, 90, 120, 150, 180)
SYSTEMS: dict[str, Callable[[Audio], Segments]] = {
    "dynamic-programming": lambda audio: track_beats(audio, model="dynamic-programming"),
}

PROTOCOL = """
Click tracks of 16 s (mirlab.rhythm.click_track, the first click at 0.4 s): clicks = 40 to 240 bpm
in steps of 10, all clicks alike; clicks in bars = 60 to 180 bpm in steps of 30, the first of three
or of four with a higher pitch. f and offset_ms as in rhythm/real_recordings (from 5 s on, 70 ms);
level: 1 if the tempo is within 8 % of the true one; octave_error: 1 if it is within 8 % of 1/4,
1/3, 1/2, 2/3, 3/2, 2, 3 or 4 times it; downbeat_f and meter: mirlab.evaluation.bar_scores. no beat
= 10 s of silence, a sine of 440 Hz, a held chord of four sines that fades, white noise and pink
noise; no_beats: 1 if none is reported. Rows: silence = no beats; steady = a beat every half second
in bars of four; librosa = librosa.beat.beat_track with its defaults; madmom and madmom, bars = its
beat and its downbeat network, as in rhythm/real_recordings; dynamic-programming =
track_beats(model="dynamic-programming"); ceiling = the true beats.
"""


@dataclass(frozen=True)
class Sound:
    """A sound with its true beats (empty if it has none), perhaps in bars."""

    set: str
    name: str
    audio: Audio
    beats: Segments
    accented: bool = False


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("rhythm/synthetic_sounds", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every sound."""
    sounds = [*clicks(), *without_beats()]
    peer = madmom_beats([sound.audio for sound in sounds])
    scores = []
    for sound, (tracked, barred) in zip(tqdm(sounds, desc="sounds"), peer, strict=True):
        grid = np.arange(0, sound.audio.duration, 0.5)
        rows: dict[str, np.ndarray | Segments] = {
            "silence": Segments([], []),
            "steady": numbered(grid, np.arange(grid.size) % 4 + 1),
            "librosa": librosa_beats(sound.audio),
            "madmom": tracked,
            "madmom, bars": barred,
            **{row: system(sound.audio) for row, system in SYSTEMS.items()},
            "ceiling": sound.beats,
        }
        scores += [Score(sound.set, sound.name, row, score(sound, rows[row])) for row in rows]
    return scores


def score(sound: Sound, found: np.ndarray | Segments) -> dict[str, float]:
    """Score the beats of one row on one sound; of an array, no bars."""
    times = found.intervals[:, 0] if isinstance(found, Segments) else found
    if not len(sound.beats):
        return {"no_beats": float(times.size == 0)}
    truth = sound.beats.intervals[:, 0]
    ratio, offset = tempo_ratio(truth, times), beat_offset(truth, times)
    values = {
        "f": beat_scores(truth, times)["f"],
        "level": float(abs(ratio - 1) <= LEVEL),
        "octave_error": float(is_octave_error(ratio)),
    }
    if np.isfinite(offset):
        values["offset_ms"] = 1000 * offset
    if sound.accented and isinstance(found, Segments):
        values |= bar_scores(sound.beats, found)
    return values


def clicks() -> list[Sound]:
    """Click tracks: all clicks alike, and with accents in bars of three and four."""
    tracks = [("clicks", bpm, 1) for bpm in PLAIN]
    tracks += [("clicks in bars", bpm, per_bar) for per_bar in (3, 4) for bpm in ACCENTED]
    sounds = []
    for name, bpm, per_bar in tracks:
        times = np.arange(FIRST, SECONDS, 60 / bpm)
        beats = numbered(times, np.arange(times.size) % per_bar + 1)
        accented = per_bar > 1
        audio = click_track(beats if accented else times, duration=SECONDS, sr=SR)
        label = f"{bpm} bpm" + f" in {per_bar}" * accented
        sounds.append(Sound(name, label, audio, beats, accented))
    return sounds


def without_beats() -> list[Sound]:
    """Sounds of 10 s in which nothing happens after the beginning."""
    t = np.arange(10 * SR) / SR
    noise = np.random.default_rng(0).standard_normal(t.size)
    spectrum = np.fft.rfft(noise)
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(spectrum.size), 1)), t.size)
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.18, 329.63, 440.0))
    signals = {
        "silence": np.zeros(t.size),
        "held tone": 0.3 * np.sin(2 * np.pi * 440 * t),
        "held chord": 0.1 * chord * np.exp(-t / 5),
        "white noise": 0.1 * noise,
        "pink noise": 0.1 * pink / pink.std(),
    }
    none = Segments([], [])
    return [Sound("no beat", name, Audio(y, SR), none) for name, y in signals.items()]


if __name__ == "__main__":
    sys.exit(main())
