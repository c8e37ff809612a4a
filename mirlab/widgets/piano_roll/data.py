"""Data of the Piano roll: posteriors, packed for the page, and the notes decoded from them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Audio, Notes
from ...core.constants import LOWEST_PITCH, PITCHES
from ...transcription import Rolls, greedy, path
from ...transcription import decode as decode_rolls
from ...transcription.tuning import retune
from ..shared.base import WidgetError
from ..shared.packing import RATE

if TYPE_CHECKING:
    from torch import nn

HOP = 256  # samples between frames of the posteriors
ROWS = 3 * PITCHES  # of the spectrogram: three per semitone
POOLED = 2  # frames per column of the spectrogram
BASIC_PITCH = "basic-pitch"
DECODERS = {
    "thresholds": "Threshold",
    "greedy": "Greedy (Basic Pitch's)",
    "peaks": "Onset peaks",
    "path": "Best path",
}
# Initial settings; those of Basic Pitch are its authors'
SETTINGS: dict[str, Any] = {
    "decoder": "path",
    "onset_threshold": 0.7,
    "frame_threshold": 0.6,
    "min_seconds": 0.03,
}
BASIC_PITCH_SETTINGS = {
    **SETTINGS,
    "decoder": "greedy",
    "onset_threshold": 0.5,
    "frame_threshold": 0.3,
    "min_seconds": 0.128,
}
OFFSET_THRESHOLD = 0.3
KINDS = [  # result of the comparison with the reference: name, text, and sign in the legend
    ("right", "right", ""),
    ("missing", "missing", ""),
    ("extra", "extra", ""),
    ("mistimed", "wrong time", "↔"),
    ("mispitched", "wrong pitch", "↕"),
]
LISTEN = [
    ("original", "the original"),
    ("notes", "the notes"),
    ("both", "original left, notes right"),
]
ZOOMS = [  # text, label, and factors on the visible time and pitch range
    ("−", "Zoom out in time", 1.4, 1),
    ("+", "Zoom in in time", 0.7, 1),
    ("↕−", "Zoom out in pitch", 1, 1.4),
    ("↕+", "Zoom in in pitch", 1, 0.7),
]
WORDS: dict[str, Any] = {
    "hop": HOP / RATE,
    "pooled": POOLED,
    "lowest": LOWEST_PITCH,
    "decoders": DECODERS,
    "kinds": KINDS,
    "listen": LISTEN,
    "zooms": ZOOMS,
    "offset_threshold": OFFSET_THRESHOLD,
    "tolerance": greedy.TOLERANCE,
    "frame_weight": path.FRAME_WEIGHT,
    "offset_weight": path.OFFSET_WEIGHT,
    "certain": path.MAX_LOGIT,
    "help": (
        "Click to seek. Drag a note to move it in time and pitch, its ends to change its length; "
        "drag beside the notes to scroll, or to draw a note while Draw is on. Ctrl and the wheel "
        "zoom in time, with Shift in pitch; Shift and the wheel scroll. Keys on the roll: Space "
        "plays; ←/→ move the cursor; N and P select the next and the previous note, Esc deselects "
        "it. With a note selected: the arrows move it (by 0.1 s and octaves with Shift), [ and ] "
        "move its end, S splits it at the cursor, J joins it with the next note of its pitch, "
        "Delete deletes it. D draws a note at the cursor. Ctrl+Z undoes, Ctrl+Shift+Z redoes. "
        "+ and − zoom, 0 shows everything."
    ),
}

Progress = Callable[[float], None]


def decode(rolls: np.ndarray, settings: Mapping[str, Any]) -> Notes:
    """Decode quantised posteriors to notes; the page has the same decoder.

    Parameters
    ----------
    rolls
        Onset, frame, offset and velocity, uint8, 255 for 1; shape `(4, 88, frames)`.
    settings
        `decoder`, `onset_threshold`, `frame_threshold`, `min_seconds`.

    Returns
    -------
    Notes
        Program 0.
    """
    return decode_rolls(
        Rolls(*rolls.astype(np.float32) / 255),
        **{name: settings[name] for name in SETTINGS},
        hop_length=HOP,
        sr=RATE,
        offset_threshold=OFFSET_THRESHOLD,
    )


def predict(
    audio: Audio, model: nn.Module | str, progress: Progress = lambda fraction: None
) -> dict[str, Any]:
    """Pack a model's posteriors and the spectrogram of a recording.

    As in `mirlab.transcribe`, a sound that clearly has another tuning than A4 = 440 Hz is retuned
    first, except for Basic Pitch. Each frame then takes the nearest one of the retuned sound.

    Parameters
    ----------
    audio
        Any audio.
    model
        A module whose `posteriors(audio)` returns onset, frame, offset and velocity, 0..1, shape
        `(4, 88, frames)`, a frame every 256 samples at 22,050 Hz; or `"basic-pitch"`.
    progress
        Callback for the progress, 0..1.

    Returns
    -------
    dict
        `frames`; `posteriors`, uint8, deflated; `spectrogram`, uint8, deflated, 264
        rows from A0 upwards, three per semitone, and a column per two frames: 255 is the maximum,
        0 lies 80 dB below it.
    """
    y, rate = audio.mono().resample(RATE), 1.0
    times = np.arange(1 + y.samples // HOP)  # in frames
    if model != BASIC_PITCH:
        y, rate, _ = retune(y)
    nearest = np.minimum(np.round(times * rate).astype(int), y.samples // HOP)
    progress(0.1)
    posteriors = _basic_pitch(y) if model == BASIC_PITCH else _posteriors(y, model)
    progress(0.7)
    rolls = np.round(255 * posteriors[..., nearest]).astype(np.uint8)
    spectrogram = _spectrogram(_power(y.y[0], getattr(model, "front", None))[:, nearest])
    return {
        "frames": rolls.shape[-1],
        "posteriors": zlib.compress(rolls.tobytes(), 9),
        "spectrogram": zlib.compress(spectrogram.tobytes(), 9),
    }


def unpack(packed: Mapping[str, Any]) -> np.ndarray:
    """Unpack posteriors of `predict` or of the page (`plain`): uint8, `(4, 88, frames)`."""
    frames = packed.get("frames", 0)
    data = bytes(packed.get("posteriors", b""))
    data = data if packed.get("plain") or not frames else zlib.decompress(data)
    return np.frombuffer(data, np.uint8).reshape(len(Rolls._fields), PITCHES, frames)


def _posteriors(audio: Audio, model: Any) -> np.ndarray:
    """The posteriors of a module, with a check of their shape."""
    posteriors = np.asarray(model.posteriors(audio))
    if posteriors.ndim != 3 or posteriors.shape[:2] != (len(Rolls._fields), PITCHES):
        raise WidgetError(
            f"posteriors() must return (4, 88, frames), not {posteriors.shape}: onset, frame, "
            "offset, velocity, from A0 upwards"
        )
    return posteriors


def _basic_pitch(audio: Audio) -> np.ndarray:
    """Basic Pitch's posteriors on a grid of 256 samples, shape `(4, 88, frames)`.

    Its frames drift against this grid; each frame takes the nearest one. It has no offset
    posterior, and the frame posterior serves as the velocity.
    """
    from ...transcription import basic_pitch_posteriors, frame_times

    onset, note, _ = basic_pitch_posteriors(audio)
    frames = 1 + audio.samples // HOP
    times = frame_times(note.shape[0])
    middle = (times[1:] + times[:-1]) / 2
    nearest = np.searchsorted(middle, np.arange(frames) * HOP / RATE)
    onset, note = onset[nearest].T, note[nearest].T
    return np.stack([onset, note, np.zeros_like(note), note])


def _power(y: np.ndarray, front: Any) -> np.ndarray:
    """Power of samples at 22,050 Hz, three rows per semitone from A0; shape `(264, frames)`."""
    import torch

    from ...core.chunks import chunks
    from ...transcription.detector import MARGIN, WINDOW, NoteFrontEnd

    axis: Any = (front or NoteFrontEnd()).axes[0]
    frames = 1 + y.size // HOP
    power = np.zeros((ROWS, frames), np.float32)
    for chunk in chunks(y.size, size=WINDOW, margin=MARGIN):
        part = torch.from_numpy(np.ascontiguousarray(y[chunk.first : chunk.last]))
        part = part.to(axis.weights.device)
        short = axis.transform.window_length - part.numel()
        part = torch.nn.functional.pad(part, (0, max(0, short)))
        with torch.no_grad():
            cells = (axis.weights[:ROWS] @ axis.transform(part[None])[0].abs() ** 2).cpu().numpy()
        first, last = chunk.start // HOP, min(frames, 1 + chunk.end // HOP)
        here = first - chunk.first // HOP
        power[:, first:last] = cells[:, here : here + last - first]
    return power


def _spectrogram(power: np.ndarray) -> np.ndarray:
    """The spectrogram of `predict`: levels, a column per two frames, shape `(264, columns)`."""
    power = np.pad(power, ((0, 0), (0, -power.shape[1] % POOLED)))
    power = power.reshape(ROWS, -1, POOLED).max(axis=-1)
    level = 1 + np.log10(np.maximum(power / max(float(power.max()), 1e-10), 1e-8)) / 8
    return np.round(255 * level).astype(np.uint8)
