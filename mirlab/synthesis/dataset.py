"""`SyntheticMusic`: an endless training set whose items are functions of their index."""

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
from ..core import Audio, AudioError, Notes
from ..core.checks import (
    require,
    require_choice,
    require_count,
    require_flag,
    require_number,
    require_seed,
    require_type,
)
from ..core.constants import LOWEST_PITCH, PITCHES
from .checks import require_range
from .recording import MAX_CENTS, STEMS, master, record, resolve_fonts, stem_of
from .soundfonts import SoundFont
from .studio import Multitrack
from .targets import chord_frames, f0_frames, note_rolls

TASKS = ("chords", "f0", "notes", "separation", "single_notes")
PADDING_SECONDS = 1.0  # s by which a piece is longer than an item, a random excerpt of it
SHORTEST = 4.0  # s, minimum duration of a composed piece
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # Hz; those of MP3
PROGRAMS = 112  # General MIDI instruments before the percussion and the sound effects


class FrameGrid(TypedDict):
    """Frame grid of a target, as keyword arguments of the functions in `targets`."""

    frames: int
    hop_length: int
    sr: int


class SyntheticMusic(IterableDataset[dict[str, Tensor]]):
    """Labelled music, composed, rendered and recorded on demand.

    Given the same sound fonts, item k depends only on `seed` and k, not on the number of
    processes. Iteration yields the items 0, 1, 2, ... in this order, also with the workers of a
    `DataLoader` with `batch_size=None`. For resumable training use
    `mirlab.learning.Batches(music.item, size=16, n_jobs=2)`.

    An item is a dictionary of tensors of fixed shapes (samples = `duration * sr`; frame t lies at
    sample `t * hop_length`, frames = 1 + samples // hop_length):

    - `"separation"`: `mixture` (samples,), `stems` (4, samples): drums, bass, melody, harmony
    - `"notes"`: `audio` (samples,), `rolls` (4, 88, frames) as in `note_rolls`
    - `"chords"`: `audio` (samples,), `chords` (3, 12, frames) as in `chord_frames`
    - `"f0"`: `audio` (samples,) of one voice, `f0` (frames,) in Hz
    - `"single_notes"`: `audio` (samples,), `pitch`, `velocity`, `onset` and `offset` in s: ()

    The stems add up to the mixture; the audio of the other tasks is mastered by `master`. The
    pitch of a single note is a MIDI number, fractional where the recording is out of tune.

    Parameters
    ----------
    task
        One of `TASKS`.
    duration
        Duration of an item in seconds, 0.5..600.
    sr
        Sampling rate in Hz, one of `RATES`.
    hop_length
        Samples between frames.
    seed
        Different seeds give different items: train with one, test with another.
    pieces
        Function from a seed to a piece, such as `MidiExcerpts(folder)` or `partial(compose,
        style="waltz", duration=12)`; None composes. Ignored for single notes.
    fonts, synths, effects, cents
        As in `record`; without effects the audio is not mastered either.

    Raises
    ------
    AudioError
        If an argument is out of range.

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
        require_choice("task", task, TASKS)
        require_range("duration", duration, 0.5, 600, " s")
        require_number("sr", sr)
        require(sr in RATES, f"sr must be one of {', '.join(map(str, RATES))} Hz, not {sr}")
        require_count("hop_length", hop_length)
        require_seed(seed)
        require_flag("effects", effects)
        require_range("cents", cents, 0, MAX_CENTS)
        is_made = pieces is None or callable(pieces)
        require(is_made, f"pieces must be a function or None, not {type(pieces).__name__}")
        self.task = task
        self.duration = duration
        self.sr = sr
        self.hop_length = hop_length
        self.seed = seed
        self.pieces = (
            pieces
            if pieces is not None
            else partial(compose, duration=max(SHORTEST, duration + PADDING_SECONDS))
        )
        self.fonts = resolve_fonts(fonts, synths)
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
        """Samples per item."""
        return round(self.duration * self.sr)

    @property
    def frames(self) -> int:
        """Frames per item."""
        return 1 + self.samples // self.hop_length

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for k in count(first, step):
            yield self.item(k)

    def piece(self, k: int) -> Piece:
        """The piece of take k."""
        seed = self._seeds(k)[0]
        if self.task == "single_notes":
            return random_note_piece(seed, duration=self.duration)
        piece = self.pieces(seed)
        require_type("what pieces gives", piece, Piece, AudioError)
        return monophonic_part(piece) if self.task == "f0" else piece

    def take(self, k: int) -> Multitrack:
        """The whole labelled recording of which item k is an excerpt; for separation, by stems.

        Parameters
        ----------
        k
            Index, 0 or more.
        """
        with _single_thread():
            return self.record(self.piece(k), seed=self._seeds(k)[1])

    def sound(self, k: int, take: Multitrack) -> Audio:
        """The mixture of take k, mastered unless the task is separation."""
        plain = self.task == "separation" or not self.effects
        return take.audio if plain else master(take.audio, seed=self._seeds(k)[2])

    def item(self, k: int) -> dict[str, Tensor]:
        """Item k, 0 or more.

        Raises
        ------
        AudioError
            If k is negative.
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
        """Seeds of item k: for its piece, its recording, its mastering and its start."""
        whole = isinstance(k, int | np.integer) and k >= 0
        require(whole, f"there is no item {k!r}; they are integers from 0 on")
        seeds: list[int] = np.random.SeedSequence([self.seed, k]).generate_state(4).tolist()
        return seeds

    def _cut(self, y: np.ndarray, first: int) -> Tensor:
        """Samples from a frame on, zero-padded at the end of the take."""
        start = first * self.hop_length
        y = y[:, start : start + self.samples]
        return _tensor(np.pad(y, ((0, 0), (0, self.samples - y.shape[1]))))


def four_stems(take: Multitrack) -> np.ndarray:
    """Mono sums of the parts for each of `STEMS`, shape `(4, samples)`, float32."""
    stems = np.zeros((len(STEMS), take.audio.samples), np.float32)
    for name, audio in take.stems.items():
        stems[STEMS.index(stem_of(name, take.notes[name]))] += audio.mono().y[0]
    return stems


def random_note_piece(seed: int, *, duration: float) -> Piece:
    """A piece of one random note, of any instrument, pitch and velocity, ending by `duration`."""
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


def monophonic_part(piece: Piece) -> Piece:
    """Reduce a piece to the part whose notes overlap least, without its pedal."""
    pitched = {name: notes for name, notes in piece.parts.items() if not notes.is_drum.any()}
    require(bool(pitched), f"{piece} has no part with a pitch")
    name = min(pitched, key=lambda name: _overlap(pitched[name]))
    return replace(piece, parts={name: replace(pitched[name], pedal=None)})


def _overlap(notes: Notes) -> float:
    """Fraction of notes that overlap the next one by more than 0.1 s."""
    return float((notes.offset[:-1] > notes.onset[1:] + 0.1).mean()) if len(notes) > 1 else 0.0


@contextmanager
def _single_thread() -> Iterator[None]:
    """Run torch in one thread: sums are reproducible, and workers use the other cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _tensor(values: np.ndarray | float) -> Tensor:
    """Copy to a float32 tensor."""
    return torch.tensor(np.asarray(values), dtype=torch.float32)
