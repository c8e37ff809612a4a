"""`CachedItems`: items that are slow to compute, computed once and cached on disk."""

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

BLOCK = 50  # items per file
Item = Mapping[str, np.ndarray]


def cache_folder() -> Path:
    """The cache folder: `MIRLAB_CACHE` if set, else `mirlab` in the user's cache folder."""
    if folder := os.environ.get("MIRLAB_CACHE"):
        return Path(folder)
    if folder := os.environ.get("XDG_CACHE_HOME"):
        return Path(folder) / "mirlab"
    try:
        return Path.home() / ".cache" / "mirlab"
    except RuntimeError:
        raise LearningError("there is no home folder; set MIRLAB_CACHE to a folder") from None


class CachedItems:
    """Indexed items, computed in blocks on all cores and read from disk afterwards.

    Each block is written atomically, so that an interrupted run continues with the missing blocks.

    Parameters
    ----------
    item
        Function that returns item k, k >= 0: arrays by name, of the same shapes and types for
        every k. It must be defined at module level, or be a `functools.partial` of such a function.
    number
        Number of items.
    key
        Cache key: describes everything that the items depend on. A different key uses a different
        folder.

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
        """The memory-mapped arrays of each block; missing blocks are computed first."""
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
        """Index of the first item of each block."""
        return range(0, self.number, BLOCK)

    def make(self) -> None:
        """Compute the missing items, with a progress bar."""
        from tqdm import tqdm

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as reason:
            line = f"{self.folder}: cannot be made ({reason.strerror})"
            raise LearningError(f"{line}; set MIRLAB_CACHE to another folder") from reason
        missing = [first for first in self._firsts if not self._done(first).exists()]
        if not missing:
            return
        blocks = [range(i, min(i + BLOCK, self.number)) for i in missing]
        written = parallel_map(self._write_block, blocks)
        for _ in tqdm(written, total=len(missing), desc="rendering training data", unit="block"):
            pass

    def _done(self, first: int) -> Path:
        """The file that marks a block as complete."""
        return self.folder / f"{first:06d}.done"

    def _write_block(self, indices: Iterable[int]) -> None:
        """Compute the items of a block and write them."""
        items = [self.item(k) for k in indices]
        first = min(indices)
        for name in items[0]:
            path = self.folder / f"{first:06d}.{name}.npy"
            with atomic_write(path, error=LearningError) as temporary, temporary.open("wb") as file:
                np.save(file, np.stack([item[name] for item in items]))
        self._done(first).touch()
