"""Effect of denoising on the next stage: onset detection and pitch in noise, for each method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import numpy as np
from tqdm import tqdm

from benchmarks.denoising.methods import PROGRAMS, piece, piece_notes
from benchmarks.denoising.room_noise import RATE, RINGS, RecordedRoom, room_noise, rooms
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from benchmarks.spectra.repetitions import onset_curve
from mirlab import dsp, examples, spectra
from mirlab.core import Audio, Notes

SNRS = (20, 10, 0)  # dB
ONSET_HOP, PITCH_HOP = 256, 512  # samples: 12 and 23 ms
CHORD = 0.03  # s; onsets closer than this belong to one chord
THRESHOLDS = np.linspace(0.02, 0.3, 29)
DEVELOPMENT = 100  # first seed of the pieces on which thresholds are chosen
FMIN, FMAX = 30.0, 1500.0  # Hz; range of the melodic lines
LINE = 12.0  # s
CLEANERS: dict[str, Callable[[Audio], Audio]] = {
    "none": lambda audio: audio,
    "subtraction": dsp.spectral_subtraction,
    "wiener": dsp.wiener,
    "gate": dsp.spectral_gate,
}

PROTOCOL = """
cleaned onsets and cleaned pitch: what is found after each cleaner of mirlab.dsp, with its defaults
and told nothing, in noise at 20, 10 and 0 dB and without noise; 22,050 Hz. white, pink: made; room:
the rests of real recordings, as in the denoising benchmark, its four places in turn. f: onsets of
the twelve shipped pieces, mir_eval's F within 50 ms; of onsets less than 30 ms after each other
only the first counts. They are found by librosa.onset.onset_detect on how much the mel spectrogram
(hop 256) brightens, the curve of the repeated notes, with one threshold a row for all noises
(f_fitted: one for each noise and row): the best on average on eight other pieces (the denoising
benchmark's, seeds from 100 on) in the same kinds of noise, made with other seeds; the rooms are the
same, their rests in another order. rpa: raw pitch accuracy (mir_eval.melody: within 50 cents, over
the frames in which a note sounds) of librosa.yin, 30 to 1500 Hz, hop 512, nothing chosen, on the
first 12 s of every line of the shipped pieces in which one note sounds at a time, played alone by
FluidSynth. f_gain, f_fitted_gain, rpa_gain: the value less that of none on the same sound. Rows:
none = the noisy sound as it is; clean = the sound before noise, not cleaned: the bound; blind =
told how many onsets there are and spreading them evenly, or the line's median pitch throughout.
"""

# of a row in a noise: the score of its sound, by measure
Measure = Callable[[str, str, np.ndarray], dict[str, float]]


def cleaned_onsets_and_pitch() -> Iterator[Score]:
    """Accuracy of onsets and pitch in noise, after each denoising method."""
    found = rooms(data_folder())
    yield from cleaned_onsets(found)
    yield from cleaned_pitch(found)


def cleaned_onsets(found: list[RecordedRoom]) -> Iterator[Score]:
    """Onsets of the package's examples."""
    chosen = thresholds(found)
    pairs = list(zip(examples.names(), cycle(RINGS), strict=False))
    for name, ring in tqdm(pairs, desc="cleaned onsets", unit="piece"):
        example = examples.load(name)
        truth = onsets(example.notes)
        blind = f_measure(truth, np.linspace(0, example.audio.duration, truth.size))
        sounds = noisy(example.audio.y[0], [room for room in found if room.ring == ring])
        measure = partial(score_onsets, truth, chosen)
        for noise, row, values in rows(sounds, measure, {"f": blind, "f_fitted": blind}):
            yield Score(f"cleaned onsets, {noise}", name, row, values)


def cleaned_pitch(found: list[RecordedRoom]) -> Iterator[Score]:
    """Pitch of the melodic lines of the package's examples."""
    pairs = list(zip(lines(), cycle(RINGS), strict=False))
    for (name, notes), ring in tqdm(pairs, desc="cleaned pitch", unit="line"):
        y = notes.render(sr=RATE, synth="fluidsynth").slice(0, LINE).y[0]
        truth = pitch_curve(notes, np.arange(1 + y.size // PITCH_HOP) * PITCH_HOP / RATE)
        blind = accuracy(truth, np.full(truth.shape, np.median(truth[truth > 0])))
        sounds = noisy(y, [room for room in found if room.ring == ring])
        for noise, row, values in rows(sounds, partial(score_pitch, truth), {"rpa": blind}):
            yield Score(f"cleaned pitch, {noise}", name, row, values)


def rows(
    sounds: Iterator[tuple[str, np.ndarray]], measure: Measure, blind: dict[str, float]
) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Measure every row on one piece in every noise; the first sound has no noise.

    Yields
    ------
    tuple
        The noise, the row, and its values: as measured, and the gain over no denoising.
    """
    clean: dict[str, float] = {}
    for noise, y in sounds:
        found = {
            row: measure(row, noise, cleaner(Audio(y, RATE)).y[0])
            for row, cleaner in CLEANERS.items()
        }
        clean = clean or found["none"]
        for row, values in (found | {"clean": clean, "blind": blind}).items():
            gains = {f"{name}_gain": value - found["none"][name] for name, value in values.items()}
            yield noise, row, values | gains


def noisy(
    y: np.ndarray, ring: list[RecordedRoom], *, seed: int = 1
) -> Iterator[tuple[str, np.ndarray]]:
    """The sound without noise, then with each kind of noise, with names; shape (samples,)."""
    yield "no noise", y
    made = {
        "white": dsp.noise("white", sr=RATE, duration=y.size / RATE, seed=seed),
        "pink": dsp.noise("pink", sr=RATE, duration=y.size / RATE, seed=seed + 1),
        "room": room_noise(ring, y.size, seed=seed),
    }
    for kind, noise in made.items():
        for snr in SNRS:
            yield f"{kind} at {snr} dB", y + dsp.scale_to_snr(y, noise, snr=snr)


def thresholds(found: list[RecordedRoom]) -> dict[tuple[str, str], float]:
    """Best threshold of each row and noise on the development pieces, and over all noises.

    Returns
    -------
    dict
        By row and noise; the noise is `"all"` for the threshold over all of them.
    """
    totals: dict[tuple[str, str], np.ndarray] = {}
    pairs = list(zip(PROGRAMS.values(), cycle(RINGS), strict=False))
    for n, (program, ring) in enumerate(tqdm(pairs, desc="thresholds", unit="piece")):
        seed = DEVELOPMENT + n
        truth = onsets(piece_notes(program, seed))
        there = [room for room in found if room.ring == ring]
        for noise, y in noisy(piece(program, seed), there, seed=seed):
            for row, cleaner in CLEANERS.items():
                curve = brightening(cleaner(Audio(y, RATE)).y[0])
                values = np.array([f_measure(truth, peaks(curve, x)) for x in THRESHOLDS])
                for key in ((row, noise), (row, "all")):
                    totals[key] = totals.get(key, 0.0) + values
    return {key: float(THRESHOLDS[np.argmax(total)]) for key, total in totals.items()}


def score_onsets(
    truth: np.ndarray, chosen: dict[tuple[str, str], float], row: str, noise: str, y: np.ndarray
) -> dict[str, float]:
    """F of the onsets detected in a sound, with the thresholds of its row."""
    curve = brightening(y)
    keys = {"f": (row, "all"), "f_fitted": (row, noise)}
    return {name: f_measure(truth, peaks(curve, chosen[key])) for name, key in keys.items()}


def onsets(notes: Notes) -> np.ndarray:
    """Onset times in seconds, shape (n,); a chord begins with its first note."""
    kept: list[float] = []
    for onset in np.sort(notes.onset):
        if not kept or onset - kept[-1] >= CHORD:
            kept.append(float(onset))
    return np.array(kept)


def brightening(y: np.ndarray) -> np.ndarray:
    """Spectral flux of the mel spectrogram, shape (frames,)."""
    return onset_curve(spectra.Mel(sr=RATE, hop_length=ONSET_HOP), Audio(y, RATE))


def peaks(curve: np.ndarray, threshold: float) -> np.ndarray:
    """Times in seconds of the peaks that exceed their surroundings by a threshold."""
    import librosa

    return librosa.onset.onset_detect(
        onset_envelope=curve, sr=RATE, hop_length=ONSET_HOP, delta=float(threshold), units="time"
    )


def f_measure(truth: np.ndarray, found: np.ndarray) -> float:
    """F of onsets in seconds, matched within 50 ms."""
    from mir_eval.onset import f_measure

    return float(f_measure(truth, found, window=0.05)[0])


def lines() -> list[tuple[str, Notes]]:
    """Every monophonic line of the package's examples, with its name."""
    found = []
    for name in examples.names():
        notes = examples.load(name).notes
        for program in sorted(set(notes.program[~notes.is_drum].tolist())):
            line = notes[~notes.is_drum & (notes.program == program)]
            overlapping = line.onset[1:] < line.offset[:-1] - 0.02
            if overlapping.mean() < 0.1:  # a few notes are played legato
                found.append((f"{name}, program {program}", line))
    return found


def pitch_curve(notes: Notes, times: np.ndarray) -> np.ndarray:
    """Pitch in Hz at each time, including bends, 0 where no note sounds; shape (times,)."""
    hz = np.zeros(times.size)
    for i, (onset, offset) in enumerate(notes.intervals):
        during = (times >= onset) & (times < offset)
        hz[during] = notes.hz[i]
        if notes.bends is not None and len(notes.bends[i]):
            time, semitones = notes.bends[i].T
            point = np.searchsorted(time, times[during], side="right") - 1
            hz[during] *= 2 ** (np.where(point >= 0, semitones[point], 0) / 12)
    return hz


def score_pitch(truth: np.ndarray, _row: str, _noise: str, y: np.ndarray) -> dict[str, float]:
    """Fraction of frames whose pitch YIN finds; YIN has the same settings for every row."""
    import librosa

    found = librosa.yin(y, sr=RATE, hop_length=PITCH_HOP, fmin=FMIN, fmax=FMAX)
    return {"rpa": accuracy(truth, found)}


def accuracy(truth: np.ndarray, found: np.ndarray) -> float:
    """Raw pitch accuracy; both pitches in Hz, shape (frames,)."""
    from mir_eval.melody import hz2cents, raw_pitch_accuracy

    voiced = (truth > 0).astype(float)
    return float(raw_pitch_accuracy(voiced, hz2cents(truth), np.ones(found.size), hz2cents(found)))
