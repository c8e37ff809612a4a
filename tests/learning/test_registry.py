"""Models by name: those of the package, and registered ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mirlab
from mirlab.core import Audio, Notes, Segments
from mirlab.learning import (
    Card,
    LearningError,
    WeightsError,
    list_models,
    load_model,
    register_model,
    registry,
    run_model,
    save_weights,
)

SOUND = Audio(np.zeros(22050), 22050)


class Answers(nn.Module):
    """A network with the methods of all tasks."""

    def __init__(self, root: str = "C") -> None:
        super().__init__()
        self.root = root
        self.weight = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight

    def recognize_chords(self, audio: Audio) -> Segments:
        return Segments([(0, audio.duration)], [f"{self.root}:maj"])

    def transcribe(self, audio: Audio) -> Notes:
        return Notes([0.0], [audio.duration], [60])

    def separate(self, audio: Audio) -> dict[str, Audio]:
        return {"everything": audio}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo registrations after each test."""
    monkeypatch.setattr(registry, "_registered", {})


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of weights in the package's place, and a room whose network they are for."""
    room = ModuleType("mirlab.pretend")
    room.Answers = Answers  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mirlab.pretend", room)
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    return tmp_path


def ship(folder: Path, name: str, **changes: Any) -> Card:
    path = folder / f"{name.replace('/', '-')}.safetensors"
    model = Answers(**changes.get("arguments", {}))
    nn.init.ones_(model.weight)
    card = save_weights(model, path, name=name, trained_on="nothing", licence="MIT")
    card = replace(card, network="mirlab.pretend:Answers", **changes)
    card.save(path.with_suffix(".json"))
    return card


def test_a_registered_network_answers_the_verbs() -> None:
    for task in ("chords", "transcription", "separation"):
        mirlab.register_model(f"{task}/mine", Answers)
    assert mirlab.recognize_chords(SOUND, model="mine").labels == ("C:maj",)
    assert mirlab.recognize_chords(SOUND, model="chords/mine").labels == ("C:maj",)
    assert mirlab.transcribe(SOUND, model="mine").pitch.tolist() == [60]
    assert mirlab.separate(SOUND, model="separation/mine") == {"everything": SOUND}


