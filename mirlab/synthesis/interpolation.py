"""Cubic interpolation through the four nearest samples."""

from __future__ import annotations

from torch import Tensor


def cubic(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Lagrange weights of the samples at -1, 0, 1 and 2 for a point at x in 0..1.

    The relative error at frequency f is about `(f / (sr - f)) ** 4`; no frequency is amplified
    (Laakso et al. 1996).

    >>> import torch
    >>> [float(weight) for weight in cubic(torch.tensor(0.5))]
    [-0.0625, 0.5625, 0.5625, -0.0625]
    """
    before, after, beyond = x + 1, x - 1, x - 2
    return (
        -x * after * beyond / 6,
        before * after * beyond / 2,
        -before * x * beyond / 2,
        before * x * after / 6,
    )


def cubic_coefficients(y: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The same cubics as polynomials of x in 0..1, from sample n + 1 to n + 2 of each row.

    Parameters
    ----------
    y
        Samples, shape `(batch, n + 3)`.

    Returns
    -------
    tuple of Tensor
        Coefficients of 1, x, x ** 2 and x ** 3; each of shape `(batch, n)`.

    >>> import torch
    >>> [float(c) for c in cubic_coefficients(torch.tensor([[-1.0, 0.0, 1.0, 8.0]]))]  # x ** 3
    [0.0, 0.0, 0.0, 1.0]
    """
    before, here, after, beyond = (y[:, j : y.shape[1] - 3 + j] for j in range(4))
    return (
        here,
        after - before / 3 - here / 2 - beyond / 6,
        (before + after) / 2 - here,
        (beyond - before) / 6 + (here - after) / 2,
    )
