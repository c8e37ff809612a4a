"""Reading between samples: a cubic through the four nearest."""

from __future__ import annotations

from torch import Tensor


def cubic(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Weights of the samples at -1, 0, 1 and 2 for a point at x in 0..1 (Lagrange).

    At frequency f, what is read wrongly lies about `(f / (sr - f)) ** 4` under the signal; no
    frequency is ever amplified (Laakso et al. 1996).

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
