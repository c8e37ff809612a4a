"""The denoising benchmark: noises of the level promised, an oracle that bounds, a sound result."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import denoising
from benchmarks.results import FIELDS, FOLDER
from mirlab import dsp
from mirlab.core.audio import Audio

SPECTRAL = ("subtraction", "wiener", "gate")


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return 0.3 * dsp.chirp(200, 2000, sr=denoising.RATE, duration=4.0)


def test_every_noise_lies_10_db_below(sound: np.ndarray) -> None:
    for kind, noise in denoising.noises(sound).items():
        ratio = 20 * np.log10(dsp.rms(sound) / dsp.rms(noise))
        assert ratio == pytest.approx(10.0), kind


def test_the_oracle_gains_and_a_clean_sound_stays(sound: np.ndarray) -> None:
    for kind, noise in denoising.noises(sound).items():
        gain = dsp.si_sdr(sound, denoising.oracle(sound, noise)) - dsp.si_sdr(sound, sound + noise)
        assert gain > 5, kind
    assert dsp.si_sdr(sound, denoising.oracle(sound, 0 * sound)) > 60


def test_an_excerpt_is_15_s_or_what_there_is() -> None:
    for seconds, wanted in ((30.0, 15.0), (18.0, 15.0), (16.0, 15.0), (4.0, 4.0)):
        y = denoising.excerpt(Audio(np.ones(round(seconds * 1000)), 1000))
        assert y.size == wanted * 1000


def test_pieces_come_again_and_differ_by_seed(require_fluidsynth: None) -> None:
    first, again, other = (denoising.piece(0, seed) for seed in (1, 1, 2))
    assert first.size == 12 * denoising.RATE
    np.testing.assert_allclose(first, again, atol=1e-3)
    assert dsp.si_sdr(first, other) < 3


def test_the_committed_result_shows_what_each_method_is_for() -> None:
    found = json.loads((FOLDER / "denoising.json").read_text("utf-8"))
    assert tuple(found) == FIELDS
    assert set(found["means"]) == {
        f"{name}, {kind}"
        for name in ("rendered", "recorded")
        for kind in ("white", "pink", "hum", "clicks")
    }
    for name, rows in found["means"].items():
        assert set(rows) == {"noisy", "oracle", *denoising.METHODS}
        assert rows["noisy"]["gain"][0] == 0.0
        gains = {row: rows[row]["gain"][0] for row in denoising.METHODS}
        kind = name.split(", ")[1]
        if kind in ("hum", "clicks"):
            assert max(gains, key=gains.__getitem__) == kind
        else:
            for row in SPECTRAL:
                assert 2 < gains[row] < rows["oracle"]["gain"][0], (name, row)
