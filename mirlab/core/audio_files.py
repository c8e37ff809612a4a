"""Write audio files with libsndfile, one block at a time."""

from __future__ import annotations

import io
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .errors import AudioError, AudioWarning
from .files import WatchedFile, atomic_write

WRITE_SECONDS = 10.0  # libsndfile crashes on Vorbis writes of a minute of stereo in one call

# Suffix: (libsndfile's format, subtype). Floats keep a WAV exact; 24 bits suffice for FLAC.
FORMATS = {
    ".wav": ("WAV", "FLOAT"),
    ".flac": ("FLAC", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}


def write(
    path: str | os.PathLike[str], y: np.ndarray, sr: int, *, subtype: str | None = None
) -> Path:
    """Encode samples in the format of the path's suffix, atomically; see `Audio.save`.

    Parameters
    ----------
    path, y, sr
        As in `Audio`: samples of shape (channels, samples), and their rate in Hz.
    subtype
        Name of libsndfile, such as `"PCM_16"`; by default that of `FORMATS`.
    """
    import soundfile

    if not isinstance(path, str | os.PathLike):
        raise AudioError(f"{path!r}: is not the name of a file")
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise AudioError(f"{target}: the suffix must be one of {', '.join(FORMATS)}")
    kind, usual = FORMATS[target.suffix.lower()]
    subtype = subtype or usual
    peak = max(-float(y.min()), float(y.max()))
    if subtype != "FLOAT" and peak > 1:
        warnings.warn(f"{target}: the peak of {peak:.2f} is clipped to 1", AudioWarning, 3)
    # in a thread, for an interruption within soundfile's callbacks, which call the file, is lost
    with atomic_write(target, error=AudioError) as temporary, ThreadPoolExecutor(1) as thread:
        try:
            thread.submit(_encode_file, temporary, y, sr, kind, subtype).result()
        except (soundfile.LibsndfileError, ValueError) as reason:
            raise AudioError(
                f"{target}: {kind} cannot hold {y.shape[0]} channel(s) at {sr} Hz ({reason})"
            ) from reason
    return target


def _encode_file(path: Path, y: np.ndarray, sr: int, kind: str, subtype: str) -> None:
    """Write samples to an existing file; raise an OSError if it does not take all of them."""
    import soundfile

    with WatchedFile(path, "r+") as file:
        try:
            _encode(file, y, sr, kind, subtype)
        except soundfile.LibsndfileError as reason:
            raise (file.failure or reason) from None
        if file.failure:
            raise file.failure


def encode(y: np.ndarray, sr: int, suffix: str, *, gain: float | None = None) -> bytes:
    """Encode samples as an audio file in memory; `suffix` is a key of `FORMATS`.

    With `gain`, multiply the samples by it and round them to 16 bits; FLAC stores 24 bits and
    compresses the zero ones away.
    """
    buffer = io.BytesIO()
    _encode(buffer, y, sr, *FORMATS[suffix], gain)
    return buffer.getvalue()


def _encode(
    target: io.RawIOBase | io.BytesIO,
    y: np.ndarray,
    sr: int,
    kind: str,
    subtype: str,
    gain: float | None = None,
) -> None:
    """Write samples (channels, samples) to a file or buffer, one block at a time."""
    import soundfile

    step = int(WRITE_SECONDS * sr)
    with soundfile.SoundFile(target, "w", sr, y.shape[0], format=kind, subtype=subtype) as file:
        for i in range(0, y.shape[1], step):
            block = y[:, i : i + step].T
            if gain is not None:
                block = np.round(block * np.float32(32767 * gain)) / np.float32(32768)
            file.write(block)
