"""Basic Pitch: our windows and decoder against the package's own."""

import importlib.metadata
import tracemalloc

import numpy as np
import pytest

import mirlab
from benchmarks.recordings import data_folder
from benchmarks.transcription import basic_pitch_parity
from mirlab.core import Audio, MirlabError, MissingPartError, Notes
from mirlab.transcription import (
    basic_pitch_posteriors,
    basic_pitch_weights,
    frame_times,
    load_basic_pitch,
    notes_from_posteriors,
    transcribe,
)

try:
    basic_pitch_weights()
except MissingPartError as reason:
    pytest.skip(str(reason), allow_module_level=True)


@pytest.fixture(scope="module")
def tune():
    """Four seconds of melody with a repeated note, after a second of silence."""
    onset = np.array([0, 0.6, 1.2, 1.8, 2.4, 2.8, 3.2]) + 1
    return Notes(onset, onset + 0.38, [64, 67, 72, 71, 67, 67, 67], 100)


def test_a_rendered_melody_is_transcribed(tune):
    found = transcribe(tune.render(synth="additive"), model="basic-pitch")
    for onset, pitch in zip(tune.onset, tune.pitch, strict=True):
        assert np.any((found.pitch == pitch) & (np.abs(found.onset - onset) < 0.05))
    assert len(found) <= 2 * len(tune) and found.onset.min() > 0.9


