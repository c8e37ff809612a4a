"""Envelopes, to the sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab import dsp
from mirlab.core import AudioError
from mirlab.synthesis import Held, NoteBatch, Struck

TIMES = st.floats(0.001, 0.5)


@given(TIMES, TIMES, st.floats(0, 1), TIMES, st.floats(0.01, 1), st.sampled_from([8000, 44100]))
def test_held_equals_the_envelope_of_chapter_one(
    attack, decay, sustain, release, duration, sr
) -> None:
    ours = Held(attack, decay, sustain, release)(
        NoteBatch([100], duration=duration, sr=sr), round((duration + release) * sr)
    )
    theirs = dsp.adsr(attack, decay, sustain, release, sr=sr, duration=duration)
    np.testing.assert_allclose(ours[0], theirs, atol=1e-6)


def test_every_note_of_a_batch_ends_on_time() -> None:
    voices = NoteBatch([100, 100], duration=[0.25, 1.0], sr=8000)
    levels = Held(release=0.1)(voices, voices.samples(0.1)).numpy()
    assert levels.shape == (2, 8800)
    assert levels[0, 2799] > 1e-4 and levels[0, 2800:].max() < 1e-12  # 0.25 s and 0.1 s
    assert levels[1, -1] > 0


def test_struck_falls_by_sixty_decibels_in_its_time() -> None:
    sr, envelope = 10_000, Struck(attack=0.01, t60=0.8, release=0.05)
    levels = envelope(NoteBatch([100], duration=1.0, sr=sr), 10_500)[0].numpy()
    t = np.arange(10_500) / sr
    exact = np.minimum(t / 0.01, 1) * 10 ** (-3 * t / 0.8) * np.clip(1 - (t - 1) / 0.05, 0, 1)
    np.testing.assert_allclose(levels, exact, atol=1e-7)
    assert levels[8000] == pytest.approx(1e-3, rel=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Held(attack=0.0),
        lambda: Held(release=0.0009),
        lambda: Held(sustain=1.1),
        lambda: Held(decay=11.0),
        lambda: Held(attack=float("nan")),
        lambda: Struck(t60=0.0),
        lambda: Struck(attack=0.0),
    ],
)
def test_envelopes_that_would_click_are_refused(call) -> None:
    with pytest.raises(AudioError, match=r"must (lie in|be one number)"):
        call()
