"""Growth: how the time of each operation on notes, tempo maps, segments and scores rises with n.

Each operation runs on 3,906 notes (tempi, segments, tracks), then on twice as many each time, up to
a million, or until it takes a minute. The last three sizes give the exponent of its growth.
"""

from __future__ import annotations

import math
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.results import Score
from mirlab.core import Notes, NotesWarning, Segments, TempoMap
from mirlab.score import quantize, write_musicxml

SMALLEST, LARGEST = 3_906, 1_000_000
SECONDS = 60.0  # of the processor; a size that takes longer, with making its values, is the last
TRACKS = 31_250  # a file that is written has 32,767 at most
BARS = 125_000  # notes, eight a bar: a score has at most 20,000 bars
END = b"\0\xff\x2f\0"
NOTE = b"\0\x90\x3c\x40\1\x80\x3c\x40"

PROTOCOL = """
Each operation is run on n random but reproducible values, n = 3,906, 7,812, ... 1,000,000, until a
size takes more than a minute with the making of its values, which is not timed (a score has at
most 20,000 bars, here 125,000 notes; tracks at most 31,250). Seconds are of the processor, since
other programs ran on the machine; the shortest of three runs where a run is under 0.1 s.
largest = the last n; seconds = its time; exponent = log(t(4n) / t(n)) / log 4 of the last three
sizes n, 2n, 4n: 1 is linear, 2 quadratic. Sets: the values and files that are operated on. Rows:
mirlab; n log n = the exponent that n log n has between the same sizes; quadratic = 2, what a search
through all for each would have.
"""

Operation = Callable[[], object]
Maker = Callable[[int], Operation]


def main() -> int:
    """Run the benchmark as a command; give its exit code."""
    return results.run("core/growth", __doc__ or "", measure, protocol=PROTOCOL)


