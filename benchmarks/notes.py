"""Notes: `mirlab.transcribe` on piano, violin, voice and strings.

Beside it stand silence (no notes); the true notes as ideal posteriors through the same decoder,
once exactly as labelled (`ideal`: what the decoder's settings lose by themselves) and once with
short notes drawn out until it keeps them (`ceiling`: the most it can be led to say); and, for the
voice, the second annotator.
"""

from __future__ import annotations

import sys

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import NoteRecording, data_folder, note_recordings
from benchmarks.results import Score
from mirlab.core.audio import Audio
from mirlab.core.notes import Notes
from mirlab.evaluation import frame_scores, note_scores
from mirlab.transcription import frame_times, notes_from_posteriors, transcribe

KEPT = 12  # frames: the shortest note that the decoder keeps

PROTOCOL = """
mirlab.evaluation.note_scores and frame_scores (mir_eval). Notes: onset within 50 ms (violin_bach:
100 ms, its truth is an automatic alignment), pitch within 50 cents, offset within max(50 ms, 20 %
of the true length). Frames: pitches that sound on a 10 ms grid, rounded to semitones. Offsets of
the piano sets carry the sustain pedal. voice_vocadito: truth is annotator A1. stems_urmp: the
truth was made automatically from the single parts (silver). Basic Pitch with its published
settings. Means over the recordings of a set with a 95 % bootstrap interval. Rows: silence = no
notes; ideal = the true notes as posteriors of 1 on Basic Pitch's frames (256 samples at 22,050
Hz), decoded by the same decoder, which drops notes of 11 frames (128 ms) or less; ceiling = the
same, each note drawn out to at least 12 frames; annotator = vocadito's A2 against A1.
"""


def main() -> int:
    """Run the benchmark as a command; give its exit code."""
    return results.run(
        "notes",
        __doc__ or "",
        measure,
        protocol=PROTOCOL,
        weights=results.basic_pitch_sha256,
    )


def measure() -> list[Score]:
    """Score every row on every recording with notes."""
    scores = []
    for recording in tqdm(note_recordings(data_folder()), desc="notes", unit="file"):
        audio = Audio.load(recording.audio)
        rows = {
            "silence": Notes.empty(),
            "mirlab": transcribe(audio),
            "ideal": decoded(recording.notes, audio.duration),
            "ceiling": decoded(recording.notes, audio.duration, shortest=KEPT),
        }
        if recording.second is not None:
            rows["annotator"] = recording.second
        scores += [score(recording, row, notes) for row, notes in rows.items()]
    return scores


def score(recording: NoteRecording, row: str, notes: Notes) -> Score:
    """Score the notes of one row on one recording."""
    values = note_scores(recording.notes, notes, onset_tolerance=recording.onset_tolerance)
    values |= frame_scores(recording.notes, notes)
    return Score(recording.set, recording.name, row, values)


def decoded(notes: Notes, duration: float, *, shortest: int = 1) -> Notes:
    """Give what Basic Pitch's frames and decoder leave of true notes.

    Parameters
    ----------
    notes
        The truth.
    duration
        Of the sound, in seconds.
    shortest
        Draw every note out to this many frames.
    """
    return notes_from_posteriors(*ideal_posteriors(notes, duration, shortest=shortest))


def ideal_posteriors(
    notes: Notes, duration: float, *, shortest: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Make the posteriors of a network without mistakes: 1 where a note sounds, or begins.

    Parameters
    ----------
    notes, duration, shortest
        As in `decoded`.

    Returns
    -------
    onset, note : float32, shape (frames, 88), A0 first
        Times are rounded to the nearest frame; pitches beyond the piano have no place.
    """
    times = frame_times(int(90 * duration))  # more than there are: 86.6 a second
    times = times[times < duration]
    frames = times.size
    onset, note = np.zeros((2, frames, 88), np.float32)
    middles = (times[1:] + times[:-1]) / 2
    first, last = np.searchsorted(middles, notes.onset), np.searchsorted(middles, notes.offset)
    last = np.maximum(last, first + shortest)
    for a, b, row in zip(first, last, notes.pitch - 21, strict=True):
        if 0 <= row < 88:
            note[a:b, row] = 1
            onset[a, row] = 1
    return onset, note


if __name__ == "__main__":
    sys.exit(main())
