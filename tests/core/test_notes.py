"""`Notes`, and their round trip through MIDI: nothing is lost on the way."""

import io
from dataclasses import replace

import mido
import numpy as np
import pretty_midi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import Notes, NotesError, TempoMap, note_name

TIMES = st.floats(0, 300, allow_nan=False)
LENGTHS = st.floats(0.01, 20, allow_nan=False)


@st.composite
def tempo_maps(draw):
    gaps = draw(st.lists(st.floats(0.5, 60), max_size=6))
    times = np.r_[0.0, np.cumsum(gaps)]
    return TempoMap(
        times, draw(st.lists(st.floats(30, 300), min_size=len(times), max_size=len(times)))
    )


@st.composite
def notes(draw, bent=False):
    n = draw(st.integers(1, 25))
    many = {"min_size": n, "max_size": n}
    onset = np.array(draw(st.lists(TIMES, **many)))
    # a bent note lasts many ticks, so that each point of its curve keeps a tick of its own
    offset = onset + draw(st.lists(LENGTHS, **many)) + (0.1 if bent else 0)
    pitch = draw(st.lists(st.integers(58, 62), **many))  # few pitches, for many collisions
    velocity = draw(st.lists(st.integers(1, 127), **many))
    program = draw(st.lists(st.sampled_from([0, 40]), **many))
    drum = draw(st.lists(st.booleans(), **many))
    bends = None
    if bent:
        width = draw(st.sampled_from([0.5, 2.0, 7.0]))
        bends = [
            [(a + (b - a) * share, width * np.sin(9 * share + 1)) for share in (0, 0.2, 0.5)]
            if draw(st.booleans())
            else []
            for a, b in zip(onset, offset, strict=True)
        ]
    return Notes(
        onset, offset, pitch, velocity, program, drum, bends=bends, tempo_map=draw(tempo_maps())
    )


def through_a_file(given_notes):
    midi = given_notes.to_midi()
    buffer = io.BytesIO()
    midi.write(buffer)
    longest_tick = 60 / given_notes.tempo_map.bpm.min() / midi.resolution
    return Notes.from_midi(buffer.getvalue()), longest_tick


def rows(notes):
    """Notes as sorted rows: exact fields first, then times."""
    table = np.column_stack(
        [notes.program, notes.is_drum, notes.pitch, notes.velocity, notes.onset, notes.offset]
    )
    return table[np.lexsort(table.T[::-1])]


@given(notes())
def test_midi_round_trip_to_one_tick(before):
    after, tick = through_a_file(before)
    assert len(after) == len(before)
    # pair the notes by their exact fields; times may swap order within a tick
    a, b = rows(before), rows(after)
    np.testing.assert_array_equal(a[:, :4], b[:, :4])
    np.testing.assert_allclose(np.sort(a[:, 4]), np.sort(b[:, 4]), atol=tick)
    np.testing.assert_allclose(np.sort(a[:, 5]), np.sort(b[:, 5]), atol=1.01 * tick)


@pytest.mark.slow
@given(notes())
def test_tempo_maps_survive(before):
    after, _ = through_a_file(before)
    probe = np.linspace(0, 300, 50)
    np.testing.assert_allclose(
        after.tempo_map.beats(probe), before.tempo_map.beats(probe), rtol=3e-3, atol=0.02
    )


@pytest.mark.slow
@given(notes(bent=True))
def test_bends_survive_on_their_own_notes(before):
    after, tick = through_a_file(before)
    assert len(after) == len(before)
    if before.bends is None:
        assert after.bends is None
        return
    deepest = max(np.abs(curve[:, 1]).max() for curve in before.bends if len(curve))
    step = 2 * max(deepest, 2) / 8192
    for note, curve in enumerate(before.bends):
        same = [
            i
            for i in range(len(after))
            if after.pitch[i] == before.pitch[note]
            and after.velocity[i] == before.velocity[note]
            and after.program[i] == before.program[note]
            and after.is_drum[i] == before.is_drum[note]
            and abs(after.onset[i] - before.onset[note]) <= tick
            and abs(after.offset[i] - before.offset[note]) <= 2 * tick
        ]
        wanted = value_at(curve, before.onset[note] + 0.75 * (before.offset - before.onset)[note])
        found = [
            value_at(
                after.bends[i] if after.bends else [],
                after.onset[i] + 0.75 * (after.offset - after.onset)[i],
            )
            for i in same
        ]
        assert any(value == pytest.approx(wanted, abs=step) for value in found), (wanted, found)


def value_at(curve, time):
    curve = np.reshape(curve, (-1, 2))
    before = curve[curve[:, 0] <= time]
    return before[-1, 1] if len(before) else 0.0


def test_overlapping_notes_of_one_pitch_stay_apart(tmp_path):
    before = Notes([0, 0.5, 0.75], [2.0, 1.0, 3.0], [60, 60, 60], [50, 60, 70])
    after = Notes.from_midi(before.save(tmp_path / "a.mid"))
    np.testing.assert_allclose(after.intervals, before.intervals, atol=1e-9)
    assert after.velocity.tolist() == [50, 60, 70]
    assert len(before.to_midi().instruments) == 3


def test_more_overlapping_notes_than_midi_has_tracks_are_refused():
    n = 32_767
    with pytest.raises(NotesError, match=r"MIDI lacks tracks \(32,766\)"):
        Notes(np.arange(n) / n, 2 + np.arange(n) / n, 60).to_midi()


