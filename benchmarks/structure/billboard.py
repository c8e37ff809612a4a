"""Sections of pop songs: `mirlab.structure` on the chroma of McGill Billboard.

The chroma of 150 chart recordings (CC0) is read from the folder `billboard_chords` of the training
material; the recordings themselves cannot be given away. Compared with one section, a boundary
every 20 s, librosa's agglomerative clustering, and the true sections on the frames (`ceiling`).
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.results import Score
from mirlab.core.errors import MirlabError
from mirlab.core.segments import Segments
from mirlab.structure import frame_edges, sections_from_features

HOP_SECONDS = 2 * 2048 / 44100  # the published chroma, averaged over two frames
STEADY_SECONDS = 20.0  # about the mean length of a section
SECTION = re.compile(r"([A-Z]+)'*(?:,|$)")  # the letter of a line, with or without primes

PROTOCOL = """
150 songs of McGill Billboard: published NNLS chroma of bass and treble (24 numbers, every 93 ms),
square roots, averaged over frames of 0.5 s (neither beats nor timbre are known). Truth: letters of
the form, without primes; silence at the ends is a section. Set "chosen": the half of the songs on
which the constants of mirlab.structure were chosen; set "held out": the other half, which no choice
has seen. Songs are split by title and artist, every other one in the order of their names.
mir_eval.segment: f05 and f3 are the F-measures of boundaries within 0.5 s and 3 s, without the
start and the end of the piece, which every row has; f3_with_ends counts them, as MIREX does;
pairwise_f is that of pairs of frames (0.1 s) with the same letter. Means over songs with a 95 %
bootstrap interval. Rows: one section = no boundary; steady = a boundary every 20 s, each section
with a letter of its own; librosa = librosa.segment.agglomerative on the same frames, told to find a
section for every 20 s (it gives no letters); mirlab; ceiling = the true sections with their
boundaries on the frames.
"""


@dataclass(frozen=True)
class Song:
    """Chroma and sections of a recording.

    `chroma` has shape `(24, frames)`, a frame every `HOP_SECONDS`, bass then treble, A first.
    """

    name: str
    set: str
    chroma: np.ndarray
    sections: Segments


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("structure/billboard", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every song."""
    scores = []
    for song in tqdm(songs(training_folder()), desc="sections", unit="song"):
        for row, found in sections_of(song).items():
            scores.append(Score(song.set, song.name, row, section_scores(song.sections, found)))
            if row == "librosa":
                del scores[-1].values["pairwise_f"]
    return scores


def training_folder() -> Path:
    """Return the folder named by the environment variable `MIRLAB_TRAIN`."""
    name = os.environ.get("MIRLAB_TRAIN", "")
    if not name or not (Path(name) / "billboard_chords").is_dir():
        raise MirlabError(
            f"set MIRLAB_TRAIN to a folder that contains billboard_chords, not {name!r}; it is not "
            "part of the project"
        )
    return Path(name)


def songs(folder: Path) -> list[Song]:
    """Read the songs that have chroma; every other song, by title and artist, is held out."""
    folder = folder / "billboard_chords"
    forms = json.loads((folder / "salami_chords.json").read_text("utf-8"))
    with (folder / "tracks.csv").open(encoding="utf-8", newline="") as file:
        titles = {row["id"]: (row["title"], row["artist"]) for row in csv.DictReader(file)}
    found = []
    with np.load(folder / "bothchroma_u8_150.npz") as chroma:
        order = {title: i for i, title in enumerate(sorted({titles[name] for name in chroma}))}
        for name in sorted(chroma):
            held_out = order[titles[name]] % 2
            frames = (chroma[name].astype(np.float64).T / 100) ** 2
            sections = parse_form(forms[name])
            found.append(Song(name, ("chosen", "held out")[held_out], frames, sections))
    return found


def parse_form(text: str) -> Segments:
    r"""Read the sections of an annotation; lines without a letter continue the section.

    >>> parse_form("0.0\tsilence\n1.5\tA', verse, | C |\n4\t| G |\n9\tend").labels
    ('silence', 'A')
    """
    starts: list[float] = []
    labels: list[str] = []
    for line in text.splitlines():
        time, tab, content = line.partition("\t")
        if not tab:
            continue
        match = SECTION.match(content)
        label = match[1] if match else content.strip()
        if match or label in ("silence", "end"):
            starts.append(float(time))
            labels.append(label)
    rows = [
        (start, end, label)
        for start, end, label in zip(starts[:-1], starts[1:], labels[:-1], strict=True)
        if end > start
    ]
    return Segments([row[:2] for row in rows], [row[2] for row in rows])


def sections_of(song: Song) -> dict[str, Segments]:
    """The sections of each row."""
    import librosa

    duration = song.chroma.shape[1] * HOP_SECONDS
    edges = frame_edges(duration)
    starts = np.minimum(np.round(edges[:-1] / HOP_SECONDS).astype(int), song.chroma.shape[1] - 1)
    counts = np.diff(np.r_[starts, song.chroma.shape[1]])
    frames = np.add.reduceat(np.sqrt(song.chroma), starts, axis=1) / counts
    parts = frames.reshape(2, 12, -1)
    frames = (parts / np.maximum(np.linalg.norm(parts, axis=1, keepdims=True), 1e-3)).reshape(
        24, -1
    )
    number = max(2, round(duration / STEADY_SECONDS))
    clusters = edges[librosa.segment.agglomerative(frames, number)]
    true = edges[np.abs(edges[:, None] - song.sections.intervals[:, 0]).argmin(axis=0)]
    return {
        "one section": Segments([(0, duration)], ["A"]),
        "steady": _tiled(np.arange(0, duration - STEADY_SECONDS / 2, STEADY_SECONDS), duration),
        "librosa": _tiled(clusters, duration),
        "mirlab": sections_from_features(frames, edges),
        "ceiling": _tiled(true, duration, song.sections.labels),
    }


def _tiled(starts: np.ndarray, duration: float, labels: tuple[str, ...] | None = None) -> Segments:
    """Sections from each of the starts to the next; by default each has another label."""
    labels = labels or tuple(map(str, range(starts.size)))
    ends = np.r_[starts[1:], duration]
    kept = [i for i in range(starts.size) if ends[i] > starts[i]]
    return Segments(np.c_[starts, ends][kept], [labels[i] for i in kept])


def section_scores(reference: Segments, estimate: Segments) -> dict[str, float]:
    """Boundary and pairwise F-measures (mir_eval.segment)."""
    from mir_eval import segment, util

    end = min(float(part.intervals[-1, 1]) for part in (reference, estimate))
    (true, true_labels), (found, labels) = (
        util.adjust_intervals(part.intervals, [*part.labels], t_min=0, t_max=end)
        for part in (reference, estimate)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about pieces with one section
        return {
            "f05": float(segment.detection(true, found, window=0.5, trim=True)[2]),
            "f3": float(segment.detection(true, found, window=3, trim=True)[2]),
            "f3_with_ends": float(segment.detection(true, found, window=3)[2]),
            "pairwise_f": float(segment.pairwise(true, true_labels, found, labels)[2]),
        }


if __name__ == "__main__":
    sys.exit(main())
