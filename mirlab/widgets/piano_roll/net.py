"""A small note net, packed so that the page can run it without a kernel.

Pages of the book run it with onnxruntime-web, a runtime of 14 MB that lies beside them, from an
ONNX file that the book's build exports. A page that is one file has neither: with it comes the
network itself, layer by layer, batch norms folded in, and a script of 8 KB that a worker runs. It
knows convolutions, and neither how many there are nor of which size.
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

LARGEST = 40_000  # parameters: more would take a browser too long
TOLERANCE = 1e-3  # of posteriors by onnxruntime: half a step of those that the page keeps is 2e-3


def pack_net(detector: NoteDetector) -> dict[str, Any]:
    """A detector as numbers for the page.

    Parameters
    ----------
    detector
        With a `NoteNet` whose pictures are variable-Q transforms.

    Returns
    -------
    dict
        `sr`, `hop`, `window`, `margin` and `shortest` in samples; `floor` in dB; `silent`, of full
        scale, what a sound exceeds; `pictures`, what each transform is (`low` and `wider` in Hz);
        `stride`; the layers, arrays as the bytes of float32 numbers; and `script`, which runs them.
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
        "pictures": [
            {**_picture(axis), **_affine(level)}
            for axis, level in zip(detector.front.axes, net.stack.levels, strict=True)
        ],
        "first": {**_layer(net.first, net.norm), "places": list(net.stack.shifts)},
        "place": _bytes(net.place),
        "layers": _layers(net),
    }


def onnx_name(detector: NoteDetector) -> str:
    """The name of the file with a detector's network; it differs for other weights."""
    digest = hashlib.sha256()
    for name, tensor in detector.net.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.cpu().numpy().tobytes())
    return f"notes-{digest.hexdigest()[:16]}.onnx"


def export_net(detector: NoteDetector, folder: Path) -> Path:
    """Write a detector's network as ONNX, for pages that come with onnxruntime-web.

    Parameters
    ----------
    detector
        Of which the network alone is written: the page computes the transforms.
    folder
        Where the file is written, under its `onnx_name`.

    Returns
    -------
    Path
        The file: `input`, dB of shape `(1, pictures, bins, frames)`, to `posteriors`, 0..1, of
        shape `(1, 4, 88, frames)`.

    Raises
    ------
    MissingPartError
        When onnx or onnxruntime is not installed.
    WeightsError
        When the file cannot be written.
    """
    pictures = len(detector.net.stack.levels)
    example = FLOOR_DB * torch.rand(1, pictures, BINS, 200)
    net = nn.Sequential(detector.net, nn.Sigmoid())
    path = folder / onnx_name(detector)
    outputs = ("posteriors",)
    return export_onnx(net, example, path, outputs=outputs, dynamic=(3,), tolerance=TOLERANCE)


def _layers(net: NoteNet) -> list[dict[str, Any]]:
    """What comes after the first convolution: `add` when the input is added, `relu` before that."""
    blocks: list[Any] = list(net.blocks)
    added = [{**_layer(b.convolution, b.norm), "relu": True, "add": True} for b in blocks]
    mix = {**_layer(net.mix), "relu": True, "add": False}
    return [*added, mix, {**_layer(net.heads), "relu": False, "add": False}]


def _layer(convolution: Any, norm: Any = None) -> dict[str, Any]:
    """A convolution, its batch norm folded in; weights of shape `(out, in, high, wide)`."""
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
    """A batch norm as `gain` and `shift` of each bin."""
    gain, shift = _gain_and_shift(norm)
    return {"gain": _bytes(gain), "shift": _bytes(shift)}


def _gain_and_shift(norm: Any) -> tuple[Tensor, Tensor]:
    """What a batch norm does when it no longer learns: x gain + shift; float64."""
    gain = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
    return gain, norm.bias.detach().double() - norm.running_mean.double() * gain


def _picture(axis: Any) -> dict[str, Any]:
    """A transform, and which of its bins each bin of the axis takes."""
    transform: VQT = axis.transform
    weights = axis.weights.cpu().numpy()
    wide = int((weights != 0).sum(axis=1).max())
    first = np.minimum((weights != 0).argmax(axis=1), weights.shape[1] - wide)
    rows = np.arange(weights.shape[0])[:, None]
    return {
        "low": transform.fmin,
        "bins": weights.shape[1],
        "each": transform.bins_per_octave,
        "wider": _wider(transform),
        "from": first.tolist(),
        "wide": wide,
        "shares": _bytes(torch.from_numpy(weights[rows, first[:, None] + np.arange(wide)])),
    }


def _wider(transform: VQT) -> float:
    """How much further up, in Hz, the CQT's bins are as wide as a VQT's: gamma / alpha."""
    hz, wide = (getattr(transform, name).double() for name in ("frequencies", "bandwidths"))
    slope = (wide[-1] - wide[0]) / (hz[-1] - hz[0])
    return max(float(wide[0] / slope - hz[0]), 0.0)


def _bytes(tensor: Tensor) -> bytes:
    """Numbers as float32, in order."""
    return np.asarray(tensor.detach().cpu(), "<f4").tobytes()