def test_windows_and_decoder_equal_those_of_the_package(tmp_path, tune):
    """Bit-identical up to where the package ends: it drops the last 0.7 % of a recording."""
    inference = pytest.importorskip("basic_pitch.inference")
    path = tune.render(synth="additive").save(tmp_path / "a.wav")
    outputs, _, events = inference.predict(path, basic_pitch_weights())
    posteriors = basic_pitch_posteriors(Audio.load(path))
    onset, note, contour = (part[: len(outputs["note"])] for part in posteriors)
    assert len(note) == len(outputs["note"]) < len(posteriors[1])
    np.testing.assert_array_equal(onset, outputs["onset"])
    np.testing.assert_array_equal(note, outputs["note"])
    np.testing.assert_allclose(contour, outputs["contour"], atol=1e-3)
    ours = notes_from_posteriors(onset, note, outputs["contour"])
    theirs = sorted((a, pitch, b, max(1, round(127 * level))) for a, b, pitch, level, _ in events)
    rows = sorted(zip(ours.onset, ours.pitch, ours.offset, ours.velocity, strict=True))
    np.testing.assert_allclose(rows, theirs, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_decoder_equals_the_packages_on_noise(seed):
    """Random posteriors exercise every branch of both decoders."""
    theirs = pytest.importorskip("basic_pitch.note_creation")
    rng = np.random.default_rng(seed)
    frames = 600
    note = np.repeat(rng.beta(0.4, 1.2, (frames // 12, 88)), 12, axis=0)
    note = (note * rng.uniform(0.7, 1, (frames, 88))).astype(np.float32)
    onset = rng.beta(0.3, 2, (frames, 88)).astype(np.float32)
    expected = theirs.output_to_notes_polyphonic(
        note.copy(),
        onset.copy(),
        onset_thresh=0.5,
        frame_thresh=0.3,
        min_note_len=11,
        infer_onsets=True,
        max_freq=None,
        min_freq=None,
    )
    times = frame_times(frames)
    found = notes_from_posteriors(onset, note)
    assert len(found) == len(expected) > 50
    wanted = sorted((times[a], p, times[b]) for a, b, p, _ in expected)
    ours = sorted(zip(found.onset, found.pitch, found.offset, strict=True))
    np.testing.assert_allclose(ours, wanted, atol=1e-9)


def test_frame_times_equal_the_packages():
    theirs = pytest.importorskip("basic_pitch.note_creation")
    np.testing.assert_allclose(frame_times(2000), theirs.model_frames_to_time(2000), atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [4.0, 65.0])
def test_the_last_note_is_found_at_its_time(seconds):
    tone = Notes([seconds - 1], [seconds], [69], 110).render(synth="additive")
    found = transcribe(tone.slice(0, seconds), model="basic-pitch")
    (last,) = np.flatnonzero(found.pitch == 69)
    assert found.onset[last] == pytest.approx(seconds - 1, abs=0.05)
    assert found.offset[last] == pytest.approx(seconds, abs=0.05)


def test_a_vibrato_becomes_a_bend():
    sr = 22050
    t = np.arange(3 * sr) / sr
    phase = 2 * np.pi * 440 * t - 8 * np.cos(2 * np.pi * 2 * t)  # +-0.62 semitones, 2 a second
    found = transcribe(Audio(0.5 * np.sin(phase), sr), model="basic-pitch")
    assert found.bends is not None
    depth = max(np.abs(curve[:, 1]).max() for curve in found.bends if len(curve))
    assert 1 / 3 <= depth <= 1


@pytest.mark.parametrize("samples", [441, 1102, 22050 * 3])
def test_silence_has_no_notes(samples):
    assert len(transcribe(Audio(np.zeros(samples), 22050), model="basic-pitch")) == 0


def test_an_unknown_model_is_refused():
    with pytest.raises(MirlabError, match="available: 'transcription/basic-pitch'"):
        transcribe(Audio(np.zeros(100), 22050), model="magic")


def test_a_missing_wheel_is_one_line_with_the_command(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    with pytest.raises(MissingPartError, match="pip install --no-deps basic-pitch"):
        basic_pitch_weights()


def test_the_registry_gives_the_module_or_the_command(monkeypatch):
    net = mirlab.load_model("transcription/basic-pitch")
    assert not net.training
    [row] = [row for row in mirlab.list_models() if row["name"] == "transcription/basic-pitch"]
    assert row["parameters"] == sum(p.numel() for p in net.parameters())
    assert (row["licence"], row["source"]) == ("Apache-2.0", "the installed basic-pitch wheel")

    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    with pytest.raises(MissingPartError, match="pip install --no-deps basic-pitch"):
        mirlab.load_model("transcription/basic-pitch")


def test_other_weights_are_refused(monkeypatch, tmp_path):
    fake = tmp_path / "nmp.onnx"
    fake.write_bytes(b"not the weights")

    class Distribution:
        def locate_file(self, name):
            return fake

    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: Distribution())
    with pytest.raises(MirlabError, match="is not Basic Pitch"):
        basic_pitch_weights()


@pytest.mark.slow
def test_the_port_equals_the_published_file(tune):
    """On silence, noise, a tune and their mixture, in windows of which some are silent."""
    pytest.importorskip("torch")
    noise = np.random.default_rng(0).standard_normal(tune.render(synth="additive").samples)
    quiet = np.zeros(6 * 22050)
    music = tune.render(synth="additive").y[0]
    sound = Audio(np.concatenate([quiet, music, 0.1 * noise, music + 0.01 * noise]), 22050)
    net = load_basic_pitch()
    assert sum(p.numel() for p in net.parameters()) == 16_702
    ours, theirs = basic_pitch_posteriors(sound, net=net), basic_pitch_posteriors(sound)
    for part, published in zip(ours[:2], theirs[:2], strict=True):
        np.testing.assert_allclose(part, published, atol=1e-4)
    np.testing.assert_allclose(ours[2].astype(float), theirs[2].astype(float), atol=1e-3)
    found, expected = notes_from_posteriors(*ours), notes_from_posteriors(*theirs)
    assert len(found) > 0
    np.testing.assert_array_equal(found.pitch, expected.pitch)
    np.testing.assert_array_equal(found.onset, expected.onset)
    np.testing.assert_array_equal(found.offset, expected.offset)


@pytest.mark.slow
def test_memory_does_not_grow():
    """An additional minute needs memory for its posteriors and hardly any more."""
    rng = np.random.default_rng(0)
    lengths = [rng.standard_normal(n * 22050, dtype=np.float32) for n in (5, 20, 80)]
    peaks, kept = [], []
    for y in lengths:
        sound = Audio(0.1 * y, 22050)
        tracemalloc.start()
        posteriors = basic_pitch_posteriors(sound)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        kept.append(sum(part.nbytes for part in posteriors))
    beyond = [peak - size for peak, size in zip(peaks, kept, strict=True)]
    assert beyond[2] - beyond[1] < 0.02 * (kept[2] - kept[1])


@pytest.mark.slow
def test_recordings_have_the_same_notes_as_by_the_package():
    """Equal pitch, onset, offset and velocity, on the part of each file that the package covers.

    Every seventh recording; `benchmarks.transcription.basic_pitch_parity` asks all.
    """
    try:
        basic_pitch_parity.package()
        folder = data_folder()
    except MirlabError as reason:
        pytest.skip(str(reason))
    for path in list(basic_pitch_parity.sound_files(folder))[::7]:
        found = basic_pitch_parity.agreement(path)
        assert found.theirs == found.ours == found.equal == found.velocity, path.name
        assert found.bends >= 0.9 * found.equal - 1, path.name
