"""Basic Pitch's network in torch."""

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
TAPS = 256  # length of every filter, and samples between frames
BINS = 309  # of the constant-Q transform, from A0 on
CONTOUR_BINS = 264  # three per semitone, over 88 pitches
STACK = (-36, 0, 36, 57, 72, 84, 93, 101)  # bins: harmonics 0.5 and 1 to 7


class BasicPitch(nn.Module):
    """Basic Pitch (Bittner, Bosch, Rubinstein, Meseguer-Brocal and Ewert, ICASSP 2022).

    A constant-Q transform in dB, scaled to 0..1 in each window, is stacked with copies shifted by
    harmonics. Three small stacks of convolutions follow, each of which takes the output of the
    previous one: contour (three bins per semitone), notes, onsets. 16,702 parameters: batch norm
    is folded into the neighbouring layers, as in the published ONNX file (otherwise 16,782).
    `load_basic_pitch` loads the weights.

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
        self.register_buffer("lengths", torch.ones(BINS, 1))  # square roots of the filter lengths
        self.scale = nn.Parameter(torch.ones(1))
        self.shift = nn.Parameter(torch.zeros(1))
        self.contour1 = nn.Conv2d(8, 8, (39, 3), padding=(19, 1))
        self.contour2 = nn.Conv2d(8, 1, 5, padding=2)
        self.note1 = nn.Conv2d(1, 32, 7, stride=(3, 1), padding=(2, 3))
        self.note2 = nn.Conv2d(32, 1, (3, 7), padding=(1, 3))
        self.onset1 = nn.Conv2d(8, 32, 5, stride=(3, 1), padding=(1, 2))
        self.onset2 = nn.Conv2d(33, 1, 3, padding=1)

    def forward(self, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Posteriors of windows of audio.

        Parameters
        ----------
        y
            Samples at 22,050 Hz, shape `(batch, samples)`; the published windows have 43,844
            samples.

        Returns
        -------
        onset, note : Tensor, shape (batch, 88, frames)
        contour : Tensor, shape (batch, 264, frames)
            Posteriors 0..1; frames are 256 samples apart, the first at sample 0.
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
        """Notes of a recording; called by `mirlab.transcribe` with a named device."""
        return notes_from_posteriors(*self.posteriors(audio))

    @torch.inference_mode()
    def posteriors(self, audio: Audio) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Onset, note and contour posteriors of a recording; see `basic_pitch_posteriors`."""
        return posteriors_in_windows(audio, self._run, batch_size=4)

    def _run(self, windows: np.ndarray) -> list[np.ndarray]:
        """Posteriors of windows, each of shape `(windows, frames, bins)`."""
        outputs = self(torch.from_numpy(windows).to(self.scale.device))
        return [output.transpose(1, 2).cpu().numpy() for output in outputs]

    def convolutions(self) -> list[nn.Conv2d]:
        """The six convolution layers with learned weights."""
        return [layer for layer in self.children() if isinstance(layer, nn.Conv2d)]

    def constant_q(self, y: Tensor) -> Tensor:
        """Power of the constant-Q transform, shape `(batch, 309, frames)`.

        The filters of one octave are used for all: each octave halves the sampling rate.
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
        """The transform in dB, 0..1 in each window, then scaled: `(batch, 309, frames)`."""
        db = 10 * torch.log10(self.constant_q(y) + 1e-10)
        db = db - db.amin((1, 2), keepdim=True)
        peak = db.amax((1, 2), keepdim=True)
        return torch.where(peak > 0, db / peak.clamp(min=1e-30), 0.0) * self.scale + self.shift

    @staticmethod
    def harmonics(level: Tensor) -> Tensor:
        """Eight shifted copies: `(batch, 309, frames)` to `(batch, 8, 264, frames)`."""
        padded = pad(level, (0, 0, -min(STACK), max(STACK) + CONTOUR_BINS - BINS))
        starts = [shift - min(STACK) for shift in STACK]
        return torch.stack([padded[:, i : i + CONTOUR_BINS] for i in starts], dim=1)
