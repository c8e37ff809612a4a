"""The one training loop."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .batches import batches_from, fingerprint
from .checkpoints import FILE, Progress, read_checkpoint, write_checkpoint
from .checks import require
from .devices import choose_precision
from .distributed import get_process_group
from .errors import WeightsError
from .history import History
from .progress import display_of
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
    """Train a model, in place.

    AdamW (Loshchilov and Hutter, ICLR 2019); the rate rises over the first 5 % of the steps and
    falls along a cosine to 0; gradients longer than 1 are shortened to 1. The model is left in
    evaluation mode on the device it came from, with the moving average of its weights: the one of
    the best check where there is validation, else the last.

    **The same again.** Batch k must be a function of k: `iter(data)` begins with the same batch
    every time (finite data is gone through again and again), or `data` is a `Batches`, which can
    begin anywhere. What the loss and the model draw from torch's random numbers is a function of
    `seed` and the step. So on a CPU the same call gives the same weights to the bit; the model's
    first weights are the caller's to seed. With `checkpoint` the same call resumes a run that was
    killed, however it was killed, and ends with the weights it would have had.

    **Several processes.** Started by `accelerate launch` or `torchrun`, n processes take a batch
    each of every n; their gradients are averaged by Hugging Face Accelerate.

    Parameters
    ----------
    model
        Any module with weights.
    loss
        `loss(model, batch)` gives one number, a tensor of shape (), the mean over the batch.
        Tensors in the batch are on the model's device.
    data
        Batches: tensors, or tuples, lists and dictionaries of them.
    steps
        How many batches to learn from.
    lr
        The highest learning rate.
    weight_decay
        AdamW's.
    ema
        How much of the moving average of the weights stays from step to step, less than 1; it
        begins with less. 0 takes the weights as they are.
    validation
        Batches of the same kind, with a length; their mean loss is computed at every check.
    patience
        Stop after so many checks without a lower validation loss; None goes on to the end.
    every
        Steps from check to check: a row of the history, validation, and the checkpoint.
    checkpoint
        A folder for the checkpoint; None keeps none.
    precision
        `"float32"`; `"bfloat16"` for mixed precision; or `"auto"`, mixed where the device has
        instructions for bfloat16. Weights trained in another precision differ a little, and a run
        resumes in the precision in which it began.
    seed
        Of what is drawn by chance in a step.
    device
        See `choose_device`.
    progress
        Show a live curve in a notebook, a bar elsewhere.

    Returns
    -------
    History
        A row a check.

    Raises
    ------
    LearningError
        For an argument out of range, no data, a loss that is not one finite number, or a
        checkpoint of another run: other arguments, another model, other batches.
    WeightsError
        When the checkpoint cannot be read or written.
    MissingPartError
        When several processes were started and Accelerate is not installed.

    Examples
    --------
    >>> torch.manual_seed(0)  # the first weights are ours to seed
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
    group = get_process_group(device)
    precision = choose_precision(precision, group.device)
    plan = Plan(steps, lr, weight_decay, ema, patience, every, precision, seed, group.size)
    _check_validation(validation, patience)
    home = next((p.device for p in model.parameters()), torch.device("cpu"))
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
        model.to(home).eval()  # also after an interruption
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
    """Make the steps that are left, or as many as patience allows."""
    group, plan = trainer.group, trainer.plan
    batches = _batches_left(trainer, state, data)
    display = display_of(history, trainer.step, progress=progress and group.rank == 0)
    earlier = state.rows[-1]["seconds"] if state.rows else 0.0
    began = time.monotonic()
    losses: list[Tensor] = []
    try:
        for batch in islice(batches, plan.steps - trainer.step):
            losses.append(trainer.train_step(batch))
            if trainer.step % plan.every == 0 or trainer.step == plan.steps:
                mean = _mean_loss(losses, trainer)
                losses.clear()
                score = _score(trainer, validation)
                row = _row(trainer, mean, score, earlier + time.monotonic() - began)
                state.rows.append(row)  # for the checkpoint
                history.rows.append(row)
                _keep_if_best(trainer, state, score)
                state.batch = fingerprint(batch)
                if folder and group.rank == 0:
                    write_checkpoint(folder, trainer, state)
            display.tell(trainer.step)
            if _is_over(trainer, state):
                break
    finally:
        display.close()


def _batches_left(trainer: Trainer, state: Progress, data: Iterable[Any]) -> Iterable[Any]:
    """The batches from the trainer's step on; the last one before is compared with what it was."""
    group, step = trainer.group, trainer.step
    if not step:
        return batches_from(data, group.rank, group.size)
    batches = batches_from(data, group.rank + (step - 1) * group.size, group.size)
    before = fingerprint(next(batches))
    require(
        group.rank > 0 or before == state.batch,
        f"data gives another batch for step {step} than before the training was interrupted; "
        "batch k must be a function of k, so do not shuffle by chance (see Batches and shuffled)",
    )
    return batches


def _row(trainer: Trainer, mean: float, score: float | None, seconds: float) -> dict[str, Any]:
    """A row of the history, for the check after the trainer's last step."""
    rate = trainer.plan.rate(trainer.step - 1)
    return {
        "step": trainer.step,
        "loss": mean,
        "validation": score,
        "lr": rate,
        "seconds": seconds,
    }


def _keep_if_best(trainer: Trainer, state: Progress, score: float | None) -> None:
    """Keep the averaged weights if their validation loss is the lowest so far."""
    if score is None:
        return
    if state.best is None or score < state.best:
        state.best, state.stale = score, 0
        trainer.keep_best()
    else:
        state.stale += 1


def _mean_loss(losses: list[Tensor], trainer: Trainer) -> float:
    """The mean of the losses since the last check, over all processes."""
    mean = float(trainer.group.mean(torch.stack(losses).mean()))
    first = trainer.step - len(losses) + 1
    require(
        math.isfinite(mean),
        f"loss is {mean} between steps {first} and {trainer.step}; a smaller lr may help "
        f"(it was {trainer.plan.lr:g}), or a look at those batches",
    )
    return mean


def _score(trainer: Trainer, validation: Collection[Any] | None) -> float | None:
    """The validation loss, over all processes; None without validation."""
    if validation is None:
        return None
    group = trainer.group
    own = torch.tensor(trainer.validate(validation), dtype=torch.float32, device=group.device)
    score = float(group.mean(own))
    require(math.isfinite(score), f"loss is {score} on validation, after step {trainer.step}")
    return score


def _is_over(trainer: Trainer, state: Progress) -> bool:
    """Whether all steps were made, or patience has run out."""
    patience = trainer.plan.patience
    return trainer.step >= trainer.plan.steps or (patience is not None and state.stale >= patience)


def _check_validation(validation: Collection[Any] | None, patience: int | None) -> None:
    """Refuse validation without a length or batches, and patience without validation."""
    if validation is None:
        require(patience is None, f"patience={patience} needs validation, which is None")
        return
    require(
        hasattr(validation, "__len__"),
        "validation must have a length; Batches.take(8) makes eight batches once",
    )
    require(len(validation) > 0, "validation is empty; at least 1 batch is needed")


def _folder(checkpoint: str | os.PathLike[str] | None) -> Path | None:
    """The checkpoint's folder, made if it is not there."""
    if checkpoint is None:
        return None
    folder = Path(checkpoint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise WeightsError(f"{folder / FILE}: cannot be written ({reason.strerror})") from reason
    return folder
