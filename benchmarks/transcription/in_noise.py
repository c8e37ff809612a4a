"""Does denoising help transcription? Notes in noise, after each method and without.

The note detector was trained on sound with noise; a denoiser removes noise, but leaves artefacts
that are not in the training data.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np
import torch
from tqdm import tqdm

from benchmarks import results
from benchmarks.denoising.downstream import CLEANERS, noisy
from benchmarks.denoising.room_noise import RATE, RINGS, rooms
from benchmarks.recordings import NoteRecording, data_folder, note_recordings
from benchmarks.results import Score
from mirlab.core import Audio, Notes
from mirlab.evaluation import note_scores
from mirlab.transcription import transcribe

SECONDS = 20.0
PIANOS = ("mz_331_3", "chpn-p19", "deb_menu", "scn15_12")  # fast, fast and soft, broad, slow

PROTOCOL = f"""
mirlab-notes on the first {SECONDS:g} s of each recording of real_recordings (of the piano set
four: {", ".join(PIANOS)}), mixed with noise at 20, 10 and 0 dB, after each cleaner of mirlab.dsp
with its defaults and told nothing, at 22,050 Hz. white, pink: made; room: the rests of real
recordings, as in denoising.methods, its four places in turn. onset_f, onset_offset_f: as in
real_recordings, with the default thresholds; gain: onset_f less that of none on the same sound.
Rows: none = the noisy sound as it is; subtraction, wiener, gate = the cleaners; clean = the sound
before noise, not cleaned: the bound; silence = no notes.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "transcription/in_noise",
        __doc__ or "",
        lambda: list(measured()),
        protocol=PROTOCOL,
        weights=lambda: results.shipped_sha256("transcription/mirlab-notes"),
    )


def measured() -> Iterator[Score]:
    """Score every denoiser on every recording in every noise."""
    folder = data_folder()
    places = rooms(folder)
    torch.set_num_threads(1)
    recordings = [
        candidate
        for candidate in note_recordings(folder)
        if candidate.name in PIANOS or not candidate.set.startswith("piano_maps")
    ]
    pairs = zip(recordings, cycle(RINGS), strict=False)
    for recording, ring in tqdm(pairs, total=len(recordings), desc="noise", unit="file"):
        audio = Audio.load(recording.audio, duration=SECONDS).mono().resample(RATE)
        beginning = recording.notes.slice(0, SECONDS)
        notes = Notes(
            beginning.onset,
            np.minimum(beginning.offset, SECONDS),
            beginning.pitch,
            beginning.velocity,
        )
        rooms_of_ring = [room for room in places if room.ring == ring]
        yield from in_every_noise(replace(recording, notes=notes), noisy(audio.y[0], rooms_of_ring))


def in_every_noise(
    recording: NoteRecording, sounds: Iterator[tuple[str, np.ndarray]]
) -> Iterator[Score]:
    """Scores of one recording; the first sound has no noise."""
    clean: dict[str, float] = {}
    nothing = scored(recording, Notes.empty())
    for noise, y in sounds:
        found = {
            row: scored(recording, transcribe(cleaner(Audio(y, RATE))))
            for row, cleaner in CLEANERS.items()
        }
        clean = clean or found["none"]
        for row, values in (found | {"clean": clean, "silence": nothing}).items():
            gain = {"gain": values["onset_f"] - found["none"]["onset_f"]}
            yield Score(noise, f"{recording.set} {recording.name}", row, values | gain)


def scored(recording: NoteRecording, found: Notes) -> dict[str, float]:
    """F of notes by onset, and by onset and offset."""
    values = note_scores(recording.notes, found, onset_tolerance=recording.onset_tolerance)
    return {name: values[name] for name in ("onset_f", "onset_offset_f")}


if __name__ == "__main__":
    sys.exit(main())
