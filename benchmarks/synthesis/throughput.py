"""Throughput of training data: finished seconds of music per second of wall time, on two cores.

A finished item is ready for training: composed, rendered, with studio effects and labels. It is
compared with the simple approach: MIDI files, one after the other, through pretty_midi's
`fluidsynth()`, librosa's effects, a room impulse response and noise.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import results
from benchmarks.results import SEED, Score
from mirlab.core import MissingPartError
from mirlab.core.rendering import GET_FLUIDSYNTH, has_fluidsynth
from mirlab.synthesis import SyntheticMusic, find_sound_fonts
from mirlab.synthesis.studio import Room

SR, HOP = 22050, 256
SECONDS = 20.0  # per item
ITEMS = 12  # per round
ROUNDS = 3
PROCESSES = 2
FONT = "TimGM6mb"  # pretty_midi's sound font, which both approaches use
TASKS = ("separation", "notes")

PROTOCOL = """
Items of 20 s, mono at 22,050 Hz; 12 a round, made once before the clock starts, so that processes
are there and libraries imported; three rounds, all rows by turns. rate = seconds of sound made for
each second on the clock. Sets: separation = the mixture and its stems; notes = the mixture, and
what begins, sounds and ends every 256 samples. Rows: mirlab = SyntheticMusic in two processes
(joblib): every piece composed anew, each part by a sound font (TimGM6mb, without FluidSynth's own
reverb and chorus) or by a synth, either as likely; levels, equalizer, compressor, one room (for
notes around the mixture), detuning, and for notes mastering, which is where noise comes in. fonts =
the same, all parts by the sound font. alone = mirlab in one process. plain = the same pieces, as
MIDI files that are there before the clock starts, in one process: pretty_midi's fluidsynth() with
the same sound font (a file for each stem, or for the mixture), cut to 20 s, librosa's time_stretch
(0.9..1.1) and pitch_shift (up to half a semitone), a room's response (scipy's fftconvolve; the
response made outside the clock), white noise, and for notes pretty_midi's get_piano_roll. bare =
plain without time_stretch and pitch_shift.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("synthesis/throughput", __doc__ or "", measure, protocol=PROTOCOL)


def measure(items: int = ITEMS, rounds: int = ROUNDS) -> list[Score]:
    """Make items for both tasks by every method, in turns.

    Raises
    ------
    MissingPartError
        If FluidSynth is not installed.
    """
    from tqdm import trange

    if not has_fluidsynth():
        raise MissingPartError(f"FluidSynth is missing: {GET_FLUIDSYNTH}")
    scores = []
    for number in trange(rounds, desc="rendering", unit="round"):
        numbers = range(number * items, (number + 1) * items)
        for task in TASKS:
            with tempfile.TemporaryDirectory() as folder:
                for row, rate in _ways(task, numbers, Path(folder)).items():
                    scores.append(Score(task, f"round {number + 1}", row, {"rate": rate()}))
    return scores


def _ways(task: str, numbers: Sequence[int], folder: Path) -> dict[str, Callable[[], float]]:
    """Function of each row that makes items of a task."""
    fonts = {FONT: find_sound_fonts()[FONT]}
    supply = partial(SyntheticMusic, task, duration=SECONDS, seed=SEED, fonts=fonts)
    music = supply()
    songs = [midi_files(music, k, folder) for k in numbers]
    return {
        "mirlab": partial(supply_rate, music, numbers),
        "fonts": partial(supply_rate, supply(synths=0), numbers),
        "alone": partial(supply_rate, music, numbers, n_jobs=1),
        "plain": partial(plain_rate, songs),
        "bare": partial(plain_rate, songs, stretch=False),
    }


def supply_rate(music: SyntheticMusic, numbers: Sequence[int], *, n_jobs: int = PROCESSES) -> float:
    """Finished seconds of sound per second, for items made after a first batch."""
    from joblib import Parallel, delayed

    with Parallel(n_jobs=n_jobs, batch_size=1) as pool:
        pool(
            delayed(music.item)(k) for k in numbers
        )  # until every process has finished its imports
        start = time.perf_counter()
        made = pool(delayed(music.item)(k) for k in numbers)
        return len(made) * SECONDS / (time.perf_counter() - start)


def plain_rate(songs: Sequence[Sequence[Path]], *, stretch: bool = True) -> float:
    """The same for the simple approach; a song is the MIDI files that are rendered for it."""
    response = Room().response(SR, seed=SEED)
    plain_item(songs[0], response, stretch=stretch)  # imports are not counted here either
    start = time.perf_counter()
    made = [plain_item(song, response, stretch=stretch) for song in songs]
    return len(made) * SECONDS / (time.perf_counter() - start)


def plain_item(
    song: Sequence[Path], response: np.ndarray, *, stretch: bool = True
) -> tuple[list[np.ndarray], np.ndarray]:
    """Render MIDI files by a few lines with pretty_midi, librosa and scipy.

    Parameters
    ----------
    song
        One file per stem, or one for the mixture.
    response
        Room impulse response, shape (samples,).
    stretch
        Whether to change tempo and tuning by librosa's effects.

    Returns
    -------
    stems : each of shape (samples,)
    labels : the mixture of several stems, or the piano roll of one, shape (128, frames)
    """
    import librosa
    import pretty_midi
    from scipy.signal import fftconvolve

    rng = np.random.default_rng(SEED)
    rate, steps = rng.uniform(0.9, 1.1), rng.uniform(-0.5, 0.5)
    stems = []
    for path in song:
        midi = pretty_midi.PrettyMIDI(str(path))
        y = midi.fluidsynth(fs=SR)
        y = np.pad(y, (0, max(0, round(SECONDS * SR) - y.size)))[: round(SECONDS * SR)]
        if stretch:
            y = librosa.effects.time_stretch(y, rate=rate)
            y = librosa.effects.pitch_shift(y, sr=SR, n_steps=steps)
        y = fftconvolve(y, response)[: y.size]
        stems.append(y + 0.01 * y.std() * rng.standard_normal(y.size))
    if len(stems) > 1:
        return stems, sum(stems[1:], stems[0])
    frame_rate = SR / HOP * (rate if stretch else 1.0)
    return stems, midi.get_piano_roll(fs=frame_rate)[:, : 1 + stems[0].size // HOP]


def midi_files(music: SyntheticMusic, k: int, folder: Path) -> list[Path]:
    """Write the piece of an item as MIDI files: one per part, or for note labels one for all."""
    piece = music.piece(k)
    parts = {"all": piece.notes} if music.task == "notes" else piece.parts
    return [notes.save(folder / f"{k}.{name}.mid") for name, notes in parts.items()]


if __name__ == "__main__":
    sys.exit(main())
