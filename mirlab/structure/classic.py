"""Sections by self-similarity: boundaries from novelty, letters from the similarity of sections."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from ..chords import LogSpectrogram, constant_q
from ..core import Audio, AudioError, Segments, SegmentsError, as_audio
from ..core.checks import as_array, require
from .features import frame_edges, frame_features
from .similarity import checkerboard_novelty, repetition_novelty, self_similarity

MIN_PIECE = 20.0  # s; a shorter piece is one section
# Chosen on the songs of one half of McGill Billboard, see benchmarks/structure/billboard.py:
STACKED = 4.0  # s that are compared at once, for repetitions
RADIUS = 12.0  # s on each side of a boundary, for homogeneous parts
WIDTH = 4.0  # s, standard deviation, over which the recurrences are smoothed
HOMOGENEITY = 0.5  # weight of the novelty of homogeneous parts relative to that of repetitions
MIN_SECTION = 4.0  # s
PROMINENCE = 0.08  # of the largest novelty: how much a boundary exceeds the mean around it
AROUND = 32.0  # s, over which that mean is taken
SAME_LETTER = 0.35  # mean similarity of sections of the same letter, at least
OVERLAP = 0.7  # of the shorter of two sections that are compared
MIN_HOMOGENEITY, MIN_REPETITION = 0.07, 0.03  # novelty; noise has maxima up to 0.05 and 0
CLEAR = 0.1  # novelty; all those songs have higher maxima, of both kinds


def sections_by_novelty(audio: Audio, *, beats: Segments | None = None) -> Segments:
    """Find sections by `sections_from_spectrogram` on the constant-Q spectrogram of the audio."""
    audio = as_audio(audio)
    return sections_from_spectrogram(constant_q(audio), audio.duration, beats=beats)


def sections_from_spectrogram(
    spectrogram: LogSpectrogram, duration: float, *, beats: Segments | None = None
) -> Segments:
    """Find sections from a constant-Q spectrogram; see `sections_from_features`.

    Parameters
    ----------
    spectrogram
        From `mirlab.chords.constant_q`.
    duration
        Duration of the audio in seconds, > 0.
    beats
        Beats of the recording; boundaries lie on them. Without, they lie on a grid of 0.5 s.
    """
    edges = frame_edges(duration, beats)
    harmony, timbre = frame_features(spectrogram, edges)
    return sections_from_features(harmony, edges, timbre=timbre)


def sections_from_features(
    harmony: np.ndarray, edges: np.ndarray, *, timbre: np.ndarray | None = None
) -> Segments:
    """Find sections from the features of frames.

    Boundaries are the peaks of two novelty functions: `checkerboard_novelty` of harmony and timbre
    finds where the sound changes, `repetition_novelty` of the harmony where a repeated part begins
    or ends. Sections whose harmony has similar sequences (the best diagonal of their block of the
    self-similarity matrix) share a letter, by average linkage.

    Parameters
    ----------
    harmony
        Features of the harmony, shape `(bins, frames)`; 0 in silence.
    edges
        Where the frames begin and end, in seconds, increasing, shape `(frames + 1,)`.
    timbre
        Features of the timbre, shape `(bins, frames)`.

    Returns
    -------
    Segments
        Sections without gaps from the first to the last edge, at least 4 s long, labelled `"A"`,
        `"B"` and so on in the order in which they appear first. A piece below 20 s has one. Empty
        if the harmony is 0 everywhere: silence has no sections.

    Raises
    ------
    AudioError
        If the shapes do not fit together.
    SegmentsError
        If the edges do not increase.

    Examples
    --------
    >>> verse, chorus = np.eye(12)[:, [0, 4, 7, 0] * 8], np.eye(12)[:, [5, 9, 2, 5] * 8]
    >>> song = np.hstack([verse, chorus, verse])  # 32 frames each
    >>> sections_from_features(song, np.arange(97) / 2).labels
    ('A', 'B', 'A')
    """
    harmony = as_array("harmony", harmony, AudioError, ndim=2)
    edges = as_array("edges", edges, SegmentsError)
    fits = f"edges must have shape ({harmony.shape[1] + 1},), not {edges.shape}"
    require(edges.size == harmony.shape[1] + 1, fits)
    increasing = edges.size > 1 and bool(np.all(np.diff(edges) > 0))
    require(increasing, "edges must be two or more increasing times", SegmentsError)
    if not harmony.any():
        return Segments([], [])
    if edges[-1] - edges[0] < MIN_PIECE:
        return Segments([(edges[0], edges[-1])], ["A"])
    period = float(edges[-1] - edges[0]) / harmony.shape[1]
    sequences = self_similarity(harmony, stacked=2 * _frames(STACKED / 2, period) + 1)
    sound = self_similarity(harmony)
    if timbre is not None:
        timbre = as_array("timbre", timbre, AudioError, ndim=2)
        same = f"timbre must have {harmony.shape[1]} frames, as harmony, not {timbre.shape[1]}"
        require(timbre.shape[1] == harmony.shape[1], same)
        sound = (sound + self_similarity(_standardised(timbre))) / 2
    repetition = repetition_novelty(sequences, width=WIDTH / period)
    change = checkerboard_novelty(sound, radius=_frames(RADIUS, period))
    novelty = _scaled(repetition, MIN_REPETITION) + HOMOGENEITY * _scaled(change, MIN_HOMOGENEITY)
    bounds = np.r_[0, _peaks(novelty, period), harmony.shape[1]]
    return Segments(np.c_[edges[bounds[:-1]], edges[bounds[1:]]], _letters(sequences, bounds))


def _frames(seconds: float, period: float) -> int:
    """Seconds in frames, at least 1."""
    return max(1, round(seconds / period))


def _standardised(timbre: np.ndarray) -> np.ndarray:
    """Coefficients of a standard deviation of 1 over the piece; those that hardly vary, of less."""
    return timbre / np.maximum(timbre.std(axis=1, keepdims=True), 5.0)


def _scaled(novelty: np.ndarray, lowest: float) -> np.ndarray:
    """Novelty of 0..1 relative to its maximum or `CLEAR`; 0 if the maximum is below `lowest`."""
    highest = float(novelty.max())
    if highest < lowest:
        return np.zeros(novelty.size)
    return np.maximum(novelty, 0) / max(highest, CLEAR)


def _peaks(novelty: np.ndarray, period: float) -> np.ndarray:
    """Frames at which sections begin, without the first: prominent maxima of the novelty."""
    apart = _frames(MIN_SECTION, period)
    highest = maximum_filter1d(novelty, 2 * apart + 1)
    around = uniform_filter1d(novelty, _frames(AROUND, period) + 1, mode="nearest")
    prominent = novelty - around > PROMINENCE * novelty.max()
    frames = np.flatnonzero((novelty == highest) & prominent)
    frames = frames[np.diff(np.r_[-apart, frames]) >= apart]  # a plateau is one maximum
    return frames[(frames >= apart) & (frames <= novelty.size - apart)]


def _letters(sequences: np.ndarray, bounds: np.ndarray) -> list[str]:
    """A letter for each section, the same for similar ones."""
    spans = list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
    if len(spans) == 1:
        return ["A"]
    distances = [
        1 - _similarity(sequences[slice(*first), slice(*second)])
        for i, first in enumerate(spans)
        for second in spans[i + 1 :]
    ]
    tree = linkage(np.maximum(distances, 0), method="average")
    groups = fcluster(tree, 1 - SAME_LETTER, criterion="distance").tolist()
    names = {group: letter(i) for i, group in enumerate(dict.fromkeys(groups))}
    return [names[group] for group in groups]


def _similarity(block: np.ndarray) -> float:
    """Similarity of two sections: the largest mean along a diagonal of their block.

    A diagonal is a time shift between the two; they overlap by 70 % of the shorter one at least.
    """
    first, second = block.shape
    overlap = max(1, round(OVERLAP * min(first, second)))
    shifts = range(overlap - first, second - overlap + 1)
    return max(float(np.diagonal(block, shift).mean()) for shift in shifts)


def letter(index: int) -> str:
    """Name of the letter with this index: A to Z, then AA, AB and so on.

    Examples
    --------
    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    index += 1
    while index:
        index, last = divmod(index - 1, 26)
        name = chr(ord("A") + last) + name
    return name
