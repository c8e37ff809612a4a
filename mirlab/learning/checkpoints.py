"""Checkpoints: the state of a training in one file, written atomically."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from torch import Tensor
from torch.nn import Parameter

from ..core.files import atomic_write, sweep_temporaries
from ..core.json_files import parse_json
from .checks import require
from .errors import LearningError, WeightsError
from .tensor_files import read_tensors, write_tensors
from .trainer import Trainer

FILE = "checkpoint.safetensors"
KEY = "mirlab"  # in the metadata of the file
FORMAT = 1


@dataclass
class Progress:
    """State of a training besides its tensors.

    Parameters
    ----------
    rows
        The history so far.
    best
        The lowest validation loss so far.
    stale
        Number of checks since then.
    batch
        Fingerprint of the last batch.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    best: float | None = None
    stale: int = 0
    batch: str = ""


class _Row(TypedDict):
    """A row of the history."""

    step: int
    loss: float
    validation: float | None
    lr: float
    seconds: float


class _Progress(TypedDict):
    """`Progress` in a file."""

    rows: list[_Row]
    best: float | None
    stale: int
    batch: str


class _About(TypedDict):
    """What a checkpoint holds besides its tensors."""

    format: int
    step: int
    plan: dict[str, Any]
    progress: _Progress


def write_checkpoint(folder: Path, trainer: Trainer, progress: Progress) -> None:
    """Write the state of the training, replacing the previous checkpoint of the folder.

    Raises
    ------
    WeightsError
        When the folder cannot be written.
    """
    groups = {
        "model": trainer.model.state_dict(),
        "average": trainer.average,
        "best": trainer.best,
        "optimizer": _optimizer_tensors(trainer),
    }
    tensors = {f"{group}/{name}": t for group, part in groups.items() for name, t in part.items()}
    about = {"format": FORMAT, "step": trainer.step, "plan": asdict(trainer.plan)}
    about |= {"progress": asdict(progress)}
    with atomic_write(folder / FILE, error=WeightsError) as temporary:
        write_tensors(temporary, tensors, {KEY: json.dumps(about)})


def read_checkpoint(folder: Path, trainer: Trainer) -> Progress:
    """Restore the trainer from the checkpoint of a folder; without a checkpoint it is unchanged.

    Raises
    ------
    LearningError
        When the checkpoint belongs to a training with other arguments or to another model.
    WeightsError
        When the file is damaged.
    """
    path = folder / FILE
    sweep_temporaries(folder)  # left by a process killed while writing
    if not path.exists():
        return Progress()
    tensors, metadata = read_tensors(path)
    about: _About = parse_json(
        metadata.get(KEY, ""), _About, name=str(path), kind="a checkpoint", error=WeightsError
    )
    require(about["format"] == FORMAT, f"{path}: is of another version of mirlab")
    plan = about["plan"]
    for name, value in asdict(trainer.plan).items():
        require(
            plan.get(name) == value,
            f"{path}: was made with {name}={plan.get(name)!r}, not {value!r}; use the same "
            "arguments to resume, or another folder to start again",
        )
    if not 0 <= about["step"] <= trainer.plan.steps:
        raise WeightsError(f"{path}: is not a checkpoint (step {about['step']})")
    _load(trainer, tensors, path)
    trainer.step = about["step"]
    progress = about["progress"]
    return Progress(
        [dict(row) for row in progress["rows"]],
        progress["best"],
        progress["stale"],
        progress["batch"],
    )


def _load(trainer: Trainer, tensors: dict[str, Tensor], path: Path) -> None:
    """Load the tensors of a checkpoint into the trainer."""
    groups: dict[str, dict[str, Tensor]] = {"average": {}, "best": {}, "model": {}, "optimizer": {}}
    for name, tensor in tensors.items():
        group, _, rest = name.partition("/")
        groups.setdefault(group, {})[rest] = tensor
    shapes = {name: t.shape for name, t in trainer.model.state_dict().items()}
    if _shapes(groups["model"]) != shapes:
        raise LearningError(f"{path}: is of another model; use another folder to start again")
    state = _optimizer_state(groups["optimizer"])
    complete = _shapes(groups["average"]) == shapes and _shapes(groups["best"]) in ({}, shapes)
    if len(groups) > 4 or not complete or not _fits_weights(state, trainer.weights):
        raise WeightsError(f"{path}: is not a complete checkpoint")
    trainer.model.load_state_dict(groups["model"])
    device = trainer.group.device
    trainer.average = {name: t.to(device) for name, t in groups["average"].items()}
    trainer.best = {name: t.to(device) for name, t in groups["best"].items()}
    param_groups = trainer.optimizer.state_dict()["param_groups"]
    trainer.optimizer.load_state_dict({"state": state, "param_groups": param_groups})


def _shapes(tensors: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor, by name."""
    return {name: t.shape for name, t in tensors.items()}


def _optimizer_state(tensors: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    """Tensors of the optimizer by parameter index and kind; index -1 if a name has none."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, kind = name.partition("/")
        index = int(number) if number.isascii() and number.isdigit() else -1
        state.setdefault(index, {})[kind] = tensor
    return state


def _fits_weights(state: dict[int, dict[str, Tensor]], weights: list[Parameter]) -> bool:
    """Whether each state of the optimizer is that of a weight."""
    return all(
        0 <= index < len(weights)
        and _shapes(kinds)
        == {"step": (), "exp_avg": weights[index].shape, "exp_avg_sq": weights[index].shape}
        for index, kinds in state.items()
    )


def _optimizer_tensors(trainer: Trainer) -> dict[str, Tensor]:
    """State tensors of the optimizer, named `parameter index/kind`."""
    state = trainer.optimizer.state_dict()["state"]
    return {f"{n}/{kind}": t for n, kinds in state.items() for kind, t in kinds.items()}
