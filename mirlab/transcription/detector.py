"""A note detector of our own, whole: from sound to notes, in windows, so that memory stays flat."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ..core import Audio, Notes
from ..core.chunks import chunks
from ..spectra import CQT
from .decoding import notes_from_peaks
from .networks import HEADS, PITCHES, NoteNet, PitchAxis

SR = 22050
HOP = 256  # samples from frame to frame
WINDOW, MARGIN = 1600 * HOP, 200 * HOP  # samples: 18.6 s, and 2.3 s on either side


class NoteDetector(nn.Module):
    """A constant-Q picture and a `NoteNet` in one.

    The picture has 36 bins an octave from A0 on and a frame every 256 samples; the net is trained
    as `mirlab train transcription/mirlab-notes-tiny` does it.

    Parameters
    ----------
    channels
        Of the net. 18 make 29,080 parameters.

    Examples
    --------
    >>> detector = NoteDetector()
    >>> detector(torch.zeros(2, 44100)).shape  # onset, frame, offset, velocity; logits
    torch.Size([2, 4, 88, 173])
    """

    def __init__(self, channels: int = 18) -> None:
        super().__init__()
        self.front = PitchAxis(
            CQT(sr=SR, hop_length=HOP, fmin=27.5, n_bins=288, bins_per_octave=36)
        )
        self.net = NoteNet(channels)

    def forward(self, y: Tensor) -> Tensor:
        """Sound at 22,050 Hz, shape `(batch, samples)`, to logits `(batch, 4, 88, frames)`."""
        return self.net(self.front(y))

    @torch.no_grad()
    def posteriors(self, audio: Audio) -> np.ndarray:
        """What the net says of a sound.

        Parameters
        ----------
        audio
            Any sound; it is mixed to mono and brought to 22,050 Hz. It is heard in windows of
            19 s with 2.3 s more on either side, each as loud as its loudest moment.

        Returns
        -------
        ndarray
            Onset, frame, offset and velocity, 0..1, float32, shape `(4, 88, frames)`, a frame
            every 256 samples.
        """
        y = audio.mono().resample(SR).y[0]
        frames = 1 + y.size // HOP
        rolls = np.zeros((len(HEADS), PITCHES, frames), np.float32)
        shortest = self.front.transform.window_length
        for chunk in chunks(y.size, size=WINDOW, margin=MARGIN):
            part = torch.from_numpy(y[chunk.first : chunk.last])
            if not part.any():
                continue  # silence: the picture, as loud as its loudest moment, would be its noise
            part = nn.functional.pad(part, (0, max(0, shortest - part.numel())))
            said = torch.sigmoid(self(part[None].to(self.device)))[0].cpu().numpy()
            first, last = chunk.start // HOP, min(frames, 1 + chunk.end // HOP)
            here = first - chunk.first // HOP
            rolls[..., first:last] = said[..., here : here + last - first]
        return rolls

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.net.mix.weight.device

    def transcribe(self, audio: Audio) -> Notes:
        """The notes of a sound, as `mirlab.transcribe` asks for them."""
        return notes_from_peaks(self.posteriors(audio), hop_seconds=HOP / SR)
