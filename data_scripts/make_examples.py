"""Render the scores to the audio and labels of `mirlab.examples`.

    python -m data_scripts.make_examples [name ...]

Random deviations have a fixed seed, so that the same FluidSynth, sound font and libsndfile give the
same bytes. Audio is rendered at 44,100 Hz, the rate of the font, and then resampled to 22,050 Hz: a
synthesizer that plays samples at half their rate aliases their treble.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from data_scripts.notation import Part, Piece, Sign, beat_times, chord_rows, signs
from data_scripts.scores import PIECES
from mirlab.core import Notes, Segments, TempoMap
from mirlab.core.errors import AudioError
from mirlab.core.files import atomic_write

FOLDER = Path(__file__).resolve().parents[1] / "mirlab" / "examples"
TYPIST = "typed in and played by the mirlab authors, 2026"
LEAD = 0.3  # s before the first beat
SR = 22050  # Hz
FONT_SR = 44100  # Hz
PEAK = 10 ** (-6 / 20)  # -6 dBFS
STEP = 4  # the last two of 16 bits are 0: 86 dB suffice, and the files are a fifth smaller
LONGEST = 20.0  # s
LOWEST = 20.0  # Hz
FADE = 0.4  # s, at the end
VIBRATO_HZ, VIBRATO_DELAY, VIBRATO_RISE = 5.3, 0.18, 0.3  # and seconds
SCOOP_TIME = 0.09  # s
BEND_STEP = 0.02  # s between the points of a bend curve


def perform(piece: Piece) -> tuple[list[Notes], np.ndarray]:
    """Notes of each part with human deviations, and the times of the beats, shape `(n,)`."""
    written = [[s for voice in part.voices for s in signs(voice, piece)] for part in piece.parts]
    total = round(max(row[1] for row in chord_rows(piece.chords)))
    times = beat_times(piece, LEAD, total)
    rng = np.random.default_rng(list(piece.name.encode()))
    tempo_map = _tempo_map(times)
    return [
        _play(part, score, piece, tempo_map, rng)
        for part, score in zip(piece.parts, written, strict=True)
    ], times


def _tempo_map(times: np.ndarray) -> TempoMap:
    """Tempo map in which `times` are beats 1, 2, ...: the lead-in is beat 0."""
    starts = np.r_[0.0, times[:-1]]
    bpm = 60 / np.r_[times[0], np.diff(times)]
    changed = np.r_[True, np.abs(np.diff(bpm)) > 1e-6]
    return TempoMap(starts[changed].round(6), bpm[changed].round(6))


def _play(
    part: Part, score: list[Sign], piece: Piece, tempo_map: TempoMap, rng: np.random.Generator
) -> Notes:
    """Perform one part: onsets slightly early or late, weak beats softer, chords strummed."""
    late: dict[float, float] = {}  # the same delay for all notes of a chord
    rows: list[tuple[float, float, int, int]] = []
    for sign in sorted(score, key=lambda s: (s.beat, s.pitch)):
        if sign.beat not in late:
            late[sign.beat] = float(np.clip(rng.normal(0, part.loose), -0.02, 0.02))
        start, end = tempo_map.seconds([sign.beat + 1, sign.beat + sign.beats + 1])
        legato = 0.5 if sign.short else part.legato
        onset = start + late[sign.beat] + sign.string * part.strum + abs(rng.normal(0, 0.0015))
        offset = max(onset + 0.05, start + late[sign.beat] + (end - start) * legato)
        weight = _weight(sign.beat - piece.pickup, piece.meter[0])
        velocity = part.velocity + sign.accent + weight - 2 * sign.string + rng.normal(0, 2.5)
        rows.append((round(onset, 5), round(offset, 5), sign.pitch, round(velocity)))
    onsets, offsets, pitches, velocities = (np.array(c) for c in zip(*rows, strict=True))
    bends = None
    if part.vibrato or part.scoop:
        bends = [_bend(a, b, part, rng) for a, b in zip(onsets, offsets, strict=True)]
    return Notes(
        onsets,
        offsets,
        pitches,
        velocities.clip(1, 127),
        part.program,
        part.is_drum,
        bends=bends,
        tempo_map=tempo_map,
    )


def _weight(beat: float, beats_a_bar: int) -> float:
    """Metrical accent: most on the first beat, none between beats."""
    if abs(beat - round(beat)) > 1e-6:
        return 0.0
    return 8.0 if round(beat) % beats_a_bar == 0 else 4.0


def _bend(onset: float, offset: float, part: Part, rng: np.random.Generator) -> np.ndarray:
    """Pitch bend of one note, shape `(k, 2)`: a scoop, then growing vibrato."""
    t = np.arange(0, offset - onset, BEND_STEP)
    curve = -part.scoop * np.clip(1 - t / SCOOP_TIME, 0, 1)
    if offset - onset > 2 * VIBRATO_DELAY:
        depth = part.vibrato * np.clip((t - VIBRATO_DELAY) / VIBRATO_RISE, 0, 1)
        rate = VIBRATO_HZ * (1 + rng.normal(0, 0.03))
        curve = curve + depth * np.sin(2 * np.pi * rate * (t - VIBRATO_DELAY))
    return np.column_stack([(onset + t).round(5), curve.round(3)])


def sound(part: Part, notes: Notes, times: np.ndarray, samples: int) -> np.ndarray:
    """Render one part with FluidSynth, at its level and with its swell; shape `(samples,)`."""
    from scipy.signal import butter, sosfilt

    y = notes.render(sr=FONT_SR, synth="fluidsynth").resample(SR).y[0]
    y = sosfilt(butter(2, LOWEST, "highpass", fs=SR, output="sos"), y)  # the font's offsets
    frames = y[: y.size // 1024 * 1024].reshape(-1, 1024)
    loudness = np.quantile(np.sqrt(np.mean(frames**2, axis=1)), 0.9)
    gain = np.full(y.size, 10 ** (part.level / 20) / loudness)
    if part.swell:
        beat, decibels = zip(*part.swell, strict=True)
        at = np.interp(beat, np.arange(times.size), times)
        gain *= 10 ** (np.interp(np.arange(y.size) / SR, at, decibels) / 20)
    out = np.zeros(samples)
    out[: min(samples, y.size)] = (y * gain)[:samples]
    return out


def stems(piece: Piece, played: list[Notes], times: np.ndarray) -> dict[str, np.ndarray]:
    """The stems as 16-bit integers, with a sum that peaks at -6 dBFS and fades out."""
    length = min(LONGEST, max(n.duration for n in played) + piece.ring)
    samples = int(length * SR)
    parts: dict[str, np.ndarray] = {}
    for part, notes in zip(piece.parts, played, strict=True):
        name = part.name if piece.apart or len({p.name for p in piece.parts}) == 1 else "all"
        parts[name] = parts.get(name, 0) + sound(part, notes, times, samples)
    fade = np.ones(samples)
    fade[-int(FADE * SR) :] = np.cos(np.linspace(0, np.pi / 2, int(FADE * SR))) ** 2
    scale = 32768 / STEP * PEAK / np.abs(sum(parts.values()) * fade).max()
    return {n: (np.round(y * fade * scale) * STEP).astype(np.int16) for n, y in parts.items()}


def truth(piece: Piece, played: list[Notes], times: np.ndarray, end: float) -> dict[str, Any]:
    """All labels, as JSON values."""
    notes = _merge(played)
    table: dict[str, Any] = {
        "onset": notes.onset.tolist(),
        "offset": notes.offset.tolist(),
        "pitch": notes.pitch.tolist(),
        "velocity": notes.velocity.tolist(),
        "program": notes.program.tolist(),
        "is_drum": notes.is_drum.astype(int).tolist(),
    }
    if notes.bends is not None:
        table["bends"] = [curve.tolist() for curve in notes.bends]
    at = [float(t) for t in times.round(5)]
    rows = [
        (round(float(np.interp(a, np.arange(times.size), times)), 5), b, label)
        for a, b, label in chord_rows(piece.chords)
    ]
    ends = [row[0] for row in rows[1:]] + [at[-1]]
    chords = Segments([(r[0], e) for r, e in zip(rows, ends, strict=True)], [r[2] for r in rows])
    chords = chords.fill_gaps(0, round(end, 5)).merge()
    first = piece.meter[0] - piece.pickup
    return {
        "title": piece.title,
        "source": f"{piece.source}; {TYPIST}",
        "key": piece.key,
        "meter": list(piece.meter),
        "tempo": {
            "times": _tempo_map(times).times.tolist(),
            "bpm": _tempo_map(times).bpm.tolist(),
        },
        "chords": [
            [*map(float, row), label]
            for row, label in zip(chords.intervals, chords.labels, strict=True)
        ],
        "beats": [
            [a, b, str((first + i) % piece.meter[0] + 1)]
            for i, (a, b) in enumerate(zip(at[:-1], at[1:], strict=True))
        ],
        "notes": table,
    }


def _merge(played: list[Notes]) -> Notes:
    """Merge all parts."""
    columns = ("onset", "offset", "pitch", "velocity", "program", "is_drum")
    bends = [c for n in played for c in (n.bends or [np.empty((0, 2))] * len(n))]
    return Notes(
        *(np.concatenate([getattr(n, name) for n in played]) for name in columns),
        bends=bends,
        tempo_map=played[0].tempo_map,
    )


def make(piece: Piece, folder: Path = FOLDER) -> None:
    """Write the audio and the labels of a piece."""
    import soundfile

    played, times = perform(piece)
    sounds = stems(piece, played, times)
    end = next(iter(sounds.values())).size / SR
    files = {}
    for name, y in sounds.items():
        file = f"{piece.name}.flac" if len(sounds) == 1 else f"{piece.name}.{name}.flac"
        with atomic_write(folder / file, error=AudioError) as temporary:
            soundfile.write(
                temporary, y, SR, format="FLAC", subtype="PCM_16", compression_level=1.0
            )
        digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        files[name] = {"file": file, "sha256": digest}
    text = json.dumps({"stems": files, **truth(piece, played, times, end)}, separators=(",", ":"))
    with atomic_write(folder / f"{piece.name}.json", error=AudioError) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def main(wanted: list[str]) -> None:
    """Make the named examples, or all."""
    for piece in PIECES:
        if not wanted or piece.name in wanted:
            make(piece)
            print(piece.name)


if __name__ == "__main__":
    main(sys.argv[1:])
