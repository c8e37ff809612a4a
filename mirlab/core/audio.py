"""`Audio`: samples and their sampling rate."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import audio_files, audio_reading
from .audio_sources import Source, source_name
from .channels import channels_cancel, loud_channel, warn_of_cancelling
from .checks import as_float, require_audio_rate, require_flag, require_type
from .display import audio_html
from .errors import AudioError

MAX_SAMPLE = 1e9  # beyond it, squares overflow in float32


@dataclass(frozen=True, eq=False)
class Audio:
    """Audio samples and their sampling rate.

    Parameters
    ----------
    y
        Samples, shape `(channels, samples)` or `(samples,)`, floating point, about -1..1.
        Stored as float32 of shape `(channels, samples)`.
    sr
        Sampling rate in Hz.

    Raises
    ------
    AudioError
        If the array is empty, not floating point, has more than two axes, has more channels than
        64 or than samples, contains NaN, infinity or values beyond 1e9, or if the sampling rate is
        not an integer of 100..1000000.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(22050) / 22050
    >>> tone = Audio(0.5 * np.sin(2 * np.pi * 440 * t), 22050)
    >>> tone
    Audio(1 channel, 1.000 s, 22050 Hz)
    >>> y, sr = tone
    >>> y.shape, sr
    ((22050,), 22050)
    """

    y: np.ndarray
    sr: int

    def __post_init__(self) -> None:
        try:
            y = np.asarray(self.y)
        except (TypeError, ValueError, RuntimeError) as reason:  # ragged rows; a tensor's gradient
            raise AudioError(f"samples must be an array ({reason})") from None
        if y.dtype.kind != "f":
            raise AudioError(
                f"samples must be floating point in about -1..1, not {y.dtype}; "
                "divide integers by their full scale first (int16: 32768)"
            )
        if y.ndim not in (1, 2) or y.size == 0:
            raise AudioError(f"samples must have shape (channels, samples), not {y.shape}")
        y = np.ascontiguousarray(np.atleast_2d(y), dtype=np.float32)
        if y.shape[0] > min(audio_reading.MAX_CHANNELS, y.shape[1]):
            raise AudioError(
                f"samples must have shape (channels, samples); {y.shape[0]} channels of "
                f"{y.shape[1]} samples look transposed, pass y.T"
            )
        low, high = float(y.min()), float(y.max())  # both propagate NaN
        if not (np.isfinite(low) and np.isfinite(high)):
            raise AudioError("the samples hold NaN or infinity")
        if max(-low, high) > MAX_SAMPLE:
            raise AudioError(f"the samples reach {max(-low, high):.0e}; audio is about -1..1")
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "sr", require_audio_rate(self.sr))

    @classmethod
    def load(
        cls,
        source: Source,
        *,
        sr: int | None = None,
        mono: bool = False,
        offset: float = 0.0,
        duration: float | None = None,
    ) -> Audio:
        """Read an audio file (wav, flac, ogg, mp3, and every other format of libsndfile).

        Parameters
        ----------
        source
            A path, the contents of a file as bytes, or a file opened in binary mode.
        sr
            Resample to this rate in Hz (soxr, high quality); by default, keep the file's rate.
        mono
            Average the channels.
        offset, duration
            Start and length of the excerpt to read, in seconds; by default, the whole file.

        Returns
        -------
        Audio
            The file up to its real end, whatever length its header states: of a truncated file, the
            part that can be decoded; of joined files (MP3, chained Ogg), all of them. An
            `AudioWarning` says if the file holds more or less than it states. Channels that cancel
            each other out are not averaged: `mono` then keeps the first, with an `AudioWarning`.

        Raises
        ------
        AudioError
            If the file does not exist, is not an audio file or in a format that is not decoded
            (such as m4a), contains no samples, NaN or infinity, is longer than 4 hours, or is
            truncated to less than 0.1 s. The message names the file.
        """
        y, rate = audio_reading.read(source, sr=sr, mono=mono, offset=offset, duration=duration)
        try:
            return cls(y, rate)
        except AudioError as reason:
            raise AudioError(f"{source_name(source)}: {reason}") from None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write an audio file atomically; the suffix selects the format.

        Parameters
        ----------
        path
            Suffix `.wav` (32-bit float), `.flac` (24 bits), `.ogg` (Vorbis) or `.mp3`.

        Returns
        -------
        Path
            The file written. Samples beyond -1..1 are clipped with an `AudioWarning`, except in
            a `.wav`.

        Raises
        ------
        AudioError
            If the suffix is unknown, the folder is missing, or the format does not support the
            rate or the number of channels.
        """
        return audio_files.write(path, self.y, self.sr)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.y.shape[0])

    @property
    def samples(self) -> int:
        """Number of samples per channel."""
        return int(self.y.shape[1])

    @property
    def duration(self) -> float:
        """Duration in seconds."""
        return self.samples / self.sr

    def mono(self) -> Audio:
        """Mix down to one channel, the mean of the channels.

        If the channels cancel each other out, one of them is kept, with an `AudioWarning`.
        """
        if self.channels == 1:
            return self
        y = self.y.mean(axis=0, dtype=np.float32)
        power = float(np.vdot(self.y, self.y)) / self.channels
        if channels_cancel(float(np.vdot(y, y)), power):
            warn_of_cancelling("mono", stacklevel=3)
            y = self.y[loud_channel(self.y)]
        return Audio(y, self.sr)

    def resample(self, sr: int) -> Audio:
        """Resample to `sr` Hz (soxr, high quality).

        Raises
        ------
        AudioError
            If `sr` is not an integer, 100..1000000, or so low that no sample is left.
        """
        import soxr

        sr = require_audio_rate(sr)
        if sr == self.sr:
            return self
        return Audio(soxr.resample(self.y.T, self.sr, sr).T, sr)

    def slice(self, start: float, end: float) -> Audio:
        """Cut out the excerpt from `start` to `end` seconds, rounded to the nearest sample.

        Raises
        ------
        AudioError
            If the excerpt contains no sample.
        """
        first, last = (
            round(min(max(as_float(name, time, AudioError), 0.0), self.duration) * self.sr)
            for name, time in (("start", start), ("end", end))
        )
        part = self.y[:, first:last]
        if part.size == 0:
            raise AudioError(f"no sample between {start} s and {end} s of {self.duration:.3f} s")
        return Audio(part, self.sr)

    def player(self, title: str) -> Player:
        """Show waveform and player under a title, as the last value of a notebook cell.

        Parameters
        ----------
        title
            Plain text; also the player's label for screen readers.

        Returns
        -------
        Player
            Pass it to `IPython.display.display` to show several in one cell.

        Examples
        --------
        >>> import numpy as np
        >>> Audio(np.zeros(22050), 22050).player("A second of silence")
        Player(audio=Audio(1 channel, 1.000 s, 22050 Hz), title='A second of silence')
        """
        require_type("title", title, str, AudioError)
        return Player(self, title)

    def __add__(self, other: Audio) -> Audio:
        """Mix two signals: pad the shorter one with zeros, broadcast mono to every channel.

        Raises
        ------
        AudioError
            If the sampling rates differ, or the numbers of channels differ and neither is mono.
        """
        if not isinstance(other, Audio):
            return NotImplemented
        if self.sr != other.sr:
            raise AudioError(f"cannot mix {self.sr} Hz with {other.sr} Hz; resample one first")
        if self.channels != other.channels and 1 not in (self.channels, other.channels):
            raise AudioError(f"cannot mix {self.channels} channels with {other.channels}")
        shape = np.maximum(self.y.shape, other.y.shape)
        mixed = np.zeros(shape, np.float32)
        mixed[:, : self.samples] += self.y
        mixed[:, : other.samples] += other.y
        return Audio(mixed, self.sr)

    def __iter__(self) -> Iterator[Any]:
        """Unpack as `y, sr = audio`, as in librosa: `y` is one-dimensional for a single channel."""
        yield self.y[0] if self.channels == 1 else self.y
        yield self.sr

    def __repr__(self) -> str:
        plural = "" if self.channels == 1 else "s"
        return f"Audio({self.channels} channel{plural}, {self.duration:.3f} s, {self.sr} Hz)"

    def _repr_html_(self) -> str:
        return audio_html(self.y, self.sr)


