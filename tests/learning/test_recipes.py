"""Recipes and the two commands: training a model from scratch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mirlab.cli.main import main
from mirlab.learning import (
    Batches,
    LearningError,
    Recipe,
    list_recipes,
    load_weights,
    recipes,
    register_recipe,
    registry,
    train,
)
from mirlab.learning.cards import Card


class Line(nn.Linear):
    """A straight line."""

    def __init__(self, inputs: int) -> None:
        super().__init__(inputs, 1)


def loss(model: nn.Module, batch: Any) -> Tensor:
    x, y = batch
    return (model(x) - y).square().mean()


def data(seed: int) -> Batches:
    def item(k: int) -> tuple[Tensor, Tensor]:
        x = torch.rand(2, generator=torch.Generator().manual_seed(1000 * seed + k))
        return x, x.sum(0, keepdim=True)

    return Batches(item, size=4)


RECIPE = Recipe(
    network=Line,
    arguments={"inputs": 2},
    loss=loss,
    data=data,
    validation=lambda seed: data(seed).part(10**6).take(2),
    score=lambda model: {"weight": float(model.weight.sum())},
    protocol="the sum of the weights; the truth is 2",
    trained_on="sums of two random numbers",
    licence="CC0-1.0",
    steps=200,
    options={"lr": 0.05, "every": 50},
)
NAME = "sums/line"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the recipe for one test only."""
    monkeypatch.setattr(recipes, "_recipes", dict(recipes._recipes))
    monkeypatch.setattr(registry, "_registered", {})
    register_recipe(NAME, RECIPE)


def test_a_recipe_writes_weights_and_a_card(tmp_path: Path) -> None:
    path, card = train(NAME, tmp_path, device="cpu", progress=False)
    assert path == tmp_path / "sums-line.safetensors"
    model = Line(2)
    assert load_weights(model, path) == card
    assert card.scores == {"weight": pytest.approx(model.weight.sum().item())}
    assert card.scores["weight"] == pytest.approx(2, abs=0.1)
    assert card.command == "mirlab train sums/line --steps 200 --seed 0"
    assert (card.parameters, card.seed, card.licence) == (3, 0, "CC0-1.0")
    assert card.protocol == RECIPE.protocol and card.trained_on == RECIPE.trained_on


def test_the_card_has_the_training_history(tmp_path: Path) -> None:
    path, card = train(NAME, tmp_path, steps=150, device="cpu", progress=False)
    assert [row["step"] for row in card.history] == [50, 100, 150]
    assert card.history[-1]["loss"] < card.history[0]["loss"]
    assert card.history[-1]["validation"] is not None
    assert Card.load(path.with_suffix(".json")).history == card.history
    _, again = train(NAME, tmp_path, steps=150, device="cpu", progress=False)  # from the checkpoint
    assert again.history == card.history


def test_the_result_depends_on_the_seed_alone(tmp_path: Path) -> None:
    def weights(folder: str, seed: int) -> bytes:
        torch.rand(1)  # the caller's random state has no influence
        path, _ = train(NAME, tmp_path / folder, steps=5, seed=seed, device="cpu", progress=False)
        return path.read_bytes()

    assert weights("a", 0) == weights("b", 0) == weights("a", 0) != weights("c", 1)


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LearningError, match=f"no recipe 'sums/plane'; available: .*{NAME!r}"):
        train("sums/plane", tmp_path)
    with pytest.raises(LearningError, match="name must be 'task/name'"):
        register_recipe("line", RECIPE)
    assert not list(tmp_path.iterdir())


def test_scores_need_a_protocol() -> None:
    from dataclasses import replace

    with pytest.raises(LearningError, match="protocol must say"):
        register_recipe(NAME, replace(RECIPE, protocol=""))


def test_train_runs_as_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", NAME, "--out", str(tmp_path), "--steps", "60", "--seed", "3"]
    assert main([*words, "--device", "cpu"]) == 0
    shown = capsys.readouterr()
    first, score, protocol = shown.out.splitlines()
    assert first.startswith("sums/line: 3 parameters, ")
    assert first.endswith(f"-> {tmp_path / 'sums-line.safetensors'}")
    assert score.startswith("weight ") and protocol == RECIPE.protocol
    assert "60/60" in shown.err
    card = json.loads((tmp_path / "sums-line.json").read_text("utf-8"))
    assert card["command"] == "mirlab train sums/line --steps 60 --seed 3"


def test_train_without_a_name_lists_the_recipes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train"]) == 0
    assert capsys.readouterr().out.splitlines() == list(list_recipes())
    monkeypatch.setattr("mirlab.learning.list_recipes", tuple)
    assert main(["train"]) == 0
    assert capsys.readouterr().out == "no recipes\n"


def test_errors_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        (["train", "sums/plane"], "error: there is no recipe 'sums/plane'"),
        (["train", NAME, "--device", "abacus"], "error: device 'abacus' cannot be used here"),
    ):
        assert main([*words, "--out", str(tmp_path / "out")]) == 1
        shown = capsys.readouterr()
        assert shown.err.startswith(message) and shown.err.count("\n") == 1
        assert shown.out == ""
    (tmp_path / "file").write_text("")
    assert main(["train", NAME, "--out", str(tmp_path / "file"), "--device", "cpu"]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--steps", "0"], ["--seed", "-1"], ["--seed", "x"]])
def test_invalid_numbers_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", NAME, *words])
    assert ended.value.code == 2


def test_models_runs_as_a_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    assert main(["models"]) == 0
    assert capsys.readouterr().out == "no models\n"
    train(NAME, tmp_path, steps=5, device="cpu", progress=False)
    assert main(["models"]) == 1  # a network from outside the package is no part of it
    assert "is not part of the package" in capsys.readouterr().err
    card = tmp_path / "sums-line.json"
    card.write_text(card.read_text().replace(f'"{__name__}:Line"', '"mirlab.sums:Line"'))
    assert main(["models"]) == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split()[:4] == ["name", "parameters", "bytes", "licence"]
    assert row.split()[:2] == ["sums/line", "3"] and "sums of two random numbers" in row
