"""Metrics for chords: weighted chord symbol recall and segmentation."""

from __future__ import annotations

import warnings

from ..core.checks import require_type
from ..core.errors import SegmentsError
from ..core.segments import Segments

MEASURES = ("root", "majmin", "thirds", "sevenths", "mirex", "underseg", "overseg", "seg")


def chord_scores(reference: Segments, estimate: Segments) -> dict[str, float]:
    """Weighted chord symbol recall for several vocabularies, and segmentation quality.

    The estimate is cropped to the span of the reference; gaps in either are `N`. A recall is the
    fraction of time with the correct label. Time whose reference chord is outside of a metric's
    vocabulary is ignored (a diminished chord, in `majmin`). The bass is not compared.

    - `root`: the root is correct. `thirds`: root and third, major or minor, are correct.
    - `majmin`: correct major or minor triad (or `N`); other reference chords are ignored.
    - `sevenths`: correct among maj, min, maj7, min7, 7 (or `N`); others are ignored.
    - `mirex`: at least three pitch classes in common.
    - `underseg`, `overseg`: 1 minus the directional Hamming distance: 1 if no boundary is missed,
      or no boundary is spurious; `seg` is the minimum of the two.

    Parameters
    ----------
    reference
        Reference chords in Harte's syntax.
    estimate
        Estimated chords in Harte's syntax; may be empty.

    Returns
    -------
    dict
        The eight metrics by name, each 0..1. A recall is 0 if all reference chords are ignored.

    Raises
    ------
    SegmentsError
        If either is not `Segments`, the reference is empty or a label is not a chord.

    References
    ----------
    Raffel et al., ISMIR 2014; Pauwels and Peeters, "Evaluating automatically estimated chord
    sequences", ICASSP 2013; Harte, "Towards automatic extraction of harmony information from
    music signals", thesis, 2010.

    Examples
    --------
    >>> from mirlab.core.segments import Segments
    >>> truth = Segments([[0.0, 1.0], [1.0, 4.0]], ["C:maj", "A:min7"])
    >>> estimate = Segments([[0.0, 4.0]], ["C:maj"])
    >>> scores = chord_scores(truth, estimate)
    >>> scores["root"], scores["mirex"]
    (0.25, 1.0)
    """
    from mir_eval import chord

    for name, chords in (("reference", reference), ("estimate", estimate)):
        require_type(name, chords, Segments, SegmentsError)
    if not len(reference):
        raise SegmentsError("the reference holds no chord to compare with")
    start, end = reference.intervals[0, 0], reference.intervals[-1, 1]
    # mir_eval accepts gaps without an error, but its scores are wrong; so fill them first
    reference, estimate = reference.fill_gaps(start, end), estimate.fill_gaps(start, end)
    try:
        with warnings.catch_warnings():
            # mir_eval warns if a vocabulary excludes every reference chord, see the docstring
            warnings.simplefilter("ignore")
            scores = chord.evaluate(
                reference.intervals,
                list(reference.labels),
                estimate.intervals,
                list(estimate.labels),
            )
    except chord.InvalidChordException as reason:
        raise SegmentsError(f"the chords cannot be scored: {reason}") from reason
    return {name: float(scores[name]) for name in MEASURES}
