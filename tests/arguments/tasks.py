"""Calls of the verbs and of the functions of the task rooms, and what their errors say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import mirlab
from mirlab import analysis, chords, pitch, rhythm, separation, structure, transcription
from mirlab.core import Audio, AudioError, NotesError, Segments
from mirlab.core.viterbi import viterbi
from tests.bad_arguments import AUDIO, CHORDS, NOTES, RNG, SR, Calls, Messages

ROOMS = ("analysis", "chords", "pitch", "rhythm", "separation", "structure", "transcription")
SPECTROGRAM = chords.constant_q(AUDIO)
STRENGTH = RNG.random(22)
TIMES = np.array([0.1, 0.3, 0.45])
ROLLS = transcription.Rolls(*RNG.random((4, 88, 30)))
ANALYSIS = replace(mirlab.analyze(AUDIO, progress=False), notes=None)  # no score: that is slow
CORRECTIONS = analysis.Corrections([{"op": "key", "key": "G minor"}])
EDGES = np.linspace(0, 0.5, 9)
BEATS = Segments(np.column_stack([EDGES[:-1], EDGES[1:]]), ["1", "2"] * 4)
HARMONY = RNG.random((12, 8))
SIMILARITY = structure.self_similarity(HARMONY)
DECODING = {
    "rolls": ROLLS,
    "hop_length": 256,
    "sr": SR,
    "onset_threshold": 0.5,
    "frame_threshold": 0.5,
    "offset_threshold": 0.5,
    "min_seconds": 0.05,
}
VERB = {"audio": AUDIO, "device": "cpu", "progress": False}

# arguments that are missing here have defaults
CALLS: Calls = {
    mirlab.analyze: VERB | {"name": "x"},
    mirlab.recognize_chords: VERB | {"model": "templates"},
    mirlab.separate: VERB | {"model": "hpss"},
    mirlab.track_beats: VERB | {"model": "dynamic-programming", "notes": NOTES},
    mirlab.track_pitch: VERB | {"model": "yin"},
    mirlab.transcribe: VERB | {"model": "yin"},
    mirlab.find_sections: VERB | {"model": "novelty", "beats": BEATS},
    mirlab.list_models: {},
    mirlab.load_model: {"name": "transcription/mirlab-notes-tiny"},
    mirlab.register_model: {"name": "chords/mine", "network": lambda: None, "weights": None},
    mirlab.render: {"notes": NOTES, "sr": SR, "synth": "additive"},
    mirlab.save_analysis: {"analysis": ANALYSIS, "folder": "folder"},
    analysis.correct: {"analysis": ANALYSIS, "corrections": CORRECTIONS},
    chords.chord_templates: {},
    chords.chords_by_templates: {"audio": AUDIO},
    chords.chords_from_spectrogram: {"spectrogram": SPECTROGRAM, "duration": 0.5},
    chords.chroma: {"spectrogram": SPECTROGRAM},
    chords.constant_q: {"audio": AUDIO},
    chords.estimate_key: {"audio": AUDIO},
    chords.estimate_tuning: {"y": AUDIO.y[0], "sr": SR},
    chords.find_tuning: {"audio": AUDIO},
    chords.key_confidence: {"spectrogram": SPECTROGRAM},
    chords.key_from_chords: {"chords": CHORDS},
    chords.key_from_spectrogram: {"spectrogram": SPECTROGRAM, "chords": CHORDS},
    chords.key_of: {"profile": np.arange(12.0)},
    chords.pitch_class_profile: {"chords": CHORDS},
    chords.LogSpectrogram: {
        "magnitude": SPECTROGRAM.magnitude,
        "times": SPECTROGRAM.times,
        "tuning": 0.0,
    },
    viterbi: {"log_likelihood": RNG.random((3, 9)), "stay": 0.9},
    pitch.frames_of: {"audio": AUDIO},
    pitch.harmonic_sum: {"audio": AUDIO},
    pitch.pyin: {"audio": AUDIO},
    pitch.yin: {"audio": AUDIO},
    rhythm.accents: {"times": TIMES, "changes": TIMES, "notes": NOTES},
    rhythm.beat_times: {"strength": STRENGTH},
    rhythm.beats_by_dynamic_programming: {"audio": AUDIO, "notes": NOTES},
    rhythm.beats_per_bar: {"accent": STRENGTH},
    rhythm.click_track: {"beats": TIMES},
    rhythm.estimate_tempo: {"strength": STRENGTH},
    rhythm.nearest: {"grid": TIMES, "times": TIMES},
    rhythm.number_beats: {
        "times": TIMES,
        "strength": STRENGTH,
        "changes": TIMES,
        "per_bar": 2,
    },
    rhythm.onset_strength: {"audio": AUDIO},
    rhythm.autocorrelation_tempogram: {"strength": STRENGTH},
    rhythm.fourier_tempogram: {"strength": STRENGTH},
    rhythm.predominant_pulse: {"strength": STRENGTH, "tempo_range": (30, 300)},
    rhythm.tempo_frequencies: {},
    rhythm.energy_novelty: {"audio": AUDIO},
    rhythm.spectral_novelty: {"audio": AUDIO, "compression": 10.0},
    rhythm.complex_novelty: {"audio": AUDIO},
    rhythm.strength_from_novelty: {"novelty": STRENGTH},
    rhythm.subtract_local_mean: {"novelty": STRENGTH, "radius": 3},
    rhythm.tempo_confidence: {"strength": STRENGTH, "times": TIMES},
    separation.hpss: {"audio": AUDIO},
    separation.ideal_masks: {"magnitudes": RNG.random((2, 5, 4)), "kind": "binary"},
    separation.mid_side: {"audio": AUDIO},
    separation.nmf: {
        "magnitude": RNG.random((6, 5)),
        "components": 2,
        "iterations": 3,
        "templates": RNG.random((6, 2)),
        "activations": RNG.random((2, 5)),
    },
    separation.repet_sim: {"audio": AUDIO},
    separation.separate_by_nmf: {"audio": AUDIO},
    separation.separate_by_score: {"audio": AUDIO, "notes": NOTES},
    separation.separate_ideally: {
        "mixture": AUDIO,
        "stems": {"all": AUDIO, "none": Audio(0 * AUDIO.y, SR)},
        "kind": "ratio",
    },
    structure.checkerboard_novelty: {"similarity": SIMILARITY, "radius": 3},
    structure.frame_edges: {"duration": 0.5, "beats": BEATS},
    structure.frame_features: {"spectrogram": SPECTROGRAM, "edges": EDGES},
    structure.repetition_novelty: {"similarity": SIMILARITY, "width": 2.0},
    structure.sections_by_novelty: {"audio": AUDIO, "beats": BEATS},
    structure.sections_from_features: {"harmony": HARMONY, "edges": EDGES, "timbre": HARMONY},
    structure.sections_from_spectrogram: {
        "spectrogram": SPECTROGRAM,
        "duration": 0.5,
        "beats": BEATS,
    },
    structure.self_similarity: {"features": HARMONY},
    transcription.basic_pitch_weights: {},
    transcription.load_basic_pitch: {},
    transcription.basic_pitch_posteriors: {"audio": AUDIO},
    transcription.decode: DECODING,
    transcription.frame_times: {"frames": 3},
    transcription.notes_by_yin: {"audio": AUDIO},
    transcription.notes_from_greedy_search: DECODING,
    transcription.notes_from_path: DECODING,
    transcription.notes_from_peaks: DECODING,
    transcription.notes_from_thresholds: DECODING,
    transcription.notes_from_posteriors: {
        "onset": RNG.random((30, 88)),
        "note": RNG.random((30, 88)),
        "contour": RNG.random((30, 264)),
        "times": np.arange(30) / 86,
    },
}
MESSAGES: Messages = [
    (lambda: transcription.transcribe(None), AudioError, "a sound must be"),
    (lambda: rhythm.onset_strength(None), AudioError, "a sound must be"),
    (lambda: pitch.yin(None), AudioError, "a sound must be"),
    (lambda: separation.nmf([[-1.0]], 1), AudioError, "magnitude must hold numbers of 0 or more"),
    (
        lambda: separation.separate_by_score(AUDIO, [60]),  # type: ignore[arg-type]
        NotesError,
        "notes must be Notes, not list",
    ),
    (
        lambda: separation.separate_ideally(AUDIO, {"a": AUDIO, "b": (AUDIO.y[:, 1:], SR)}),
        AudioError,
        "stem 'b' and the mixture differ: 1 channels of 5511 samples",
    ),
    (
        lambda: separation.ideal_masks(np.ones((2, 3)), kind="soft"),
        AudioError,
        "kind must be one of binary, ratio, wiener",
    ),
]
