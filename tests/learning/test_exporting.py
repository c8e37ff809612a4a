"""ONNX: onnxruntime and torch give the same output."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mirlab.learning import LearningError, WeightsError, export_onnx, onnx_difference


class Hears(nn.Module):
    """Two heads for a spectrogram of `(batch, bins, frames)`."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(12, 8, 5, padding=2), nn.BatchNorm1d(8), nn.ReLU())
        self.frames = nn.Conv1d(8, 3, 1)
        self.whole = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.body(x)
        return self.frames(hidden).softmax(1), self.whole(hidden.mean(-1))


class Chance(nn.Module):
    """Every call gives another output."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand_like(x)


def test_onnxruntime_gives_the_same_output(tmp_path: Path) -> None:
    import onnx

    torch.manual_seed(0)
    model = Hears()
    spectrogram = torch.rand(2, 12, 40)
    path = tmp_path / "hears.onnx"
    assert (
        export_onnx(model, spectrogram, path, outputs=["frames", "whole"], dynamic=(0, 2)) == path
    )
    for shape in ((1, 12, 40), (3, 12, 17), (2, 12, 400)):
        assert onnx_difference(model, path, torch.randn(shape)) < 1e-5
    graph = onnx.load(path)
    assert [output.name for output in graph.graph.output] == ["frames", "whole"]
    assert {entry.version for entry in graph.opset_import} == {17}


def test_a_front_end_exports_with_its_network(tmp_path: Path) -> None:
    """From samples, so that a page needs no separate transform."""
    front = nn.Conv1d(1, 12, 256, stride=64)
    model = nn.Sequential(nn.Unflatten(1, (1, -1)), front, nn.Softplus(), Hears().body)
    path = export_onnx(model, torch.randn(1, 4096), tmp_path / "whole.onnx")
    assert onnx_difference(model, path, torch.randn(7, 4096)) < 1e-5


def test_a_network_that_differs_is_refused_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "chance.onnx"
    with pytest.raises(LearningError, match="onnxruntime differs from torch by"):
        export_onnx(Chance(), torch.ones(1, 2), path)
    assert not list(tmp_path.iterdir())


def test_other_weights_give_a_difference(tmp_path: Path) -> None:
    first, other = nn.Linear(3, 2), nn.Linear(3, 2)
    path = export_onnx(first, torch.ones(1, 3), tmp_path / "one.onnx")
    assert onnx_difference(first, path, torch.rand(5, 3)) < 1e-6
    assert onnx_difference(other, path, torch.rand(5, 3)) > 1e-2


def test_an_export_that_fails_gives_one_clear_error(tmp_path: Path) -> None:
    class Odd(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.linalg.eigvalsh(x)

    example = torch.eye(3)[None]
    with pytest.raises(LearningError, match="model Odd cannot be exported to ONNX"):
        export_onnx(Odd(), example, tmp_path / "odd.onnx")
    with pytest.raises(LearningError, match=r"path must end in \.onnx, not 'odd.pt'"):
        export_onnx(nn.ReLU(), example, tmp_path / "odd.pt")
    with pytest.raises(WeightsError, match="does not exist"):
        export_onnx(nn.ReLU(), example, tmp_path / "none" / "odd.onnx")
    with pytest.raises(LearningError, match=r"dynamic"):
        export_onnx(nn.ReLU(), example, tmp_path / "odd.onnx", dynamic=(3,))


def test_a_graph_that_does_not_run_gives_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no graph")
    with pytest.raises(LearningError, match="onnxruntime cannot run ReLU"):
        onnx_difference(nn.ReLU(), path, torch.ones(1))
