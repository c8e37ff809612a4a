"""MIDI files of others: read as players play them, mended with a warning, or refused in a line."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.composer import piece_from_midi
from mirlab.core import (
    Notes,
    NotesError,
    NotesWarning,
    TempoMap,
    midi_events,
    midi_files,
    midi_notes,
)


def number(value: int) -> bytes:
    """A number of variable length."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.insert(0, value & 0x7F | 0x80)
    return bytes(digits)


def message(delta: int, *data: int) -> bytes:
    return number(delta) + bytes(data)


def on(delta: int, pitch: int, velocity: int = 80, *, channel: int = 0) -> bytes:
    return message(delta, 0x90 | channel, pitch, velocity)


def off(delta: int, pitch: int, *, channel: int = 0) -> bytes:
    return message(delta, 0x80 | channel, pitch, 64)


def control(delta: int, controller: int, value: int, *, channel: int = 0) -> bytes:
    return message(delta, 0xB0 | channel, controller, value)


def program(delta: int, value: int, *, channel: int = 0) -> bytes:
    return message(delta, 0xC0 | channel, value)


def meta(delta: int, kind: int, data: bytes = b"") -> bytes:
    return message(delta, 0xFF, kind) + number(len(data)) + data


def tempo(delta: int, micros: int) -> bytes:
    return meta(delta, 0x51, micros.to_bytes(3, "big"))


def track(*events: bytes, end: bytes = meta(0, 0x2F)) -> bytes:
    data = b"".join(events) + end
    return b"MTrk" + struct.pack(">L", len(data)) + data


def header(kind: int, count: int, division: int = 480) -> bytes:
    return b"MThd" + struct.pack(">LHHH", 6, kind, count, division)


def midi(*tracks: bytes, kind: int = 1, division: int = 480) -> bytes:
    return header(kind, len(tracks), division) + b"".join(tracks)


def note(pitch: int, delta: int = 0, length: int = 480, *, channel: int = 0) -> bytes:
    return on(delta, pitch, channel=channel) + off(length, pitch, channel=channel)


SCALE = b"".join(note(pitch) for pitch in (60, 62, 64, 65))
SCALE_ROWS = [(0.0, 0.5, 60), (0.5, 1.0, 62), (1.0, 1.5, 64), (1.5, 2.0, 65)]


def rows(notes: Notes) -> list[tuple[float, float, int]]:
    """Onset, offset and pitch of each note."""
    times = np.round(notes.intervals, 6).tolist()
    return [(a, b, pitch) for (a, b), pitch in zip(times, notes.pitch.tolist(), strict=True)]


def riff(data: bytes) -> bytes:
    """A RIFF-RMID file with another chunk before the MIDI file and one after it."""
    info = b"LIST" + struct.pack("<L", 4) + b"INFO"
    body = b"RMID" + info + b"data" + struct.pack("<L", len(data)) + data + info
    return b"RIFF" + struct.pack("<L", len(body)) + body


