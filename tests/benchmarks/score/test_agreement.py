"""Agreement of written with printed scores, and the performed pieces that it is measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.recordings import numbered
from benchmarks.score import agreement, printed_pieces
from benchmarks.score.agreement import PlayedScore
from benchmarks.score.note_values import Matched
from benchmarks.score.printed_pieces import ORGAN, PrintedPiece
from mirlab.analysis.meter import MeteredNotes
from mirlab.core import Audio, Notes, Segments, TempoMap

BEATS = np.arange(0.0, 24.0, 0.5)  # 120 bpm
QUIET = Audio(np.zeros(100), 22050)


def piece(per_bar: int = 3, first: int = 0) -> PlayedScore:
    """A note on every beat; bars of `per_bar` quarters, of which one begins at beat `first`."""
    notes = Notes(BEATS, BEATS + 0.49, 60 + np.arange(48) % 5, tempo_map=TempoMap(0, 120))
    bars = numbered(BEATS, (np.arange(48) - first) % per_bar + 1)
    matched = Matched(np.arange(48), np.arange(48.0), np.ones(48))
    return PlayedScore("set", "name", QUIET, notes, bars, (per_bar, 4), matched)


def metered(notes: Notes, bpm: float, meter: tuple[int, int], first: int = 0) -> MeteredNotes:
    """The notes with beats of a constant tempo, of which number `first` is the first downbeat."""
    times = np.arange(0, 24, 60 / bpm)
    beats = numbered(times, (np.arange(times.size) - first) % meter[0] + 1)
    return MeteredNotes(notes.with_tempo(TempoMap(0, bpm)), beats, meter, True)


@pytest.mark.parametrize(("per_bar", "first"), [(2, 0), (3, 0), (3, 2), (4, 1)])
def test_the_printed_score_agrees_with_itself(per_bar: int, first: int) -> None:
    played = piece(per_bar, first)
    found = agreement.agreement(played, agreement.true_bars(played))
    assert found == dict.fromkeys(agreement.MEASURES, 1.0)


def test_bars_that_begin_a_beat_late_have_the_values_but_no_bar_line() -> None:
    found = agreement.agreement(piece(3), metered(piece(3).notes, 120, (3, 4), first=1))
    assert (found["value"], found["meter"]) == (1.0, 1.0)
    assert found["position"] == found["bar_line_f"] == 0.0


def test_half_the_tempo_halves_the_values_only() -> None:
    found = agreement.agreement(piece(4), metered(piece(4).notes, 60, (2, 4)))
    assert (found["value"], found["value_any_level"]) == (0.0, 1.0)
    assert found["bar_line_f"] == 1.0
    assert found["meter"] == 0.0


def test_bars_of_four_share_a_third_of_the_lines_of_bars_of_three() -> None:
    found = agreement.agreement(piece(3), metered(piece(3).notes, 120, (4, 4)))
    assert found["bar_line_f"] == pytest.approx(2 * 4 / (16 + 12))
    assert found["position"] == pytest.approx(1 / 4)  # beats 0, 1 and 2 of every twelve


def test_no_beats_no_agreement() -> None:
    nothing = MeteredNotes(piece().notes.with_tempo(None), Segments([], []), (4, 4), False)
    assert set(agreement.agreement(piece(), nothing).values()) == {0.0}


def test_bars_of_changing_length_agree_and_regular_ones_do_not() -> None:
    regular = piece(2)
    labels = ["1", "2"] * 4 + ["3"] + ["1", "2"] * 19 + ["1"]
    bars = Segments(regular.bars.intervals, labels)
    played = PlayedScore("set", "name", QUIET, regular.notes, bars, (2, 4), regular.printed)
    found = agreement.agreement(played, agreement.true_bars(played))
    assert found == dict.fromkeys(agreement.MEASURES, 1.0)
    found = agreement.agreement(played, agreement.true_bars(regular))
    assert found["position"] == pytest.approx(8 / 48)
    assert found["bar_line_f"] == pytest.approx(2 * 4 / (24 + 24))


def test_every_row_has_every_measure() -> None:
    y = np.zeros(24 * 22050)
    y[::11025] = 1
    played = piece(4)
    clicks = PlayedScore(
        "set", "name", Audio(y, 22050), played.notes, played.bars, (4, 4), played.printed
    )
    rows = agreement.scores_of(clicks)
    names = {"silence", "fours", "mirlab", "true beats", "true bars", "ceiling"}
    assert rows.keys() == names
    assert all(scores.keys() == {"matched", *agreement.MEASURES} for scores in rows.values())
    assert rows["true bars"] == rows["ceiling"] == {**rows["ceiling"], "matched": 1.0}
    assert rows["mirlab"]["value"] > 0.9


CHORALE = """mc\tmn\tquarterbeats\tmn_onset\ttimesig\tstaff\tduration\ttied\tmidi
1\t0\t0\t1/2\t3/4\t1\t1/4\t\t67
2\t1\t1\t0\t3/4\t1\t1/4\t1\t60
2\t1\t2\t1/4\t3/4\t1\t1/4\t-1\t60
2\t1\t3\t1/2\t3/4\t1\t1/4\t\t64
3\t2\t4\t0\t3/4\t1\t1/2\t\t65
"""


def test_a_chorale_begins_with_its_upbeat(tmp_path: Path) -> None:
    path = tmp_path / "007.notes.tsv"
    path.write_text(CHORALE)
    chorale = printed_pieces.read_chorale(path)
    assert chorale.meter == (3, 4)
    assert chorale.bars.tolist() == [0, 3, 6, 8]
    [(program, notes)] = chorale.parts
    assert program == ORGAN
    assert notes.tolist() == [[2, 1, 67], [3, 2, 60], [5, 1, 64], [6, 2, 65]]


def test_a_song_stops_where_the_beat_changes(tmp_path: Path) -> None:
    from music21 import note, stream
    from music21.meter.base import TimeSignature

    score = stream.Score()
    for _ in range(2):
        part, upbeat = stream.Part(), stream.Measure(number=0)
        upbeat.append([TimeSignature("6/8"), note.Note(60, quarterLength=0.5)])
        upbeat.paddingLeft = 2.5
        bars = [stream.Measure(number=n) for n in (1, 2, 3)]
        for bar in bars[:2]:
            bar.append(note.Note(62, quarterLength=3))
        bars[2].append([TimeSignature("4/4"), note.Note(64, quarterLength=4)])
        part.append([upbeat, *bars])
        score.append(part)
    (tmp_path / "song").mkdir()
    path = score.write("musicxml", tmp_path / "song/score.musicxml")
    song = printed_pieces.read_song(Path(path))
    assert (song.name, song.meter, song.unit) == ("song", (6, 8), 1.5)
    assert song.bars.tolist() == [0, 3, 6, 9]
    assert [program for program, _ in song.parts] == [printed_pieces.VOICE, printed_pieces.PIANO]
    assert song.parts[0][1].tolist() == [[2.5, 0.5, 60], [3, 3, 62], [6, 3, 62]]


def test_a_performance_keeps_its_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Notes, "render", lambda self: QUIET)
    notes = np.column_stack([2 + np.arange(100), np.ones(100), 60 + np.arange(100) % 7])
    printed = PrintedPiece(
        printed_pieces.CHORALES, "x", ((ORGAN, notes),), np.arange(0.0, 103, 3), (3, 4)
    )
    played = printed_pieces.perform_piece(printed, 1)
    assert 25 < len(played.notes) < 60  # 40 s at 60 to 90 bpm
    assert played.printed.index.size == len(played.notes)
    assert played.printed.length.tolist() == [1.0] * len(played.notes)
    assert played.bars.labels[:3] == ("3", "1", "2")
    assert played.bars.intervals[0, 0] == pytest.approx(played.notes.onset[0], abs=0.07)
    assert agreement.agreement(played, agreement.true_bars(played))["position"] == 1.0
    again = printed_pieces.perform_piece(printed, 1)
    assert again.notes.onset.tolist() == played.notes.onset.tolist()
    other = printed_pieces.perform_piece(printed, 2)
    assert other.notes.onset[5] != played.notes.onset[5]
