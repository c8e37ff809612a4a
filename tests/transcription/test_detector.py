"""The complete note detector: joined windows, silence, devices, its recipe."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import mirlab
from mirlab.core import Audio, Notes
from mirlab.core.constants import SAMPLE_RATE
from mirlab.learning import LearningError, list_recipes, recipes, register_model, registry
from mirlab.transcription import training
from mirlab.transcription.detector import BLOCK, HOP, WINDOW, NoteDetector
from mirlab.transcription.training import reference_notes

NAME = "transcription/mirlab-notes-tiny"


@pytest.fixture(autouse=True)
def _nobody_elses_models(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})


@pytest.fixture(scope="module")
def detector():
    torch.manual_seed(0)
    return NoteDetector(4).eval()


@pytest.mark.slow
def test_a_long_sound_gives_the_same_in_windows(detector):
    """Noise is equally loud in every window, and the margins cover the receptive field."""
    y = np.random.default_rng(0).standard_normal(2 * WINDOW + 5 * SAMPLE_RATE).astype(np.float32)
    y /= np.abs(y).max()
    with torch.no_grad():
        whole = torch.sigmoid(detector(torch.from_numpy(y)[None]))[0].numpy()
    pieces = np.stack(detector.posteriors(Audio(y, SAMPLE_RATE)))
    assert pieces.shape == whole.shape == (4, 88, 1 + y.size // HOP)
    # the loudest cell of a window of noise differs by a few dB from that of the whole
    assert np.abs(pieces - whole).mean() < 0.01


def test_each_window_sets_its_frames(detector, monkeypatch):
    """The frame between two windows is of the second, unless that is silent."""
    values = [1, None, None, 4, 5]
    monkeypatch.setattr("mirlab.transcription.detector.WINDOW", 3 * HOP)
    monkeypatch.setattr("mirlab.transcription.detector.MARGIN", HOP)

    def window(y, chunk):
        value = values[chunk.start // (3 * HOP)]
        shape = (4, 88, chunk.end // HOP - chunk.start // HOP + 1)
        return None if value is None else np.full(shape, value, np.float32)

    monkeypatch.setattr(detector, "_window", window)
    found = detector.posteriors(Audio(np.ones(14 * HOP + 100), SAMPLE_RATE)).onset
    assert found[0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0, 0, 4, 4, 4, 5, 5, 5]


def test_progress_follows_the_windows(detector, monkeypatch):
    monkeypatch.setattr("mirlab.transcription.detector.WINDOW", 100 * HOP)
    monkeypatch.setattr("mirlab.transcription.detector.MARGIN", 0)
    register_model("transcription/trial", lambda: detector)
    reported, seen = [], []
    inner = detector._window

    def window(y, chunk):
        seen.append(max(reported, default=0.0))
        return inner(y, chunk)

    monkeypatch.setattr(detector, "_window", window)
    noise = np.random.default_rng(0).uniform(-1, 1, 600 * HOP)
    mirlab.transcribe(
        Audio(noise, SAMPLE_RATE), model="trial", progress=lambda done, task: reported.append(done)
    )
    assert reported == sorted(reported) and reported[-1] == 1
    assert len(set(reported)) > 10
    assert seen[0] == 0 and seen[3] < 0.5


def test_the_network_gives_the_same_in_blocks(detector, monkeypatch):
    """In float32, because sums in bfloat16 are rounded differently for other block lengths."""
    monkeypatch.setattr("mirlab.transcription.detector.has_bfloat16", lambda device: False)
    y = np.random.default_rng(0).uniform(-1, 1, 6 * SAMPLE_RATE).astype(np.float32)
    with torch.no_grad():
        whole = torch.sigmoid(detector(torch.from_numpy(y)[None]))[0].numpy()
    assert whole.shape[-1] > BLOCK
    pieces = np.stack(detector.posteriors(Audio(y, SAMPLE_RATE)))
    np.testing.assert_allclose(pieces, whole, atol=1e-5)


@pytest.mark.parametrize("samples", [1, 2000, SAMPLE_RATE, 3 * SAMPLE_RATE])
def test_silence_has_no_notes(detector, samples):
    assert len(detector.transcribe(Audio(np.zeros(samples), SAMPLE_RATE))) == 0


def test_a_sound_of_100_samples_is_accepted(detector):
    rolls = detector.posteriors(Audio(np.ones(100), 44100))
    assert {roll.shape for roll in rolls} == {(88, 1)}


def test_transcribe_uses_the_detector(detector):
    register_model("transcription/trial", lambda: detector)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    assert isinstance(mirlab.transcribe(Audio(tone, SAMPLE_RATE), model="trial"), Notes)


@pytest.mark.parametrize("model", ["mirlab-notes-tiny", "basic-pitch"])
def test_a_missing_device_is_an_error(model):
    with pytest.raises(LearningError, match="device 'cuda:99' cannot be used here"):
        mirlab.transcribe(Audio(np.zeros(SAMPLE_RATE), SAMPLE_RATE), model=model, device="cuda:99")


@pytest.mark.parametrize("model", ["mirlab-notes-tiny", "basic-pitch"])
def test_a_device_may_be_named(model):
    """With a device number, Basic Pitch runs in torch; the notes equal the published file's."""
    sound = Notes([0.1, 0.5, 0.9], [0.5, 0.9, 1.4], [60, 64, 67], 90).render(synth="additive")
    usual, named = (mirlab.transcribe(sound, model=model, device=d) for d in ("auto", "cpu:0"))
    assert len(usual) and usual.pitch.tolist() == named.pitch.tolist()
    np.testing.assert_allclose(usual.onset, named.onset, atol=1e-6)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("model", ["mirlab-notes-tiny", "basic-pitch"])
def test_a_gpu_finds_the_same_notes(model):
    notes = Notes([0.1, 0.5, 0.9], [0.5, 0.9, 1.4], [60, 64, 67], 90)
    sound = notes.render(synth="additive")
    here, there = (mirlab.transcribe(sound, model=model, device=d) for d in ("cpu", "cuda"))
    assert here.pitch.tolist() == there.pitch.tolist()
    np.testing.assert_allclose(here.onset, there.onset, atol=0.02)


def test_labels_last_as_long_as_the_pedal_holds_the_notes():
    piano = Notes([0.0], [0.5], [60], 90, pedal=[[0.2, 2.0, 0]])
    drums = Notes([0.1], [0.2], [36], 90, is_drum=True)
    truth = reference_notes([piano, drums])
    assert (truth.onset.tolist(), truth.offset.tolist()) == ([0.0], [2.0])
    assert (truth.pitch.tolist(), truth.velocity.tolist()) == ([60], [90])


@pytest.mark.slow
def test_the_recipe_trains_scores_and_can_be_loaded(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(training, "SCORED", 1)
    assert NAME in list_recipes()
    few = replace(training.NOTE_DATA, items=8)
    small = replace(
        recipes._recipes[NAME], data=few.training_batches, validation=few.validation_batches
    )
    monkeypatch.setitem(recipes._recipes, NAME, small)
    path, card = recipes.train(NAME, tmp_path, steps=2, progress=False)
    assert path.exists() and card.parameters == 26_476
    assert set(card.scores) == {"onset_f", "onset_offset_f"}
    register_model("transcription/again", NoteDetector, weights=path)
    assert isinstance(mirlab.load_model("transcription/again"), NoteDetector)
