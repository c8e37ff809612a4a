"""`TrainingData`: training data of a task, from cached items to batches.

A task defines two functions, `item` and `augment`, and passes the batches to its `Recipe`:

    def note_item(k, *, seed):  # render piece k and compute its features; slow, cached
        ...

    def note_excerpt(item, rng):  # cut a random excerpt; fast, repeated in every pass
        ...

    NOTE_DATA = TrainingData(item=note_item, augment=note_excerpt, key=..., items=4000)
    Recipe(data=NOTE_DATA.training_batches, validation=NOTE_DATA.validation_batches, ...)

Three ranges of seeds are disjoint: training (below `SEED_RANGE`), validation (the training seed +
`SEED_RANGE`), and `TEST_SEED`, for scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .batches import Batches, shuffled
from .cache import CachedItems, Item
from .checks import require, require_callable, require_count

SEED_RANGE = 10**6  # training seeds are below it; validation items use the training seed + this
TEST_SEED = 2 * SEED_RANGE  # for items that are used neither to train nor to select weights


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """Training and validation batches of a task, reproducible from a seed.

    The items are rendered once and cached on disk (`CachedItems`). Each pass of the training uses
    a new random order and augments each item again. Batch k is a function of the seed and k, so
    that a training resumes with the batch at which it was stopped.

    Parameters
    ----------
    item
        `item(k, seed=seed)` returns item k as arrays by name, of the same shapes and types for
        every k; small integer types save disk space. It must be defined at module level, because
        several processes call it.
    augment
        `augment(item, rng)` returns a training example: tensors of the same shapes for every item.
        All randomness must come from `rng`.
    key
        Function that returns the cache key: everything except the seed that the items depend on,
        such as a version number, the settings, the sound fonts found.
    items
        Number of training items.
    validation_items
        Number of validation items, a multiple of `batch_size`.
    batch_size
        Number of items per batch.

    Raises
    ------
    LearningError
        For a number of items or a batch size below 1, or validation items that do not fill their
        last batch.

    Examples
    --------
    >>> def item(k, *, seed):
    ...     return {"x": np.random.default_rng([seed, k]).standard_normal(100)}
    >>> def augment(item, rng):
    ...     first = random_start(100, 10, rng)
    ...     return torch.from_numpy(item["x"][first : first + 10])
    >>> data = TrainingData(item=item, augment=augment, key=lambda: "noise 1", items=20)
    >>> batches = data.training_batches(seed=0)  # nothing is rendered before the first batch
    """

    item: Callable[..., Item]
    augment: Callable[[Item, np.random.Generator], Any]
    key: Callable[[], str]
    items: int
    validation_items: int = 16
    batch_size: int = 8

    def __post_init__(self) -> None:
        for name in ("item", "augment", "key"):
            require_callable(name, getattr(self, name))
        for name in ("items", "validation_items", "batch_size"):
            require_count(name, getattr(self, name))
        require(
            self.validation_items % self.batch_size == 0,
            f"validation_items must be a multiple of batch_size={self.batch_size}, "
            f"not {self.validation_items}",
        )

    def cached_items(self, seed: int, number: int) -> CachedItems:
        """The first items of a seed, rendered at the first access.

        Parameters
        ----------
        seed
            Seed of the items.
        number
            Number of items.
        """
        return CachedItems(
            partial(self.item, seed=seed), number, key=f"{self.key()}, seed {seed}, {number} items"
        )

    def training_batches(self, seed: int) -> Batches:
        """Endless batches of augmented items.

        Parameters
        ----------
        seed
            Training seed, 0 to `SEED_RANGE` - 1.

        Raises
        ------
        LearningError
            For a seed out of range, which could be a seed of validation or test items.
        """
        _require_seed(seed)
        return self._batches(shuffled(self.cached_items(seed, self.items), seed=seed), seed)

    def validation_batches(self, seed: int) -> list[Any]:
        """Validation batches for `fit`, from items that no training uses.

        Parameters
        ----------
        seed
            Training seed, 0 to `SEED_RANGE` - 1.

        Raises
        ------
        LearningError
            For a seed out of range.
        """
        _require_seed(seed)
        items = self.cached_items(seed + SEED_RANGE, self.validation_items)
        batches = self._batches(items.__getitem__, seed)
        return batches.take(self.validation_items // self.batch_size)

    def _batches(self, item: Callable[[int], Item], seed: int) -> Batches:
        """Batches of augmented items."""
        augmented = partial(_augmented, item=item, augment=self.augment, seed=seed)
        return Batches(augmented, size=self.batch_size)


def random_start(length: int, excerpt: int, rng: np.random.Generator) -> int:
    """Start of a random excerpt, uniformly distributed.

    Parameters
    ----------
    length
        Length of the item, in frames or samples.
    excerpt
        Length of the excerpt, in the same unit; at most `length`.
    rng
        The random number generator.

    Returns
    -------
    int
        0 to `length - excerpt`.

    Raises
    ------
    LearningError
        When the excerpt is longer than the item.

    Examples
    --------
    >>> random_start(100, 100, np.random.default_rng(0))
    0
    """
    require(excerpt <= length, f"an excerpt of {excerpt} does not fit into an item of {length}")
    return int(rng.integers(length - excerpt + 1))


def _require_seed(seed: int) -> None:
    """Raise a `LearningError` unless `seed` is a training seed."""
    require_count("seed", seed, minimum=0)
    require(seed < SEED_RANGE, f"seed must be less than {SEED_RANGE}, not {seed}")


def _augmented(
    k: int,
    *,
    item: Callable[[int], Item],
    augment: Callable[[Item, np.random.Generator], Any],
    seed: int,
) -> Any:
    """Item k, augmented with random numbers that depend only on the seed and k."""
    return augment(item(k), np.random.default_rng([seed, k]))
