"""Models by name: those of the package, and your own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..core.tables import Table
from .cards import Card
from .checks import require, require_name
from .devices import choose_device
from .errors import LearningError, WeightsError
from .weights import load_weights

FOLDER = Path(__file__).resolve().parents[1] / "weights"
COLUMNS = ("name", "parameters", "bytes", "licence", "trained on", "score", "source")


@dataclass(frozen=True)
class Entry:
    """A model that can be loaded: what makes the network, its weights if it needs any, its card."""

    make: Callable[..., nn.Module]
    weights: Path | None
    card: Card | None


_own: dict[str, Entry] = {}  # what `register_model` was given in this process


def register_model(
    name: str,
    network: Callable[..., nn.Module],
    *,
    weights: str | os.PathLike[str] | None = None,
) -> None:
    """Make a network of your own known to `load_model`, `list_models` and the verbs.

    A verb runs the model through the method of its own name, which takes the sound and gives what
    the verb gives: `recognize_chords` (task `chords`), `transcribe` (`transcription`), `separate`
    (`separation`).

    Parameters
    ----------
    name
        `task/name`; your own name of before is replaced.
    network
        The class of the network, or any function that gives the module.
    weights
        What `save_weights` wrote: `network` is called with the arguments of its card, and the
        weights are put in. Without, it is called with nothing.

    Raises
    ------
    LearningError
        For a name that is not `task/name`, or one that the package has itself.
    WeightsError
        When the weights have no card.

    Examples
    --------
    >>> net = nn.Linear(2, 1)
    >>> register_model("chords/tiny", lambda: net)
    >>> load_model("chords/tiny") is net
    True
    """
    require_name(name)
    require(name not in _packaged(), f"name {name!r} is that of a model of the package")
    kind = type(network).__name__
    made = not callable(network) or isinstance(network, nn.Module)
    require(not made, f"network must be a class or a function that gives one, not a {kind}")
    path = None if weights is None else Path(weights).resolve()
    card = None if path is None else Card.load(path.with_suffix(".json"))
    _own[name] = Entry(network, path, card)


def load_model(name: str) -> nn.Module:
    """A model, ready to use: with its weights, in evaluation mode.

    Parameters
    ----------
    name
        `task/name`, one of `list_models()["name"]`.

    Raises
    ------
    LearningError
        When there is no such model.
    WeightsError
        When its weights are missing, damaged, or do not fit the network.
    """
    entry = _find(name)
    model = entry.make(**(entry.card.arguments if entry.card else {}))
    require(isinstance(model, nn.Module), f"{name}: network gave no nn.Module but {model!r}")
    if entry.weights is not None:
        load_weights(model, entry.weights)
    return model.eval()


def list_models() -> Table:
    """The models that `load_model` knows, by name.

    Returns
    -------
    Table
        `name`; `parameters`, how many numbers it learned; `bytes` of its weights; `licence`;
        `trained on`; `score`, the first of its card; `source`. What is not known is None.
    """
    return Table(COLUMNS, [_row(name, entry.card) for name, entry in sorted(_entries().items())])


def ask(
    task: str,
    model: str,
    verb: str,
    value: Any,
    *,
    others: Sequence[str] = (),
    device: str | torch.device = "cpu",
) -> Any:
    """Answer a verb by a registered model.

    Parameters
    ----------
    task
        The verb's task.
    model
        `name` or `task/name`.
    verb
        The method that answers.
    value
        What it is given.
    others
        Models that the verb knows by itself; named in the error when there is no such model.
    device
        Where the model computes, see `choose_device`.

    Raises
    ------
    LearningError
        When there is no such model, it has no such method, or the device is not here.
    """
    name = model if model.startswith(f"{task}/") else f"{task}/{model}"
    _find(name, others)
    network = load_model(name).to(choose_device(device))
    answer = getattr(network, verb, None)
    if answer is None:
        kind = type(network).__name__
        raise LearningError(f"{name} cannot answer {verb}(): {kind} has no method {verb}")
    return answer(value)


def _find(name: str, others: Sequence[str] = ()) -> Entry:
    """The entry of a name; an error names all there are, and `others`."""
    entries = _entries()
    if name not in entries:
        known = ", ".join(map(repr, [*others, *sorted(entries)])) or "none yet"
        raise LearningError(f"there is no model {name!r}; there is {known}")
    return entries[name]


def _entries() -> dict[str, Entry]:
    """All models, by name."""
    return {**_packaged(), **_own}


def _packaged() -> dict[str, Entry]:
    """The models whose cards lie in the package, by name."""
    entries = {}
    for path in sorted(FOLDER.glob("*.json")):
        card = Card.load(path)
        weights = path.with_suffix(".safetensors") if card.sha256 else None
        entries[card.name] = Entry(_maker(card, path), weights, card)
    return entries


def _maker(card: Card, path: Path) -> Callable[..., nn.Module]:
    """A function that makes the card's network; its module is imported when it is called."""
    module, _, kind = card.network.partition(":")
    if not module.startswith("mirlab."):  # a file of data decides nothing about foreign code
        raise WeightsError(f"{path}: network {card.network!r} is none of the package")

    def make(**arguments: Any) -> nn.Module:
        network: nn.Module = getattr(import_module(module), kind)(**arguments)
        return network

    return make


def _row(name: str, card: Card | None) -> dict[str, Any]:
    """A row of the list."""
    if card is None:
        return dict.fromkeys(COLUMNS) | {"name": name, "source": "registered here"}
    score = next((f"{measure} {value:.2f}" for measure, value in card.scores.items()), None)
    about = (card.parameters, card.bytes or None, card.licence, card.trained_on, score, card.source)
    return dict(zip(COLUMNS, (name, *about), strict=True))
