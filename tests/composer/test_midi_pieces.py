"""MIDI files as pieces."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import mir_eval
import numpy as np
import pretty_midi
import pytest

from mirlab.composer import chords_of_notes, compose, piece_from_midi, pieces_from_midi
from mirlab.core import Notes, NotesError, Segments, TempoMap


def midi_file(path: Path, *, meter: tuple[int, int] | None) -> Path:
    """Eight seconds of a scale at 120 beats a minute."""
    midi = pretty_midi.PrettyMIDI(initial_tempo=120)
    if meter:
        midi.time_signature_changes.append(pretty_midi.TimeSignature(*meter, 0))
    violin = pretty_midi.Instrument(40)
    violin.notes = [pretty_midi.Note(80, 60 + i, i, i + 0.9) for i in range(8)]
    midi.instruments.append(violin)
    midi.write(str(path))
    return path


@pytest.mark.parametrize(
    ("meter", "labels", "seconds"),
    [
        (None, ("1", "2", "3", "4", "1"), 0.5),
        ((3, 4), ("1", "2", "3", "1", "2"), 0.5),
        ((6, 8), ("1", "2", "1", "2", "1"), 0.75),
        ((2, 2), ("1", "2", "1", "2", "1"), 1.0),
        ((3, 8), ("1", "2", "3", "1", "2"), 0.25),
    ],
)
def test_beats_follow_the_time_signature(
    tmp_path: Path, meter: tuple[int, int] | None, labels: tuple[str, ...], seconds: float
) -> None:
    beats = piece_from_midi(midi_file(tmp_path / "scale.mid", meter=meter)).beats
    assert beats.labels[:5] == labels
    assert beats.durations == pytest.approx(seconds)
    assert beats.intervals[0, 0] == 0 and 7.9 <= beats.intervals[-1, 1] < 7.9 + seconds


@pytest.mark.parametrize(("numerator", "power"), [(0, 2), (4, 30), (255, 255)])
def test_invalid_time_signatures_are_ignored(tmp_path: Path, numerator: int, power: int) -> None:
    path = midi_file(tmp_path / "scale.mid", meter=(3, 4))
    sane = b"\xff\x58\x04\x03\x02"
    data = path.read_bytes()
    assert sane in data
    path.write_bytes(data.replace(sane, sane[:3] + bytes([numerator, power])))
    assert piece_from_midi(path).beats.durations == pytest.approx(0.5)


def test_drums_alone_have_neither_chords_nor_key(tmp_path: Path) -> None:
    drums = Notes([0.0, 0.5], [0.1, 0.6], [36, 38], is_drum=True)
    piece = piece_from_midi(drums.save(tmp_path / "drums.mid"))
    assert piece.key is None and set(piece.chords.labels) == {"N"}
    assert list(piece.parts) == ["drums"]


def test_a_meter_may_change(tmp_path: Path) -> None:
    midi = pretty_midi.PrettyMIDI(str(midi_file(tmp_path / "scale.mid", meter=(3, 4))))
    midi.time_signature_changes.append(pretty_midi.TimeSignature(2, 4, 3.0))
    midi.write(str(tmp_path / "changed.mid"))
    labels = piece_from_midi(tmp_path / "changed.mid").beats.labels
    assert labels[:10] == ("1", "2", "3", "1", "2", "3", "1", "2", "1", "2")


@pytest.mark.slow
def test_the_key_is_estimated_from_the_notes(tmp_path: Path) -> None:
    """Regardless of the file's key, which is often a default C major."""
    for seed in range(6):
        piece = compose(seed, style="pop", duration=24.0)
        midi = piece.notes.to_midi()
        midi.key_signature_changes.append(pretty_midi.KeySignature(0, 0))
        midi.write(str(tmp_path / "piece.mid"))
        found = piece_from_midi(tmp_path / "piece.mid").key
        assert found is not None and piece.key is not None
        assert mir_eval.key.weighted_score(piece.key, found) >= 0.3, (piece.key, found)


@pytest.mark.parametrize("style", ["pop", "waltz", "chorale"])
def test_a_composed_piece_survives_the_midi_file(tmp_path: Path, style: str) -> None:
    piece = compose(5, style=style, duration=20.0)
    back = piece_from_midi(piece.notes.save(tmp_path / "piece.mid"))
    assert back.style == "piece" and len(back.notes) == len(piece.notes)
    assert back.key is not None and piece.key is not None
    common = min(len(back.beats), len(piece.beats))
    assert common >= len(piece.beats) - 1
    gap = back.beats.intervals[:common] - piece.beats.intervals[:common]
    assert np.abs(gap).max() < 0.005
    assert ("drums" in back.parts) == ("drums" in piece.parts)


def test_chords_estimated_from_notes_are_mostly_the_written_ones() -> None:
    scores = []
    for seed in range(12):
        piece = compose(100 + seed, style=("pop", "waltz", "chorale", "rock")[seed % 4])
        found = chords_of_notes(piece.notes[~piece.notes.is_drum], piece.beats)
        score = mir_eval.chord.evaluate(
            piece.chords.intervals, list(piece.chords.labels), found.intervals, list(found.labels)
        )
        scores.append(score["majmin"])
    assert np.mean(scores) > 0.93


def test_chords_of_many_beats_and_notes_need_memory_of_their_number() -> None:
    times = np.arange(20_000) / 4
    notes = Notes(times, times + 0.2, 60 + np.arange(times.size) // 8 % 2 * 7, 80)
    edges = np.arange(5001.0)
    beats = Segments(np.column_stack([edges[:-1], edges[1:]]), ["1"] * 5000)
    tracemalloc.start()
    chords = chords_of_notes(notes, beats)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6  # notes times beats would be 800 MB
    assert chords.intervals[-1, 1] == 5000


def test_silence_has_no_chord() -> None:
    beats = Segments([[0, 1], [1, 2], [2, 3]], ["1", "2", "3"])
    triad = Notes([2.0] * 3, [3.0] * 3, [57, 60, 64])
    assert chords_of_notes(triad, beats).labels == ("N", "A:min")


def test_a_folder_is_read_in_order_without_damaged_files(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    compose(1, style="pop", duration=6).notes.save(tmp_path / "b.mid")
    compose(2, style="waltz", duration=6).notes.save(tmp_path / "inner" / "c.MIDI")
    (tmp_path / "a.mid").write_text("no music")
    Notes.empty(tempo_map=TempoMap(0, 120)).save(tmp_path / "empty.mid")
    (tmp_path / "readme.txt").write_text("no music either")
    with pytest.warns(UserWarning, match="the file is skipped") as warned:
        names = [piece.style for piece in pieces_from_midi(tmp_path)]
    assert names == ["b", "c"]
    assert [("a.mid" in str(w.message), "empty.mid" in str(w.message)) for w in warned] == [
        (True, False),
        (False, True),
    ]


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotesError, match="there is no MIDI file in it"):
        pieces_from_midi(tmp_path)
    with pytest.raises(NotesError, match=r"nowhere\.mid: there is no such file"):
        piece_from_midi(tmp_path / "nowhere.mid")
