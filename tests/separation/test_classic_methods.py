"""NMF, REPET-SIM, mid-side and ideal masks: closed forms, scikit-learn, and stems that add up."""

from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mirlab.core import Audio, AudioError, Notes
from mirlab.core.chunks import split
from mirlab.separation import (
    ideal_masks,
    mid_side,
    nmf,
    repet_sim,
    separate,
    separate_by_nmf,
    separate_by_score,
    separate_ideally,
)
from mirlab.separation.masking import fade_weight
from mirlab.separation.repet import background_mask

SR = 8000
NOTES = Notes([0.0, 0.3], [0.5, 0.8], [60, 67], program=[0, 40])


def tone(hz: float, seconds: float = 2.0) -> np.ndarray:
    y: np.ndarray = 0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * SR)) / SR)
    return y


def ratio_db(wanted: np.ndarray, found: np.ndarray) -> float:
    """Signal-to-error ratio in dB but for a tenth of a second at the edges."""
    inner = slice(SR // 10, -SR // 10)
    wrong = (found - wanted)[..., inner]
    return float(10 * np.log10(np.sum(wanted[..., inner] ** 2) / np.sum(wrong**2)))


@pytest.mark.parametrize("loss", ["kl", "euclidean"])
def test_nmf_finds_an_exact_factorisation(loss: str) -> None:
    w = np.array([[1.0, 0], [2, 0], [0, 3], [0, 1], [1, 1]])
    h = np.array([[1.0, 0, 2, 0, 1, 3], [0, 1, 0, 2, 1, 0]])
    found = nmf(w @ h, 2, loss=loss, iterations=2000)
    np.testing.assert_allclose(found[0] @ found[1], w @ h, atol=1e-3)


@pytest.mark.parametrize(
    ("loss", "theirs"), [("kl", "kullback-leibler"), ("euclidean", "frobenius")]
)
def test_nmf_equals_scikit_learns(loss: str, theirs: str) -> None:
    from sklearn.decomposition import (  # type: ignore[import-untyped]
        non_negative_factorization,
    )

    rng = np.random.default_rng(0)
    v, w, h = rng.random((20, 30)), rng.random((20, 4)), rng.random((4, 30))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 50 iterations do not converge
        expected = non_negative_factorization(
            v,
            **{"W": w.copy(), "H": h.copy(), "n_components": 4, "init": "custom", "solver": "mu"},
            **{"beta_loss": theirs, "max_iter": 50, "tol": 0},
        )
    found = nmf(v, 4, loss=loss, iterations=50, templates=w, activations=h)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-6, atol=1e-9)


def divergence(v: np.ndarray, model: np.ndarray, loss: str) -> float:
    if loss == "euclidean":
        return float(0.5 * np.sum((v - model) ** 2))
    logs = np.where(v > 0, v * np.log(np.where(v > 0, v, 1) / model), 0)
    return float(np.sum(logs - v + model))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["kl", "euclidean"]), st.integers(1, 4))
def test_an_update_never_increases_the_loss(seed: int, loss: str, components: int) -> None:
    v = np.random.default_rng(seed).gamma(0.3, size=(7, 9))
    w, h = nmf(v, components, loss=loss, iterations=1, seed=seed)
    losses = [divergence(v, w @ h, loss)]
    for _ in range(5):
        w, h = nmf(v, components, loss=loss, iterations=1, templates=w, activations=h)
        losses.append(divergence(v, w @ h, loss))
    assert all(b <= a * (1 + 1e-9) + 1e-12 for a, b in zip(losses, losses[1:], strict=False))


def test_zeros_remain_and_the_dtype_is_that_of_the_spectrogram() -> None:
    v = np.random.default_rng(0).random((5, 6)).astype(np.float32)
    w = np.ones((5, 2)) * [[1, 0], [1, 1], [1, 1], [0, 1], [0, 1]]
    found, activations = nmf(v, 2, templates=w)
    assert found.dtype == activations.dtype == np.float32
    np.testing.assert_array_equal(found == 0, w == 0)