AudioLike = str | os.PathLike[str] | Audio | tuple[np.ndarray, int]  # input of every task


def as_audio(source: AudioLike, *, sr: int | None = None, mono: bool = False) -> Audio:
    """Convert a path, an `Audio` or a pair `(y, sr)` to `Audio`.

    Parameters
    ----------
    source
        The path of an audio file; an `Audio`; or `(y, sr)` as returned by `librosa.load`, with
        floating point `y` of shape `(samples,)` or `(channels, samples)` and `sr` in Hz.
    sr
        Resample to this rate in Hz; by default, keep the rate of the source.
    mono
        Average the channels.

    Raises
    ------
    AudioError
        If `source` is none of these; also as raised by `Audio` and `Audio.load`.

    Examples
    --------
    >>> as_audio((np.zeros(44100), 44100), sr=22050)
    Audio(1 channel, 1.000 s, 22050 Hz)
    """
    require_flag("mono", mono)
    if isinstance(source, str | os.PathLike):
        return Audio.load(source, sr=sr, mono=mono)
    if isinstance(source, tuple) and len(source) == 2:
        if np.ndim(source[0]) == 0 or np.ndim(source[1]) != 0:
            raise AudioError("a pair must be (y, sr): samples first, then the sampling rate in Hz")
        source = Audio(*source)
    if not isinstance(source, Audio):
        kind = type(source).__name__
        raise AudioError(f"a sound must be a path, an Audio or a pair (y, sr), not {kind}")
    audio = source.mono() if mono else source
    return audio if sr is None else audio.resample(sr)


@dataclass(frozen=True)
class Player:
    """Waveform and player under a title, for notebooks; created by `Audio.player`.

    Parameters
    ----------
    audio
        The audio to play.
    title
        Plain text above the waveform, and the player's label.
    """

    audio: Audio
    title: str

    def _repr_html_(self) -> str:
        return audio_html(self.audio.y, self.audio.sr, title=self.title)
