"""The transforms that `benchmarks.spectra` compares, and fast repeated notes seen through each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.results import Score
from mirlab import spectra
from mirlab.core import Audio, Notes

SR = 22050
GRID: dict[str, Any] = {"fmin": 27.5, "n_bins": 309, "bins_per_octave": 36, "hop_length": 256}
WHOLE_OCTAVES = {**GRID, "n_bins": 288}  # where librosa's decimation does not cut into the bins
RATES = (2, 4, 8, 12, 16, 20)  # notes a second
PITCHES = (48, 60, 72)
HOP = 128  # samples: 5.8 ms
THRESHOLDS = np.geomspace(0.01, 0.9, 40)


def pictures(hop: int) -> dict[str, spectra.Transform]:
    """The transforms that are compared, by the name of their row."""
    third = {**WHOLE_OCTAVES, "hop_length": hop}
    semitone = {**third, "n_bins": 96, "bins_per_octave": 12}
    return {
        "STFT 512": spectra.STFT(n_fft=512, hop_length=hop),
        "STFT 2048": spectra.STFT(hop_length=hop),
        "Mel": spectra.Mel(hop_length=hop),
        "CQT 12": spectra.CQT(**semitone),
        "CQT 36": spectra.CQT(**third),
        "VQT 36": spectra.VQT(**third),
        "Wavelet": spectra.Wavelet(**semitone),
        "Gammatone": spectra.Gammatone(hop_length=hop),
        "Reassigned": spectra.Reassigned(hop_length=hop),
        "Chroma": spectra.Chroma(spectra.CQT(**third)),
    }


def repeated_notes() -> Iterator[Score]:
    """How well the onsets of fast repeated notes are found in each picture."""
    from mir_eval.onset import f_measure

    sounds = [
        (pedal, rate, pitch, *repeated(rate, pitch, pedal=pedal))
        for pedal in (False, True)
        for rate in RATES
        for pitch in PITCHES
    ]
    for row, transform in tqdm(pictures(HOP).items(), desc="repeated notes", unit="transform"):
        curves = [onset_curve(transform, audio) for *_, audio in sounds]
        table = np.zeros((len(THRESHOLDS), len(sounds)))
        for column, (_, rate, _, truth, _) in enumerate(sounds):
            for line, threshold in enumerate(THRESHOLDS):
                found = peaks(curves[column], threshold) * HOP / SR
                table[line, column] = f_measure(truth, found, window=min(0.05, 0.4 / rate))[0]
        best = table[int(np.argmax(table.mean(axis=1)))]
        for (pedal, rate, pitch, _, _), f in zip(sounds, best, strict=True):
            name = f"repeated notes, pedal {'down' if pedal else 'up'}, {rate} a second"
            yield Score(name, f"pitch {pitch}", row, {"f": float(f)})


def repeated(rate: int, pitch: int, *, pedal: bool) -> tuple[np.ndarray, Audio]:
    """Onsets in seconds and sound of one pitch played so often a second for 4 s."""
    onset = 0.5 + np.arange(4 * rate) / rate
    down = [[0.4, onset[-1] + 0.5, 0]] if pedal else None
    velocity = np.random.default_rng(rate).integers(60, 100, onset.size)
    notes = Notes(onset, onset + 0.8 / rate, np.full(onset.size, pitch), velocity, pedal=down)
    audio = notes.render(sr=SR, synth="fluidsynth")
    # a second of silence, so that the longest window fits
    return onset, Audio(np.pad(audio.y, ((0, 0), (0, SR))), SR)


def onset_curve(transform: spectra.Transform, audio: Audio) -> np.ndarray:
    """How much the picture brightens from frame to frame: 0 to 1, shape (frames,)."""
    power = spectra.scale(transform(audio.y[0]), "power")
    level = spectra.scale(power, "log1p", reference=1e-4 * float(power.max()))
    rise = level.diff(dim=-1, prepend=level[..., :1]).clamp(min=0).mean(-2).numpy()
    return rise / max(rise.max(), 1e-9)


def peaks(curve: np.ndarray, threshold: float) -> np.ndarray:
    """The frames of the curve's peaks over a threshold, 23 ms apart at least."""
    from scipy.signal import find_peaks

    return find_peaks(curve, height=threshold, distance=4)[0]
