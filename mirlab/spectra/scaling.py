"""Scaling of spectra: power, amplitude, decibels, log1p."""

from __future__ import annotations

import torch
from torch import Tensor

from ..core.checks import as_float, require, require_type
from ..core.errors import AudioError

SCALES = ("power", "amplitude", "db", "log1p")
MIN_POWER = 1e-10  # lowest power in dB conversion: librosa's `amin`


def scale(
    spectrum: Tensor, to: str, *, reference: float = 1.0, db_range: float | None = 80.0
) -> Tensor:
    """Scale the output of a transform.

    Parameters
    ----------
    spectrum
        Output of a transform, shape `(..., bins, frames)`: complex coefficients, or real power of
        at least 0.
    to
        `"power"`, the squared magnitude; `"amplitude"`, the magnitude; `"db"`,
        10 log10(power / reference); `"log1p"`, ln(1 + power / reference), smooth and 0 for silence.
    reference
        Power at 0 dB, and at the transition of log1p from linear to logarithmic; positive.
    db_range
        For dB: dynamic range of each `(bins, frames)` spectrogram; lower levels are clipped to the
        maximum minus this value. None clips at a power of 1e-10.

    Returns
    -------
    Tensor
        Real, shape `(..., bins, frames)`.

    Raises
    ------
    AudioError
        If the scale is unknown, or `reference` or `db_range` is not positive.

    Examples
    --------
    >>> power = torch.tensor([[1.0, 0.01]])
    >>> scale(power, "db").tolist()
    [[0.0, -20.0]]
    """
    require_type("spectrum", spectrum, Tensor, AudioError)
    known = isinstance(to, str) and to in SCALES
    require(known, f"to must be one of {', '.join(SCALES)}; not {to!r}")
    positive = as_float("reference", reference, AudioError) > 0
    require(positive, f"reference must be positive, not {reference}")
    positive = db_range is None or as_float("db_range", db_range, AudioError) > 0
    require(positive, f"db_range must be positive, not {db_range}")
    if to == "amplitude":
        # the gradient of sqrt is infinite at 0; that of the complex magnitude is defined as 0 there
        return spectrum.abs() if spectrum.is_complex() else spectrum.clamp(min=MIN_POWER**2).sqrt()
    power = power_of(spectrum)
    if to == "power":
        return power
    if to == "log1p":
        return torch.log1p(power / float(reference))
    level = 10 * torch.log10(power.clamp(min=MIN_POWER) / float(reference))
    if db_range is None:
        return level
    return torch.maximum(level, level.amax(dim=(-2, -1), keepdim=True) - float(db_range))


def power_of(spectrum: Tensor) -> Tensor:
    """Power |X|^2 of complex coefficients; real input, which is power, is returned unchanged."""
    if not spectrum.is_complex():
        return spectrum
    return spectrum.real.square() + spectrum.imag.square()
