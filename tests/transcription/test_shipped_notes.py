"""The shipped networks: cards, simple music, noise, half precision."""

import json

import numpy as np
import pytest
import torch

import mirlab
from mirlab.core import Audio, Notes
from mirlab.core.constants import SAMPLE_RATE
from mirlab.evaluation import note_scores
from mirlab.learning import export_onnx, registry
from mirlab.learning.tensor_files import sha256_of
from mirlab.transcription import notes_by_yin
from mirlab.transcription.detector import NoteDetector, mixed_precision

NAMES = {"mirlab-notes": 200_000, "mirlab-notes-tiny": 30_000}
SCALE = Notes(
    0.5 + 0.3 * np.arange(8), 0.75 + 0.3 * np.arange(8), 60 + np.array([0, 2, 4, 5, 7, 9, 11, 12])
)
CHORDS = Notes(
    np.repeat([0.5, 1.5, 2.5], 3),
    np.repeat([1.4, 2.4, 3.4], 3),
    [48, 64, 67, 53, 65, 69, 55, 62, 71],
)


@pytest.mark.parametrize("name", NAMES)
def test_the_card_matches_the_weights(name):
    path = registry.FOLDER / f"transcription-{name}.safetensors"
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["sha256"] == sha256_of(path) and card["bytes"] == path.stat().st_size
    model = mirlab.load_model(f"transcription/{name}")
    assert card["parameters"] == sum(p.numel() for p in model.parameters()) <= NAMES[name]
    assert card["command"].startswith(f"mirlab train transcription/{name} ")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("notes", [SCALE, CHORDS], ids=["scale", "chords"])
def test_all_notes_of_simple_music_are_found(name, notes):
    found = mirlab.transcribe(notes.render(synth="additive"), model=name)
    assert note_scores(notes, found)["onset_f"] > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_ten_notes_per_second_are_found(name):
    onset = 0.5 + np.arange(20) / 10
    notes = Notes(onset, onset + 0.08, np.full(20, 60), 90)
    found = mirlab.transcribe(notes.render(synth="additive"), model=name)
    assert note_scores(notes, found, onset_tolerance=0.04)["onset_recall"] >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_silence_and_recorder_noise_have_no_notes(name):
    rng = np.random.default_rng(0)
    for y in (np.zeros(SAMPLE_RATE), np.round(rng.standard_normal(2 * SAMPLE_RATE)) / 32768):
        assert len(mirlab.transcribe(Audio(y, SAMPLE_RATE), model=name)) == 0


def test_half_precision_changes_little():
    """Where the processor supports it; elsewhere both are the same."""
    model = mirlab.load_model("transcription/mirlab-notes-tiny")
    y = torch.from_numpy(CHORDS.render(synth="additive").resample(SAMPLE_RATE).mono().y)
    with torch.no_grad():
        whole = torch.sigmoid(model(y))
        with mixed_precision(y.device):
            half = torch.sigmoid(model(y).float())
    assert float((whole - half).abs().max()) < 0.05
    assert float((whole - half).abs().mean()) < 0.001


@pytest.mark.slow
def test_the_tiny_network_exports_to_onnx(tmp_path):
    model = mirlab.load_model("transcription/mirlab-notes-tiny")
    assert isinstance(model, NoteDetector)
    path = export_onnx(
        model.net, torch.randn(1, 2, 309, 64) - 1, tmp_path / "tiny.onnx", dynamic=(3,)
    )
    assert path.stat().st_size < 300_000


def test_yin_finds_the_notes_of_one_voice():
    found = notes_by_yin(SCALE.render(synth="additive"))
    assert note_scores(SCALE, found)["onset_f"] > 0.8
    assert len(notes_by_yin(Audio(np.zeros(SAMPLE_RATE), SAMPLE_RATE))) == 0
    rng = np.random.default_rng(0)
    assert len(notes_by_yin(Audio(0.1 * rng.standard_normal(SAMPLE_RATE), SAMPLE_RATE))) < 3
