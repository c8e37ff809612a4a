"""Training data: reproducible by seed, resumable anywhere, and never shared between splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from mirlab.learning import LearningError, TrainingData
from mirlab.learning import supply as supply_module
from mirlab.learning.batches import batches_from, fingerprint
from mirlab.learning.supply import SEED_RANGE, TEST_SEED, random_start
from mirlab.pitch.training import PITCH_DATA
from mirlab.synthesis.training_data import TEST_FONT, training_fonts
from mirlab.transcription.training import NOTE_DATA

LENGTH, EXCERPT = 30, 8


def numbered(k: int, *, seed: int) -> dict[str, np.ndarray]:
    """Item k of a seed; each sample encodes k and the seed."""
    return {"x": np.column_stack([np.full(LENGTH, seed), np.full(LENGTH, k), np.arange(LENGTH)])}


def excerpt(item: dict[str, np.ndarray], rng: np.random.Generator) -> Tensor:
    first = random_start(LENGTH, EXCERPT, rng)
    return torch.from_numpy(item["x"][first : first + EXCERPT].copy())


class InMemory:
    """Items without a disk cache, for tests of other things."""

    def __init__(self, item: Callable[[int], dict[str, np.ndarray]], number: int, *, key: str):
        self.item, self.number, self.key = item, number, key

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, k: int) -> dict[str, np.ndarray]:
        return self.item(k)


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> TrainingData:
    monkeypatch.setattr(supply_module, "CachedItems", InMemory)
    return TrainingData(
        item=numbered,
        augment=excerpt,
        key=lambda: "numbered",
        items=12,
        validation_items=8,
        batch_size=4,
    )


def test_every_epoch_augments_all_items_differently(data: TrainingData) -> None:
    passes = torch.cat(data.training_batches(5).take(6)).reshape(2, 12, EXCERPT, 3)
    for batches in passes:
        assert sorted(batches[:, 0, 1].tolist()) == list(range(12))
        assert torch.equal(
            batches[..., 2] - batches[:, :1, 2], torch.arange(EXCERPT).expand(12, -1)
        )
    starts = [dict(batches[:, 0, 1:].tolist()) for batches in passes]
    assert starts[0] != starts[1]
    assert passes[0, :, 0, 1].tolist() != passes[1, :, 0, 1].tolist()


def test_batch_k_is_a_function_of_the_seed_and_k(data: TrainingData) -> None:
    whole = data.training_batches(5).take(7)
    resumed = batches_from(data.training_batches(5), 6)
    assert fingerprint(next(resumed)) == fingerprint(whole[6])
    assert fingerprint(data.training_batches(6).take(1)) != fingerprint(whole[:1])


def test_training_validation_and_test_never_share_items(data: TrainingData) -> None:
    for seed in (0, SEED_RANGE - 1):
        assert set(torch.cat(data.training_batches(seed).take(3))[..., 0].flatten().tolist()) == {
            seed
        }
        validation = data.validation_batches(seed)
        assert len(validation) == 2
        (held_out,) = set(torch.cat(validation)[..., 0].flatten().tolist())
        assert SEED_RANGE <= held_out < TEST_SEED
    for batches in (data.training_batches, data.validation_batches):
        with pytest.raises(LearningError, match="seed must be less than 1000000, not 1000000"):
            batches(SEED_RANGE)
        with pytest.raises(LearningError, match="seed must be an integer >= 0"):
            batches(-1)


def test_the_test_font_is_not_used_for_training() -> None:
    assert TEST_FONT not in training_fonts()


def test_the_cache_is_keyed_by_settings_seed_and_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRLAB_CACHE", str(tmp_path))
    sets = [
        variant.cached_items(seed, number)
        for variant in (NOTE_DATA, PITCH_DATA, replace(NOTE_DATA, key=lambda: "another"))
        for seed in (0, 1)
        for number in (10, 20)
    ]
    assert len({items.folder for items in sets}) == len(sets)
    assert NOTE_DATA.cached_items(0, 10).folder == NOTE_DATA.cached_items(0, 10).folder


@pytest.mark.parametrize("length", [8, 9, 40])
def test_excerpts_start_anywhere_inside_the_item(length: int) -> None:
    rng = np.random.default_rng(0)
    starts = {random_start(length, 8, rng) for _ in range(400)}
    assert starts == set(range(length - 7))


def test_bad_input_is_refused() -> None:
    with pytest.raises(LearningError, match="an excerpt of 9 does not fit into an item of 8"):
        random_start(8, 9, np.random.default_rng(0))
    for name, value, line in (
        ("items", 0, "items must be an integer >= 1"),
        ("batch_size", 0, "batch_size must be an integer >= 1"),
        ("validation_items", 12, "validation_items must be a multiple of batch_size=8, not 12"),
    ):
        with pytest.raises(LearningError, match=line):
            replace(NOTE_DATA, **{name: value})
