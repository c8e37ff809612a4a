"""Pitch tracking of one voice: YIN, pYIN, harmonic sum and networks, on voices and instruments."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import data_folder, note_recordings, notes_of_a_part
from benchmarks.results import Score
from benchmarks.spectra.vibrato import made_voices
from mirlab.core import Audio, MirlabError, Notes
from mirlab.pitch import track_pitch

SR, HOP = 22050, 256
FMIN, FMAX = 65.0, 2100.0  # Hz, for every row
CLEAR = 0.15  # largest aperiodicity of YIN in a voiced frame
CONTOUR = 0.3  # smallest contour value of Basic Pitch in a voiced frame
VIOLIN = 20.0  # s of each recording that are scored
INSIDE = 0.05  # s at both ends of a note that are not scored
NOTES = 36  # every n-th single note is scored
SOFT = 0.1  # of a single note's highest level: softer frames are not scored
VOICES = 10  # every n-th synthetic voice is scored

PROTOCOL = """
mir_eval.melody, 50 cents: rpa raw pitch accuracy, rca raw chroma accuracy; where it is known when
the voice sounds also recall and alarm, of voicing, and overall accuracy. cpu: CPU seconds a minute
of sound, one thread, decoding of the file left out. voice_vocadito: one singer, 33 s, pitch
corrected by hand. violin_bach: 20 s, and strings_urmp: a violin and a cello: no pitch curve is
known, so the truth is the score's pitch of the notes that sound alone, 50 ms from their ends left
out; a wide vibrato costs everybody. notes_philharmonia: every 36th single note of 18 instruments,
its name's pitch while it is louder than a tenth of its loudest moment (the set keeps only files
whose name YIN has confirmed, which favours YIN). made_voices: 6 vowels with vibrato, exact. Mean
over recordings. All rows look from 65 to 2100 Hz; else defaults. constant = the median of the true
pitch throughout, always voiced; YIN = ours, voiced where its aperiodicity is at most 0.15; YIN,
librosa = always voiced; pYIN = ours, which tells no pitch where it hears no voice; pYIN, librosa =
its best pitch also there, 256 samples a frame; harmonic sum = ours, always voiced; basic-pitch =
the strongest bin of its contour and a parabola, voiced from 0.3 on; mirlab = mirlab-f0, voiced from
0.5 on; ceiling = the truth, read at the rows' frames. No row has seen any of it but Basic Pitch,
whose training data hold other singers and pianos; thresholds are not tuned. Choir_dcs (four voices
at once) and solos_medley (no truth) are left out.
"""

Track = tuple[np.ndarray, np.ndarray, np.ndarray]  # seconds, Hz, voiced or not


@dataclass(frozen=True)
class Sung:
    """A recording and its true pitch: Hz at given times, 0 where nothing is scored.

    `voicing` says whether 0 means silence.
    """

    set: str
    name: str
    audio: Audio
    times: np.ndarray
    hz: np.ndarray
    voicing: bool = False


def grid(audio: Audio) -> np.ndarray:
    """Frame times of most methods, in seconds."""
    return np.arange(1 + audio.samples // HOP) * HOP / SR


def recordings(folder: Path) -> Iterator[Sung]:
    """All scored recordings."""
    path = folder / "voice_vocadito" / "vocadito_1.flac"
    if not path.is_file():
        raise MirlabError(f"{path}: there is no such file; the development recordings are needed")
    times, hz = np.loadtxt(path.with_name("vocadito_1_f0.csv"), delimiter=",").T
    yield Sung("voice_vocadito", path.stem, loaded(path), times, hz, voicing=True)
    for result in note_recordings(folder):
        if result.set == "violin_bach":
            audio = loaded(result.audio).slice(0, VIOLIN)
            yield played(result.set, result.name, audio, result.notes)
    for part in ("1_vn", "2_vc"):
        path, notes = notes_of_a_part(folder, part)
        yield played("strings_urmp", part, loaded(path), notes)
    yield from single_notes(folder / "notes_philharmonia")
    for voice in made_voices()[::VOICES]:
        name = f"{voice.set}, {voice.name}"
        audio = Audio(voice.y.astype(np.float32), SR)
        yield Sung("made_voices", name, audio, grid(audio), voice.hz)


def loaded(path: Path) -> Audio:
    """A file in mono, at the sampling rate of all methods."""
    return Audio.load(path, sr=SR, mono=True)


def played(name: str, file: str, audio: Audio, notes: Notes) -> Sung:
    """Pitch of a recording with known notes, where one note sounds alone."""
    times = grid(audio)
    sounding, hz = np.zeros(times.size, int), np.zeros(times.size)
    for start, end, pitch in zip(notes.onset, notes.offset, notes.hz, strict=True):
        sounding += (times >= start) & (times < end)
        hz[(times >= start + INSIDE) & (times < end - INSIDE)] = pitch
    return Sung(name, file, audio, times, np.where(sounding == 1, hz, 0.0))


def single_notes(folder: Path) -> Iterator[Sung]:
    """Single notes of all instruments, one per file, with the pitch in the file's name."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[::NOTES]:
        path = folder / row["file"]
        hz = 440 * 2 ** ((int(row["midi"]) - 69) / 12)
        if not FMIN < hz < FMAX:
            continue
        audio = loaded(path)
        times = grid(audio)
        loud = loudness(audio.y[0], times.size)
        truth = np.where(loud > SOFT * loud.max(), hz, 0.0)
        yield Sung(folder.name, path.stem, audio, times, truth)


