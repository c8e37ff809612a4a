"""The training loop: it learns, follows its options, and is reproducible."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from mirlab.learning import Batches, LearningError, devices, fit
from mirlab.learning.trainer import Plan


def item(k: int) -> tuple[Tensor, Tensor]:
    x = torch.rand(3, generator=torch.Generator().manual_seed(k))
    return x, x.sum(0, keepdim=True)


DATA = Batches(item, size=8)
HELD_OUT = DATA.part(1000).take(2)


def network(seed: int = 0) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        hidden = [nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.ReLU()]
        return nn.Sequential(*hidden, nn.Linear(8, 1))


def loss(model: nn.Module, batch: Any) -> Tensor:
    x, y = batch
    return (model(x) - y).square().mean()


def trained(**options: Any) -> tuple[nn.Module, Any]:
    model = network()
    arguments = {"steps": 12, "every": 4, "device": "cpu", "progress": False} | options
    return model, fit(model, loss, arguments.pop("data", DATA), **arguments)


def same(first: nn.Module, other: nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.slow
def test_the_loss_falls() -> None:
    line = nn.Linear(3, 1)
    options = {"steps": 400, "lr": 0.2, "weight_decay": 0.0, "ema": 0.9}
    history = fit(line, loss, DATA, device="cpu", progress=False, **options)
    assert history["loss"][-1] < 1e-3 * history["loss"][0]
    assert torch.allclose(line.weight, torch.ones(1, 3), atol=0.01)


def test_the_same_seed_gives_the_same_weights_to_the_bit() -> None:
    once, again, other = (trained(seed=seed)[0] for seed in (0, 0, 1))
    assert same(once, again)
    assert not same(once, other)  # by the dropout


@pytest.mark.slow
def test_the_global_random_state_is_neither_used_nor_changed() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    model, _ = trained(validation=HELD_OUT)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(6)
    assert same(model, trained(validation=HELD_OUT)[0])


def test_without_averaging_it_equals_a_plain_loop() -> None:
    """Written with torch alone, without dropout: bit-identical weights."""
    plain, ours = network(), network()
    plain[2], ours[2] = nn.Identity(), nn.Identity()
    fit(ours, loss, DATA, steps=12, lr=0.01, ema=0, device="cpu", progress=False)
    optimizer = torch.optim.AdamW(plain.parameters(), weight_decay=0.01)
    for step, batch in enumerate(DATA.take(12)):
        rising = 1  # 5 % of 12, rounded, and at least one
        fall = (1 + math.cos(math.pi * (step - rising) / (12 - rising))) / 2
        optimizer.param_groups[0]["lr"] = 0.01 if step < rising else 0.01 * fall
        optimizer.zero_grad()
        loss(plain, batch).backward()
        nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        optimizer.step()
    assert same(plain, ours)


def test_the_moving_average_follows_its_formula() -> None:
    """With steps of known size, the average of the weights has a closed form."""
    seen: list[Tensor] = []

    def watched(model: nn.Module, batch: Any) -> Tensor:
        seen.append(model.weight.detach().clone())
        return loss(model, batch)

    line = nn.Linear(3, 1, bias=False)
    average = line.weight.detach().clone()
    fit(line, watched, DATA, steps=30, ema=0.5, device="cpu", progress=False)
    raw = copy.deepcopy(line)
    fit_on = nn.Linear(3, 1, bias=False)
    fit_on.load_state_dict({"weight": seen[0]})
    fit(fit_on, loss, DATA, steps=30, ema=0, device="cpu", progress=False)
    for n, weight in enumerate([*seen[1:], fit_on.weight.detach()], start=1):
        decay = min(0.5, n / (n + 10))
        average = decay * average + (1 - decay) * weight
    assert torch.allclose(raw.weight, average, atol=1e-6)


def test_the_model_is_returned_ready_to_use() -> None:
    model, history = trained(steps=10, every=4)
    assert not model.training
    assert history["step"].tolist() == [4, 8, 10]
    assert all(row["validation"] is None for row in history)
    assert (history["seconds"][1:] >= history["seconds"][:-1]).all()


def test_an_interruption_leaves_a_usable_model() -> None:
    def stops(model: nn.Module, batch: Any) -> Tensor:
        raise KeyboardInterrupt

    model = network()
    with pytest.raises(KeyboardInterrupt):
        fit(model, stops, DATA, steps=2, device="cpu", progress=False)
    assert not model.training


def test_validation_keeps_the_best_average() -> None:
    model, history = trained(steps=40, lr=0.3, validation=HELD_OUT)
    with torch.no_grad():
        mean = sum(loss(model, batch).item() for batch in HELD_OUT) / len(HELD_OUT)
    best = history.best
    assert best is not None
    assert mean == pytest.approx(best["validation"], rel=1e-5)
    assert best["validation"] == min(history["validation"]) < max(history["validation"])


def test_patience_ends_training_without_improvement() -> None:
    _, history = trained(steps=400, lr=0.0, validation=HELD_OUT, patience=3, ema=0)
    # with rate 0 only BatchNorm's statistics change; they settle, and the loss stops falling
    best = history.best
    assert best is not None
    assert history.rows[-1]["step"] == best["step"] + 3 * 4 < 400


def test_finite_data_is_repeated() -> None:
    few = DATA.take(5)
    endless = [few[k % 5] for k in range(12)]
    assert same(trained(data=few)[0], trained(data=endless)[0])


def test_mixed_precision_trains_too() -> None:
    line = nn.Linear(3, 1)
    options = {"steps": 300, "lr": 0.05, "device": "cpu", "progress": False}
    history = fit(line, loss, DATA, precision="bfloat16", **options)
    assert line.weight.dtype == torch.float32
    assert history["loss"][-1] < 0.01


@pytest.mark.parametrize(("native", "word"), [(True, "bfloat16"), (False, "float32")])
def test_mixed_precision_is_chosen_if_the_device_supports_it(
    monkeypatch: pytest.MonkeyPatch, native: bool, word: str
) -> None:
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: native)
    assert same(trained(precision="auto")[0], trained(precision=word)[0])


def test_frozen_or_shared_weights_stay_so() -> None:
    frozen, tied = nn.Linear(3, 3), nn.Linear(3, 3)
    for weight in frozen.parameters():
        weight.requires_grad = False
    before = frozen.weight.clone()
    model = nn.Sequential(frozen, tied, tied, nn.Linear(3, 1))
    fit(model, loss, DATA, steps=10, device="cpu", progress=False)
    assert torch.equal(frozen.weight, before)
    assert model[1].weight is model[2].weight


@given(steps=st.integers(1, 300))
def test_the_learning_rate_rises_and_falls(steps: int) -> None:
    plan = Plan(steps, 0.1, 0.0, 0.9, None, 1, "float32", 0, 1)
    rates = [plan.rate(step) for step in range(steps)]
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.1)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert min(rates) > 0
    assert plan.rate(steps) == pytest.approx(0, abs=1e-12) or steps == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps must be an integer >= 1, not 0"),
        ({"steps": 2.5}, "steps must be"),
        ({"every": 0}, "every must be"),
        ({"lr": -1.0}, "lr must be at least 0 and finite, not -1.0"),
        ({"lr": math.nan}, "lr must be"),
        ({"ema": 1.0}, "ema must be at least 0 and less than 1, not 1.0"),
        ({"weight_decay": math.inf}, "weight_decay must be"),
        (
            {"precision": "float16"},
            "precision must be 'auto', 'float32', 'bfloat16'; not 'float16'",
        ),
        ({"seed": -1}, "seed must be"),
        ({"patience": 2}, "patience=2 needs validation"),
        ({"patience": 0, "validation": HELD_OUT}, "patience must be"),
        ({"validation": []}, "validation is empty"),
        ({"validation": iter(HELD_OUT)}, "validation must have a length"),
        ({"data": []}, "data is empty"),
        ({"data": iter(DATA.take(3))}, "an exhausted iterator"),
        ({"device": "abacus"}, "device 'abacus' cannot be used here"),
        ({"device": "cuda:99"}, "device 'cuda:99' cannot be used here"),
    ],
)
def test_bad_arguments_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(LearningError, match=message):
        trained(**options)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            lambda model, batch: model(batch[0]),
            r"shape \(\), one value per batch, not shape \(8, 1\)",
        ),
        (lambda model, batch: 0.5, "not float"),
        (lambda model, batch: batch[0].mean(), "does not depend on the model's weights"),
        (lambda model, batch: model(batch[0]).mean() * math.nan, "is nan between steps 1 and 4"),
    ],
)
def test_a_bad_loss_is_refused(bad: Any, message: str) -> None:
    with pytest.raises(LearningError, match=message):
        fit(network(), bad, DATA, steps=8, every=4, device="cpu", progress=False)


def test_a_model_without_weights_is_refused() -> None:
    with pytest.raises(LearningError, match="ReLU has no trainable weights"):
        fit(nn.ReLU(), loss, DATA, steps=1, device="cpu", progress=False)
