"""Spectra: accuracy, speed, resolution, and simple tasks solved on each without training.

1. Speed compared with librosa and, if installed, nnAudio; the first call in a new process;
   memory for a long sound in chunks.
2. Error against the definition of the constant-Q transform, computed term by term in float64.
3. Inversion: error of a transform followed by its inverse.
4. Time and frequency resolution, octave by octave.
5. Without training: onsets of fast repeated notes, the pitch of a voice with vibrato, chords.
6. Separation by ideal masks; onsets and pitch in noise after denoising.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from benchmarks import results
from benchmarks.denoising import downstream
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from benchmarks.spectra import chroma, ideal_masks, repetitions, vibrato
from benchmarks.spectra.repetitions import GRID, SR, WHOLE_OCTAVES, transforms
from mirlab import examples, spectra

SECONDS = 30
ROUNDS = 9
THREADS = 2

PROTOCOL = """
speed: 30 s, 22,050 Hz, one channel, the shipped piece 'band' repeated, two threads; the calls of
all rows take turns, nine rounds of one call that is not timed and one that is; ms: median;
times_librosa: librosa's median over it (above 1 is faster). Window 2048, hop 256; constant Q: 309
bins from 27.5 Hz, 36 an octave; HarmonicCQT: harmonics 0.5, 1, 2, 3, 4, 5; nnAudio's modules with
the same numbers, a row without values where it is not installed; on a GPU: not measured. first
call: a fresh process, first_s = from before the import to the end of the first constant-Q
transform, librosa's compiled functions in its cache. memory: peak_mib of a process that streams 2
or 20 minutes of noise through the CQT in pieces of 5 s. error: root of the mean squared difference
over that of the definition (float64, sum by sum, every 41st frame), complex, on 12 s of white noise
and of 'band'; 288 bins and 309: with 309, librosa's decimator damps the uppermost bins of all
octaves but the first. inversion: SNR in dB of the sound that comes back, first 12 s of 'piano' and
3 s of noise, 309 bins (CQT, 288 and librosa: 288), hop 256 (STFT: 512). resolution: full width at
half power of a click (ms) and of a sine (Hz) in the bin nearest to the octave's A; hop 256.
"""
LISTENERS = (repetitions, vibrato, chroma, ideal_masks, downstream)  # each has its own protocol

FIRST_CALL = """
import time; start = time.perf_counter()
import numpy as np
y = np.random.default_rng(0).standard_normal({samples}).astype(np.float32)
{call}
print(time.perf_counter() - start)
"""
OURS = "from mirlab.spectra import CQT; CQT(**{grid})(y)"
THEIRS = "import librosa; librosa.cqt(y, sr={sr}, tuning=0.0, **{grid})"
MEMORY = """
import re, sys, torch
from mirlab.spectra import CQT
torch.set_num_threads(1)
pieces = (torch.randn({sr} * 5) for _ in range(int(sys.argv[1]) * 12))
for spectrum in CQT(**{grid}).stream(pieces): pass
status = open("/proc/self/status").read()
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1024)
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    protocol = PROTOCOL + "".join(listener.PROTOCOL for listener in LISTENERS)
    return results.run("spectra/transforms", __doc__ or "", measure, protocol=protocol)


def measure() -> list[Score]:
    """Measure the answers to all questions."""
    data_folder()  # report missing data before the work
    torch.set_num_threads(THREADS)
    questions: list[Callable[[], Iterator[Score]]] = [
        speed,
        first_call,
        memory,
        errors,
        inversions,
        resolutions,
        repetitions.repeated_notes,
        vibrato.vibrato,
        chroma.chroma_chords,
        ideal_masks.ideal_masks,
        downstream.cleaned_onsets_and_pitch,
    ]
    with torch.no_grad():
        return [score for question in questions for score in question()]


