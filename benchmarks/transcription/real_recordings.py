"""Notes: transcription of piano, violin, voice and strings, and recall of fast repeated notes.

Our two networks with every decoder, Basic Pitch, and onsets with YIN. They are compared with
silence (no notes); with the true notes as ideal posteriors through Basic Pitch's decoder, exactly
as labelled (`ideal`: the loss by its settings alone); with the training targets of the true notes
through our decoder (`ceiling`: the loss by frames and decoder); and, for the voice, with the second
annotator.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import NoteRecording, data_folder, note_recordings
from benchmarks.results import Score
from benchmarks.transcription.repeated_notes import repeated_by_others, repeated_notes
from benchmarks.transcription.test_sets import UNSEEN, fonts
from benchmarks.transcription.thresholds import (
    ScoredExcerpt,
    best_settings,
    decoded,
)
from mirlab.core import Audio, Notes
from mirlab.core.constants import SAMPLE_RATE
from mirlab.evaluation import frame_scores, match_notes, note_scores
from mirlab.learning import load_model
from mirlab.synthesis import note_rolls
from mirlab.transcription import (
    Rolls,
    basic_pitch_posteriors,
    frame_times,
    notes_by_yin,
    notes_from_posteriors,
    transcribe,
)
from mirlab.transcription.detector import HOP, NoteDetector

KEPT = 12  # frames: shortest note that Basic Pitch's decoder keeps
MODELS = ("mirlab-notes", "mirlab-notes-tiny")
OTHER_DECODERS = ("peaks", "greedy", "thresholds")  # besides the best path
CHOOSE = 40.0  # s of each recording on which thresholds are chosen
STRETCH = 10.0  # s, blocks of the bootstrap
DRAWS = 1000

PROTOCOL = f"""
mirlab.evaluation.note_scores and frame_scores (mir_eval) on whole recordings. Notes: onset within
50 ms (violin_bach: 100 ms, its truth is an automatic alignment), pitch within 50 cents, offset
within max(50 ms, 20 % of the true length). Frames: pitches that sound on a 10 ms grid, rounded to
semitones. Offsets of the piano sets carry the sustain pedal. voice_vocadito: truth is annotator
A1. stems_urmp: the truth was made automatically from the single parts (silver). Means over the
recordings of a set with a 95 % bootstrap interval; onset_f_low and onset_f_high: the same interval
of one recording, drawn from its stretches of {STRETCH:g} s. Rows: silence = no notes; yin = YIN
cut at onsets (one voice); basic-pitch = its published net and settings; mirlab-notes,
mirlab-notes-tiny = our nets, trained on mirlab.synthesis alone, decoded by the best path;
"mirlab-notes, peaks" and so on = the same posteriors through another decoder. Our thresholds are
chosen leave-one-set-out: for each set those that are best on average on the other four sets' first
{CHOOSE:g} s. ideal = the true notes as posteriors of 1 on Basic Pitch's frames, decoded by its
decoder, which drops notes of 11 frames (128 ms) or less; ceiling = the true notes as the rolls
that our nets are taught, by the best path; annotator = vocadito's A2 against A1. repeated notes:
one pitch (C3, C4, C5) 2 to 20 times a second for 4 s, pedal up, piano of sf_GMbank, a sound font
that nobody learned from; a match within 50 ms or 0.4 of the notes' distance, whichever is less;
onset threshold: the one with the best F over all rates on other notes (A2, A3, A4).
cost: CPU seconds a minute of sound, from samples to notes, one thread, least of three, on a
machine that did other work.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "transcription/real_recordings",
        __doc__ or "",
        measure,
        protocol=PROTOCOL,
        weights=lambda: (
            results.basic_pitch_sha256()
            | {
                k: v
                for name in MODELS
                for k, v in results.shipped_sha256(f"transcription/{name}").items()
            }
        ),
    )


def measure() -> list[Score]:
    """Score every row on every recording with notes and on repeated notes, and measure its cost."""
    recordings = note_recordings(data_folder())
    fonts(UNSEEN)  # report missing data before the work
    torch.set_num_threads(1)
    sounds = [Audio.load(recording.audio) for recording in recordings]
    scores = []
    for recording, audio in zip(tqdm(recordings, desc="others", unit="file"), sounds, strict=True):
        for row, notes in others(recording, audio).items():
            scores.append(score(recording, row, notes))
    for model in MODELS:
        detector = load_model(f"transcription/{model}")
        assert isinstance(detector, NoteDetector)
        excerpts = [
            ScoredExcerpt(
                excerpt.set, detector.posteriors(audio), excerpt.notes, excerpt.onset_tolerance
            )
            for excerpt, audio in zip(
                tqdm(recordings, desc=model, unit="file"), sounds, strict=True
            )
        ]
        for name in ("path", *(OTHER_DECODERS if model == MODELS[0] else ())):
            row = model if name == "path" else f"{model}, {name}"
            scores += ours(row, recordings, excerpts, name)
            scores += repeated_notes(row, detector.posteriors, name)
    scores += repeated_by_others()
    return scores + cost(sounds[-3].slice(0, 60))


