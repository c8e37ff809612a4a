"""Model registry: networks and classical methods of the package, and your own networks."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import AudioLike, Progress, as_audio
from ..core.progress import reporting
from ..core.tables import Table
from .cards import Card
from .checks import require, require_name, unknown_name
from .errors import LearningError, WeightsError

if TYPE_CHECKING:  # classical methods are listed and run without torch
    import torch
    from torch import nn

FOLDER = Path(__file__).resolve().parents[1] / "weights"
COLUMNS = ("name", "parameters", "bytes", "licence", "trained on", "score", "source")
VERBS = {
    "chords": "recognize_chords",
    "pitch": "track_pitch",
    "rhythm": "track_beats",
    "separation": "separate",
    "structure": "find_sections",
    "transcription": "transcribe",
}


@dataclass(frozen=True)
class Entry:
    """A model: network factory, function without a network, weights file, and card."""

    make: Callable[..., nn.Module] | None
    function: Callable[..., Any] | None
    weights: Path | None
    card: Card | None


_registered: dict[str, Entry] = {}  # models added by `register_model` in this process


def register_model(
    name: str,
    network: Callable[..., nn.Module],
    *,
    weights: str | os.PathLike[str] | None = None,
) -> None:
    """Make your own network available to `load_model`, `list_models` and the verbs.

    A verb calls the method of the same name, which takes an `Audio` and returns what the verb
    returns: `recognize_chords` (task `chords`), `track_pitch` (`pitch`), `track_beats` (`rhythm`;
    with `notes=` if the caller passes notes), `separate` (`separation`), `find_sections`
    (`structure`; with `beats=` if the caller passes beats), `transcribe` (`transcription`).

    Parameters
    ----------
    name
        `task/name`; a name that you registered before is replaced.
    network
        Class of the network, or any function that returns the module.
    weights
        File written by `save_weights`: `network` is called with the arguments of its card, and the
        weights are loaded. By default `network` is called without arguments.

    Raises
    ------
    LearningError
        For a name that is not `task/name`, or the name of a model of the package.
    WeightsError
        When the weights have no card.

    Examples
    --------
    >>> from torch import nn
    >>> net = nn.Linear(2, 1)
    >>> register_model("chords/tiny", lambda: net)
    >>> load_model("chords/tiny") is net
    True
    """
    from torch import nn

    require_name(name)
    require(name not in _packaged(), f"name {name!r} is the name of a model of the package")
    kind = type(network).__name__
    is_factory = callable(network) and not isinstance(network, nn.Module)
    line = f"network must be a class or a function that returns a network, not a {kind}"
    require(is_factory, line)
    is_path = weights is None or isinstance(weights, str | os.PathLike)
    require(
        is_path and "\0" not in str(weights),
        f"weights must be a path, not {type(weights).__name__} {str(weights)[:60]!r}",
    )
    path = None if weights is None else Path(weights).resolve()
    card = None if path is None else Card.load(path.with_suffix(".json"))
    _registered[name] = Entry(network, None, path, card)


def load_model(name: str) -> nn.Module:
    """Load the network of a model, with its weights and in evaluation mode.

    Parameters
    ----------
    name
        `task/name`, one of `list_models()["name"]`.

    Raises
    ------
    LearningError
        When there is no such model, or it is a classical method, which has no network.
    WeightsError
        When its weights are missing, damaged, or do not fit the network.

    Examples
    --------
    >>> network = load_model("transcription/mirlab-notes-tiny")
    >>> sum(p.numel() for p in network.parameters())
    26476
    """
    from torch import nn

    entry = _find(name)
    if entry.make is None:
        verb = VERBS[name.split("/")[0]]
        raise LearningError(f"{name} has no network; use {verb}(audio, model={name!r})")
    try:
        model = entry.make(**(entry.card.arguments if entry.card else {}))
    except (TypeError, ValueError, RuntimeError) as reason:
        if entry.card is None:  # an error in the caller's own function is shown whole
            raise
        raise WeightsError(
            f"{name}: no network has the arguments of its card ({reason})"
        ) from reason
    line = f"{name}: network must return an nn.Module, not {model!r}"
    require(isinstance(model, nn.Module), line)
    if entry.weights is not None:
        from .weights import load_weights

        load_weights(model, entry.weights)
    return model.eval()


def list_models() -> Table:
    """List the models of the registry.

    Returns
    -------
    Table
        Columns: `name`; `parameters`, the number of learned parameters, 0 for a classical method;
        `bytes`, the size of the weights; `licence`; `trained on`; `score`, the first score of the
        card; `source`, for a classical method its paper. Unknown values are None.

    Examples
    --------
    >>> "transcription/mirlab-notes" in list_models()["name"]
    True
    """
    return Table(COLUMNS, [_row(name, entry.card) for name, entry in sorted(_entries().items())])


def run_model(
    task: str,
    model: str,
    audio: AudioLike,
    *,
    device: str | torch.device = "auto",
    progress: Progress = True,
    **more: Any,
) -> Any:
    """Run a model on audio; the implementation of `recognize_chords`, `separate` and the others.

    Parameters
    ----------
    task
        A task with a verb, such as `"chords"`.
    model
        `name` or `task/name`.
    audio
        A path, an `Audio` or `(y, sr)`.
    device
        Device of the network, see `choose_device`. A method without a network runs on the CPU.
    progress
        See `mirlab.core.progress`.
    **more
        Further arguments of the model.

    Raises
    ------
    LearningError
        When there is no such model, it lacks the method, or this computer has no such device.
    AudioError
        When `audio` is not valid audio.

    Examples
    --------
    >>> import numpy as np
    >>> silence = (np.zeros(22050), 22050)
    >>> run_model("chords", "templates", silence, progress=False).labels
    ('N',)
    """
    if not isinstance(model, str):
        kind = type(model).__name__
        hint = f"register_model('{task}/mine', ...) gives a network a name"
        raise LearningError(f"model must be the name of a model, not {kind}; {hint}")
    known = isinstance(task, str) and task in VERBS
    require(known, f"task must be one of {', '.join(VERBS)}; not {reprlib.repr(task)}")
    verb, name = VERBS[task], model if model.startswith(f"{task}/") else f"{task}/{model}"
    entry = _find(name, prefix=f"{task}/")
    on_cpu = str(device) in ("auto", "cpu")
    if entry.function is None or not on_cpu:
        from .devices import choose_device

        device = choose_device(device)
    sound = as_audio(audio)
    with reporting(progress, verb):
        if entry.function is not None and (on_cpu or entry.make is None):
            return entry.function(sound, **more)
        network = load_model(name).to(device)
        method = getattr(network, verb, None)
        if method is None:
            kind = type(network).__name__
            raise LearningError(f"{name} cannot run {verb}(): {kind} has no method {verb}")
        return method(sound, **more)


def _find(name: str, prefix: str = "") -> Entry:
    """The entry of a name; the error lists the available names that begin with `prefix`."""
    entries = _entries()
    if not isinstance(name, str) or name not in entries:
        names = [known for known in sorted(entries) if known.startswith(prefix)]
        raise LearningError(unknown_name("model", name, names))
    return entries[name]


def _entries() -> dict[str, Entry]:
    """All models, by name."""
    return {**_packaged(), **_registered}


def _packaged() -> dict[str, Entry]:
    """The models whose cards are in the package, by name."""
    entries = {}
    for path in sorted(FOLDER.glob("*.json")):
        card = Card.load(path)
        network, function = (
            _import_target(target, path) if target else None
            for target in (card.network, card.function)
        )
        weights = path.with_suffix(".safetensors") if card.sha256 else None
        entries[card.name] = Entry(network, function, weights, card)
    return entries


def _import_target(target: str, path: Path) -> Callable[..., Any]:
    """The class or function of a card, `module:name`; imported when it is called."""
    module, _, name = target.partition(":")
    if not module.startswith("mirlab."):  # a data file must not run code from elsewhere
        raise WeightsError(f"{path}: {target!r} is not part of the package")

    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(import_module(module), name)(*arguments, **named)

    return call


def _row(name: str, card: Card | None) -> dict[str, Any]:
    """A row of `list_models`."""
    if card is None:
        return dict.fromkeys(COLUMNS) | {"name": name, "source": "registered here"}
    score = next((f"{measure} {value:.2f}" for measure, value in card.scores.items()), None)
    about = (card.parameters, card.bytes or None, card.licence, card.trained_on, score, card.source)
    return dict(zip(COLUMNS, (name, *about), strict=True))
