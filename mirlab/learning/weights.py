"""Save and load weights: safetensors files with a card beside them, never pickles."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from ..core.checks import as_path
from ..core.files import atomic_write
from .cards import Card, code_commit
from .checks import require, require_count, require_name, require_texts, require_type
from .errors import WeightsError
from .tensor_files import read_tensors, sha256_of, write_tensors


def save_weights(
    model: nn.Module,
    path: str | os.PathLike[str],
    *,
    name: str,
    trained_on: str,
    licence: str,
    arguments: dict[str, Any] | None = None,
    command: str = "",
    seed: int | None = None,
    scores: dict[str, float] | None = None,
    protocol: str = "",
    history: Sequence[dict[str, Any]] = (),
) -> Card:
    """Write the weights of a model and their card.

    Parameters
    ----------
    model
        The network; its state is written unchanged, including buffers.
    path
        A `.safetensors` file; the card is written beside it, as `.json`.
    name, trained_on, licence, arguments, command, seed, scores, protocol, history
        See `Card`.

    Returns
    -------
    Card
        The card as written.

    Raises
    ------
    LearningError
        For a name that is not `task/name`, scores without a protocol, or an argument of another
        type.
    WeightsError
        For another suffix, or when a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> net = nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     card = save_weights(
    ...         net, Path(folder) / "mine.safetensors", name="chords/mine", trained_on="nothing",
    ...         licence="CC0-1.0", arguments={"in_features": 2, "out_features": 1},
    ...     )
    >>> card.parameters, card.network
    (3, 'torch.nn.modules.linear:Linear')
    """
    path = as_path("path", path, WeightsError)
    require_type("model", model, nn.Module)
    require_name(name)
    require_texts(trained_on=trained_on, licence=licence, command=command, protocol=protocol)
    for part, value in (("arguments", arguments), ("scores", scores)):
        require(isinstance(value, dict | None), f"{part} must be a dictionary or None")
    if seed is not None:
        require_count("seed", seed, minimum=0)
    require(isinstance(history, Sequence), f"history must be rows, not {type(history).__name__}")
    require(not scores or bool(protocol), "protocol must say how scores were measured, not ''")
    if path.suffix != ".safetensors":
        raise WeightsError(f"{path}: weights are written as .safetensors")
    kind = type(model)
    card = Card(
        name=name,
        network=f"{kind.__module__}:{kind.__qualname__}",
        arguments=arguments or {},
        parameters=parameter_count(model),
        trained_on=trained_on,
        licence=licence,
        command=command,
        commit=code_commit(),
        seed=seed,
        scores=scores or {},
        protocol=protocol,
        history=list(history),
    )
    with atomic_write(path, error=WeightsError) as temporary:
        write_tensors(temporary, model.state_dict(), {})
        card = replace(card, sha256=sha256_of(temporary), bytes=temporary.stat().st_size)
    card.save(path.with_suffix(".json"))
    return card


def load_weights(model: nn.Module, path: str | os.PathLike[str]) -> Card:
    """Load weights into a model, after checking their hash against the card.

    Parameters
    ----------
    model
        Network of the architecture that the card names; changed in place. It keeps its precision.
    path
        The `.safetensors` file, with its card beside it.

    Returns
    -------
    Card
        The card of the weights.

    Raises
    ------
    WeightsError
        When a file is missing or damaged, does not match the card, or does not fit the model.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> trained, model = nn.Linear(2, 1), nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.safetensors"
    ...     _ = save_weights(trained, path, name="chords/mine", trained_on="", licence="CC0-1.0")
    ...     card = load_weights(model, path)
    >>> card.name, bool((model.weight == trained.weight).all())
    ('chords/mine', True)
    """
    require_type("model", model, nn.Module)
    path = as_path("path", path, WeightsError)
    if not path.name:
        raise WeightsError(f"{path}: is not the name of a file")
    card = Card.load(path.with_suffix(".json"))
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file")
    digest = sha256_of(path)
    if digest != card.sha256:
        raise WeightsError(f"{path}: does not match its card (sha256 {digest})")
    tensors, _ = read_tensors(path)
    state = model.state_dict()
    if state.keys() != tensors.keys():
        missing = sorted(state.keys() - tensors.keys())
        unexpected = sorted(tensors.keys() - state.keys())
        line = f"missing {missing}, unexpected {unexpected}"
        raise WeightsError(f"{path}: does not fit the model; {line}")
    for name, tensor in tensors.items():
        shape, expected = tuple(tensor.shape), tuple(state[name].shape)
        if shape != expected:
            line = f"{name} has shape {shape}, the model's {expected}"
            raise WeightsError(f"{path}: does not fit the model; {line}")
    model.load_state_dict(tensors)
    return card


def parameter_count(model: nn.Module) -> int:
    """Number of parameters of a model."""
    return sum(p.numel() for p in model.parameters())
