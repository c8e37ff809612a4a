"""Process groups: train one model in this process alone, or in several through Accelerate."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ..core import MissingPartError
from .devices import choose_device


class ProcessGroup:
    """A single process: every collective operation is a no-op.

    Attributes
    ----------
    device
        Device of this process.
    rank, size
        Index of this process, and the number of processes.
    """

    rank = 0
    size = 1

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def prepare(self, model: nn.Module, optimizer: Optimizer) -> tuple[nn.Module, Optimizer]:
        """Wrap the model that the loss calls and the optimizer that is stepped."""
        return model, optimizer

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients of the loss."""
        loss.backward()

    def mean(self, value: Tensor) -> Tensor:
        """The mean of a value over the processes."""
        return value

    def share(self, tensors: dict[str, Tensor]) -> None:
        """Broadcast the tensors of the first process to all others, in place."""


class AccelerateGroup(ProcessGroup):
    """Several processes that average their gradients through Hugging Face Accelerate."""

    def __init__(self, device: str | torch.device) -> None:
        try:
            from accelerate import Accelerator
        except ImportError:
            command = 'pip install "mirlab[train]"'
            raise MissingPartError(f"several processes need accelerate: {command}") from None
        self.accelerator = Accelerator(cpu=str(device) == "cpu")
        super().__init__(self.accelerator.device)
        self.rank = self.accelerator.process_index
        self.size = self.accelerator.num_processes

    def prepare(self, model: nn.Module, optimizer: Optimizer) -> tuple[nn.Module, Optimizer]:
        """Wrap model and optimizer so that gradients are averaged over the processes."""
        wrapped: tuple[Any, Any] = self.accelerator.prepare(model, optimizer)
        return wrapped

    def backward(self, loss: Tensor) -> None:
        """Compute the gradients of the loss, averaged over the processes."""
        self.accelerator.backward(loss)

    def mean(self, value: Tensor) -> Tensor:
        """The mean of a value over the processes."""
        mean: Tensor = self.accelerator.reduce(value, reduction="mean")
        return mean

    def share(self, tensors: dict[str, Tensor]) -> None:
        """Broadcast the tensors of the first process to all others, in place."""
        from accelerate.utils import broadcast

        for tensor in tensors.values():
            tensor.copy_(broadcast(tensor))


def get_process_group(device: str | torch.device) -> ProcessGroup:
    """The process group of this run; several processes if accelerate or torchrun launched them.

    Raises
    ------
    LearningError
        When this computer has no such device.
    MissingPartError
        When there are several processes and Accelerate is not installed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        return AccelerateGroup(device)
    return ProcessGroup(choose_device(device))
