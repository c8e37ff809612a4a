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
    """Divide `samples` into chunks of `size`, with up to `margin` samples more on either side.

    If `size` and `margin` are multiples of a hop length, the frames of the chunks coincide with
    those of the whole signal. Each chunk reports the progress so far, see `core.progress`.

    >>> [(c.first, c.last, c.start, c.end) for c in chunks(10, size=4, margin=1)]
    [(0, 5, 0, 4), (3, 9, 4, 8), (7, 10, 8, 10)]
    """
    for start in track_progress(range(0, samples, size)):
        end = min(start + size, samples)
        yield Chunk(max(0, start - margin), min(samples, end + margin), start, end)