def others(recording: NoteRecording, audio: Audio) -> dict[str, Notes]:
    """Notes of every row other than our networks."""
    frames = 1 + int(audio.duration / (HOP / SAMPLE_RATE))
    rolls = note_rolls(recording.notes, frames=frames, hop_length=HOP, sr=SAMPLE_RATE)
    rows = {
        "silence": Notes.empty(),
        "yin": notes_by_yin(audio),
        "basic-pitch": notes_from_posteriors(*basic_pitch_posteriors(audio)[:2]),
        "ideal": on_frames(recording.notes, audio.duration),
        "ceiling": decoded(Rolls(*rolls), "path"),
    }
    return rows if recording.second is None else rows | {"annotator": recording.second}


def ours(
    row: str, recordings: Sequence[NoteRecording], excerpts: Sequence[ScoredExcerpt], decoder: str
) -> list[Score]:
    """Scores of one decoder, with the best thresholds of the other sets."""
    best = best_settings([beginning(excerpt) for excerpt in excerpts], decoder)
    scores = []
    for recording, excerpt in zip(recordings, excerpts, strict=True):
        setting = best[recording.set]
        found = score(recording, row, decoded(excerpt.rolls, decoder, setting))
        thresholds = {f"{name}_threshold": value for name, value in setting._asdict().items()}
        scores.append(Score(found.set, found.file, row, found.values | thresholds))
    return scores


def beginning(excerpt: ScoredExcerpt) -> ScoredExcerpt:
    """The first part of an excerpt; longer notes are cut at its end."""
    first = excerpt.notes.slice(0, CHOOSE)
    notes = Notes(first.onset, np.minimum(first.offset, CHOOSE), first.pitch, first.velocity)
    frames = int(CHOOSE / (HOP / SAMPLE_RATE))
    return ScoredExcerpt(
        excerpt.set, Rolls(*(r[:, :frames] for r in excerpt.rolls)), notes, excerpt.tolerance
    )


def score(recording: NoteRecording, row: str, notes: Notes) -> Score:
    """Score the notes of one row on one recording."""
    tolerance = recording.onset_tolerance
    values = note_scores(recording.notes, notes, onset_tolerance=tolerance)
    values |= frame_scores(recording.notes, notes)
    low, high = interval(recording.notes, notes, tolerance)
    values |= {"onset_f_low": low, "onset_f_high": high}
    return Score(recording.set, recording.name, row, values)


def interval(truth: Notes, found: Notes, tolerance: float) -> tuple[float, float]:
    """95 % interval of onset F when the blocks of a recording are resampled."""
    pairs = match_notes(truth, found, onset_tolerance=tolerance)
    last = max(truth.duration, found.duration)
    edges = np.arange(0, last + STRETCH, STRETCH)
    right, true, given = (
        np.histogram(times, edges)[0]
        for times in (truth.onset[pairs[:, 0]], truth.onset, found.onset)
    )
    drawn = np.random.default_rng(results.SEED).integers(right.size, size=(DRAWS, right.size))
    both = (true + given)[drawn].sum(axis=1)
    f = 2 * right[drawn].sum(axis=1) / np.maximum(both, 1)
    low, high = np.quantile(f, (0.025, 0.975))
    return float(low), float(high)


def cost(audio: Audio) -> list[Score]:
    """CPU seconds per minute of sound."""
    runs: dict[str, Callable[[], object]] = {
        model: partial(transcribe, audio, model=model) for model in MODELS
    }
    runs["basic-pitch"] = partial(transcribe, audio, model="basic-pitch")
    scores = []
    for row, run in runs.items():
        run()
        times = []
        for _ in range(3):
            started = time.process_time()
            run()
            times.append(time.process_time() - started)
        scores.append(Score("cost", "one minute", row, {"cpu_s": min(times) * 60 / audio.duration}))
    return scores


def on_frames(notes: Notes, duration: float, *, shortest: int = 1) -> Notes:
    """Pass true notes through Basic Pitch's frames and decoder.

    Parameters
    ----------
    notes
        The truth.
    duration
        Duration of the sound in seconds.
    shortest
        Extend every note to at least this many frames.
    """
    return notes_from_posteriors(*ideal_posteriors(notes, duration, shortest=shortest))


def ideal_posteriors(
    notes: Notes, duration: float, *, shortest: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Posteriors of a network without errors: 1 where a note sounds, or begins.

    Parameters
    ----------
    notes, duration, shortest
        As in `decoded`.

    Returns
    -------
    onset, note : float32, shape (frames, 88), A0 first
        Times are rounded to the nearest frame; pitches beyond the piano are omitted.
    """
    times = frame_times(int(90 * duration))  # more than there are: 86.6 per second
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
