"""How well a score that is written from beats agrees with the printed one: values and bar lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mir_eval.util import match_events

from benchmarks.recordings import numbered
from benchmarks.score.note_values import Matched, nearest_meter, written_notes
from mirlab.analysis.meter import MeteredNotes, infer_meter, meter_from_audio
from mirlab.chords import recognize_chords
from mirlab.core import Audio, Notes, Segments, TempoMap
from mirlab.evaluation.beats import OCTAVE_ERRORS
from mirlab.rhythm import onset_strength
from mirlab.score import quantize
from mirlab.score.grid import STEPS

WINDOW = 0.07  # s; largest distance of the same bar line
LEVELS = (1.0, *OCTAVE_ERRORS)  # printed over written value
NEAR = 1e-3  # quarters
MEASURES = ("value", "value_any_level", "position", "bar_line_f", "meter")

PROTOCOL = """
matched: share of the played notes that are found in the printed score. Of these, value: the written
length is the printed one; value_any_level: the same after all written lengths are multiplied by the
best of 1/4, 1/3, 1/2, 2/3, 1, 3/2, 2, 3 and 4, so that half or twice the tempo costs nothing;
position: the written place in the bar is the printed one. bar_line_f: F-measure of the bar lines in
time, the same within 70 ms (the printed ones are the true downbeats); meter: 1 if the time
signature is the printed one (or the one that mirlab has for it: 4/4 for 2/2). Means over the pieces
with a 95 % bootstrap interval. Rows: silence = nothing is written; fours = true beats in bars of
four from the first beat; mirlab = the beats and the meter that mirlab.analyze finds in the sound
(mirlab.analysis.meter.meter_from_audio), with the true notes; true beats = the same inference of
the meter on the true beats; true bars = the true beats and bars; all of these through
mirlab.score.quantize. ceiling = the printed score.
"""


@dataclass(frozen=True, eq=False)
class PlayedScore:
    """A performance of a printed score.

    Parameters
    ----------
    set, name
        Of the benchmark's result.
    audio
        The sound.
    notes
        The played notes, with the true beats as tempo map (quarters of the score).
    bars
        The true beats, numbered in bars.
    meter
        Printed time signature.
    printed
        Printed notes of the played ones; onsets in quarters of the tempo map.
    """

    set: str
    name: str
    audio: Audio
    notes: Notes
    bars: Segments
    meter: tuple[int, int]
    printed: Matched

    @property
    def tempo(self) -> TempoMap:
        """The true tempo map."""
        assert self.notes.tempo_map is not None
        return self.notes.tempo_map

    @property
    def downbeats(self) -> np.ndarray:
        """Times of the printed bar lines in seconds."""
        return self.bars.intervals[np.array(self.bars.labels) == "1", 0]


def scores_of(piece: PlayedScore) -> dict[str, dict[str, float]]:
    """Measures of every row."""
    beats = piece.bars.intervals[:, 0]
    chords = recognize_chords(piece.audio, progress=False)
    fours = numbered(beats, np.arange(beats.size) % 4 + 1)
    steady = piece.notes.with_tempo(TempoMap.from_beats(beats))
    rows = {
        "fours": MeteredNotes(steady, fours, (4, 4), False),
        "mirlab": meter_from_audio(piece.audio, piece.notes)[0],
        "true beats": infer_meter(piece.notes, beats, onset_strength(piece.audio), chords),
        "true bars": true_bars(piece),
    }
    scores = {"silence": dict.fromkeys(MEASURES, 0.0)}
    scores |= {row: agreement(piece, metered) for row, metered in rows.items()}
    scores["ceiling"] = dict.fromkeys(MEASURES, 1.0)
    matched = piece.printed.index.size / len(piece.notes)
    return {row: {"matched": matched, **values} for row, values in scores.items()}


def true_bars(piece: PlayedScore) -> MeteredNotes:
    """The notes in the true bars."""
    return MeteredNotes(piece.notes, piece.bars, nearest_meter(piece.meter), True)


def agreement(piece: PlayedScore, metered: MeteredNotes) -> dict[str, float]:
    """Measures of the score that is written from these beats and this meter."""
    tempo = metered.notes.tempo_map
    if tempo is None:  # no beats were found
        return dict.fromkeys(MEASURES, 0.0)
    score = quantize(metered.notes, meter=None, bars=metered.bars)
    onset, length = written_notes(score, metered.notes)[piece.printed.index].T
    same = [np.abs(length * level - piece.printed.length) < NEAR for level in LEVELS]
    steps = np.array(score.lines)
    bar = np.r_[2 * steps[0] - steps[1], steps]  # the bar of an upbeat
    position = onset - bar[np.searchsorted(bar, onset * STEPS + NEAR, side="right") - 1] / STEPS
    lines = tempo.seconds(steps / STEPS)
    return {
        "value": float(same[0].mean()),
        "value_any_level": max(float(values.mean()) for values in same),
        "position": float((np.abs(position - printed_position(piece)) < NEAR).mean()),
        "bar_line_f": bar_line_f(piece, lines),
        "meter": float(metered.meter == nearest_meter(piece.meter)),
    }


def printed_position(piece: PlayedScore) -> np.ndarray:
    """Quarters since the printed bar line, of each printed note; shape (n,)."""
    lines = np.round(2 * piece.tempo.beats(piece.downbeats)) / 2
    lines = np.r_[2 * lines[0] - lines[1], lines]  # the bar of an upbeat
    bar = np.searchsorted(lines, piece.printed.onset + NEAR) - 1
    return np.asarray(piece.printed.onset - lines[np.maximum(bar, 0)])


def bar_line_f(piece: PlayedScore, lines: np.ndarray) -> float:
    """F-measure of bar lines in seconds, between the first and the last note."""
    first, last = piece.notes.onset[0] - WINDOW, piece.notes.onset[-1] + WINDOW
    truth, found = (times[(times >= first) & (times <= last)] for times in (piece.downbeats, lines))
    same = len(match_events(truth, found, WINDOW))
    return 2 * same / max(truth.size + found.size, 1)
