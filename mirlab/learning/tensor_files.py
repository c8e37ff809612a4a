"""Tensors in safetensors files: no code in them, and one clear error for what is none."""

from __future__ import annotations

import hashlib
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .errors import WeightsError


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write tensors and words about them; tensors that share memory are written each."""
    whole = {name: t.detach().cpu().clone().contiguous() for name, t in tensors.items()}
    save_file(whole, path, metadata)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file, on the CPU, and the words about them.

    Raises
    ------
    WeightsError
        When there is no such file, or it is no safetensors file.
    """
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (SafetensorError, OSError) as reason:
        raise WeightsError(f"{path}: is no whole safetensors file ({reason})") from None


def sha256_of(path: Path) -> str:
    """sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