def test_registered_weights_are_loaded_with_their_arguments(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    trained = Answers("A")
    nn.init.constant_(trained.weight, 5)
    about = {"name": "chords/mine", "trained_on": "nothing", "licence": "MIT"}
    save_weights(trained, path, arguments={"root": "A"}, **about)
    register_model("chords/mine", Answers, weights=path)
    model = load_model("chords/mine")
    assert not model.training
    assert model.weight.tolist() == [5, 5, 5]
    assert mirlab.recognize_chords(SOUND, model="mine").labels == ("A:maj",)
    [row] = [row for row in mirlab.list_models() if row["name"] == "chords/mine"]
    assert (row["name"], row["parameters"], row["licence"]) == ("chords/mine", 3, "MIT")


def test_a_registered_name_can_be_replaced() -> None:
    register_model("chords/mine", lambda: Answers("D"))
    register_model("chords/mine", lambda: Answers("E"))
    assert run_model("chords", "mine", SOUND).labels == ("E:maj",)
    [row] = [row for row in list_models() if row["name"] == "chords/mine"]
    assert row["source"] == "registered here"


def test_models_of_the_package_need_no_registration(package: Path) -> None:
    card = ship(package, "chords/small", arguments={"root": "G"}, scores={"root": 0.75})
    ship(package, "chords/adapted", sha256=None, bytes=0, source="somebody's wheel")
    (package / "chords-adapted.safetensors").unlink()  # it has its own weights
    rows = {row["name"]: row for row in list_models()}
    assert rows["chords/small"] == {
        "name": "chords/small",
        "parameters": 3,
        "bytes": card.bytes,
        "licence": "MIT",
        "trained on": "nothing",
        "score": "root 0.75",
        "source": "mirlab",
    }
    assert rows["chords/adapted"]["source"] == "somebody's wheel"
    assert rows["chords/adapted"]["bytes"] is None
    assert load_model("chords/small").weight.tolist() == [1, 1, 1]
    assert load_model("chords/adapted").weight.tolist() == [0, 0, 0]
    assert mirlab.recognize_chords(SOUND, model="small").labels == ("G:maj",)


def test_all_models_of_the_package_can_be_loaded() -> None:
    for row in list_models():
        if row["source"] == "mirlab":
            model = load_model(row["name"])
            assert isinstance(model, nn.Module)
            assert not model.training
        elif row["parameters"] == 0:
            with pytest.raises(LearningError, match=f"has no network; .*model='{row['name']}'"):
                load_model(row["name"])


def test_damaged_weights_of_the_package_are_refused(package: Path) -> None:
    ship(package, "chords/small")
    path = package / "chords-small.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + bytes(4))
    with pytest.raises(WeightsError, match="does not match its card"):
        load_model("chords/small")


def test_a_card_imports_nothing_from_outside(package: Path) -> None:
    card = ship(package, "chords/small")
    replace(card, network="os:system").save(package / "chords-small.json")
    with pytest.raises(WeightsError, match="'os:system' is not part of the package"):
        load_model("chords/small")


def test_unknown_names_are_refused(package: Path) -> None:
    with pytest.raises(LearningError, match="no model 'chords/x'; available: none"):
        load_model("chords/x")
    ship(package, "chords/small")
    register_model("chords/mine", Answers)
    with pytest.raises(LearningError, match="available: 'chords/mine', 'chords/small'"):
        load_model("chords/x")
    with pytest.raises(LearningError, match="available: 'chords/mine', 'chords/small'"):
        mirlab.recognize_chords(SOUND, model="x")


@pytest.mark.parametrize(
    "name", ["chords/temlates", "templates", "templats", "chord/templates", "Chords/Templates"]
)
def test_a_similar_name_is_proposed(name: str) -> None:
    with pytest.raises(LearningError, match=r"; did you mean 'chords/templates'\?"):
        load_model(name)


@pytest.mark.parametrize("model", [None, 3, ["templates"], nn.Linear(1, 1), nn.Linear])
def test_a_model_is_given_by_name(model: Any) -> None:
    with pytest.raises(LearningError, match="model must be the name of a model, not"):
        mirlab.recognize_chords(SOUND, model=model)
    with pytest.raises(LearningError, match="there is no model"):
        load_model(model)


@pytest.mark.parametrize(
    "arguments", [{"in_features": "x", "out_features": 1}, {"depth": 3}, {"in_features": -1}]
)
def test_card_arguments_that_do_not_fit_the_network_are_refused(
    tmp_path: Path, arguments: dict[str, Any]
) -> None:
    path = tmp_path / "net.safetensors"
    about = {"name": "chords/mine", "trained_on": "nothing", "licence": "CC0-1.0"}
    save_weights(nn.Linear(1, 1), path, arguments=arguments, **about)
    register_model("chords/mine", nn.Linear, weights=path)
    with pytest.raises(WeightsError, match="no network has the arguments of its card"):
        load_model("chords/mine")


def test_invalid_registrations_are_refused(package: Path, tmp_path: Path) -> None:
    ship(package, "chords/small")
    network: Any = Answers
    for name, message in (
        ("mine", "name must be 'task/name'"),
        ("Chords/mine", "name must be"),
        ("chords/small", "'chords/small' is the name of a model of the package"),
    ):
        with pytest.raises(LearningError, match=message):
            register_model(name, network)
    with pytest.raises(LearningError, match="network must be a class or a function"):
        register_model("chords/mine", network())
    with pytest.raises(WeightsError, match="there is no such file"):
        register_model("chords/mine", network, weights=tmp_path / "none.safetensors")


def test_a_network_without_the_method_is_refused() -> None:
    register_model("chords/mute", lambda: nn.Linear(1, 1))
    with pytest.raises(LearningError, match="Linear has no method recognize_chords"):
        mirlab.recognize_chords(SOUND, model="mute")
    no_network: Any = dict
    register_model("chords/none", no_network)
    with pytest.raises(LearningError, match=r"network must return an nn\.Module"):
        load_model("chords/none")
