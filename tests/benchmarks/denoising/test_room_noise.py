"""Rests by annotation contain room noise only, and make a noise like it."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.denoising.room_noise import RATE, RINGS, room, room_noise
from mirlab import dsp
from mirlab.core.audio import Audio

NOTES = np.array([[1.0, 2.0], [2.3, 3.0], [4.0, 5.0]])


def spans(mask: np.ndarray) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False])) / RATE
    return [(start, end) for start, end in edges.reshape(-1, 2).round(2).tolist()]


@pytest.fixture
def hiss() -> Audio:
    return Audio(0.01 * np.random.default_rng(0).standard_normal(6 * 44100), 44100)


def test_a_rest_begins_after_the_ringing_and_ends_before_the_note(hiss: Audio) -> None:
    found = room("voice room", "hiss", hiss, NOTES)
    assert found.y.shape == found.rests.shape == found.notes.shape == (6 * RATE,)
    assert spans(found.rests) == [(0.1, 0.8), (3.3, 3.8), (5.3, 5.9)]  # 2.0 to 2.3 is too short
    assert spans(found.notes) == [(1.0, 2.0), (2.3, 3.0), (4.0, 5.0)]
    assert [excerpt.size for excerpt in found.excerpts] == [
        round(seconds * RATE) for seconds in (0.7, 0.5, 0.6)
    ]


def test_a_piano_rests_only_before_its_first_note(hiss: Audio) -> None:
    assert spans(room("piano room", "hiss", hiss, NOTES).rests) == [(0.1, 0.8)]


def test_inaudible_components_are_removed(hiss: Audio) -> None:
    t = np.arange(hiss.samples) / hiss.sr
    rumble = Audio(hiss.y + np.sin(2 * np.pi * 4 * t), hiss.sr)
    found = room("voice room", "rumble", rumble, NOTES)
    assert dsp.rms(found.y[found.rests]) < 0.02


def test_the_noise_has_the_power_and_spectrum_of_the_rests() -> None:
    t = np.arange(6 * RATE) / RATE
    pink = dsp.noise("pink", sr=RATE, duration=6, seed=0)
    loud = room("voice room", "loud", Audio(pink / 10, RATE), NOTES)
    soft = room("voice room", "soft", Audio(pink[::-1] / 1000, RATE), NOTES)
    found = room_noise([loud, soft], t.size)
    assert found.shape == t.shape
    assert dsp.rms(found) == pytest.approx(1.0, rel=0.1)
    pieces = found.reshape(12, -1)
    assert np.ptp([dsp.rms(piece) for piece in pieces]) < 0.6  # no gap, and no recording louder
    power = np.abs(np.fft.rfft(found)) ** 2
    low, high = (power[6 * a : 6 * b].mean() for a, b in ((100, 200), (1000, 2000)))
    assert 10 * np.log10(low / high) == pytest.approx(10, abs=2)


def test_another_seed_gives_another_order(hiss: Audio) -> None:
    places = [room("voice room", "hiss", hiss, NOTES)]
    first, again, other = (room_noise(places, 2 * RATE, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.9


def test_every_place_has_a_ringing_time() -> None:
    assert all(seconds >= 0.3 for seconds in RINGS.values())