@pytest.mark.parametrize(
    "data",
    [
        midi(track(meta(0, 0x59, bytes([8, 0])), SCALE)),
        midi(track(meta(0, 0x59, bytes([200, 9])), SCALE)),
        midi(track(meta(0, 0x58, bytes([3])), meta(0, 0x54, b""), meta(0, 0x00, b"1"), SCALE)),
        midi(track(meta(0, 0x03, "Größe".encode("latin-1")), SCALE)),
        midi(track(meta(0, 0x05, "歌詞".encode("shift-jis")), meta(0, 0x7F, b"\xff\x00"), SCALE)),
        midi(track(SCALE, end=meta(0x0FFFFFFF, 0x2F))),
        header(0, 1) + b"XFIH" + struct.pack(">L", 4) + b"abcd" + track(SCALE),
        header(0, 1) + track(SCALE) + b"XFKM" + struct.pack(">L", 2) + b"ab",
        riff(midi(track(SCALE))),
        bytes(128) + midi(track(SCALE)),
        midi(track(message(0, 0xF0, 3, 1, 2, 3), message(0, 0xF7, 2, 4, 0xF7), SCALE)),
        midi(track(SCALE), kind=2),
        b"MThd" + struct.pack(">LHHHH", 8, 0, 1, 480, 7) + track(SCALE),
        midi(track(SCALE) + b"\0\0\0\0\0\0\0\0\0"),
    ],
)
def test_what_players_play_is_read(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error" if data[9:10] != b"\x02" else "ignore")
        assert rows(Notes.from_midi(data)) == SCALE_ROWS


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (header(1, 1) + track(tempo(0, 500_000)) + track(SCALE), "counts 1 tracks, 2 are there"),
        (header(1, 65535) + track(SCALE), "counts 65535 tracks, 1 are there"),
        (midi(track(tempo(0, 0), SCALE)), "a tempo that is no tempo"),
        (midi(track(meta(0, 0x51, b"\x07"), SCALE)), "a tempo that is no tempo"),
        (midi(track(SCALE))[:-4], "cut short"),
        (midi(track(SCALE, end=b"")), "a track has no end"),
        (midi(track(message(0, 0xF4), message(0, 0xF2, 1, 2), SCALE)), "do not have are skipped"),
        (midi(track(message(0, 0xB0, 7, 200), SCALE)), "over 127"),
        (midi(track(SCALE), track(SCALE[:1] + SCALE[2:])), "takes the one before"),
        (midi(track(SCALE, end=meta(0, 0x2F) + b"junk")), "after the end of a track"),
        (midi(track(SCALE)) + midi(track(note(90))), "a second MIDI file"),
        (header(0, 1) + b"MTrk\0\0\0\0" + track(SCALE)[8:], "length of a track is wrong"),
        (header(0, 1) + b"MTrk\0\0\xff\0" + track(SCALE)[8:], "length of a track is wrong"),
        (midi(track(SCALE), kind=5), "its format is 5"),
        (midi(track(SCALE, note(70, length=0))), r"no length are left out \(1\)"),
        (midi(track(SCALE, b"\xff\xff\xff\xff\x7f")), "left out"),
    ],
)
def test_what_breaks_the_standard_is_mended_with_a_warning(data: bytes, reason: str) -> None:
    with pytest.warns(NotesWarning, match=reason):
        found = rows(Notes.from_midi(data))
    assert sorted({*found}) == SCALE_ROWS


def test_a_warning_names_the_file_and_the_caller(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(midi(track(SCALE))[:-4])
    with pytest.warns(NotesWarning, match=r"a\.mid: is cut short") as caught:
        Notes.from_midi(tmp_path / "a.mid")
    assert caught[0].filename == __file__


def test_every_cut_gives_the_notes_before_it() -> None:
    """No cut is read without a word, and none takes a note that was whole before it."""
    whole = midi(track(SCALE))
    for length in range(len(header(0, 1)) + 8, len(whole) - 1):
        complete = (length - len(header(0, 1)) - 8) // (len(SCALE) // 4)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                found = rows(Notes.from_midi(whole[:length]))
            except NotesError:
                assert complete == 0
                continue
        assert ["cut short" in str(warning.message) for warning in caught] == [True]
        assert found[:complete] == SCALE_ROWS[:complete]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([on(0, 60), on(240, 60), off(240, 60), off(240, 60)], [(0, 0.5), (0.25, 0.75)]),
        # the note-off of the first note after the note-on of the second, at one tick
        ([on(0, 60), on(480, 60), off(0, 60), off(480, 60)], [(0, 0.5), (0.5, 1.0)]),
        ([on(0, 60), off(480, 60), off(0, 60), *[note(60)] * 2], [(0, 0.5), (0.5, 1), (1, 1.5)]),
        ([on(0, 60), off(480, 60), off(240, 60), note(60, 240)], [(0, 0.5), (1.0, 1.5)]),
        ([on(0, 60), on(480, 60, 0), on(0, 60), on(480, 60, 0)], [(0, 0.5), (0.5, 1.0)]),
        # a second note-off of the note before, just after the next note began
        ([note(60), on(0, 60), off(0, 60), off(480, 60)], [(0, 0.5), (0.5, 1.0)]),
    ],
)
def test_note_offs_end_the_right_notes(
    events: Sequence[bytes], expected: list[tuple[float, float]]
) -> None:
    found = Notes.from_midi(midi(track(*events)))
    assert [(a, b) for a, b, _ in rows(found)] == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([on(0, 67), meta(480, 0x2F)], [(0, 0.5)]),
        ([on(0, 60), *[note(60, 480)] * 3], [(0, 0.5), (0.5, 1), (1.5, 2), (2.5, 3)]),
        ([on(0, 60), control(480, 123, 0), note(62, 480)], [(0, 0.5), (1.0, 1.5)]),
        ([on(0, 60), control(480, 120, 0), note(60, 480)], [(0, 0.5), (1.0, 1.5)]),
        # the end of the track comes days late
        ([on(0, 60), note(62, 0), meta(0xFFFFFFF, 0x2F)], [(0, 10.5), (0, 0.5)]),
    ],
)
def test_notes_without_an_end_are_held_with_a_warning(
    events: Sequence[bytes], expected: list[tuple[float, float]]
) -> None:
    with pytest.warns(NotesWarning, match=r"without an end are held \(1\)"):
        found = Notes.from_midi(midi(track(*events)))
    assert [(a, b) for a, b, _ in rows(found)] == expected


