"""Separation scores: closed forms, mir_eval's BSS Eval, and what museval says of windows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from mirlab.core import Audio, AudioError
from mirlab.evaluation import separation_scores

SR = 8000
MEASURES = ("sdr", "isr", "sir", "sar")
MUSEVAL = [
    [12.233001668023835, 19.115375247565705, 18.349383328657417, 13.625354414906598],
    [12.231607001357952, 18.96395369983881, 18.718256911690386, 13.579518598477296],
]


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    y: np.ndarray = (0.1 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)
    return y


def stems(y: np.ndarray, sr: int = SR) -> dict[str, Audio]:
    """Audio of an array of shape (stems, channels, samples)."""
    return {f"stem {k}": Audio(part, sr) for k, part in enumerate(y)}


def score_array(reference: np.ndarray, estimate: np.ndarray, **options: Any) -> np.ndarray:
    """SDR, ISR, SIR and SAR of each stem."""
    scores = separation_scores(stems(reference), stems(estimate), **options)
    return np.array([[row[measure] for measure in MEASURES] for row in scores.values()])


@pytest.mark.parametrize("channels", [1, 2])
def test_a_single_window_equals_mir_evals_bss_eval_images(channels: int) -> None:
    from mir_eval.separation import bss_eval_images

    reference = noise(2, channels, 3000)
    estimate = 0.8 * reference + 0.2 * reference[::-1] + 0.3 * noise(2, channels, 3000, seed=1)
    estimate[..., 5:] += 0.2 * reference[..., :-5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mir_eval will drop it
        theirs = bss_eval_images(
            *(y.transpose(0, 2, 1).astype(float) for y in (reference, estimate)),
            compute_permutation=False,
        )
    found = score_array(reference, estimate)
    np.testing.assert_allclose(found, np.array(theirs[:4]).T, atol=1e-6)


def test_windows_equal_musevals() -> None:
    """What museval 0.4.1 gives: `bss_eval(..., window=8000, hop=8000)`, median over windows."""
    reference = noise(2, 2, 3 * SR + 100)
    reference[1, :, SR : 2 * SR] = 0  # the second window is left out
    estimate = 0.9 * reference + 0.1 * reference[::-1] + 0.2 * noise(*reference.shape, seed=1)
    np.testing.assert_allclose(score_array(reference, estimate), MUSEVAL, atol=1e-6)


def test_gain_leakage_and_noise_are_told_apart() -> None:
    voice, drums, hiss = noise(3, 1, SR)
    quiet = separation_scores(stems(np.stack([voice, drums])), stems(np.stack([voice / 2, drums])))
    assert quiet["stem 0"]["sdr"] == pytest.approx(quiet["stem 0"]["isr"], abs=1e-3)
    assert quiet["stem 0"]["sdr"] == pytest.approx(6.02, abs=0.01)
    assert min(quiet["stem 0"][name] for name in ("si_sdr", "sir", "sar")) > 60
    estimate = np.stack([voice + 0.1 * drums, drums + 0.1 * hiss])
    leaky, noisy = separation_scores(stems(np.stack([voice, drums])), stems(estimate)).values()
    assert leaky["sir"] == pytest.approx(20, abs=1)
    assert leaky["sar"] > 60
    assert noisy["sar"] == pytest.approx(20, abs=1.5)
    assert noisy["si_sdr"] == pytest.approx(20, abs=0.5)


def test_si_sdr_by_hand() -> None:
    reference, estimate = np.ones((1, 1, 4)), np.array([[[2.2, 1.8, 2.2, 1.8]]])
    scores = separation_scores(stems(reference), stems(estimate))
    assert scores["stem 0"]["si_sdr"] == pytest.approx(20, abs=1e-4)


def test_a_silent_reference_is_nan_and_does_not_touch_the_others() -> None:
    reference = noise(3, 1, SR)
    reference[2] = 0
    estimate = reference + 0.1 * noise(3, 1, SR, seed=1)
    scores = separation_scores(stems(reference), stems(estimate))
    assert all(np.isnan(value) for value in scores["stem 2"].values())
    np.testing.assert_array_equal(
        score_array(reference, estimate)[:2], score_array(reference[:2], estimate[:2])
    )


def test_a_silent_estimate_has_no_window_to_score() -> None:
    reference = noise(2, 1, SR)
    estimate = reference * np.array([0, 1], np.float32)[:, None, None]
    scores = separation_scores(stems(reference), stems(estimate))
    assert scores["stem 0"]["si_sdr"] == -np.inf
    assert np.isnan(score_array(reference, estimate)).all()


def test_perfect_stems_have_an_infinite_sdr() -> None:
    reference = noise(2, 1, SR)
    scores = separation_scores(stems(reference), stems(reference))
    assert scores["stem 0"]["sdr"] == np.inf
    assert scores["stem 0"]["si_sdr"] > 100


def test_equal_channels_are_scored_as_mono_is() -> None:
    reference = noise(2, 1, SR)
    estimate = reference + 0.2 * reference[::-1] + 0.2 * noise(2, 1, SR, seed=1)
    mono = score_array(reference, estimate)
    stereo = score_array(*(np.repeat(y, 2, axis=1) for y in (reference, estimate)))
    np.testing.assert_allclose(stereo, mono, atol=0.01)


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        ({"a": Audio(noise(99), SR)}, r"the stems differ: \['a', 'b'\] and \['a'\]"),
        ({"a": Audio(noise(99), SR), "b": Audio(noise(98), SR)}, "of 98 samples"),
        ({"a": Audio(noise(99), SR), "b": Audio(noise(99), 9000)}, "at 9000 Hz"),
        ({"a": Audio(noise(99), SR), "b": Audio(noise(2, 99), SR)}, "2 channels"),
        ({"a": Audio(noise(99), SR), "b": 3}, "estimate 'b': a sound must be"),
    ],
)
def test_stems_that_do_not_fit_are_refused(estimate: Any, message: str) -> None:
    reference = {name: Audio(noise(99), SR) for name in "ab"}
    with pytest.raises(AudioError, match=message):
        separation_scores(reference, estimate)


@pytest.mark.parametrize("window", [0, -1, np.inf, None])
def test_a_window_is_at_least_a_tenth_of_a_second(window: Any) -> None:
    reference = {"a": Audio(noise(99), SR)}
    with pytest.raises(AudioError, match="window must be"):
        separation_scores(reference, reference, window=window)
