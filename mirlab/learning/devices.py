"""Where a network computes, and in which precision."""

from __future__ import annotations

import torch

from .errors import LearningError


def choose_device(device: str | torch.device = "auto") -> torch.device:
    """The device to compute on.

    Parameters
    ----------
    device
        `"auto"`: the first CUDA GPU where there is one, else the processor. Otherwise a name of
        torch's, such as `"cpu"`, `"cuda:1"` or `"mps"`.

    Raises
    ------
    LearningError
        For a name that torch does not know, or a device that is not here.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)  # torch knows names of devices that are not there
    except (RuntimeError, AssertionError, NotImplementedError) as reason:
        line = str(reason).splitlines()[0]
        raise LearningError(f"device {str(device)!r} cannot be used here: {line}") from None
    return chosen


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; without them it is slower than float32.

    Parameters
    ----------
    device
        A CUDA GPU or the processor; of others torch does not say, and the answer is no.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()


def choose_precision(precision: str, device: torch.device) -> str:
    """Resolve `"auto"` to `"bfloat16"` or `"float32"`; any other word stays as it is."""
    if precision != "auto":
        return precision
    return "bfloat16" if has_bfloat16(device) else "float32"