def measure(smallest: int = SMALLEST, largest: int = LARGEST) -> list[Score]:
    """Time every operation at growing sizes."""
    scores = []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotesWarning)
        for (group, name), (make, limit) in tqdm(operations(Path(folder)).items(), unit="op"):
            sizes, seconds = times(make, min(smallest, limit // 4), min(limit, largest))
            a, b = sizes[-3], sizes[-1]
            peer = math.log(b * math.log(b) / (a * math.log(a)), b / a)
            measured = {
                "largest": float(b),
                "seconds": seconds[-1],
                "exponent": math.log(seconds[-1] / seconds[-3], b / a),
            }
            scores += [
                Score(group, name, "mirlab", measured),
                Score(group, name, "n log n", {"exponent": peer}),
                Score(group, name, "quadratic", {"exponent": 2.0}),
            ]
    return scores


def times(make: Maker, size: int, largest: int) -> tuple[list[int], list[float]]:
    """Sizes and seconds, the size doubled until an operation and its values take too long."""
    sizes: list[int] = []
    seconds: list[float] = []
    used = 0.0
    while size <= largest and (len(sizes) < 3 or used < SECONDS):
        start = time.process_time()
        sizes.append(size)
        seconds.append(shortest(make(size)))
        used = time.process_time() - start
        size *= 2
    return sizes, seconds


def shortest(operation: Operation) -> float:
    """Time of one run in seconds, or the shortest of three if they are short."""
    found = math.inf
    for _ in range(3):
        start = time.process_time()
        operation()
        found = min(found, time.process_time() - start)
        if found > 0.1:
            break
    return found


def operations(folder: Path) -> dict[tuple[str, str], tuple[Maker, int]]:
    """All operations by set and name, with the largest size that they can take."""
    made: dict[str, dict[str, Maker]] = {
        "Notes": note_operations(folder),
        "MIDI files": {name: read(data) for name, data in MIDI.items()},
        "TempoMap": tempo_operations(),
        "Segments": segment_operations(folder),
        "score": score_operations(folder),
    }
    limits = {"save as MIDI, overlapping": TRACKS, "one note in each track": TRACKS}
    return {
        (group, name): (make, BARS if group == "score" else limits.get(name, LARGEST))
        for group, makers in made.items()
        for name, make in makers.items()
    }


def note_operations(folder: Path) -> dict[str, Maker]:
    """Operations of `Notes`."""

    def save(make: Callable[[int], Notes]) -> Maker:
        return lambda n: partial(make(n).save, folder / "notes.mid")

    return {
        "create": lambda n: partial(again, melody(n)),
        "create, with bends and pedal": lambda n: partial(again, bent(n)),
        "select half": lambda n: partial(bent(n).__getitem__, slice(0, n, 2)),
        "slice": lambda n: partial(melody(n).slice, n / 20, n / 10),
        "from PrettyMIDI": lambda n: partial(Notes.from_midi, melody(n).to_midi()),
        "save as MIDI": save(melody),
        "save as MIDI, bent": save(bent),
        "save as MIDI, overlapping": save(overlapping),
    }


def tempo_operations() -> dict[str, Maker]:
    """Operations of `TempoMap`."""
    return {
        "from_beats": lambda n: partial(TempoMap.from_beats, changes(n)),
        "seconds to beats": lambda n: partial(tempi(n).beats, changes(n)),
        "beats to seconds": lambda n: partial(tempi(n).seconds, np.arange(n)),
        "typical_bpm": lambda n: partial(getattr, tempi(n), "typical_bpm"),
        "from_zero": lambda n: tempi(n).from_zero,
    }


def segment_operations(folder: Path) -> dict[str, Maker]:
    """Operations of `Segments`."""

    def load(n: int) -> Operation:
        return partial(Segments.load, segments(n).save(folder / "chords.lab"), chords=True)

    return {
        "create": lambda n: partial(Segments, segments(n).intervals, segments(n).labels),
        "save": lambda n: partial(segments(n).save, folder / "chords.lab"),
        "load": load,
        "at": lambda n: partial(segments(n).at, np.linspace(0, n, n)),
        "crop": lambda n: partial(segments(n).crop, n / 10, n / 2),
        "shift": lambda n: partial(segments(n).shift, 1.0),
        "merge": lambda n: segments(n).merge,
        "fill_gaps": lambda n: partial(segments(n).fill_gaps, 0.0, float(n)),
    }


def score_operations(folder: Path) -> dict[str, Maker]:
    """Operations of `mirlab.score`."""
    return {
        "quantize": lambda n: partial(quantize, melody(n, rate=4)),
        "write_musicxml": lambda n: partial(write_musicxml, bent(n, rate=4), folder / "a.musicxml"),
    }


def again(notes: Notes) -> Notes:
    """Create the same notes, from the last to the first."""
    columns = (notes.onset, notes.offset, notes.pitch, notes.velocity, notes.program)
    bends = None if notes.bends is None else notes.bends[::-1]
    return Notes(*(column[::-1] for column in columns), bends=bends, pedal=notes.pedal)


def melody(n: int, *, rate: int = 16) -> Notes:
    """Notes over five octaves, `rate` of them in a second, at 120 bpm."""
    rng = np.random.default_rng(n)
    onset = np.arange(n) / rate + rng.uniform(0, 0.03, n)
    pitch, velocity = rng.integers(36, 96, n), rng.integers(30, 110, n)
    offset = onset + rng.uniform(0.1, 0.6, n)
    return Notes(onset, offset, pitch, velocity, tempo_map=TempoMap(0, 120))


def bent(n: int, *, rate: int = 16) -> Notes:
    """The same with a scoop into every second note and a pedal every second."""
    notes = melody(n, rate=rate)
    bends = [[(a, -1.5), (a + 0.05, 0.0)] if i % 2 else [] for i, a in enumerate(notes.onset)]
    start = np.arange(0, n / rate, 1.0)
    pedal = np.column_stack([start, start + 0.9, np.zeros(start.size)])
    columns = (notes.onset, notes.offset, notes.pitch, notes.velocity)
    return Notes(*columns, bends=bends, pedal=pedal, tempo_map=notes.tempo_map)


def overlapping(n: int) -> Notes:
    """Notes of one pitch that all sound together."""
    return Notes(np.arange(n) / 1000, 100 + np.arange(n) / 1000, 60)


def changes(n: int) -> np.ndarray:
    """Beats of an unsteady player in seconds, shape (n,)."""
    return np.cumsum(np.random.default_rng(n).uniform(0.3, 0.7, n))


def tempi(n: int) -> TempoMap:
    """A tempo for every beat."""
    return TempoMap.from_beats(changes(n))


def segments(n: int) -> Segments:
    """Chords of one of four labels, with gaps."""
    rng = np.random.default_rng(n)
    start = np.arange(n) + rng.choice([0.0, 0.25], n)
    labels = rng.choice(["C:maj", "A:min7", "G:7", "N"], n).tolist()
    return Segments(np.column_stack([start, np.arange(n) + 1.0]), labels)


def read(make: Callable[[int], bytes]) -> Maker:
    """Read the MIDI file that is made for a size."""
    return lambda n: partial(Notes.from_midi, make(n))


def midi(*tracks: bytes) -> bytes:
    """A MIDI file of these tracks."""
    head = b"MThd" + struct.pack(">LHHH", 6, 1, len(tracks), 480)
    return head + b"".join(b"MTrk" + struct.pack(">L", len(t) + 4) + t + END for t in tracks)


MIDI: dict[str, Callable[[int], bytes]] = {  # by size
    "notes": lambda n: midi(b"\1\x90\x3c\x40\1\x80\x3c\x40" * n),
    "overlapping notes": lambda n: midi(b"\1\x90\x3c\x40" * n + b"\1\x80\x3c\x40" * n),
    "notes without an end": lambda n: midi(b"\1\x90\x3c\x40" * n),
    "notes of no length": lambda n: midi(b"\0\x90\x3c\x40\0\x80\x3c\x40" * n + NOTE),
    "one note in each track": lambda n: midi(*[b"\1\x90\x3c\x40\1\x80\x3c\x40"] * n),
    "ends in another track": lambda n: midi(b"\1\x90\x3c\x40" * n, b"\2\x80\x3c\x40" * n),
    "programs": lambda n: midi(b"\1\xc0\7\0\x90\x3c\x40\1\xc0\6\0\x80\x3c\x40" * (n // 2)),
    "pedals": lambda n: midi(b"\1\xb0\x40\x7f\1\x90\x3c\x40\1\x3c\0\1\xb0\x40\0" * (n // 2)),
    "bends": lambda n: midi(b"\1\xe0\0\x60\1\x90\x3c\x40\1\x3c\0\1\xe0\0\x40" * (n // 2)),
    "tempi": lambda n: midi(b"\1\xff\x51\3\7\xa1\x20\1\xff\x51\3\7\xa1\x10" * (n // 2) + NOTE),
    "text": lambda n: midi(b"\1\xff\5\2hi" * n + NOTE),
}


if __name__ == "__main__":
    sys.exit(main())
