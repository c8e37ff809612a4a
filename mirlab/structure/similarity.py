"""Self-similarity of a piece, and two novelty functions that are computed from it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from ..core import AudioError
from ..core.checks import as_array, require, require_count, require_number

MOST = 2000  # frames that are compared at once, or in a neighbourhood
FLOOR = 0.4  # length of a deviation from the mean that counts as none
NEIGHBOURS = 0.04  # of all frames: how many may be recurrences of a frame
MIN_SIMILARITY = 0.2  # of a recurrence
NEAR = 3  # frames; what is as near in time is similar in any music


def self_similarity(features: np.ndarray, *, stacked: int = 1) -> np.ndarray:
    """Self-similarity matrix: the cosine similarity of the features of all pairs of frames.

    The mean over the piece is subtracted from the features first, so that the similarity of
    unrelated frames is about 0.

    Parameters
    ----------
    features
        Finite numbers, shape `(bins, frames)`.
    stacked
        Consecutive frames that are compared at once. Above 1, a similarity is that of sequences:
        the matrix is smoothed along its diagonals, and repetitions become stripes parallel to the
        main diagonal. With an odd number, a sequence is centred on its frame.

    Returns
    -------
    ndarray
        Shape `(frames, frames)`, float32, -1..1, symmetric.

    Raises
    ------
    AudioError
        If the features are not such an array, or `stacked` is not 1..2000.

    References
    ----------
    Foote, "Visualizing music and audio using self-similarity", ACM Multimedia 1999.

    Examples
    --------
    >>> self_similarity(np.array([[1, 0, 1.0], [0, 1, 0]])).round()
    array([[ 1., -1.,  1.],
           [-1.,  1., -1.],
           [ 1., -1.,  1.]], dtype=float32)
    """
    features = as_array("features", features, AudioError, ndim=2).astype(np.float32)
    require_count("stacked", stacked)
    require(stacked <= MOST, f"stacked must be at most {MOST}, not {stacked}")
    if not features.size:
        return np.zeros((features.shape[1],) * 2, np.float32)
    deviation = features - features.mean(axis=1, keepdims=True)
    unit = deviation / np.maximum(np.linalg.norm(deviation, axis=0), FLOOR)
    padded = np.pad(unit, ((0, 0), (stacked // 2, (stacked - 1) // 2)), mode="symmetric")
    frames = features.shape[1]
    sequences = np.vstack([padded[:, i : i + frames] for i in range(stacked)])
    similarity: np.ndarray = sequences.T @ sequences / stacked
    return similarity


def checkerboard_novelty(similarity: np.ndarray, *, radius: int) -> np.ndarray:
    """Novelty of a boundary between two homogeneous parts (Foote, ICME 2000).

    A kernel like a checkerboard of two by two fields, tapered by a Gaussian, is moved along the
    main diagonal: it is positive where frames of the same side meet and negative where the two
    sides meet.

    Parameters
    ----------
    similarity
        From `self_similarity`.
    radius
        Frames on each side that are compared, 1..2000.

    Returns
    -------
    ndarray
        Shape `(frames,)`, -1..1: the novelty of a boundary at the start of each frame. Beyond the
        ends of the piece the similarity is 0.

    Examples
    --------
    >>> halves = np.kron(np.eye(2), np.ones((8, 8)))
    >>> int(checkerboard_novelty(halves, radius=4).argmax())
    8
    """
    similarity = _as_square(similarity)
    require_count("radius", radius)
    require(radius <= MOST, f"radius must be at most {MOST}, not {radius}")
    offsets = np.arange(-radius, radius) + 0.5
    taper = np.sign(offsets) * np.exp(-2 * (offsets / radius) ** 2)
    taper /= np.abs(taper).sum()
    padded = np.pad(similarity, radius)
    blocks = (padded[i : i + 2 * radius, i : i + 2 * radius] for i in range(len(similarity)))
    return np.array([taper @ block @ taper for block in blocks])


def repetition_novelty(similarity: np.ndarray, *, width: float) -> np.ndarray:
    """Novelty of a boundary between parts that are repeated elsewhere (Serra et al. 2014).

    Frames recur where they are among the most similar ones of each other. A part that is repeated
    later by some lag recurs at this lag from its beginning to its end, so the set of lags at which
    frames recur changes at its boundaries: also between a part and its immediate repetition.

    Parameters
    ----------
    similarity
        From `self_similarity` of stacked frames.
    width
        Standard deviation in frames of the Gaussian that smooths the recurrences in time, > 0.

    Returns
    -------
    ndarray
        Shape `(frames,)`, at least 0: the novelty of a boundary at the start of each frame; how
        much the smoothed recurrences at all lags change from the frame before.

    References
    ----------
    Serra, Mueller, Grosche and Arcos, "Unsupervised music structure annotation by time series
    structure features and segment similarity", IEEE Transactions on Multimedia 16(5), 2014.
    """
    similarity = _as_square(similarity)
    require_number("width", width, minimum=1e-3, maximum=MOST)
    recurs = _recurrences(similarity)
    frames = len(similarity)
    lags = np.zeros((frames, 2 * frames), np.float32)  # column 0 is the lag of -frames
    for i in range(frames):
        lags[i, frames - i : 2 * frames - i] = recurs[i]
    smoothed = gaussian_filter(lags, (width, 1.0), mode="nearest")
    change = np.linalg.norm(np.diff(smoothed, axis=0), axis=1)
    return np.r_[0.0, change][:frames]


def _recurrences(similarity: np.ndarray) -> np.ndarray:
    """Which pairs of frames are among the most similar ones of each other; booleans."""
    frames = len(similarity)
    i, j = np.ogrid[:frames, :frames]
    distant = np.where(np.abs(i - j) > NEAR, similarity, np.float32(-1))
    count = max(1, int(NEIGHBOURS * frames))
    if frames <= count:
        return np.zeros((frames, frames), bool)
    nearest = np.partition(distant, frames - count, axis=1)[:, frames - count]
    lowest = np.maximum(nearest, MIN_SIMILARITY)
    return (distant >= lowest[:, None]) & (distant >= lowest[None])


def _as_square(similarity: np.ndarray) -> np.ndarray:
    """Check a self-similarity matrix."""
    checked = as_array("similarity", similarity, AudioError, ndim=2)
    square = f"similarity must have shape (frames, frames), not {checked.shape}"
    require(checked.shape[0] == checked.shape[1], square)
    return checked
