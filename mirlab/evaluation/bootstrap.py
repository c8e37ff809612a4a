"""Bootstrap confidence interval of a mean over recordings."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_floats, require_count
from ..core.errors import MirlabError

RESAMPLES = 10_000
COVERAGE = 0.95


def mean_interval(
    values: ArrayLike, *, weights: ArrayLike | None = None, seed: int = 0
) -> tuple[float, float, float]:
    """Mean over recordings and its 95 % bootstrap confidence interval.

    The recordings are resampled with replacement 10,000 times; the interval contains the middle
    95 % of the means of the resamples (percentile bootstrap). It generalises to similar recordings.
    It is too narrow for fewer than about ten, and degenerates to the value for a single one.

    Parameters
    ----------
    values
        One score per recording, shape (n,), n at least 1.
    weights
        Weight of each recording, shape (n,), 0 or more, not all 0 (durations, for chord
        recalls); equal by default.
    seed
        Seed of the random generator.

    Returns
    -------
    mean, low, high
        The mean, and the bounds of the interval.

    Raises
    ------
    MirlabError
        If there are no values, a value is not finite, or the weights or the seed are invalid.

    References
    ----------
    Efron and Tibshirani, "An Introduction to the Bootstrap", Chapman and Hall, 1993, chapter 13.

    Examples
    --------
    >>> mean_interval([0.5])
    (0.5, 0.5, 0.5)
    """
    x = as_floats("values", values, MirlabError)
    w = np.ones(x.shape) if weights is None else as_floats("weights", weights, MirlabError)
    require_count("seed", seed, minimum=0, error=MirlabError)
    if x.ndim != 1 or x.size == 0 or not np.all(np.isfinite(x)):
        raise MirlabError(f"a mean needs one row of finite values, not shape {x.shape}")
    if w.shape != x.shape or not np.all(np.isfinite(w)) or np.any(w < 0) or w.sum() == 0:
        raise MirlabError("weights must be as many as the values, 0 or more, and not all 0")
    x, w = x[w > 0], w[w > 0]  # otherwise a resample could consist of weights 0 only
    draws = np.random.default_rng(seed).integers(0, x.size, (RESAMPLES, x.size))
    means = (x[draws] * w[draws]).sum(axis=1) / w[draws].sum(axis=1)
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(np.average(x, weights=w)), float(low), float(high)
