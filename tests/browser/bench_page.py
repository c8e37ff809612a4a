"""A Spectrogram bench with two sines, and its page."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from mirlab import Audio, Notes

RATE = 22050
UPDATED = "() => document.querySelector('.mirlab.bench').dataset.updated"
# Both spectrograms are drawn: the canvases no longer have their first labels.
DRAWN = """() => [...document.querySelectorAll('.bench .spectrum > canvas')].every(
    (canvas) => canvas.ariaLabel !== 'No spectrogram yet')"""
# Record what is played: samples, gain, and the offset at which playback starts.
SPY = """() => {
    window.played = [];
    const start = AudioBufferSourceNode.prototype.start;
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof AudioBufferSourceNode) this.level = to.gain.value;
        return connect.call(this, to, ...rest);
    };
    AudioBufferSourceNode.prototype.start = function (when, offset, ...rest) {
        const samples = Array.from(this.buffer.getChannelData(0));
        played.push({ samples, offset, gain: this.level });
        return start.call(this, when, offset, ...rest);
    };
}"""


def sine(f: float, seconds: float, level: float = 0.3) -> Audio:
    return Audio(level * np.sin(2 * np.pi * f * np.arange(round(seconds * RATE)) / RATE), RATE)


PIECE = SimpleNamespace(
    name="two",
    audio=sine(440, 3) + sine(1760, 3, 0.2),
    notes=Notes([0.5, 0], [2.5, 3], [69, 93]),
)


def loudest(samples: Any, at: float) -> float:
    """Frequency in Hz of the strongest partial in the 0.37 s around a time."""
    middle = round(at * RATE)
    y = np.asarray(samples)[middle - 4096 : middle + 4096]
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size), 8 * y.size))
    return float(spectrum.argmax() * RATE / (8 * y.size))


def inside(page: Any, side: str) -> Any:
    return page.get_by_role("group", name=f"{side} side").locator(".inside")


def change(page: Any, act: Callable[[], Any]) -> None:
    """Do something that redraws a spectrogram, and wait until it is drawn."""
    before = page.evaluate(UPDATED)
    act()
    page.wait_for_function(f"before => ({UPDATED})() !== before", arg=before)


def spot(page: Any, side: str, time: float, row: float, bins: int) -> tuple[float, float]:
    """Screen position of a time and row in a spectrogram of 3 s."""
    area = inside(page, side)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    return box["x"] + time / 3 * box["width"], box["y"] + (1 - row / bins) * box["height"]


def cqt_row(f: float) -> float:
    """Row of a frequency in a CQT with 36 bins per octave from 55 Hz."""
    return 36 * math.log2(f / 55) + 0.5


def played(page: Any, count: int) -> dict[str, Any]:
    page.wait_for_function("count => played.length >= count", arg=count)
    sound: dict[str, Any] = page.evaluate("() => played.at(-1)")
    return sound
