"""Read and write audio files: libsndfile decodes, soxr resamples, both in blocks."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from . import mp3_frames
from .errors import AudioError, AudioWarning
from .files import WatchedFile, atomic_write
from .stderr import suppress_stderr

MAX_DURATION = 4 * 3600.0  # s; longer excerpts are refused
MIN_DECODED = 0.1  # s; a truncated file must contain at least this much
MAX_CHANNELS = 64
PREROLL = 16384  # frames decoded and dropped after a seek, until an MP3 decoder is in sync
READ_FRAMES = 4096  # small, since a truncated file loses up to this many frames
WRITE_SECONDS = 10.0  # libsndfile crashes on Vorbis writes of a minute of stereo in one call

# Suffix: (libsndfile's format, subtype). Floats keep a WAV exact; 24 bits suffice for FLAC.
FORMATS = {
    ".wav": ("WAV", "FLOAT"),
    ".flac": ("FLAC", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}

Source = str | os.PathLike[str] | bytes


def read(
    source: Source,
    *,
    sr: int | None,
    mono: bool,
    offset: float,
    duration: float | None,
) -> tuple[np.ndarray, int]:
    """Decode an audio file block by block; see `Audio.load`.

    Returns
    -------
    y : float32, shape (channels, samples)
    sr : int, Hz

    Raises
    ------
    AudioError
        If the file cannot be decoded; the message gives its name and the reason.
    """
    name = "the bytes given" if isinstance(source, bytes) else str(source)
    if offset < 0 or (duration is not None and duration <= 0):
        raise AudioError(f"{name}: offset must be at least 0 s and duration more than 0 s")
    if sr is not None and sr <= 0:
        raise AudioError(f"{name}: sr must be positive, not {sr}")
    with suppress_stderr(), _open(source, name) as file:
        start, count = _extent(file, name, offset, duration)
        lead = min(start, PREROLL)
        if start:
            file.seek(start - lead)
            file.read(lead)
        wanted = sr or file.samplerate
        y = _assemble(_resample_blocks(_blocks(file, count, mono), file.samplerate, wanted))
        to_the_end, expected = start + count == file.frames, count / file.samplerate
    if to_the_end:
        _check_length(name, y.shape[1] / wanted, expected, source, file.format)
    if y.shape[1] == 0:
        raise AudioError(f"{name}: holds no samples at {wanted} Hz")
    return y, wanted


def write(path: str | os.PathLike[str], y: np.ndarray, sr: int) -> Path:
    """Encode samples in the format of the path's suffix, atomically; see `Audio.save`."""
    import soundfile

    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise AudioError(f"{target}: the suffix must be one of {', '.join(FORMATS)}")
    kind, subtype = FORMATS[target.suffix.lower()]
    peak = float(np.abs(y).max())
    if subtype != "FLOAT" and peak > 1:
        warnings.warn(f"{target}: the peak of {peak:.2f} is clipped to 1", AudioWarning, 3)
    with atomic_write(target, error=AudioError) as temporary, WatchedFile(temporary, "w") as file:
        try:
            _encode(file, y, sr, target.suffix.lower())
        except (soundfile.LibsndfileError, ValueError) as reason:
            raise file.failure or AudioError(
                f"{target}: {kind} cannot hold {y.shape[0]} channel(s) at {sr} Hz ({reason})"
            ) from reason
        if file.failure:
            raise file.failure
    return target


def encode(y: np.ndarray, sr: int, suffix: str, *, gain: float | None = None) -> bytes:
    """Encode samples as an audio file in memory; `suffix` is a key of `FORMATS`.

    With `gain`, multiply the samples by it and round them to 16 bits; FLAC stores 24 bits and
    compresses the zero ones away.
    """
    buffer = io.BytesIO()
    _encode(buffer, y, sr, suffix, gain)
    return buffer.getvalue()


def _encode(
    target: io.RawIOBase | io.BytesIO,
    y: np.ndarray,
    sr: int,
    suffix: str,
    gain: float | None = None,
) -> None:
    """Write samples (channels, samples) to a file or buffer, one block at a time."""
    import soundfile

    kind, subtype = FORMATS[suffix]
    step = int(WRITE_SECONDS * sr)
    with soundfile.SoundFile(target, "w", sr, y.shape[0], format=kind, subtype=subtype) as file:
        for i in range(0, y.shape[1], step):
            block = y[:, i : i + step].T
            if gain is not None:
                block = np.round(block * np.float32(32767 * gain)) / np.float32(32768)
            file.write(block)


