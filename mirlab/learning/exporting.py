"""Export networks to ONNX, for the browser and other runtimes."""

from __future__ import annotations

import os
import reprlib
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..core import MissingPartError
from ..core.checks import as_path, require_number
from ..core.files import atomic_write
from .checks import require, require_type
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
    """Export a network to ONNX, after checking that onnxruntime and torch agree.

    Parameters
    ----------
    model
        The network; in evaluation mode its control flow must not depend on the input values.
    example
        Example input; the input of the graph is called `input`.
    path
        A `.onnx` file.
    outputs
        Names of the outputs of the network, a tensor or a tuple of tensors.
    dynamic
        Axes of the input whose length may differ from the example's; tested with one more.
    tolerance
        Largest allowed difference, relative to the largest value of an output.

    Returns
    -------
    Path
        The written file.

    Raises
    ------
    LearningError
        When the network cannot be exported, or torch and onnxruntime differ; nothing is written.
    WeightsError
        When the file cannot be written.
    MissingPartError
        When onnx or onnxruntime is not installed.

    Examples
    --------
    >>> import tempfile
    >>> network = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_onnx(network, torch.rand(4, 3), Path(folder) / "network.onnx")
    ...     difference = onnx_difference(network, path, torch.rand(7, 3))
    >>> path.name, difference < 1e-4
    ('network.onnx', True)
    """
    path = as_path("path", path, LearningError)
    _require_network(model, example)
    require_number("tolerance", tolerance, minimum=0, error=LearningError)
    are_names = isinstance(outputs, Sequence) and all(isinstance(n, str) for n in outputs)
    line = f"outputs must be names, such as ('output',), not {reprlib.repr(outputs)}"
    require(are_names and not isinstance(outputs, str), line)
    require(path.suffix == ".onnx", f"path must end in .onnx, not {path.name!r}")
    are_axes = isinstance(dynamic, Sequence) and all(isinstance(axis, int) for axis in dynamic)
    require(
        are_axes and all(0 <= axis < example.ndim for axis in dynamic),
        f"dynamic={reprlib.repr(dynamic)} must be axes of an example of {example.ndim} dimensions",
    )
    try:
        import onnx  # noqa: F401  (torch needs it, and fails with a long traceback)
        import onnxruntime  # noqa: F401
    except ImportError:
        raise MissingPartError(f"export_onnx needs onnx and onnxruntime: {INSTALL}") from None
    model = model.eval()
    example = example.to(next((p.device for p in model.parameters()), example.device))
    axes = {axis: f"axis_{axis}" for axis in dynamic}
    longer = [n + (axis in axes) for axis, n in enumerate(example.shape)]
    inputs = [example, torch.rand(longer, dtype=example.dtype, device=example.device)]
    with atomic_write(path, error=WeightsError) as temporary:
        _export(model, example, temporary, outputs, axes)
        worst = max(onnx_difference(model, temporary, tensor) for tensor in inputs)
        require(
            worst <= tolerance,
            f"onnxruntime differs from torch by {worst:.1e}, more than tolerance={tolerance:g}",
        )
    return path


def onnx_difference(model: nn.Module, path: str | os.PathLike[str], example: Tensor) -> float:
    """Largest difference between onnxruntime and torch, relative to an output's largest value.

    Parameters
    ----------
    model
        The network that the file was exported from.
    path
        The ONNX file.
    example
        Input on which both run.

    Raises
    ------
    LearningError
        When onnxruntime cannot run the file, or the output shapes differ.
    MissingPartError
        When onnxruntime is not installed.
    """
    path = as_path("path", path, LearningError)
    _require_network(model, example)
    try:
        import onnxruntime
    except ImportError:
        raise MissingPartError(f"onnxruntime is missing: {INSTALL}") from None
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        onnx_outputs = session.run(None, {"input": example.detach().cpu().numpy()})
    except Exception as reason:  # onnxruntime's errors have no common class
        line = str(reason).splitlines()[0]
        raise LearningError(f"onnxruntime cannot run {type(model).__name__}: {line}") from None
    with torch.no_grad():
        output = model.eval()(example)
    torch_outputs = [output] if isinstance(output, Tensor) else list(output)
    worst = 0.0
    for tensor, found in zip(torch_outputs, onnx_outputs, strict=True):
        expected = tensor.cpu().numpy()
        same = expected.shape == found.shape
        require(same, f"onnxruntime gives shape {found.shape}, torch {expected.shape}")
        scale = np.abs(expected).max() + 1e-12
        worst = max(worst, float(np.abs(expected - found).max() / scale))
    return worst


def _require_network(model: nn.Module, example: Tensor) -> None:
    """Raise a `LearningError` unless these are a network and an example of its input."""
    require_type("model", model, nn.Module)
    require_type("example", example, Tensor)


def _export(
    model: nn.Module, example: Tensor, path: Path, outputs: Sequence[str], axes: dict[int, str]
) -> None:
    """Write the graph by tracing, which needs no package other than onnx."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch recommends its newer exporter; parity is tested
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
