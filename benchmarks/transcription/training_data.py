"""Effect of the training data: the same small note network, trained on ever more realistic data.

Each kind of data adds one property to the kind before it.
"""

from __future__ import annotations

import sys

from benchmarks import results
from benchmarks.results import Score
from benchmarks.transcription import baselines, small_net_scores, small_nets
from benchmarks.transcription.small_nets import Listener
from benchmarks.transcription.spectrograms import NET, listeners
from benchmarks.transcription.training_sets import SETS

BEST = "VQT"
LONGER = 4
EVERYTHING = "+ room, EQ, noise, detune"

PROTOCOL = f"""
rows: one sound font = SyntheticMusic on TimGM6mb alone, without effects, as a machine plays it
(every onset and offset on a grid of 24 to the beat, one tempo, one velocity a part); several sound
fonts = FluidR3_GM and MuseScore_General_Lite, too; + own synths = every other part by a patch of
mirlab.synthesis; + human timing = timing, tempo and velocities as composed; + room, EQ, noise,
detune = all effects of mirlab.synthesis.record and mastered: everything. longer = {LONGER} times
the steps, one training each. The picture: {BEST}, as in benchmarks.transcription.spectrograms.
"""


def measure() -> list[Score]:
    """Train and test a listener on every kind of data; then score the compared systems."""
    (transform,) = (listener.transform for listener in listeners() if listener.row == BEST)
    rows = {EVERYTHING if name == "everything" else name: name for name in SETS}
    asked = [Listener(row, name, transform, NET) for row, name in rows.items()]
    steps = LONGER * small_nets.STEPS
    for name in ("one sound font", "everything"):
        asked.append(Listener(f"{name}, longer", name, transform, NET, steps, seeds=(0,)))
    return [*small_nets.measured(asked, SETS), *baselines.measured()]


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "transcription/training_data",
        __doc__ or "",
        measure,
        protocol=PROTOCOL + small_nets.PROTOCOL + small_net_scores.PROTOCOL + baselines.PROTOCOL,
        weights=results.basic_pitch_sha256,
    )


if __name__ == "__main__":
    sys.exit(main())
