"""Layers that the networks of several rooms are built of."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import relu


class Residual(nn.Module):
    """A convolution with batch norm and ReLU, added to its input (He et al., CVPR 2016).

    Parameters
    ----------
    channels
        Of input and output.
    kernel, dilation
        Along frequency, then along time; kernels of odd sizes, so that the shape stays.

    Examples
    --------
    >>> import torch
    >>> Residual(4, (5, 1), (12, 1))(torch.zeros(2, 4, 88, 100)).shape
    torch.Size([2, 4, 88, 100])
    """

    def __init__(self, channels: int, kernel: tuple[int, int], dilation: tuple[int, int]) -> None:
        super().__init__()
        reach = (dilation[0] * (kernel[0] // 2), dilation[1] * (kernel[1] // 2))
        self.convolution = nn.Conv2d(
            channels, channels, kernel, padding=reach, dilation=dilation, bias=False
        )
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Shape `(batch, channels, pitches or bins, frames)` in and out."""
        return x + relu(self.norm(self.convolution(x)))  # (batch, channels, bins, frames)
