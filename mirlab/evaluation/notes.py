"""Metrics for notes: note-based and frame-based."""

from __future__ import annotations

import numpy as np

from ..core.checks import as_float, require_type
from ..core.errors import NotesError
from ..core.notes import Notes

HOP = 0.01  # s; the grid of frame scores, as in MIREX's multiple-F0 estimation
OFFSET_RATIO, OFFSET_TOLERANCE = 0.2, 0.05  # of the note's duration, and seconds
DECIMALS = 4  # of distances in seconds


def note_scores(
    reference: Notes, estimate: Notes, *, onset_tolerance: float = 0.05
) -> dict[str, float]:
    """Precision, recall and F-measure of notes, with and without offsets.

    An estimated note is correct if its onset lies within `onset_tolerance` of a reference note's
    and its pitch within 50 cents; for the `onset_offset` scores, its offset must also lie within
    50 ms or 20 % of the reference note's duration, whichever is more. Each reference note matches
    at most one estimated note (a maximum matching). Velocities are not compared; drum notes, which
    have no pitch, are left out.

    Parameters
    ----------
    reference
        Reference notes.
    estimate
        Estimated notes.
    onset_tolerance
        Tolerance in seconds, 0 or more; increase it only if the reference is less exact.

    Returns
    -------
    dict
        `onset_precision`, `onset_recall`, `onset_f`, `onset_offset_precision`,
        `onset_offset_recall`, `onset_offset_f`, each 0..1. All are 0 if either has no notes
        (mir_eval's convention, also if both have none).

    Raises
    ------
    NotesError
        If either is not `Notes`, or the tolerance is negative.

    References
    ----------
    Raffel et al., "mir_eval: a transparent implementation of common MIR metrics", ISMIR 2014;
    metrics: Bay, Ehmann and Downie, "Evaluation of multiple-F0 estimation and tracking
    systems", ISMIR 2009.

    Examples
    --------
    >>> from mirlab.core.notes import Notes
    >>> truth = Notes(onset=[0.0, 1.0], offset=[0.9, 1.9], pitch=[60, 64])
    >>> late = Notes(onset=[0.04, 1.06], offset=[0.9, 1.9], pitch=[60, 64])
    >>> note_scores(truth, late)["onset_f"]
    0.5
    """
    from mir_eval.util import f_measure

    _check(reference, estimate, onset_tolerance)
    counts = [int((~notes.is_drum).sum()) for notes in (estimate, reference)]
    scores: dict[str, float] = {}
    for name, with_offsets in (("onset", False), ("onset_offset", True)):
        pairs = _match(reference, estimate, onset_tolerance, with_offsets=with_offsets)
        precision, recall = (len(pairs) / count if pairs else 0.0 for count in counts)
        scores[f"{name}_precision"], scores[f"{name}_recall"] = precision, recall
        scores[f"{name}_f"] = float(f_measure(precision, recall))
    return scores


def match_notes(reference: Notes, estimate: Notes, *, onset_tolerance: float = 0.05) -> np.ndarray:
    """Match estimated notes to reference notes: the pairs that `note_scores` counts by onset.

    Parameters
    ----------
    reference, estimate, onset_tolerance
        As in `note_scores`.

    Returns
    -------
    ndarray
        Sorted integers, shape `(pairs, 2)`: index of a reference note and of the estimated note
        that is matched to it. No note is in two pairs.

    Raises
    ------
    NotesError
        If either is not `Notes`, or the tolerance is negative.

    References
    ----------
    Raffel et al., ISMIR 2014 (`mir_eval.transcription.match_notes`).

    Examples
    --------
    >>> from mirlab.core.notes import Notes
    >>> truth = Notes(onset=[0.0, 1.0], offset=[0.9, 1.9], pitch=[60, 64])
    >>> match_notes(truth, Notes(onset=[1.01], offset=[1.9], pitch=[64])).tolist()
    [[1, 0]]
    """
    _check(reference, estimate, onset_tolerance)
    pairs = _match(reference, estimate, onset_tolerance, with_offsets=False)
    return np.array(pairs, int).reshape(-1, 2)


