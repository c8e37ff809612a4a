"""Scores for chords: how much of the time the label is right."""

from __future__ import annotations

import warnings

from ..core.errors import SegmentsError
from ..core.segments import Segments

MEASURES = ("root", "majmin", "thirds", "sevenths", "mirex", "underseg", "overseg", "seg")


def chord_scores(reference: Segments, estimate: Segments) -> dict[str, float]:
    """Weighted chord symbol recall under several vocabularies, and segmentation.

    The estimate is cut to the span of the reference; where either has a gap, `N` stands. A
    recall is the share of time at which the label is right; time whose true chord lies outside
    a measure's vocabulary does not count for it (a diminished chord has no say in `majmin`).
    The bass is not compared.

    - `root`: the root is right. `thirds`: and so is the third, major or minor.
    - `majmin`: right as major or minor triad (or `N`); other true chords do not count.
    - `sevenths`: right among maj, min, maj7, min7, 7 (or `N`); others do not count.
    - `mirex`: at least three pitch classes in common.
    - `underseg`, `overseg`: 1 minus the directional Hamming distance, 1 when no true boundary
      was missed, or no false one made; `seg` is the lesser of them.

    Parameters
    ----------
    reference
        The truth, labels in Harte's syntax.
    estimate
        What was found, likewise; may be empty.

    Returns
    -------
    dict
        The eight measures by name, each 0..1. A recall is 0 when no true chord counts for it.

    Raises
    ------
    SegmentsError
        When the reference is empty or a label is not a chord.

    References
    ----------
    Raffel et al., ISMIR 2014; Pauwels and Peeters, "Evaluating automatically estimated chord
    sequences", ICASSP 2013; Harte, "Towards automatic extraction of harmony information from
    music signals", thesis, 2010.

    Examples
    --------
    >>> from mirlab.core.segments import Segments
    >>> truth = Segments([[0.0, 1.0], [1.0, 4.0]], ["C:maj", "A:min7"])
    >>> found = Segments([[0.0, 4.0]], ["C:maj"])
    >>> scores = chord_scores(truth, found)
    >>> scores["root"], scores["mirex"]
    (0.25, 1.0)
    """
    from mir_eval import chord

    if not len(reference):
        raise SegmentsError("the reference holds no chord to compare with")
    start, end = reference.intervals[0, 0], reference.intervals[-1, 1]
    # mir_eval takes gaps in silence and scores nonsense, so they are filled first
    true, found = reference.fill_gaps(start, end), estimate.fill_gaps(start, end)
    try:
        with warnings.catch_warnings():
            # mir_eval warns where a vocabulary excludes every true chord; the docstring says it
            warnings.simplefilter("ignore")
            scores = chord.evaluate(
                true.intervals, list(true.labels), found.intervals, list(found.labels)
            )
    except chord.InvalidChordException as reason:
        raise SegmentsError(f"the chords cannot be scored: {reason}") from reason
    return {name: float(scores[name]) for name in MEASURES}
