"""Metric for keys."""

from __future__ import annotations

import re
import reprlib

from ..core.errors import SegmentsError
from ..core.theory import SHARPS, pitch_class


def key_score(reference: str, estimate: str) -> float:
    """MIREX weighted score of one key.

    1 for the same key, 0.5 if the estimate is a fifth above the reference in the same mode, 0.3 for
    the relative key, 0.2 for the parallel key, otherwise 0. The fifth below scores 0, so the metric
    is not symmetric.

    Parameters
    ----------
    reference, estimate
        Keys such as `"G minor"`, `"Bb major"` or `"C# minor"`; enharmonic names are equal. The
        estimate may also be `"X"`, for none.

    Returns
    -------
    float
        One of 0, 0.2, 0.3, 0.5, 1.

    Raises
    ------
    SegmentsError
        If a name is not a key.

    References
    ----------
    Raffel et al., ISMIR 2014; weights: MIREX, Audio Key Detection.

    Examples
    --------
    >>> key_score("C major", "A minor")
    0.3
    >>> key_score("Db major", "C# major")
    1.0
    """
    from mir_eval import key

    estimate = "X" if isinstance(estimate, str) and estimate == "X" else _canonical(estimate)
    return float(key.weighted_score(_canonical(reference), estimate))


def _canonical(name: str) -> str:
    """Name of the key with at most one sharp, since mir_eval does not accept `Cb` and `E#`."""
    parts = re.fullmatch(r"([A-G][#b]{0,2}) (major|minor)", name) if isinstance(name, str) else None
    if parts is None:
        given = reprlib.repr(name)
        raise SegmentsError(f"{given} is no key; write it as 'G minor' or 'Bb major'")
    tonic, mode = parts.groups()
    return f"{SHARPS[pitch_class(tonic)]} {mode}"
