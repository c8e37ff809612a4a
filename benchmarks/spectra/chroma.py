"""Chord recognition: 24 templates on the pitch classes of every spectrogram."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.ndimage import uniform_filter1d
from torch import Tensor
from tqdm import tqdm

from benchmarks.chords.real_recordings import tonic, upper_bound
from benchmarks.recordings import chord_recordings, data_folder
from benchmarks.results import Score
from benchmarks.spectra.repetitions import SR
from mirlab import examples, spectra
from mirlab.chords import NO_CHORD, chord_templates, recognize_chords
from mirlab.core import Audio, MirlabError, Notes, Segments
from mirlab.evaluation import chord_scores

HOP = 512  # samples: 23 ms
SECONDS = 60.0  # s of each recording
SMOOTH = 1.0  # s
SILENCE = 1e-6  # of the loudest frame's power: softer frames have no chord
FOLDED = (53.4, 1709.0)  # Hz: five whole octaves, so that every class has as many rows
SONGS = 10

PROTOCOL = """
chord templates: power of the twelve pitch classes, A4 = 440 Hz, hop 512; the root of it averaged
over 1 s; the best of mirlab's 24 triad templates in every frame, N 60 dB below the loudest; nothing
is chosen. majmin: weighted chord symbol recall (mir_eval), root: of the root alone; weighted by
labelled time. Chroma STFT, Chroma CQT: mirlab.spectra.Chroma. The other pictures are folded: every
row from 53 to 1709 Hz (five octaves) adds its power to the nearest class. HarmonicCQT: of its
layers 1, 2 and 3 the geometric mean. Sets: shipped = the shipped pieces with chords; pop = the
piano arrangements of ten songs (symbolic_pop909), played by FluidSynth, labels made from the notes
by the set's own program; piano and song = the recordings of the chords benchmark; of each at most
the first 60 s. Rows: tonic = the tonic triad of the true key throughout; mirlab =
mirlab.recognize_chords, whose two numbers were chosen on songs of the pop set and on chorales;
ceiling = the true chords as major and minor triads on frames of 46 ms.
"""

Fold = Callable[[Tensor], Tensor]  # samples to the power of 12 pitch classes, shape (12, frames)


@dataclass(frozen=True)
class KnownHarmony:
    """A sound with labelled chords and key, such as "G minor"."""

    set: str
    name: str
    audio: Audio
    chords: Segments
    key: str


def chroma_chords() -> Iterator[Score]:
    """Accuracy of chords by templates, for each spectrogram."""
    folder = data_folder()
    pieces = [*shipped_pieces(), *pop_songs(folder), *recordings(folder)]
    known = folds()
    for piece in tqdm(pieces, desc="chroma templates", unit="piece"):
        y = piece.audio.mono().resample(SR).y[0]
        end = y.size / SR
        rows = {row: chords_of(fold(torch.from_numpy(y)), end) for row, fold in known.items()}
        rows["tonic"] = Segments([[0, end]], [tonic(piece.key)])
        rows["mirlab"] = recognize_chords(piece.audio)
        rows["ceiling"] = upper_bound(piece.chords)
        seconds = float(piece.chords.durations.sum())
        for row, chords in rows.items():
            values = chord_scores(piece.chords, chords)
            chosen = {measure: values[measure] for measure in ("majmin", "root")}
            yield Score(piece.set, piece.name, row, chosen, weight=seconds)


def folds() -> dict[str, Fold]:
    """Pitch classes of every spectrogram, by the name of its row."""
    octaves: dict[str, Any] = {"fmin": 55.0, "hop_length": HOP}
    semitone = {**octaves, "n_bins": 84, "bins_per_octave": 12}
    third = {**octaves, "n_bins": 252, "bins_per_octave": 36}
    known: dict[str, Fold] = {
        f"Chroma STFT {n}": spectra.Chroma(spectra.STFT(n_fft=n, hop_length=HOP))
        for n in (4096, 8192)
    }
    known["Chroma CQT 12"] = spectra.Chroma(spectra.CQT(**semitone))
    known["Chroma CQT 36"] = spectra.Chroma(spectra.CQT(**third))
    transforms: dict[str, spectra.Transform] = {
        "STFT 4096": spectra.STFT(n_fft=4096, hop_length=HOP),
        "Mel": spectra.Mel(hop_length=HOP),
        "CQT 36": spectra.CQT(**third),
        "VQT 36": spectra.VQT(**third),
        "Wavelet": spectra.Wavelet(**semitone),
        "Gammatone": spectra.Gammatone(hop_length=HOP),
        "Reassigned": spectra.Reassigned(n_fft=4096, hop_length=HOP),
    }
    known |= {row: partial(folded, transform) for row, transform in transforms.items()}
    layers = spectra.HarmonicCQT(**{**third, "n_bins": 180}, harmonics=(1, 2, 3))
    return known | {"HarmonicCQT": partial(folded, layers)}


def folded(transform: spectra.Transform, y: Tensor) -> Tensor:
    """Add the power of every row to its nearest pitch class, shape (12, frames)."""
    power = spectra.scale(transform(y), "power")
    if isinstance(transform, spectra.HarmonicCQT):
        power = power.clamp(min=1e-20).log().mean(-3).exp()
    hz = transform.frequencies
    low, high = FOLDED
    used = (hz > low) & (hz < high)
    classes = (69 + 12 * torch.log2(hz[used] / 440)).round().long() % 12
    return power.new_zeros(12, power.shape[-1]).index_add(0, classes, power[used])


def chords_of(classes: Tensor, end: float) -> Segments:
    """Best triad of every frame, as segments from 0 to the end.

    Parameters
    ----------
    classes
        Power of the pitch classes, shape (12, frames), C first.
    end
        Duration of the sound in seconds.
    """
    templates, labels = chord_templates()
    power = classes.numpy()
    level = uniform_filter1d(np.sqrt(power), round(SMOOTH * SR / HOP), axis=1)
    total = power.sum(axis=0)
    best = np.where(total > SILENCE * total.max(), (templates @ level).argmax(axis=0), len(labels))
    named = [[*labels, NO_CHORD][i] for i in best]
    edges = np.r_[0, (np.arange(1, best.size) - 0.5) * HOP / SR, end]
    return Segments(np.column_stack([edges[:-1], edges[1:]]), named).merge()


def shipped_pieces() -> list[KnownHarmony]:
    """The package's examples with chords."""
    pieces = [examples.load(name) for name in examples.names()]
    return [
        KnownHarmony("chords, shipped", piece.name, piece.audio, piece.chords, piece.key)
        for piece in pieces
        if piece.key and set(piece.chords.labels) != {NO_CHORD}
    ]


