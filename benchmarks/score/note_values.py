"""Notation: how well written values of played notes agree with the composer's score.

The piano recordings whose scores are known (Mozart, Schumann, Debussy, Tchaikovsky): the notes that
the piano played and the true beats are passed to `mirlab.score.quantize.quantize`, and every note
is compared with the score.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import NoteRecording, data_folder, note_recordings
from benchmarks.results import Score
from mirlab.core.notes import Notes
from mirlab.core.tempo import TempoMap
from mirlab.score.grid import STEPS
from mirlab.score.quantize import METERS, GridScore, quantize

SET = "piano_maps_disklavier"
SCORES = {  # recording: folder and name of its score in symbolic_dcml
    "deb_clai": "debussy_suite_bergamasque/l075-03_suite_clair",
    "deb_menu": "debussy_suite_bergamasque/l075-02_suite_menuet",
    "mz_311_1": "mozart_piano_sonatas/K311-1",
    "mz_331_3": "mozart_piano_sonatas/K331-3",
    "mz_545_3": "mozart_piano_sonatas/K545-3",
    "scn15_11": "schumann_kinderszenen/n11",
    "scn15_12": "schumann_kinderszenen/n12",
    "ty_maerz": "tchaikovsky_seasons/op37a03",
    "ty_mai": "tchaikovsky_seasons/op37a05",
}
NEAR = 0.4  # quarter notes, largest distance between a played note and its note in the score
WINDOW = 48  # quarter notes of music that are aligned with the score at a time
HOP = 24

PROTOCOL = """
Notes: those that drove the piano, offsets with the pedal. Beats: the recording's, laid on the
meter of the score. The score (symbolic_dcml, without grace notes, tied notes joined) is laid beside
the played beats in stretches of 24 beats, each moved to the whole or half beat at which most
pitches meet; a played note is scored when the score has its pitch within 0.4 of a quarter note of
its place there (the nearest one; each once). matched: share of the played notes that are scored.
onset: share of these whose written onset is the score's; value: likewise the written length;
both: onset and length. Means over the recordings with a 95 % bootstrap interval. Rows: silence =
nothing is written; sixteenths = the nearest sixteenth for every onset and offset; mirlab = quantize
(swing, triplets, rests closed, two voices a staff); ceiling = the score's own onsets and lengths,
laid on mirlab's grid of twelve steps. Our rules were chosen with these recordings in view.
"""


@dataclass(frozen=True, eq=False)
class Matched:
    """Played notes found in the score: indices, written onset and length in quarters."""

    index: np.ndarray
    onset: np.ndarray
    length: np.ndarray


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("score/note_values", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every piano recording with beats and a score."""
    folder = data_folder()
    scores = []
    for recording in tqdm(note_recordings(folder), desc="notation", unit="file"):
        name = next((name for name in SCORES if name in recording.name), None)
        if recording.set != SET or name is None:
            continue
        scores += score_recording(folder, recording, SCORES[name])
    return scores


def score_recording(folder: Path, recording: NoteRecording, name: str) -> list[Score]:
    """Score every row on one recording."""
    written, meter = read_score(folder / "symbolic_dcml" / f"{name}.notes.tsv")
    beats = np.loadtxt(folder / SET / "beats" / f"{recording.audio.stem}.beats")
    unit = 1.5 if meter[1] == 8 else 4 / meter[1]
    notes, first = with_beats(recording.notes, beats, unit)
    assert notes.tempo_map is not None
    onset = notes.tempo_map.beats(notes.onset)
    offset = notes.tempo_map.beats(notes.offset)
    truth = match(onset, notes.pitch, written)
    shape = nearest_meter(meter)
    grid = written_notes(quantize(notes, meter=shape, downbeat=first), notes)
    rows = {
        "silence": np.full((len(notes), 2), np.nan),
        "sixteenths": sixteenths(onset, offset),
        "mirlab": grid,
        "ceiling": upper_bound(truth, len(notes)),
    }
    return [
        Score(SET, recording.name, row, agreement(truth, found, len(notes)))
        for row, found in rows.items()
    ]


def read_score(path: Path) -> tuple[np.ndarray, tuple[int, int]]:
    """Notes of a score, (onset, length, pitch) in quarters, shape (n, 3), and its meter."""
    rows: list[list[float]] = []
    open_ties: dict[tuple[float, int], int] = {}
    meter = (4, 4)
    with path.open(encoding="utf-8") as file:
        for i, line in enumerate(csv.DictReader(file, delimiter="\t")):
            if i == 0:
                above, below = line["timesig"].split("/")
                meter = int(above), int(below)
            if line.get("gracenote") or not line["quarterbeats"]:
                continue
            onset = float(Fraction(line["quarterbeats"]))
            length, pitch = float(Fraction(line["duration"])) * 4, int(line["midi"])
            tied = line.get("tied", "")
            before = open_ties.pop((round(onset, 4), pitch), None) if tied in ("-1", "0") else None
            if before is None:
                rows.append([onset, length, pitch])
                before = len(rows) - 1
            else:
                rows[before][1] += length
            if tied in ("1", "0"):
                open_ties[round(onset + length, 4), pitch] = before
    return np.array(rows), meter


