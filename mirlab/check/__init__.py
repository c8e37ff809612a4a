"""Checks of the exercises: one function per exercise.

Each takes the reader's answer, a number or a function, and returns a `Verdict`: whether the answer
is right, with a hint that names the usual mistake behind a wrong one. The verdict is
deterministic, and nothing is downloaded. The names of the functions begin with the chapter.
"""

from .ch00 import ch00_midi_to_hz, ch00_record, ch00_scores, ch00_tap, ch00_tempo
from .ch01 import ch01_alias, ch01_cleaner, ch01_hum_filter, ch01_peak, ch01_snr
from .ch02 import ch02_chroma, ch02_repeats, ch02_row, ch02_transposed, ch02_vibrato, ch02_window
from .ch04 import ch04_ghosts, ch04_hearing, ch04_missing, ch04_octave, ch04_peaks, ch04_repeats
from .ch06 import (
    ch06_cents,
    ch06_faster,
    ch06_hearing,
    ch06_oscillator,
    ch06_side_bands,
    ch06_string,
)
from .ch10 import (
    ch10_clicks,
    ch10_measures,
    ch10_meter,
    ch10_phase,
    ch10_pick_up,
    ch10_tempo_curve,
    ch10_tracker,
)
from .verdict import Verdict

__all__ = [
    "Verdict",
    "ch00_midi_to_hz",
    "ch00_record",
    "ch00_scores",
    "ch00_tap",
    "ch00_tempo",
    "ch01_alias",
    "ch01_cleaner",
    "ch01_hum_filter",
    "ch01_peak",
    "ch01_snr",
    "ch02_chroma",
    "ch02_repeats",
    "ch02_row",
    "ch02_transposed",
    "ch02_vibrato",
    "ch02_window",
    "ch04_ghosts",
    "ch04_hearing",
    "ch04_missing",
    "ch04_octave",
    "ch04_peaks",
    "ch04_repeats",
    "ch06_cents",
    "ch06_faster",
    "ch06_hearing",
    "ch06_oscillator",
    "ch06_side_bands",
    "ch06_string",
    "ch10_clicks",
    "ch10_measures",
    "ch10_meter",
    "ch10_phase",
    "ch10_pick_up",
    "ch10_tempo_curve",
    "ch10_tracker",
]