def loudness(y: np.ndarray, frames: int) -> np.ndarray:
    """Root mean square around each frame, shape (frames,)."""
    padded = np.pad(y.astype(float), 4 * HOP)
    total = np.r_[0, np.cumsum(padded**2)]
    starts = np.arange(frames) * HOP
    return np.sqrt(np.maximum(total[starts + 8 * HOP] - total[starts], 0) / (8 * HOP))


def yin_ours(audio: Audio) -> Track:
    """YIN, written out."""
    from mirlab.pitch.classic import yin

    hz, aperiodicity = yin(audio, fmin=FMIN, fmax=FMAX)
    return grid(audio), hz, (aperiodicity <= CLEAR) & (hz > 0)


def yin_librosa(audio: Audio) -> Track:
    """YIN of librosa."""
    import librosa

    hz = librosa.yin(audio.y[0], fmin=FMIN, fmax=FMAX, sr=SR, hop_length=HOP)
    return grid(audio), hz, hz > 0


def pyin_ours(audio: Audio) -> Track:
    """Probabilistic YIN, written out."""
    from mirlab.pitch.pyin import pyin

    hz, _ = pyin(audio, fmin=FMIN, fmax=FMAX)
    return grid(audio), hz, hz > 0


def pyin_librosa(audio: Audio) -> Track:
    """Probabilistic YIN of librosa."""
    import librosa

    hz, voiced, _ = librosa.pyin(
        audio.y[0], fmin=FMIN, fmax=FMAX, sr=SR, hop_length=HOP, fill_na=None
    )
    return grid(audio), hz, voiced


def harmonic(audio: Audio) -> Track:
    """The harmonic sum."""
    from mirlab.pitch.classic import harmonic_sum

    hz, _ = harmonic_sum(audio, fmin=FMIN, fmax=FMAX)
    return grid(audio), hz, hz > 0


def basic_pitch(audio: Audio) -> Track:
    """The contour of Basic Pitch."""
    from mirlab.transcription import basic_pitch_posteriors, frame_times

    contour = basic_pitch_posteriors(audio)[2].astype(float)
    bins = 27.5 * 2 ** (np.arange(contour.shape[1]) / 36)
    low, high = np.searchsorted(bins, (FMIN, FMAX))
    best = contour[:, low:high].argmax(axis=1) + low
    left, middle, right = (contour[np.arange(best.size), best + step] for step in (-1, 0, 1))
    bend = np.maximum(2 * middle - left - right, 1e-9)
    position = best + np.clip((right - left) / (2 * bend), -0.5, 0.5)
    times = grid(audio)
    near = np.searchsorted(frame_times(best.size), times).clip(0, best.size - 1)  # not quite even
    return times, (27.5 * 2 ** (position / 36))[near], (middle >= CONTOUR)[near]


def net(audio: Audio) -> Track:
    """The trained network."""
    times, hz, voicing = track_pitch(audio)
    return times, hz, (voicing >= 0.5) & (hz > 0)


METHODS: dict[str, Callable[[Audio], Track]] = {
    "YIN": yin_ours,
    "YIN, librosa": yin_librosa,
    "pYIN": pyin_ours,
    "pYIN, librosa": pyin_librosa,
    "harmonic sum": harmonic,
    "basic-pitch": basic_pitch,
    "mirlab": net,
}


def score(sung: Sung, row: str, track: Track) -> Score:
    """Score a pitch track of a recording."""
    from mir_eval import melody

    times, hz, voiced = track
    signed = np.where(voiced, hz, -hz)  # mir_eval marks unvoiced pitch by a negative sign
    found = melody.evaluate(sung.times, sung.hz, times, signed)
    values = {"rpa": found["Raw Pitch Accuracy"], "rca": found["Raw Chroma Accuracy"]}
    if sung.voicing:
        values |= {
            "recall": found["Voicing Recall"],
            "alarm": found["Voicing False Alarm"],
            "overall": found["Overall Accuracy"],
        }
    return Score(sung.set, sung.name, row, {name: float(v) for name, v in values.items()})


def measured() -> Iterator[Score]:
    """Score every row on every recording."""
    import torch

    torch.set_num_threads(1)
    silence = Audio(np.zeros(SR, np.float32), SR)
    for method in METHODS.values():
        method(silence)  # loading and compiling are not part of the times
    for sung in tqdm(list(recordings(data_folder())), desc="f0", unit="recording"):
        times = grid(sung.audio)
        middle = np.full(times.size, np.median(sung.hz[sung.hz > 0]))
        yield score(sung, "constant", (times, middle, middle > 0))
        for row, method in METHODS.items():
            began = time.process_time()
            track = method(sung.audio)
            spent = (time.process_time() - began) * 60 / sung.audio.duration
            result = score(sung, row, track)
            yield Score(result.set, result.file, row, result.values | {"cpu": spent})
        step = sung.times[1] - sung.times[0]
        nearest = np.minimum(np.round(times / step).astype(int), sung.times.size - 1)
        truth = sung.hz[nearest]
        yield score(sung, "ceiling", (times, truth, truth > 0))


def weights() -> dict[str, str]:
    """sha256 of both networks."""
    return results.basic_pitch_sha256() | results.shipped_sha256("pitch/mirlab-f0")


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    about = f"Compare trackers of the pitch of one voice.\n{PROTOCOL}"
    return results.run(
        "pitch/real_recordings",
        about,
        lambda: list(measured()),
        protocol=PROTOCOL,
        weights=weights,
    )


if __name__ == "__main__":
    sys.exit(main())
