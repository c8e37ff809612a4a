"""A note detector of our own, whole: from sound to notes, in windows, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ..core import Audio, Notes
from ..core.chunks import Chunk, chunks
from ..core.constants import PITCHES, SAMPLE_RATE
from ..core.progress import stage
from ..learning.devices import has_bfloat16
from ..spectra import VQT
from .bends import bend_curves
from .decoding import decode
from .networks import LogFrequencyAxis, NoteNet
from .rolls import Rolls

HOP = 256  # samples from frame to frame
SILENT = 5e-4  # of full scale, -66 dB: what is nowhere louder is the noise of a recorder
GAMMAS = (None, 20.0)  # Hz, of the two pictures; None is librosa's, 4.4
WINDOW, MARGIN = 1600 * HOP, 100 * HOP  # samples: 18.6 s, and 1.2 s on either side
AT_ONCE = 2  # windows
PIECE, LOOK = 400, 40  # frames, even; what the net takes at a time, and how far it looks aside


def mixed_precision(device: torch.device) -> torch.autocast:
    """Within it networks compute in bfloat16, where the device has instructions for that."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device))


@contextmanager
def _workers(device: torch.device) -> Iterator[ThreadPoolExecutor]:
    """Threads for windows side by side; on a processor they share its cores.

    A window is many small operations: two windows on a core each take less time than one after the
    other on both. More than two at a time would take more memory than all else in an analysis.
    """
    cores = torch.get_num_threads()
    count = min(AT_ONCE, cores) if device.type == "cpu" else 1
    share = (cores // count,)
    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=share) as pool:
            yield pool
    finally:
        torch.set_num_threads(cores)  # for threads to come; those that are there keep their own


class NoteFrontEnd(nn.Module):
    """What a detector sees: two variable-Q pictures, 36 bins an octave from A0 on.

    The first has librosa's bandwidths, `0.019 f + 4.4` Hz: it tells neighbours apart. The second's
    are 20 Hz wider, its windows at most 50 ms long: it tells when.
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
        self.shortest = max(one.window_length for one in transforms)  # samples a sound must have
        self.axes = nn.ModuleList(map(LogFrequencyAxis, transforms))

    @torch.no_grad()
    def forward(self, y: Tensor) -> Tensor:
        """Sound `(batch, samples)` to dB, `(batch, 2, BINS, frames)`; always in full precision."""
        with torch.autocast(y.device.type, enabled=False):
            pictures = [axis(y) for axis in self.axes]  # (batch, BINS, frames) each
            return torch.stack(pictures, dim=1)  # (batch, 2, BINS, frames)


class NoteDetector(nn.Module):
    """Two pictures of sound and a `NoteNet` in one.

    A frame every 256 samples, two of them taken at once by the net.

    Parameters
    ----------
    channels
        Of the net. 16 make 26,476 parameters, 48 make 159,884.

    Examples
    --------
    >>> detector = NoteDetector()
    >>> detector(torch.zeros(2, 44100)).shape  # onset, frame, offset, velocity; logits
    torch.Size([2, 4, 88, 173])
    """

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        self.front = NoteFrontEnd()
        self.net = NoteNet(channels, pictures=2, stride=2)

    def forward(self, y: Tensor) -> Tensor:
        """Sound at 22,050 Hz, shape `(batch, samples)`, to logits `(batch, 4, 88, frames)`."""
        pictures = self.front(y)  # (batch, 2, BINS, frames)
        logits: Tensor = self.net(pictures)  # (batch, 4, 88, frames)
        return logits

    @torch.no_grad()
    def posteriors(self, audio: Audio) -> Rolls[np.ndarray]:
        """What the net says of a sound.

        Parameters
        ----------
        audio
            Any sound; it is mixed to mono and brought to 22,050 Hz. It is heard in windows of
            19 s with 1.2 s more on either side, each as loud as its loudest moment.

        Returns
        -------
        Rolls
            Onset, frame, offset and velocity, 0..1, float32, each of shape `(88, frames)`, a
            frame every 256 samples.
        """
        y = audio.mono().resample(SAMPLE_RATE).y[0]
        frames = 1 + y.size // HOP
        rolls = np.zeros((len(Rolls._fields), PITCHES, frames), np.float32)
        windows = list(chunks(y.size, size=WINDOW, margin=MARGIN))
        with _workers(self.device) as pool:
            found = pool.map(lambda chunk: self._window(y, chunk), windows)
            for chunk, window in zip(windows, found, strict=True):
                if window is not None:
                    first = chunk.start // HOP
                    rolls[..., first : first + window.shape[-1]] = window
        return Rolls(*rolls)

    @torch.no_grad()  # which, like autocast, is each thread's own
    def _window(self, y: np.ndarray, chunk: Chunk) -> np.ndarray | None:
        """The frames of a window, without its margins: `(4, 88, frames)`; None for silence."""
        if not (np.abs(y[chunk.first : chunk.last]) > SILENT).any():
            return None  # the picture, as loud as its loudest moment, would be that of noise
        picture = self.front(self._part(y, chunk))
        first, last = ((at - chunk.first) // HOP for at in (chunk.start, chunk.end))
        pieces = []
        for start in range(first, last + 1, PIECE):
            end = min(start + PIECE, last + 1)
            begin = max(0, start - LOOK)
            piece = picture[..., begin : end + LOOK].contiguous()  # else sums are rounded otherwise
            with mixed_precision(self.device):
                logits = self.net(piece)[0].float()
            pieces.append(torch.sigmoid(logits[..., start - begin : end - begin]).cpu().numpy())
        return np.concatenate(pieces, axis=-1)

    def _part(self, y: np.ndarray, chunk: Chunk) -> Tensor:
        """A piece of a sound with its margins, as long as a picture needs: `(1, samples)`."""
        part = torch.from_numpy(y[chunk.first : chunk.last])
        part = nn.functional.pad(part, (0, max(0, self.front.shortest - part.numel())))
        return part[None].to(self.device)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def transcribe(self, audio: Audio) -> Notes:
        """The notes of a sound, as `mirlab.transcribe` asks for them, with their bends."""
        audio = audio.mono().resample(SAMPLE_RATE)
        with stage(0, 0.9):
            notes = decode(self.posteriors(audio), hop_length=HOP, sr=SAMPLE_RATE)
        with stage(0.9, 1):
            return replace(notes, bends=tuple(self._bends(audio.y[0], notes)))

    def _bends(self, y: np.ndarray, notes: Notes) -> list[np.ndarray]:
        """The bend of each note; the sound is looked at again in pieces, a note in its first."""
        windows = chunks(y.size, size=WINDOW, margin=MARGIN)
        with _workers(self.device) as pool:
            found = pool.map(lambda chunk: self._window_bends(y, notes, chunk), windows)
            return [curve for curves in found for curve in curves]

    @torch.no_grad()
    def _window_bends(self, y: np.ndarray, notes: Notes, chunk: Chunk) -> list[np.ndarray]:
        """The bends of the notes that begin in a window."""
        here = (notes.onset >= chunk.start / SAMPLE_RATE) & (notes.onset < chunk.end / SAMPLE_RATE)
        if not here.any():
            return []
        picture = self.front.axes[0](self._part(y, chunk))[0].cpu().numpy()
        near = (notes.offset > chunk.first / SAMPLE_RATE) & (notes.onset < chunk.last / SAMPLE_RATE)
        begins = chunk.first / SAMPLE_RATE
        found = bend_curves(picture, notes[near], hop_length=HOP, sr=SAMPLE_RATE, begins=begins)
        return [curve for curve, mine in zip(found, here[near], strict=True) if mine]
