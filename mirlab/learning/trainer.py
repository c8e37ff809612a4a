"""`Trainer`: the plan and the state of a training, and one training step."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .batches import to_device
from .checks import require, require_count, require_number
from .distributed import ProcessGroup

Loss = Callable[[nn.Module, Any], Tensor]

CLIP = 1.0  # largest gradient norm; longer gradients are scaled down
WARMUP = 0.05  # fraction of the steps in which the learning rate rises
MAX_STEPS = 10**9
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Plan:
    """The arguments of `fit` that determine its result; a run resumes only with the same ones."""

    steps: int
    lr: float
    weight_decay: float
    ema: float
    patience: int | None
    every: int
    precision: str
    seed: int
    processes: int

    def __post_init__(self) -> None:
        require_count("steps", self.steps)
        require(self.steps <= MAX_STEPS, f"steps must be at most {MAX_STEPS}, not {self.steps}")
        require_count("every", self.every)
        require_count("seed", self.seed, minimum=0)
        require_number("lr", self.lr)
        require_number("weight_decay", self.weight_decay)
        require_number("ema", self.ema, below=1)
        if self.patience is not None:
            require_count("patience", self.patience)
        known = ", ".join(map(repr, PRECISIONS))
        line = f"precision must be 'auto', {known}; not {self.precision!r}"
        require(isinstance(self.precision, str) and self.precision in PRECISIONS, line)

    def rate(self, step: int) -> float:
        """Learning rate of a step: linear warm-up, then cosine decay to 0."""
        warmup = max(1, round(WARMUP * self.steps))
        if step < warmup:
            return self.lr * (step + 1) / warmup
        done = (step - warmup) / max(1, self.steps - warmup)
        return self.lr * (1 + math.cos(math.pi * done)) / 2


class Trainer:
    """The state of a training.

    Parameters
    ----------
    model
        The network; it is moved to the group's device.
    loss
        As in `fit`.
    plan
        The arguments of `fit`.
    group
        The process group.

    Attributes
    ----------
    step
        Number of steps done.
    average
        Exponential moving average of the model's state, by name.
    best
        The average at the best check so far, by name; empty before the first check.
    """

    def __init__(self, model: nn.Module, loss: Loss, plan: Plan, group: ProcessGroup) -> None:
        self.model = model.to(group.device)
        self.loss = loss
        self.plan = plan
        self.group = group
        weights = [p for p in model.parameters() if p.requires_grad]
        require(bool(weights), f"model {type(model).__name__} has no trainable weights")
        optimizer = torch.optim.AdamW(weights, lr=plan.lr, weight_decay=plan.weight_decay)
        self.wrapped, self.optimizer = group.prepare(self.model, optimizer)
        self.weights = weights
        self.step = 0
        self.average = clone_state(model.state_dict())
        self.best: dict[str, Tensor] = {}

    def train_step(self, batch: Any) -> Tensor:
        """Do one step on a batch; returns its loss, shape (), without gradient."""
        self._seed_step(self.step)
        self.wrapped.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate(self.step)
        loss = self._loss(self.wrapped, batch)
        self.optimizer.zero_grad()
        self.group.backward(loss)
        nn.utils.clip_grad_norm_(self.weights, CLIP)
        self.optimizer.step()
        self.step += 1
        self._update_ema()
        return loss.detach()

    @torch.no_grad()
    def validate(self, batches: Collection[Any]) -> float:
        """Mean loss of the averaged weights, with the same random numbers in every call."""
        with self.averaged():
            self._seed_step(0)
            total = sum(float(self._loss(self.model, batch)) for batch in batches)
        return total / len(batches)

    def keep_best(self) -> None:
        """Store the averaged weights as the best so far."""
        self.best = clone_state(self.average)

    def finish(self) -> None:
        """Load the best averaged weights into the model; without validation the last ones."""
        result = self.best or self.average
        self.group.share(result)
        self.model.load_state_dict(result)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Context in which the model has the averaged weights and is in evaluation mode."""
        current = clone_state(self.model.state_dict())
        self.model.load_state_dict(self.average)
        self.model.eval()
        try:
            yield
        finally:
            self.model.load_state_dict(current)

    def _loss(self, model: nn.Module, batch: Any) -> Tensor:
        """The loss of a batch, in the plan's precision."""
        device = self.group.device
        mixed = self.plan.precision == "bfloat16"
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=mixed):
            loss = self.loss(model, to_device(batch, device))
        scalar = isinstance(loss, Tensor) and loss.shape == ()
        kind = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        require(scalar, f"loss must give a tensor of shape (), one value per batch, not {kind}")
        if torch.is_grad_enabled():
            require(loss.requires_grad, "loss does not depend on the model's weights")
        return loss

    def _seed_step(self, step: int) -> None:
        """Seed torch, so that the random numbers of a step depend only on seed, step and rank."""
        words = np.random.SeedSequence([self.plan.seed, step, self.group.rank]).generate_state(2)
        seed = int(words[0]) << 31 | int(words[1]) >> 1
        torch.default_generator.manual_seed(seed)
        if self.group.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    @torch.no_grad()
    def _update_ema(self) -> None:
        """Update the exponential moving average; the decay rises with the step."""
        decay = min(self.plan.ema, self.step / (self.step + 10))
        for name, tensor in self.model.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, 1 - decay)
            else:
                self.average[name].copy_(tensor)


def clone_state(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Detached copies of tensors."""
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}
