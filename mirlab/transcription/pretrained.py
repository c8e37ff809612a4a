"""Basic Pitch as its authors publish it: the ONNX file in the `basic-pitch` wheel."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from ..core import Audio, MissingPartError
from ..core.errors import MirlabError
from .decoding import frame_times

SAMPLE_RATE = 22050
WINDOW = 43844  # samples: two seconds less one hop
OVERLAP = 30  # frames shared by two windows, half of them dropped from each
HOP = WINDOW - OVERLAP * 256  # samples from window to window
KEPT = WINDOW // 256 + 1 - OVERLAP  # frames that each window gives

OUTPUTS = [f"StatefulPartitionedCall:{i}" for i in (2, 1, 0)]  # onset, note, contour

INSTALL = 'pip install "mirlab[onnx]" && pip install --no-deps basic-pitch==0.4.0'
WEIGHTS = "basic_pitch/saved_models/icassp_2022/nmp.onnx"
SHA256 = "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec"


def basic_pitch_weights() -> Path:
    """Where the installed wheel keeps its ONNX weights.

    The wheel is looked up, never imported: importing it wants a machine-learning runtime.

    Raises
    ------
    MissingPartError
        When the wheel is not installed; says the command.
    MirlabError
        When the file is not the one that version 0.4.0 ships.
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
    """onnxruntime with the weights, made once a process."""
    try:
        import onnxruntime
    except ImportError:
        raise MissingPartError(f"onnxruntime is missing: {INSTALL}") from None
    return onnxruntime.InferenceSession(
        str(basic_pitch_weights()), providers=["CPUExecutionProvider"]
    )


def basic_pitch_posteriors(audio: Audio) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What Basic Pitch hears (Bittner et al., ICASSP 2022).

    Parameters
    ----------
    audio
        Any sound; it is mixed to mono and brought to 22,050 Hz. Windows of two seconds overlap
        by 30 frames; they are run one by one, so that memory stays flat and a silent window
        cannot disturb its neighbours.

    Returns
    -------
    onset, note : float32, shape (frames, 88)
    contour : float16, shape (frames, 264)
        Posteriors 0..1, at `frame_times`, to the end of the sound. (The package itself drops the
        last 0.7 % of every recording, 1.2 s of three minutes, by counting 86 frames a second
        where its windows give 86.6.)

    Raises
    ------
    MissingPartError
        When onnxruntime or the wheel is not installed; says the command.
    """
    session = _session()
    y = audio.mono().resample(SAMPLE_RATE).y[0]
    lead = OVERLAP // 2 * 256  # zeros in front
    starts = range(-lead, y.size, HOP)
    times = frame_times(len(starts) * KEPT)
    frames = int(np.searchsorted(times, y.size / SAMPLE_RATE))
    posteriors: tuple[np.ndarray, np.ndarray, np.ndarray] = (
        np.zeros((frames, 88), np.float32),
        np.zeros((frames, 88), np.float32),
        np.zeros((frames, 264), np.float16),
    )
    for i, start in enumerate(starts):
        window = np.zeros((1, WINDOW, 1), np.float32)
        part = y[max(start, 0) : start + WINDOW]
        window[0, max(-start, 0) : max(-start, 0) + part.size, 0] = part
        outputs = session.run(
            OUTPUTS,
            {"serving_default_input_2:0": window},
        )
        for whole, piece in zip(posteriors, outputs, strict=True):
            target = whole[i * KEPT : (i + 1) * KEPT]
            target[:] = piece[0, OVERLAP // 2 : -OVERLAP // 2][: len(target)]
    return posteriors
