"""`NoteDetector`: from audio to notes, processed in windows to bound the memory."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ..core import Audio, Notes
from ..core.chunks import Chunk, split
from ..core.constants import PITCHES, SAMPLE_RATE
from ..core.progress import stage, track_progress
from ..learning.devices import has_bfloat16
from ..spectra import VQT
from .bends import bend_curves
from .networks import LogFrequencyAxis, NoteNet
from .path import PathDecoder
from .rolls import Rolls
from .tuning import transcribe_in_tune

HOP = 256  # samples from frame to frame
SILENT = 5e-4  # of full scale, -66 dB: quieter input is treated as silence
GAMMAS = (None, 20.0)  # Hz, of the two spectrograms; None is librosa's, 4.4
WINDOW, MARGIN = 1600 * HOP, 100 * HOP  # samples: 18.6 s, and 1.2 s on either side
MAX_THREADS = 2  # windows processed in parallel
BLOCK, CONTEXT = 400, 40  # frames, even: per call of the network, and on either side of them


def mixed_precision(device: torch.device) -> torch.autocast:
    """Context in which networks compute in bfloat16, if the device has instructions for it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device))


@contextmanager
def _workers(device: torch.device) -> Iterator[ThreadPoolExecutor]:
    """Threads that process windows in parallel; on a CPU they share its cores.

    A window consists of many small operations: two windows in parallel, on one core each, take less
    time than one after the other on both cores. More than two would need more memory than the rest
    of an analysis.
    """
    cores = torch.get_num_threads()
    count = min(MAX_THREADS, cores) if device.type == "cpu" else 1
    share = (cores // count,)
    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=share) as pool:
            yield pool
    finally:
        torch.set_num_threads(cores)  # for future threads; existing ones keep their setting


class NoteFrontEnd(nn.Module):
    """Features of the detector: two variable-Q spectrograms, 36 bins per octave from A0.

    The first has librosa's bandwidths, `0.019 f + 4.4` Hz, which separate neighbouring pitches. The
    bandwidths of the second are `0.019 f + 20` Hz, with windows of at most 50 ms, which localise
    onsets.

    Examples
    --------
    >>> NoteFrontEnd()(torch.zeros(2, 44100)).shape
    torch.Size([2, 2, 309, 173])
    """

    def __init__(self) -> None:
        super().__init__()
        transforms = [
            VQT(
                sr=SAMPLE_RATE,
                hop_length=HOP,
                fmin=27.5,
                n_bins=288,
                bins_per_octave=36,
                gamma=gamma,
            )
            for gamma in GAMMAS
        ]
        self.min_samples = max(transform.window_length for transform in transforms)
        self.axes = nn.ModuleList(map(LogFrequencyAxis, transforms))

    @torch.no_grad()
    def forward(self, y: Tensor) -> Tensor:
        """Audio `(batch, samples)` to dB, `(batch, 2, BINS, frames)`; always in full precision."""
        with torch.autocast(y.device.type, enabled=False):
            spectrograms = [axis(y) for axis in self.axes]  # (batch, BINS, frames) each
            return torch.stack(spectrograms, dim=1)  # (batch, 2, BINS, frames)


