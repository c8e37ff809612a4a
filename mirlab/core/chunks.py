"""Long sounds in pieces, so that working memory stays flat with length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .progress import tracked


@dataclass(frozen=True)
class Chunk:
    """A piece of a sound: samples `start:end` count, those of the margins only help.

    Parameters
    ----------
    first, last
        The samples to process, margins included.
    start, end
        The samples whose result to keep.
    """

    first: int
    last: int
    start: int
    end: int


def chunks(samples: int, *, size: int, margin: int) -> Iterator[Chunk]:
    """Cut `samples` into pieces of `size` with `margin` more on either side where there is any.

    When `size` and `margin` are multiples of a hop length, frames of the pieces fall on the
    frames of the whole. Each piece reports how much came before it, see `core.progress`.

    >>> [(c.first, c.last, c.start, c.end) for c in chunks(10, size=4, margin=1)]
    [(0, 5, 0, 4), (3, 9, 4, 8), (7, 10, 8, 10)]
    """
    for start in tracked(range(0, samples, size)):
        end = min(start + size, samples)
        yield Chunk(max(0, start - margin), min(samples, end + margin), start, end)
