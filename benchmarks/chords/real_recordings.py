"""Chords: `mirlab.recognize_chords` on piano and on a song for voice and piano.

It is compared with silence (no chord), the tonic triad of the true key throughout, and the upper
bound `ceiling` (the true chords reduced to major and minor triads on the system's frames).
"""

from __future__ import annotations

import sys

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import ChordRecording, chord_recordings, data_folder
from benchmarks.results import Score
from mirlab.chords import recognize_chords
from mirlab.core.audio import Audio
from mirlab.core.segments import Segments
from mirlab.evaluation import chord_scores

HOP_SECONDS = 1024 / 22050  # the frames of mirlab.chords

PROTOCOL = """
mirlab.evaluation.chord_scores (mir_eval): weighted chord symbol recall (root, majmin, thirds,
sevenths, mirex) and segmentation over the labelled span. The chord truth of the piano set is
expert analysis of the score carried to recording time: it holds short passing harmonies. A set's
mean is weighted by the labelled duration of each recording, with a 95 % bootstrap interval over
recordings. Rows: silence = N throughout; tonic = the tonic triad of the true key throughout (the
key that holds the longest); ceiling = the true chords reduced to maj, min and N (by their third)
and sampled on the system's frames (1,024 samples at 22,050 Hz).
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("chords/real_recordings", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every recording with chords."""
    scores = []
    for recording in tqdm(chord_recordings(data_folder()), desc="chords", unit="file"):
        audio = Audio.load(recording.audio)
        end = max(audio.duration, float(recording.chords.intervals[-1, 1]))
        rows = {
            "silence": Segments([[0, end]], ["N"]),
            "tonic": Segments([[0, end]], [tonic(recording.key)]),
            "mirlab": recognize_chords(audio),
            "ceiling": upper_bound(recording.chords),
        }
        scores += [score(recording, row, chords) for row, chords in rows.items()]
    return scores


def score(recording: ChordRecording, row: str, chords: Segments) -> Score:
    """Score the chords of one row on one recording, weighted by its labelled duration."""
    start, end = recording.chords.intervals[0, 0], recording.chords.intervals[-1, 1]
    values = chord_scores(recording.chords, chords)
    return Score(recording.set, recording.name, row, values, weight=float(end - start))


def tonic(key: str) -> str:
    """Name the tonic triad of a key.

    >>> tonic("F# minor")
    'F#:min'
    """
    name, mode = key.split()
    return f"{name}:{mode[:3]}"


def upper_bound(chords: Segments) -> Segments:
    """Reduce true chords to the system's vocabulary and frames: its best possible answer.

    Parameters
    ----------
    chords
        True chords, in Harte's syntax.

    Returns
    -------
    Segments
        Major, minor and `N`; each boundary is moved to the nearest edge between two frames.
    """
    edges = (np.arange(int(chords.intervals[-1, 1] / HOP_SECONDS) + 2) - 0.5) * HOP_SECONDS
    edges[0] = 0.0  # the first frame is centred at 0 s
    labels = [triad(label) for label in chords.at((edges[1:] + edges[:-1]) / 2)]
    return Segments(np.column_stack([edges[:-1], edges[1:]]), labels).merge()


def triad(label: str) -> str:
    """Reduce a chord to `maj` or `min` by its third.

    >>> triad("G:7/3"), triad("B:dim7"), triad("C:sus4"), triad("N")
    ('G:maj', 'B:min', 'C:maj', 'N')
    """
    from mir_eval import chord

    root, semitones, _ = chord.encode(label)
    if root < 0:  # N or X
        return "N"
    return f"{chord.split(label)[0]}:{'min' if semitones[3] and not semitones[4] else 'maj'}"


if __name__ == "__main__":
    sys.exit(main())
