"""Which layers transcribe best: three networks of one size, trained alike.

The `NoteNet` of `mirlab-notes-tiny`, a recurrent network, and Basic Pitch's layers; each inside the
same detector, with the same spectrograms, music, steps and decoder. Intermediate results are
cached in `_build/note_architectures`: the same command resumes a stopped run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from benchmarks import results
from benchmarks.recordings import NoteRecording, data_folder, note_recordings
from benchmarks.results import ROOT, Score
from benchmarks.transcription.other_networks import ContourNet, RecurrentNet
from benchmarks.transcription.thresholds import ScoredExcerpt, best_settings, decoded
from mirlab.core import Audio, Notes
from mirlab.evaluation import frame_scores, note_scores
from mirlab.learning import fit
from mirlab.transcription.detector import NoteDetector
from mirlab.transcription.networks import NoteNet
from mirlab.transcription.training import NOTE_DATA, detector_loss

STEPS = 300
SEED = 0
SECONDS = 40.0  # s of each recording that are used
NETS: dict[str, Callable[[], nn.Module]] = {
    "dilated convolutions": lambda: NoteNet(16, spectrograms=2, stride=2),
    "recurrent": RecurrentNet,
    "Basic Pitch's layers": ContourNet,
}

PROTOCOL = f"""
three nets of 25,662 to 26,476 parameters in the place of mirlab-notes-tiny's, from random weights,
seed {SEED}: {STEPS} steps of eight stretches of 5.9 s of mirlab's own music (no recording), AdamW
with a highest rate of 4e-3, moving average of the weights, 32 bits. The first {SECONDS:g} s of each
recording of real_recordings; best path decoder, thresholds leave-one-set-out; mir_eval notes
(onset within 50 ms, 100 ms for the violin; offset within 50 ms or 20 %), frames as in
real_recordings. training_s: CPU seconds of the training; cpu_s: CPU seconds a minute of sound,
pictures and net, one thread. Rows beside: silence = no notes; ceiling = the true notes.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("transcription/architectures", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Train each network, and score it."""
    sounds = beginnings()  # report missing data before the work
    torch.set_num_threads(1)
    scores = []
    for row, net in NETS.items():
        detector, seconds = trained(row, net)
        started = time.process_time()
        excerpts = [
            ScoredExcerpt(
                excerpt.set, detector.posteriors(audio), excerpt.notes, excerpt.onset_tolerance
            )
            for excerpt, audio in sounds
        ]
        minutes = sum(excerpt.rolls.onset.shape[-1] for excerpt in excerpts) * 256 / 22050 / 60
        cost = (time.process_time() - started) / minutes
        scores.append(Score("cost", "all", row, {"training_s": seconds, "cpu_s": cost}))
        scores += asked(row, excerpts)
    for i, excerpt in enumerate(excerpts):
        for row, notes in {"silence": Notes.empty(), "ceiling": excerpt.notes}.items():
            scores.append(Score(excerpt.set, str(i), row, scored(excerpt, notes)))
    return scores


def trained(row: str, net: Callable[[], nn.Module]) -> tuple[NoteDetector, float]:
    """Train a detector with this network; return it and the CPU seconds of the training."""
    torch.manual_seed(SEED)
    detector = NoteDetector()
    detector.net = net()  # type: ignore[assignment]  # that is the question
    started = time.process_time()
    folder = ROOT / "_build" / "note_architectures" / row
    fit(
        detector,
        detector_loss,
        NOTE_DATA.training_batches(SEED),
        steps=STEPS,
        lr=4e-3,
        ema=0.99,
        every=50,
        checkpoint=folder,
        seed=SEED,
        device="cpu",
    )
    seconds = folder / "cpu_seconds.txt"
    if not seconds.exists():
        seconds.write_text(str(time.process_time() - started))
    return detector, float(seconds.read_text())


def beginnings() -> list[tuple[NoteRecording, Audio]]:
    """The first part of every recording; longer notes are cut at its end."""
    found = []
    for recording in note_recordings(data_folder()):
        beginning = recording.notes.slice(0, SECONDS)
        ends = np.minimum(beginning.offset, SECONDS)
        notes = Notes(beginning.onset, ends, beginning.pitch, beginning.velocity)
        audio = Audio.load(recording.audio, duration=SECONDS)
        found.append((replace(recording, notes=notes), audio))
    return found


def asked(row: str, excerpts: list[ScoredExcerpt]) -> list[Score]:
    """Scores of each excerpt, with the best thresholds of the other sets."""
    best = best_settings(excerpts, "path")
    return [
        Score(
            excerpt.set,
            str(i),
            row,
            scored(excerpt, decoded(excerpt.rolls, "path", best[excerpt.set])),
        )
        for i, excerpt in enumerate(excerpts)
    ]


def scored(excerpt: ScoredExcerpt, found: Notes) -> dict[str, float]:
    """Scores of notes and frames."""
    values = note_scores(excerpt.notes, found, onset_tolerance=excerpt.tolerance)
    return values | frame_scores(excerpt.notes, found)


if __name__ == "__main__":
    sys.exit(main())
