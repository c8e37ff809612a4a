"""`compose`: properties of every piece, for any seed."""

from __future__ import annotations

from functools import cache

import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.composer import STYLES, Piece, StyleError, compose
from mirlab.composer.accompaniment import BASS_RANGE
from mirlab.composer.styles import RANGES, style_named
from mirlab.core import Notes, NotesError, Segments, TempoMap
from mirlab.score.spelling import signature

GOLDEN = (  # of seed 2026, twelve seconds: style, key, chords, first pitches and onsets
    "etude",
    "Eb major",
    ("Eb:maj", "C:min", "F:min", "Bb:maj", "Eb:maj"),
    [68, 67, 70, 74, 72, 77, 75, 72],
    [0.0, 0.05236, 0.312854, 0.970048],
)
made = cache(compose)
pieces = st.builds(
    lambda seed, style: made(seed, style=style, duration=16.0),
    st.integers(0, 300),
    st.sampled_from(sorted(STYLES)),
)
many = settings(max_examples=40, deadline=None)


def sounding(notes: Notes, start: float, end: float) -> np.ndarray:
    """Seconds that each note sounds between two times."""
    return np.clip(np.minimum(notes.offset, end) - np.maximum(notes.onset, start), 0, None)


def equal(a: Notes, b: Notes) -> bool:
    """Whether two parts are equal in every value."""
    names = ("onset", "offset", "pitch", "velocity", "program", "is_drum")
    same = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)
    bends = (a.bends is None) == (b.bends is None) and all(
        np.array_equal(x, y) for x, y in zip(a.bends or (), b.bends or (), strict=True)
    )
    return same and bends


@pytest.mark.parametrize("style", STYLES)
def test_the_same_seed_gives_the_same_piece(style: str) -> None:
    first, two = (compose(11, style=style, duration=12.0) for _ in range(2))
    assert first.chords.labels == two.chords.labels and first.key == two.key
    assert list(first.parts) == list(two.parts)
    assert all(equal(first.parts[name], two.parts[name]) for name in first.parts)
    other = compose(12, style=style, duration=12.0)
    assert not equal(first.notes, other.notes)


def test_a_seed_gives_the_same_piece_on_every_machine() -> None:
    piece = compose(2026, duration=12.0)
    assert (piece.style, piece.key) == GOLDEN[:2]
    assert piece.chords.labels == GOLDEN[2]
    first = next(iter(piece.parts.values()))
    assert first.pitch[:8].tolist() == GOLDEN[3]
    assert first.onset[:4].tolist() == pytest.approx(GOLDEN[4], abs=2e-6)


@many
@given(pieces)
def test_the_labels_are_consistent(piece: Piece) -> None:
    beats = piece.beats.intervals
    assert beats[0, 0] == 0 and np.array_equal(beats[1:, 0], beats[:-1, 1])
    assert np.all(piece.beats.durations > 0.2)
    meter = STYLES[piece.style].meter
    assert piece.beats.labels[: meter + 1] == (*map(str, range(1, meter + 1)), "1")
    assert len(beats) % meter == 0
    assert piece.tempo_map.seconds(np.arange(len(beats))) == pytest.approx(beats[:, 0], abs=1e-5)
    spans = piece.chords.intervals
    assert spans[0, 0] == 0 and spans[-1, 1] == beats[-1, 1]
    assert np.array_equal(spans[1:, 0], spans[:-1, 1])
    assert 12 < piece.duration < 21
    assert piece.key is not None
    signature(piece.key)  # a key that can be written
    for label in piece.chords.labels:
        mir_eval.chord.encode(label)


@many
@given(pieces)
def test_parts_stay_in_the_range_of_their_instruments(piece: Piece) -> None:
    for name, notes in piece.parts.items():
        assert notes.onset.min() >= 0 and notes.tempo_map is piece.tempo_map
        assert len(np.unique(notes.program)) == 1
        assert notes.is_drum.all() if name == "drums" else not notes.is_drum.any()
        assert len(notes) < 12 or notes.velocity.std() > 1, "nobody plays like that"
    if "melody" in piece.parts:
        tune = piece.parts["melody"]
        low, high = RANGES[int(tune.program[0])]
        assert low <= tune.pitch.min() and tune.pitch.max() <= high + 3  # trills go higher
        if piece.parts.keys() >= {"bass"}:
            assert BASS_RANGE[0] - 1 <= piece.parts["bass"].pitch.min()
            assert piece.parts["bass"].pitch.max() <= BASS_RANGE[1] + 12


@many
@given(pieces)
def test_no_key_is_struck_while_it_sounds(piece: Piece) -> None:
    for notes in piece.parts.values():
        for pitch in np.unique(notes.pitch):
            same_pitch = notes[notes.pitch == pitch]
            assert np.all(same_pitch.onset[1:] > same_pitch.offset[:-1])


@many
@given(pieces)
def test_chord_labels_agree_with_the_sounding_notes(piece: Piece) -> None:
    """In every chord most sounding notes belong to it, and its bass is the lowest note."""
    pitched = piece.notes[~piece.notes.is_drum]
    for (start, end), label in zip(piece.chords.intervals, piece.chords.labels, strict=True):
        seconds = sounding(pitched, start, end)
        if label == "N":
            assert seconds.max() < 0.08, "only what is let go late"
            continue
        root, bits, bass = mir_eval.chord.encode(label)
        tones = (root + np.flatnonzero(bits)) % 12
        in_chord = np.isin(pitched.pitch % 12, tones)
        assert seconds[in_chord].sum() > 0.55 * seconds.sum() > 0
        early = (pitched.onset > start - 0.05) & (pitched.onset < start + 0.08)
        if early.any():
            assert pitched.pitch[early].min() % 12 == (root + bass) % 12 or not _bass_plays(
                piece, start
            )


