"""Files of a data set: atomic writes, sha256 digests, resumption and verification."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

import mirlab
from mirlab.core import AudioError
from mirlab.core.audio_files import write
from mirlab.core.files import atomic_write, is_temporary, sweep_temporaries
from mirlab.core.json_files import read_json

MANIFEST = "manifest.json"
MAX_NAME = 255  # bytes of a file's name on most systems


@dataclass(frozen=True)
class Item:
    """Entry of an item in the manifest: duration in seconds and sha256 of its files."""

    seconds: float
    files: dict[str, str]


class Manifest(TypedDict):
    """The manifest of a data set: how it was made, and the sha256 of its files by name."""

    made_with: str
    recipe: dict[str, Any]
    complete: bool
    items: int
    seconds: float
    files: dict[str, str]


class _Item(TypedDict):
    """What resuming takes from the JSON of an item."""

    seconds: float
    files: dict[str, str]


def open_folder(folder: Path, recipe: dict[str, Any]) -> None:
    """Start a data set, or check that the one in the folder has the same recipe."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep_temporaries(folder)  # left by a run that was killed, maybe before its first file
        empty = all(is_temporary(path.name) for path in folder.iterdir())
    except OSError as reason:
        raise AudioError(f"{folder}: cannot be made ({reason.strerror})") from reason
    if empty:
        write_json(folder / MANIFEST, manifest(recipe, None))
        return
    if not (folder / MANIFEST).exists():
        raise AudioError(f"{folder}: is not empty, and holds no data set")
    existing = read_manifest(folder)["recipe"]
    for name, value in json.loads(json.dumps(recipe)).items():
        if existing.get(name) != value:
            difference = f"{name} {existing.get(name)!r}, not {value!r}"
            raise AudioError(f"{folder}: holds a data set made with {difference}")


def manifest(recipe: dict[str, Any], items: Iterable[Item] | None) -> Manifest:
    """The manifest of a data set; without items, that of an incomplete one."""
    made = list(items or ())
    return {
        "made_with": f"mirlab {mirlab.__version__}",
        "recipe": recipe,
        "complete": items is not None,
        "items": len(made),
        "seconds": sum(item.seconds for item in made),
        "files": {name: digest for item in made for name, digest in item.files.items()},
    }


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a data set.

    Raises
    ------
    AudioError
        If there is none, or it is damaged.
    """
    path = folder / MANIFEST
    if not path.exists():
        raise AudioError(f"{folder}: there is no manifest")
    found: Manifest = read_json(path, Manifest, kind="the manifest of a data set", error=AudioError)
    for name in found["files"]:
        if not is_plain(name):
            raise AudioError(f"{path}: {name!r} is not the name of a file in this folder")
    return found


def is_plain(name: str) -> bool:
    """Whether a name is that of a file in the same folder."""
    plain = name not in ("", ".", "..") and not set(name) & set("/\\\0")
    return plain and len(name.encode()) <= MAX_NAME


def found_item(path: Path) -> Item | None:
    """Read an item's JSON; None unless all its files exist with the right sha256."""
    try:
        truth: _Item = read_json(path, _Item, kind="the JSON of an item", error=AudioError)
    except AudioError:  # it is made anew
        return None
    for name, digest in truth["files"].items():
        file = path.parent / name
        if not is_plain(name) or not file.is_file() or sha256(file) != digest:
            return None
    return Item(truth["seconds"], {**truth["files"], path.name: sha256(path)})


def verify(folder: Path) -> list[str]:
    """Check a data set; return a line for each missing, damaged or unknown file.

    Raises
    ------
    AudioError
        If there is no manifest, or the data set is not finished.
    """
    recorded = read_manifest(folder)
    if not recorded["complete"]:
        raise AudioError(f"{folder}: is not finished; repeat its command to resume it")
    problems = []
    for name, digest in recorded["files"].items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{name}: is missing")
        elif sha256(path) != digest:
            problems.append(f"{name}: is not what was written")
    known = {MANIFEST, *recorded["files"]}
    unknown = sorted(path.name for path in folder.iterdir() if path.name not in known)
    return problems + [f"{name}: does not belong here" for name in unknown]


def write_flac(path: Path, y: np.ndarray, sr: int) -> None:
    """Write samples, shape (samples,), as 16-bit FLAC."""
    write(path, y[None], sr, subtype="PCM_16")


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON on one line."""
    with atomic_write(path, error=AudioError) as temporary:
        temporary.write_text(json.dumps(value) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