def with_beats(notes: Notes, beats: np.ndarray, unit: float) -> tuple[Notes, float]:
    """Notes with the true beats as tempo map, `unit` quarters each, and a beat that begins a bar.

    The time before the first beat is filled with whole beats of its tempo.
    """
    found = TempoMap.from_beats(beats[:, 0])
    tempo = TempoMap(found.times, found.bpm * unit)
    first_downbeat = beats[beats[:, 1] == 1, 0][0]
    return notes.with_tempo(tempo), float(round(float(tempo.beats(first_downbeat)) / unit) * unit)


def match(
    onset: np.ndarray, pitch: np.ndarray, written: np.ndarray, *, unfold: bool = True
) -> Matched:
    """Match played notes with the score.

    `unfold` aligns them passage by passage, where repeats are played but not written; without it,
    beat 0 of the two is the same.
    """
    index, at, length = [], [], []
    for begin in np.arange(0, onset.max() + HOP, HOP):
        middle = np.flatnonzero((onset >= begin - NEAR) & (onset < begin + HOP - NEAR))
        around = np.flatnonzero(np.abs(onset - begin - HOP / 2) < WINDOW / 2)
        if not middle.size:
            continue
        shift = _shift(onset[around], pitch[around], written) if unfold else 0.0
        taken: set[int] = set()
        for i in middle:
            distance = np.abs(written[:, 0] - shift - onset[i])
            near = np.flatnonzero((distance <= NEAR) & (written[:, 2] == pitch[i]))
            free = [k for k in near.tolist() if k not in taken]
            if free:
                k = min(free, key=distance.__getitem__)
                taken.add(k)
                index.append(int(i))
                at.append(written[k, 0] - shift)
                length.append(written[k, 1])
    return Matched(np.array(index, int), np.array(at), np.array(length))


def _shift(onset: np.ndarray, pitch: np.ndarray, written: np.ndarray) -> float:
    """Score time minus played time, in half quarters, at which most pitches coincide."""
    moves = (written[:, 0] - onset[:, None])[written[:, 2] == pitch[:, None]]
    if not moves.size:
        return 0.0
    halves = np.round(moves * 2).astype(int)
    weight = np.clip(1 - np.abs(moves - halves / 2) / 0.2, 0, 1)
    return float(halves.min() + np.argmax(np.bincount(halves - halves.min(), weight))) / 2


def nearest_meter(meter: tuple[int, int]) -> tuple[int, int]:
    """The meter that `quantize` knows: 6/8 for other meters in eighths, 4/4 for all others."""
    return meter if meter in METERS else (6, 8) if meter[1] == 8 else (4, 4)


def written_notes(score: GridScore, notes: Notes) -> np.ndarray:
    """Onset and length in quarters that a score has for each of its notes; shape (n, 2)."""
    events = [
        (pitch, event.start / STEPS, event.length / STEPS)
        for staff in score.staves
        for voice in staff.voices
        for event in voice
        for pitch in event.pitches
    ]
    table = np.array(events)
    assert notes.tempo_map is not None
    onset = notes.tempo_map.beats(notes.onset)
    found = np.full((len(notes), 2), np.nan)
    for i, pitch in enumerate(notes.pitch):
        same = table[table[:, 0] == pitch]
        found[i] = same[np.argmin(np.abs(same[:, 1] - onset[i])), 1:]
    return found


def sixteenths(onset: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Every onset and offset rounded to the nearest sixteenth; shape (n, 2), in quarters."""
    start = np.round(onset * 4)
    end = np.maximum(np.round(offset * 4), start + 1)
    return np.column_stack([start, end - start]) / 4


def upper_bound(truth: Matched, count: int) -> np.ndarray:
    """Onsets and lengths of the score, rounded to a twelfth of a quarter; shape (count, 2)."""
    found = np.full((count, 2), np.nan)
    found[truth.index, 0] = np.round(truth.onset * STEPS) / STEPS
    found[truth.index, 1] = np.round(truth.length * STEPS) / STEPS
    return found


def agreement(truth: Matched, found: np.ndarray, count: int) -> dict[str, float]:
    """Measures of one row; `found` has (onset, length) of every played note."""
    onset = np.abs(found[truth.index, 0] - truth.onset) < 1e-3
    value = np.abs(found[truth.index, 1] - truth.length) < 1e-3
    return {
        "matched": truth.index.size / count,
        "onset": float(onset.mean()),
        "value": float(value.mean()),
        "both": float((onset & value).mean()),
    }


if __name__ == "__main__":
    sys.exit(main())