def test_a_note_off_in_another_track_ends_a_note() -> None:
    ons = track(on(0, 60), on(480, 60), on(0, 64))
    offs = track(off(480, 60), off(480, 60), off(480, 64))
    assert rows(Notes.from_midi(midi(ons, offs))) == [(0, 0.5, 60), (0.5, 1, 60), (0.5, 1.5, 64)]
    # a track that ends its own notes is left alone
    paired = track(note(60, 240, 960), off(0, 60))
    assert rows(Notes.from_midi(midi(track(note(60)), paired))) == [(0, 0.5, 60), (0.25, 1.25, 60)]


def test_drums_of_no_length_sound_for_a_tick() -> None:
    hits = track(on(0, 36, channel=9), off(0, 36, channel=9), note(38, 480, channel=9))
    with pytest.warns(NotesWarning, match="but for drums"):
        found = Notes.from_midi(midi(hits))
    assert found.is_drum.all()
    np.testing.assert_allclose(found.intervals, [[0, 0.5 / 480], [0.5, 1.0]])


def test_a_note_keeps_the_program_with_which_it_began() -> None:
    events = [program(0, 0), on(0, 60), program(240, 40), off(240, 60), note(62)]
    assert Notes.from_midi(midi(track(*events))).program.tolist() == [0, 40]


def test_all_programs_are_read_past_bank_selects() -> None:
    events = [
        control(0, 0, k % 128) + control(0, 32, 3) + program(0, k) + note(60) for k in range(128)
    ]
    found = Notes.from_midi(midi(track(*events), kind=0))
    assert found.program.tolist() == list(range(128))
    assert not found.is_drum.any()


def test_a_track_without_a_program_has_that_of_its_channel() -> None:
    right = track(program(0, 19, channel=2), note(72, channel=2))
    left = track(note(48, channel=2), note(50, channel=3))
    found = Notes.from_midi(midi(track(program(0, 7, channel=3)), right, left))
    assert dict(zip(found.pitch.tolist(), found.program.tolist(), strict=True)) == {
        72: 19,
        48: 19,
        50: 7,
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (track(control(0, 64, 127), note(60), control(480, 64, 0)), [[0, 1.0, 0]]),
        (track(control(0, 64, 64), note(60), control(0, 64, 63), note(60)), [[0, 0.5, 0]]),
        (track(control(0, 64, 90), control(240, 64, 99), note(60)), [[0, 0.75, 0]]),  # never up
        (track(control(0, 64, 90), note(60, 0, 240), control(0, 121, 0), note(60)), [[0, 0.25, 0]]),
        (  # while the program changes, both are held
            track(control(0, 64, 127), note(60), program(0, 5), note(62), control(0, 64, 0)),
            [[0, 1.0, 0], [0, 1.0, 5]],
        ),
        (  # of one program only
            track(note(60), program(0, 5), control(0, 64, 127), note(62), control(0, 64, 0)),
            [[0.5, 1.0, 5]],
        ),
        (track(note(60)) + track(control(0, 64, 127), control(240, 64, 0)), [[0, 0.25, 0]]),
        (track(note(60), control(0, 64, 127, channel=4)), None),
        (track(note(36, channel=9), control(0, 64, 127, channel=9)), None),
    ],
)
def test_the_pedal_is_that_of_the_notes_of_its_channel(
    data: bytes, expected: list[list[float]] | None
) -> None:
    pedal = Notes.from_midi(midi(*(b"MTrk" + part for part in data.split(b"MTrk")[1:]))).pedal
    if expected is None:
        assert pedal is None
    else:
        np.testing.assert_allclose(pedal, expected)


