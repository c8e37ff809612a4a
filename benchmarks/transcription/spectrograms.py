"""Which spectrogram is the best input? The same small note network, trained on each.

`HarmonicCQT` is covered by the CQT: the network stacks shifted copies of every spectrogram so that
overtones are aligned (a test shows that the two are equal); one row does without the stack.
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks import results
from benchmarks.results import Score
from benchmarks.transcription import baselines, small_net_scores, small_nets
from benchmarks.transcription.small_nets import Listener
from benchmarks.transcription.test_sets import HOP
from benchmarks.transcription.training_sets import SETS
from mirlab import spectra

GRID: dict[str, Any] = {"fmin": 27.5, "n_bins": 288, "bins_per_octave": 36, "hop_length": HOP}
NET: dict[str, Any] = {"channels": 18}
ALONE: dict[str, Any] = {"channels": 22, "harmonics": [1]}  # gives about as many parameters

PROTOCOL = """
rows: STFT with windows of 2048 and 4096 samples; Reassigned, of 2048; Mel, 229 bands of 2048
samples; Gammatone, 128 bands; CQT, VQT and Wavelet (bandwidth 128), 288 bins, 36 an octave; Chroma
of that CQT; all through PitchAxis, and the net stacks ten harmonics of each, so that CQT is the
harmonic CQT; CQT, no harmonics = the same without stacking, 22 channels, 30,256 parameters.
training data: SyntheticMusic on three sound fonts and own synths, with effects.
"""


def listeners() -> list[Listener]:
    """One listener for each transform."""
    transforms = {
        "STFT 2048": spectra.STFT(hop_length=HOP),
        "STFT 4096": spectra.STFT(n_fft=4096, hop_length=HOP),
        "Reassigned": spectra.Reassigned(hop_length=HOP),
        "Mel": spectra.Mel(n_mels=229, hop_length=HOP),
        "Gammatone": spectra.Gammatone(n_bins=128, hop_length=HOP),
        "CQT": spectra.CQT(**GRID),
        "VQT": spectra.VQT(**GRID),
        "Wavelet": spectra.Wavelet(**GRID, bandwidth=128.0),
        "Chroma": spectra.Chroma(spectra.CQT(**GRID)),
    }
    rows = [Listener(row, "everything", transform, NET) for row, transform in transforms.items()]
    return [*rows, Listener("CQT, no harmonics", "everything", spectra.CQT(**GRID), ALONE)]


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run(
        "transcription/spectrograms",
        __doc__ or "",
        measure,
        protocol=PROTOCOL + small_nets.PROTOCOL + small_net_scores.PROTOCOL + baselines.PROTOCOL,
        weights=results.basic_pitch_sha256,
    )


def measure() -> list[Score]:
    """Train and test every listener; then score the compared systems."""
    return [*small_nets.measured(listeners(), SETS), *baselines.measured()]


if __name__ == "__main__":
    sys.exit(main())
