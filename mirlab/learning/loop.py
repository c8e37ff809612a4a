"""The training loop."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Collection, Iterable, Sized
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..core.checks import as_path
from .batches import batches_from, fingerprint, size_of
from .checkpoints import FILE, Progress, read_checkpoint, write_checkpoint
from .checks import require, require_callable, require_flag, require_type
from .devices import choose_precision
from .distributed import get_process_group
from .errors import WeightsError
from .history import History
from .progress import make_display
from .trainer import Loss, Plan, Trainer


def fit(
    model: nn.Module,
    loss: Loss,
    data: Iterable[Any],
    *,
    steps: int,
    lr: float = 1e-3,
    weight_decay: float = 0.01,
    ema: float = 0.999,
    validation: Collection[Any] | None = None,
    patience: int | None = None,
    every: int = 100,
    checkpoint: str | os.PathLike[str] | None = None,
    precision: str = "float32",
    seed: int = 0,
    device: str | torch.device = "auto",
    progress: bool = True,
) -> History:
    """Train a model in place.

    The optimizer is AdamW (Loshchilov and Hutter, ICLR 2019). The learning rate rises linearly
    over the first 5 % of the steps and decays along a cosine to 0; gradients are clipped to norm 1.
    Afterwards the model is in evaluation mode on its original device, with the exponential moving
    average of its weights: that of the best check if there is validation, else the last.

    **Reproducibility.** Batch k must be a function of k: `iter(data)` starts with the same batch
    every time (finite data is repeated), or `data` is a `Batches`, which can start at any batch.
    The random numbers of torch in the loss and the model depend only on `seed` and the step. On a
    CPU the same call therefore gives bit-identical weights; seeding the initial weights is up to
    the caller. With `checkpoint` the same call resumes a run that was killed at any moment, and
    ends with the weights of an uninterrupted run.

    **Several processes.** When `accelerate launch` or `torchrun` starts n processes, each takes
    every nth batch; Hugging Face Accelerate averages their gradients.

    Parameters
    ----------
    model
        Any module with weights.
    loss
        `loss(model, batch)` returns the mean loss over the batch, a tensor of shape (). Tensors in
        the batch are on the model's device.
    data
        Batches: tensors, or tuples, lists and dictionaries of tensors.
    steps
        Number of training steps, one batch each.
    lr
        Highest learning rate.
    weight_decay
        Weight decay of AdamW.
    ema
        Decay of the moving average of the weights, less than 1; smaller in the first steps. 0 uses
        the weights themselves.
    validation
        Batches of the same kind, with a length; their mean loss is computed at every check.
    patience
        Stop after this many checks without a lower validation loss; None never stops early.
    every
        Steps between two checks; a check adds a row to the history, validates, and writes the
        checkpoint.
    checkpoint
        Folder for the checkpoint; None writes none.
    precision
        `"float32"`; `"bfloat16"` for mixed precision; or `"auto"`, mixed precision if the device
        has bfloat16 instructions. Weights trained in different precisions differ slightly, and a
        run resumes only in its original precision.
    seed
        Seed of the random numbers in the steps.
    device
        See `choose_device`.
    progress
        Show a live curve in a notebook, a progress bar elsewhere.

    Returns
    -------
    History
        One row per check.

    Raises
    ------
    LearningError
        For an argument out of range, no data, a loss that is not a finite scalar, or a checkpoint
        of another run: other arguments, another model, other batches.
    WeightsError
        When the checkpoint cannot be read or written.
    MissingPartError
        When several processes were started and Accelerate is not installed.

    Examples
    --------
    >>> torch.manual_seed(0)  # seed the initial weights
    <torch...>
    >>> line = nn.Linear(1, 1)
    >>> def item(k):
    ...     x = torch.rand(1, generator=torch.Generator().manual_seed(k))
    ...     return x, 3 * x - 1
    >>> def loss(model, batch):
    ...     x, y = batch
    ...     return (model(x) - y).square().mean()
    >>> from mirlab.learning import Batches
    >>> history = fit(line, loss, Batches(item, size=16), steps=300, lr=0.1, progress=False)
    >>> round(line.weight.item(), 1), round(line.bias.item(), 1)
    (3.0, -1.0)
    """
    require_type("model", model, nn.Module)
    require_callable("loss", loss)
    require(isinstance(data, Iterable) or hasattr(data, "part"), "data must be batches")
    require_flag("progress", progress)
    group = get_process_group(device)
    precision = choose_precision(precision, group.device)
    plan = Plan(steps, lr, weight_decay, ema, patience, every, precision, seed, group.size)
    _check_validation(validation, patience)
    original_device = next((p.device for p in model.parameters()), torch.device("cpu"))
    folder = _folder(checkpoint)
    gpus = [group.device] if group.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=gpus):
            trainer = Trainer(model, loss, plan, group)
            state = read_checkpoint(folder, trainer) if folder else Progress()
            history = History(state.rows, steps=steps)
            if not _is_over(trainer, state):
                _run(trainer, state, history, data, validation, folder, progress=progress)
            trainer.finish()
    finally:
        model.to(original_device).eval()  # also after an interruption
    return history


def _run(
    trainer: Trainer,
    state: Progress,
    history: History,
    data: Iterable[Any],
    validation: Collection[Any] | None,
    folder: Path | None,
    *,
    progress: bool,
) -> None:
    """Do the remaining steps, or as many as patience allows."""
    group, plan = trainer.group, trainer.plan
    batches = _remaining_batches(trainer, state, data)
    display = make_display(history, trainer.step, progress=progress and group.rank == 0)
    earlier = state.rows[-1]["seconds"] if state.rows else 0.0
    start = time.monotonic()
    losses: list[Tensor] = []
    try:
        for batch in islice(batches, plan.steps - trainer.step):
            losses.append(trainer.train_step(batch))
            if trainer.step % plan.every == 0 or trainer.step == plan.steps:
                mean = _mean_loss(losses, trainer)
                losses.clear()
                score = _score(trainer, validation)
                row = _row(trainer, mean, score, earlier + time.monotonic() - start)
                state.rows.append(row)  # for the checkpoint
                history.rows.append(row)
                _keep_if_best(trainer, state, score)
                state.batch = fingerprint(batch)
                if folder and group.rank == 0:
                    write_checkpoint(folder, trainer, state)
            display.update(trainer.step)
            if _is_over(trainer, state):
                break
    finally:
        display.close()


def _remaining_batches(trainer: Trainer, state: Progress, data: Iterable[Any]) -> Iterable[Any]:
    """Batches from the trainer's step on; checks that the previous batch is unchanged."""
    group, step = trainer.group, trainer.step
    if not step:
        return batches_from(data, group.rank, group.size)
    batches = batches_from(data, group.rank + (step - 1) * group.size, group.size)
    previous = fingerprint(next(batches))
    require(
        group.rank > 0 or previous == state.batch,
        f"data gives another batch for step {step} than before the training was interrupted; "
        "batch k must be a function of k: shuffle with a fixed seed (see Batches and shuffled)",
    )
    return batches


