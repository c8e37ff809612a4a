"""The pitch network: closed forms, vibrato, silence, its weights and its training data."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import mirlab
from mirlab.core import Audio, AudioError
from mirlab.core.constants import SAMPLE_RATE
from mirlab.learning import LearningError, list_recipes, registry
from mirlab.learning.tensor_files import sha256_of
from mirlab.pitch import track_pitch
from mirlab.pitch.classic import HOP
from mirlab.pitch.decoding import LOWEST_HZ, PER_OCTAVE, PITCH_BINS, hz_of
from mirlab.pitch.networks import VQT_BINS, PitchFrontEnd, PitchNet
from mirlab.pitch.training import (
    FRAMES,
    add_consonants,
    pitch_excerpt,
    pitch_item,
    pitch_loss,
    rendered_scores,
)

NAME = "pitch-mirlab-f0"
T = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE


def sung(hz: np.ndarray, partials: int = 12) -> Audio:
    """A synthetic voice with a given pitch at each sample."""
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    y = sum(np.sin(k * phase) / k for k in range(1, partials + 1) if k * hz.max() < SAMPLE_RATE / 2)
    return Audio(0.3 * y / np.abs(y).max(), SAMPLE_RATE)


def cents(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Deviation of a track from the true pitch, without the ends."""
    return 1200 * np.log2(found / true[np.arange(found.size) * HOP % true.size])[12:-12]


@given(pitch_bin=st.floats(3.0, PITCH_BINS - 4.0), width=st.floats(0.5, 0.9))
def test_a_pitch_between_two_bins_is_found(pitch_bin, width):
    bell = np.exp(-0.5 * ((np.arange(PITCH_BINS)[:, None] - pitch_bin) / width) ** 2)
    found = PER_OCTAVE * np.log2(hz_of(bell)[0] / LOWEST_HZ)
    assert found == pytest.approx(pitch_bin, abs=0.03)  # a thirtieth of 33 cents


def test_the_ends_of_the_axis_are_decoded():
    ends = np.zeros((PITCH_BINS, 2))
    ends[0, 0] = ends[-1, 1] = 1
    np.testing.assert_allclose(hz_of(ends), LOWEST_HZ * 2 ** (np.array([0, 191]) / 36))


