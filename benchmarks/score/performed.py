"""Bar lines and note values of scores that mirlab writes of performed songs and chorales.

Twenty songs and sixty chorales are performed by `mirlab.composer` with human timing and rendered;
their true beats are withheld.
"""

from __future__ import annotations

import sys

from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from benchmarks.score import agreement
from benchmarks.score.agreement import scores_of
from benchmarks.score.printed_pieces import perform_piece, printed_pieces

PROTOCOL = f"""
symbolic_lieder (20 songs, OpenScore) and symbolic_chorales (60, of Bach), without repeats,
performed by mirlab.composer.performance: 60 to 100 beats a minute (chorales: to 90), rubato .02 to
.08, timing with a standard deviation of 5 to 20 ms; the piano of FluidSynth's sound font, a choir
as the voice, an organ for the chorales; the first 40 s. A beat is a quarter note, in 6/8, 9/8 and
12/8 a dotted one; the true beats begin with the music. {agreement.PROTOCOL}
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("score/performed", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every piece."""
    pieces = printed_pieces(data_folder())
    return [
        Score(piece.set, piece.name, row, values)
        for seed, piece in enumerate(tqdm(pieces, desc="pieces"))
        for row, values in scores_of(perform_piece(piece, seed)).items()
    ]


if __name__ == "__main__":
    sys.exit(main())
