"""Recipes: everything needed to train a model with one command."""

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

from ..core.checks import as_path
from .cards import Card
from .checks import (
    require,
    require_callable,
    require_count,
    require_flag,
    require_name,
    require_texts,
    require_type,
    unknown_name,
)
from .devices import choose_device
from .errors import LearningError, WeightsError
from .history import History
from .loop import fit
from .trainer import Loss
from .weights import load_weights, save_weights


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything needed to train a model from scratch.

    Parameters
    ----------
    network
        Class of the network.
    arguments
        Keyword arguments of `network`; must be JSON values.
    loss
        As in `fit`.
    data
        Function that returns the training batches of a seed.
    trained_on
        Description of the data, for the card.
    licence
        Licence of the weights.
    steps
        Default number of training steps.
    options
        Further arguments of `fit`, such as `lr`.
    validation
        Function that returns the validation batches of a seed.
    score
        Function that returns the scores of the trained network, by measure.
    protocol
        How the scores are measured.

    Raises
    ------
    LearningError
        When a part is of another type.

    Examples
    --------
    >>> import numpy as np
    >>> from mirlab.learning import TrainingData
    >>> def item(k, *, seed):
    ...     x = np.random.default_rng([seed, k]).random(1, np.float32)
    ...     return {"x": x, "y": 2 * x}
    >>> def augment(item, rng):
    ...     return item["x"], item["y"]
    >>> def loss(model, batch):
    ...     return (model(batch[0]) - batch[1]).square().mean()
    >>> data = TrainingData(item=item, augment=augment, key=lambda: "lines 1", items=20)
    >>> recipe = Recipe(
    ...     network=nn.Linear, arguments={"in_features": 1, "out_features": 1}, loss=loss,
    ...     data=data.training_batches, trained_on="lines", licence="CC0-1.0", steps=100,
    ...     options={"lr": 0.1},
    ... )
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

    def __post_init__(self) -> None:
        for name in ("network", "loss", "data"):
            require_callable(name, getattr(self, name))
        for name in ("validation", "score"):
            if getattr(self, name) is not None:
                require_callable(name, getattr(self, name))
        for name in ("arguments", "options"):
            require_type(name, getattr(self, name), dict)
        require_count("steps", self.steps)
        texts = ("trained_on", "licence", "protocol")
        require_texts(**{name: getattr(self, name) for name in texts})


MAX_SEED = 2**63  # torch takes no larger ones
_recipes: dict[str, Recipe] = {}


def register_recipe(name: str, recipe: Recipe) -> None:
    """Make a recipe available to `train` and `mirlab train`; called in a task's `training.py`.

    Raises
    ------
    LearningError
        For a name that is not `task/name`, or scores without a protocol.

    Examples
    --------
    >>> def batches(seed):
    ...     rng = torch.Generator().manual_seed(seed)
    ...     while True:
    ...         x = torch.rand(8, 1, generator=rng)
    ...         yield x, 2 * x
    >>> def loss(model, batch):
    ...     return (model(batch[0]) - batch[1]).square().mean()
    >>> register_recipe("chords/doubling", Recipe(
    ...     network=nn.Linear, arguments={"in_features": 1, "out_features": 1}, loss=loss,
    ...     data=batches, trained_on="random numbers", licence="CC0-1.0", steps=100,
    ...     options={"lr": 0.1},
    ... ))
    >>> "chords/doubling" in list_recipes()
    True
    >>> del _recipes["chords/doubling"]
    """
    require_name(name)
    require_type("recipe", recipe, Recipe)
    documented = recipe.score is None or bool(recipe.protocol)
    require(documented, f"{name}: protocol must say how scores are measured, not ''")
    _recipes[name] = recipe


def list_recipes() -> tuple[str, ...]:
    """List the names of all recipes, including those in the `*training.py` of every task.

    Examples
    --------
    >>> [name for name in list_recipes() if name.startswith("transcription/")]
    ['transcription/mirlab-notes', 'transcription/mirlab-notes-tiny']
    """
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
    """Run a recipe: train the model, score it, and write its weights and its card.

    The checkpoint is in a folder beside the weights, of the same name: if the training was
    interrupted, the same call resumes it.

    Parameters
    ----------
    name
        One of `list_recipes()`.
    out
        Folder for `<task>-<name>.safetensors` and its card.
    steps
        Number of training steps; by default that of the recipe.
    seed
        Seed of the initial weights, of the data, and of the random numbers in the steps.
    device, progress
        As in `fit`.

    Returns
    -------
    path : Path
        The file with the weights.
    card : Card
        Their card.

    Raises
    ------
    LearningError
        When there is no such recipe, or a number is out of range.
    WeightsError
        When the folder cannot be written.

    Examples
    --------
    Train a registered recipe for ten steps:

    >>> import tempfile
    >>> def batches(seed):
    ...     rng = torch.Generator().manual_seed(seed)
    ...     while True:
    ...         x = torch.rand(8, 1, generator=rng)
    ...         yield x, 2 * x
    >>> def loss(model, batch):
    ...     return (model(batch[0]) - batch[1]).square().mean()
    >>> register_recipe("chords/doubling", Recipe(
    ...     network=nn.Linear, arguments={"in_features": 1, "out_features": 1}, loss=loss,
    ...     data=batches, trained_on="random numbers", licence="CC0-1.0", steps=100,
    ...     options={"lr": 0.1},
    ... ))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path, card = train("chords/doubling", folder, steps=10, device="cpu", progress=False)
    >>> path.name, card.command
    ('chords-doubling.safetensors', 'mirlab train chords/doubling --steps 10 --seed 0')
    >>> del _recipes["chords/doubling"]
    """
    recipe = _find(name)
    steps = recipe.steps if steps is None else steps
    require_count("steps", steps)
    require_count("seed", seed, minimum=0)
    require(seed < MAX_SEED, f"seed must be less than {MAX_SEED}, not {seed}")
    choose_device(device)
    require_flag("progress", progress)
    path = as_path("out", out, WeightsError) / f"{name.replace('/', '-')}.safetensors"
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
    _score_and_save(model, path, recipe, history, name=name, steps=steps, seed=seed)
    card = load_weights(recipe.network(**recipe.arguments), path)  # check that it can be read
    return path, card


def _score_and_save(
    model: nn.Module,
    path: Path,
    recipe: Recipe,
    history: History,
    *,
    name: str,
    steps: int,
    seed: int,
) -> None:
    """Score a trained model, and write its weights and its card with the training history."""
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
    if not isinstance(name, str) or name not in known:
        raise LearningError(unknown_name("recipe", name, known))
    return _recipes[name]