def test_pedal_and_programs_come_back(tmp_path):
    before = Notes(
        [0, 0.1, 1, 1.5],
        [1, 1.2, 2, 2],
        [60, 60, 64, 36],
        80,
        [0, 0, 40, 0],
        [0, 0, 0, 1],
        pedal=[[0, 1.5, 0], [1, 2, 40]],
    )
    after = Notes.from_midi(before.save(tmp_path / "a.mid"))
    np.testing.assert_allclose(after.pedal, before.pedal, atol=1e-3)
    assert after.program.tolist() == [0, 0, 40, 0]
    assert after.is_drum.tolist() == [False, False, False, True]


def test_pretty_midi_reads_what_we_write(tmp_path):
    before = Notes([0.5, 1.0], [1.0, 2.0], [60, 64], [100, 30], 40, tempo_map=TempoMap(0, 93.7))
    midi = pretty_midi.PrettyMIDI(str(before.save(tmp_path / "a.mid")))
    (violin,) = midi.instruments
    assert violin.program == 40
    assert [(n.pitch, n.velocity) for n in violin.notes] == [(60, 100), (64, 30)]
    np.testing.assert_allclose([n.start for n in violin.notes], [0.5, 1.0], atol=1e-3)
    assert midi.get_tempo_changes()[1] == pytest.approx([93.7], abs=1e-3)


def test_tempo_on_a_later_track_counts(tmp_path):
    """pretty_midi reads tempi from the first track only, and would be wrong by a factor of two."""
    track = mido.MidiTrack(
        [
            mido.MetaMessage("set_tempo", tempo=1_000_000),
            mido.Message("note_on", note=60, velocity=64, time=480),
            mido.Message("note_off", note=60, time=480),
        ]
    )
    file = mido.MidiFile(tracks=[mido.MidiTrack(), track], ticks_per_beat=480)
    file.save(tmp_path / "a.mid")
    found = Notes.from_midi(tmp_path / "a.mid")
    np.testing.assert_allclose(found.intervals, [[1.0, 2.0]])
    assert found.tempo_map.bpm == pytest.approx([60])


def test_three_hours_of_midi_survive(tmp_path):
    onset = np.arange(0, 3 * 3600, 2.0)
    before = Notes(onset, onset + 1, 60, tempo_map=TempoMap(0, 180))
    after = Notes.from_midi(before.save(tmp_path / "long.mid"))
    np.testing.assert_allclose(after.onset, onset, atol=60 / 180 / 240)


def test_views():
    notes = Notes([0, 1, 2], [1, 2, 3], [69, 57, 70], [1, 2, 3], bends=[[], [[1, 0.5]], []])
    assert notes.hz == pytest.approx([440, 220, 466.1637615])
    np.testing.assert_array_equal(notes.intervals, [[0, 1], [1, 2], [2, 3]])
    part = notes[notes.pitch >= 69]
    assert len(part) == 2 and part.bends is None
    assert len(notes[1]) == 1 and notes[1].bends[0].tolist() == [[1, 0.5]]
    assert notes.slice(1, 2).pitch.tolist() == [57]
    table = notes.to_pandas()
    assert table.pitch.tolist() == [69, 57, 70] and table.shape == (3, 6)
    assert repr(Notes.empty()) == "Notes(no notes)" and Notes.empty().duration == 0
    assert note_name(60) == "C4"


@pytest.mark.parametrize(
    ("program", "pedal"),
    [(40, [[0, 1.5, 40]]), ([1, 40], None), ([0, 40], [[0, 1.5, 0]])],
)
def test_the_pedal_follows_the_one_program_of_the_notes(program, pedal):
    notes = Notes([0, 1], [1, 2], [60, 62], pedal=[[0, 1.5, 0]])
    changed = replace(notes, program=program)
    found = None if changed.pedal is None else changed.pedal.tolist()
    assert found == pedal


@pytest.mark.parametrize(
    "arguments",
    [
        {"onset": [0, 1], "offset": [1], "pitch": [60, 60]},
        {"onset": [1], "offset": [1], "pitch": [60]},
        {"onset": [-1], "offset": [1], "pitch": [60]},
        {"onset": [0], "offset": [np.inf], "pitch": [60]},
        {"onset": [0], "offset": [1], "pitch": [128]},
        {"onset": [0], "offset": [1], "pitch": [60.5]},
        {"onset": [0], "offset": [1], "pitch": [60], "velocity": 0},
        {"onset": [0], "offset": [1], "pitch": [60], "program": -1},
        {"onset": [0], "offset": [1], "pitch": [60], "bends": []},
        {"onset": [0], "offset": [1], "pitch": [60], "bends": [[[0, 1], [0, 2]]]},
        {"onset": [0], "offset": [1], "pitch": [60], "pedal": [[1, 0, 0]]},
    ],
)
def test_senseless_notes_are_refused(arguments):
    with pytest.raises(NotesError):
        Notes(**arguments)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(NotesError, match=r"none\.mid: there is no such file"):
        Notes.from_midi(tmp_path / "none.mid")
    with pytest.raises(NotesError, match="is not a file"):
        Notes.from_midi(tmp_path)
    with pytest.raises(NotesError, match="does not exist"):
        Notes([0], [1], [60]).save(tmp_path / "nowhere" / "a.mid")
