"""Corrections that a recording needs until its bar lines are right: a simulated person counts."""

from __future__ import annotations

import sys

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.analysis.corrector import Corrected, correct_bar_lines
from benchmarks.recordings import BeatRecording, beat_recordings, data_folder
from benchmarks.results import Score
from mirlab.analysis.beat_grid import BeatGrid
from mirlab.analysis.meter import beat_count, meter_from_audio
from mirlab.core import Audio
from mirlab.transcription import transcribe

ALL = "all recordings"
KINDS = ("tempo", "meter", "bar line", "beat")

PROTOCOL = """
Recordings with labelled bars. The beats, meter and bars that mirlab.analyze finds are corrected by
a simulated person (benchmarks.analysis.corrector), who knows the true bar lines and tries every
operation of mirlab.analysis.correct (tempo x2, /2, x3/2, x2/3; meter of 2, 3 or 4 beats; a bar line
at any true bar line; a beat moved or added to a true bar line; a beat deleted), alone and in pairs
(tempo or meter, then a bar line; a beat moved or added, then a bar line on it). If one makes the
bar lines right (F within 70 ms at least 0.95), the shortest is applied, otherwise the one that
raises F most per operation, until they are right (right = 1) or there were as many operations as
bars. Once nothing raises F, the one is applied that makes most bar lines right up to the first
wrong one, per operation. No time is trimmed. corrections: number of operations, those of each kind
beside it; where the bar lines did not become right, the number of bars, for then every one has to
be placed by hand. found: F before any correction; one, three: F after at most one and three
operations. Rows: by hand = every bar line is placed by hand, one operation a bar; mirlab = as
described; ceiling = the true beats and bars, which need none. Means over the recordings of a set,
and over all, with a 95 % bootstrap interval.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "analysis/corrections",
        __doc__ or "",
        measure,
        protocol=PROTOCOL,
        weights=lambda: results.shipped_sha256("transcription/mirlab-notes"),
    )


def measure() -> list[Score]:
    """Count the corrections of every recording with labelled bars."""
    scores = []
    for recording in tqdm(beat_recordings(data_folder()), desc="corrections", unit="file"):
        if recording.bars is None:
            continue
        truth = bar_lines(recording)
        rows = {
            "by hand": _values(Corrected(("bar line",) * truth.size, (0.0,), True), truth.size),
            "mirlab": _values(correct_bar_lines(found_grid(recording), truth), truth.size),
            "ceiling": _values(Corrected((), (1.0,), True), truth.size),
        }
        scores += [Score(recording.set, recording.name, row, rows[row]) for row in rows]
    return scores + [Score(ALL, f"{s.set}/{s.file}", s.row, s.values, s.weight) for s in scores]


def bar_lines(recording: BeatRecording) -> np.ndarray:
    """Times of the true bar lines in seconds."""
    assert recording.bars is not None
    first = np.array([label == "1" for label in recording.bars.labels])
    times: np.ndarray = recording.bars.intervals[first, 0]
    return times


def found_grid(recording: BeatRecording) -> BeatGrid:
    """The beats and bars that `mirlab.analyze` finds."""
    audio = Audio.load(recording.audio)
    found, _ = meter_from_audio(audio, transcribe(audio, progress=False))
    return BeatGrid.from_segments(found.beats, beat_count(found.meter))


def _values(corrected: Corrected, bars: int) -> dict[str, float]:
    """The figures of one row on one recording."""
    count = len(corrected.operations)
    values = {
        "corrections": float(count if corrected.is_right else bars),
        "right": float(corrected.is_right),
        "bars": float(bars),
        "found": corrected.agreement[0],
        "one": corrected.after(1),
        "three": corrected.after(3),
    }
    return values | {kind: float(corrected.counts[kind]) for kind in KINDS}


if __name__ == "__main__":
    sys.exit(main())
