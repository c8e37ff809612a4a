"""Pitch of a voice with vibrato, estimated from every spectrogram by one untrained rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import torch
from scipy.interpolate import CubicSpline
from scipy.ndimage import uniform_filter1d
from tqdm import tqdm

from benchmarks.recordings import data_folder
from benchmarks.results import Score
from benchmarks.spectra.repetitions import SR, transforms
from mirlab import spectra
from mirlab.core import Audio, MirlabError

HOP = 256  # samples: 12 ms
FMIN, FMAX, STEP = 80.0, 1000.0, 10  # Hz, Hz, cents: search range of the pitch
FUNDAMENTALS = (110, 165, 247, 370, 554)  # Hz
OTHER_FUNDAMENTALS = (98, 131, 196, 294, 440)  # for choosing the rule
SECONDS, EDGE = 2.0, 0.3  # of a synthetic voice; at its ends, not scored
VOWELS = {  # formants in Hz
    "a": (700, 1200, 2600),
    "e": (500, 1900, 2500),
    "i": (300, 2300, 3000),
    "o": (450, 800, 2800),
}
TOP = 5000.0  # Hz; higher rows are ignored
RULES = tuple(
    product((3, 5, 8, 12), (0.7, 0.85, 1.0))
)  # number of partials; factor of their weights
TURN = 0.25  # s; slower movement is not vibrato
LOST = 200.0  # cents; frames further off are not used for the vibrato's extent
GOOD = 50.0  # cents; errors are clipped to this

PROTOCOL = """
vibrato: a made voice (a vowel of up to 40 partials, noise 40 dB below, 2 s of which the middle 1.4
s are scored) of five fundamentals, swaying by 20, 50 and 100 cents to either side 4 to 7 times a
second, its pitch known exactly; and a sung recording of 33 s with hand-corrected pitch
(voice_vocadito), frames without voice left out. One rule for every picture, hop 256: level = ln(1 +
10^4 power / largest power), as a cubic spline over frequency; a pitch counts as the sum of its
levels at 1, 2, 3 ... times its frequency, each overtone less by a factor; the pitch of a frame is
the best of 80 to 1000 Hz in steps of 10 cents, and a parabola goes through it and its neighbours.
Number of partials and factor: of 12 pairs, the one with the least mean error (a frame counts at
most 50 cents) on thirty other made voices (other vowels, pitches, rates and extents), for each
transform. cents: median size of the error; rpa: raw pitch accuracy, rca: raw chroma accuracy
(mir_eval.melody, 50 cents); sway: how much of the vibrato is left, the slope of the found pitch
over the true one, each less its mean over 0.25 s, where the pitch is at most 200 cents off for that
long; 1 is all of it, 0 is none, more than 1 too much; no value where there is no such place. Rows:
constant = the true median pitch throughout; pYIN = librosa.pyin, 80 to 1000 Hz, else its defaults,
its best pitch also where it hears no voice, as it does in the widest vibrato of low voices. Chroma
is left out: it knows no octave. The bound is the truth.
"""


@dataclass(frozen=True)
class Sung:
    """A voice of shape (samples,), and its true pitch: Hz per frame, 0 where it is not scored."""

    set: str
    name: str
    y: np.ndarray
    hz: np.ndarray


def vibrato() -> Iterator[Score]:
    """Accuracy of the pitch of a voice with vibrato, for each spectrogram."""
    others, voices = development_voices(), [*made_voices(), recorded_voice(data_folder())]
    for row, transform in tqdm(transforms(HOP).items(), desc="vibrato", unit="transform"):
        if row == "Chroma":
            continue
        bank = partial_bank(transform)
        weights = salience_weights(bank, best_rule(transform, bank, others))
        for voice in voices:
            yield score(voice, row, highest(weights @ level(transform, voice.y)))
    for voice in tqdm(voices, desc="pYIN", unit="voice"):
        middle = np.median(voice.hz[voice.hz > 0])
        yield score(voice, "constant", np.full(voice.hz.size, middle))
        yield score(voice, "pYIN", pyin(voice.y))


def made_voices() -> list[Sung]:
    """The scored voices."""
    return [
        sung(f"vibrato, {f0} Hz", f0, rate, extent, vowel="a")
        for f0, rate, extent in product(FUNDAMENTALS, (4, 5, 6, 7), (20, 50, 100))
    ]


def development_voices() -> list[Sung]:
    """The voices for choosing the rule."""
    return [
        sung("development", f0, rate, 75, vowel=vowel)
        for f0, rate, vowel in product(OTHER_FUNDAMENTALS, (4.5, 6.5), "eio")
    ]


def sung(name: str, f0: float, rate: float, extent: float, *, vowel: str) -> Sung:
    """A vowel with vibrato of a given rate, and extent in cents to either side of a pitch."""
    t = np.arange(round(SECONDS * SR)) / SR
    hz = f0 * 2 ** (extent / 1200 * np.sin(2 * np.pi * rate * t))
    phase = 2 * np.pi * np.cumsum(hz) / SR
    y = np.zeros(t.size)
    for k in range(1, 41):
        if k * hz.max() < SR / 2:
            resonance = sum(1 / (1 + ((k * f0 - f) / 120) ** 2) for f in VOWELS[vowel])
            y += (0.03 + resonance) / k * np.sin(k * phase)
    noise = np.random.default_rng(0).standard_normal(t.size)
    y += 0.01 * y.std() * noise
    at = np.arange(1 + t.size // HOP) * HOP
    scored = (at > EDGE * SR) & (at < (SECONDS - EDGE) * SR)
    truth = np.where(scored, hz[np.minimum(at, t.size - 1)], 0.0)
    return Sung(name, f"{rate:g} a second, {extent:g} cents", 0.1 * y / np.abs(y).max(), truth)


def recorded_voice(folder: Path) -> Sung:
    """The sung recording with a manually corrected pitch.

    Raises
    ------
    MirlabError
        When it is missing.
    """
    path = folder / "voice_vocadito" / "vocadito_1.flac"
    if not path.is_file():
        raise MirlabError(f"{path}: there is no such file; the development recordings are needed")
    y = Audio.load(path, mono=True, sr=SR).y[0]
    times, hz = np.loadtxt(path.with_name("vocadito_1_f0.csv"), delimiter=",").T
    at = np.arange(1 + y.size // HOP) * HOP / SR
    nearest = np.clip(np.round(at / (times[1] - times[0])).astype(int), 0, hz.size - 1)
    return Sung("vibrato, recorded voice", path.stem, y, hz[nearest])


def best_rule(
    transform: spectra.Transform, bank: np.ndarray, others: list[Sung]
) -> tuple[int, float]:
    """Number of partials and their factor with the smallest pitch error on some voices."""
    levels = [level(transform, voice.y) for voice in others]

    def error(rule: tuple[int, float]) -> float:
        weights = salience_weights(bank, rule)
        tracks = [highest(weights @ decibels) for decibels in levels]
        off = [cents_off(v.hz, track)[v.hz > 0] for v, track in zip(others, tracks, strict=True)]
        return float(np.minimum(np.abs(np.concatenate(off)), GOOD).mean())

    return min(RULES, key=error)


def level(transform: spectra.Transform, y: np.ndarray) -> np.ndarray:
    """Compressed spectrogram, in which soft partials count; up to TOP, shape (bins, frames)."""
    power = spectra.scale(transform(torch.from_numpy(y)), "power")[transform.frequencies < TOP]
    return spectra.scale(power, "log1p", reference=1e-4 * float(power.max())).numpy()


def partial_bank(transform: spectra.Transform) -> np.ndarray:
    """Matrices that interpolate a spectrogram at each partial of each candidate pitch.

    A spline is linear in its values, so evaluating it is a matrix product.

    Returns
    -------
    ndarray
        Shape (partials, candidates, bins); 0 for a partial outside the spectrogram.
    """
    hz = transform.frequencies[transform.frequencies < TOP].double().numpy()
    spline = CubicSpline(hz, np.eye(hz.size), extrapolate=False)
    pitches = FMIN * 2 ** np.arange(0, np.log2(FMAX / FMIN), STEP / 1200)
    partials = np.arange(1, 1 + max(count for count, _ in RULES))
    return np.stack([np.nan_to_num(spline(k * pitches)).astype(np.float32) for k in partials])


def salience_weights(bank: np.ndarray, rule: tuple[int, float]) -> np.ndarray:
    """Matrix from spectrogram to salience of each candidate pitch, shape (candidates, bins)."""
    partials, factor = rule
    return np.tensordot(np.float32(factor) ** np.arange(partials), bank[:partials], axes=1)


def highest(salience: np.ndarray) -> np.ndarray:
    """Pitch of maximum salience in every frame, interpolated, in Hz, shape (frames,)."""
    at = np.clip(salience.argmax(axis=0), 1, len(salience) - 2)
    left, middle, right = (salience[at + k, np.arange(at.size)] for k in (-1, 0, 1))
    curve = np.minimum(left - 2 * middle + right, -1e-9)
    shift = np.clip((left - right) / (2 * curve), -0.5, 0.5)
    return FMIN * 2 ** ((at + shift) * STEP / 1200)


def pyin(y: np.ndarray) -> np.ndarray:
    """Pitch of every frame by the comparison method, in Hz, shape (frames,)."""
    import librosa

    hz, _, _ = librosa.pyin(y, sr=SR, fmin=FMIN, fmax=FMAX, hop_length=HOP, fill_na=None)
    return np.asarray(hz)


def score(voice: Sung, row: str, hz: np.ndarray) -> Score:
    """Score a pitch track of one voice."""
    from mir_eval import melody

    scored = voice.hz > 0
    true, found = melody.hz2cents(voice.hz[scored]), melody.hz2cents(hz[scored])
    voiced = np.ones(true.size)
    values = {
        "cents": float(np.median(np.abs(found - true))),
        "rpa": float(melody.raw_pitch_accuracy(voiced, true, voiced, found)),
        "rca": float(melody.raw_chroma_accuracy(voiced, true, voiced, found)),
    }
    left = sway(voice.hz, hz)
    return Score(voice.set, voice.name, row, values if left is None else values | {"sway": left})


def cents_off(true: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Detected minus true pitch in cents; the true one may be 0 where nothing is scored."""
    return 1200 * np.log2(found / np.where(true > 0, true, found))


def sway(true: np.ndarray, found: np.ndarray) -> float | None:
    """Extent of the vibrato in the detected pitch, relative to the true one.

    Parameters
    ----------
    true, found
        Hz, shape (frames,); the true pitch is 0 where nothing is scored.

    Returns
    -------
    float or None
        1 for the true vibrato, even around a pitch slightly off; 0 for a constant pitch; None if
        no passage is near the true pitch.
    """
    near = (true > 0) & (np.abs(cents_off(true, found)) <= LOST)
    width = round(TURN * SR / HOP)
    power = shared = 0.0
    for run in np.split(np.arange(true.size), np.flatnonzero(np.diff(near)) + 1):
        if near[run[0]] and run.size >= width:
            cents = 1200 * np.log2(np.stack([true[run], found[run]]))
            wanted, other = cents - uniform_filter1d(cents, width)
            power += float(wanted @ wanted)
            shared += float(wanted @ other)
    return shared / power if power else None
