"""How sure a mean over a few recordings is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.errors import MirlabError

RESAMPLES = 10_000
COVERAGE = 0.95


def mean_interval(
    values: ArrayLike, *, weights: ArrayLike | None = None, seed: int = 0
) -> tuple[float, float, float]:
    """The mean over recordings and its 95 % bootstrap interval.

    The recordings are drawn again with replacement 10,000 times; the interval holds the middle
    95 % of the means that this gives (percentile bootstrap). It speaks of recordings like these,
    is too narrow for fewer than about ten, and says nothing for one, where it is the value.

    Parameters
    ----------
    values
        One score a recording, shape (n,), n at least 1.
    weights
        How much each recording counts, shape (n,), 0 or more, not all 0 (durations, for chord
        recalls); all alike when not given.
    seed
        The same seed gives the same interval.

    Returns
    -------
    mean, low, high
        `low` and `high` enclose the middle 95 %.

    Raises
    ------
    MirlabError
        For no values, values that are not finite, or weights that do not fit.

    References
    ----------
    Efron and Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall, 1993, chapter 13.

    Examples
    --------
    >>> mean_interval([0.5])
    (0.5, 0.5, 0.5)
    """
    x = np.asarray(values, float)
    w = np.ones(x.shape) if weights is None else np.asarray(weights, float)
    if x.ndim != 1 or x.size == 0 or not np.all(np.isfinite(x)):
        raise MirlabError(f"a mean needs one row of finite values, not shape {x.shape}")
    if w.shape != x.shape or not np.all(np.isfinite(w)) or np.any(w < 0) or w.sum() == 0:
        raise MirlabError("weights must be as many as the values, 0 or more, and not all 0")
    x, w = x[w > 0], w[w > 0]  # a recording of weight 0 says nothing, and could be drawn alone
    draws = np.random.default_rng(seed).integers(0, x.size, (RESAMPLES, x.size))
    means = (x[draws] * w[draws]).sum(axis=1) / w[draws].sum(axis=1)
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(np.average(x, weights=w)), float(low), float(high)
