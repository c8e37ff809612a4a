"""The sound input seen from Python: what it holds, and what it says while it holds nothing."""

from __future__ import annotations

import numpy as np
import pytest

from mirlab import Audio
from mirlab.widgets import SoundInput
from mirlab.widgets.shared.base import WidgetError
from mirlab.widgets.sound_input.widget import LONGEST, RATE


def test_its_samples_are_the_sound() -> None:
    samples = np.array([0, 16384, -32768, 32767], "<i2")
    widget = SoundInput(name="four", samples=samples.tobytes(), whole=4 / RATE)
    assert (widget.audio.sr, widget.audio.channels) == (22050, 1)
    np.testing.assert_array_equal(widget.audio.y[0], [0, 0.5, -1, 32767 / 32768])
    other = Audio(np.ones(3), RATE)
    np.testing.assert_array_equal(widget.audio_or(other).y, widget.audio.y)


def test_without_a_sound_it_says_what_to_do() -> None:
    widget, other = SoundInput(), Audio(np.ones(3), 8000)
    with pytest.raises(WidgetError, match="no sound yet: choose a file or record one"):
        _ = widget.audio
    assert widget.audio_or(other) is other


def test_what_the_page_sends_becomes_bytes_and_does_not_travel_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    widget, sent = SoundInput(), []
    monkeypatch.setattr(
        widget, "_send", lambda message, buffers=None: sent.append((message, buffers))
    )
    message = memoryview(np.arange(100, dtype="<i2").tobytes())
    widget.set_state({"name": "ramp", "samples": message, "whole": 100 / RATE})
    assert isinstance(widget.samples, bytes) and widget.audio.samples == 100
    assert sent, "the small traits are echoed"
    assert "samples" not in str(sent)


def test_three_minutes_fit_into_one_message() -> None:
    assert 2 * RATE * LONGEST < 9e6  # JupyterLab's limit is 10 MB
    SoundInput(samples=bytes(2 * RATE * LONGEST))
    with pytest.raises(WidgetError, match="holds 180 s"):
        SoundInput(samples=bytes(2 * RATE * LONGEST + 2))


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(WidgetError, match="two bytes each; 3 is odd"):
        SoundInput(samples=b"abc")
