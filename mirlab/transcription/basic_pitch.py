"""Basic Pitch, layer by layer, in torch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, pad, relu

from ..core import Audio, Notes
from .basic_pitch_windows import posteriors_in_windows
from .greedy import notes_from_posteriors

OCTAVES = 9
PER_OCTAVE = 36
TAPS = 256  # of every filter, and samples between frames
BINS = 309  # of the constant-Q transform, from A0 on
CONTOUR_BINS = 264  # three a semitone, over 88 pitches
STACK = (-36, 0, 36, 57, 72, 84, 93, 101)  # bins: harmonics 0.5 and 1 to 7


class BasicPitch(nn.Module):
    """Basic Pitch (Bittner, Bosch, Rubinstein, Meseguer-Brocal and Ewert, ICASSP 2022).

    A constant-Q transform in dB, scaled to 0..1 in each window; its copies moved by harmonics;
    then three small stacks of convolutions, each of which sees what the one before has said: the
    contour (three bins a semitone), notes, onsets. 16,702 parameters: batch norm is folded into
    its neighbours, as in the published ONNX file (without that 16,782). `load_basic_pitch` fills
    it.

    Examples
    --------
    >>> net = BasicPitch()
    >>> onset, note, contour = net(torch.zeros(1, 43844))
    >>> onset.shape, contour.shape
    (torch.Size([1, 88, 172]), torch.Size([1, 264, 172]))
    """

    waves: Tensor
    lowpass: Tensor
    lengths: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("waves", torch.zeros(2 * PER_OCTAVE, 1, TAPS))  # real, imaginary
        self.register_buffer("lowpass", torch.zeros(1, 1, TAPS))
        self.register_buffer("lengths", torch.ones(BINS, 1))  # roots of the filters' lengths
        self.scale = nn.Parameter(torch.ones(1))
        self.shift = nn.Parameter(torch.zeros(1))
        self.contour1 = nn.Conv2d(8, 8, (39, 3), padding=(19, 1))
        self.contour2 = nn.Conv2d(8, 1, 5, padding=2)
        self.note1 = nn.Conv2d(1, 32, 7, stride=(3, 1), padding=(2, 3))
        self.note2 = nn.Conv2d(32, 1, (3, 7), padding=(1, 3))
        self.onset1 = nn.Conv2d(8, 32, 5, stride=(3, 1), padding=(1, 2))
        self.onset2 = nn.Conv2d(33, 1, 3, padding=1)

    def forward(self, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Posteriors of windows of sound.

        Parameters
        ----------
        y
            22,050 Hz, shape `(batch, samples)`; the published windows have 43,844 samples.

        Returns
        -------
        onset, note : Tensor, shape (batch, 88, frames)
        contour : Tensor, shape (batch, 264, frames)
            0..1; frames are 256 samples apart, the first on sample 0.
        """
        stacked = self.harmonics(self.level(y))  # (batch, 8, 264, frames)
        x = relu(self.contour1(stacked))  # (batch, 8, 264, frames)
        contour = torch.sigmoid(self.contour2(x))  # (batch, 1, 264, frames)
        x = relu(self.note1(contour))  # (batch, 32, 88, frames)
        note = torch.sigmoid(self.note2(x))  # (batch, 1, 88, frames)
        x = torch.cat([note, relu(self.onset1(stacked))], dim=1)  # (batch, 33, 88, frames)
        onset = torch.sigmoid(self.onset2(x))  # (batch, 1, 88, frames)
        return onset[:, 0], note[:, 0], contour[:, 0]  # (batch, 88 or 264, frames)

    def transcribe(self, audio: Audio) -> Notes:
        """The notes of a sound, as `mirlab.transcribe` asks for them on a named device."""
        return notes_from_posteriors(*self.posteriors(audio))

    @torch.inference_mode()
    def posteriors(self, audio: Audio) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Onset, note and contour posteriors of a sound; see `basic_pitch_posteriors`."""
        return posteriors_in_windows(audio, self._run, at_once=4)

    def _run(self, windows: np.ndarray) -> list[np.ndarray]:
        """Posteriors of some windows, `(windows, frames, bins)`, time before bins."""
        outputs = self(torch.from_numpy(windows).to(self.scale.device))
        return [one.transpose(1, 2).cpu().numpy() for one in outputs]

    def convolutions(self) -> list[nn.Conv2d]:
        """The six layers that were learned."""
        return [layer for layer in self.children() if isinstance(layer, nn.Conv2d)]

    def constant_q(self, y: Tensor) -> Tensor:
        """Power of the constant-Q transform, shape `(batch, 309, frames)`.

        One octave of filters serves all: the sound is halved in rate from octave to octave.
        """
        y, hop = y[:, None], TAPS
        octaves: list[Tensor] = []
        for octave in range(OCTAVES):
            if octave:
                y, hop = conv1d(pad(y, (127, 127)), self.lowpass, stride=2), hop // 2
            waves = conv1d(pad(y, (128, 128), mode="reflect"), self.waves, stride=hop)
            octaves.insert(0, waves.square().unflatten(1, (2, PER_OCTAVE)).sum(1))
        return torch.cat(octaves, dim=1)[:, -BINS:] * self.lengths.square()

    def level(self, y: Tensor) -> Tensor:
        """The transform in dB, 0..1 over each window, scaled: `(batch, 309, frames)`."""
        db = 10 * torch.log10(self.constant_q(y) + 1e-10)
        db = db - db.amin((1, 2), keepdim=True)
        most = db.amax((1, 2), keepdim=True)
        return torch.where(most > 0, db / most.clamp(min=1e-30), 0.0) * self.scale + self.shift

    @staticmethod
    def harmonics(level: Tensor) -> Tensor:
        """Eight copies, moved: `(batch, 309, frames)` to `(batch, 8, 264, frames)`."""
        ready = pad(level, (0, 0, -min(STACK), max(STACK) + CONTOUR_BINS - BINS))
        starts = [place - min(STACK) for place in STACK]
        return torch.stack([ready[:, at : at + CONTOUR_BINS] for at in starts], dim=1)
