"""Scores for beats and tempo."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from ..core.errors import SegmentsError

TRIM = 5.0  # s; beats before this do not count, so that a tracker may find its feet
TEMPO_TOLERANCE = 0.04  # of the true tempo


def beat_scores(reference_times: ArrayLike, estimate_times: ArrayLike) -> dict[str, float]:
    """How well the found beats follow the true ones.

    **Beats before 5 s are dropped from both first** (mir_eval's trim, and MIREX's), so a
    recording of 6 s is scored on one second; on its own start nothing is said.

    - `f`: F of beats found within 70 ms of a true one.
    - `cmlt`: share of beats whose time and distance to the last one are both within 17.5 % of a
      true interval (correct metrical level, total).
    - `amlt`: the same, allowing the off-beat, half, and double tempo (any metrical level).
    - `information_gain`: how far the errors are from being spread evenly over the beat; 0 for
      unrelated beats, 1 for errors that are all alike.

    Parameters
    ----------
    reference_times, estimate_times
        Times in seconds, rising, shape (n,); either may be empty.

    Returns
    -------
    dict
        `f`, `cmlt`, `amlt`, `information_gain`, each 0..1; all 0 when either has no beats after
        the trim (mir_eval's convention), all but `f` also when either has only one.

    Raises
    ------
    SegmentsError
        For times that are not one row of rising, finite seconds from 0 on.

    References
    ----------
    Raffel et al., ISMIR 2014; Davies, Degara and Plumbley, "Evaluation methods for musical audio
    beat tracking algorithms", Queen Mary University technical report C4DM-TR-09-06, 2009.

    Examples
    --------
    >>> beats = np.arange(0, 30, 0.5)
    >>> scores = beat_scores(beats, beats[::2])
    >>> scores["cmlt"], scores["amlt"]
    (0.0, 1.0)
    """
    from mir_eval import beat

    reference, estimate = (
        beat.trim_beats(_checked(name, times), min_beat_time=TRIM)
        for name, times in (("reference", reference_times), ("estimate", estimate_times))
    )
    if not len(reference) or not len(estimate):
        return dict.fromkeys(("f", "cmlt", "amlt", "information_gain"), 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a single beat; the docstring says what it gives
        _, cmlt, _, amlt = beat.continuity(reference, estimate)
        return {
            "f": float(beat.f_measure(reference, estimate)),
            "cmlt": float(cmlt),
            "amlt": float(amlt),
            "information_gain": float(beat.information_gain(reference, estimate)),
        }


def tempo_scores(reference_bpm: float, estimate_bpm: float) -> dict[str, float]:
    """Whether a tempo is right, and whether it is right up to the metrical level.

    Parameters
    ----------
    reference_bpm
        The true tempo, more than 0 beats a minute.
    estimate_bpm
        The tempo found; 0 when none was.

    Returns
    -------
    dict
        `accuracy1`: 1 when within 4 % of the truth, otherwise 0. `accuracy2`: the same, where a
        third, half, twice and three times the true tempo count as well.

    Raises
    ------
    SegmentsError
        For a true tempo that is not positive, or one that is negative or not finite.

    References
    ----------
    Gouyon et al., "An experimental comparison of audio tempo induction algorithms", IEEE
    Transactions on Audio, Speech, and Language Processing 14(5), 2006.

    Examples
    --------
    >>> tempo_scores(120, 61)
    {'accuracy1': 0.0, 'accuracy2': 1.0}
    """
    if not 0 < reference_bpm < np.inf:
        raise SegmentsError(f"the true tempo must be positive, not {reference_bpm} bpm")
    if not 0 <= estimate_bpm < np.inf:
        raise SegmentsError(f"a tempo must be 0 or more, not {estimate_bpm} bpm")
    levels = reference_bpm * np.array([1, 1 / 3, 1 / 2, 2, 3])
    # a hair more than 4 %, so that 104 beside 100 is right whatever the rounding of 0.04 * 100
    hits = np.abs(estimate_bpm - levels) <= TEMPO_TOLERANCE * levels * (1 + 1e-9)
    return {"accuracy1": float(hits[0]), "accuracy2": float(hits.any())}


def _checked(name: str, times: ArrayLike) -> np.ndarray:
    """The times as an array of floats, or the reason why they are no beats."""
    try:
        beats = np.asarray(times, float)
    except (TypeError, ValueError) as reason:
        raise SegmentsError(f"the {name} beats are not numbers ({reason})") from reason
    if beats.ndim != 1:
        raise SegmentsError(f"the {name} beats must have shape (n,), not {beats.shape}")
    if not np.all(np.isfinite(beats)) or np.any(beats < 0):
        raise SegmentsError(f"the {name} beats hold a time that is negative or not finite")
    if np.any(np.diff(beats) <= 0):
        raise SegmentsError(f"the {name} beats do not rise")
    return beats
