"""`SyntheticMusic`: items to learn from, without end, each a function of its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from ..composer import Piece, compose, piece_from_notes
from ..core import Audio, Notes
from ..core.checks import require
from ..core.constants import LOWEST_PITCH, PITCHES
from .checks import require_range
from .recording import STEMS, master, players, record, stem_of
from .soundfonts import SoundFont
from .studio import Multitrack
from .targets import chord_frames, f0_frames, note_rolls

TASKS = ("chords", "f0", "notes", "separation", "single_notes")
PADDING_SECONDS = 1.0  # s by which a piece is longer than an item, which begins somewhere in it
SHORTEST = 4.0  # s, of a piece that is composed
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # Hz; MP3 has no others
PROGRAMS = 112  # General MIDI instruments before the percussion and the sound effects


class FrameGrid(TypedDict):
    """Where the frames of a target lie, as the functions of `targets` take it."""

    frames: int
    hop_length: int
    sr: int


class SyntheticMusic(IterableDataset[dict[str, Tensor]]):
    """Sound with its truth, composed, played and recorded as it is asked for.

    Item k depends on `seed` and k alone, whoever makes it and in how many processes, given the
    same sound fonts. As an iterable it gives the items 0, 1, 2, ... in this order, also from the
    workers of a `DataLoader` with `batch_size=None`; for batches that a training can resume from,
    `mirlab.learning.Batches(music.item, size=16, n_jobs=2)`.

    What an item holds, as tensors of fixed shapes (samples = `duration * sr`; frame t lies at
    sample `t * hop_length`, frames = 1 + samples // hop_length):

    - `"separation"`: `mixture` (samples,), `stems` (4, samples): drums, bass, melody, harmony
    - `"notes"`: `audio` (samples,), `rolls` (4, 88, frames) as `note_rolls`
    - `"chords"`: `audio` (samples,), `chords` (3, 12, frames) as `chord_frames`
    - `"f0"`: `audio` (samples,) of one voice, `f0` (frames,) in Hz
    - `"single_notes"`: `audio` (samples,), `pitch`, `velocity`, `onset` and `offset` in s: ()

    The stems add up to the mixture; what the other tasks hear went through `master`, too. The
    pitch of a single note is a MIDI number with its fraction, where all is out of tune.

    Parameters
    ----------
    task
        One of `TASKS`.
    duration
        Of an item in seconds, 0.5..600.
    sr
        Sampling rate in Hz, one of `RATES`.
    hop_length
        Samples from frame to frame.
    seed
        Another one gives other items: train with one, test with another.
    pieces
        From a seed to a piece, such as `MidiExcerpts(folder)` or `partial(compose,
        style="waltz", duration=12)`; None composes. Single notes need none.
    fonts, synths, effects, cents
        As in `record`; without effects nothing is mastered either.

    Raises
    ------
    AudioError
        For an argument out of its range.

    Examples
    --------
    >>> music = SyntheticMusic("notes", duration=2, fonts={}, synths=1)
    >>> {name: tuple(tensor.shape) for name, tensor in music.item(7).items()}
    {'audio': (44100,), 'rolls': (4, 88, 173)}
    """

    def __init__(
        self,
        task: str,
        *,
        duration: float = 10.0,
        sr: int = 22050,
        hop_length: int = 256,
        seed: int = 0,
        pieces: Callable[[int], Piece] | None = None,
        fonts: Mapping[str, SoundFont] | None = None,
        synths: float = 0.5,
        effects: bool = True,
        cents: float = 50.0,
    ) -> None:
        require(task in TASKS, f"task must be one of {', '.join(TASKS)}; not {task!r}")
        require_range("duration", duration, 0.5, 600, " s")
        require(sr in RATES, f"sr must be one of {', '.join(map(str, RATES))} Hz, not {sr}")
        require(hop_length >= 1, f"hop_length must be at least 1, not {hop_length}")
        require(seed >= 0, f"seed must be at least 0, not {seed}")
        self.task = task
        self.duration = duration
        self.sr = sr
        self.hop_length = hop_length
        self.seed = seed
        self.pieces = pieces or partial(compose, duration=max(SHORTEST, duration + PADDING_SECONDS))
        self.fonts = players(fonts, synths)
        self.record = partial(
            record,
            sr=sr,
            fonts=self.fonts,
            synths=synths,
            effects=effects,
            cents=cents,
            apart=task == "separation",
        )
        self.effects = effects

    @property
    def samples(self) -> int:
        """How many an item has."""
        return round(self.duration * self.sr)

    @property
    def frames(self) -> int:
        """How many an item has."""
        return 1 + self.samples // self.hop_length

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for k in count(first, step):
            yield self.item(k)

    def piece(self, k: int) -> Piece:
        """What is played in take k."""
        seed = self._seeds(k)[0]
        if self.task == "single_notes":
            return one_note(seed, duration=self.duration)
        piece = self.pieces(seed)
        return one_voice(piece) if self.task == "f0" else piece

    def take(self, k: int) -> Multitrack:
        """The whole recording from which item k is cut, with its labels; for separation, by stems.

        Parameters
        ----------
        k
            0 or more.
        """
        with _one_thread():
            return self.record(self.piece(k), seed=self._seeds(k)[1])

    def sound(self, k: int, take: Multitrack) -> Audio:
        """What is heard of take k: its mixture, mastered unless the task is separation."""
        plain = self.task == "separation" or not self.effects
        return take.audio if plain else master(take.audio, seed=self._seeds(k)[2])

    def item(self, k: int) -> dict[str, Tensor]:
        """Item k, 0 or more.

        Raises
        ------
        AudioError
            For a k below 0.
        """
        take = self.take(k)
        spare = max(0, take.audio.samples - self.samples) // self.hop_length
        first = 0 if self.task == "single_notes" else self._seeds(k)[3] % (spare + 1)
        audio = self._cut(self.sound(k, take).y, first)[0]
        grid = FrameGrid(frames=first + self.frames, hop_length=self.hop_length, sr=self.sr)
        if self.task == "separation":
            return {"mixture": audio, "stems": self._cut(four_stems(take), first)}
        if self.task == "notes":
            rolls = note_rolls(*take.notes.values(), **grid)
            return {"audio": audio, "rolls": _tensor(rolls[..., first:])}
        if self.task == "chords":
            return {
                "audio": audio,
                "chords": _tensor(chord_frames(take.chords, **grid)[..., first:]),
            }
        (notes,) = take.notes.values()
        if self.task == "f0":
            f0 = f0_frames(notes, **grid, tuning=take.tuning)
            return {"audio": audio, "f0": _tensor(f0[first:])}
        return {
            "audio": audio,
            "pitch": _tensor(notes.pitch[0] + take.tuning),
            "velocity": _tensor(notes.velocity[0]),
            "onset": _tensor(notes.onset[0]),
            "offset": _tensor(notes.offset[0]),
        }

    def _seeds(self, k: int) -> list[int]:
        """What is drawn for item k: of its piece, its take, its master, and where it begins."""
        require(k >= 0, f"there is no item {k}; they begin with 0")
        seeds: list[int] = np.random.SeedSequence([self.seed, k]).generate_state(4).tolist()
        return seeds

    def _cut(self, y: np.ndarray, first: int) -> Tensor:
        """The samples from a frame on, with silence where the take has ended."""
        start = first * self.hop_length
        y = y[:, start : start + self.samples]
        return _tensor(np.pad(y, ((0, 0), (0, self.samples - y.shape[1]))))


def four_stems(take: Multitrack) -> np.ndarray:
    """The parts of a take, in one channel, added up to `STEMS`: shape `(4, samples)`, float32."""
    stems = np.zeros((len(STEMS), take.audio.samples), np.float32)
    for name, audio in take.stems.items():
        stems[STEMS.index(stem_of(name, take.notes[name]))] += audio.mono().y[0]
    return stems


def one_note(seed: int, *, duration: float) -> Piece:
    """A piece of one note, of any instrument, pitch and loudness, that ends before `duration`."""
    rng = np.random.default_rng(seed)
    onset = rng.uniform(0.02, 0.1) * duration
    length = np.exp(rng.uniform(np.log(0.1), np.log(0.8))) * (duration - onset)
    note = Notes(
        onset,
        onset + length,
        rng.integers(LOWEST_PITCH, LOWEST_PITCH + PITCHES),
        rng.integers(20, 128),
        rng.integers(PROGRAMS),
    )
    return piece_from_notes({"note": note}, "one note", seed)


def one_voice(piece: Piece) -> Piece:
    """A piece with that part alone whose notes overlap the least, and without its pedal."""
    pitched = {name: notes for name, notes in piece.parts.items() if not notes.is_drum.any()}
    require(bool(pitched), f"{piece} has no part with a pitch")
    name = min(pitched, key=lambda name: _overlap(pitched[name]))
    return replace(piece, parts={name: replace(pitched[name], pedal=None)})


def _overlap(notes: Notes) -> float:
    """Which share of its notes is still held when the next one has begun for a while."""
    return float((notes.offset[:-1] > notes.onset[1:] + 0.1).mean()) if len(notes) > 1 else 0.0


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch in one thread: sums come out the same everywhere; several cores are for workers."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _tensor(values: np.ndarray | float) -> Tensor:
    """As a float32 tensor that shares its memory with nothing."""
    return torch.tensor(np.asarray(values), dtype=torch.float32)
