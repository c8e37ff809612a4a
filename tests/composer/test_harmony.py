"""Keys, chords, progressions and the voices that lead through them."""

from __future__ import annotations

from itertools import combinations

import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.composer.progressions import CADENCES, degree, phrase, reharmonize
from mirlab.composer.voicing import HANDS, SINGERS, lead_voices
from mirlab.core.theory import QUALITIES, Chord, Key, note_letter
from mirlab.score.spelling import signature

KEYS = [Key(tonic, "major") for tonic in range(-5, 7)]
KEYS += [Key(tonic, "minor") for tonic in range(-2, 10)]
keys = st.sampled_from(KEYS)
chords = st.builds(
    lambda root, quality, inversion: Chord(root, quality, inversion % len(QUALITIES[quality])),
    st.integers(-8, 12),
    st.sampled_from(sorted(QUALITIES)),
    st.integers(0, 3),
)


def progression(key: Key, seed: int, *, sevenths: float = 0.4) -> list[Chord]:
    """Two phrases of four bars."""
    rng = np.random.default_rng(seed)
    return [
        chord
        for cadence in ("half", "full")
        for bar in phrase(key, 4, rng, cadence=cadence, sevenths=sevenths, colour=0.4, halves=0.4)
        for chord in bar
    ]


@given(chords)
def test_chord_labels_name_their_tones(chord: Chord) -> None:
    root, bits, bass = mir_eval.chord.encode(chord.label)
    assert {(root + step) % 12 for step in np.flatnonzero(bits)} == set(chord.tones)
    assert chord.tones[0] == root and chord.bass == (root + bass) % 12


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_keys_are_those_of_the_key_signatures(key: Key) -> None:
    fifths = signature(key.name)
    assert set(key.scale) == {fifth * 7 % 12 for fifth in range(fifths - 1, fifths + 6)}
    assert key.scale[0] == mir_eval.chord.pitch_class_to_semitone(note_letter(key.tonic))


def test_the_dominant_of_minor_has_the_leading_note() -> None:
    for key in KEYS:
        leading = (key.scale[0] - 1) % 12
        assert leading in degree(key, 5).tones and leading in degree(key, 5, seventh=True).tones


@given(keys, chords)
def test_the_scale_of_a_chord_contains_it_and_no_letter_twice(key: Key, chord: Chord) -> None:
    scale = chord.scale(key)
    assert set(chord.tones) <= set(scale) and list(scale) == sorted(scale)
    degrees = set(key.scale)
    if set(chord.tones) <= degrees:
        assert set(scale) == degrees


@given(keys, st.integers(0, 10**6), st.sampled_from(sorted(CADENCES)), st.integers(2, 8))
def test_phrases_have_their_bars_and_their_cadence(
    key: Key, seed: int, cadence: str, bars: int
) -> None:
    rng = np.random.default_rng(seed)
    found = phrase(key, bars, rng, cadence=cadence, sevenths=0.3, colour=0.5, halves=0.5)
    assert len(found) == bars and all(len(bar) in (1, 2) for bar in found)
    last = [chord for bar in found for chord in bar][-2:]
    wanted = [degree(key, number).root for number in CADENCES[cadence]]
    assert [chord.root for chord in last] == wanted
    assert all(chord.inversion == 0 for chord in last)


def test_chord_colours_occur_as_requested() -> None:
    key = Key(0, "major")
    plain = [degree(key, number) for number in (1, 4, 2, 5, 6, 4, 5, 1)]
    rng = np.random.default_rng(0)
    labels = {c.label for _ in range(300) for c in reharmonize(plain, key, rng, probability=1.0)}
    assert {"F:min", "D:7", "E:7", "G:sus4", "F:maj/3", "D:min/5"} <= labels
    assert reharmonize(plain, key, rng, probability=0.0) == plain


@settings(max_examples=40, deadline=None)
@given(keys, st.integers(0, 10**6), st.sampled_from([SINGERS, HANDS]))
def test_voice_leading_follows_the_textbook_rules(
    key: Key, seed: int, ranges: tuple[tuple[int, int], ...]
) -> None:
    harmony = progression(key, seed)
    voices = lead_voices(harmony, key, ranges=ranges)
    assert voices.shape == (len(harmony), 4)
    assert np.all(np.diff(voices, axis=1) > 0), "voices cross"
    for column, (low, high) in zip(voices.T, ranges, strict=True):
        assert low <= column.min() and column.max() <= high
    for row, chord in zip(voices % 12, harmony, strict=True):
        assert row[0] == chord.bass
        assert set(chord.tones) - {chord.tones[2]} <= set(row) <= set(chord.tones)
    for before, after in zip(voices[:-1], voices[1:], strict=True):
        for i, j in combinations(range(4), 2):
            both_move = before[i] != after[i] and before[j] != after[j]
            interval = (before[j] - before[i]) % 12
            parallel = both_move and interval == (after[j] - after[i]) % 12
            assert not (parallel and interval in (0, 7)), "parallel fifths or octaves"


@pytest.mark.slow
def test_no_other_voicing_is_cheaper() -> None:
    """The path costs no more than any path that differs in one voicing."""
    from mirlab.composer.voicing import _movement, _voicings

    key = Key(1, "major")
    harmony = progression(key, 3)
    found = [_voicings(chord, key, SINGERS) for chord in harmony]

    def cost(path: list[int]) -> float:
        total = sum(degrees[k] for (_, degrees), k in zip(found, path, strict=True))
        for i in range(1, len(path)):
            before, after = found[i - 1][0][[path[i - 1]]], found[i][0][[path[i]]]
            total += float(_movement(before, after, harmony[i - 1])[0, 0])
        return total

    voices = lead_voices(harmony, key)
    best = [
        int(np.flatnonzero((voicings == row).all(axis=1))[0])
        for (voicings, _), row in zip(found, voices, strict=True)
    ]
    least = cost(best)
    for i, (voicings, _) in enumerate(found):
        for other in range(len(voicings)):
            assert cost([*best[:i], other, *best[i + 1 :]]) >= least
