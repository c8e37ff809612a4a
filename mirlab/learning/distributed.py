"""The processes that train one model: this one alone, or several through Accelerate."""

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
        Where this process computes.
    rank, size
        The number of this process, and how many there are.
    """

    rank = 0
    size = 1

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def prepare(self, model: nn.Module, optimizer: Optimizer) -> tuple[nn.Module, Optimizer]:
        """The model as the loss is to call it, and the optimizer as it is to be stepped."""
        return model, optimizer

    def backward(self, loss: Tensor) -> None:
        """Put the gradients of the loss into the weights."""
        loss.backward()

    def mean(self, value: Tensor) -> Tensor:
        """The mean of a value over the processes."""
        return value

    def share(self, tensors: dict[str, Tensor]) -> None:
        """Give every process the first one's tensors, in place."""


class AccelerateGroup(ProcessGroup):
    """Several processes, which share gradients through Hugging Face Accelerate."""

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
        """The model and the optimizer, wrapped so that gradients are averaged."""
        wrapped: tuple[Any, Any] = self.accelerator.prepare(model, optimizer)
        return wrapped

    def backward(self, loss: Tensor) -> None:
        """Put the gradients, averaged over the processes, into the weights."""
        self.accelerator.backward(loss)

    def mean(self, value: Tensor) -> Tensor:
        """The mean of a value over the processes."""
        mean: Tensor = self.accelerator.reduce(value, reduction="mean")
        return mean

    def share(self, tensors: dict[str, Tensor]) -> None:
        """Give every process the first one's tensors, in place."""
        from accelerate.utils import broadcast

        for tensor in tensors.values():
            tensor.copy_(broadcast(tensor))


def get_process_group(device: str | torch.device) -> ProcessGroup:
    """The processes of this run: several where a launcher (accelerate, torchrun) started several.

    Raises
    ------
    LearningError
        For a device that is not here.
    MissingPartError
        When there are several processes and Accelerate is not installed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        return AccelerateGroup(device)
    return ProcessGroup(choose_device(device))
