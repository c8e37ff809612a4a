"""The small note network as a probe: always trained alike, always tested alike.

What is compared (a spectrogram, a kind of data) is a `Listener`; everything else is defined here
and equal for all: the size of the network, the training steps, the tests. Intermediate results are
cached in `_build/note_nets`, so that the same command resumes a stopped run.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.recordings import data_folder
from benchmarks.results import ROOT, Score
from benchmarks.transcription import small_net_scores, test_sets
from benchmarks.transcription.test_sets import HOP, SR
from mirlab import spectra
from mirlab.core.errors import MirlabError
from mirlab.core.files import atomic_write
from mirlab.learning import Batches, fit, shuffled
from mirlab.synthesis import SyntheticMusic
from mirlab.transcription.networks import LogFrequencyAxis, NoteNet
from mirlab.transcription.training import note_loss

FOLDER = ROOT / "_build" / "note_nets"
SEEDS = (0, 1, 2)
ITEMS = 300  # items of a training set
TASK = 25  # items made at a time
SECONDS = 12.0  # s of each item
CROP = 256  # frames of a training excerpt, 4.5 s
SIZE = 4  # excerpts per step
STEPS = 250
RATE = 5e-3
PROCESSES = 2

PROTOCOL = f"""
net: mirlab.transcription.networks.NoteNet, 18 channels, 29,080 parameters, behind PitchAxis, {SR:,}
Hz, a frame every {HOP} samples. training: {ITEMS} items of {SECONDS:g} s, seed 1, the same for all
rows; {STEPS} steps of {SIZE} stretches of {CROP} frames ({STEPS * SIZE * CROP * HOP / SR / 60:.0f}
minutes of sound heard), AdamW with a highest rate of {RATE:g}, the moving average of the weights;
three seeds for first weights and order, each a file of the results, so the interval is their
spread. training_s: CPU seconds of a training, one thread.
"""


@dataclass(frozen=True)
class Listener:
    """A note network before training.

    Parameters
    ----------
    row
        Its name in the results.
    data
        The name of its training set.
    transform
        Its input, at `SR` and `HOP`.
    arguments
        Of `NoteNet`.
    steps
        Number of training steps.
    seeds
        Seeds of its trainings.
    """

    row: str
    data: str
    transform: spectra.Transform
    arguments: Mapping[str, Any]
    steps: int = STEPS
    seeds: tuple[int, ...] = SEEDS


def measured(
    listeners: Sequence[Listener], data: Mapping[str, Callable[[], SyntheticMusic]]
) -> list[Score]:
    """Train every listener with each of its seeds, and run all tests.

    Parameters
    ----------
    listeners
        What is compared.
    data
        From the name of a training set to its source of items.

    Returns
    -------
    list of Score
        One for each test set, listener and seed.

    Raises
    ------
    MirlabError
        When the recordings or a sound font are missing.
    """
    from joblib import Parallel, delayed
    from tqdm import tqdm

    data_folder()  # report missing data before the work
    test_sets.fonts(test_sets.UNSEEN, *test_sets.SEEN)
    for name in dict.fromkeys(listener.data for listener in listeners):
        training_set(name, data[name])
    jobs = [(listener, seed) for seed in SEEDS for listener in listeners if seed in listener.seeds]
    with Parallel(n_jobs=PROCESSES, return_as="generator", batch_size=1) as pool:
        answers = pool(delayed(answers_of)(listener, seed) for listener, seed in jobs)
        shown = tqdm(answers, total=len(jobs), desc="note nets", unit="training")
        return [
            Score(name, f"seed {seed}", listener.row, values)
            for (listener, seed), tables in zip(jobs, shown, strict=True)
            for name, values in tables.items()
        ]


def answers_of(listener: Listener, seed: int) -> dict[str, dict[str, float]]:
    """Scores of a trained listener by test set; cached, so computed once."""
    torch.set_num_threads(1)
    key = (listener.data, listener.transform, listener.arguments, listener.steps)
    equal = " ".join(map(str, (*key, PROTOCOL, small_net_scores.PROTOCOL)))
    digest = hashlib.sha256(equal.encode()).hexdigest()
    name = f"{digest[:16]} {seed}"
    path = FOLDER / "answers" / f"{name}.json"
    if path.exists():
        kept: dict[str, dict[str, float]] = json.loads(path.read_text())
        return kept
    front = LogFrequencyAxis(listener.transform)
    net, seconds = trained(listener, front, seed, FOLDER / "checkpoints" / name)
    tables = small_net_scores.answers(PosteriorModel(front, net))
    tables["cost"] |= {"training_s": seconds}
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, error=MirlabError) as temporary:
        temporary.write_text(json.dumps(tables))
    return tables


def trained(
    listener: Listener, front: LogFrequencyAxis, seed: int, checkpoint: Path
) -> tuple[NoteNet, float]:
    """Train the network; return it and the CPU seconds of the training."""
    sounds, rolls = (np.load(path, mmap_mode="r") for path in _paths(listener.data))
    torch.manual_seed(seed)
    net = NoteNet(**listener.arguments)
    started = time.process_time()
    spectrograms = spectrograms_of(front, sounds)
    order = shuffled(range(len(sounds)), seed=seed)

    def item(k: int) -> tuple[Tensor, Tensor]:
        """Random excerpt of an item, a function of its index."""
        i = order(k)
        start = np.random.default_rng([seed, k]).integers(spectrograms.shape[-1] - CROP)
        here = slice(start, start + CROP)
        x, y = (
            torch.from_numpy(part[i, ..., here].astype(np.float32))
            for part in (spectrograms, rolls)
        )
        return x, y

    def loss(net: torch.nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        return note_loss(net(batch[0]), batch[1])

    batches = Batches(item, size=SIZE)
    fit(
        net,
        loss,
        batches,
        steps=listener.steps,
        lr=RATE,
        ema=0.98,
        every=50,
        checkpoint=checkpoint,
        seed=seed,
        device="cpu",
        progress=False,
    )
    return net, time.process_time() - started


def spectrograms_of(front: LogFrequencyAxis, sounds: Iterable[np.ndarray]) -> np.ndarray:
    """Network input for sounds of equal length: float16, shape (sounds, BINS, frames)."""
    with torch.no_grad():
        rows = [front(torch.from_numpy(y / np.float32(32768))[None])[0] for y in sounds]
    return torch.stack([row.half() for row in rows]).numpy()


class PosteriorModel:
    """A trained listener as a function from samples to rolls."""

    def __init__(self, front: LogFrequencyAxis, net: NoteNet) -> None:
        self.front, self.net = front, net

    def __call__(self, y: np.ndarray) -> np.ndarray:
        """Posteriors of a sound, shape `(4, 88, frames)`."""
        with torch.no_grad():
            logits = self.net(self.front(torch.from_numpy(y)[None]))
        rolls: np.ndarray = torch.sigmoid(logits)[0].numpy()
        return rolls


def training_set(name: str, supply: Callable[[], SyntheticMusic]) -> None:
    """Make the items of a training set, unless they exist."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    if all(path.exists() for path in _paths(name)):
        return
    music = supply()
    # many at a time: a process that loads large sound fonts after its first task is restarted
    tasks = [range(first, min(first + TASK, ITEMS)) for first in range(0, ITEMS, TASK)]
    with Parallel(n_jobs=PROCESSES, return_as="generator") as pool:
        made = pool(delayed(_items)(music, numbers) for numbers in tasks)
        items = [item for batch in tqdm(made, total=len(tasks), desc=name) for item in batch]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, rows in zip(_paths(name), zip(*items, strict=True), strict=True):
        with atomic_write(path, error=MirlabError) as temporary, temporary.open("wb") as file:
            np.save(file, np.stack(rows))


def _items(music: SyntheticMusic, numbers: Iterable[int]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Sounds of items as 16-bit integers, and their rolls, both compact."""
    items = map(music.item, numbers)
    return [
        (
            np.round(32767 * item["audio"].numpy().clip(-1, 1)).astype(np.int16),
            item["rolls"].numpy().astype(np.float16),
        )
        for item in items
    ]


def _paths(name: str) -> tuple[Path, Path]:
    """Paths of the sounds and rolls of a training set."""
    return FOLDER / f"{name} sounds.npy", FOLDER / f"{name} rolls.npy"
