"""Test sets of the small note networks: real and rendered sounds, and fast repeated notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from benchmarks.recordings import data_folder, note_recordings
from benchmarks.spectra.repetitions import RATES
from mirlab.composer import Piece, compose
from mirlab.core import Audio, MissingPartError, Notes
from mirlab.synthesis import SoundFont, SyntheticMusic, find_sound_fonts, play
from mirlab.synthesis.dataset import monophonic_part
from mirlab.transcription.training import reference_notes

SR, HOP = 22050, 384
UNSEEN = "sf_GMbank"  # Debian's csound-soundfont: no network is trained on it
SEEN = ("TimGM6mb", "FluidR3_GM", "MuseScore_General_Lite")
RENDERED = 10  # sounds of each kind
SECONDS = 20.0
LONGEST = 40.0  # s of each real recording that are used
VOICES = (52, 53)  # General MIDI: choir, voice
SETS = {  # names of real recordings in the results
    "piano_maps_disklavier": "piano",
    "piano_smd_chopin": "Chopin",
    "violin_bach": "violin",
    "voice_vocadito": "voice",
    "stems_urmp": "strings",
}


@dataclass(frozen=True)
class Sound:
    """A sound and its notes.

    `set` is its test set, `tolerance` the onset tolerance in seconds.
    """

    set: str
    y: np.ndarray
    notes: Notes
    tolerance: float = 0.05


@dataclass(frozen=True)
class Repeated:
    """One pitch, repeated at a rate per second."""

    rate: int
    y: np.ndarray
    notes: Notes


@cache
def sounds() -> tuple[Sound, ...]:
    """All sounds with labelled notes, real ones first."""
    return (*_real(), *_rendered())


def fonts(*names: str) -> dict[str, SoundFont]:
    """Sound fonts by name.

    Raises
    ------
    MissingPartError
        When one is not installed.
    """
    here = find_sound_fonts()
    if missing := [name for name in names if name not in here]:
        raise MissingPartError(
            f"the sound font {missing[0]} is missing: sudo apt-get install -y fluid-soundfont-gm "
            "musescore-general-soundfont-small csound-soundfont"
        )
    return {name: here[name] for name in names}


def _real() -> Iterator[Sound]:
    """The development recordings."""
    for recording in note_recordings(data_folder()):
        y = Audio.load(recording.audio, duration=LONGEST).mono().resample(SR).y[0]
        all_notes = recording.notes.slice(0, LONGEST)
        ends = np.minimum(all_notes.offset, LONGEST)
        notes = Notes(all_notes.onset, ends, all_notes.pitch, all_notes.velocity)
        yield Sound(SETS[recording.set], y, notes, recording.onset_tolerance)


def _rendered() -> Iterator[Sound]:
    """Pieces on the sound font that is not used for training."""
    unseen_font = fonts(UNSEEN)
    kinds: dict[str, Callable[[int], Piece]] = {
        "piano": on_piano,
        "voice": sung,
        "mixture": composed,
    }
    for name, pieces in kinds.items():
        music = SyntheticMusic(
            "notes", duration=SECONDS, sr=SR, seed=99, pieces=pieces, fonts=unseen_font, synths=0
        )
        for k in range(RENDERED):
            take = music.take(k)
            notes = reference_notes(take.notes.values())
            yield Sound(f"rendered {name}", music.sound(k, take).y[0], notes)


composed = partial(compose, duration=SECONDS)


def on_piano(seed: int) -> Piece:
    """A composed piece, all of its parts on a piano."""
    piece = composed(seed)
    parts = {name: _on(notes, 0) for name, notes in piece.parts.items() if not notes.is_drum.any()}
    return replace(piece, parts=parts)


def sung(seed: int) -> Piece:
    """The melody of a composed piece, by a voice program."""
    piece = monophonic_part(composed(seed))
    program = VOICES[seed % len(VOICES)]
    return replace(piece, parts={name: _on(notes, program) for name, notes in piece.parts.items()})


def _on(notes: Notes, program: int) -> Notes:
    """The notes, played by another instrument."""
    pedal = notes.pedal
    if pedal is not None:
        pedal = np.column_stack([pedal[:, :2], np.full(len(pedal), program)])
    return Notes(
        notes.onset,
        notes.offset,
        notes.pitch,
        notes.velocity,
        program,
        bends=notes.bends,
        pedal=pedal,
    )


@cache
def repetitions(pitches: tuple[int, ...]) -> tuple[Repeated, ...]:
    """Every pitch at every rate, on the piano of the unseen sound font."""
    (font,) = fonts(UNSEEN).values()
    made = []
    for rate in RATES:
        for pitch in pitches:
            onset = 0.5 + np.arange(4 * rate) / rate
            velocity = np.random.default_rng((rate, pitch)).integers(60, 100, onset.size)
            notes = Notes(onset, onset + 0.8 / rate, np.full(onset.size, pitch), velocity)
            y = np.pad(play(notes, font, sr=SR).y[0], (0, SR))  # the longest window fits
            made.append(Repeated(rate, y, notes))
    return tuple(made)
