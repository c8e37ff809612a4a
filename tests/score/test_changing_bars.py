"""Music with known bars through the whole writer: bar lines, note values and meters come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from music21 import converter, note

from mirlab.analysis.meter import metered_notes
from mirlab.composer import compose
from mirlab.core import Bars, Notes, Segments, TempoMap
from mirlab.score import write_musicxml
from tests.score.reader import read_back

sections = st.lists(  # beats per bar, and bars
    st.tuples(st.sampled_from([3, 4, 5, 7]), st.integers(2, 3)), min_size=1, max_size=3
)


def labelled(per_bar: list[int], pickup: int) -> list[str]:
    """Numbers of the beats."""
    first = range(per_bar[0] - pickup + 1, per_bar[0] + 1)
    return [str(n) for n in (*first, *(n for count in per_bar for n in range(1, count + 1)))]


def read_measures(path: Path) -> tuple[list[float], list[str], list[tuple[float, float, int]]]:
    """Bar lines, meters of the bars, and notes with ties joined; positions in quarter notes."""
    (part,) = converter.parse(path).parts
    measures = list(part.getElementsByClass("Measure"))
    meters: list[str] = []
    for measure in measures:
        change = measure.timeSignature
        meters.append(meters[-1] if change is None else change.ratioString)
    found = [(float(start), float(length), pitch) for start, length, pitch in read_back(path)]
    return [float(m.offset) for m in measures], meters, found


@given(sections, st.integers(0, 3), st.data())
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example takes a while to shrink
    suppress_health_check=[HealthCheck.too_slow],
)
def test_a_melody_in_changing_bars_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    bars: list[tuple[int, int]],
    pickup: int,
    data: st.DataObject,
) -> None:
    """Sixteenths to half notes in free tempo, the beats as a model numbers them."""
    per_bar = [count for count, repeats in bars for _ in range(repeats)]
    pickup = min(pickup, per_bar[0] - 1)
    labels = labelled(per_bar, pickup)
    lengths = []
    while sum(lengths) < 4 * len(labels) - 4:
        lengths.append(data.draw(st.sampled_from([1, 2, 2, 3, 4, 4, 6, 8])))
    lengths[-1] -= sum(lengths) - (4 * len(labels) - 4)
    lengths.append(4)  # not compared: the tempo after the last beat is not known
    start = np.r_[0, np.cumsum(lengths)] / 4
    pitch = [data.draw(st.integers(60, 80)) for _ in lengths]
    beats = np.r_[0, np.cumsum(0.5 + 0.1 * np.sin(np.arange(len(labels)) / 3))]
    edges = np.interp(start, np.arange(beats.size), beats)
    notes = Notes(edges[:-1], edges[1:], pitch)
    found = metered_notes(notes, Segments(np.column_stack([beats[:-1], beats[1:]]), labels))
    assert list(found.beats.labels) == labels
    path = tmp_path_factory.mktemp("score") / "a.musicxml"
    write_musicxml(found.notes, path, meter=None, bars=found.bars)
    lines, meters, melody = read_measures(path)
    downbeats = pickup + np.r_[0, np.cumsum(per_bar)][:-1]
    assert lines == [0.0] * (pickup > 0) + downbeats.tolist()
    assert meters[pickup > 0 :] == [f"{count}/4" for count in per_bar]
    written = list(zip(start[:-1].tolist(), np.diff(start).tolist(), pitch, strict=True))
    np.testing.assert_allclose(melody[:-1], written[:-1])


@pytest.mark.parametrize("style", ["waltz", "pop"])
def test_a_composed_piece_comes_back_with_its_bars(style: str, tmp_path: Path) -> None:
    piece = compose(3, style=style, duration=20)
    found = metered_notes(piece.notes[~piece.notes.is_drum], piece.beats)
    per_bar = max(int(label) for label in piece.beats.labels)
    assert found.meter == (per_bar, 4) and found.bars is not None
    path = write_musicxml(found.notes, tmp_path / "a.musicxml", meter=None, bars=found.bars)
    score = converter.parse(path)
    first = score.parts[0]
    lengths = [m.duration.quarterLength for m in first.getElementsByClass("Measure")]
    assert set(lengths[:-1]) == {per_bar}
    downbeats = found.bars.until(found.notes.duration * 4)[: len(lengths)]
    assert found.notes.tempo_map is not None
    seconds = found.notes.tempo_map.seconds([bar.start for bar in downbeats])
    true = piece.beats.intervals[np.array(piece.beats.labels) == "1", 0]
    np.testing.assert_allclose(seconds[: true.size], true[: seconds.size], atol=0.06)


def test_compound_meters_and_their_changes(tmp_path: Path) -> None:
    """9/8, 12/8 and 6/8 in eighths, a dotted quarter a second."""
    onset = np.arange(27) / 3
    notes = Notes(onset, onset + 1 / 3, 60 + np.arange(27) % 12, tempo_map=TempoMap(0, 90))
    bars = Bars([(0, 9, 8), (4.5, 12, 8), (10.5, 6, 8)])
    path = write_musicxml(notes, tmp_path / "a.musicxml", bars=bars)
    lines, meters, melody = read_measures(path)
    assert (lines, meters) == ([0, 4.5, 10.5], ["9/8", "12/8", "6/8"])
    assert melody == [(i / 2, 0.5, 60 + i % 12) for i in range(27)]


def test_free_time_has_no_meter_and_seconds_as_quarters(tmp_path: Path) -> None:
    onset = np.array([0.0, 1.5, 2.25, 5.0, 9.0, 14.0])
    length = np.array([1.5, 0.75, 2.75, 3.0, 5.0, 2.0])
    notes = Notes(onset, onset + length, [60, 62, 64, 65, 67, 69])
    path = write_musicxml(notes, tmp_path / "a.musicxml", meter=None)
    text = path.read_text("utf-8")
    assert "<senza-misura/>" in text and "<beats>" not in text and "dashed" in text
    (part,) = converter.parse(path).parts
    found = [
        (float(n.getOffsetInHierarchy(part)), float(n.quarterLength))
        for n in part.stripTies().recurse().getElementsByClass(note.Note)
    ]
    assert found == list(zip(onset.tolist(), length.tolist(), strict=True))
