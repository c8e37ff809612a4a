"""Calls of the functions of `mirlab.learning`, and what their errors say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn

from mirlab import learning
from mirlab.core.errors import TableError
from mirlab.learning import LearningError, WeightsError
from tests.bad_arguments import AUDIO, Calls, Messages

ROOMS = ("learning",)
X = torch.ones(2, 3)


def network() -> nn.Module:
    """A small network."""
    return nn.Linear(3, 1)


def loss(model: nn.Module, batch: object) -> Tensor:
    """A loss that does not look at the batch."""
    return model(X).square().mean()


class Few:
    """Two batches, however many steps are asked for."""

    def part(self, first: int, step: int) -> Iterator[Tensor]:
        """These batches from `first` on."""
        return iter([X, X])


MODEL = network()
UNTRAINED = {name: tensor.clone() for name, tensor in MODEL.state_dict().items()}


@wraps(learning.fit)
def fit(**arguments: Any) -> learning.History:
    """Train the model anew, for some arguments leave it without finite weights."""
    MODEL.load_state_dict(UNTRAINED)
    return learning.fit(**arguments)


RECIPE = learning.Recipe(
    network=network,
    arguments={},
    loss=loss,
    data=lambda seed: Few(),
    trained_on="nothing",
    licence="CC0-1.0",
    steps=2,
    options={},
)
NAMED = {"name": "chords/mine", "trained_on": "nothing", "licence": "CC0-1.0"}
QUIET = {"device": "cpu", "progress": False}
CALLS: Calls = {
    learning.choose_device: {"device": "cpu"},
    learning.export_onnx: {"model": MODEL, "example": X, "path": "model.onnx"},
    fit: QUIET | {"model": MODEL, "loss": loss, "data": Few(), "steps": 2},
    learning.list_models: {},
    learning.list_recipes: {},
    learning.load_model: {"name": "transcription/mirlab-notes-tiny"},
    learning.load_weights: {"model": MODEL, "path": "no such file.safetensors"},
    learning.onnx_difference: {"model": MODEL, "path": "no such file.onnx", "example": X},
    learning.register_model: {"name": "chords/mine", "network": network},
    learning.register_recipe: {"name": "chords/mine", "recipe": RECIPE},
    learning.run_model: QUIET | {"task": "pitch", "model": "yin", "audio": AUDIO},
    learning.save_weights: NAMED | {"model": MODEL, "path": "mine.safetensors"},
    learning.shuffled: {"items": "abc"},
    learning.train: QUIET | {"name": "chords/tried", "out": "out", "steps": 2},
    learning.Batches: {"item": lambda k: X, "size": 2},
    learning.History: {"rows": [], "steps": 2},
    learning.Recipe: {name: getattr(RECIPE, name) for name in RECIPE.__dataclass_fields__},
    learning.Table: {"columns": ["a"], "rows": [{"a": 1}]},
    learning.TrainingData: {
        "item": lambda k, seed: {},
        "augment": lambda item, rng: item,
        "key": lambda: "",
        "items": 8,
    },
}
learning.register_recipe("chords/tried", RECIPE)
MESSAGES: Messages = [
    (lambda: fit(model=3, loss=loss, data=[X], steps=2), LearningError, "model must be Module"),
    (lambda: fit(model=MODEL, loss=3, data=[X], steps=2), LearningError, "loss must be a function"),
    (lambda: fit(model=MODEL, loss=loss, data=3, steps=2), LearningError, "data must be batches"),
    (lambda: fit(model=MODEL, loss=loss, data=[X], steps=2**70), LearningError, "at most 1000000"),
    (lambda: learning.run_model("drums", "x", AUDIO), LearningError, "task must be one of chords"),
    (
        lambda: learning.save_weights(MODEL, 3, **NAMED),
        WeightsError,
        "path must be a path, not int",
    ),
    (
        lambda: learning.save_weights(3, "x", **NAMED),
        LearningError,
        "model must be Module, not int",
    ),
    (lambda: learning.train(3, "out"), LearningError, "there is no recipe 3"),
    (lambda: learning.train("chords/tried", 3), WeightsError, "out must be a path, not int"),
    (lambda: learning.export_onnx(MODEL, 3, "x.onnx"), LearningError, "example must be Tensor"),
    (lambda: learning.register_recipe("a/b", 3), LearningError, "recipe must be Recipe, not int"),
    (lambda: learning.Table("abc"), TableError, "columns must be headings, not 'abc'"),
    (lambda: learning.Table(["a"], [{"b": 1}]), TableError, "a row lacks a"),
]
