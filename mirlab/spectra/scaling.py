"""From coefficients or power to what one looks at: the one place where spectra are scaled."""

from __future__ import annotations

import torch
from torch import Tensor

from ..core.checks import require

SCALES = ("power", "amplitude", "db", "log1p")
LEAST = 1e-10  # power that counts as silence in dB: librosa's `amin`


def scale(
    spectrum: Tensor, to: str, *, reference: float = 1.0, db_range: float | None = 80.0
) -> Tensor:
    """Scale a spectrum; the one place in the room where that is done.

    Parameters
    ----------
    spectrum
        What a transform gives, shape `(..., bins, frames)`: complex coefficients, or real power
        of at least 0.
    to
        `"power"`, the square of the size; `"amplitude"`, the size; `"db"`,
        10 log10(power / reference); `"log1p"`, ln(1 + power / reference), smooth and 0 for silence.
    reference
        The power that stands for 0 dB, and beyond which log1p bends from line to logarithm;
        positive.
    db_range
        For dB: what lies further below the loudest cell of each `(bins, frames)` picture is lifted
        to that; None keeps all down to a power of 1e-10.

    Returns
    -------
    Tensor
        Real, shape `(..., bins, frames)`.

    Raises
    ------
    AudioError
        For another scale, or a reference or range that is not positive.

    Examples
    --------
    >>> power = torch.tensor([[1.0, 0.01]])
    >>> scale(power, "db").tolist()
    [[0.0, -20.0]]
    """
    require(to in SCALES, f"to must be one of {', '.join(SCALES)}; not {to!r}")
    require(reference > 0, f"reference must be positive, not {reference}")
    require(db_range is None or db_range > 0, f"db_range must be positive, not {db_range}")
    if to == "amplitude":
        # a root has no slope at 0, where the gradient of a complex number's size is 0
        return spectrum.abs() if spectrum.is_complex() else spectrum.clamp(min=LEAST**2).sqrt()
    power = power_of(spectrum)
    if to == "power":
        return power
    if to == "log1p":
        return torch.log1p(power / reference)
    level = 10 * torch.log10(power.clamp(min=LEAST) / reference)
    if db_range is None:
        return level
    return torch.maximum(level, level.amax(dim=(-2, -1), keepdim=True) - db_range)


def power_of(spectrum: Tensor) -> Tensor:
    """|X|^2 of complex coefficients; power, which is real, stays what it is."""
    if not spectrum.is_complex():
        return spectrum
    return spectrum.real.square() + spectrum.imag.square()
