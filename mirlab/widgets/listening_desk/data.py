"""Data of the Listening desk, packed for the page: audio, waveforms, spectrogram and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Audio, Notes, Segments
from ...core.audio_files import encode
from ...core.errors import NotesError
from ...score.spelling import signature, spell_chord
from ..shared.packing import EXTRA, FLAC_SECONDS, FOUND, MISSED, PEAK, PLAIN, RATE

if TYPE_CHECKING:
    from ...chords import LogSpectrogram

PEAK_RATE = 100  # minima and maxima per second, for the waveforms
RANGE = 66.0  # dB, dynamic range of the spectrogram
BEAT_TOLERANCE = 0.07  # s


def pack_sounds(
    audio: Audio, stems: Mapping[str, Audio], notes: Notes | None
) -> tuple[dict[str, bytes], dict[str, bytes], float]:
    """Pack all playable sounds and their waveforms.

    Parameters
    ----------
    audio
        The original.
    stems
        Stems by name; fewer than two are ignored in favour of the original.
    notes
        Notes to synthesize.

    Returns
    -------
    sounds : FLAC (MP3 above 20 s), mono at 22,050 Hz, by name: the stems or `"original"`, and
        `"notes"`, at the level of the original; all have its length
    waveforms : by the same names and `"original"`, int8 pairs of minimum and maximum, 100 a second
    duration : s
    """
    original = audio.mono().resample(RATE)
    parts = dict(stems) if len(stems) > 1 else {"original": original}
    samples = {name: _fit(part, original.samples) for name, part in parts.items()}
    if notes is not None and len(notes):
        rendered = _fit(notes.render(sr=RATE), original.samples)
        rendered *= np.float32(_rms(original.y) / max(_rms(rendered), 1e-9))
        samples["notes"] = rendered
    tracks = {"original": original.y, **samples}
    # abs() would copy the whole signal
    peaks = {name: max(float(y.max()), -float(y.min())) for name, y in tracks.items()}
    peak = max(peaks.values())
    # a common gain preserves the balance of the stems
    gain = PEAK / peak if peak > 0 else 1.0
    suffix = ".flac" if original.duration <= FLAC_SECONDS else ".mp3"
    with ThreadPoolExecutor() as pool:  # the encoders release Python's lock
        coded = pool.map(lambda y: encode(y, RATE, suffix, gain=gain), samples.values())
        sounds = dict(zip(samples, coded, strict=True))
    full = max(peaks["original"], 1e-9)
    return sounds, {n: _waveform(y, full) for n, y in tracks.items()}, original.duration


def pack_spectrogram(spectrogram: LogSpectrogram) -> tuple[bytes, dict[str, float]]:
    """Pack a constant-Q spectrogram as a greyscale image with its axes.

    Returns
    -------
    image : uint8, rows from the highest bin down; 255 is the maximum, 0 lies 66 dB below it
    scale : `bins`, `frames`; `hop` in s; `lowest`, the MIDI number of the lowest bin's centre;
        `per_semitone` bins
    """
    from ...chords.classic import BINS_PER_SEMITONE, FMIN, HOP_LENGTH
    from ...core.constants import SAMPLE_RATE

    magnitude = spectrogram.magnitude[::-1]
    loudest = max(float(magnitude.max(initial=0.0)), 1e-9)
    level = 20 * np.log10(np.maximum(magnitude / loudest, 1e-6))
    image = np.round(255 * np.clip(1 + level / RANGE, 0, 1)).astype(np.uint8)
    lowest = 12 * np.log2(FMIN / 440) + 69 + spectrogram.tuning - 1 / BINS_PER_SEMITONE
    return image.tobytes(), {
        "bins": image.shape[0],
        "frames": image.shape[1],
        "hop": HOP_LENGTH / SAMPLE_RATE,
        "lowest": float(lowest),
        "per_semitone": BINS_PER_SEMITONE,
    }


def mark_chords(chords: Segments, truth: Segments | None = None) -> list[list[Any]]:
    """Chords as rows: start in s, end in s, label, mark.

    With a reference, chords are split where its labels change, and a segment is extra where the two
    differ as major or minor triads (`mir_eval.chord.majmin`; where the reference is neither, the
    segment is not marked). No chord is missed, since the segments cover the whole time.
    """
    if truth is None or not len(truth) or not len(chords):
        return _label_rows(chords, [PLAIN] * len(chords))
    import warnings

    from mir_eval import chord, util

    start, end = truth.intervals[0, 0], truth.intervals[-1, 1]
    true, found = truth.fill_gaps(start, end), chords.fill_gaps(start, end)
    intervals, true_labels, found_labels = util.merge_labeled_intervals(
        true.intervals, list(true.labels), found.intervals, list(found.labels)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # labels outside the vocabulary, reported as -1
        agreement = chord.majmin(true_labels, found_labels)
    marks = {1: FOUND, 0: EXTRA, -1: PLAIN}
    nonempty = np.diff(intervals)[:, 0] > 0
    labels = [label for label, ok in zip(found_labels, nonempty, strict=True) if ok]
    return _label_rows(
        Segments(intervals[nonempty], labels), [marks[int(r)] for r in agreement[nonempty]]
    )


def spell_chords(rows: list[list[Any]], key: str | None) -> list[list[Any]]:
    """Rows of `mark_chords` with the roots spelled in a key; unchanged if it is not known."""
    try:
        fifths = signature(key or "")
    except NotesError:  # none, or another mode than major and minor
        return rows
    return [[start, end, spell_chord(label, fifths), mark] for start, end, label, mark in rows]


def mark_beats(beats: Segments, truth: Segments | None = None) -> list[list[Any]]:
    """Beats as rows: time in s, number in the bar, mark.

    With a reference, a beat within 70 ms of a reference beat is found, otherwise extra; unmatched
    reference beats are added as missed (the tolerance of `mirlab.evaluation.beat_scores`, but
    without excluding the first seconds).
    """
    times, truths = beats.intervals[:, 0], None if truth is None else truth.intervals[:, 0]
    rows = [
        [round(float(t), 4), label, PLAIN] for t, label in zip(times, beats.labels, strict=True)
    ]
    if truth is None or truths is None:
        return rows
    from mir_eval import util

    pairs = util.match_events(truths, times, BEAT_TOLERANCE) if len(truths) and len(times) else []
    for row in rows:
        row[2] = EXTRA
    for _, found in pairs:
        rows[found][2] = FOUND
    matched = {reference for reference, _ in pairs}
    missed = [
        [round(float(t), 4), label, MISSED]
        for i, (t, label) in enumerate(zip(truths, truth.labels, strict=True))
        if i not in matched
    ]
    return sorted(rows + missed, key=lambda row: row[0])


def section_rows(sections: Segments) -> list[list[Any]]:
    """Sections as rows: start in s, end in s, letter, mark; sections have no reference."""
    return _label_rows(sections, [PLAIN] * len(sections))


def _label_rows(segments: Segments, marks: Sequence[int]) -> list[list[Any]]:
    """Start, end, label and mark of each segment."""
    return [
        [round(float(start), 4), round(float(end), 4), label, mark]
        for (start, end), label, mark in zip(
            segments.intervals, segments.labels, marks, strict=True
        )
    ]


def _fit(audio: Audio, samples: int) -> np.ndarray:
    """Mix to mono, resample to the page's rate, trim or pad; shape `(1, samples)`."""
    y = audio.mono().resample(RATE).y[:, :samples]
    # avoid a copy of a stem, which has the right length
    return y if y.shape[1] == samples else np.pad(y, ((0, 0), (0, samples - y.shape[1])))


def _rms(y: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.vdot(y, y) / y.size))  # avoids an array of squares


def _waveform(y: np.ndarray, full: float) -> bytes:
    """Minimum and maximum of each hundredth of a second, interleaved int8.

    `full` is the amplitude that maps to 127.
    """
    starts = (np.arange(-(-y.shape[1] * PEAK_RATE // RATE)) * RATE) // PEAK_RATE
    low, high = (edge.reduceat(y[0], starts) / full for edge in (np.minimum, np.maximum))
    pairs = np.column_stack([np.floor(127 * low), np.ceil(127 * high)])
    return np.clip(pairs, -127, 127).astype(np.int8).tobytes()
