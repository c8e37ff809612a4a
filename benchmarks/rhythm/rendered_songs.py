"""Beats and bars of pop songs in piano arrangements (POP909), rendered from their MIDI files.

The real recordings have three songs; here are twenty, with the rows of `rhythm.real_recordings`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import BeatRecording, data_folder, numbered, numbers_in_bars
from benchmarks.results import Score, paired
from benchmarks.rhythm import real_recordings
from benchmarks.rhythm.peers import madmom_python
from benchmarks.rhythm.real_recordings import BEST, beats_of, score
from mirlab.core import MirlabError, Notes

SET = "symbolic_pop909"
EVERY = 3  # of sixty songs
SECONDS = 30.0

PROTOCOL = f"""
Every third of the 60 songs of symbolic_pop909, the notes of all tracks from the first 30 s,
rendered by Notes.render (FluidSynth's sound font). Beats and downbeats: the data set's own, from
the tempo of the MIDI files. The rows with notes get the notes of the file; there is no key.
Otherwise as in rhythm/real_recordings: {real_recordings.PROTOCOL}
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("rhythm/rendered_songs", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every song."""
    songs = read_songs(data_folder())
    madmom_python()  # first, so that a missing peer is reported before the work
    scores = []
    for song in tqdm(songs, desc="songs"):
        notes = Notes.from_midi(song.audio)
        notes = notes[notes.onset < SECONDS]
        found = beats_of(song, notes.render(), notes)
        scores += [Score(SET, song.name, row, score(song, beats)) for row, beats in found.items()]
    for peer in ("librosa", "madmom", "madmom, bars"):
        scores += paired(scores, BEST, peer)
    return scores


def read_songs(folder: Path) -> list[BeatRecording]:
    """Read the beats of the songs; `audio` is the MIDI file.

    Raises
    ------
    MirlabError
        When the set is missing.
    """
    paths = sorted((folder / SET).glob("*/beat_midi.txt"))[::EVERY]
    if not paths:
        raise MirlabError(f"{folder / SET}: has no song; the development recordings are needed")
    songs = []
    for path in paths:
        times, halves, wholes = np.loadtxt(path).T
        # of the two columns, the first marks bars of two or three, the second bars of twice that
        is_downbeat = (halves if np.median(np.diff(np.flatnonzero(halves))) == 3 else wholes) == 1
        bars = numbered(times, numbers_in_bars(times, times[is_downbeat]))
        inside = bars.crop(0, SECONDS)
        name = path.parent.name
        midi = path.with_name(f"{name}.mid")
        songs.append(BeatRecording(SET, name, midi, inside.intervals[:, 0], inside, None))
    return songs


if __name__ == "__main__":
    sys.exit(main())
