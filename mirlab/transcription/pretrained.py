"""Basic Pitch with its published weights: the ONNX file in the `basic-pitch` wheel.

onnxruntime runs the file unchanged; `load_basic_pitch` loads its weights into a torch module.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import Audio, MissingPartError, Notes, as_audio
from ..core.checks import require_type
from ..core.errors import MirlabError
from .basic_pitch_windows import Run, posteriors_in_windows
from .greedy import notes_from_posteriors

if TYPE_CHECKING:
    from .basic_pitch import BasicPitch

OUTPUTS = [f"StatefulPartitionedCall:{i}" for i in (2, 1, 0)]  # onset, note, contour

INSTALL = 'pip install "mirlab[onnx]" && pip install --no-deps basic-pitch==0.4.0'
WEIGHTS = "basic_pitch/saved_models/icassp_2022/nmp.onnx"
SHA256 = "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec"


def basic_pitch_weights() -> Path:
    """Path of the ONNX weights in the installed wheel.

    The wheel is located without importing it, because its import needs a machine-learning runtime.

    Raises
    ------
    MissingPartError
        When the wheel is not installed; the message gives the command.
    MirlabError
        When the file is not the one of version 0.4.0.
    """
    try:
        path = Path(str(metadata.distribution("basic-pitch").locate_file(WEIGHTS)))
    except metadata.PackageNotFoundError:
        path = Path("missing")
    if not path.is_file():
        raise MissingPartError(f"Basic Pitch's weights are missing: {INSTALL}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise MirlabError(f"{path}: is not Basic Pitch 0.4.0 (sha256 {digest})")
    return path


@cache
def _session() -> Any:
    """The onnxruntime session, created once per process."""
    try:
        import onnxruntime
    except ImportError:
        raise MissingPartError(f"onnxruntime is missing: {INSTALL}") from None
    return onnxruntime.InferenceSession(
        str(basic_pitch_weights()), providers=["CPUExecutionProvider"]
    )


def load_basic_pitch() -> BasicPitch:
    """Basic Pitch in torch, with the published weights, in evaluation mode.

    Raises
    ------
    MissingPartError
        When torch, onnx or the wheel is not installed; the message gives the command.
    """
    try:
        import onnx
        import torch
    except ImportError as reason:
        raise MissingPartError(f"{reason.name} is missing: {INSTALL}") from None
    from .basic_pitch import BasicPitch

    graph = onnx.load(str(basic_pitch_weights())).graph
    stored = {
        tensor.name: torch.tensor(onnx.numpy_helper.to_array(tensor))
        for tensor in graph.initializer
    }
    weights: dict[tuple[int, ...], list[torch.Tensor]] = {}  # of convolutions, by shape
    biases = {}
    for node in graph.node:
        if node.op_type == "Conv":
            kernel = stored[node.input[1]]
            weights.setdefault(tuple(kernel.shape), []).append(kernel)
            biases[tuple(kernel.shape)] = stored[node.input[2]]
    net = BasicPitch()
    with torch.no_grad():
        for layer in net.convolutions():
            out, into, height, width = layer.weight.shape
            shape = (out, into, width, height)  # the published kernels have time first
            kernel = weights[shape][0].transpose(2, 3)
            # channels last saves a quarter of the time
            kernel = kernel.contiguous(memory_format=torch.channels_last)
            layer.weight = torch.nn.Parameter(kernel)
            assert layer.bias is not None
            layer.bias.copy_(biases[shape])
        net.waves.copy_(torch.cat(weights[36, 1, 1, 256][:2]).squeeze(1))
        net.lowpass.copy_(weights[1, 1, 1, 256][0].squeeze(1))
        net.lengths.copy_(next(v for v in stored.values() if v.shape == (309, 1, 1)).squeeze(1))
        for node in graph.node:
            if "batch_normalization/" in node.name and node.op_type in ("Mul", "Add"):
                (number,) = (stored[name] for name in node.input if name in stored)
                (net.scale if node.op_type == "Mul" else net.shift).copy_(number)
    return net.eval()


def notes_by_basic_pitch(audio: Audio) -> Notes:
    """Transcribe with Basic Pitch in onnxruntime, with its published settings.

    Raises
    ------
    MissingPartError
        When onnxruntime or the wheel is not installed; the message gives the command.
    """
    return notes_from_posteriors(*basic_pitch_posteriors(audio))


def basic_pitch_posteriors(
    audio: Audio, *, net: BasicPitch | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posteriors of Basic Pitch (Bittner et al., ICASSP 2022).

    Parameters
    ----------
    audio
        Any audio; it is mixed to mono and resampled to 22,050 Hz. Windows of two seconds overlap
        by 30 frames; they are processed a few at a time, which bounds the memory.
    net
        Network from `load_basic_pitch`, on any device; None runs the published file in onnxruntime.

    Returns
    -------
    onset, note : float32, shape (frames, 88)
    contour : float16, shape (frames, 264)
        Posteriors 0..1, at `frame_times`, to the end of the audio. (The package itself drops the
        last 0.7 % of every recording, 1.2 s of three minutes, because it assumes 86 frames per
        second instead of 86.6.)

    Raises
    ------
    MissingPartError
        When onnxruntime or the wheel is not installed; the message gives the command.
    """
    audio = as_audio(audio)
    if net is None:
        return posteriors_in_windows(audio, _onnx_run(), batch_size=1)
    from .basic_pitch import BasicPitch

    require_type("net", net, BasicPitch, MirlabError)
    return net.posteriors(audio)


def _onnx_run() -> Run:
    """The published graph; batches of one, because a silent window changes others in its batch."""
    session = _session()
    return lambda windows: session.run(OUTPUTS, {"serving_default_input_2:0": windows[..., None]})
