"""Wrong arguments for the functions of `mirlab.spectra`: a result, or one line of an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirlab import spectra
from mirlab.core import AudioError
from tests.bad_arguments import (
    AUDIO,
    Calls,
    call,
    draw_wrong,
    name_of,
    public_functions,
    try_one_by_one,
)

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


def test_every_public_function_is_tried() -> None:
    assert public_functions(("spectra",)) <= {f.__name__ for f in CALLS}


@pytest.mark.parametrize("function", CALLS, ids=name_of)
def test_one_wrong_argument_is_refused_or_used(function: Callable[..., Any]) -> None:
    call(function, CALLS[function])
    try_one_by_one(function, CALLS[function])


@pytest.mark.slow
@pytest.mark.parametrize("function", CALLS, ids=name_of)
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_wrong_arguments_together_are_refused_or_used(
    function: Callable[..., Any], data: st.DataObject
) -> None:
    call(function, CALLS[function] | draw_wrong(function, data))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: spectra.stft("song.wav"), "y must be numbers, not 'song.wav'"),
        (lambda: spectra.stft(Y, n_fft=None), "n_fft must be an integer >= 4, not None"),
        (lambda: spectra.istft(3, hop_length=64, length=10), "spectrum must have shape"),
        (lambda: spectra.cqt(Y, fmin="C1"), "fmin must be numbers, not 'C1'"),
        (lambda: spectra.scale(SPECTRUM, "db"), "spectrum must be Tensor, not ndarray"),
        (lambda: spectra.compare(Y, []), "audio must be Audio, not ndarray"),
    ],
)
def test_the_message_says_what_the_argument_takes(wrong: Callable[[], Any], message: str) -> None:
    with pytest.raises(AudioError, match=message):
        wrong()
