"""Recipes: everything that makes a model again, by one command."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import torch
from torch import nn

from .cards import Card
from .checks import require, require_count, require_name
from .errors import LearningError
from .history import History
from .loop import fit
from .trainer import Loss
from .weights import load_weights, save_weights


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is needed to train a model from nothing.

    Parameters
    ----------
    network
        The class of the network.
    arguments
        What it is called with; what JSON can hold.
    loss
        As in `fit`.
    data
        Gives the batches, of a seed.
    trained_on
        What the data is, for the card.
    licence
        Of the weights.
    steps
        How many are made unless another number is asked for.
    options
        More arguments of `fit`, such as `lr`.
    validation
        Gives the validation batches, of a seed.
    score
        What the trained network scores, by measure.
    protocol
        How that is measured.
    """

    network: Callable[..., nn.Module]
    arguments: dict[str, Any]
    loss: Loss
    data: Callable[[int], Iterable[Any]]
    trained_on: str
    licence: str
    steps: int
    options: dict[str, Any]
    validation: Callable[[int], Collection[Any]] | None = None
    score: Callable[[nn.Module], dict[str, float]] | None = None
    protocol: str = ""


_recipes: dict[str, Recipe] = {}


def register_recipe(name: str, recipe: Recipe) -> None:
    """Make a recipe known to `train` and `mirlab train`; a room does so in its `training.py`.

    Raises
    ------
    LearningError
        For a name that is not `task/name`, or scores without a protocol.
    """
    require_name(name)
    measured = recipe.score is None or bool(recipe.protocol)
    require(measured, f"{name}: protocol must say how scores are measured, not ''")
    _recipes[name] = recipe


def list_recipes() -> tuple[str, ...]:
    """The names of all recipes, those of every room's `*training.py` among them."""
    package = import_module(__name__.split(".")[0])
    for room in iter_modules(package.__path__, f"{package.__name__}."):
        if room.ispkg:
            for part in iter_modules(import_module(room.name).__path__, f"{room.name}."):
                if part.name.endswith("training"):
                    import_module(part.name)
    return tuple(sorted(_recipes))


def train(
    name: str,
    out: str | os.PathLike[str],
    *,
    steps: int | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: bool = True,
) -> tuple[Path, Card]:
    """Follow a recipe: train the model, score it, write its weights and its card.

    A folder beside the weights, of the same name, keeps the checkpoint: the same call again goes
    on where it was stopped.

    Parameters
    ----------
    name
        One of `list_recipes()`.
    out
        The folder for `<task>-<name>.safetensors` and its card.
    steps
        How many; the recipe's own number when not given.
    seed
        Of the network's first weights, of the data, and of what is drawn in the steps.
    device, progress
        As in `fit`.

    Returns
    -------
    path : Path
        The weights.
    card : Card
        What they are.

    Raises
    ------
    LearningError
        When there is no such recipe, or a number is out of range.
    WeightsError
        When the folder cannot be written.
    """
    recipe = _find(name)
    steps = recipe.steps if steps is None else steps
    require_count("seed", seed, minimum=0)
    path = Path(out) / f"{name.replace('/', '-')}.safetensors"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = recipe.network(**recipe.arguments)
    history = fit(
        model,
        recipe.loss,
        recipe.data(seed),
        steps=steps,
        validation=recipe.validation(seed) if recipe.validation else None,
        checkpoint=path.with_suffix(""),
        seed=seed,
        device=device,
        progress=progress,
        **recipe.options,
    )
    _save_scored(model, path, recipe, history, name=name, steps=steps, seed=seed)
    card = load_weights(recipe.network(**recipe.arguments), path)  # what is written can be read
    return path, card


def _save_scored(
    model: nn.Module,
    path: Path,
    recipe: Recipe,
    history: History,
    *,
    name: str,
    steps: int,
    seed: int,
) -> None:
    """Score a trained model, and write its weights and card with the course of the training."""
    with torch.no_grad():
        scores = recipe.score(model) if recipe.score else None
    save_weights(
        model,
        path,
        name=name,
        trained_on=recipe.trained_on,
        licence=recipe.licence,
        arguments=recipe.arguments,
        command=f"mirlab train {name} --steps {steps} --seed {seed}",
        seed=seed,
        scores=scores,
        protocol=recipe.protocol,
        history=history.rows,
    )


def _find(name: str) -> Recipe:
    """The recipe of a name."""
    known = list_recipes()
    if name not in known:
        there = ", ".join(map(repr, known)) or "none yet"
        raise LearningError(f"there is no recipe {name!r}; there is {there}")
    return _recipes[name]
