"""Beats, tempo and key: `mirlab.rhythm.track_beats` and `mirlab.chords.estimate_key`.

They are compared with silence (no beats, no key), a steady grid at 120 bpm in C major, and the
upper bound `ceiling` (the true beats on the tracker's frames).
"""

from __future__ import annotations

import sys

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import BeatRecording, beat_recordings, data_folder
from benchmarks.results import Score
from mirlab.chords import estimate_key
from mirlab.core.audio import Audio
from mirlab.evaluation import beat_scores, key_score, tempo_scores
from mirlab.rhythm import track_beats

HOP_SECONDS = 512 / 22050  # the frames of mirlab.rhythm

PROTOCOL = """
mirlab.evaluation.beat_scores (mir_eval; beats before 5 s are trimmed from truth and estimate):
f within 70 ms, cmlt, amlt, information_gain. Tempo: 60 over the median distance of beats;
accuracy1 within 4 % of the same figure of the true beats, accuracy2 also at a third, half, twice
and three times it. key: MIREX's weighted score of one key a recording; where the truth has local
keys, the one that holds the longest; recordings without a known key are left out of its mean.
Means over the recordings of a set with a 95 % bootstrap interval. Rows: silence = no beats and no
key; steady = a beat every half second from 0 s, and C major; ceiling = the true beats rounded to
the tracker's frames (512 samples at 22,050 Hz), and the true key.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("rhythm/real_recordings", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every recording with beats."""
    scores = []
    for recording in tqdm(beat_recordings(data_folder()), desc="beats", unit="file"):
        audio = Audio.load(recording.audio)
        rows = {
            "silence": (np.zeros(0), "X"),
            "steady": (np.arange(0, audio.duration, 0.5), "C major"),
            "mirlab": (track_beats(audio).intervals[:, 0], estimate_key(audio) or "X"),
            "ceiling": (on_frames(recording.beats), recording.key or "X"),
        }
        scores += [score(recording, row, *found) for row, found in rows.items()]
    return scores


def score(recording: BeatRecording, row: str, beats: np.ndarray, key: str) -> Score:
    """Score the beats and the key of one row on one recording."""
    values = beat_scores(recording.beats, beats)
    values |= tempo_scores(tempo(recording.beats), tempo(beats))
    if recording.key is not None:
        values["key"] = key_score(recording.key, key)
    return Score(recording.set, recording.name, row, values)


def tempo(beats: np.ndarray) -> float:
    """One tempo for the whole piece in beats per minute; 0 for fewer than two beats.

    >>> tempo(np.array([0.0, 0.5, 1.0, 1.6]))
    120.0
    """
    return float(60 / np.median(np.diff(beats))) if beats.size > 1 else 0.0


def on_frames(beats: np.ndarray) -> np.ndarray:
    """Round times in seconds to the tracker's frames; beats on the same frame are merged."""
    return np.unique(np.round(beats / HOP_SECONDS)) * HOP_SECONDS


if __name__ == "__main__":
    sys.exit(main())
