"""What the Listening desk shows and plays, packed for the page: bytes for sound and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Audio, Notes, Segments
from ...core.audio_files import encode
from ..shared.packing import EXTRA, FLAC_SECONDS, FOUND, MISSED, PEAK, PLAIN, RATE

if TYPE_CHECKING:
    from ...chords import LogSpectrogram

PEAK_RATE = 100  # lowest and highest samples a second, for the waveforms
RANGE = 66.0  # dB from black to white in the spectrogram
BEAT_TOLERANCE = 0.07  # s


def pack_sounds(
    audio: Audio, stems: Mapping[str, Audio], notes: Notes | None
) -> tuple[dict[str, bytes], dict[str, bytes], float]:
    """Sounds and waveforms of everything that can be heard.

    Parameters
    ----------
    audio
        The original.
    stems
        Its parts by name; fewer than two say no more than the original does.
    notes
        To be played beside it.

    Returns
    -------
    sounds : FLAC (MP3 above 20 s), mono at 22,050 Hz, by name: the stems or `"original"`, and
        `"notes"`, as loud as the original; all begin at 0 and last as long as it
    waveforms : by the same names and `"original"`, int8 pairs of lowest and highest, 100 a second
    duration : s
    """
    original = audio.mono().resample(RATE)
    parts = dict(stems) if len(stems) > 1 else {"original": original}
    samples = {name: _fit(part, original.samples) for name, part in parts.items()}
    if notes is not None and len(notes):
        played = _fit(notes.render(sr=RATE), original.samples)
        played *= np.float32(_rms(original.y) / max(_rms(played), 1e-9))
        samples["notes"] = played
    shown = {"original": original.y, **samples}
    # without a copy of the size of the sound, as abs() makes one
    peaks = {name: max(float(y.max()), -float(y.min())) for name, y in shown.items()}
    peak = max(peaks.values())
    # parts keep their balance, so all are scaled alike
    gain = PEAK / peak if peak > 0 else 1.0
    suffix = ".flac" if original.duration <= FLAC_SECONDS else ".mp3"
    with ThreadPoolExecutor() as pool:  # the coders run beside each other, without Python's lock
        coded = pool.map(lambda y: encode(y, RATE, suffix, gain=gain), samples.values())
        sounds = dict(zip(samples, coded, strict=True))
    full = max(peaks["original"], 1e-9)
    return sounds, {n: _waveform(y, full) for n, y in shown.items()}, original.duration


def pack_spectrogram(spectrogram: LogSpectrogram) -> tuple[bytes, dict[str, float]]:
    """A constant-Q spectrogram as a grey picture and where it stands.

    Returns
    -------
    picture : uint8, rows from the highest bin down; 0 is 66 dB under the loudest, 255 the loudest
    scale : `bins`, `frames`; `hop` in s; `lowest`, the MIDI number of the lowest bin's centre;
        `per_semitone` bins
    """
    from ...chords.classic import BINS_PER_SEMITONE, FMIN, HOP_LENGTH
    from ...core.constants import SAMPLE_RATE

    magnitude = spectrogram.magnitude[::-1]
    loudest = max(float(magnitude.max(initial=0.0)), 1e-9)
    level = 20 * np.log10(np.maximum(magnitude / loudest, 1e-6))
    picture = np.round(255 * np.clip(1 + level / RANGE, 0, 1)).astype(np.uint8)
    lowest = 12 * np.log2(FMIN / 440) + 69 + spectrogram.tuning - 1 / BINS_PER_SEMITONE
    return picture.tobytes(), {
        "bins": picture.shape[0],
        "frames": picture.shape[1],
        "hop": HOP_LENGTH / SAMPLE_RATE,
        "lowest": float(lowest),
        "per_semitone": BINS_PER_SEMITONE,
    }


def mark_chords(chords: Segments, truth: Segments | None = None) -> list[list[Any]]:
    """Chords as rows: start s, end s, label, mark.

    With a truth, chords are cut where its labels change, and a piece is extra where the two
    differ as major or minor triads (`mir_eval.chord.majmin`; where the truth is neither, nothing
    is said). Nothing is missed: time is always covered.
    """
    if truth is None or not len(truth) or not len(chords):
        return _labelled(chords, [PLAIN] * len(chords))
    import warnings

    from mir_eval import chord, util

    start, end = truth.intervals[0, 0], truth.intervals[-1, 1]
    true, found = truth.fill_gaps(start, end), chords.fill_gaps(start, end)
    pieces, true_labels, found_labels = util.merge_labeled_intervals(
        true.intervals, list(true.labels), found.intervals, list(found.labels)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about labels outside the vocabulary: -1 says it
        right = chord.majmin(true_labels, found_labels)
    marks = {1: FOUND, 0: EXTRA, -1: PLAIN}
    kept = np.diff(pieces)[:, 0] > 0
    labels = [label for label, ok in zip(found_labels, kept, strict=True) if ok]
    return _labelled(Segments(pieces[kept], labels), [marks[int(r)] for r in right[kept]])


def mark_beats(beats: Segments, truth: Segments | None = None) -> list[list[Any]]:
    """Beats as rows: time s, number in the bar, mark.

    With a truth, a beat is found within 70 ms of a true one, extra otherwise; true ones nobody
    found are added as missed (the window of `mirlab.evaluation.beat_scores`; here no beat is left
    out at the start).
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
    matched = {right for right, _ in pairs}
    missed = [
        [round(float(t), 4), label, MISSED]
        for i, (t, label) in enumerate(zip(truths, truth.labels, strict=True))
        if i not in matched
    ]
    return sorted(rows + missed, key=lambda row: row[0])


def _labelled(segments: Segments, marks: Sequence[int]) -> list[list[Any]]:
    """Start, end, label and mark a segment."""
    return [
        [round(float(start), 4), round(float(end), 4), label, mark]
        for (start, end), label, mark in zip(
            segments.intervals, segments.labels, marks, strict=True
        )
    ]


def _fit(audio: Audio, samples: int) -> np.ndarray:
    """A sound in mono at the page's rate, cut or padded to a length; shape (1, samples)."""
    y = audio.mono().resample(RATE).y[:, :samples]
    # a stem has the length already, and is long: no copy then
    return y if y.shape[1] == samples else np.pad(y, ((0, 0), (0, samples - y.shape[1])))


def _rms(y: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.vdot(y, y) / y.size))  # without a copy of its squares


def _waveform(y: np.ndarray, full: float) -> bytes:
    """Lowest and highest sample of each hundredth of a second, int8, one after the other.

    `full` is 127.
    """
    starts = (np.arange(-(-y.shape[1] * PEAK_RATE // RATE)) * RATE) // PEAK_RATE
    low, high = (edge.reduceat(y[0], starts) / full for edge in (np.minimum, np.maximum))
    pairs = np.column_stack([np.floor(127 * low), np.ceil(127 * high)])
    return np.clip(pairs, -127, 127).astype(np.int8).tobytes()
