"""Calls of the functions of `mirlab.spectra`, and what their errors say."""

from __future__ import annotations

import numpy as np
import torch

from mirlab import spectra
from mirlab.core import AudioError
from tests.bad_arguments import AUDIO, Calls, Messages

ROOMS = ("spectra",)
Y = np.sin(np.arange(4096.0))
STFT = {"n_fft": 256, "hop_length": 64}
SPECTRUM = spectra.stft(Y, **STFT)
HIGH = {"fmin": 500.0, "n_bins": 24}  # whose windows are short
CALLS: Calls = {
    spectra.chroma_cqt: HIGH | {"y": Y},
    spectra.chroma_stft: STFT | {"y": Y},
    spectra.compare: {"audio": AUDIO, "transforms": [spectra.STFT()]},
    spectra.cqt: HIGH | {"y": Y},
    spectra.cqt_blocks: HIGH | {"y": Y},
    spectra.griffin_lim: {
        "stft": spectra.STFT(**STFT),
        "amplitude": torch.from_numpy(np.abs(SPECTRUM)),
        "length": 4096,
        "iterations": 1,
    },
    spectra.istft: {"spectrum": SPECTRUM, "hop_length": 64, "length": 4096},
    spectra.melspectrogram: STFT | {"y": Y, "n_mels": 20},
    spectra.power_to_db: {"power": np.abs(SPECTRUM)},
    spectra.scale: {"spectrum": torch.from_numpy(SPECTRUM), "to": "db"},
    spectra.stft: STFT | {"y": Y},
    spectra.stft_blocks: STFT | {"y": Y},
    spectra.vqt_blocks: HIGH | {"y": Y},
}
MESSAGES: Messages = [
    (lambda: spectra.stft("song.wav"), AudioError, "y must be numbers, not 'song.wav'"),
    (lambda: spectra.stft(Y, n_fft=None), AudioError, "n_fft must be an integer >= 4, not None"),
    (lambda: spectra.istft(3, hop_length=64, length=10), AudioError, "spectrum must have shape"),
    (lambda: spectra.cqt(Y, fmin="C1"), AudioError, "fmin must be numbers, not 'C1'"),
    (lambda: spectra.scale(SPECTRUM, "db"), AudioError, "spectrum must be Tensor, not ndarray"),
    (lambda: spectra.compare(Y, []), AudioError, "audio must be Audio, not ndarray"),
]
