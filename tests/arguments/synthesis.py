"""Calls of the functions and sources of `mirlab.synthesis`, and what their errors say."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch

from mirlab import synthesis
from mirlab.composer import compose, piece_from_notes
from mirlab.core import Audio, AudioError, Notes, NotesError, SegmentsError
from mirlab.synthesis import studio
from tests.bad_arguments import AUDIO, CHORDS, NOTES, Calls, Messages

ROOMS = ("synthesis", "synthesis.studio")
SR = 8000
VOICES = synthesis.NoteBatch([220.0, 330.0], duration=0.02, sr=SR)
GRID = {"frames": 9, "hop_length": 256, "sr": SR}
PIECE = piece_from_notes({"flute": NOTES}, "example", 0)
SHORT = Audio(AUDIO.y[:, :2000], 22050)
TAKE = studio.Multitrack({"flute": SHORT}, {"flute": Notes([0.0], [0.05], [60])}, CHORDS)
SOUNDS = {"seed": 1, "sr": SR, "fonts": {}, "synths": 1.0, "effects": False}


def used(make: Callable[..., Any], *given: Any, **named: Any) -> Callable[..., Any]:
    """The making of a source or of an effect, and a call of it."""

    @wraps(make, updated=())
    def call(**settings: Any) -> Any:
        return make(**settings)(*given, **named)

    return call


def play_all(parts: Any, sr: Any) -> Any:
    """All parts in this process, for others take seconds to start."""
    return list(synthesis.play_all(parts, sr=sr, n_jobs=1))


CALLS: Calls = {
    synthesis.change_tempo: {"piece": PIECE, "rate": 1.1},
    synthesis.chord_frames: GRID | {"chords": CHORDS},
    synthesis.excerpt: {"piece": PIECE, "start": 0.0, "end": 1.0},
    synthesis.f0_frames: GRID | {"notes": NOTES},
    synthesis.find_sound_fonts: {},
    synthesis.master: {"audio": SHORT, "seed": 1},
    synthesis.note_rolls: GRID | {"notes": NOTES},
    synthesis.play: {"notes": NOTES, "source": "organ", "sr": SR},
    play_all: {"parts": [(NOTES, "organ", 0)], "sr": SR},
    synthesis.powers: {"partials": 4, "slope": 1.0},
    synthesis.random_patch: {"family": "fm", "seed": 1},
    synthesis.record: SOUNDS | {"piece": PIECE},
    synthesis.resonant_filter: {
        "x": torch.ones(1, 99),
        "cutoff": torch.full((1, 99), 500.0),
        "sr": SR,
    },
    synthesis.sounding_ends: {"notes": NOTES},
    synthesis.stiff_ratios: {"partials": 4, "inharmonicity": 0.001},
    synthesis.training_fonts: {},
    synthesis.training_music: {
        "task": "notes",
        "pieces": compose,
        "duration": 1.0,
        "sr": SR,
        "hop_length": 256,
        "seed": 0,
        "synths": 1.0,
        "cents": 0.0,
    },
    synthesis.NoteBatch: {"hz": [220.0, 330.0], "bend": [[0.0, 1.0], [0.0, 0.5]]},
    synthesis.MidiExcerpts: {"folder": "folder", "duration": 4.0},
    synthesis.SoundFont: {"path": "there is no such file.sf2"},
    synthesis.SyntheticMusic: {"task": "notes", "fonts": {}, "synths": 1.0},
    synthesis.Held: {},
    synthesis.Struck: {},
    synthesis.Operator: {},
    used(synthesis.Additive, VOICES): {"ratios": (1.0, 2.0), "amplitudes": (1.0, 0.5)},
    used(synthesis.Breath, VOICES): {"formants": ((730.0, 90.0, 1.0),)},
    used(synthesis.DrumKit, VOICES): {},
    used(synthesis.FM, VOICES): {},
    used(synthesis.Plucked, VOICES): {},
    used(synthesis.Sampler, VOICES): {"recording": SHORT, "hz": 220.0},
    used(synthesis.Subtractive, VOICES): {"oscillators": 2},
    used(synthesis.Wavetable, VOICES): {},
    used(studio.Clip, SHORT, seed=1): {},
    used(studio.Compressor, SHORT, seed=1): {},
    used(studio.Detune, TAKE, seed=1): {},
    used(studio.Equalizer, SHORT, seed=1): {},
    used(studio.Gain, SHORT, seed=1): {},
    used(studio.Mp3, SHORT, seed=1): {},
    used(studio.Noise, SHORT, seed=1): {},
    used(studio.Pan, SHORT, seed=1): {},
    studio.PitchShift: {},
    used(studio.Room, SHORT, seed=1): {},
    studio.TimeStretch: {},
    studio.Multitrack: {"stems": TAKE.stems, "notes": TAKE.notes, "chords": CHORDS},
}
MESSAGES: Messages = [
    (lambda: synthesis.play("song.mid", "organ"), NotesError, "notes must be Notes, not str"),
    (lambda: synthesis.play(NOTES, 3), AudioError, "source must be a source, SoundFont or name"),
    (lambda: synthesis.play(NOTES, lambda voices: None), AudioError, "must give a tensor of shape"),
    (
        lambda: list(synthesis.play_all([3], n_jobs=1)),
        AudioError,
        "must be notes, source and seed, not int",
    ),
    (lambda: list(synthesis.play_all([], n_jobs=0)), AudioError, "n_jobs must be an integer >= 1"),
    (lambda: synthesis.note_rolls(NOTES, 3, **GRID), NotesError, "notes must be Notes, not int"),
    (lambda: synthesis.find_sound_fonts(3), AudioError, "folder must be a path, not int"),
    (lambda: synthesis.chord_frames("C", **GRID), SegmentsError, "chords must be Segments"),
    (lambda: synthesis.record(3, seed=0), AudioError, "piece must be Piece, not int"),
    (lambda: synthesis.master(SHORT, seed="1"), AudioError, "seed must be an integer of 0 or more"),
    (lambda: synthesis.NoteBatch("A4"), AudioError, "hz must be numbers, not 'A4'"),
    (lambda: synthesis.NoteBatch(440, sr=1e9, duration=9), AudioError, "9000000000 samples"),
    (lambda: synthesis.Held("slow"), AudioError, "attack must be numbers, not 'slow'"),
    (lambda: synthesis.Additive(envelope=1), AudioError, "envelope must be Held or Struck"),
    (lambda: synthesis.SyntheticMusic("notes").item("1"), AudioError, "there is no item '1'"),
    (lambda: studio.Gain((3, 1)), AudioError, "db must be two increasing numbers in -300..300"),
    (lambda: studio.Gain()(SHORT, seed=-1), AudioError, "seed must be an integer of 0 or more"),
]
