"""Metrics for beats and tempo."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from ..core.checks import as_float, as_floats, require_type
from ..core.errors import SegmentsError
from ..core.segments import Segments

TRIM = 5.0  # s; earlier beats are ignored, so that a tracker has time to adapt
WINDOW = 0.07  # s; largest distance of matched beats
TEMPO_TOLERANCE = 0.04  # relative to the reference tempo
# estimated tempo relative to the reference
OCTAVE_ERRORS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 2, 2.0, 3.0, 4.0)
OCTAVE_TOLERANCE = 0.08  # relative to each of these


def beat_scores(reference_times: ArrayLike, estimate_times: ArrayLike) -> dict[str, float]:
    """Evaluate estimated beats.

    **Beats before 5 s are removed from both first** (as in mir_eval and MIREX), so a recording of
    6 s is scored on one second, and its beginning is not evaluated.

    - `f`: F-measure of beats within 70 ms of a reference beat.
    - `cmlt`: fraction of beats whose time and distance to the previous beat are both within 17.5 %
      of a reference interval (correct metrical level, total).
    - `amlt`: the same, allowing off-beats and half and double tempo (any metrical level).
    - `p_score`: beats within 20 % of the median reference interval of a reference beat, as a
      fraction of the beats of whichever has more (McKinney et al. 2007).
    - `information_gain`: deviation of the errors from a uniform distribution over the beat; 0 for
      unrelated beats, 1 for identical errors.

    Parameters
    ----------
    reference_times, estimate_times
        Increasing times in seconds, shape (n,); either may be empty.

    Returns
    -------
    dict
        `f`, `cmlt`, `amlt`, `p_score`, `information_gain`, each 0..1. All are 0 if either has no
        beats after trimming (mir_eval's convention); all but `f` also if either has only one.

    Raises
    ------
    SegmentsError
        If times are not one-dimensional, increasing, finite and at least 0.

    References
    ----------
    Raffel et al., ISMIR 2014; Davies, Degara and Plumbley, "Evaluation methods for musical audio
    beat tracking algorithms", Queen Mary University technical report C4DM-TR-09-06, 2009; McKinney
    et al., "Evaluation of audio beat tracking and music tempo extraction algorithms", Journal of
    New Music Research 36(1), 2007.

    Examples
    --------
    >>> beats = np.arange(0, 30, 0.5)
    >>> scores = beat_scores(beats, beats[::2])
    >>> scores["cmlt"], scores["amlt"]
    (0.0, 1.0)
    """
    from mir_eval import beat

    reference, estimate = _trimmed(reference_times, estimate_times)
    if not len(reference) or not len(estimate):
        return dict.fromkeys(("f", "cmlt", "amlt", "p_score", "information_gain"), 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a single beat, see the docstring
        _, cmlt, _, amlt = beat.continuity(reference, estimate)
        return {
            "f": float(beat.f_measure(reference, estimate)),
            "cmlt": float(cmlt),
            "amlt": float(amlt),
            "p_score": float(beat.p_score(reference, estimate)),
            "information_gain": float(beat.information_gain(reference, estimate)),
        }


def beat_offset(reference_times: ArrayLike, estimate_times: ArrayLike) -> float:
    """Median signed time from a reference beat to the estimated beat that matches it.

    Beats are matched within 70 ms, each once, after those before 5 s are removed from both, as for
    the F-measure of `beat_scores`. A systematic error of some milliseconds costs nothing there, but
    it is heard when clicks are added to the music.

    Parameters
    ----------
    reference_times, estimate_times
        Increasing times in seconds, shape (n,); either may be empty.

    Returns
    -------
    float
        Seconds, -0.07..0.07, positive if the estimate is late; NaN if no beats match.

    Raises
    ------
    SegmentsError
        As in `beat_scores`.

    Examples
    --------
    >>> beats = np.arange(0, 30, 0.5)
    >>> round(beat_offset(beats, beats + 0.02), 3)
    0.02
    """
    from mir_eval.util import match_events

    reference, estimate = _trimmed(reference_times, estimate_times)
    pairs = match_events(reference, estimate, WINDOW)
    errors = [float(estimate[j] - reference[i]) for i, j in pairs]
    return float(np.median(errors)) if errors else float("nan")


def tempo_ratio(reference_times: ArrayLike, estimate_times: ArrayLike) -> float:
    """Tempo of the estimated beats relative to that of the reference beats at the same time.

    The position of each estimated beat is counted in reference beats, linear between them; the
    result is 1 over the median advance per estimated beat. Where the tempo varies, this shows the
    metrical level of a tracker more reliably than a comparison of two mean tempi does.

    Parameters
    ----------
    reference_times, estimate_times
        Increasing times in seconds, shape (n,); either may be empty.

    Returns
    -------
    float
        1 for the same beats, 0.5 for every other one; 0 if fewer than two estimated beats are
        between the first and the last reference beat.

    Raises
    ------
    SegmentsError
        As in `beat_scores`.

    Examples
    --------
    >>> faster = np.cumsum(np.linspace(0.8, 0.4, 60))
    >>> round(tempo_ratio(faster, faster[::2]), 3)
    0.5
    """
    reference = _check_times("reference", reference_times)
    estimate = _check_times("estimate", estimate_times)
    if reference.size < 2:
        return 0.0
    inside = estimate[(estimate >= reference[0]) & (estimate <= reference[-1])]
    if inside.size < 2:
        return 0.0
    advance = np.diff(np.interp(inside, reference, np.arange(reference.size)))
    return float(1 / np.median(advance))


def is_octave_error(ratio: float) -> bool:
    """Whether a ratio of tempi is near 1/4, 1/3, 1/2, 2/3, 3/2, 2, 3 or 4, within 8 %.

    Parameters
    ----------
    ratio
        Estimated tempo over reference tempo, see `tempo_ratio`.

    Raises
    ------
    SegmentsError
        If the ratio is negative or not finite.

    Examples
    --------
    >>> is_octave_error(1.04), is_octave_error(2.1)
    (False, True)
    """
    ratio = as_float("the ratio of tempi", ratio, SegmentsError)
    if not 0 <= ratio < np.inf:
        raise SegmentsError(f"a ratio of tempi must be 0 or more, not {ratio}")
    return any(abs(ratio / level - 1) <= OCTAVE_TOLERANCE for level in OCTAVE_ERRORS)


def bar_scores(reference: Segments, estimate: Segments) -> dict[str, float]:
    """Evaluate estimated downbeats and the estimated number of beats in a bar.

    Parameters
    ----------
    reference, estimate
        One segment per beat, labelled with its number in the bar; `"1"` is the downbeat. Either may
        be empty.

    Returns
    -------
    dict
        `downbeat_f`: F-measure of the downbeats within 70 ms, 0..1, after those before 5 s are
        removed from both. `meter`: 1 if most bars have the same number of beats in both,
        otherwise 0. A bar is what is between two downbeats.

    Raises
    ------
    SegmentsError
        If either is not `Segments`, or its times are negative or do not increase.

    References
    ----------
    Böck, Krebs and Widmer, "Joint beat and downbeat tracking with recurrent neural networks",
    ISMIR 2016, who evaluate downbeats likewise.

    Examples
    --------
    >>> beat = np.column_stack([np.arange(24), np.arange(1, 25)]) / 2
    >>> waltz = Segments(beat, ["1", "2", "3"] * 8)
    >>> march = Segments(beat, ["1", "2"] * 12)
    >>> {name: round(value, 2) for name, value in bar_scores(waltz, march).items()}
    {'downbeat_f': 0.36, 'meter': 0.0}
    """
    first, second = _downbeats("reference", reference), _downbeats("estimate", estimate)
    found = _bar_length(first)
    return {
        "downbeat_f": beat_scores(reference.intervals[first, 0], estimate.intervals[second, 0])[
            "f"
        ],
        "meter": float(found > 0 and found == _bar_length(second)),
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


def _downbeats(name: str, beats: Segments) -> np.ndarray:
    """Indices of the beats labelled "1"; raise a `SegmentsError` if the beats are invalid."""
    require_type(name, beats, Segments, SegmentsError)
    _check_times(name, beats.intervals[:, 0])
    return np.flatnonzero(np.array(beats.labels) == "1")


def _bar_length(downbeats: np.ndarray) -> int:
    """Most common distance of downbeats (the smallest, if several are), or 0 without a bar."""
    return int(np.bincount(np.diff(downbeats)).argmax()) if downbeats.size > 1 else 0


def _trimmed(reference_times: ArrayLike, estimate_times: ArrayLike) -> list[np.ndarray]:
    """Reference and estimated beats from 5 s on."""
    pair = (("reference", reference_times), ("estimate", estimate_times))
    checked = [_check_times(name, times) for name, times in pair]
    return [times[times >= TRIM] for times in checked]


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
