"""Choose the device and the precision of a network."""

from __future__ import annotations

import torch

from .errors import LearningError


def choose_device(device: str | torch.device = "auto") -> torch.device:
    """Resolve a device name.

    Parameters
    ----------
    device
        `"auto"`: the first CUDA GPU if there is one, else the CPU. Otherwise a torch device name,
        such as `"cpu"`, `"cuda:1"` or `"mps"`.

    Raises
    ------
    LearningError
        When torch does not know the name, or this computer has no such device.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    if isinstance(device, str) and device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)  # torch.device accepts names of missing devices
    except (TypeError, ValueError, RuntimeError, AssertionError, NotImplementedError) as reason:
        line = (str(reason).splitlines() or [""])[0]
        raise LearningError(f"device {str(device)!r} cannot be used here: {line}") from None
    return chosen


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device has bfloat16 instructions; without them bfloat16 is slower than float32.

    Parameters
    ----------
    device
        A CUDA GPU or the CPU. For other devices torch has no such query, and the result is False.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()


def choose_precision(precision: str, device: torch.device) -> str:
    """Resolve `"auto"` to `"bfloat16"` or `"float32"`; other values are returned unchanged."""
    if not isinstance(precision, str) or precision != "auto":
        return precision
    return "bfloat16" if has_bfloat16(device) else "float32"
