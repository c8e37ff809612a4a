"""Endless batches of indexed items: batch k is a function of k."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from itertools import chain, count, islice
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, default_collate, get_worker_info

from .checks import require, require_callable, require_count
from .errors import LearningError


class Batches(IterableDataset[Any]):
    """Endless batches of indexed items.

    Batch k contains the items `k * size` to `(k + 1) * size - 1`, independently of the process and
    of earlier batches. A training that was killed therefore resumes with the next batch, and
    worker processes change the speed but not the data.

    Parameters
    ----------
    item
        Function that returns item k: tensors, arrays or numbers, or a tuple or dictionary of them,
        of the same shapes for every k. Random numbers must depend on k, for example through
        `np.random.default_rng(k)`.
    size
        Batch size.
    n_jobs
        Number of processes that prepare batches; 0 prepares them in the training process. (Where
        processes are spawned and not forked, on Windows and macOS, `item` must be defined at
        module level.)
    first, step
        Iterate over the batches `first`, `first + step`, and so on.

    Raises
    ------
    LearningError
        For a `size` or `step` below 1, or `n_jobs` or `first` below 0.

    Examples
    --------
    >>> def squares(k):
    ...     return torch.tensor([k]), torch.tensor([k * k])
    >>> x, y = next(iter(Batches(squares, size=3).part(2)))  # the third batch
    >>> x[:, 0].tolist(), y[:, 0].tolist()
    ([6, 7, 8], [36, 49, 64])
    """

    def __init__(
        self,
        item: Callable[[int], Any],
        *,
        size: int,
        n_jobs: int = 0,
        first: int = 0,
        step: int = 1,
    ) -> None:
        require_callable("item", item)
        require_count("size", size)
        require_count("n_jobs", n_jobs, minimum=0)
        require_count("first", first, minimum=0)
        require_count("step", step)
        self.item = item
        self.size = size
        self.n_jobs = n_jobs
        self.first = first
        self.step = step

    def __iter__(self) -> Iterator[Any]:
        worker = get_worker_info()
        if worker is None and self.n_jobs:
            # each worker yields whole batches, taken in turn, which preserves the order
            yield from DataLoader(self, batch_size=None, num_workers=self.n_jobs)
            return
        index, number = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for k in count(self.first + index * self.step, number * self.step):
            items = range(k * self.size, (k + 1) * self.size)
            yield default_collate([self.item(i) for i in items])

    def part(self, first: int, step: int = 1) -> Batches:
        """The batches `first`, `first + step`, ... of these; the others are not computed."""
        require_count("first", first, minimum=0)
        require_count("step", step)
        return Batches(
            self.item,
            size=self.size,
            n_jobs=self.n_jobs,
            first=self.first + first * self.step,
            step=self.step * step,
        )

    def take(self, number: int) -> list[Any]:
        """The first `number` batches as a list, such as `fit` takes for validation."""
        require_count("number", number, minimum=0)
        return list(islice(self, number))


class Collection(Protocol):
    """An object with a length and integer indexing."""

    def __len__(self) -> int: ...

    def __getitem__(self, k: int, /) -> Any: ...


def shuffled(items: Collection, *, seed: int = 0) -> Callable[[int], Any]:
    """Repeat a finite collection endlessly, in a new random order in every pass.

    Parameters
    ----------
    items
        Such as a list or a torch `Dataset`.
    seed
        Seed of the orders.

    Returns
    -------
    callable
        Function that returns item k, for `Batches`.

    Raises
    ------
    LearningError
        When there are no items, or the seed is none.

    Examples
    --------
    >>> supply = shuffled("abc")
    >>> sorted(supply(k) for k in range(3)), sorted(supply(k) for k in range(3, 6))
    (['a', 'b', 'c'], ['a', 'b', 'c'])
    """
    has_items = hasattr(items, "__len__") and hasattr(items, "__getitem__")
    require(has_items and not isinstance(items, Mapping), "items must be a list or a Dataset")
    size = size_of(items)
    require(size > 0, "items is empty; at least 1 is needed")
    require_count("seed", seed, minimum=0)
    orders: dict[int, np.ndarray] = {}

    def item(k: int) -> Any:
        pass_ = k // size
        if pass_ not in orders:
            orders.clear()  # only the current order is needed
            orders[pass_] = np.random.default_rng([seed, pass_]).permutation(size)
        return items[int(orders[pass_][k % size])]

    return item


def size_of(items: Sized) -> int:
    """Number of items; 0 for an object of numpy or torch that holds one number and no items."""
    try:
        return len(items)
    except TypeError:
        return 0


def batches_from(data: Iterable[Any], first: int, step: int = 1) -> Iterator[Any]:
    """The batches `first`, `first + step`, ... of any data; finite data is repeated.

    Data with a method `part`, such as `Batches`, computes only these; other data is iterated and
    the remaining batches are skipped.
    """
    if hasattr(data, "part"):
        return iter(data.part(first, step))
    return islice(chain.from_iterable(_passes(data)), first, None, step)


def _passes(data: Iterable[Any]) -> Iterator[Iterable[Any]]:
    """Iterate over the data repeatedly."""
    while True:
        batches = iter(data)
        try:
            yield chain([next(batches)], batches)
        except StopIteration:
            line = "data is empty or an exhausted iterator; use a list or a Batches"
            raise LearningError(line) from None


def to_device(batch: Any, device: torch.device) -> Any:
    """Move all tensors of a batch to a device."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, Mapping):
        return {name: to_device(part, device) for name, part in batch.items()}
    if isinstance(batch, tuple | list):
        return [to_device(part, device) for part in batch]
    return batch


def fingerprint(batch: Any) -> str:
    """sha256 of the values in a batch, to compare batches across runs."""
    digest = hashlib.sha256()
    for leaf in _leaves(batch):
        values = torch.as_tensor(leaf).detach().cpu().contiguous().reshape(-1)
        digest.update(f"{leaf.shape if hasattr(leaf, 'shape') else ''}{values.dtype}".encode())
        digest.update(values.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _leaves(batch: Any) -> Iterator[Any]:
    """The tensors, arrays and numbers in a batch."""
    if isinstance(batch, Tensor | np.ndarray | int | float):
        yield batch
    elif isinstance(batch, Mapping):
        for part in batch.values():
            yield from _leaves(part)
    elif isinstance(batch, tuple | list):
        for part in batch:
            yield from _leaves(part)