def _open(source: Source, name: str) -> Any:
    """Open with soundfile, or raise an `AudioError` that gives the reason in one line."""
    import soundfile

    if not isinstance(source, bytes):
        path = Path(source)
        if not path.exists():
            raise AudioError(f"{name}: there is no such file")
        if not path.is_file():
            raise AudioError(f"{name}: is not a file")
        if path.stat().st_size == 0:
            raise AudioError(f"{name}: the file is empty")

    class SequentialFile(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
        """Audio file that is read sequentially.

        After each read, soundfile seeks to the current position if the file is seekable.
        libsndfile's MP3 decoder then restarts, with silence; so `seekable` returns False.
        """

        def seekable(self) -> bool:
            return False

    try:
        # as bytes, for soundfile refuses a name that is not UTF-8
        file = SequentialFile(
            io.BytesIO(source) if isinstance(source, bytes) else os.fsencode(source)
        )
    except (soundfile.LibsndfileError, OSError, TypeError) as reason:
        # TypeError: the suffix of a headerless format (.raw), for which soundfile needs a rate
        why = getattr(reason, "error_string", str(reason))
        if "does not exist" in why:  # libsndfile's error for bytes that only look like an MP3
            why = "Format not recognised."
        raise AudioError(f"{name}: is not a sound file that can be read ({why})") from reason
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise AudioError(f"{name}: {file.channels} channels; at most {MAX_CHANNELS} are read")
    return file


def _extent(file: Any, name: str, offset: float, duration: float | None) -> tuple[int, int]:
    """First frame and number of frames to read, according to the header."""
    if file.frames <= 0:
        raise AudioError(f"{name}: holds no samples")
    start = round(offset * file.samplerate)
    if start >= file.frames:
        length = file.frames / file.samplerate
        raise AudioError(f"{name}: offset {offset} s lies beyond its end at {length:.3f} s")
    count = file.frames - start
    if duration is not None:
        count = min(count, max(1, round(duration * file.samplerate)))
    if count > MAX_DURATION * file.samplerate:
        hours = count / file.samplerate / 3600
        raise AudioError(
            f"{name}: claims to last {hours:.1f} h, more than {MAX_DURATION / 3600:.0f} h; "
            "load a part of it with offset= and duration="
        )
    return start, count


def _blocks(file: Any, count: int, mono: bool) -> Iterator[np.ndarray]:
    """Yield decoded blocks (frames, channels), up to `count` frames or the end of the data."""
    import soundfile

    left = count
    while left > 0:
        try:
            block = file.read(min(READ_FRAMES, left), dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:  # damaged data: keep what was decoded before
            return
        if len(block) == 0:
            return
        left -= len(block)
        yield block.mean(axis=1, keepdims=True, dtype=np.float32) if mono else block


def _resample_blocks(blocks: Iterator[np.ndarray], sr: int, wanted: int) -> Iterator[np.ndarray]:
    """Resample the blocks as a stream (soxr, high quality)."""
    import soxr

    if wanted == sr:
        yield from blocks
        return
    stream, last = None, None
    for block in blocks:
        if last is not None and stream is not None:
            yield stream.resample_chunk(last)
        stream = stream or soxr.ResampleStream(sr, wanted, block.shape[1], dtype="float32")
        last = block
    if last is not None and stream is not None:
        yield stream.resample_chunk(last, last=True)


def _assemble(blocks: Iterator[np.ndarray]) -> np.ndarray:
    """Join blocks (frames, channels) to (channels, samples); free each block once copied."""
    parts = list(blocks)
    channels = parts[0].shape[1] if parts else 1
    y = np.empty((channels, sum(map(len, parts))), np.float32)
    end = y.shape[1]
    while parts:
        part = parts.pop()
        y[:, end - len(part) : end] = part.T
        end -= len(part)
    return y


def _check_length(
    name: str, decoded: float, expected: float, source: Source, container: str
) -> None:
    """Warn if a file is truncated; raise an `AudioError` if almost nothing is left."""
    if container == "MP3":
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        truncated, total = mp3_frames.ends_within_a_frame(data), ""
    else:
        truncated = decoded < expected - max(0.05, 0.001 * expected)
        total = f" of {expected:.2f} s"
    if truncated and decoded < MIN_DECODED:
        raise AudioError(f"{name}: is truncated; only {decoded:.3f} s of it can be decoded")
    if truncated:
        text = f"{name}: is truncated; {decoded:.2f} s{total} could be decoded"
        warnings.warn(text, AudioWarning, stacklevel=4)
