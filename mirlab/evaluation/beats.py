"""Metrics for beats and tempo."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, as_floats
from ..core.errors import SegmentsError

TRIM = 5.0  # s; earlier beats are ignored, so that a tracker has time to adapt
TEMPO_TOLERANCE = 0.04  # relative to the reference tempo


def beat_scores(reference_times: ArrayLike, estimate_times: ArrayLike) -> dict[str, float]:
    """Evaluate estimated beats.

    **Beats before 5 s are removed from both first** (as in mir_eval and MIREX), so a recording of
    6 s is scored on one second, and its beginning is not evaluated.

    - `f`: F-measure of beats within 70 ms of a reference beat.
    - `cmlt`: fraction of beats whose time and distance to the previous beat are both within 17.5 %
      of a reference interval (correct metrical level, total).
    - `amlt`: the same, allowing off-beats and half and double tempo (any metrical level).
    - `information_gain`: deviation of the errors from a uniform distribution over the beat; 0 for
      unrelated beats, 1 for identical errors.

    Parameters
    ----------
    reference_times, estimate_times
        Increasing times in seconds, shape (n,); either may be empty.

    Returns
    -------
    dict
        `f`, `cmlt`, `amlt`, `information_gain`, each 0..1. All are 0 if either has no beats after
        trimming (mir_eval's convention); all but `f` also if either has only one.

    Raises
    ------
    SegmentsError
        If times are not one-dimensional, increasing, finite and at least 0.

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
        beat.trim_beats(_check_times(name, times), min_beat_time=TRIM)
        for name, times in (("reference", reference_times), ("estimate", estimate_times))
    )
    if not len(reference) or not len(estimate):
        return dict.fromkeys(("f", "cmlt", "amlt", "information_gain"), 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a single beat, see the docstring
        _, cmlt, _, amlt = beat.continuity(reference, estimate)
        return {
            "f": float(beat.f_measure(reference, estimate)),
            "cmlt": float(cmlt),
            "amlt": float(amlt),
            "information_gain": float(beat.information_gain(reference, estimate)),
        }


def tempo_scores(reference_bpm: float, estimate_bpm: float) -> dict[str, float]:
    """Evaluate an estimated tempo, exactly and up to the metrical level.

    Parameters
    ----------
    reference_bpm
        Reference tempo, more than 0 beats per minute.
    estimate_bpm
        Estimated tempo; 0 for none.

    Returns
    -------
    dict
        `accuracy1`: 1 if within 4 % of the reference, otherwise 0. `accuracy2`: the same, also
        for a third, half, twice and three times the reference tempo.

    Raises
    ------
    SegmentsError
        If the reference is not positive, or the estimate is negative or not finite.

    References
    ----------
    Gouyon et al., "An experimental comparison of audio tempo induction algorithms", IEEE
    Transactions on Audio, Speech, and Language Processing 14(5), 2006.

    Examples
    --------
    >>> tempo_scores(120, 61)
    {'accuracy1': 0.0, 'accuracy2': 1.0}
    """
    reference_bpm = as_float("the reference tempo", reference_bpm, SegmentsError)
    estimate_bpm = as_float("the estimated tempo", estimate_bpm, SegmentsError)
    if not 0 < reference_bpm < np.inf:
        raise SegmentsError(f"the true tempo must be positive, not {reference_bpm} bpm")
    if not 0 <= estimate_bpm < np.inf:
        raise SegmentsError(f"a tempo must be 0 or more, not {estimate_bpm} bpm")
    levels = reference_bpm * np.array([1, 1 / 3, 1 / 2, 2, 3])
    # slightly more than 4 %, so that 104 is within 4 % of 100 despite the rounding of 0.04 * 100
    hits = np.abs(estimate_bpm - levels) <= TEMPO_TOLERANCE * levels * (1 + 1e-9)
    return {"accuracy1": float(hits[0]), "accuracy2": float(hits.any())}


def _check_times(name: str, times: ArrayLike) -> np.ndarray:
    """Convert beat times to an array of floats; raise a `SegmentsError` if they are invalid."""
    beats = as_floats(f"the {name} beats", times, SegmentsError)
    if beats.ndim != 1:
        raise SegmentsError(f"the {name} beats must have shape (n,), not {beats.shape}")
    if not np.all(np.isfinite(beats)) or np.any(beats < 0):
        raise SegmentsError(f"the {name} beats hold a time that is negative or not finite")
    if np.any(np.diff(beats) <= 0):
        raise SegmentsError(f"the {name} beats do not increase")
    return beats
