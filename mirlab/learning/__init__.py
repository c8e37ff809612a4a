"""Learning: the training loop and the model registry.

`fit` trains any network on `Batches`, whose item k is a function of k, so that a run that was
killed resumes and ends with the same weights. `save_weights` writes them with a card and a hash,
`register_model` makes your own network available to the verbs, and `export_onnx` writes it for
the browser. `TrainingData` renders the items of a task once, caches them and gives random excerpts
in batches. A `Recipe` combines all of this under one name, for `mirlab train`. Invalid arguments
raise a `LearningError`, unusable files a `WeightsError`.
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

_MODULES = {  # imported at first use, because they need torch; classical methods run without it
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
    if name not in _MODULES:
        raise AttributeError(f"module 'mirlab.learning' has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value  # later accesses do not call __getattr__
    return value
