"""Quantized scores: positions, invariants, and examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mirlab.core.errors import NotesError
from mirlab.core.notes import Notes
from mirlab.core.tempo import TempoMap
from mirlab.score.grid import STEPS
from mirlab.score.notation import VALUES, Bar, bars, steps_of, values
from mirlab.score.quantize import METERS, GridScore, quantize
from mirlab.score.voice_separation import SIXTEENTH, Event

BEAT_A_SECOND = TempoMap([0.0], [60.0])
# Steps: half an eighth, half the spread of a chord, and a swung off-beat moved to the middle.
FARTHEST = STEPS / 4 + 0.45 + 0.22 * STEPS


@st.composite
def performances(draw: st.DrawFn) -> Notes:
    """Notes at any time, of any duration, with a tempo that may change."""
    tempi = draw(st.lists(st.floats(30, 300), min_size=1, max_size=3))
    onset, length, pitch, drum = [], [], [], []
    for _ in range(draw(st.integers(0, 25))):
        onset.append(draw(st.floats(0, 12)))
        length.append(draw(st.floats(0.01, 4)))
        pitch.append(draw(st.integers(0, 127)))
        drum.append(draw(st.integers(0, 9)) == 0)
    return Notes(
        onset,
        np.add(onset, length),
        pitch,
        is_drum=drum,
        tempo_map=TempoMap(np.arange(len(tempi)) * 3.0, tempi),
    )


meters = st.sampled_from(list(METERS))
downbeats = st.sampled_from([0, 1, 2, 3, 5, -1, 0.5, 1.75])


def on_grid(start: list[int], length: list[int], pitch: list[int]) -> Notes:
    """Notes exactly on sixteenths, at one beat a second."""
    onset = np.array(start, float) / 4
    return Notes(onset, onset + np.array(length) / 4, pitch, tempo_map=BEAT_A_SECOND)


def attacks(score: GridScore) -> list[tuple[int, int]]:
    """(step, pitch) of every note of a grid score, sorted."""
    events = [e for staff in score.staves for voice in staff.voices for e in voice]
    return sorted((e.start, p) for e in events for p in e.pitches)


def lengths(score: GridScore) -> dict[tuple[int, int], int]:
    """The length in steps of every (step, pitch)."""
    events = [e for staff in score.staves for voice in staff.voices for e in voice]
    return {(e.start, p): e.length for e in events for p in e.pitches}


@given(performances(), meters, downbeats)
def test_every_note_is_at_its_step(notes: Notes, meter: tuple[int, int], downbeat: float) -> None:
    assert notes.tempo_map is not None
    found = attacks(quantize(notes, meter=meter, downbeat=downbeat))
    played = notes[~notes.is_drum]
    steps = notes.tempo_map.beats(played.onset) * STEPS
    for step, pitch in zip(steps, played.pitch, strict=True):
        near = [s for s, p in found if p == pitch and abs(s - step) <= FARTHEST]
        assert near
    for step, pitch in found:
        assert np.any((played.pitch == pitch) & (np.abs(steps - step) <= FARTHEST))


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 20), st.integers(20, 110)),
        max_size=30,
        unique_by=lambda note: (note[0], note[2]),
    )
)
def test_notes_on_the_grid_keep_their_onset_and_may_only_get_shorter(
    notes: list[tuple[int, int, int]],
) -> None:
    score = quantize(on_grid([n[0] for n in notes], [n[1] for n in notes], [n[2] for n in notes]))
    assert attacks(score) == sorted((SIXTEENTH * start, pitch) for start, _, pitch in notes)
    written = lengths(score)
    for start, _, pitch in notes:  # in beats without an onset ends stand on eighths
        length = max(n for s, n, _ in notes if s == start)  # a chord may have one length
        longest = max(2 * length + 1, length + 2) + 1
        assert 1 <= written[SIXTEENTH * start, pitch] / SIXTEENTH <= longest


@given(performances(), meters, downbeats)
def test_notes_of_a_voice_never_overlap(
    notes: Notes, meter: tuple[int, int], downbeat: float
) -> None:
    score = quantize(notes, meter=meter, downbeat=downbeat)
    assert 1 <= len(score.staves) <= 2
    for staff in score.staves:
        assert 1 <= len(staff.voices) <= 2
        for voice in staff.voices:
            for event in voice:
                assert event.length >= 1
                assert list(event.pitches) == sorted(set(event.pitches))
                assert 0 <= event.start < event.end <= score.length
            for event, following in zip(voice, voice[1:], strict=False):
                assert event.end <= following.start


@given(performances(), meters, downbeats)
def test_bars_are_full_and_contain_every_event(
    notes: Notes, meter: tuple[int, int], downbeat: float
) -> None:
    score = quantize(notes, meter=meter, downbeat=downbeat)
    written = bars(score)
    assert sum(bar.length for bar in written) == score.length - score.start
    assert all(bar.length == steps_of(meter)[0] for bar in written[1:] or written)
    assert written[0].start == score.start
    assert written[0].length == (score.pickup - score.start or steps_of(meter)[0])
    for bar in written:
        for staff in bar.staves:
            for voice in staff:
                ends = np.cumsum([event.length for event in voice])
                assert [event.start for event in voice] == [0, *ends[:-1]]
                assert ends[-1] == bar.length
                assert all(p.length in VALUES for p in voice if p.pitches)
    assert tied_together(written) == sorted(
        (i, e.start, e.length, e.pitches)
        for i, staff in enumerate(score.staves)
        for voice in staff.voices
        for e in voice
    )


def tied_together(written: list[Bar]) -> list[tuple[int, int, int, tuple[int, ...]]]:
    """(staff, start, length, pitches) of the notated events, joined at ties."""
    open_ties: dict[tuple[int, int, tuple[int, ...]], tuple[int, int]] = {}
    found = []
    for bar in written:
        for i, staff in enumerate(bar.staves):
            for event in (p for voice in staff for p in voice if p.pitches):
                start, length = bar.start + event.start, event.length
                if event.tied_from:
                    began, before = open_ties.pop((i, start, event.pitches))
                    start, length = began, before + length
                if event.tied_to:
                    open_ties[i, start + length, event.pitches] = start, length
                else:
                    found.append((i, start, length, event.pitches))
    assert not open_ties
    return sorted(found)


@given(st.sampled_from(list(METERS)), st.data())
def test_note_values_sum_to_the_duration(meter: tuple[int, int], data: st.DataObject) -> None:
    bar, _ = steps_of(meter)
    bar //= SIXTEENTH
    position = data.draw(st.integers(0, bar - 1))
    length = data.draw(st.integers(1, bar - position))
    written = values(SIXTEENTH * position, SIXTEENTH * length, meter)
    assert sum(written) == SIXTEENTH * length


@pytest.mark.parametrize(
    ("position", "length", "meter", "expected"),
    [
        (0, 16, (4, 4), [16]),
        (0, 12, (3, 4), [12]),
        (0, 12, (6, 8), [12]),
        (0, 8, (6, 8), [6, 2]),  # a half note would hide the second beat
        (0, 5, (4, 4), [4, 1]),
        (2, 4, (4, 4), [4]),  # eighth, quarter, eighth
        (6, 4, (4, 4), [2, 2]),  # across the middle of the bar: tied
        (4, 8, (4, 4), [8]),  # quarter, half, quarter
        (3, 2, (4, 4), [1, 1]),
        (1, 3, (4, 4), [3]),
        (4, 6, (4, 4), [4, 2]),
    ],
)
def test_note_values_show_the_beat(
    position: int, length: int, meter: tuple[int, int], expected: list[int]
) -> None:
    written = values(SIXTEENTH * position, SIXTEENTH * length, meter)
    assert written == [SIXTEENTH * value for value in expected]


def test_a_scale_is_quantized_note_by_note() -> None:
    scale = [60, 62, 64, 65, 67, 69, 71, 72]
    score = quantize(on_grid([0, 4, 8, 12, 16, 20, 24, 28], [4] * 8, scale))
    assert [staff.clef for staff in score.staves] == ["treble"]
    assert score.staves[0].voices == (
        tuple(Event(12 * i, 12, (pitch,)) for i, pitch in enumerate(scale)),
    )
    assert (score.pickup, score.length) == (0, 96)


def test_a_loose_performance_gives_the_same_score() -> None:
    scale = np.array([60, 62, 64, 65, 67, 69, 71, 72])
    rng = np.random.default_rng(0)
    onset = np.arange(8) + rng.uniform(0, 0.1, 8)
    loose = Notes(onset, onset + rng.uniform(0.8, 1.1, 8), scale, tempo_map=BEAT_A_SECOND)
    strict = on_grid([4 * i for i in range(8)], [4] * 8, [int(p) for p in scale])
    assert quantize(loose) == quantize(strict)


def test_a_held_note_goes_to_a_second_voice() -> None:
    score = quantize(on_grid([0, 0, 4, 8, 12], [16, 4, 4, 4, 4], [60, 67, 69, 71, 72]))
    upper, lower = score.staves[0].voices
    assert [(e.start, e.length, e.pitches) for e in upper] == [
        (0, 12, (67,)),
        (12, 12, (69,)),
        (24, 12, (71,)),
        (36, 12, (72,)),
    ]
    assert lower == (Event(0, 48, (60,)),)


@pytest.mark.slow
@given(
    st.lists(st.integers(1, 8), min_size=4, max_size=16),
    st.lists(st.integers(1, 8), min_size=4, max_size=16),
    st.integers(0, 5),
)
@example([5, 1, 7, 1], [4, 1, 1, 8], 0)
def test_two_parts_keep_their_lengths(upper: list[int], lower: list[int], seed: int) -> None:
    """Two melodies that never cross: hardly any duration is shortened, for any rhythms.

    Where both begin a note, a long one may be written as a chord with a shorter one: one is lost.
    """
    rng = np.random.default_rng(seed)
    start = [0, *np.cumsum(upper)[:-1].tolist(), 0, *np.cumsum(lower)[:-1].tolist()]
    pitch = [*rng.permutation(np.arange(72, 88))[: len(upper)].tolist()]
    pitch += rng.permutation(np.arange(54, 70))[: len(lower)].tolist()
    score = quantize(on_grid([2 * s for s in start], [2 * n for n in upper + lower], pitch))
    written = lengths(score)
    lost = [
        s
        for s, length, p in zip(start, upper + lower, pitch, strict=True)
        if written[2 * s * SIXTEENTH, p] != 2 * length * SIXTEENTH
    ]
    common = set(start[: len(upper)]) & set(start[len(upper) :])
    assert set(lost) <= common
    assert len(lost) == len(set(lost)) <= 3


def test_legato_needs_no_second_voice() -> None:
    notes = Notes(np.arange(8), np.arange(8) + 1.2, np.arange(60, 68), tempo_map=BEAT_A_SECOND)
    (voice,) = quantize(notes).staves[0].voices
    assert [event.length for event in voice[:-1]] == [STEPS] * 7


def test_a_held_high_note_is_in_the_upper_voice() -> None:
    score = quantize(on_grid([0, 4, 8], [16, 4, 4], [79, 60, 64]))
    assert score.staves[0].voices[0] == (Event(0, 48, (79,)),)


def test_a_chord_is_one_event_even_when_rolled() -> None:
    notes = Notes([0.10, 0.13, 0.16], [1.0, 1.0, 1.1], [60, 64, 67], tempo_map=BEAT_A_SECOND)
    score = quantize(notes)  # 0.4 and 0.64 sixteenths: rounding alone would separate them
    assert [e.pitches for e in score.staves[0].voices[0]] == [(60, 64, 67)]


def test_one_pitch_twice_on_a_step_is_one_note() -> None:
    score = quantize(on_grid([0, 0], [2, 6], [60, 60]))
    assert score.staves[0].voices == ((Event(0, 18, (60,)),),)


def test_a_repeated_pitch_ends_the_note_before() -> None:
    score = quantize(on_grid([0, 4], [16, 4], [60, 60]))
    assert score.staves[0].voices == ((Event(0, 12, (60,)), Event(12, 12, (60,))),)


@pytest.mark.parametrize(
    ("pitch", "clefs"),
    [
        ([60, 72], ["treble"]),
        ([40, 52], ["bass"]),
        ([45, 57, 67], ["treble8vb"]),  # a low voice
        ([36, 48, 64, 76], ["treble", "bass"]),
    ],
)
def test_clefs_follow_the_range(pitch: list[int], clefs: list[str]) -> None:
    start = [4 * i for i in range(len(pitch))]
    score = quantize(on_grid(start, [4] * len(pitch), pitch))
    assert [staff.clef for staff in score.staves] == clefs


def test_the_hands_are_split_at_the_gap() -> None:
    """A left hand up to E4 below a right hand from E5: not split at middle C."""
    start: list[int] = []
    pitch: list[int] = []
    for bar in range(4):
        for i, chord in enumerate([(48, 83), (55, 81), (60, 79), (64, 76)]):
            start += [bar * 16 + i * 4] * 2
            pitch += chord
    score = quantize(on_grid(start, [4] * len(start), pitch))
    assert {p for e in score.staves[1].voices[0] for p in e.pitches} == {48, 55, 60, 64}


def test_a_pickup_bar_is_written() -> None:
    score = quantize(on_grid([0, 4], [4, 16], [67, 72]), downbeat=1)
    assert (score.pickup, score.length) == (12, 60)
    assert [bar.padding for bar in bars(score)] == [36, 0]
    assert quantize(on_grid([0, 4], [4, 16], [67, 72]), downbeat=9) == score


def test_a_pickup_bar_without_notes_is_left_out() -> None:
    score = quantize(on_grid([4, 8], [4, 16], [67, 72]), downbeat=1)
    assert (score.pickup, score.start) == (12, 12)
    assert next((bar.start, bar.length, bar.padding) for bar in bars(score)) == (12, 48, 0)


def test_drums_are_omitted() -> None:
    notes = Notes([0.0, 1.0], [1.0, 2.0], [36, 60], is_drum=[True, False])
    assert attacks(quantize(notes.with_tempo(BEAT_A_SECOND))) == [(12, 60)]


def test_no_notes_give_one_empty_bar() -> None:
    score = quantize(Notes.empty(tempo_map=BEAT_A_SECOND))
    (bar,) = bars(score)
    assert [[len(voice) for voice in staff] for staff in bar.staves] == [[1]]
    assert bar.staves[0][0][0].pitches == ()


def test_a_lone_stray_note_opens_no_staff() -> None:
    pitch = [*[60, 64, 67, 72] * 20, 24]
    score = quantize(on_grid([4 * i for i in range(81)], [4] * 81, pitch))
    assert [staff.clef for staff in score.staves] == ["treble"]
    assert len(attacks(score)) == 81


@settings(deadline=None)
@given(st.integers(2, 8), st.integers(0, 5))
def test_many_voices_lose_length_and_no_note(parts: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 64, parts * 8).tolist()
    length = rng.integers(1, 32, parts * 8).tolist()
    pitch = rng.integers(40, 85, parts * 8).tolist()
    score = quantize(on_grid(start, length, pitch))
    assert set(attacks(score)) == {(SIXTEENTH * s, p) for s, p in zip(start, pitch, strict=True)}


@pytest.mark.parametrize(
    ("notes", "meter", "reason"),
    [
        (Notes([0], [1], [60]), (4, 4), "tempo map"),
        (Notes([0], [1], [60], tempo_map=BEAT_A_SECOND), (7, 8), "7, 8"),
        (Notes([0], [1e5], [60], tempo_map=TempoMap([0.0], [1e9])), (4, 4), "20000 bars"),
    ],
)
def test_invalid_input_is_refused(notes: Notes, meter: tuple[int, int], reason: str) -> None:
    with pytest.raises(NotesError, match=reason):
        quantize(notes, meter=meter)
