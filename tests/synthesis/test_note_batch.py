"""Batches of notes: exact phase, bends, noise, levels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mirlab.core import AudioError, MirlabError
from mirlab.synthesis import NoteBatch
from mirlab.synthesis.note_batch import finish


def test_periods_are_the_sum_of_the_frequency() -> None:
    voices = NoteBatch([100.0, 441.0], sr=44100)
    expected = np.outer([100.0, 441.0], np.arange(1000)) / 44100
    np.testing.assert_allclose(voices.cycles(1000), expected, rtol=1e-15)


def test_a_constant_bend_gives_another_frequency() -> None:
    bent = NoteBatch([220.0], bend=np.full((1, 50), 12.0))  # the last value holds on
    np.testing.assert_allclose(bent.cycles(9000), NoteBatch([440.0]).cycles(9000), atol=1e-8)
    assert float(bent.highest) == pytest.approx(440)


def test_a_vibrato_counts_the_periods_of_its_integral() -> None:
    sr, rate, depth = 44100, 5.0, 0.5
    t = np.arange(sr) / sr
    bend = depth * np.sin(2 * np.pi * rate * t)
    cycles = NoteBatch([300.0], sr=sr, bend=bend[None]).cycles(sr)[0].numpy()
    exact = np.cumsum(300 * 2 ** (bend / 12)) / sr
    # a mean over 5 ms takes 0.1 % off a vibrato of 5 Hz
    assert np.abs(cycles[1:] - exact[:-1]).max() < 0.01


def test_a_step_of_a_bend_is_rounded_over_five_milliseconds() -> None:
    step = np.r_[np.zeros(2000), np.full(2000, 2.0)][None]
    pitch = NoteBatch([100.0], sr=10_000, bend=step).pitch(4000)[0].numpy()
    semitones = 12 * np.log2(pitch / 100)
    assert np.abs(semitones[:1970]).max() < 1e-9 and np.abs(semitones[2030:] - 2).max() < 1e-9
    assert np.diff(semitones).max() < 0.05


def test_every_note_has_its_own_noise() -> None:
    batch = NoteBatch([100, 200, 300], seed=[5, 6, 7]).white_noise(4000)
    other = NoteBatch([100], seed=[6]).white_noise(9000)
    assert torch.equal(batch[1], other[0, :4000])
    assert not torch.equal(batch[0], batch[1])
    assert NoteBatch([100, 200], seed=3).seeds == NoteBatch([100, 200, 300], seed=3).seeds[:2]


def test_the_peak_follows_the_velocity() -> None:
    y = finish(torch.randn(3, 999), NoteBatch([100] * 3, velocity=[127, 64, 1]))
    expected = 10 ** (-1 / 20) * (np.array([127, 64, 1]) / 127) ** 2
    np.testing.assert_allclose(y.abs().amax(dim=1), expected, rtol=1e-5)
    assert not finish(torch.zeros(1, 9), NoteBatch([100])).any()


@pytest.mark.parametrize(
    "call",
    [
        lambda: NoteBatch([]),
        lambda: NoteBatch([0.0]),
        lambda: NoteBatch([float("nan")]),
        lambda: NoteBatch([11025.0], sr=22050),
        lambda: NoteBatch([8000.0], sr=22050, bend=np.full((1, 9), 12.0)),
        lambda: NoteBatch([100.0], sr=0),
        lambda: NoteBatch([100.0], duration=0.0),
        lambda: NoteBatch([100.0], duration=1e9),
        lambda: NoteBatch([100.0], duration=[1.0, 2.0]),
        lambda: NoteBatch([100.0], velocity=0),
        lambda: NoteBatch([100.0], velocity=128),
        lambda: NoteBatch([100.0], bend=np.zeros(9)),
        lambda: NoteBatch([100.0], bend=np.zeros((2, 9))),
        lambda: NoteBatch([100.0], bend=np.full((1, 9), np.nan)),
        lambda: NoteBatch([100.0], seed=-1),
        lambda: NoteBatch([100.0], seed=[1, 2]),
        lambda: NoteBatch([[100.0]]),
        lambda: NoteBatch([100.0], device="cuda:99"),
        lambda: NoteBatch([100.0], device="abacus"),
    ],
)
def test_bad_notes_give_our_error(call) -> None:
    with pytest.raises(AudioError) as caught:
        call()
    assert isinstance(caught.value, MirlabError)
    assert len(str(caught.value)) > 15
