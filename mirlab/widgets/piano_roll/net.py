"""Export of a small note network that the page can run without a kernel.

Pages of the book run it with onnxruntime-web, a runtime of 14 MB stored beside them, from an ONNX
file exported by the book's build. A page in a single file has neither: it contains the layers of
the network, with batch norms folded in, and a script of 8 KB for a worker. The script implements
convolutions, of any number and size.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from ...core.constants import SAMPLE_RATE
from ...learning import export_onnx
from ...transcription.detector import HOP, MARGIN, SILENT, WINDOW
from ...transcription.networks import BINS, FLOOR_DB
from .data import POOLED

if TYPE_CHECKING:
    from ...spectra import VQT
    from ...transcription.detector import NoteDetector
    from ...transcription.networks import NoteNet

LARGEST = 40_000  # parameters; larger networks would be too slow in a browser
TOLERANCE = 1e-3  # of posteriors by onnxruntime; the page quantises them to 2e-3


def pack_net(detector: NoteDetector) -> dict[str, Any]:
    """Pack a detector for the page.

    Parameters
    ----------
    detector
        A detector with a `NoteNet` on variable-Q transforms.

    Returns
    -------
    dict
        `sr`; `hop`, `window`, `margin` and `shortest` in samples; `floor` in dB; `silent`, the
        amplitude (of full scale) below which audio is silence; `transforms`, the settings of each
        transform (`low` and `wider` in Hz); `stride`; the layers, with arrays as bytes of float32
        numbers; and `script`, which runs them.
    """
    net = detector.net
    return {
        "sr": SAMPLE_RATE,
        "hop": HOP,
        "window": WINDOW,
        "margin": MARGIN,
        "shortest": detector.front.min_samples,
        "floor": FLOOR_DB,
        "silent": SILENT,
        "bins": BINS,
        "pooled": POOLED,
        "script": (Path(__file__).parent / "inference_worker.js").read_text("utf-8"),
        "stride": net.stride,
        "transforms": [
            {**_transform(axis), **_affine(level)}
            for axis, level in zip(detector.front.axes, net.stack.levels, strict=True)
        ],
        "first": {**_layer(net.first, net.norm), "places": list(net.stack.shifts)},
        "pitch_bias": _bytes(net.place),
        "layers": _layers(net),
    }


def onnx_name(detector: NoteDetector) -> str:
    """File name of a detector's network; it contains a hash of the weights."""
    digest = hashlib.sha256()
    for name, tensor in detector.net.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.cpu().numpy().tobytes())
    return f"notes-{digest.hexdigest()[:16]}.onnx"


def export_net(detector: NoteDetector, folder: Path) -> Path:
    """Export a detector's network to ONNX, for pages with onnxruntime-web.

    Parameters
    ----------
    detector
        Only its network is exported: the page computes the transforms.
    folder
        Folder of the file, which is named by `onnx_name`.

    Returns
    -------
    Path
        The file, a model from `input`, dB of shape `(1, n, bins, frames)`, to `posteriors`,
        0..1, of shape `(1, 4, 88, frames)`.

    Raises
    ------
    MissingPartError
        If onnx or onnxruntime is not installed.
    WeightsError
        If the file cannot be written.
    """
    n_spectrograms = len(detector.net.stack.levels)
    example = FLOOR_DB * torch.rand(1, n_spectrograms, BINS, 200)
    net = nn.Sequential(detector.net, nn.Sigmoid())
    path = folder / onnx_name(detector)
    outputs = ("posteriors",)
    return export_onnx(net, example, path, outputs=outputs, dynamic=(3,), tolerance=TOLERANCE)


def _layers(net: NoteNet) -> list[dict[str, Any]]:
    """Layers after the first convolution: `add` for a skip connection, `relu` before it."""
    blocks: list[Any] = list(net.blocks)
    added = [{**_layer(b.convolution, b.norm), "relu": True, "add": True} for b in blocks]
    mix = {**_layer(net.mix), "relu": True, "add": False}
    return [*added, mix, {**_layer(net.heads), "relu": False, "add": False}]


def _layer(convolution: Any, norm: Any = None) -> dict[str, Any]:
    """A convolution with its batch norm folded in; weights `(out, in, height, width)`."""
    weight = convolution.weight.detach().double()
    outs = weight.shape[0]
    bias = torch.zeros(outs) if convolution.bias is None else convolution.bias.detach()
    if norm is not None:
        gain, shift = _gain_and_shift(norm)
        weight, bias = weight * gain[:, None, None, None], bias * gain + shift
    return {
        "shape": list(weight.shape),
        "dilation": list(convolution.dilation),
        "weights": _bytes(weight),
        "bias": _bytes(bias),
    }


def _affine(norm: nn.Module) -> dict[str, bytes]:
    """A batch norm as `gain` and `shift` per bin."""
    gain, shift = _gain_and_shift(norm)
    return {"gain": _bytes(gain), "shift": _bytes(shift)}


def _gain_and_shift(norm: Any) -> tuple[Tensor, Tensor]:
    """Gain and shift of a batch norm in evaluation mode; float64."""
    gain = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
    return gain, norm.bias.detach().double() - norm.running_mean.double() * gain


def _transform(axis: Any) -> dict[str, Any]:
    """Settings of a transform, and the weights of its bins in each bin of the axis."""
    transform: VQT = axis.transform
    weights = axis.weights.cpu().numpy()
    width = int((weights != 0).sum(axis=1).max())
    first = np.minimum((weights != 0).argmax(axis=1), weights.shape[1] - width)
    rows = np.arange(weights.shape[0])[:, None]
    return {
        "low": transform.fmin,
        "bins": weights.shape[1],
        "each": transform.bins_per_octave,
        "wider": _bandwidth_offset(transform),
        "from": first.tolist(),
        "width": width,
        "shares": _bytes(torch.from_numpy(weights[rows, first[:, None] + np.arange(width)])),
    }


def _bandwidth_offset(transform: VQT) -> float:
    """Offset gamma / alpha in Hz of the frequency at which a CQT has the VQT's bandwidth."""
    hz, width = (getattr(transform, name).double() for name in ("frequencies", "bandwidths"))
    slope = (width[-1] - width[0]) / (hz[-1] - hz[0])
    return max(float(width[0] / slope - hz[0]), 0.0)


def _bytes(tensor: Tensor) -> bytes:
    """Bytes of float32 numbers."""
    return np.asarray(tensor.detach().cpu(), "<f4").tobytes()