def frame_scores(reference: Notes, estimate: Notes) -> dict[str, float]:
    """Precision, recall and F-measure of the active pitches, on a grid of 10 ms.

    At each grid time, the pitches of the active notes (onset <= time < offset) are compared, and
    the counts are summed over the piece. The result equals `mir_eval.multipitch` with its tolerance
    of half a semitone, since MIDI numbers match only if they are equal. It is computed from
    the notes, in milliseconds instead of minutes for matching frame by frame. Drum notes are left
    out; a pitch of two simultaneous notes counts once.

    Parameters
    ----------
    reference
        Reference notes.
    estimate
        Estimated notes.

    Returns
    -------
    dict
        `frame_precision`, `frame_recall`, `frame_f` (their harmonic mean), each 0..1; 0 if the
        denominator is 0, as in mir_eval.

    References
    ----------
    Raffel et al., ISMIR 2014; Bay, Ehmann and Downie, ISMIR 2009.

    Examples
    --------
    >>> from mirlab.core.notes import Notes
    >>> truth = Notes(onset=[0.0], offset=[1.0], pitch=[60])
    >>> half = Notes(onset=[0.0], offset=[0.5], pitch=[60])
    >>> frame_scores(truth, half)
    {'frame_precision': 1.0, 'frame_recall': 0.5, 'frame_f': 0.6666666666666666}
    """
    _check(reference, estimate)
    ref, est = (_spans(notes) for notes in (reference, estimate))
    true, estimated = _active(ref), _active(est)
    hits = true + estimated - _active(np.vstack([ref, est]))
    return {
        "frame_precision": hits / estimated if estimated else 0.0,
        "frame_recall": hits / true if true else 0.0,
        "frame_f": 2 * hits / (estimated + true) if hits else 0.0,
    }


def _match(
    reference: Notes, estimate: Notes, onset_tolerance: float, *, with_offsets: bool
) -> list[tuple[int, int]]:
    """Pairs of a maximum matching, sorted: those of `mir_eval.transcription.match_notes`.

    mir_eval compares each note with each; here only notes of one pitch with near onsets are
    compared. The graph of the pairs is the same, and so is its matching.
    """
    from mir_eval.util import _bipartite_match

    ref, est = _near_pairs(reference, estimate, onset_tolerance)
    hits = _distance(reference.onset[ref], estimate.onset[est]) <= onset_tolerance
    if with_offsets:
        lengths = reference.offset[ref] - reference.onset[ref]
        tolerance = np.maximum(OFFSET_RATIO * lengths, OFFSET_TOLERANCE)
        hits &= _distance(reference.offset[ref], estimate.offset[est]) <= tolerance
    graph: dict[int, list[int]] = {}
    for i, j in zip(ref[hits].tolist(), est[hits].tolist(), strict=True):
        graph.setdefault(j, []).append(i)
    return sorted(_bipartite_match(graph).items())


def _near_pairs(
    reference: Notes, estimate: Notes, onset_tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of notes of one pitch whose onsets are near, or a little farther than `_distance` says.

    Returns
    -------
    ref, est : indices of the notes, in order of the first, then of the second; no drums
    """
    reach = onset_tolerance + 10.0**-DECIMALS
    found = [np.zeros((2, 0), int)]
    for pitch in np.intersect1d(reference.pitch, estimate.pitch):
        ref, est = (
            np.flatnonzero((notes.pitch == pitch) & ~notes.is_drum)
            for notes in (reference, estimate)
        )
        est = est[np.argsort(estimate.onset[est], kind="stable")]
        first = np.searchsorted(estimate.onset[est], reference.onset[ref] - reach)
        last = np.searchsorted(estimate.onset[est], reference.onset[ref] + reach, side="right")
        count = last - first
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        found.append(np.stack([np.repeat(ref, count), est[np.repeat(first, count) + step]]))
    ref, est = np.concatenate(found, axis=1)
    order = np.lexsort((est, ref))
    return ref[order], est[order]


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance in seconds, rounded as in mir_eval, so that 50 ms are not more than 50 ms."""
    return np.around(np.abs(a - b), decimals=DECIMALS)


def _grid(seconds: np.ndarray) -> np.ndarray:
    """First grid frame at or after each time; rounded first, since 0.29 / 0.01 > 29."""
    return np.ceil(np.round(seconds / HOP, 6)).astype(int)


def _spans(notes: Notes) -> np.ndarray:
    """Pitch, first frame and end frame of all notes but drums, shape (n, 3)."""
    pitched = ~notes.is_drum
    columns = notes.pitch[pitched], _grid(notes.onset[pitched]), _grid(notes.offset[pitched])
    return np.column_stack(columns)


def _active(spans: np.ndarray) -> int:
    """Pairs of pitch and frame in the union of spans (pitch, first, end), shape (n, 3)."""
    pitch, first, end = spans[np.lexsort((spans[:, 1], spans[:, 0]))].T
    shift = pitch * (int(end.max(initial=0)) + 1)  # one line of frames for each pitch
    reach = np.maximum.accumulate(np.r_[0, end + shift])
    return int(np.maximum(reach[1:] - np.maximum(reach[:-1], first + shift), 0).sum())


def _check(reference: Notes, estimate: Notes, onset_tolerance: float = 0.0) -> None:
    """Raise a `NotesError` for what are no notes, or no tolerance."""
    for name, notes in (("reference", reference), ("estimate", estimate)):
        require_type(name, notes, Notes, NotesError)
    if not as_float("onset_tolerance", onset_tolerance, NotesError) >= 0:
        raise NotesError(f"onset_tolerance must be 0 s or more, not {onset_tolerance}")