def _bass_plays(piece: Piece, time: float) -> bool:
    """Whether the lowest part strikes a note about this time."""
    lowest = piece.parts.get("bass", piece.parts.get("harmony"))
    assert lowest is not None
    return bool(np.any(np.abs(lowest.onset - time) < 0.05))


def test_over_many_seeds_nine_tenths_of_the_notes_belong_to_the_chord() -> None:
    in_chord = total = 0.0
    for seed in range(24):
        piece = made(seed, style=sorted(STYLES)[seed % len(STYLES)], duration=16.0)
        pitched = piece.notes[~piece.notes.is_drum]
        for (start, end), label in zip(piece.chords.intervals, piece.chords.labels, strict=True):
            root, bits, _ = mir_eval.chord.encode(label)
            seconds = sounding(pitched, start, end)
            total += seconds.sum()
            tones = (root + np.flatnonzero(bits)) % 12
            in_chord += seconds[np.isin(pitched.pitch % 12, tones)].sum()
    assert in_chord / total > 0.9


def runs(notes: Notes) -> list[float]:
    """Notes per second in each run of five or more notes of one pitch."""
    found, start = [], 0
    for i in range(1, len(notes) + 1):
        if i == len(notes) or notes.pitch[i] != notes.pitch[start]:
            if i - start >= 5:
                found.append(float(1 / np.median(np.diff(notes.onset[start:i]))))
            start = i
    return found


def test_repeated_notes_reach_at_most_twenty_per_second() -> None:
    rates = [
        rate
        for seed in range(60)
        for rate in runs(made(seed, style="etude", duration=16.0).parts["melody"])
    ]
    assert max(rates) == pytest.approx(20, abs=2)
    assert sum(rate > 10 for rate in rates) >= 20 and min(rates) < 5


def test_the_fundamental_follows_notes_and_bends() -> None:
    notes = Notes(
        [0.0, 1.0], [0.9, 2.0], [69, 57], bends=[[[0.5, 1.0]], np.zeros((0, 2))], program=40
    )
    nothing = Segments([], [])
    piece = Piece({"violin": notes}, nothing, None, nothing, TempoMap(0, 120), "test")
    wanted = [440, 440 * 2 ** (1 / 12), 0, 220, 0]
    assert piece.f0("violin", [0.1, 0.6, 0.95, 1.5, 3.0]) == pytest.approx(wanted)
    with pytest.raises(NotesError, match="no part 'cello'; there are violin"):
        piece.f0("cello", [0.0])
    with pytest.raises(NotesError, match="drums, which have no pitch"):
        compose(1, style="rock", duration=8).f0("drums", [0.0])


@many
@given(pieces)
def test_the_parts_together_are_all_notes(piece: Piece) -> None:
    assert len(piece.notes) == sum(map(len, piece.parts.values()))
    assert piece.notes.duration <= piece.duration
    bent = [p for p in piece.parts.values() if p.bends is not None]
    assert (piece.notes.bends is not None) == bool(bent)
    assert set(piece.instruments) == set(piece.parts)


def test_styles_use_only_known_instruments_and_patterns() -> None:
    from mirlab.composer.accompaniment import BASS_PATTERNS, CHORD_PATTERNS
    from mirlab.composer.drumming import GROOVES, KEYS

    for style in STYLES.values():
        assert not style.chords or set(style.leads) <= set(RANGES)
        assert set(style.patterns) <= set(CHORD_PATTERNS)
        assert set(style.bass_patterns) <= {"walking", *BASS_PATTERNS}
        for groove in GROOVES.get(style.groove, ()):
            assert set(groove) <= set(KEYS)
            assert all(len(steps) % style.meter == 0 for steps in groove.values())


def test_every_random_option_occurs() -> None:
    found = [made(seed, duration=16.0) for seed in range(60)]
    parts = [part for piece in found for part in piece.parts.values()]
    assert any(part.pedal is not None for part in parts)
    assert any(part.bends is not None for part in parts)
    assert {piece.style for piece in found} == set(STYLES)
    assert {(piece.key or "").split()[1] for piece in found} == {"major", "minor"}
    assert len({piece.key for piece in found}) > 15
    labels = [label for piece in found for label in piece.chords.labels]
    assert "N" in labels and any("/" in label for label in labels)
    assert any(piece.tempo_map.bpm.std() > 1 for piece in found)


def test_invalid_requests_are_refused() -> None:
    with pytest.raises(StyleError, match="no style 'polka'; there are pop, rock"):
        compose(0, style="polka")
    with pytest.raises(NotesError, match=r"seed must be .* not -1"):
        compose(-1)
    with pytest.raises(NotesError, match=r"seed must be an integer .* not 0\.5"):
        compose(0.5)  # type: ignore[arg-type]
    for bad in (3.9, 601):
        with pytest.raises(NotesError, match=f"duration must be 4 to 600 s, not {bad:g}"):
            compose(0, duration=bad)
    with pytest.raises(NotesError, match="duration must be one number"):
        compose(0, duration=float("nan"))
    with pytest.raises(NotesError, match="needs parts with notes"):
        Piece({}, Segments([], []), None, Segments([], []), TempoMap(0, 120), "none")
    assert style_named("pop") is STYLES["pop"]


@pytest.mark.parametrize("duration", [4.0, 5.0, 60.0, 180.0])
def test_pieces_have_about_the_requested_duration(duration: float) -> None:
    for seed in range(4):
        piece = compose(seed, duration=duration)
        bar = STYLES[piece.style].meter * 60 / piece.tempo_map.bpm.min()
        assert abs(piece.beats.intervals[-1, 1] - duration) < max(bar, 0.1 * duration) + 1.5
