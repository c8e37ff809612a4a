"""Learning: the one training loop, and models by name.

`fit` trains any network on `Batches` whose items are functions of their numbers, so that a run
that was killed ends with the weights it would have had. `save_weights` writes them with a card
and a hash, `register_model` gives a network of your own the verbs of the package's, and
`export_onnx` takes it to the browser. `TrainingData` renders a task's items once, caches them and
gives random excerpts in batches. A `Recipe` is all of that under one name, for `mirlab train`.
What makes no sense is a `LearningError`, files that cannot be used are a `WeightsError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..core.tables import Table
from .cards import Card
from .errors import LearningError, WeightsError
from .registry import list_models, load_model, register_model, run_model

if TYPE_CHECKING:
    from .batches import Batches, shuffled
    from .devices import choose_device
    from .exporting import export_onnx, onnx_difference
    from .history import History
    from .loop import fit
    from .recipes import Recipe, list_recipes, register_recipe, train
    from .supply import TrainingData
    from .weights import load_weights, save_weights

_HOMES = {  # what needs torch loads when it is first used: classical methods run without it
    "Batches": "batches",
    "History": "history",
    "Recipe": "recipes",
    "TrainingData": "supply",
    "choose_device": "devices",
    "export_onnx": "exporting",
    "fit": "loop",
    "list_recipes": "recipes",
    "load_weights": "weights",
    "onnx_difference": "exporting",
    "register_recipe": "recipes",
    "save_weights": "weights",
    "shuffled": "batches",
    "train": "recipes",
}

__all__ = [
    "Batches",
    "Card",
    "History",
    "LearningError",
    "Recipe",
    "Table",
    "TrainingData",
    "WeightsError",
    "choose_device",
    "export_onnx",
    "fit",
    "list_models",
    "list_recipes",
    "load_model",
    "load_weights",
    "onnx_difference",
    "register_model",
    "register_recipe",
    "run_model",
    "save_weights",
    "shuffled",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mirlab.learning' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value  # from now on without this detour
    return value
