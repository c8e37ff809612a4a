"""Everything that opens foreign files, with valid files to mutate and a check of what it reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from data_scripts.dataset_files import MANIFEST, found_item, manifest, read_manifest
from mirlab.composer import piece_from_midi
from mirlab.core import Audio, MirlabError, Notes, Segments, SegmentsError
from mirlab.core.rendering import has_fluidsynth
from mirlab.learning import fit, load_weights, save_weights
from mirlab.learning.tensor_files import read_tensors, write_tensors
from mirlab.report import save_index
from mirlab.score import engrave, write_musicxml
from mirlab.synthesis.soundfonts import SoundFont

from . import files

MAX_SECONDS = 4 * 3600
MAX_PIECE = 3600  # s; the chords of a piece of many hours take more than 2 s


@dataclass(frozen=True)
class Reader:
    """A reader under test.

    Parameters
    ----------
    name
        Name of the file to read.
    valid
        Function that makes valid files.
    read
        Function that reads the file and what depends on it, and raises a `ValueError` if the
        result makes no sense.
    text
        Whether the file is text.
    every
        Each how many numbers a file is read; more than 1 for a slow reader.
    """

    name: str
    valid: Callable[[], list[bytes]]
    read: Callable[[Path], None]
    text: bool = False
    every: int = 1


def all_readers() -> dict[str, Reader]:
    """The readers by name; without that of sound fonts where FluidSynth is not installed."""
    readers = {
        "wav": Reader("a.wav", files.wav_files, read_audio),
        "aiff, w64, caf, au": Reader("a.aiff", files.chunked_files, read_audio),
        "flac": Reader("a.flac", files.flac_files, read_audio),
        "ogg": Reader("a.ogg", files.ogg_files, read_audio),
        "mp3": Reader("a.mp3", files.mp3_files, read_audio),
        "midi": Reader("a.mid", files.midi_files, read_midi),
        "lab": Reader("a.lab", files.lab_files, read_lab, text=True),
        "musicxml": Reader("a.musicxml", musicxml_files, read_score, text=True, every=10),
        "analysis.json": Reader("analysis.json", files.analysis_files, read_analysis, text=True),
        "card": Reader("net.json", card_files, read_card, text=True),
        "weights": Reader("net.safetensors", weight_files, read_weights),
        "checkpoint": Reader("checkpoint.safetensors", checkpoint_files, read_checkpoint),
        "checkpoint's JSON": Reader("state.json", state_files, read_state, text=True),
        "manifest": Reader(MANIFEST, manifest_files, read_data_set, text=True),
    }
    if has_fluidsynth():
        readers["sound font"] = Reader("a.sf2", files.font_files, read_font)
    return readers


def require(condition: bool, line: str) -> None:
    """Raise a `ValueError` for a result that makes no sense."""
    if not condition:
        raise ValueError(line)


def read_audio(path: Path) -> None:
    """Load a sound, and an excerpt at another rate."""
    audio = Audio.load(path)
    require(bool(np.isfinite(audio.y).all()), "samples are not finite")
    require(0 < audio.duration <= MAX_SECONDS, f"lasts {audio.duration} s")
    excerpt = Audio.load(path, sr=8000, mono=True, offset=0.1, duration=0.1)
    require(excerpt.channels == 1 and excerpt.duration < 0.12, f"excerpt is {excerpt}")


def read_midi(path: Path) -> None:
    """Read notes, write and read them again, and make a piece of them."""
    notes = Notes.from_midi(path)
    require(bool((notes.offset > notes.onset).all()), "a note has no length")
    again = Notes.from_midi(notes.save(path.with_name("again.mid")))
    require(len(again) == len(notes), f"{len(notes)} notes, written and read {len(again)}")
    if notes.duration < MAX_PIECE:
        piece_from_midi(path)


def read_lab(path: Path) -> None:
    """Read segments, as chords too, write and read them again."""
    segments = Segments.load(path)
    again = Segments.load(segments.save(path.with_name("again.lab")))
    require(again.labels == segments.labels, "the labels change when they are written")
    with suppress(SegmentsError):  # beats are no chords
        Segments.load(path, chords=True)


def read_score(path: Path) -> None:
    """Engrave a score."""
    require(engrave(path).startswith("<svg"), "is no SVG")


def read_analysis(path: Path) -> None:
    """List a piece in an index; a damaged one is a line of problems."""
    (path.parent / "songs" / "a").mkdir(parents=True, exist_ok=True)
    (path.parent / "songs" / "a" / path.name).write_bytes(path.read_bytes())
    page, problems = save_index(path.parent / "songs")
    require(page.is_file() and all("\n" not in line for line in problems), "no page")
    if len(problems) > 1 or "has no report" not in problems[0]:
        raise MirlabError(problems[0])


def read_card(path: Path) -> None:
    """Load weights by a card."""
    path.with_suffix(".safetensors").write_bytes(weight_files()[0])
    load_weights(network(), path.with_suffix(".safetensors"))


def read_weights(path: Path) -> None:
    """Load weights whose card has their hash."""
    card = json.loads(card_files()[0])
    card["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(card))
    load_weights(network(), path)


def read_checkpoint(path: Path) -> None:
    """Resume a training."""
    history = train(path.parent)
    require(len(history.rows) > 0, "no history")


def read_state(path: Path) -> None:
    """Resume a training whose checkpoint has this state and these names of tensors."""
    checkpoint = path.with_name("checkpoint.safetensors")
    checkpoint.write_bytes(checkpoint_files()[0])
    tensors, metadata = read_tensors(checkpoint)
    names, _, state = path.read_bytes().partition(b"\n")
    found = dict(zip(names.decode("latin-1").split("\t"), tensors.values(), strict=False))
    write_tensors(checkpoint, found, {key: state.decode("latin-1") for key in metadata})
    read_checkpoint(checkpoint)


def read_data_set(path: Path) -> None:
    """Read the manifest of a data set, and the same as the JSON of an item."""
    found_item(path)
    read_manifest(path.parent)


def read_font(path: Path) -> None:
    """Play notes by a sound font, under a name of its own, since fonts stay in memory."""
    name = f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}.sf2"
    font = path.rename(path.with_name(name))
    y = SoundFont(font).samples(files.some_notes(), sr=8000)
    font.unlink()
    require(bool(np.isfinite(y).all()), "samples are not finite")


def network() -> torch.nn.Module:
    """A small network, always with the same weights."""
    torch.manual_seed(0)
    return torch.nn.Linear(3, 2)


def train(folder: Path) -> Any:
    """Train the small network for two steps, with a checkpoint in a folder."""

    def loss(model: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
        return model(batch).square().mean()

    batches = [torch.ones(1, 3)] * 4
    return fit(network(), loss, batches, steps=2, checkpoint=folder, progress=False, device="cpu")


def _files_made(make: Callable[[Path], Path]) -> Iterator[bytes]:
    """The file that a function writes into a new folder."""
    with TemporaryDirectory() as folder:
        yield make(Path(folder)).read_bytes()


@cache
def weight_files() -> list[bytes]:
    """Weights of the small network."""
    return [*_files_made(lambda folder: _saved(folder))]


@cache
def card_files() -> list[bytes]:
    """The card of these weights."""
    return [*_files_made(lambda folder: _saved(folder).with_suffix(".json"))]


def _saved(folder: Path) -> Path:
    """Save the small network with its card."""
    path = folder / "net.safetensors"
    save_weights(
        network(),
        path,
        name="chords/mine",
        trained_on="nothing",
        licence="CC0-1.0",
        arguments={"in_features": 3, "out_features": 2},
        seed=1,
        scores={"f": 0.5},
        protocol="none",
        history=[{"step": 1, "loss": 0.5}],
    )
    return path


@cache
def checkpoint_files() -> list[bytes]:
    """The checkpoint of a training."""

    def make(folder: Path) -> Path:
        train(folder)
        return folder / "checkpoint.safetensors"

    return [*_files_made(make)]


def state_files() -> list[bytes]:
    """The names of the tensors in a checkpoint, and the JSON that it holds."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.safetensors"
        path.write_bytes(checkpoint_files()[0])
        tensors, metadata = read_tensors(path)
    return ["\n".join(("\t".join(tensors), *metadata.values())).encode()]


def manifest_files() -> list[bytes]:
    """The manifest of a data set."""
    recipe = {"task": "notes", "duration": 2.0, "seed": 1}
    item = manifest(recipe, []) | {"items": 1, "seconds": 2.0, "files": {"000000.flac": "ab" * 32}}
    return [json.dumps(item).encode()]


def musicxml_files() -> list[bytes]:
    """A short score."""
    notes = Notes.from_midi(files.midi_files()[1])
    return [
        *_files_made(
            lambda folder: Path(write_musicxml(notes, folder / "a.musicxml", key="C major"))
        )
    ]