def test_the_input_is_level_independent_and_shows_partials_in_their_bins():
    tone = torch.from_numpy(np.sin(2 * np.pi * 440 * T)).float()[None]
    front_end = PitchFrontEnd()
    loud, soft = front_end(tone), front_end(0.01 * tone)
    torch.testing.assert_close(loud, soft, atol=1e-3, rtol=0)
    assert loud.shape == (1, VQT_BINS, 1 + T.size // HOP)
    assert int(loud[0, :, 80].argmax()) == 4 * PER_OCTAVE  # four octaves over A0
    assert float(loud.max()) == 1
    assert float(loud.min()) >= 0


@pytest.mark.parametrize("frames", [1, 2, 95, 100])
def test_the_network_has_an_output_for_every_frame_and_is_small(frames):
    net = PitchNet().eval()
    pitch, voicing = net(torch.zeros(2, VQT_BINS, frames))
    assert pitch.shape == (2, PITCH_BINS, frames)
    assert voicing.shape == (2, frames)
    assert sum(p.numel() for p in net.parameters()) <= 30_000


def test_input_shifted_along_the_axis_is_found_as_much_higher():
    """Away from the edges, where shifted copies are cut off, all pitches are treated alike."""
    torch.manual_seed(0)
    net = PitchNet().eval()
    spectrogram = torch.zeros(1, VQT_BINS, 40)
    spectrogram[:, 120:124] = torch.rand(1, 4, 40)
    low = net(spectrogram)[0][:, 40:120]
    high = net(torch.roll(spectrogram, 7, dims=1))[0][:, 47:127]
    torch.testing.assert_close(low, high, atol=1e-5, rtol=1e-4)


def test_the_loss_is_lowest_for_the_true_pitch():
    pitch_bin = torch.tensor([[-1.0, 50.0, 50.5]])
    bins = torch.arange(PITCH_BINS)[None, :, None]
    right = -0.5 * ((bins - pitch_bin[:, None]) / 0.8) ** 2
    voiced = torch.tensor([[-9.0, 9.0, 9.0]])
    best = pitch_loss(right, voiced, pitch_bin)
    assert best < pitch_loss(right.roll(2, dims=1), voiced, pitch_bin)
    assert best < pitch_loss(right, -voiced, pitch_bin)
    silent = pitch_loss(right, -9 * torch.ones(1, 3), torch.full((1, 3), -1.0))
    assert float(silent) < 0.01


def test_an_excerpt_is_transposed_with_its_labels():
    pitch_bin = np.full(300, 60.0, np.float32)
    pitch_bin[:150] = -1
    spectrogram = np.zeros((VQT_BINS, 300), np.uint8)
    spectrogram[60 + PER_OCTAVE] = 255  # the spectrogram begins an octave lower
    item = {"spectrogram": spectrogram, "pitch_bin": pitch_bin}
    seen = set()
    for k in range(20):
        found = pitch_excerpt(item, np.random.default_rng([1, k]))
        assert found["spectrogram"].shape == (VQT_BINS, FRAMES)
        voiced = found["pitch_bin"] >= 0
        if voiced.any():
            (position,) = set(found["pitch_bin"][voiced].tolist())
            assert int(found["spectrogram"][:, -1].argmax()) == position + PER_OCTAVE
            seen.add(position)
    assert len(seen) > 5


def test_consonants_are_random_and_reproducible():
    y = np.sin(2 * np.pi * 220 * T).astype(np.float32)
    once, again = (add_consonants(y, np.random.default_rng(0)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert 0 < np.mean(once != y) < 1
    np.testing.assert_array_equal(add_consonants(0 * y, np.random.default_rng(0)), 0 * y)


def test_the_true_pitch_of_an_item_lies_on_a_partial():
    """Where a synthetic voice sounds, its spectrogram is bright at the true pitch or its octave."""
    item = pitch_item(0, seed=5)
    voiced = np.flatnonzero(item["pitch_bin"] >= 0)
    rows = np.round(item["pitch_bin"][voiced]).astype(int) + PER_OCTAVE
    brightest = item["spectrogram"][:, voiced].max(axis=0)
    bright = np.maximum(
        item["spectrogram"][rows, voiced], item["spectrogram"][rows + PER_OCTAVE, voiced]
    )
    assert np.mean(bright > 0.7 * brightest) > 0.8


@settings(max_examples=10, deadline=None)
@given(st.floats(80, 1500))
def test_a_tone_is_found_within_cents(hz):
    true = np.full(T.size, hz)
    times, found, voicing = track_pitch(sung(true))
    np.testing.assert_allclose(times, np.arange(1 + T.size // HOP) * HOP / SAMPLE_RATE)
    # the axis ends at 2,175 Hz: near it partials are few
    assert np.abs(np.median(cents(found, true))) < (15 if hz < 1400 else 20)
    assert np.median(voicing) > 0.5


@pytest.mark.parametrize("hz", [131.0, 220.0, 440.0])
@pytest.mark.parametrize("extent", [30.0, 80.0])
def test_a_vibrato_is_tracked(hz, extent):
    true = hz * 2 ** (extent / 1200 * np.sin(2 * np.pi * 5.5 * T))
    _, found, voicing = track_pitch(sung(true))
    assert np.mean(np.abs(cents(found, true)) < 50) > 0.95
    swing = 600 * np.log2(found[12:-12].max() / found[12:-12].min())
    assert 0.5 * extent < swing < 1.5 * extent
    assert np.mean(voicing > 0.5) > 0.9


def test_the_begin_and_end_of_a_voice_are_found():
    hz = np.full(T.size, 260.0)
    y = sung(hz).y[0] * ((T > 0.5) & (T < 1.5))
    y += 1e-3 * np.random.default_rng(0).standard_normal(y.size)
    times, _, voicing = track_pitch(Audio(y.astype(np.float32), SAMPLE_RATE))
    inside, outside = (times > 0.6) & (times < 1.4), (times < 0.4) | (times > 1.7)
    assert voicing[inside].min() > 0.5
    assert voicing[outside].max() < 0.5


@pytest.mark.parametrize("samples", [1, 100, 22050])
def test_silence_has_no_voice(samples):
    times, hz, voicing = track_pitch(Audio(np.zeros(samples), SAMPLE_RATE))
    assert times.size == hz.size == voicing.size == 1 + samples // HOP
    assert not hz.any()
    assert not voicing.any()


@pytest.mark.parametrize("sr", [8000, 48000])
def test_rate_channels_and_loudness_change_nothing(sr):
    t = np.arange(sr) / sr
    y = sum(np.sin(2 * np.pi * 330 * k * t) / k for k in range(1, 6)) / 4
    stereo = Audio(np.stack([y, y]) * 0.1, sr)
    _, hz, voicing = track_pitch(stereo)
    assert np.abs(1200 * np.log2(np.median(hz) / 330)) < 10
    assert np.median(voicing) > 0.5


def test_long_sounds_give_the_same_in_blocks():
    hz = np.full(40 * SAMPLE_RATE, 300.0)
    _, found, voicing = track_pitch(sung(hz))
    assert found.size == 1 + hz.size // HOP
    assert np.abs(1200 * np.log2(found[12:-12] / 300)).max() < 20
    assert voicing[12:-12].min() > 0.5


def test_bad_input_is_refused(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})  # undone for other tests
    with pytest.raises(LearningError, match="there is no model 'pitch/none'"):
        track_pitch(Audio(np.zeros(100), SAMPLE_RATE), model="none")
    mirlab.register_model("pitch/deaf", lambda: torch.nn.Linear(1, 1))
    with pytest.raises(LearningError, match="has no method track_pitch"):
        track_pitch(Audio(np.zeros(100), SAMPLE_RATE), model="deaf")
    with pytest.raises(AudioError):
        track_pitch(Audio(np.full(100, np.nan), SAMPLE_RATE))


def test_the_card_matches_the_weights():
    card = json.loads((registry.FOLDER / f"{NAME}.json").read_text("utf-8"))
    net = mirlab.load_model("pitch/mirlab-f0")
    assert isinstance(net, PitchNet)
    assert card["sha256"] == sha256_of(registry.FOLDER / f"{NAME}.safetensors")
    assert card["parameters"] == sum(p.numel() for p in net.parameters()) <= 30_000
    assert card["command"].startswith("mirlab train pitch/mirlab-f0")
    assert "pitch/mirlab-f0" in list_recipes()
    assert "mirlab.synthesis only" in card["trained_on"]


@pytest.mark.slow
def test_the_shipped_network_tracks_unseen_synthetic_voices():
    net = mirlab.load_model("pitch/mirlab-f0")
    scores = rendered_scores(net, seed=123, number=12)
    assert scores["rpa"] > 0.8
    assert scores["voicing_recall"] > 0.8
    assert scores["voicing_false_alarm"] < 0.3
