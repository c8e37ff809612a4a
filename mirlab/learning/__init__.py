"""Learning: the one training loop, and models by name.

`fit` trains any network on `Batches` whose items are functions of their numbers, so that a run
that was killed ends with the weights it would have had. `save_weights` writes them with a card
and a hash, `register_model` gives a network of your own the verbs of the package's, and
`export_onnx` takes it to the browser. `TrainingData` renders a task's items once, caches them and
gives random excerpts in batches. A `Recipe` is all of that under one name, for `mirlab train`.
What makes no sense is a `LearningError`, files that cannot be used are a `WeightsError`.
"""

from ..core.tables import Table
from .batches import Batches, shuffled
from .cards import Card
from .devices import choose_device
from .errors import LearningError, WeightsError
from .exporting import export_onnx, onnx_difference
from .history import History
from .loop import fit
from .recipes import Recipe, list_recipes, register_recipe, train
from .registry import ask, list_models, load_model, register_model
from .supply import TrainingData
from .weights import load_weights, save_weights

__all__ = [
    "Batches",
    "Card",
    "History",
    "LearningError",
    "Recipe",
    "Table",
    "TrainingData",
    "WeightsError",
    "ask",
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
    "save_weights",
    "shuffled",
    "train",
]
