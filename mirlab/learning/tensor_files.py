"""Read and write safetensors files, which contain no code; one error for invalid files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .errors import WeightsError


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write tensors and metadata; tensors that share memory are written separately."""
    copies = {name: t.detach().cpu().clone().contiguous() for name, t in tensors.items()}
    save_file(copies, path, metadata)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read the tensors of a file, on the CPU, and its metadata.

    Raises
    ------
    WeightsError
        When the file does not exist or is not a safetensors file.
    """
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (SafetensorError, OSError) as reason:
        raise WeightsError(f"{path}: is not a complete safetensors file ({reason})") from None


def sha256_of(path: Path) -> str:
    """sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
