"""Layers shared by the networks of several tasks."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import relu


class Residual(nn.Module):
    """A convolution with batch norm and ReLU, added to its input (He et al., CVPR 2016).

    Parameters
    ----------
    channels
        Channels of input and output.
    kernel, dilation
        Along frequency, then along time. Kernel sizes must be odd, so that the shape is preserved.

    Examples
    --------
    >>> import torch
    >>> Residual(4, (5, 1), (12, 1))(torch.zeros(2, 4, 88, 100)).shape
    torch.Size([2, 4, 88, 100])
    """

    def __init__(self, channels: int, kernel: tuple[int, int], dilation: tuple[int, int]) -> None:
        super().__init__()
        padding = (dilation[0] * (kernel[0] // 2), dilation[1] * (kernel[1] // 2))
        self.convolution = nn.Conv2d(
            channels, channels, kernel, padding=padding, dilation=dilation, bias=False
        )
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Input and output have shape `(batch, channels, pitches or bins, frames)`."""
        return x + relu(self.norm(self.convolution(x)))  # (batch, channels, bins, frames)