def pop_songs(folder: Path) -> list[KnownHarmony]:
    """The first songs of the set, played by a sampled piano.

    Raises
    ------
    MirlabError
        When the set is missing.
    """
    paths = sorted(path.parent for path in folder.glob("symbolic_pop909/*/chord_midi.txt"))
    if not paths:
        raise MirlabError(
            f"{folder}: has no symbolic_pop909; the development recordings are needed"
        )
    songs = []
    for folder in paths[:SONGS]:
        notes = Notes.from_midi(folder / f"{folder.name}.mid")
        notes = notes[notes.onset < SECONDS]
        audio = notes.render(sr=SR, synth="fluidsynth").slice(0, SECONDS)
        chords = Segments.load(folder / "chord_midi.txt", chords=True).crop(0, audio.duration)
        key = Segments.load(folder / "key_audio.txt").labels[0]
        name, mode = key.split(":")
        key = f"{name} {'minor' if mode == 'min' else 'major'}"
        songs.append(KnownHarmony("chords, pop", folder.name, audio, chords, key))
    return songs


def recordings(folder: Path) -> list[KnownHarmony]:
    """The real recordings with chords."""
    names = {"piano_maps_disklavier": "chords, piano", "lied_winterreise": "chords, song"}
    return [
        KnownHarmony(names[x.set], x.name, cut, x.chords.crop(0, cut.duration), x.key)
        for x in chord_recordings(folder)
        for whole in [Audio.load(x.audio)]
        for cut in [whole.slice(0, min(SECONDS, whole.duration))]
    ]
