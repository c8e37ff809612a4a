"""A network as an ONNX file, for the browser and other runtimes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..core import MissingPartError
from ..core.files import atomic_write
from .checks import require
from .errors import LearningError, WeightsError

OPSET = 17
INSTALL = 'pip install "mirlab[train,onnx]"'


def export_onnx(
    model: nn.Module,
    example: Tensor,
    path: str | os.PathLike[str],
    *,
    outputs: Sequence[str] = ("output",),
    dynamic: Sequence[int] = (0,),
    tolerance: float = 1e-4,
) -> Path:
    """Write a network as ONNX, once onnxruntime gives what torch gives.

    Parameters
    ----------
    model
        In evaluation mode it must do the same whatever the numbers of its input are.
    example
        An input; the graph's is called `input`.
    path
        A `.onnx` file.
    outputs
        Names of what the network gives, a tensor or a tuple of them.
    dynamic
        Axes of the input whose length may differ from the example's; tested with one more.
    tolerance
        The largest difference that is allowed, relative to the largest value of an output.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    LearningError
        When the network cannot be exported, or torch and onnxruntime differ; nothing is written.
    WeightsError
        When the file cannot be written.
    MissingPartError
        When onnx or onnxruntime is not installed.
    """
    path = Path(path)
    require(path.suffix == ".onnx", f"path must end in .onnx, not {path.name!r}")
    require(all(axis < example.ndim for axis in dynamic), f"dynamic={dynamic} of {example.ndim}")
    try:
        import onnx  # noqa: F401  (torch asks for it, with a long traceback)
        import onnxruntime  # noqa: F401
    except ImportError:
        raise MissingPartError(f"an export needs onnx and onnxruntime: {INSTALL}") from None
    model = model.eval()
    example = example.to(next((p.device for p in model.parameters()), example.device))
    axes = {axis: f"axis_{axis}" for axis in dynamic}
    other = [n + (axis in axes) for axis, n in enumerate(example.shape)]
    inputs = [example, torch.rand(other, dtype=example.dtype, device=example.device)]
    with atomic_write(path, error=WeightsError) as temporary:
        _export(model, example, temporary, outputs, axes)
        worst = max(onnx_difference(model, temporary, tensor) for tensor in inputs)
        require(
            worst <= tolerance,
            f"onnxruntime differs from torch by {worst:.1e}, more than tolerance={tolerance:g}",
        )
    return path


def onnx_difference(model: nn.Module, path: str | os.PathLike[str], example: Tensor) -> float:
    """How far onnxruntime is from torch, relative to the largest value of an output.

    Parameters
    ----------
    model
        What the file was exported from.
    path
        The ONNX file.
    example
        The input to compare with.

    Raises
    ------
    LearningError
        When onnxruntime cannot run the file, or gives other shapes.
    MissingPartError
        When onnxruntime is not installed.
    """
    try:
        import onnxruntime
    except ImportError:
        raise MissingPartError(f"onnxruntime is missing: {INSTALL}") from None
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        found = session.run(None, {"input": example.detach().cpu().numpy()})
    except Exception as reason:  # its errors have no class in common
        line = str(reason).splitlines()[0]
        raise LearningError(f"onnxruntime cannot run {type(model).__name__}: {line}") from None
    with torch.no_grad():
        answer = model.eval()(example)
    wanted = [answer] if isinstance(answer, Tensor) else list(answer)
    worst = 0.0
    for ours, theirs in zip(wanted, found, strict=True):
        truth = ours.cpu().numpy()
        same = truth.shape == theirs.shape
        require(same, f"onnxruntime gives shape {theirs.shape}, torch {truth.shape}")
        worst = max(worst, float(np.abs(truth - theirs).max() / (np.abs(truth).max() + 1e-12)))
    return worst


def _export(
    model: nn.Module, example: Tensor, path: Path, outputs: Sequence[str], axes: dict[int, str]
) -> None:
    """Write the graph by tracing, which needs no package but onnx."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a newer exporter exists; parity is tested
            torch.onnx.export(
                model,
                (example,),
                path,
                input_names=["input"],
                output_names=list(outputs),
                dynamic_axes={"input": axes},
                opset_version=OPSET,
                dynamo=False,
            )
    except (torch.onnx.errors.OnnxExporterError, RuntimeError) as reason:
        line = str(reason).splitlines()[0]
        kind = type(model).__name__
        raise LearningError(f"model {kind} cannot be exported to ONNX: {line}") from None
