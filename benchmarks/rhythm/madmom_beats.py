"""Beats and bars by madmom, as JSON; runs in madmom's own environment (`make peers`).

It imports nothing of mirlab, because madmom 0.16.1 needs an older Python.
"""

from __future__ import annotations

import json
import sys


def track(paths: list[str]) -> None:
    """Track WAV files; print a line of JSON for each."""
    from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor
    from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor

    beats, bars = RNNBeatProcessor(), RNNDownBeatProcessor()
    beat_decoder = DBNBeatTrackingProcessor(fps=100)
    bar_decoder = DBNDownBeatTrackingProcessor(beats_per_bar=[2, 3, 4], fps=100)
    for path in paths:
        tracked = [float(time) for time in beat_decoder(beats(path))]
        numbered = [[float(time), int(number)] for time, number in bar_decoder(bars(path))]
        print(json.dumps({"beats": tracked, "bars": numbered}), flush=True)


if __name__ == "__main__":
    track(sys.argv[1:])
