"""`BeatDetector`: from audio and notes to beats, processed in windows to bound the memory."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ..core import Audio, Notes, NotesError, Segments
from ..core.checks import require_type
from ..core.chunks import Chunk, chunks
from ..core.constants import PITCHES
from ..learning.devices import has_bfloat16
from .decoding import decode_beats
from .features import FPS, MELS, ROLLS, beat_rolls, log_mel
from .networks import BeatNet

WINDOW, MARGIN = round(240 * FPS), round(30 * FPS)  # frames


class BeatDetector(nn.Module):
    """A `BeatNet` with its features and its decoder.

    Parameters
    ----------
    channels
        Channels of the network.
    """

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        self.net = BeatNet(channels)

    def forward(self, mel: Tensor, rolls: Tensor, present: Tensor) -> Tensor:
        """Logits of beats and downbeats, see `BeatNet.forward`."""
        logits: Tensor = self.net(mel, rolls, present)
        return logits

    def track_beats(self, audio: Audio, *, notes: Notes | None = None) -> Segments:
        """Beats of a recording, numbered in bars; called by `mirlab.track_beats`."""
        if notes is not None:
            require_type("notes", notes, Notes, NotesError)
        return self.beats_of(log_mel(audio), notes)

    def beats_of(self, mel: np.ndarray | None, notes: Notes | None) -> Segments:
        """Beats of a mel spectrogram, of notes, or of both; see `activations`."""
        return decode_beats(self.activations(mel, notes))

    @torch.no_grad()
    def activations(self, mel: np.ndarray | None, notes: Notes | None) -> np.ndarray:
        """Probability of a beat and of a downbeat in each frame.

        Parameters
        ----------
        mel
            From `log_mel`, shape `(64, frames)`; None without audio.
        notes
            Notes of the same recording, if they are known.

        Returns
        -------
        ndarray
            Shape `(2, frames)`, 0..1, 50 frames per second.
        """
        length = 0.0 if notes is None else notes.duration
        frames = mel.shape[1] if mel is not None else 1 + int(length * FPS)
        found = np.zeros((2, frames), np.float32)
        for chunk in chunks(frames, size=WINDOW, margin=MARGIN):
            posteriors = torch.sigmoid(self._logits(mel, notes, chunk))[0].cpu().numpy()
            inside = slice(chunk.start - chunk.first, chunk.end - chunk.first)
            found[:, chunk.start : chunk.end] = posteriors[:, inside]
        return found

    def _logits(self, mel: np.ndarray | None, notes: Notes | None, chunk: Chunk) -> Tensor:
        """Logits of a window with its margins, `(1, 2, frames)`; an absent input is zero."""
        frames = chunk.last - chunk.first
        sound = np.zeros((MELS, frames), np.float32)
        rolls = np.zeros((ROLLS, PITCHES, frames), np.float32)
        if mel is not None:
            sound = mel[:, chunk.first : chunk.last]
        if notes is not None:
            rolls = beat_rolls(notes, frames, first=chunk.first)
        present = torch.tensor([[float(mel is not None), float(notes is not None)]])
        device = next(self.parameters()).device
        inputs = (torch.from_numpy(sound)[None], torch.from_numpy(rolls)[None], present)
        with torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device)):
            logits: Tensor = self(*(tensor.to(device) for tensor in inputs))
        return logits.float()
