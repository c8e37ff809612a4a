"""Bar lines and note values of the scores that mirlab writes of nine piano recordings.

What `score.note_values` measures on the true beats, measured on the beats and the meter that
`mirlab.analyze` finds, with the true notes; and whether the bar lines are those of the printed
scores.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import NoteRecording, data_folder, note_recordings, numbered
from benchmarks.results import Score
from benchmarks.score import agreement, note_values
from benchmarks.score.agreement import PlayedScore, scores_of
from mirlab.core import Audio

PROTOCOL = f"""
Recordings, printed scores and their alignment: as in score/note_values; the notes are those that
drove the piano. {agreement.PROTOCOL}
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("score/bar_lines", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every piano recording with beats and a printed score."""
    folder = data_folder()
    scores = []
    for recording in tqdm(note_recordings(folder), desc="bar lines", unit="file"):
        name = next((name for name in note_values.SCORES if name in recording.name), None)
        if recording.set == note_values.SET and name is not None:
            piece = played_score(folder, recording, note_values.SCORES[name])
            scores += [
                Score(piece.set, piece.name, row, values)
                for row, values in scores_of(piece).items()
            ]
    return scores


def played_score(folder: Path, recording: NoteRecording, name: str) -> PlayedScore:
    """A recording beside its printed score."""
    written, meter = note_values.read_score(folder / "symbolic_dcml" / f"{name}.notes.tsv")
    beats = np.loadtxt(folder / recording.set / "beats" / f"{recording.audio.stem}.beats")
    unit = 1.5 if meter[1] == 8 else 4 / meter[1]
    notes, _ = note_values.with_beats(recording.notes, beats, unit)
    assert notes.tempo_map is not None
    return PlayedScore(
        recording.set,
        recording.name,
        Audio.load(recording.audio),
        notes,
        numbered(beats[:, 0], beats[:, 1]),
        meter,
        note_values.match(notes.tempo_map.beats(notes.onset), notes.pitch, written),
    )


if __name__ == "__main__":
    sys.exit(main())