def bend(delta: int, value: int) -> bytes:
    return message(delta, 0xE0, value & 0x7F, value >> 7)


def test_bends_have_the_range_of_their_time() -> None:
    octave = [control(0, 101, 0), control(0, 100, 0), control(0, 6, 12), control(0, 38, 0)]
    other = [control(0, 99, 1), control(0, 98, 8), control(0, 6, 3)]  # not the bend range
    narrow = [control(0, 101, 0), control(0, 100, 0), control(0, 6, 1)]
    events = [bend(0, 12288), *octave, *other, note(60), *narrow, note(62), bend(0, 8192), note(64)]
    found = Notes.from_midi(midi(track(*events)))
    assert found.bends is not None
    assert [curve.tolist() for curve in found.bends] == [[[0.0, 6.0]], [[0.5, 6.0]], []]


def test_tempi_count_from_any_track_and_smpte_needs_none() -> None:
    slow = track(tempo(0, 1_000_000), tempo(480, 250_000), tempo(0, 500_000))
    found = Notes.from_midi(midi(track(SCALE), slow))
    np.testing.assert_allclose(found.onset, [0, 1, 1.5, 2])
    assert found.tempo_map is not None
    np.testing.assert_allclose(found.tempo_map.times, [0, 1])
    np.testing.assert_allclose(found.tempo_map.bpm, [60, 120])
    frames = Notes.from_midi(midi(track(tempo(0, 1_000_000), SCALE), division=0xE728))  # 25 * 40
    np.testing.assert_allclose(frames.onset, [0, 0.48, 0.96, 1.44])
    drop = Notes.from_midi(midi(track(SCALE), division=0xE350))  # 29.97 frames a second
    np.testing.assert_allclose(drop.onset, np.arange(4) * 480 * 1001 / (30_000 * 80))


def test_patterns_of_format_2_follow_one_another() -> None:
    data = midi(track(note(60)), track(note(62)), kind=2)
    with pytest.warns(NotesWarning, match="follow one another"):
        assert rows(Notes.from_midi(data)) == [(0, 0.5, 60), (0.5, 1, 62)]


def test_limits_are_in_seconds_and_notes() -> None:
    fine = midi(track(*[note(60, 0, 19_200)] * 1100), division=19_200)
    assert Notes.from_midi(fine).duration == pytest.approx(550)
    day = Notes.from_midi(midi(track(note(60, 0x2800000)), division=480))
    assert 43_000 < day.duration < 86_400
    assert len(day) == 1
    with pytest.raises(NotesError, match="longer than a day"):
        Notes.from_midi(midi(track(note(60, 0xFFFFFFF))))


def test_events_and_notes_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, expected in (("MAX_EVENTS", 9), ("MAX_NOTES", 4)):
        with monkeypatch.context() as patch:
            patch.setattr(midi_events, limit, expected)
            patch.setattr(midi_notes, limit, expected, raising=False)
            assert rows(Notes.from_midi(midi(track(SCALE)))) == SCALE_ROWS
            with pytest.raises(NotesError, match=f"more than {expected} (events|notes)"):
                Notes.from_midi(midi(track(SCALE, note(70))))


def test_what_pretty_midi_writes_comes_back() -> None:
    peer = pretty_midi.PrettyMIDI(initial_tempo=90)
    rng = np.random.default_rng(0)
    for k in range(20):  # more than there are channels
        instrument = pretty_midi.Instrument(k, is_drum=k == 3)
        for i in range(10):
            instrument.notes.append(pretty_midi.Note(int(rng.integers(1, 128)), 50 + k, i, i + 0.5))
        peer.instruments.append(instrument)
    buffer = io.BytesIO()
    peer.write(buffer)
    buffer.seek(0)
    found, direct = Notes.from_midi(buffer), Notes.from_midi(peer)
    np.testing.assert_allclose(found.intervals, direct.intervals, atol=1e-3)
    for name in ("pitch", "velocity", "program", "is_drum"):
        np.testing.assert_array_equal(getattr(found, name), getattr(direct, name))


