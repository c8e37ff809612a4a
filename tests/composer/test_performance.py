"""Performance of a score: ornaments, bends, swing, tempo and random deviations."""

from __future__ import annotations

import numpy as np
import pytest

from mirlab.composer.ornaments import bend_curve, repeat_note, trill
from mirlab.composer.performance import Performer, perform, tempo_curve
from mirlab.composer.score import ScoreNote, apply_swing
from mirlab.core import TempoMap


def test_repetitions_and_trills_fill_the_note() -> None:
    note = ScoreNote(3.0, 1.5, 60)
    for parts in (repeat_note(note, count=7), trill(note, 62, count=8)):
        assert parts[0].beat == 3.0 and parts[-1].end == pytest.approx(4.5)
        assert all(a.end == pytest.approx(b.beat) for a, b in zip(parts, parts[1:], strict=False))
    assert [n.pitch for n in trill(note, 62, count=4)] == [60, 62, 60, 62, 60]


@pytest.mark.parametrize("kind", ["vibrato", "scoop", "fall"])
def test_bends_have_the_shape_of_their_name(kind: str) -> None:
    for seed in range(20):
        curve = bend_curve(kind, 1.0, 2.0, np.random.default_rng(seed))
        time, bend = curve.T
        assert time[0] == 1.0 and time[-1] < 2.0 and np.all(np.abs(bend) <= 2)
        if kind == "vibrato":
            late = bend[time > 1.5]
            peaks = np.flatnonzero((late[1:-1] > late[:-2]) & (late[1:-1] >= late[2:]))
            assert 0.14 < late.max() < 0.61
            assert 4.2 < 1 / (0.01 * np.diff(peaks).mean()) < 7.5
        elif kind == "scoop":
            assert bend[0] <= -1 and np.all(np.diff(bend) >= 0) and bend[-1] == 0
        else:
            assert bend[0] == 0 and np.all(np.diff(bend) <= 0) and bend[-1] < -0.5


def test_swing_moves_the_second_half_of_the_beat() -> None:
    straight = [ScoreNote(beat, 0.5, 60) for beat in (0.0, 0.5, 1.0, 1.5)]
    assert [n.beat for n in apply_swing(straight, 0.6)] == pytest.approx([0, 0.6, 1, 1.6])
    assert [n.beats for n in apply_swing(straight, 0.6)] == pytest.approx([0.6, 0.4, 0.6, 0.4])
    assert apply_swing(straight, 0.5) == straight


def test_without_rubato_the_tempo_is_constant() -> None:
    steady = tempo_curve(32, 120.0, np.random.default_rng(0), rubato=0.0)
    assert np.all(steady.bpm == 120) and steady.times[-1] == pytest.approx(15.5)
    free = tempo_curve(32, 120.0, np.random.default_rng(0), rubato=0.04)
    assert free.bpm[-1] < 0.95 * free.bpm[:24].mean(), "it slows down at the end"
    assert 0.005 < free.bpm[:24].std() / 120 < 0.06


def test_without_deviations_the_score_is_played_exactly() -> None:
    score = [ScoreNote(beat, 1.0, 60 + beat) for beat in range(8)]
    player = Performer(program=40, loose=0.0, legato=1.0)
    notes = perform(score, player, TempoMap(0, 60), np.random.default_rng(0), meter=4)
    assert notes.onset.tolist() == list(range(8)) and notes.offset.tolist() == list(range(1, 9))
    lagging = Performer(program=40, loose=0.0, lag=0.02, strum=0.01)
    chord = [ScoreNote(0.0, 1.0, pitch) for pitch in (67, 60, 64)]
    notes = perform(chord, lagging, TempoMap(0, 60), np.random.default_rng(0), meter=4)
    assert notes.onset.tolist() == pytest.approx([0.02, 0.03, 0.04])
    assert notes.pitch.tolist() == [60, 64, 67]
