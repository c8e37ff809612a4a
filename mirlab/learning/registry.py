"""Models by name: networks and classical methods of the package, and your own networks."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import AudioLike, Progress, as_audio
from ..core.progress import reporting
from ..core.tables import Table
from .cards import Card
from .checks import require, require_name
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
    "transcription": "transcribe",
}


@dataclass(frozen=True)
class Entry:
    """A model: what makes its network, what answers without one, its weights, its card."""

    make: Callable[..., nn.Module] | None
    function: Callable[..., Any] | None
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

    A verb runs the model through the method of its own name, which takes an `Audio` and gives what
    the verb gives: `recognize_chords` (task `chords`), `track_pitch` (`pitch`), `track_beats`
    (`rhythm`; with `notes=` where the caller knows them), `separate` (`separation`), `transcribe`
    (`transcription`).

    Parameters
    ----------
    name
        `task/name`; a name you registered earlier is replaced.
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
    >>> from torch import nn
    >>> net = nn.Linear(2, 1)
    >>> register_model("chords/tiny", lambda: net)
    >>> load_model("chords/tiny") is net
    True
    """
    from torch import nn

    require_name(name)
    require(name not in _packaged(), f"name {name!r} is that of a model of the package")
    kind = type(network).__name__
    made = not callable(network) or isinstance(network, nn.Module)
    require(not made, f"network must be a class or a function that gives one, not a {kind}")
    path = None if weights is None else Path(weights).resolve()
    card = None if path is None else Card.load(path.with_suffix(".json"))
    _own[name] = Entry(network, None, path, card)


def load_model(name: str) -> nn.Module:
    """The network of a model, ready to use: with its weights, in evaluation mode.

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
    """
    from torch import nn

    entry = _find(name)
    if entry.make is None:
        verb = VERBS[name.split("/")[0]]
        raise LearningError(f"{name} has no network; {verb}(audio, model={name!r}) runs it")
    model = entry.make(**(entry.card.arguments if entry.card else {}))
    require(isinstance(model, nn.Module), f"{name}: network gave no nn.Module but {model!r}")
    if entry.weights is not None:
        from .weights import load_weights

        load_weights(model, entry.weights)
    return model.eval()


def list_models() -> Table:
    """The models that the verbs and `load_model` know, by name.

    Returns
    -------
    Table
        `name`; `parameters`, how many were learned, 0 of a classical method; `bytes` of its
        weights; `licence`; `trained on`; `score`, the first of its card; `source`, of a classical
        method its paper. What is not known is None.
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
    """Answer a task's verb: what `recognize_chords`, `separate` and the others do.

    Parameters
    ----------
    task
        One of the tasks with a verb, such as `"chords"`.
    model
        `name` or `task/name`.
    audio
        A path, an `Audio` or `(y, sr)`.
    device
        Where the network computes, see `choose_device`. A method without a network computes on
        the processor.
    progress
        See `mirlab.core.progress`.
    **more
        What else this verb hands to the model.

    Raises
    ------
    LearningError
        When there is no such model, it has no such method, or the device is not here.
    AudioError
        When `audio` is no sound.
    """
    verb, name = VERBS[task], model if model.startswith(f"{task}/") else f"{task}/{model}"
    entry = _find(name, of=f"{task}/")
    on_processor = str(device) in ("auto", "cpu")
    if entry.function is None or not on_processor:
        from .devices import choose_device

        device = choose_device(device)
    sound = as_audio(audio)
    with reporting(progress, verb):
        if entry.function is not None and (on_processor or entry.make is None):
            return entry.function(sound, **more)
        network = load_model(name).to(device)
        answer = getattr(network, verb, None)
        if answer is None:
            kind = type(network).__name__
            raise LearningError(f"{name} cannot answer {verb}(): {kind} has no method {verb}")
        return answer(sound, **more)


def _find(name: str, of: str = "") -> Entry:
    """The entry of a name; an error lists those there are, of the task that begins so."""
    entries = _entries()
    if name not in entries:
        known = ", ".join(repr(known) for known in sorted(entries) if known.startswith(of))
        raise LearningError(f"there is no model {name!r}; there is {known or 'none yet'}")
    return entries[name]


def _entries() -> dict[str, Entry]:
    """All models, by name."""
    return {**_packaged(), **_own}


def _packaged() -> dict[str, Entry]:
    """The models whose cards lie in the package, by name."""
    entries = {}
    for path in sorted(FOLDER.glob("*.json")):
        card = Card.load(path)
        network, function = (
            _named(target, path) if target else None for target in (card.network, card.function)
        )
        weights = path.with_suffix(".safetensors") if card.sha256 else None
        entries[card.name] = Entry(network, function, weights, card)
    return entries


def _named(target: str, path: Path) -> Callable[..., Any]:
    """The class or function of a card, `module:name`; imported when it is called."""
    module, _, name = target.partition(":")
    if not module.startswith("mirlab."):  # a file of data decides nothing about foreign code
        raise WeightsError(f"{path}: {target!r} is none of the package")

    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(import_module(module), name)(*arguments, **named)

    return call


def _row(name: str, card: Card | None) -> dict[str, Any]:
    """A row of the list."""
    if card is None:
        return dict.fromkeys(COLUMNS) | {"name": name, "source": "registered here"}
    score = next((f"{measure} {value:.2f}" for measure, value in card.scores.items()), None)
    about = (card.parameters, card.bytes or None, card.licence, card.trained_on, score, card.source)
    return dict(zip(COLUMNS, (name, *about), strict=True))