def test_nmf_separates_two_tones_that_take_turns() -> None:
    true = np.stack([tone(300), tone(1500)])
    true[0, SR:], true[1, :SR] = 0, 0
    stems = separate((true.sum(axis=0), SR), model="nmf")
    parts = np.concatenate([stem.y for stem in stems.values()])
    nearest = np.argmax(np.abs(parts @ true.T), axis=1)
    for k, wanted in enumerate(true):
        assert ratio_db(wanted, parts[nearest == k].sum(axis=0)) > 15


def test_a_score_separates_what_sounds_together() -> None:
    sounds = [Notes(n.onset, n.offset, n.pitch, program=n.program).render(sr=SR) for n in halves()]
    length = max(sound.samples for sound in sounds)
    true = [np.pad(sound.y[0], (0, length - sound.samples)) for sound in sounds]
    stems = separate_by_score((true[0] + true[1], SR), NOTES)
    assert list(stems) == ["program 0", "program 40", "rest"]
    for wanted, name in zip(true, stems, strict=False):
        assert ratio_db(wanted, stems[name].y[0]) > 10


def halves() -> list[Notes]:
    """The notes of each program."""
    rows = [NOTES.program == number for number in (0, 40)]
    columns = (NOTES.onset, NOTES.offset, NOTES.pitch, NOTES.program)
    parts = [[column[row] for column in columns] for row in rows]
    return [Notes(on, off, pitch, program=program) for on, off, pitch, program in parts]


def test_what_no_note_explains_is_the_rest() -> None:
    y = np.concatenate([np.zeros(30 * SR), tone(440)])  # the note ends in an earlier chunk
    stems = separate_by_score((y, SR), Notes([0.0], [0.5], [60], is_drum=True))
    assert list(stems) == ["drums", "rest"]
    np.testing.assert_allclose(stems["rest"].y[0], y, atol=1e-6)


def test_a_loop_is_the_background_and_a_tone_is_not() -> None:
    period = SR * 96 // 100  # 30 hops
    loop = np.tile(0.1 * np.random.default_rng(0).standard_normal(period), 10)
    call = np.zeros(loop.size)
    call[4 * SR : 5 * SR] = tone(1000, 1.0)
    stems = repet_sim(Audio(loop + call, SR))
    assert ratio_db(call, stems["foreground"].y[0]) > 8
    assert ratio_db(loop, stems["background"].y[0]) > 8


def test_the_background_is_the_median_of_similar_frames() -> None:
    magnitude = np.ones((1, 2, 7))
    magnitude[0, 0, ::2] = [2, 4, 3, 3]  # steps of two frames: the others are not as similar
    magnitude[0, 1, ::2] = [2, 4, 3, 3]
    magnitude[0, 1, 1::2] = 0
    mask = background_mask(magnitude, 2)
    np.testing.assert_allclose(mask[0, 0, ::2], np.minimum(1, 3 / np.array([2, 4, 3, 3])))
    assert (mask <= 1).all()


def test_mid_and_side_are_half_sum_and_half_difference() -> None:
    left, right = tone(300), tone(500)
    stems = mid_side(Audio(np.stack([left, right]), SR))
    np.testing.assert_allclose(stems["mid"].y, [(left + right) / 2] * 2, atol=1e-6)
    half = (left - right) / 2
    np.testing.assert_allclose(stems["side"].y, [half, -half], atol=1e-6)
    assert not mid_side(Audio(left, SR))["side"].y.any()


def test_ideal_masks_by_hand() -> None:
    magnitudes = np.array([[3.0, 0, 1], [1, 0, 1]])
    assert ideal_masks(magnitudes, kind="binary").tolist() == [[1, 1, 1], [0, 0, 0]]
    assert ideal_masks(magnitudes, kind="ratio").tolist() == [[0.75, 0.5, 0.5], [0.25, 0.5, 0.5]]
    np.testing.assert_allclose(ideal_masks(magnitudes)[0], [0.9, 0.5, 0.5])
    assert np.isfinite(ideal_masks(np.full((2, 3), 1e-200))).all()


@pytest.mark.parametrize("kind", ["binary", "ratio", "wiener"])
def test_ideal_masks_separate_two_bands(kind: str) -> None:
    low, high = np.stack([tone(300), 0.5 * tone(300)]), np.stack([tone(1500), tone(2000)])
    true = {"low": Audio(low, SR), "high": Audio(high, SR)}
    stems = separate_ideally((low + high, SR), true, kind=kind)
    for name, stem in stems.items():
        assert ratio_db(true[name].y, stem.y) > 25


