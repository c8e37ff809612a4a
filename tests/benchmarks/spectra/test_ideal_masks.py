"""Ideal masks: what they separate, what they cannot, and how they are scored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.spectra import ideal_masks
from benchmarks.spectra.ideal_masks import (
    Method,
    Mixture,
    between,
    excerpt,
    recorded_mixtures,
    separated,
    si_sdr,
)
from mirlab import dsp
from mirlab.core import Audio, MirlabError, Notes
from mirlab.spectra import CQT, STFT, Mel

SR = ideal_masks.SR


@pytest.fixture(scope="module")
def far_apart() -> Tensor:
    """A low and a high tone, two seconds."""
    tones = [dsp.sine(hz, sr=SR, duration=2.0, amplitude=0.3) for hz in (220.0, 3520.0)]
    return torch.from_numpy(np.stack(tones)).float()


@pytest.fixture(scope="module")
def crossed() -> Tensor:
    """Two noises with the same spectrum."""
    noises = [dsp.noise("white", sr=SR, duration=2.0, seed=seed) for seed in (1, 2)]
    return torch.from_numpy(np.stack(noises)).float()


def methods() -> dict[str, Method]:
    """One of each kind: with an inverse, inverted by iteration, and applied to an STFT."""
    stft = STFT()
    cqt = CQT(fmin=55.0, n_bins=84, hop_length=64)
    return {"STFT": Method(stft, stft), "CQT": Method(cqt, cqt), "Mel": Method(Mel(), stft)}


@pytest.mark.parametrize("name", methods())
def test_stems_in_separate_cells_are_separated(name: str, far_apart: Tensor) -> None:
    ratio, binary, back = separated(far_apart, methods()[name])
    for found in (ratio, binary):
        assert (si_sdr(far_apart, found) > 25).all()
    assert (si_sdr(far_apart, back) > 25).all()


def test_two_noises_are_not_separated(crossed: Tensor) -> None:
    ratio, binary, back = separated(crossed, methods()["STFT"])
    mixture = si_sdr(crossed, crossed.sum(0).expand_as(crossed))
    assert np.abs(mixture).max() < 0.5
    for found in (ratio, binary):
        gain = si_sdr(crossed, found) - mixture
        assert ((gain > 3) & (gain < 12)).all()
    assert (si_sdr(crossed, back) > 100).all()


def test_stems_by_ratio_masks_sum_to_the_mixture(crossed: Tensor) -> None:
    ratio, _, _ = separated(crossed, methods()["STFT"])
    torch.testing.assert_close(ratio.sum(0), crossed.sum(0), atol=1e-4, rtol=0)


def test_a_mask_is_interpolated_between_the_bins() -> None:
    hz, wanted = (
        torch.tensor([100.0, 200.0, 400.0]),
        torch.tensor([0.0, 100.0, 150.0, 350.0, 900.0]),
    )
    mask = torch.tensor([[0.0], [1.0], [0.2]])
    expected = torch.tensor([[0.0], [0.0], [0.5], [0.4], [0.2]])
    torch.testing.assert_close(between(hz, wanted) @ mask, expected)


@pytest.mark.slow
def test_every_row_is_scored_and_drums_separately(far_apart: Tensor) -> None:
    low, high = far_apart.numpy()
    mixture = Mixture("two", {"drums": high, "bass": low})
    found = {score.row: score.values for score in ideal_masks.score("set", mixture, methods())}
    assert set(found) == {"mixture", *methods()}
    assert found["mixture"]["ratio"] == found["mixture"]["binary"] == pytest.approx(0, abs=0.1)
    for row in methods():
        both = (found[row]["drums"] + found[row]["pitched"]) / 2
        assert found[row]["ratio"] == pytest.approx(both)
        assert found[row]["back"] > found[row]["ratio"] > found["mixture"]["ratio"]


@pytest.mark.slow
def test_without_drums_there_is_no_score_of_drums(far_apart: Tensor) -> None:
    low, high = far_apart.numpy()
    scores = list(ideal_masks.score("set", Mixture("two", {"flute": high, "bass": low}), methods()))
    assert all("drums" not in score.values for score in scores)


def test_an_excerpt_is_8_s_of_what_sounds() -> None:
    ramp = np.arange(20 * SR, dtype=np.float32)
    found = excerpt("piece", {"long": ramp, "silent": 0 * ramp, "shorter": ramp[: 18 * SR]})
    assert set(found.stems) == {"long", "shorter"}
    for y in found.stems.values():
        assert y[0] == 7 * SR and y.size == 8 * SR
    assert excerpt("short", {"all": ramp[: 6 * SR]}).stems["all"].size == 6 * SR


def test_parts_are_the_instruments_of_a_piece(require_fluidsynth: None) -> None:
    notes = Notes(
        [0, 0, 0.5], [0.4, 0.4, 0.9], [60, 40, 38], program=[73, 32, 0], is_drum=[0, 0, 1]
    )
    found = ideal_masks.parts(notes)
    assert set(found) == {"program 73", "program 32", "drums"}
    early = {name: dsp.rms(y[: SR // 4]) for name, y in found.items()}
    assert early["drums"] < 0.01 * early["program 73"]


def test_stems_are_read_without_their_mixture(tmp_path: Path) -> None:
    tone = Audio(dsp.sine(440, sr=SR, duration=1.0), SR)
    for pattern in ideal_masks.RECORDED:
        path = tmp_path / pattern.replace("*", "piece")
        path.mkdir(parents=True)
        for name in ("mixture", "bass", "drums"):
            tone.save(path / f"{name}.flac")
        (path / "README.md").write_text("no sound")
    found = recorded_mixtures(tmp_path)
    assert len(found) == 4
    assert all(set(mixture.stems) == {"bass", "drums"} for mixture in found)


def test_a_missing_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MirlabError, match="stems_mdn"):
        recorded_mixtures(tmp_path)