class NoteDetector(nn.Module):
    """A `NoteFrontEnd` and a `NoteNet`: from audio to posteriors and notes.

    Frames are 256 samples apart; the network processes them with a stride of 2.

    Parameters
    ----------
    channels
        Channels of the network: 16 for 26,476 parameters, 48 for 159,884.

    Examples
    --------
    >>> detector = NoteDetector()
    >>> detector(torch.zeros(2, 44100)).shape  # onset, frame, offset, velocity; logits
    torch.Size([2, 4, 88, 173])
    """

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        self.front = NoteFrontEnd()
        self.net = NoteNet(channels, spectrograms=2, stride=2)

    def forward(self, y: Tensor) -> Tensor:
        """Audio at 22,050 Hz, shape `(batch, samples)`, to logits `(batch, 4, 88, frames)`."""
        spectrograms = self.front(y)  # (batch, 2, BINS, frames)
        logits: Tensor = self.net(spectrograms)  # (batch, 4, 88, frames)
        return logits

    @torch.no_grad()
    def posteriors(self, audio: Audio) -> Rolls[np.ndarray]:
        """Posteriors of the notes.

        Parameters
        ----------
        audio
            Any audio; it is mixed to mono and resampled to 22,050 Hz. It is processed in windows
            of 19 s with margins of 1.2 s, each normalised to its loudest frame.

        Returns
        -------
        Rolls
            Onset, frame, offset and velocity, 0..1, float32, each of shape `(88, frames)`, a
            frame every 256 samples.
        """
        y = audio.mono().resample(SAMPLE_RATE).y[0]
        rolls = np.zeros((len(Rolls._fields), PITCHES, 1 + y.size // HOP), np.float32)
        first = 0
        for piece in self._pieces(y):
            rolls[..., first : first + piece.shape[-1]] = piece
            first += piece.shape[-1]
        return Rolls(*rolls)

    def _pieces(self, y: np.ndarray) -> Iterator[np.ndarray]:
        """Posteriors of samples window by window, each `(4, 88, frames)`."""
        windows = split(y.size, size=WINDOW, margin=MARGIN)
        # the frame between two windows belongs to the second, unless that is silent
        last = np.zeros((len(Rolls._fields), PITCHES, 1), np.float32)
        with _workers(self.device) as pool:
            found = pool.map(lambda chunk: self._window(y, chunk), windows)
            for chunk, window in zip(track_progress(windows), found, strict=True):
                frames = chunk.end // HOP - chunk.start // HOP
                if window is None:
                    window = np.concatenate([last, np.zeros((*last.shape[:2], frames))], axis=-1)
                yield window[..., :frames]
                last = window[..., frames:]
        yield last

    @torch.no_grad()  # set per thread, like autocast
    def _window(self, y: np.ndarray, chunk: Chunk) -> np.ndarray | None:
        """Posteriors of a window, without its margins: `(4, 88, frames)`; None for silence."""
        if not (np.abs(y[chunk.first : chunk.last]) > SILENT).any():
            return None  # normalisation would amplify the noise
        spectrogram = self.front(self._part(y, chunk))
        first, last = ((at - chunk.first) // HOP for at in (chunk.start, chunk.end))
        blocks = []
        for start in range(first, last + 1, BLOCK):
            end = min(start + BLOCK, last + 1)
            begin = max(0, start - CONTEXT)
            # contiguous, because the memory layout changes how sums are rounded
            block = spectrogram[..., begin : end + CONTEXT].contiguous()
            with mixed_precision(self.device):
                logits = self.net(block)[0].float()
            blocks.append(torch.sigmoid(logits[..., start - begin : end - begin]).cpu().numpy())
        return np.concatenate(blocks, axis=-1)

    def _part(self, y: np.ndarray, chunk: Chunk) -> Tensor:
        """Samples of a window with its margins, padded to the minimum length: `(1, samples)`."""
        part = torch.from_numpy(y[chunk.first : chunk.last])
        part = nn.functional.pad(part, (0, max(0, self.front.min_samples - part.numel())))
        return part[None].to(self.device)

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.parameters()).device

    def transcribe(self, audio: Audio) -> Notes:
        """Notes of a recording with their bends; called by `mirlab.transcribe`."""
        return transcribe_in_tune(audio, self._detect)

    def _detect(self, audio: Audio) -> Notes:
        """Notes of audio (mono, 22,050 Hz), whose pitches are relative to A4 = 440 Hz."""
        with stage(0, 0.9):
            decoder = PathDecoder(hop_length=HOP, sr=SAMPLE_RATE)
            for piece in self._pieces(audio.y[0]):
                decoder.push(piece)
            notes = decoder.finish()
        with stage(0.9, 1):
            return replace(notes, bends=tuple(self._bends(audio.y[0], notes)))

    def _bends(self, y: np.ndarray, notes: Notes) -> list[np.ndarray]:
        """The bend of each note, estimated in the window in which the note begins."""
        windows = split(y.size, size=WINDOW, margin=MARGIN)
        with _workers(self.device) as pool:
            found = pool.map(lambda chunk: self._window_bends(y, notes, chunk), windows)
            pairs = zip(track_progress(windows), found, strict=True)
            return [curve for _, curves in pairs for curve in curves]

    @torch.no_grad()
    def _window_bends(self, y: np.ndarray, notes: Notes, chunk: Chunk) -> list[np.ndarray]:
        """The bends of the notes that begin in a window."""
        inside = notes.onset >= chunk.start / SAMPLE_RATE
        inside &= notes.onset < chunk.end / SAMPLE_RATE
        if not inside.any():
            return []
        spectrogram = self.front.axes[0](self._part(y, chunk))[0].cpu().numpy()
        near = (notes.offset > chunk.first / SAMPLE_RATE) & (notes.onset < chunk.last / SAMPLE_RATE)
        begins = chunk.first / SAMPLE_RATE
        found = bend_curves(spectrogram, notes[near], hop_length=HOP, sr=SAMPLE_RATE, begins=begins)
        return [curve for curve, keep in zip(found, inside[near], strict=True) if keep]
