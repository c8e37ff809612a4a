"""Properties of every source for any settings: level, ends, pitch, seeds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.core import AudioError
from mirlab.synthesis import FAMILIES, PATCHES, NoteBatch, Subtractive, random_patch

SR = 22050
PITCHED = [name for name in PATCHES if "kit" not in name]
DRUMS = [440 * 2 ** ((key - 69) / 12) for key in (36, 38, 42, 49, 60)]


def notes_for(name: str, **settings) -> NoteBatch:
    return NoteBatch(DRUMS if "kit" in name else [55, 220, 440, 1000, 4186], **settings)


@pytest.mark.parametrize("name", PATCHES)
def test_a_note_begins_and_ends_in_silence_with_its_level_and_no_dc(name: str) -> None:
    voices = notes_for(name, duration=[1.0, 0.7, 0.3, 0.1, 0.05], velocity=[127, 90, 60, 30, 1])
    y = PATCHES[name](voices).numpy()
    assert y.dtype == np.float32 and np.isfinite(y).all()
    peak = np.abs(y).max(axis=1)
    expected = 10 ** (-1 / 20) * (voices.velocity.numpy() / 127) ** 2  # at most -1 dBFS
    np.testing.assert_allclose(peak, expected, rtol=1e-4)
    assert np.abs(y[:, 0]).max() < 1e-6
    assert (np.abs(y[:, -1]) < 2e-3 * peak).all()
    assert (np.abs(y.mean(axis=1)) < 1e-2 * np.sqrt((y**2).mean(axis=1))).all()


@pytest.mark.parametrize("name", PATCHES)
def test_the_same_seed_gives_the_same_samples(name: str) -> None:
    y = [PATCHES[name](notes_for(name, duration=0.3, seed=seed)) for seed in (3, 3, 4)]
    assert torch.equal(y[0], y[1])
    random = name in ("guitar", "harp", "bass guitar", "flute", "clarinet", "bowed string")
    if random or "kit" in name or "voice" in name:
        assert not torch.allclose(y[0], y[2])


@pytest.mark.parametrize("name", PATCHES)
def test_a_note_is_independent_of_other_notes(name: str) -> None:
    """Alone or with longer, higher and bent notes, it is equal up to rounding."""
    hz = DRUMS[1] if "kit" in name else 196.0
    alone = PATCHES[name](NoteBatch([hz], duration=0.3, velocity=90, seed=[7]))[0]
    bend = torch.zeros(3, 3000)
    bend[2] = torch.linspace(0, 2, 3000)
    crowd = NoteBatch(
        [2000, hz, 90], duration=[0.1, 0.3, 0.7], velocity=90, bend=bend, seed=[1, 7, 2]
    )
    beside = PATCHES[name](crowd)[1]
    size = min(len(alone), len(beside))
    np.testing.assert_allclose(beside[:size], alone[:size], atol=2e-4)
    assert not beside[size + 1 :].any()  # half a sample may be rounded up


@pytest.mark.parametrize("name", [name for name in PITCHED if name not in ("lead", "pad")])
def test_short_notes_are_in_tune(name: str, cents) -> None:
    hz = np.array([82.41, 146.83, 233.08, 440.0, 830.61, 1567.98, 2793.83])
    y = PATCHES[name](NoteBatch(hz, duration=0.25, sr=44100))[:, : round(0.25 * 44100)]
    wrong = [cents(row, frequency, 44100) for row, frequency in zip(y, hz, strict=True)]
    # a moving filter or index shifts the phases of a low note's partials
    moving = name in ("synth bass", "bell", "brass")
    assert np.abs(wrong).max() < (2.5 if moving else 1)


def test_detuned_oscillators_lie_evenly_about_the_note(lines, steady) -> None:
    source = Subtractive(oscillators=3, detune=60, envelope=steady, filter_envelope=steady)
    y = source(NoteBatch([1000.0], duration=1.2, sr=44100))[0, 2000:46100]
    found = lines(y, 1000 * 2 ** (np.array([-60, -30, -15, 0, 15, 30, 60]) / 1200), 44100)
    assert found[[1, 3, 5]].min() > 100 * found[[0, 2, 4, 6]].max()


@pytest.mark.parametrize("name", [name for name in PITCHED if name != "pad"])
def test_a_bend_is_followed(name: str, cents) -> None:
    """From 440 Hz up by a whole tone, in the middle of the note."""
    sr = 44100
    bend = np.r_[np.zeros(sr // 2), np.full(sr // 2, 2.0)][None]
    y = PATCHES[name](NoteBatch([440.0], duration=1.0, sr=sr, bend=bend))[0]
    near = 10 if name == "lead" else 1.5
    assert abs(cents(y[4410 : sr // 2 - 500], 440.0, sr)) < near
    assert abs(cents(y[sr // 2 + 1000 : sr - 500], 440 * 2 ** (1 / 6), sr)) < near


@pytest.mark.parametrize("name", PITCHED)
def test_a_soft_note_has_less_treble(name: str) -> None:
    y = PATCHES[name](NoteBatch([220.0, 220.0], velocity=[120, 20], seed=[1, 1])).numpy()
    power = np.abs(np.fft.rfft(y)) ** 2
    hertz = np.fft.rfftfreq(y.shape[1], 1 / SR)
    loud, soft = (power * hertz).sum(axis=1) / power.sum(axis=1)
    assert soft < 0.999 * loud


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(FAMILIES)),
    st.integers(0, 10**6),
    st.floats(30, 4500),
    st.floats(0.01, 0.4),
    st.integers(1, 127),
)
def test_no_random_patch_clips_clicks_or_breaks(family, seed, hz, duration, velocity) -> None:
    y = random_patch(family, seed=seed)(NoteBatch([hz], duration=duration, velocity=velocity))[0]
    assert bool(torch.isfinite(y).all())
    peak = 10 ** (-1 / 20) * (velocity / 127) ** 2
    largest = float(y.abs().max())
    assert largest == pytest.approx(peak, rel=1e-3)
    assert abs(float(y[0])) <= 1e-6 and abs(float(y[-1])) < 5e-3 * peak


@pytest.mark.parametrize("family", FAMILIES)
def test_random_patches_differ_by_seed(family: str) -> None:
    assert len({random_patch(family, seed=seed) for seed in range(50)}) == 50
    assert random_patch(family, seed=9) == random_patch(family, seed=9)


def test_unknown_families_give_our_error() -> None:
    with pytest.raises(AudioError, match=r"family must be one of additive, .* not 'choir'"):
        random_patch("choir", seed=0)
    with pytest.raises(AudioError, match="seed must be an integer of 0 or more"):
        random_patch("fm", seed=-1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("name", PATCHES)
def test_a_gpu_gives_the_same_sound(name: str) -> None:
    here, there = (PATCHES[name](notes_for(name, duration=0.3, device=d)) for d in ("cpu", "cuda"))
    assert there.is_cuda
    np.testing.assert_allclose(here, there.cpu(), atol=1e-3)
