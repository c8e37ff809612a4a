"""Files of a data set: atomic writes, sha256 digests, resumption and verification."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import mirlab
from mirlab.core import AudioError
from mirlab.core.files import WatchedFile, atomic_write, is_temporary, sweep_temporaries

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Item:
    """Entry of an item in the manifest: duration in seconds and sha256 of its files."""

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
    existing = (read_json(folder / MANIFEST) or {}).get("recipe")
    if existing is None:
        raise AudioError(f"{folder}: is not empty, and holds no data set")
    for name, value in json.loads(json.dumps(recipe)).items():
        if existing.get(name) != value:
            difference = f"{name} {existing.get(name)!r}, not {value!r}"
            raise AudioError(f"{folder}: holds a data set made with {difference}")


def manifest(recipe: dict[str, Any], items: Iterable[Item] | None) -> dict[str, Any]:
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


def found_item(path: Path) -> Item | None:
    """Read an item's JSON; None unless all its files exist with the right sha256."""
    truth = read_json(path)
    if truth is None:
        return None
    for name, digest in truth["files"].items():
        file = path.with_name(name)
        if not file.is_file() or sha256(file) != digest:
            return None
    return Item(truth["seconds"], {**truth["files"], path.name: sha256(path)})


def verify(folder: Path) -> list[str]:
    """Check a data set; return a line for each missing, damaged or unknown file.

    Raises
    ------
    AudioError
        If there is no manifest, or the data set is not finished.
    """
    recorded = read_json(folder / MANIFEST)
    if recorded is None or "files" not in recorded:
        raise AudioError(f"{folder}: there is no manifest")
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
    """Write samples as 16-bit FLAC."""
    import soundfile

    with atomic_write(path, error=AudioError) as temporary, WatchedFile(temporary, "w") as file:
        soundfile.write(file, y, sr, format="FLAC", subtype="PCM_16")
        if file.failure:
            raise file.failure


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write JSON on one line."""
    with atomic_write(path, error=AudioError) as temporary:
        temporary.write_text(json.dumps(value) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a JSON file; None if it is missing or invalid."""
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value


def sha256(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