def band(seconds: float) -> np.ndarray:
    """A repeated example, cut to a length, shape (samples,), float32."""
    y = examples.load("band").audio.mono().resample(SR).y[0]
    return np.resize(y, round(seconds * SR))


def speed() -> Iterator[Score]:
    """Time everything in turns, so that other load on the machine affects all rows."""
    import librosa

    y = band(SECONDS)
    sound = torch.from_numpy(y)
    calls: dict[str, Callable[[], Any]] = {
        "librosa STFT": lambda: librosa.stft(y, hop_length=256),
        "librosa Mel": lambda: librosa.feature.melspectrogram(y=y, sr=SR, hop_length=256),
        "librosa CQT": lambda: librosa.cqt(y, sr=SR, tuning=0.0, **GRID),
    }
    kinds: list[spectra.Transform] = [
        spectra.STFT(hop_length=256),
        spectra.Mel(hop_length=256),
        *(kind(**GRID) for kind in (spectra.CQT, spectra.VQT, spectra.HarmonicCQT)),
        spectra.Wavelet(**GRID),
        spectra.Chroma(spectra.CQT(**WHOLE_OCTAVES)),
        spectra.Gammatone(hop_length=256),
        spectra.Reassigned(hop_length=256),
    ]
    calls |= {type(kind).__name__: partial(kind, sound) for kind in kinds}
    calls |= nnaudio(sound)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in tqdm(range(ROUNDS), desc="speed", unit="round"):
        for name, call in calls.items():
            call()  # warm up: other libraries have just used the caches and threads
            start = time.perf_counter()
            call()
            times[name].append(1000 * (time.perf_counter() - start))
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, value in median.items():
        values = {"ms": value, "ms_a_minute": value * 60 / SECONDS}
        peer = f"librosa {'CQT' if 'CQT' in name or 'VQT' in name else name.split()[-1]}"
        if peer in median:
            values["times_librosa"] = median[peer] / value
        if "CQT" in name:
            values["times_one_cqt"] = value / median["CQT"]
        yield Score("speed", f"{SECONDS} s", name, values)
    if not any("nnAudio" in name for name in calls):
        yield Score("speed", f"{SECONDS} s", "nnAudio", {})  # not measured


def nnaudio(sound: torch.Tensor) -> dict[str, Callable[[], Any]]:
    """Calls of nnAudio's constant-Q transforms; none if it is not installed."""
    if importlib.util.find_spec("nnAudio") is None:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        features = importlib.import_module("nnAudio.features")
        kinds = {
            name: getattr(features, name)(sr=SR, output_format="Complex", verbose=False, **GRID)
            for name in ("CQT1992v2", "CQT2010v2")
        }
    return {f"nnAudio {name}": partial(kind, sound) for name, kind in kinds.items()}


def first_call() -> Iterator[Score]:
    """Time the first transform of a new process, including imports."""
    for row, call in {"CQT": OURS, "librosa CQT": THEIRS}.items():
        code = FIRST_CALL.format(samples=SECONDS * SR, call=call.format(sr=SR, grid=GRID))
        seconds = [run_python(code) for _ in range(3)]
        yield Score("first call", f"{SECONDS} s", row, {"first_s": statistics.median(seconds)})


def memory() -> Iterator[Score]:
    """Peak memory of a stream of 2 and of 20 minutes."""
    for minutes in (2, 20):
        peak = run_python(MEMORY.format(sr=SR, grid=GRID), str(minutes))
        yield Score(f"memory, {minutes} minutes", "noise", "CQT", {"peak_mib": peak})


def run_python(code: str, *arguments: str) -> float:
    """The number that a new process prints."""
    command = [sys.executable, "-c", code, *arguments]
    answer = subprocess.run(command, cwd=results.ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(answer.stdout))


