"""Process long audio in chunks, so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .progress import track_progress


@dataclass(frozen=True)
class Chunk:
    """Chunk of a signal: samples `start:end` and a margin of context on either side.

    Parameters
    ----------
    first, last
        Range of samples to process, margins included.
    start, end
        Range of samples whose results are kept.
    """

    first: int
    last: int
    start: int
    end: int


def chunks(samples: int, *, size: int, margin: int) -> Iterator[Chunk]:
    """The chunks of `split`, one by one; each reports the progress so far, see `core.progress`."""
    return track_progress(split(samples, size=size, margin=margin))


def split(samples: int, *, size: int, margin: int) -> list[Chunk]:
    """Divide `samples` into chunks of `size`, with up to `margin` samples more on either side.

    If `size` and `margin` are multiples of a hop length, the frames of the chunks coincide with
    those of the whole signal.

    >>> [(c.first, c.last, c.start, c.end) for c in split(10, size=4, margin=1)]
    [(0, 5, 0, 4), (3, 9, 4, 8), (7, 10, 8, 10)]
    """
    found = []
    for start in range(0, samples, size):
        end = min(start + size, samples)
        found.append(Chunk(max(0, start - margin), min(samples, end + margin), start, end))
    return found
