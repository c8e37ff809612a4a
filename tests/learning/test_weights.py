"""Weights and cards: they are read as written, and anything else is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from mirlab.learning import Card, LearningError, WeightsError, load_weights, save_weights

ABOUT = {"name": "chords/mine", "trained_on": "nothing", "licence": "CC0-1.0"}


class Net(nn.Module):
    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.first = nn.Linear(3, width)
        self.norm = nn.BatchNorm1d(width)
        self.tied = self.first  # shares its memory
        self.register_buffer("count", torch.tensor(7))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_weights(Net(), tmp_path / "net.safetensors", **ABOUT)
    return tmp_path / "net.safetensors"


def test_saved_weights_are_loaded_unchanged(tmp_path: Path) -> None:
    before, after = Net(), Net()
    path = tmp_path / "net.safetensors"
    more = {"command": "make it", "seed": 3, "scores": {"root": 0.5}, "protocol": "one piece"}
    saved = save_weights(before, path, arguments={"width": 4}, **ABOUT, **more)
    assert load_weights(after, path) == saved == Card.load(path.with_suffix(".json"))
    for name, tensor in before.state_dict().items():
        assert torch.equal(after.state_dict()[name], tensor), name
    assert saved.parameters == 3 * 4 + 4 + 2 * 4
    assert saved.network == f"{Net.__module__}:Net"
    assert saved.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert saved.bytes == path.stat().st_size
    assert len(saved.commit.rstrip("+")) in (4, 40)


def test_the_loaded_weights_have_the_models_precision(tmp_path: Path) -> None:
    """Weights stored in half precision are accurate to half precision."""
    path = tmp_path / "half.safetensors"
    full, again = Net(), Net()
    half = Net().half()
    half.load_state_dict(full.state_dict())
    assert save_weights(half, path, **ABOUT).bytes < 1500
    load_weights(again, path)
    assert again.first.weight.dtype == torch.float32
    assert torch.allclose(again.first.weight, full.first.weight, atol=1e-3)


def test_a_weights_file_cannot_run_code(path: Path) -> None:
    """The file is not a pickle: a JSON header, then numbers."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert header["first.weight"]["shape"] == [4, 3]
    ends = [entry["data_offsets"][1] for entry in header.values() if "dtype" in entry]
    assert len(data) == 8 + length + max(ends)


@pytest.mark.parametrize("index", [8, 100, -1])
def test_a_changed_byte_is_detected(path: Path, index: int) -> None:
    data = bytearray(path.read_bytes())
    data[index] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=r"net\.safetensors: does not match its card"):
        load_weights(Net(), path)


def test_missing_files_are_named(path: Path) -> None:
    card = path.with_suffix(".json")
    text = card.read_text()
    card.unlink()
    with pytest.raises(WeightsError, match=r"net\.json: there is no such file; weights need"):
        load_weights(Net(), path)
    card.write_text(text)
    path.unlink()
    with pytest.raises(WeightsError, match=r"net\.safetensors: there is no such file"):
        load_weights(Net(), path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "a/b"}', '{"colour": 1}', "\xff"])
def test_an_invalid_card_is_refused(path: Path, text: str) -> None:
    path.with_suffix(".json").write_bytes(text.encode("latin-1"))
    with pytest.raises(WeightsError, match=r"net\.json: is not a (complete )?card"):
        load_weights(Net(), path)


def test_weights_of_another_model_are_refused(path: Path) -> None:
    with pytest.raises(WeightsError, match=r"bias has shape \(4,\), the model's \(5,\)"):
        load_weights(Net(5), path)
    with pytest.raises(WeightsError, match=r"missing \['bias', 'weight'\], unexpected \['count'"):
        load_weights(nn.Linear(3, 4), path)


def test_an_invalid_safetensors_file_is_refused(path: Path) -> None:
    path.write_bytes(b"PK" + bytes(100))
    card = path.with_suffix(".json")
    about = json.loads(card.read_text()) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    card.write_text(json.dumps(about))
    with pytest.raises(WeightsError, match="is not a complete safetensors file"):
        load_weights(Net(), path)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"name": "mine"}, LearningError, "name must be 'task/name'"),
        ({"name": "../x/y"}, LearningError, "name must be"),
        ({"scores": {"root": 1.0}}, LearningError, "protocol must say"),
        ({"arguments": {"width": Net}}, WeightsError, "the card cannot be written as JSON"),
        ({"path": "net.pt"}, WeightsError, "written as .safetensors"),
        ({"path": "no/net.safetensors"}, WeightsError, "does not exist"),
    ],
)
def test_bad_arguments_are_named(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    target = tmp_path / options.pop("path", "net.safetensors")
    with pytest.raises(error, match=message):
        save_weights(Net(), target, **(ABOUT | options))


@pytest.mark.parametrize(
    "change",
    [
        {"arguments": {"width": float("inf")}},
        {"arguments": {"\ud800": 1}},
        {"arguments": []},
        {"scores": {"F": "good"}},
        {"protocol": {}},
        {"parameters": -1},
        {"parameters": True},
        {"bytes": 10**30},
        {"sha256": 5},
        {"history": [1]},
        {"more": 1},
    ],
)
def test_a_card_with_other_fields_is_refused(path: Path, change: dict[str, Any]) -> None:
    card = path.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | change))
    with pytest.raises(WeightsError, match=r"net\.json: is not a card"):
        load_weights(Net(), path)
