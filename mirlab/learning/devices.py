"""Where a network computes."""

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