def test_meters_and_pieces_come_from_tolerant_reading(tmp_path: Path) -> None:
    odd = meta(0, 0x59, bytes([8, 0])) + meta(0, 0x58, bytes([3, 2])) + meta(0, 0x58, b"\3")
    path = tmp_path / "waltz.mid"
    path.write_bytes(midi(track(odd, SCALE)))
    assert midi_files.read_meters(path) == [(0.0, 3, 4)]
    assert piece_from_midi(path).beats.labels == ("1", "2", "3", "1")


def zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "b")
    return buffer.getvalue()


HOSTILE = {
    "zip": zip_bytes(),
    "nothing": b"",
    "2^31 ticks": midi(track(b"\xff\xff\xff\x7f\x90\x3c\x40" * 8)),
    "endless number": midi(track(b"\xff" * 2_000_000)),
    "header only": header(1, 3),
    "division 0": midi(track(SCALE), division=0),
    "128 frames a second": midi(track(SCALE), division=0x8000),
    "25 frames of no tick": midi(track(SCALE), division=0xE700),
    "long message": midi(track(b"\x00\xf0\xff\xff\xff\x7f")),
    "status without data": midi(track(b"\x00\x90", end=b"")),
    "data without status": midi(track(b"\x00\x3c\x40")),
    "nine megabytes": midi(track(bytes(9_000_000))),
    "many ticks": midi(track((number(0xFFFFFFF) + b"\xff\x01\0") * 3000, SCALE)),
    "bends of all notes": midi(
        track(*[on(0, pitch) for pitch in range(128)], *[bend(1, k) for k in range(16_000)] * 3)
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_midi_ends_soon_and_small(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "evil.mid"
    path.write_bytes(data)
    start = time.process_time()
    with pytest.raises(NotesError, match=r"evil\.mid: "):
        Notes.from_midi(path)
    assert time.process_time() - start < 1
    tracemalloc.start()
    try:
        with pytest.raises(NotesError):
            Notes.from_midi(path)
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


def test_absurd_tempi_are_written_or_refused(tmp_path: Path) -> None:
    fast = Notes.from_midi(midi(track(tempo(0, 1), SCALE)))
    assert fast.duration == pytest.approx(4e-6)
    again = Notes.from_midi(fast.save(tmp_path / "fast.mid"))
    np.testing.assert_allclose(again.onset, fast.onset, atol=1e-8)
    with pytest.raises(NotesError, match="beats are too long for MIDI"):
        Notes([0], [3600], [60], tempo_map=TempoMap(0, 6e7)).to_midi()


@given(st.binary(max_size=400))
def test_random_bytes_end_in_notes_or_in_our_error(data: bytes) -> None:
    with warnings.catch_warnings(), contextlib.suppress(NotesError):
        warnings.simplefilter("ignore", NotesWarning)  # any other warning or error fails the test
        assert Notes.from_midi(midi(track(data, end=b""))).duration >= 0


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_bytes_end_in_notes_or_in_our_error(changes: list[tuple[int, int]]) -> None:
    data = bytearray(midi(track(tempo(0, 400_000), SCALE), track(program(0, 9), SCALE, bend(0, 9))))
    for position, value in changes:
        data[position % len(data)] = value
    with warnings.catch_warnings(), contextlib.suppress(NotesError):
        warnings.simplefilter("ignore", NotesWarning)
        assert Notes.from_midi(bytes(data)).duration >= 0


@pytest.mark.parametrize("source", [None, 3, [1], io.StringIO("text"), {"a": 1}])
def test_what_is_no_midi_source_is_refused(source: object) -> None:
    with pytest.raises(NotesError, match="MIDI is read from a path"):
        Notes.from_midi(source)  # type: ignore[arg-type]
