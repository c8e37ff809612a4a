"""Denoising: gain of each method of `mirlab.dsp` on rendered and on real noise.

Three questions about each method, without knowledge of the noise:

1. Synthetic noise (white and pink noise, mains hum, clicks) on rendered and on recorded music, at
   10 dB: how much nearer to the clean sound (SI-SDR)?
2. Recorded noise on rendered music, at 10 dB. The noise is that of real rooms, from the rests of
   recordings (`room_noise`), so that both the clean sound and the noise are known and realistic.
3. Real recordings without added noise. The clean sound is unknown; but by how much the level
   falls in the rests, where it should, and in the notes, where it should not, can be measured.

They are compared with the sound itself (`noisy`), Wiener's filter with the true noise spectrum
(`told`), and the oracle. No setting is chosen on any of these sounds: the methods run with their
defaults, which were chosen on other rendered pieces with synthetic noise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.denoising.room_noise import RATE, RINGS, RecordedRoom, room_noise, rooms
from benchmarks.recordings import data_folder, note_recordings
from benchmarks.results import Score
from mirlab import dsp
from mirlab.core.audio import Audio
from mirlab.core.notes import Notes

SNR = 10.0  # dB
EXCERPT = 15.0  # s
PROGRAMS = {  # General MIDI programs of the rendered pieces
    "piano": 0,
    "marimba": 12,
    "organ": 19,
    "guitar": 24,
    "violin": 40,
    "choir": 52,
    "trumpet": 56,
    "flute": 73,
}
METHODS: dict[str, Callable[[Audio], Audio]] = {
    "hum": dsp.remove_hum,
    "clicks": dsp.remove_clicks,
    "subtraction": dsp.spectral_subtraction,
    "wiener": dsp.wiener,
    "gate": dsp.spectral_gate,
}
FLOOR = 0.1  # lowest gain of the spectral methods: -20 dB

PROTOCOL = """
si_sdr: SI-SDR (Le Roux et al. 2019, mirlab.dsp.si_sdr) in dB against the sound before noise was
added; gain: that over the noisy sound's. Mono, 22,050 Hz, noise at a signal-to-noise ratio of 10
dB. Made noise: white; pink; hum = 50 Hz and nine harmonics of amplitude 1/k and random phase;
clicks = eight bursts a second of 0.05 to 1 ms. Recorded noise: the rests of real recordings, told
by their annotations (0.2 s before a note at the latest, 0.3 s after one at the earliest, at least
0.2 s long), without what lies below 20 Hz, laid after each other in random order, cross-faded over
50 ms: piano room = the lead-ins of sixteen recordings of one Disklavier (16 kHz), string room = two
players of a duet, each alone, voice room = one singer, recital hall = a song; 0.9 to 6 s of sound
each, so it repeats. Methods with their defaults, which were chosen on other rendered pieces (seeds
from 100 on) with made noise, never on recordings and never on the sounds scored here; they are not
told the noise (blind), and each one runs on every kind. Sets: rendered = eight pieces of 12 s,
melody and chords drawn by chance, one a General MIDI program, FluidSynth with the sound font of
pretty_midi; recorded = the recordings of the note benchmark, from second 5 on, 15 s at most; hiss
in a recording counts as sound. as recorded = the recordings that the recorded noise is from,
nothing added, their first 90 s: rests and notes = the change of level in dB in the rests and in the
annotated notes; the four places count the same. Mean over the files of a set with a 95 % bootstrap
interval. Rows: noisy = nothing done; hum, clicks, subtraction, wiener, gate = remove_hum,
remove_clicks, spectral_subtraction, wiener, spectral_gate; told = wiener with the mean spectrum of
the very noise (as recorded: of the rests), the bound of what takes the noise for steady; oracle =
the mask S^2 / (S^2 + N^2) of the true sound and noise (STFT 2048/512), the ceiling of what
weighting a spectrum can do; narrow notches and repairs in time (clicks) can pass it; as recorded:
20 dB down in the rests, the least gain of the spectral methods, and the notes left alone.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("denoising/methods", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every method on every sound with every noise."""
    folder = data_folder()
    recorded = [
        (recording.name, excerpt(Audio.load(recording.audio, mono=True, sr=RATE)))
        for recording in note_recordings(folder)
    ]
    found = rooms(folder)
    scores: list[Score] = []
    for name, sounds in (("rendered", rendered()), ("recorded", recorded)):
        for file, y in tqdm(sounds, desc=name, unit="file"):
            for kind, noise in noises(y).items():
                scores += score(f"{name}, {kind}", file, y, noise)
    for seed, (file, y) in enumerate(tqdm(rendered(), desc="room noise", unit="file")):
        for ring in RINGS:
            noise = room_noise([room for room in found if room.ring == ring], y.size, seed=seed)
            noise = dsp.scale_to_snr(y, noise, snr=SNR)
            scores += score(f"rendered, {ring}", file, y, noise)
    for room in tqdm(found, desc="as recorded", unit="file"):
        weight = 1 / sum(other.ring == room.ring for other in found)
        scores += levels(room, weight)
    return scores


def excerpt(audio: Audio) -> np.ndarray:
    """Cut 15 s from second 5 on, or all that there is; shape (samples,)."""
    start = min(5.0, max(0.0, audio.duration - EXCERPT))
    return audio.slice(start, start + EXCERPT).y[0].astype(np.float64)


def rendered(seed: int = 0) -> list[tuple[str, np.ndarray]]:
    """Render one piece for each program: name and samples, shape (samples,)."""
    return [(name, piece(program, seed + n)) for n, (name, program) in enumerate(PROGRAMS.items())]


def piece(program: int, seed: int) -> np.ndarray:
    """Play 12 s of melody and chords, shape (samples,)."""
    audio = piece_notes(program, seed).render(sr=RATE, synth="fluidsynth")
    return audio.y[0, : 12 * RATE].astype(np.float64)


def piece_notes(program: int, seed: int) -> Notes:
    """Generate 12 s of random melody and chords in C major."""
    rng = np.random.default_rng(seed)
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    onset, offset, pitch = [], [], []
    for bar in range(6):
        root = int(rng.integers(7))
        for step in (0, 2, 4):
            octave, degree = divmod(root + step, 7)
            onset.append(2.0 * bar)
            offset.append(2.0 * bar + 1.8)
            pitch.append(48 + 12 * octave + scale[degree])
        times = np.sort(rng.choice(8, size=5, replace=False)) / 4
        for time, degree in zip(times, rng.integers(7, size=5), strict=True):
            onset.append(2.0 * bar + time)
            offset.append(2.0 * bar + time + 0.24)
            pitch.append(72 + scale[degree])
    velocity = rng.integers(50, 110, size=len(pitch))
    return Notes(onset, offset, pitch, velocity, program=program)


def noises(y: np.ndarray) -> dict[str, np.ndarray]:
    """Generate each kind of noise for a sound, at the benchmark's SNR; shape (samples,) each."""
    kinds = {
        "white": dsp.noise("white", sr=RATE, duration=y.size / RATE, seed=1),
        "pink": dsp.noise("pink", sr=RATE, duration=y.size / RATE, seed=2),
        "hum": hum(y.size),
        "clicks": clicks(y.size),
    }
    return {kind: dsp.scale_to_snr(y, noise, snr=SNR) for kind, noise in kinds.items()}


def hum(samples: int) -> np.ndarray:
    """Mains hum: 50 Hz and nine harmonics, shape (samples,)."""
    phases = np.random.default_rng(3).uniform(0, 2 * np.pi, 10)
    duration = samples / RATE
    waves = (
        dsp.sine(50 * k, sr=RATE, duration=duration, amplitude=1 / k, phase=phase)
        for k, phase in enumerate(phases, start=1)
    )
    return np.sum(list(waves), axis=0)


def clicks(samples: int) -> np.ndarray:
    """Eight bursts of noise per second, 1 to 22 samples long, shape (samples,)."""
    rng = np.random.default_rng(4)
    y = np.zeros(samples)
    for start in rng.integers(samples - 22, size=8 * samples // RATE):
        length = int(rng.integers(1, 23))
        y[start : start + length] = rng.standard_normal(length) * rng.uniform(0.3, 1)
    return y


def score(name: str, file: str, y: np.ndarray, noise: np.ndarray) -> Iterator[Score]:
    """Score every row on one noisy sound."""
    noisy = Audio(y + noise, RATE)
    rows = {"noisy": noisy.y[0]}
    rows |= {row: method(noisy).y[0] for row, method in METHODS.items()}
    rows["told"] = dsp.wiener(noisy, noise=Audio(noise, RATE)).y[0]
    rows["oracle"] = oracle(y, noise)
    before = dsp.si_sdr(y, rows["noisy"])
    for row, estimate in rows.items():
        ratio = dsp.si_sdr(y, estimate)
        yield Score(name, file, row, {"si_sdr": ratio, "gain": ratio - before})


def levels(room: RecordedRoom, weight: float) -> Iterator[Score]:
    """Score every row on an unmodified recording: change of level of rests and notes, in dB."""
    room_sound = Audio(room.y, RATE)
    rests = room_noise([room], room.y.size) * dsp.rms(room.y[room.rests])
    rows = {"noisy": room_sound.y[0]}
    rows |= {row: method(room_sound).y[0] for row, method in METHODS.items()}
    rows["told"] = dsp.wiener(room_sound, noise=Audio(rests, RATE)).y[0]
    rows["oracle"] = room_sound.y[0] * np.where(room.rests, FLOOR, 1.0)
    for row, estimate in rows.items():
        values = {
            part: 20 * np.log10(dsp.rms(estimate[mask]) / dsp.rms(room_sound.y[0][mask]))
            for part, mask in (("rests", room.rests), ("notes", room.notes))
        }
        yield Score("as recorded", room.name, row, values, weight=weight)


def oracle(y: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Weight each bin of the mixture by the sound's share of the power, shape (samples,)."""
    import librosa

    sound, other = (librosa.stft(part, n_fft=2048, hop_length=512) for part in (y, noise))
    total = np.abs(sound) ** 2 + np.abs(other) ** 2
    mask = np.abs(sound) ** 2 / np.maximum(total, 1e-20)
    return librosa.istft(mask * (sound + other), hop_length=512, length=y.size)


if __name__ == "__main__":
    sys.exit(main())
