"""Scores for keys."""

from __future__ import annotations

import re

from ..core.errors import SegmentsError
from ..core.theory import SHARPS, pitch_class


def key_score(reference: str, estimate: str) -> float:
    """MIREX's weighted score of one key.

    1 for the same key, 0.5 when the estimate is the key a fifth above in the same mode, 0.3 for
    the relative and 0.2 for the parallel key, otherwise 0. The fifth below earns nothing, so
    the score is not symmetric.

    Parameters
    ----------
    reference, estimate
        Such as `"G minor"`, `"Bb major"` or `"C# minor"`; enharmonic names are one key. What
        was found may also be `"X"`, for none.

    Returns
    -------
    float
        One of 0, 0.2, 0.3, 0.5, 1.

    Raises
    ------
    SegmentsError
        For what is not the name of a key.

    References
    ----------
    Raffel et al., ISMIR 2014; the weights: MIREX, Audio Key Detection.

    Examples
    --------
    >>> key_score("C major", "A minor")
    0.3
    >>> key_score("Db major", "C# major")
    1.0
    """
    from mir_eval import key

    found = "X" if estimate == "X" else _canonical(estimate)
    return float(key.weighted_score(_canonical(reference), found))


def _canonical(name: str) -> str:
    """The key's name with a sharp at most: mir_eval knows no `Cb` and no `E#`."""
    parts = re.fullmatch(r"([A-G][#b]{0,2}) (major|minor)", name)
    if parts is None:
        raise SegmentsError(f"{name!r} is no key; write it as 'G minor' or 'Bb major'")
    tonic, mode = parts.groups()
    return f"{SHARPS[pitch_class(tonic)]} {mode}"
