"""The transforms that `spectra.transforms` compares, and onsets of fast repeated notes in each."""

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
WHOLE_OCTAVES = {**GRID, "n_bins": 288}  # at which librosa's decimation does not affect the bins
RATES = (2, 4, 8, 12, 16, 20)  # notes per second
PITCHES = (48, 60, 72)
OTHER_PITCHES = (45, 57, 69)  # for choosing the thresholds
HOP = 128  # samples: 5.8 ms
THRESHOLDS = np.geomspace(0.01, 0.9, 40)

PROTOCOL = """
repeated notes: one pitch (C3, C4, C5) 2 to 20 times a second for 4 s, General MIDI piano,
FluidSynth, with the sustain pedal up or down, each with velocities of its own; the onset curve is
the mean over bins of how much ln(1 + 10^4 power / largest power) rises from frame to frame, hop
128; onsets are its peaks over a threshold, one for each transform: of 40, the best on average on
other notes (A2, A3, A4) of the same rates and pedal; f: mir_eval's onset F, a match within 50 ms or
0.4 of the notes' distance, whichever is less; that a long window brightens before the note counts.
"""

Repetition = tuple[bool, int, int, np.ndarray, Audio]  # pedal, rate, pitch, onsets in s, sound


def transforms(hop: int) -> dict[str, spectra.Transform]:
    """The compared transforms, by the name of their row."""
    third = {**WHOLE_OCTAVES, "hop_length": hop}
    semitone = {**third, "n_bins": 96, "bins_per_octave": 12}
    return {
        "STFT 512": spectra.STFT(n_fft=512, hop_length=hop),
        "STFT 2048": spectra.STFT(hop_length=hop),
        "STFT 8192": spectra.STFT(n_fft=8192, hop_length=hop),
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
    """F of the onsets of fast repeated notes in each spectrogram."""
    others, sounds = repetitions(OTHER_PITCHES), repetitions(PITCHES)
    for row, transform in tqdm(transforms(HOP).items(), desc="repeated notes", unit="transform"):
        threshold = best_threshold(transform, others)
        for pedal, rate, pitch, truth, audio in sounds:
            name = f"repeated notes, pedal {'down' if pedal else 'up'}, {rate} a second"
            f = onset_f(onset_curve(transform, audio), truth, rate, threshold)
            yield Score(name, f"pitch {pitch}", row, {"f": f})


def repetitions(pitches: tuple[int, ...]) -> list[Repetition]:
    """Sounds of every pitch at every rate, with the pedal up and down."""
    return [
        (pedal, rate, pitch, *repeated(rate, pitch, pedal=pedal))
        for pedal in (False, True)
        for rate in RATES
        for pitch in pitches
    ]


def repeated(rate: int, pitch: int, *, pedal: bool) -> tuple[np.ndarray, Audio]:
    """Onsets in seconds and sound of one pitch, repeated at a rate for 4 s."""
    onset = 0.5 + np.arange(4 * rate) / rate
    down = [[0.4, onset[-1] + 0.5, 0]] if pedal else None
    velocity = np.random.default_rng((rate, pitch)).integers(60, 100, onset.size)
    notes = Notes(onset, onset + 0.8 / rate, np.full(onset.size, pitch), velocity, pedal=down)
    audio = notes.render(sr=SR, synth="fluidsynth")
    # a second of silence, so that the longest window fits
    return onset, Audio(np.pad(audio.y, ((0, 0), (0, SR))), SR)


def best_threshold(transform: spectra.Transform, others: list[Repetition]) -> float:
    """The threshold with the best mean F on some sounds."""
    table = [
        [onset_f(curve, truth, rate, threshold) for threshold in THRESHOLDS]
        for _, rate, _, truth, audio in others
        for curve in [onset_curve(transform, audio)]
    ]
    return float(THRESHOLDS[np.argmax(np.mean(table, axis=0))])


def onset_f(curve: np.ndarray, truth: np.ndarray, rate: int, threshold: float) -> float:
    """F of the peaks of the curve above a threshold."""
    from mir_eval.onset import f_measure

    found = peaks(curve, threshold) * HOP / SR
    return float(f_measure(truth, found, window=min(0.05, 0.4 / rate))[0])


def onset_curve(transform: spectra.Transform, audio: Audio) -> np.ndarray:
    """Spectral flux from frame to frame, 0 to 1, shape (frames,)."""
    power = spectra.scale(transform(audio.y[0]), "power")
    level = spectra.scale(power, "log1p", reference=1e-4 * float(power.max()))
    rise = level.diff(dim=-1, prepend=level[..., :1]).clamp(min=0).mean(-2).numpy()
    return rise / max(rise.max(), 1e-9)


def peaks(curve: np.ndarray, threshold: float) -> np.ndarray:
    """Frames of the peaks of the curve above a threshold, at least 23 ms apart."""
    from scipy.signal import find_peaks

    return find_peaks(curve, height=threshold, distance=4)[0]