def test_the_wiener_filter_of_true_variances_has_the_least_error() -> None:
    rng = np.random.default_rng(0)
    deviations = np.stack([np.full(20_000, 3.0), np.linspace(0.5, 6, 20_000)])
    true = deviations * rng.standard_normal(deviations.shape)
    errors = {
        kind: float(
            np.mean((ideal_masks(deviations, kind=kind)[0] * true.sum(axis=0) - true[0]) ** 2)
        )
        for kind in ("wiener", "ratio", "binary")
    }
    assert min(errors, key=lambda kind: errors[kind]) == "wiener"


METHODS: dict[str, Any] = {
    "mid-side": mid_side,
    "repet-sim": repet_sim,
    "nmf": separate_by_nmf,
    "score": lambda audio: separate_by_score(audio, NOTES),
    "ideal": lambda audio: separate_ideally(
        audio, {"a": audio, "b": Audio(audio.y[::-1], audio.sr)}
    ),
}


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=8, deadline=None)
@given(
    y=st.tuples(st.sampled_from([1, 2, 6]), st.integers(6, 4000)).flatmap(
        lambda shape: arrays(
            np.float32, shape, elements=st.floats(-1, 1, width=16), fill=st.just(0)
        )
    ),
    sr=st.sampled_from([8000, 22050]),
)
def test_stems_have_the_form_of_the_mixture_and_add_up(name: str, y: np.ndarray, sr: int) -> None:
    stems = METHODS[name](Audio(y, sr))
    assert {(stem.sr, stem.y.shape) for stem in stems.values()} == {(sr, y.shape)}
    np.testing.assert_allclose(sum(stem.y for stem in stems.values()), y, atol=2e-6)


def test_weights_of_the_chunks_add_up_to_1() -> None:
    total = np.zeros(1000)
    for chunk in split(1000, size=230, margin=50):
        total[chunk.first : chunk.last] += fade_weight(chunk, 1000, 40)
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_chunks_of_nmf_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    y = Audio(np.random.default_rng(0).standard_normal((2, 6 * SR)) / 10, SR)
    whole = separate_by_nmf(y)
    monkeypatch.setattr("mirlab.separation.masking.FADE_SECONDS", 0.1)
    monkeypatch.setitem(separate_by_nmf.__globals__, "CHUNK_SECONDS", 1.0)
    for name, stem in separate_by_nmf(y).items():
        np.testing.assert_allclose(stem.y, whole[name].y, atol=1e-5)


@pytest.mark.parametrize("name", ["repet-sim", "nmf", "score", "ideal"])
def test_memory_does_not_grow_with_the_length(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(repet_sim.__globals__, "CHUNK_SECONDS", 10.0)  # for speed
    beyond = []
    for seconds in (45, 135):
        y = Audio(np.random.default_rng(0).standard_normal(1000 * seconds) / 10, 1000)
        tracemalloc.start()
        stems = METHODS[name](y)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        beyond.append(peak - sum(stem.y.nbytes for stem in stems.values()))
    assert beyond[1] < 1.2 * beyond[0] + 135 * 1000 * 4


@pytest.mark.parametrize(
    ("stems", "message"),
    [
        ({"a": Audio(np.zeros(9), SR)}, "two or more"),
        ([Audio(np.zeros(9), SR)], "sounds by name, not list"),
        ({"a": None, "b": None}, "stem 'a': a sound must be"),
        ({"a": Audio(np.zeros(9), SR), "b": Audio(np.zeros(8), SR)}, "stem 'b' .* of 8 samples"),
        ({"a": Audio(np.zeros(9), 9000), "b": Audio(np.zeros(9), SR)}, "at 9000 Hz"),
        ({"a": Audio(np.zeros((2, 9)), SR), "b": Audio(np.zeros(9), SR)}, "2 channels"),
    ],
)
def test_stems_that_do_not_fit_are_refused(stems: Any, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        separate_ideally(Audio(np.zeros(9), SR), stems)