def _row(trainer: Trainer, mean: float, score: float | None, seconds: float) -> dict[str, Any]:
    """Row of the history for the current step."""
    rate = trainer.plan.rate(trainer.step - 1)
    return {
        "step": trainer.step,
        "loss": mean,
        "validation": score,
        "lr": rate,
        "seconds": seconds,
    }


def _keep_if_best(trainer: Trainer, state: Progress, score: float | None) -> None:
    """Store the averaged weights if their validation loss is the lowest so far."""
    if score is None:
        return
    if state.best is None or score < state.best:
        state.best, state.stale = score, 0
        trainer.keep_best()
    else:
        state.stale += 1


def _mean_loss(losses: list[Tensor], trainer: Trainer) -> float:
    """Mean of the losses since the last check, over all processes."""
    mean = float(trainer.group.mean(torch.stack(losses).mean()))
    first = trainer.step - len(losses) + 1
    require(
        math.isfinite(mean),
        f"loss is {mean} between steps {first} and {trainer.step}; try a smaller lr than "
        f"{trainer.plan.lr:g}, or inspect these batches",
    )
    return mean


def _score(trainer: Trainer, validation: Collection[Any] | None) -> float | None:
    """Validation loss over all processes; None without validation."""
    if validation is None:
        return None
    group = trainer.group
    local = torch.tensor(trainer.validate(validation), dtype=torch.float32, device=group.device)
    score = float(group.mean(local))
    require(math.isfinite(score), f"loss is {score} on validation, after step {trainer.step}")
    return score


def _is_over(trainer: Trainer, state: Progress) -> bool:
    """Whether all steps are done, or patience is exhausted."""
    patience = trainer.plan.patience
    return trainer.step >= trainer.plan.steps or (patience is not None and state.stale >= patience)


def _check_validation(validation: Collection[Any] | None, patience: int | None) -> None:
    """Raise an error for validation without a length or batches, or patience without validation."""
    if validation is None:
        require(patience is None, f"patience={patience} needs validation, which is None")
        return
    require(
        isinstance(validation, Sized) and isinstance(validation, Iterable),
        "validation must have a length; Batches.take(8) returns a list of eight batches",
    )
    require(size_of(validation) > 0, "validation is empty; at least 1 batch is needed")


def _folder(checkpoint: str | os.PathLike[str] | None) -> Path | None:
    """The checkpoint folder, created if it is missing."""
    if checkpoint is None:
        return None
    folder = as_path("checkpoint", checkpoint, WeightsError)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise WeightsError(f"{folder / FILE}: cannot be written ({reason.strerror})") from reason
    return folder
