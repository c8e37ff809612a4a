"""The times of a MIDI file: from ticks to seconds, and its tempo map."""

from __future__ import annotations

import numpy as np

from .midi_events import MidiEvents
from .tempo import TempoMap

MAX_SECONDS = 86_400.0


class Clock:
    """Conversion of ticks to seconds."""

    def __init__(self, midi: MidiEvents) -> None:
        tempi = dict([(0, 500_000), *sorted(midi.tempi, key=lambda tempo: tempo[0])])
        self.ticks = np.array(list(tempi), int)
        self.micros = np.array(list(tempi.values()), float)
        if midi.ticks_per_beat:
            self.period = self.micros * 1e-6 / midi.ticks_per_beat  # seconds a tick
        else:
            self.period = np.full(self.ticks.size, 1 / midi.ticks_per_second)
        self.times = np.r_[0.0, np.cumsum(np.diff(self.ticks) * self.period[:-1])]

    def seconds(self, ticks: np.ndarray) -> np.ndarray:
        """Convert ticks to seconds; same shape."""
        i = np.searchsorted(self.ticks, ticks, side="right") - 1
        return self.times[i] + (ticks - self.ticks[i]) * self.period[i]

    def tempo_map(self) -> TempoMap:
        """The tempi of the longest piece that is read; those that change nothing are left out."""
        used = np.r_[np.diff(self.times) > 0, True] & (self.times <= MAX_SECONDS)
        times, micros = self.times[used], self.micros[used]
        changed = np.r_[True, np.diff(micros) != 0]
        return TempoMap(times[changed], 60e6 / micros[changed])
