"""Whatever is given to a public function: a result, or one line of the package's own error."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mirlab
from mirlab import chords, pitch, rhythm, separation, transcription
from mirlab.core import MirlabError
from mirlab.core.viterbi import viterbi
from tests.bad_arguments import (
    AUDIO,
    CHORDS,
    NOTES,
    RNG,
    SR,
    Calls,
    call,
    draw_wrong,
    name_of,
    public_functions,
    try_one_by_one,
)

SPECTROGRAM = chords.constant_q(AUDIO)
STRENGTH = RNG.random(22)
TIMES = np.array([0.1, 0.3, 0.45])
ROLLS = transcription.Rolls(*RNG.random((4, 88, 30)))
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
    mirlab.list_models: {},
    mirlab.load_model: {"name": "transcription/mirlab-notes-tiny"},
    mirlab.register_model: {"name": "chords/mine", "network": lambda: None, "weights": None},
    mirlab.render: {"notes": NOTES, "sr": SR, "synth": "additive"},
    mirlab.save_analysis: {},  # below, with a folder
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
    rhythm.subtract_local_mean: {"novelty": STRENGTH, "radius": 3},
    rhythm.tempo_confidence: {"strength": STRENGTH, "times": TIMES},
    separation.hpss: {"audio": AUDIO},
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
ROOMS = ("chords", "pitch", "rhythm", "separation", "transcription")
OWN_INPUT = (mirlab.save_analysis, mirlab.list_models)  # a folder; nothing


def test_every_public_function_of_these_rooms_is_tried() -> None:
    public = {name for name in mirlab.__all__ if inspect.isfunction(getattr(mirlab, name))}
    assert public | public_functions(ROOMS) <= {f.__name__ for f in CALLS}


@pytest.mark.slow
@pytest.mark.parametrize("function", CALLS, ids=name_of)
def test_one_wrong_argument_is_refused_or_used(function: Callable[..., Any]) -> None:
    if function not in OWN_INPUT:
        try_one_by_one(function, CALLS[function])


@pytest.mark.slow
@pytest.mark.parametrize("function", CALLS, ids=name_of)
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_wrong_arguments_together_are_refused_or_used(
    function: Callable[..., Any], data: st.DataObject
) -> None:
    wrong = draw_wrong(function, data)
    if function in OWN_INPUT and not {"analysis", "folder"} <= wrong.keys():
        return
    call(function, CALLS[function] | wrong)


@pytest.mark.parametrize("wrong", [None, 3, "x", AUDIO, {}])
def test_an_analysis_is_saved_only_as_one(wrong: Any, tmp_path: Path) -> None:
    with pytest.raises(MirlabError, match="analysis must be Analysis"):
        mirlab.save_analysis(wrong, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ["recognize_chords", "separate", "track_beats", "transcribe"])
def test_a_network_is_not_the_name_of_a_model(verb: str) -> None:
    network = mirlab.load_model("transcription/mirlab-notes-tiny")
    with pytest.raises(MirlabError, match="the name of a model, not NoteDetector; register_model"):
        getattr(mirlab, verb)(AUDIO, model=network)


@pytest.mark.parametrize("function", [mirlab.transcribe, rhythm.onset_strength, pitch.yin])
def test_no_sound_is_refused_in_one_line(function: Callable[..., Any]) -> None:
    with pytest.raises(MirlabError, match="a sound must be"):
        function(None)
