"""`Segments`: labelled time intervals, as in mir_eval."""

from __future__ import annotations

import codecs
import os
import re
import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

import numpy as np
from numpy.typing import ArrayLike

from .checks import as_float, as_floats, require
from .display import segments_html
from .errors import SegmentsError
from .files import atomic_write


@dataclass(frozen=True, eq=False)
class Segments:
    """Labelled intervals: chords, keys, beats, sections.

    Parameters
    ----------
    intervals
        Start and end of each segment in seconds, shape `(n, 2)`, `0 <= start < end`, sorted
        and without overlap; gaps are allowed.
    labels
        One string per segment.

    Raises
    ------
    SegmentsError
        If the shapes do not match, or intervals are unsorted, overlap, or end before they start.

    Examples
    --------
    >>> chords = Segments([[0, 2], [2, 4]], ["C:maj", "G:7"])
    >>> chords.at([1.0, 3.0, 9.0])
    ['C:maj', 'G:7', 'N']
    """

    intervals: np.ndarray
    labels: tuple[str, ...]

    def __init__(self, intervals: ArrayLike, labels: Sequence[str]) -> None:
        table = as_floats("intervals", intervals, SegmentsError)
        names = tuple(labels) if isinstance(labels, Iterable) else (labels,)
        if isinstance(labels, str) or not all(isinstance(name, str) for name in names):
            raise SegmentsError(f"labels must be a list of strings, not {reprlib.repr(labels)}")
        table = table.reshape(0, 2) if table.size == 0 else table
        if table.ndim != 2 or table.shape[1] != 2 or len(table) != len(names):
            raise SegmentsError(
                f"intervals of shape (n, 2) and n labels are needed, "
                f"not {table.shape} and {len(names)}"
            )
        bad = np.flatnonzero(~((table[:, 0] >= 0) & (table[:, 0] < table[:, 1])))
        if bad.size or not np.all(np.isfinite(table)):
            where = f" (segment {bad[0] + 1})" if bad.size else ""
            raise SegmentsError(f"every segment needs 0 <= start < end, in seconds{where}")
        overlaps = np.flatnonzero(table[1:, 0] < table[:-1, 1])
        if overlaps.size:
            raise SegmentsError(f"segment {overlaps[0] + 2} begins before the one before it ends")
        object.__setattr__(self, "intervals", table)
        object.__setattr__(self, "labels", tuple(map(str, names)))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, chords: bool = False) -> Segments:
        """Read a `.lab` file: start, end and label in each line, separated by spaces or tabs.

        Empty lines and lines that begin with `#` are ignored. The text is UTF-8, or UTF-16 with a
        byte order mark, with any line ends.

        Parameters
        ----------
        path
            The file.
        chords
            Whether the labels are chords in Harte's syntax; an unknown chord is then an error.

        Raises
        ------
        SegmentsError
            If the file cannot be read or a line is invalid; the message names file and line.
        """
        if not isinstance(path, str | os.PathLike):
            raise SegmentsError(f"segments are loaded from a path, not {type(path).__name__}")
        try:
            text = _decode(Path(path).read_bytes())
        except (OSError, ValueError) as reason:
            raise SegmentsError(f"{path}: cannot be read ({reason})") from reason
        rows, labels = [], []
        for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            start, end, label = _fields(line, f"{path}, line {number}")
            if chords:
                check_chord(label, f"{path}, line {number}")
            rows.append((start, end))
            labels.append(label)
        try:
            return cls(rows, labels)
        except SegmentsError as reason:
            raise SegmentsError(f"{path}: {reason}") from None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a `.lab` file (tabs, microseconds) atomically.

        Raises
        ------
        SegmentsError
            If a segment is shorter than a microsecond, the resolution of the file, a label cannot
            be read again (it is empty, contains a line break, a tab or another control character,
            or begins or ends with a space), or the folder is missing.
        """
        for label in self.labels:
            if not _is_writable(label):
                raise SegmentsError(
                    f"{path}: the label {label!r:.60} is empty, has a space at an end, or holds a "
                    "line break, tab or control character"
                )
        if np.any(np.diff(self.intervals) <= 5e-7):  # would be rounded to none
            raise SegmentsError(f"{path}: a segment is shorter than a microsecond")
        lines = [
            f"{a:.6f}\t{b:.6f}\t{c}\n"
            for (a, b), c in zip(self.intervals, self.labels, strict=True)
        ]
        with atomic_write(path, error=SegmentsError) as temporary:
            temporary.write_text("".join(lines), encoding="utf-8")
        return Path(path)

    @property
    def durations(self) -> np.ndarray:
        """Duration of each segment in seconds, shape `(n,)`."""
        return np.diff(self.intervals)[:, 0]

    def at(self, times: ArrayLike, *, gap: str = "N") -> list[str]:
        """Label at each of `times` (seconds, shape `(k,)`); `gap` outside of all segments."""
        t = np.atleast_1d(as_floats("times", times, SegmentsError))
        require(t.ndim == 1, f"times must have shape (k,), not {t.shape}", SegmentsError)
        if not len(self):
            return [gap] * t.size
        i = np.searchsorted(self.intervals[:, 0], t, side="right") - 1
        inside = (i >= 0) & (t < self.intervals[i, 1])
        return [self.labels[k] if ok else gap for k, ok in zip(i, inside, strict=True)]

    def crop(self, start: float, end: float) -> Segments:
        """Crop to `start`..`end` seconds; segments that cross an edge are cut, times are kept."""
        start, end = as_float("start", start, SegmentsError), as_float("end", end, SegmentsError)
        clipped = np.clip(self.intervals, start, end)
        indices = np.flatnonzero(clipped[:, 0] < clipped[:, 1])
        return Segments(clipped[indices], [self.labels[i] for i in indices])

    def shift(self, seconds: float) -> Segments:
        """Shift all times by `seconds`; clip at 0 and drop segments that end before."""
        shifted = self.intervals + as_float("seconds", seconds, SegmentsError)
        indices = np.flatnonzero(shifted[:, 1] > 0)
        return Segments(np.maximum(shifted[indices], 0), [self.labels[i] for i in indices])

    def merge(self) -> Segments:
        """Merge adjacent segments with the same label.

        >>> Segments([[0, 1], [1, 2]], ["C:maj", "C:maj"]).merge()
        Segments(1 from 0.000 to 2.000 s, 1 labels)
        """
        rows: list[list[float]] = []
        labels: list[str] = []
        for (start, end), label in zip(self.intervals, self.labels, strict=True):
            if labels and label == labels[-1] and start == rows[-1][1]:
                rows[-1][1] = end
            else:
                rows.append([start, end])
                labels.append(label)
        return Segments(rows, labels)

    def fill_gaps(self, start: float, end: float, *, label: str = "N") -> Segments:
        """Crop to `start`..`end` seconds and fill the gaps with segments of this label.

        >>> Segments([[1, 2]], ["C:maj"]).fill_gaps(0, 2).labels
        ('N', 'C:maj')
        """
        part = self.crop(start, end)
        rows: list[tuple[float, float]] = []
        labels: list[str] = []
        now = start
        for (a, b), name in zip(part.intervals, part.labels, strict=True):
            if a > now:
                rows.append((now, a))
                labels.append(label)
            rows.append((a, b))
            labels.append(name)
            now = b
        if end > now:
            rows.append((now, end))
            labels.append(label)
        return Segments(rows, labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        if not len(self):
            return "Segments(none)"
        first, last = self.intervals[0, 0], self.intervals[-1, 1]
        kinds = len(set(self.labels))
        return f"Segments({len(self)} from {first:.3f} to {last:.3f} s, {kinds} labels)"

    def _repr_html_(self) -> str:
        return segments_html(self.intervals, self.labels)


def check_chord(label: str, where: str) -> None:
    """Check that a label is a chord in Harte's syntax (Harte et al., ISMIR 2005).

    Raises
    ------
    SegmentsError
        If it is not; the message contains the label and `where` it was found.
    """
    import mir_eval

    try:
        mir_eval.chord.encode(label)
    except mir_eval.chord.InvalidChordException:
        raise SegmentsError(f"{where}: unknown chord {label!r}") from None


def _decode(data: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark, or UTF-16 with one."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def _is_writable(label: str) -> bool:
    """Whether other programs read this label again as it is, from a line with tabs."""
    controls = {"Cc", "Cs", "Zl", "Zp"}  # control characters, surrogates, separators of lines
    return label.strip() == label != "" and not any(category(c) in controls for c in label)


def _fields(line: str, where: str) -> tuple[float, float, str]:
    """Parse start, end and label of one line of a `.lab` file."""
    parts = line.split(maxsplit=2)
    try:
        return float(parts[0]), float(parts[1]), parts[2].strip()
    except (ValueError, IndexError):
        raise SegmentsError(f"{where}: needs start, end and label, not {line[:60]!r}") from None