def errors() -> Iterator[Score]:
    """Error of our and librosa's constant-Q transforms against the definition."""
    import librosa

    noise = np.random.default_rng(0).standard_normal(12 * SR).astype(np.float32)
    for sound, y in {"noise": noise, "band": band(12)}.items():
        for grid in (WHOLE_OCTAVES, GRID):
            ours = spectra.CQT(**grid)(y).numpy()
            theirs = librosa.cqt(y, sr=SR, tuning=0.0, **grid)
            frames = np.arange(0, ours.shape[1], 41)
            truth = definition(y, frames, **grid)
            rows = {"CQT": ours, "librosa CQT": theirs}
            for row, found in rows.items():
                gap = float(np.linalg.norm(found[:, frames] - truth) / np.linalg.norm(truth))
                between = float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))
                values = {"error": gap, "between": between}
                yield Score(f"error, {grid['n_bins']} bins", sound, row, values)


def definition(
    y: np.ndarray,
    frames: np.ndarray,
    *,
    fmin: float,
    n_bins: int,
    bins_per_octave: int,
    hop_length: int,
) -> np.ndarray:
    """Constant-Q transform by definition (see `mirlab.spectra.VQT`), term by term, float64."""
    ratio = 4 ** (1 / bins_per_octave)
    q = (ratio + 1) / (ratio - 1)
    margin = int(q * SR / fmin) + 1
    padded = np.pad(y.astype(np.float64), margin)
    rows = []
    for f in fmin * 2 ** (np.arange(n_bins) / bins_per_octave):
        n = q * SR / f
        m = np.arange(-int(n / 2), int(n / 2) + 1)
        wave = (1 + np.cos(2 * np.pi * m / n)) / np.sqrt(n) * np.exp(-2j * np.pi * f * m / SR)
        rows.append([padded[margin + t * hop_length + m] @ wave for t in frames])
    return np.array(rows)


def inversions() -> Iterator[Score]:
    """Error of each transform followed by its inverse."""
    import librosa

    piano = examples.load("piano").audio.mono().resample(SR).y[0, : 12 * SR]
    noise = np.random.default_rng(0).standard_normal(3 * SR).astype(np.float32)
    for sound, y in {"piano": piano, "noise": noise}.items():
        back = {}
        transforms: dict[str, spectra.STFT | spectra.VQT] = {
            "STFT": spectra.STFT(),
            "CQT, 288": spectra.CQT(**WHOLE_OCTAVES),
            "CQT": spectra.CQT(**GRID),
            "CQT, hop 128": spectra.CQT(**{**GRID, "hop_length": 128}),
            "VQT, hop 128": spectra.VQT(**{**GRID, "hop_length": 128}),
        }
        for name, transform in transforms.items():
            back[name] = transform.invert(transform(y), length=y.size).numpy()
        spectrum = librosa.cqt(y, sr=SR, tuning=0.0, **WHOLE_OCTAVES)
        grid = {key: value for key, value in GRID.items() if key != "n_bins"}
        back["librosa CQT"] = librosa.icqt(spectrum, sr=SR, length=y.size, tuning=0.0, **grid)
        for name, found in back.items():
            snr = 20 * np.log10(np.linalg.norm(y) / np.linalg.norm(y - found))
            yield Score(f"inversion, {sound}", sound, name, {"snr_db": float(snr)})


def resolutions() -> Iterator[Score]:
    """Time and frequency resolution at the A of each octave."""
    for octave, a in enumerate(27.5 * 2.0 ** np.arange(9)):
        for row, transform in transforms(256).items():
            hz = transform.frequencies.numpy()
            if row == "Chroma" or not hz[0] * 0.95 < a < hz[-1] * 1.05:
                continue  # pitch classes have no octave
            at = int(np.argmin(np.abs(hz - a)))
            values = {
                "ms": 1000 * float(transform.durations[at]),
                "hz": float(transform.bandwidths[at]),
            }
            yield Score(f"resolution, A{octave}", f"{a:g} Hz", row, values)


if __name__ == "__main__":
    sys.exit(main())
