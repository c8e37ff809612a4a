"""Beats, bars, tempo and key: `mirlab.rhythm.track_beats` and `mirlab.chords.estimate_key`.

They are compared with silence (no beats, no key), a steady grid at 120 bpm in C major, librosa,
madmom's published networks (in an environment of its own, `make peers`), and the upper bound
`ceiling` (the true beats on the tracker's frames).
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import BeatRecording, beat_recordings, data_folder, numbered
from benchmarks.results import Score, paired
from benchmarks.rhythm.peers import librosa_beats, madmom_beats, madmom_python
from mirlab.chords import estimate_key
from mirlab.core import Audio, Notes, Segments
from mirlab.evaluation import (
    bar_scores,
    beat_offset,
    beat_scores,
    is_octave_error,
    key_score,
    tempo_ratio,
    tempo_scores,
)
from mirlab.rhythm import track_beats
from mirlab.transcription import transcribe

HOP_SECONDS = 512 / 22050  # the frames of mirlab.rhythm
ALL = "all recordings"
# Our rows; those with notes get the notes that mirlab.transcribe finds.
SYSTEMS: dict[str, Callable[[Audio, Notes], Segments]] = {
    "dynamic-programming": lambda audio, notes: track_beats(audio, model="dynamic-programming"),
    "dynamic-programming, notes": lambda audio, notes: track_beats(
        audio, model="dynamic-programming", notes=notes
    ),
}
BEST = "dynamic-programming, notes"  # the row whose paired differences from the peers are written

PROTOCOL = """
mirlab.evaluation.beat_scores (mir_eval; beats before 5 s are trimmed from truth and estimate): f
within 70 ms, cmlt, amlt, p_score (mir_eval.beat.p_score, of beats), information_gain. downbeat_f:
the same f of the downbeats; meter: 1 if most bars have the right number of beats (bar_scores).
offset_ms: median signed time from a true beat to the estimated one within 70 ms, positive if late;
a recording without such beats is left out of its mean. Tempo: 60 over the median distance of beats;
accuracy1 within 4 % of the same figure of the true beats, accuracy2 also at a third, half, twice
and three times it. tempo_ratio: estimated over true tempo at the same time
(mirlab.evaluation.tempo_ratio); octave_error: 1 if it is within 8 % of 1/4, 1/3, 1/2, 2/3, 3/2, 2,
3 or 4. key: MIREX's weighted score of one key a recording; where the truth has local keys, the one
that holds the longest; recordings without a known key are left out of its mean. Of lied_winterreise
only downbeats are labelled (2/4): it has the measures of bars and tempo, and offset_ms from its
downbeats; of the Fauré, no bars. Means over the recordings of a set, and over all, with a 95 %
bootstrap interval. Rows: silence = no beats and no key; steady = a beat every half second from 0 s
in bars of four, and C major; librosa = librosa.beat.beat_track with its defaults (no bars); madmom
= RNNBeatProcessor and DBNBeatTrackingProcessor of madmom 0.16.1 (no bars); madmom, bars = its
RNNDownBeatProcessor and DBNDownBeatTrackingProcessor with bars of 2, 3 or 4 beats;
dynamic-programming = track_beats(model="dynamic-programming"); the same with notes = with those
that mirlab.transcribe finds; estimate_key = mirlab.chords.estimate_key; ceiling = the true beats
rounded to the tracker's frames (512 samples at 22,050 Hz), and the true key; A minus B = the
difference on each recording, whose interval is that of the paired difference.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "rhythm/real_recordings",
        __doc__ or "",
        measure,
        protocol=PROTOCOL,
        weights=lambda: results.shipped_sha256("transcription/mirlab-notes"),
    )


def measure() -> list[Score]:
    """Score every row on every recording with beats."""
    recordings = beat_recordings(data_folder())
    madmom_python()  # first, so that a missing peer is reported before the work
    scores = []
    for recording in tqdm(recordings, desc="beats", unit="file"):
        audio = Audio.load(recording.audio)
        notes = transcribe(audio, progress=False)
        found = beats_of(recording, audio, notes)
        rows = {row: score(recording, beats) for row, beats in found.items()}
        for row, values in keys(recording, audio).items():
            rows.setdefault(row, {})["key"] = values
        scores += [Score(recording.set, recording.name, row, rows[row]) for row in rows]
    scores += [Score(ALL, f"{s.set}/{s.file}", s.row, s.values, s.weight) for s in scores]
    for peer in ("librosa", "madmom", "madmom, bars"):
        scores += paired(scores, BEST, peer)
    return scores


def beats_of(
    recording: BeatRecording, audio: Audio, notes: Notes
) -> dict[str, np.ndarray | Segments]:
    """Beats of each row; an array where it numbers no beats."""
    grid = np.arange(0, audio.duration, 0.5)
    [(tracked, barred)] = madmom_beats([audio])
    return {
        "silence": Segments([], []),
        "steady": numbered(grid, np.arange(grid.size) % 4 + 1),
        "librosa": librosa_beats(audio),
        "madmom": tracked,
        "madmom, bars": barred,
        **{row: system(audio, notes) for row, system in SYSTEMS.items()},
        "ceiling": upper_bound(recording),
    }


def score(recording: BeatRecording, found: np.ndarray | Segments) -> dict[str, float]:
    """Score the beats of one row on one recording; of an array, no bars."""
    times = found.intervals[:, 0] if isinstance(found, Segments) else found
    truth, bars = recording.beats, recording.bars
    values = {} if recording.only_bars else beat_scores(truth, times)
    if bars is not None and isinstance(found, Segments):
        values |= bar_scores(bars, found)
    offset = beat_offset(truth[::2] if recording.only_bars else truth, times)
    if np.isfinite(offset):
        values["offset_ms"] = 1000 * offset
    values |= tempo_scores(tempo(truth), tempo(times))
    ratio = tempo_ratio(truth, times)
    return values | {"tempo_ratio": ratio, "octave_error": float(is_octave_error(ratio))}


def keys(recording: BeatRecording, audio: Audio) -> dict[str, float]:
    """Score the key of each row that has one, on a recording whose key is known."""
    if recording.key is None:
        return {}
    found = {
        "silence": "X",
        "steady": "C major",
        "estimate_key": estimate_key(audio) or "X",
        "ceiling": recording.key,
    }
    return {row: key_score(recording.key, key) for row, key in found.items()}


def tempo(beats: np.ndarray) -> float:
    """One tempo for the whole piece in beats per minute; 0 for fewer than two beats.

    >>> tempo(np.array([0.0, 0.5, 1.0, 1.6]))
    120.0
    """
    return float(60 / np.median(np.diff(beats))) if beats.size > 1 else 0.0


def upper_bound(recording: BeatRecording) -> np.ndarray | Segments:
    """True beats on the tracker's frames, with their numbers if these are labelled."""
    if recording.bars is None:
        return on_frames(recording.beats)
    frames, first = np.unique(np.round(recording.beats / HOP_SECONDS), return_index=True)
    return numbered(frames * HOP_SECONDS, [float(recording.bars.labels[i]) for i in first])


def on_frames(beats: np.ndarray) -> np.ndarray:
    """Round times in seconds to the tracker's frames; beats on the same frame are merged."""
    return np.unique(np.round(beats / HOP_SECONDS)) * HOP_SECONDS


if __name__ == "__main__":
    sys.exit(main())
