"""Read audio files to their real end: libsndfile decodes, soxr resamples, both in blocks."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .audio_containers import Container, read_container
from .audio_sources import PatchedFile, Source, Stream, contents, source_name
from .channels import channels_cancel, loud_channel, warn_of_cancelling
from .checks import require_audio_rate
from .errors import AudioError, AudioWarning
from .stderr import suppress_stderr

MAX_DURATION = 4 * 3600.0  # s; longer excerpts are refused
MIN_DECODED = 0.1  # s; a truncated file must contain at least this much
MAX_CHANNELS = 64
PREROLL = 16384  # frames decoded and dropped after a seek, until an MP3 decoder is in sync
READ_FRAMES = 4096  # small, since a truncated file loses up to this many frames
UNKNOWN = 1 << 62  # frames; libsndfile states more for a file of unknown length


@dataclass
class Decoded:
    """What was decoded of a file.

    Parameters
    ----------
    sr
        Rate of the result in Hz; 0 until the first stream is open.
    position
        Position in the file after the last sample that was decoded or skipped, in seconds.
    seconds
        Seconds decoded.
    at_end
        Whether the end of the file was reached.
    broken
        Whether the decoder met damaged data.
    mean_power, power
        Power of the mean of the channels, and the mean of their powers, times the samples.
    """

    sr: int = 0
    position: float = 0.0
    seconds: float = 0.0
    at_end: bool = False
    broken: bool = False
    mean_power: float = 0.0
    power: float = 0.0


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
    name = source_name(source)
    _check_request(name, sr, offset, duration)
    end = math.inf if duration is None else offset + duration
    with contents(source, name) as data, suppress_stderr():
        container = read_container(data, name)
        y, decoded = _decode(container, data, name, sr, offset, end, mono=mono)
        cancelled = channels_cancel(decoded.mean_power, decoded.power)
        if cancelled:
            y = _decode(container, data, name, sr, offset, end, mono=False)[0]
            y = y[[loud_channel(y)]]
    if cancelled:
        warn_of_cancelling(name, stacklevel=4)
    if decoded.at_end:
        _check_length(name, decoded, container)
    return y, decoded.sr


def _check_request(name: str, sr: int | None, offset: float, duration: float | None) -> None:
    """Raise an error for an excerpt or a rate that makes no sense."""
    length = 1.0 if duration is None else duration
    valid = all(isinstance(value, numbers.Real) for value in (offset, length))
    if not valid or not (0 <= offset < math.inf and 0 < length < math.inf):
        raise AudioError(
            f"{name}: offset must be at least 0 s and duration more than 0 s, "
            f"not {offset!r} and {duration!r}"
        )
    if sr is not None:
        require_audio_rate(sr, f"{name}: sr")


def _decode(
    container: Container,
    data: Any,
    name: str,
    sr: int | None,
    offset: float,
    end: float,
    *,
    mono: bool,
) -> tuple[np.ndarray, Decoded]:
    """Decode the streams of a file from `offset` to `end` seconds: `(channels, samples)`."""
    decoded, parts = Decoded(sr or 0), list[np.ndarray]()
    for stream in container.streams:
        if decoded.position >= end:
            break
        try:
            file = _open(data, stream, name)
        except AudioError:
            if not parts:
                raise
            decoded.broken = decoded.at_end = True  # damage after streams that could be decoded
            break
        with file:
            decoded.sr = decoded.sr or file.samplerate
            first = max(0, round((offset - decoded.position) * file.samplerate))
            started, skipped = max(offset, decoded.position), _skip(file, first)
            decoded.position += skipped / file.samplerate
            decoded.at_end = skipped < first
            if skipped == first:
                count = max(1, round((end - started) * file.samplerate)) if end < math.inf else None
                blocks = _blocks(file, count, name, decoded, mono=mono)
                y = _assemble(_resample_blocks(blocks, file.samplerate, decoded.sr))
                parts.append(_match_channels(y, parts, name))
    if not any(part.size for part in parts):
        raise AudioError(f"{name}: {_why_empty(container, decoded, offset)}")
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1), decoded


def _why_empty(container: Container, decoded: Decoded, offset: float) -> str:
    """Why no sample of a file was decoded."""
    if decoded.seconds:
        return f"holds no samples at {decoded.sr} Hz"
    if offset:
        end = f" at {decoded.position:.3f} s" if decoded.position else ""
        return f"offset {offset:g} s lies beyond its end{end}"
    if decoded.broken or container.share != 1 or container.seconds:
        return "is truncated before its first sample"
    return "holds no samples"


def _open(data: Any, stream: Stream, name: str) -> Any:
    """Open a stream with soundfile, or raise an `AudioError` that gives the reason in one line."""
    import soundfile

    class SequentialFile(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
        """Audio file that is read sequentially.

        After each read, soundfile seeks to the current position if the file is seekable.
        libsndfile's MP3 decoder then restarts, with silence; so `seekable` returns False.
        """

        def seekable(self) -> bool:
            return False

    try:
        file = SequentialFile(PatchedFile(data, stream))
    except (soundfile.LibsndfileError, OSError, TypeError) as reason:
        why = getattr(reason, "error_string", str(reason))
        raise AudioError(f"{name}: is not a sound file that can be read ({why})") from reason
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise AudioError(f"{name}: {file.channels} channels; at most {MAX_CHANNELS} are read")
    require_audio_rate(file.samplerate, f"{name}: its sampling rate")
    return file


def _skip(file: Any, frames: int) -> int:
    """Move to a frame, by seeking or decoding; return it, or the last frame if that is earlier."""
    import soundfile

    if file.frames < UNKNOWN and frames >= file.frames:
        return int(file.frames)
    lead = min(frames, PREROLL)
    try:
        file.seek(frames - lead)
        position = frames - lead
    except soundfile.LibsndfileError:  # beyond the end, or a format that cannot seek, such as GSM
        position = 0
    while position < frames:
        try:
            count = len(file.read(min(frames - position, READ_FRAMES), always_2d=True))
        except soundfile.LibsndfileError:
            break
        if count == 0:
            break
        position += count
    return position


def _blocks(
    file: Any, count: int | None, name: str, decoded: Decoded, *, mono: bool
) -> Iterator[np.ndarray]:
    """Decoded blocks `(frames, channels)`, up to `count` frames or the end of the data."""
    import soundfile

    left = math.inf if count is None else count
    while left > 0:
        try:
            block = file.read(int(min(READ_FRAMES, left)), dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:  # damaged data: keep what was decoded before
            decoded.broken = decoded.at_end = True
            return
        if len(block) == 0:
            decoded.at_end = True
            return
        left -= len(block)
        decoded.position += len(block) / file.samplerate
        decoded.seconds += len(block) / file.samplerate
        if decoded.seconds > MAX_DURATION:
            raise AudioError(
                f"{name}: lasts more than {MAX_DURATION / 3600:.0f} h; load a part of it with "
                "offset= and duration="
            )
        if mono and block.shape[1] > 1:
            mean = block @ np.full((block.shape[1], 1), 1 / block.shape[1], np.float32)
            decoded.mean_power += float(np.vdot(mean, mean))
            decoded.power += float(np.vdot(block, block)) / block.shape[1]
            block = mean
        yield block


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


def _match_channels(part: np.ndarray, parts: list[np.ndarray], name: str) -> np.ndarray:
    """Give a part of a joined file as many channels as its beginning has."""
    channels = parts[0].shape[0] if parts else part.shape[0]
    if part.shape[0] == channels:
        return part
    if channels == 1:
        return part.mean(axis=0, keepdims=True, dtype=np.float32)
    if part.shape[0] == 1:
        return np.repeat(part, channels, axis=0)
    raise AudioError(f"{name}: begins with {channels} channels and goes on with {part.shape[0]}")


def _check_length(name: str, decoded: Decoded, container: Container) -> None:
    """Warn if a file holds more or less than its header states; refuse one with almost nothing."""
    stated = container.seconds
    if stated is None and container.share is not None and container.share != 1:
        stated = decoded.position / container.share
    text = "" if stated is None else f" of {stated:.2f} s"
    short = stated is not None and decoded.position < stated - max(0.05, 0.001 * stated)
    if decoded.broken or short or container.share is None or container.share < 1:
        if decoded.seconds < MIN_DECODED:
            raise AudioError(
                f"{name}: is truncated; only {decoded.seconds:.3f} s of it can be decoded"
            )
        text = f"{name}: is truncated; {decoded.seconds:.2f} s{text} could be decoded"
        warnings.warn(text, AudioWarning, stacklevel=4)
    elif container.share > 1 or (stated is not None and decoded.position > stated + 0.05):
        text = f"{name}: its header states {stated:.2f} s; all {decoded.seconds:.2f} s are read"
        warnings.warn(text, AudioWarning, stacklevel=4)
