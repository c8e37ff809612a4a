"""The denoising benchmark: noise levels, the oracle as upper bound, the committed result."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from benchmarks.denoising import methods, room_noise
from benchmarks.denoising.room_noise import RINGS
from benchmarks.results import FIELDS, FOLDER
from mirlab import dsp
from mirlab.core.audio import Audio

SPECTRAL = ("subtraction", "wiener", "gate")


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return 0.3 * dsp.chirp(200, 2000, sr=methods.RATE, duration=4.0)


def test_every_noise_is_10_db_below_the_sound(sound: np.ndarray) -> None:
    for kind, noise in methods.noises(sound).items():
        ratio = 20 * np.log10(dsp.rms(sound) / dsp.rms(noise))
        assert ratio == pytest.approx(10.0), kind


@pytest.mark.slow
def test_the_oracle_gains_and_a_clean_sound_is_kept(sound: np.ndarray) -> None:
    for kind, noise in methods.noises(sound).items():
        gain = dsp.si_sdr(sound, methods.oracle(sound, noise)) - dsp.si_sdr(sound, sound + noise)
        assert gain > 5, kind
    assert dsp.si_sdr(sound, methods.oracle(sound, 0 * sound)) > 60


def test_an_excerpt_is_at_most_15_s() -> None:
    for seconds, wanted in ((30.0, 15.0), (18.0, 15.0), (16.0, 15.0), (4.0, 4.0)):
        y = methods.excerpt(Audio(np.ones(round(seconds * 1000)), 1000))
        assert y.size == wanted * 1000


def test_pieces_are_reproducible_and_differ_by_seed(require_fluidsynth: None) -> None:
    first, again, other = (methods.piece(0, seed) for seed in (1, 1, 2))
    assert first.size == 12 * methods.RATE
    np.testing.assert_allclose(first, again, atol=1e-3)
    assert dsp.si_sdr(first, other) < 3


MADE = ("white", "pink", "hum", "clicks")


@pytest.fixture(scope="module")
def means() -> dict[str, Any]:
    """The means of the committed result."""
    found = json.loads((FOLDER / "denoising/methods.json").read_text("utf-8"))
    assert tuple(found) == FIELDS
    return found["means"]


def test_every_noise_and_every_row_is_in_the_committed_result(means: dict[str, Any]) -> None:
    made = {f"{name}, {kind}" for name in ("rendered", "recorded") for kind in MADE}
    rooms = {f"rendered, {ring}" for ring in RINGS}
    assert set(means) == made | rooms | {"as recorded"}
    for rows in means.values():
        assert set(rows) == {"noisy", "told", "oracle", *methods.METHODS}


def test_in_the_committed_result_each_method_removes_its_own_noise(means: dict[str, Any]) -> None:
    for name in set(means) - {"as recorded"}:
        rows = means[name]
        assert rows["noisy"]["gain"][0] == 0.0
        gains = {row: rows[row]["gain"][0] for row in methods.METHODS}
        kind = name.split(", ")[1]
        if kind in ("hum", "clicks"):
            assert max(gains, key=gains.__getitem__) == kind
        else:
            for row in SPECTRAL:
                least = 2 if kind in MADE else 0
                assert least < gains[row] < rows["oracle"]["gain"][0], (name, row)
            assert gains["wiener"] < rows["told"]["gain"][0] < rows["oracle"]["gain"][0], name


def test_on_recordings_the_rests_get_softer_and_the_notes_do_not(means: dict[str, Any]) -> None:
    rows = means["as recorded"]
    for row in (*SPECTRAL, "told"):
        assert -20.01 < rows[row]["rests"][0] < -5, row
        assert -0.5 < rows[row]["notes"][0] <= 0, row


def test_levels_are_those_of_rests_and_notes() -> None:
    rng = np.random.default_rng(0)
    t = np.arange(4 * methods.RATE) / methods.RATE
    y = 0.001 * rng.standard_normal(t.size) + (t > 2) * np.sin(2 * np.pi * 440 * t)
    room = room_noise.room("string room", "one", Audio(y, methods.RATE), np.array([[2.0, 4.0]]))
    found = {score.row: score.values for score in methods.levels(room, 1.0)}
    assert found["noisy"] == {"rests": 0.0, "notes": 0.0}
    assert found["oracle"] == pytest.approx({"rests": -20.0, "notes": 0.0}, abs=1e-6)
    assert found["told"]["rests"] < -15
    assert found["told"]["notes"] == pytest.approx(0.0, abs=0.01)
