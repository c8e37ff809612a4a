"""Batches: item k is a function of k alone."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from mirlab.learning import Batches, LearningError, shuffled
from mirlab.learning.batches import batches_from, fingerprint, to_device


def numbers(k: int) -> torch.Tensor:
    return torch.tensor(k)


def heads(batches: Any, number: int = 6) -> list[list[int]]:
    return [batch.tolist() for batch in islice(batches, number)]


@given(size=st.integers(1, 5), first=st.integers(0, 9), step=st.integers(1, 4))
def test_a_batch_is_a_function_of_its_index(size: int, first: int, step: int) -> None:
    part = Batches(numbers, size=size).part(first, step)
    wanted = [[k * size + i for i in range(size)] for k in range(first, first + 6 * step, step)]
    assert heads(part) == wanted
    assert heads(part.part(2, 3), 2) == [wanted[2], wanted[5]]


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_parallel_loading_changes_nothing(n_jobs: int) -> None:
    alone, helped = Batches(numbers, size=2), Batches(numbers, size=2, n_jobs=n_jobs)
    assert heads(helped) == heads(alone)
    assert heads(helped.part(3, 2)) == heads(alone.part(3, 2))


def test_torchs_data_loader_accepts_them() -> None:
    loader = DataLoader(Batches(numbers, size=2), batch_size=None)
    assert heads(loader) == heads(Batches(numbers, size=2))


@given(length=st.integers(1, 20), seed=st.integers(0, 5), rounds=st.integers(1, 3))
def test_every_epoch_has_every_item_once(length: int, seed: int, rounds: int) -> None:
    supply = shuffled(range(length), seed=seed)
    for turn in range(rounds):
        found = [supply(turn * length + k) for k in range(length)]
        assert sorted(found) == list(range(length))


def test_epochs_differ_and_can_be_read_in_any_order() -> None:
    supply, again = shuffled(range(50), seed=3), shuffled(range(50), seed=3)
    found = [supply(k) for k in range(100)]
    assert found[:50] != found[50:]
    assert [again(k) for k in reversed(range(100))] == found[::-1]
    assert [shuffled(range(50), seed=4)(k) for k in range(50)] != found[:50]


def test_other_data_is_iterated_to_the_first_batch() -> None:
    data = [torch.tensor([k]) for k in range(4)]
    assert heads(batches_from(data, 2, 3)) == [[2], [1], [0], [3], [2], [1]]


def test_a_whole_batch_moves_to_a_device() -> None:
    batch = {"y": torch.ones(2), "more": (torch.zeros(1), "a name", 3)}
    there = to_device(batch, torch.device("meta"))
    assert there["y"].is_meta and there["more"][0].is_meta
    assert there["more"][1:] == ["a name", 3]


def test_fingerprints_of_different_batches_differ() -> None:
    batch = {"y": torch.arange(6.0).reshape(2, 3), "n": (np.arange(3), 5)}
    same = {"y": torch.arange(6.0).reshape(2, 3), "n": [np.arange(3), 5]}
    others = [
        batch | {"y": torch.arange(6.0).reshape(3, 2)},
        batch | {"y": torch.arange(6.0).reshape(2, 3).nextafter(torch.ones(1))},
        batch | {"n": (np.arange(3), 6)},
        batch | {"y": torch.arange(6).reshape(2, 3)},
    ]
    assert fingerprint(batch) == fingerprint(same)
    assert len({fingerprint(batch), *map(fingerprint, others)}) == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size must be an integer >= 1, not 0"),
        ({"size": 1, "n_jobs": -1}, "n_jobs must be an integer >= 0, not -1"),
        ({"size": 1, "first": -1}, "first must be"),
        ({"size": 1, "step": 0}, "step must be"),
    ],
)
def test_bad_arguments_are_named(options: dict[str, int], message: str) -> None:
    with pytest.raises(LearningError, match=message):
        Batches(numbers, **options)


def test_an_empty_data_set_cannot_be_shuffled() -> None:
    with pytest.raises(LearningError, match="items is empty"):
        shuffled([])
