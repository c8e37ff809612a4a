"""The bench's numbers, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.widgets import SignalBench
from mirlab.widgets.shared.base import WidgetError

FLAT = [0.0, 0.0, 1.0, 0.0]


def peak(bench: SignalBench) -> float:
    frequencies, amplitudes = bench.spectrum()
    return float(frequencies[amplitudes.argmax()])


def test_a_sine_reads_its_own_amplitude() -> None:
    # bin 64 of 8192 at 32768 Hz: exactly 256 Hz
    bench = SignalBench(partials=[[1, 0.5]], fundamental=256, sample_rate=32768, envelope=FLAT)
    assert peak(bench) == 256
    assert bench.spectrum()[1].max() == pytest.approx(0.5, abs=2**-16)


@pytest.mark.parametrize(
    ("f", "sr", "alias"), [(1500, 2600, 1100), (440, 8000, 440), (1700, 2000, 300)]
)
def test_what_lies_above_half_the_rate_folds_back(f: float, sr: int, alias: float) -> None:
    bench = SignalBench(partials=[[1, 1]], fundamental=f, sample_rate=sr)
    assert peak(bench) == pytest.approx(alias, abs=8)  # a bin


def test_without_a_window_it_leaks() -> None:
    def far(window: str) -> float:
        bench = SignalBench(partials=[[1, 1]], fundamental=444, window=window)
        frequencies, amplitudes = bench.spectrum()
        return float(20 * np.log10(amplitudes[frequencies > 4000].max() + 1e-12))

    assert far("rectangular") > far("hann") + 30


def test_the_filter_passes_its_loudest_frequency_unchanged() -> None:
    bench = SignalBench(pole=[0.98, 0.25], zero=[0.4, 0.9])
    frequencies, gains = bench.response()
    assert gains.max() == pytest.approx(1)
    assert frequencies[gains.argmax()] == pytest.approx(0.25 * 22050, rel=0.01)


@given(radius=st.floats(0, 1.2), angle=st.floats(0, 1))
@settings(max_examples=30)
def test_stable_is_what_the_poles_say(radius: float, angle: float) -> None:
    bench = SignalBench(pole=[radius, angle], filtered=True, sample_rate=2000)
    assert bench.stable == (radius < 1)
    assert np.isfinite(bench.samples()).all()


def test_audio_is_what_samples_are() -> None:
    bench = SignalBench(bits=4)
    audio = bench.audio()
    assert audio.sr == 44100
    np.testing.assert_allclose(audio.y[0], bench.samples(), atol=1e-7)
    assert set(np.round(bench.samples() * 8, 9)) <= set(range(-8, 8))


@pytest.mark.parametrize(
    "state",
    [
        {"partials": []},
        {"partials": [[1, 2]]},
        {"partials": [[1]]},
        {"partials": [["a", 1]]},
        {"envelope": [0, 0, 2, 0]},
        {"envelope": [0, 0, 1, 3]},
        {"pole": [1.5, 0]},
        {"zero": [1, float("nan")]},
        {"sample_rate": 100},
        {"window": "triangle"},
    ],
)
def test_bad_values_are_refused(state: dict[str, object]) -> None:
    with pytest.raises(WidgetError):
        SignalBench(**state)
