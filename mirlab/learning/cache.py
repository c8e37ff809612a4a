"""`CachedItems`: items that take long to compute, computed once and cached on the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from ..core.files import atomic_write
from ..core.parallel import parallel_map
from .errors import LearningError

BLOCK = 50  # items a file
Item = Mapping[str, np.ndarray]


def cache_folder() -> Path:
    """The cache's folder: `MIRLAB_CACHE`, else `mirlab` in the user's own cache."""
    own = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MIRLAB_CACHE") or Path(own) / "mirlab")


class CachedItems:
    """Indexed items, computed in blocks by all cores and read from the disk afterwards.

    Each block is written whole, so that an interrupted run continues with the missing blocks.

    Parameters
    ----------
    item
        Gives item k, 0 or more: arrays by name, of the same shapes and types for every k. Must be
        a function of a module, or a `functools.partial` of one.
    number
        How many there are.
    key
        Cache key: everything that the items depend on. A different key uses a different folder.

    Raises
    ------
    LearningError
        When the folder cannot be written.
    """

    def __init__(self, item: Callable[[int], Item], number: int, *, key: str) -> None:
        digest = hashlib.sha256(key.encode()).hexdigest()[:16]
        self.item, self.number = item, number
        self.folder = cache_folder() / f"items-{digest}"

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, k: int) -> dict[str, np.ndarray]:
        return {name: values[k % BLOCK] for name, values in self._blocks[k // BLOCK].items()}

    @cached_property
    def _blocks(self) -> list[dict[str, np.ndarray]]:
        """Every block's arrays, mapped into memory; computed now if they are not cached yet."""
        self.make()
        return [
            {
                path.name.split(".")[1]: np.load(path, mmap_mode="r")
                for path in sorted(self.folder.glob(f"{first:06d}.*.npy"))
            }
            for first in self._firsts
        ]

    @property
    def _firsts(self) -> range:
        """The first item of each block."""
        return range(0, self.number, BLOCK)

    def make(self) -> None:
        """Compute the items that are not cached yet, with a progress bar."""
        from tqdm import tqdm

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as reason:
            line = f"{self.folder}: cannot be made ({reason.strerror})"
            raise LearningError(f"{line}; MIRLAB_CACHE names another place") from reason
        left = [first for first in self._firsts if not self._done(first).exists()]
        if not left:
            return
        blocks = [range(i, min(i + BLOCK, self.number)) for i in left]
        made = parallel_map(self._block, blocks)
        for _ in tqdm(made, total=len(left), desc="rendering training data", unit="block"):
            pass

    def _done(self, first: int) -> Path:
        """The file that marks a block as complete."""
        return self.folder / f"{first:06d}.done"

    def _block(self, numbers: Iterable[int]) -> None:
        """Compute some items and write them."""
        items = [self.item(k) for k in numbers]
        first = min(numbers)
        for name in items[0]:
            path = self.folder / f"{first:06d}.{name}.npy"
            with atomic_write(path, error=LearningError) as temporary, temporary.open("wb") as file:
                np.save(file, np.stack([item[name] for item in items]))
        self._done(first).touch()
