"""A Beat bench of a click track with known beats, its page, and a tapping finger."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from mirlab import Audio
from mirlab.core import Segments
from mirlab.rhythm import click_track
from mirlab.widgets import BeatBench

RATE = 22050
BEATS = np.arange(0.5, 11.6, 0.5)  # s
OPENED = "() => document.querySelector('.beat-bench')?.dataset.opened"
UPDATED = "() => document.querySelector('.beat-bench').dataset.updated"
# Record contexts and what is started; `songPosition(stamp)` is the audible position of the newest
# long sound, from the context's own clock and latency.
SPY = """() => {
    window.started = [];
    const { start } = AudioBufferSourceNode.prototype;
    AudioBufferSourceNode.prototype.start = function (when, offset = 0, ...rest) {
        started.push({ when, offset, length: this.buffer.duration, context: this.context,
            peak: Math.max(...this.buffer.getChannelData(0).subarray(0, 2000)), source: this });
        return start.call(this, when, offset, ...rest);
    };
    window.songPosition = () => {
        const { context, when, offset } = started.findLast(({ length }) => length > 1);
        const { currentTime, outputLatency, baseLatency } = context;
        return currentTime - (outputLatency || baseLatency || 0) - when + offset;
    };
}"""
# Press a key whenever the audible position comes to one of these times; gives the position at each
# press, which is later on a busy machine.
TAP = """async ([times, key]) => {
    const pad = document.querySelector('.tap-pad');
    const pressed = [];
    for (const time of times) {
        while (songPosition() < time) await new Promise((go) => setTimeout(go));
        pressed.push(songPosition());
        pad.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }
    return pressed;
}"""
# For each new beat of the ring until a time: the milliseconds since the beat was audible, the
# light, and the milliseconds since the last frame.
FLASHES = """async ([beats, end]) => {
    const ring = document.querySelector('.ring');
    const found = [];
    let [last, frame] = [0, 0];
    const follow = (stamp) => {
        [last, frame] = [stamp, stamp - last];
        if (songPosition() < end) requestAnimationFrame(follow);
    };
    requestAnimationFrame(follow);
    const observer = new MutationObserver(() => {
        const index = Number(ring.dataset.beat);
        const late = 1000 * (songPosition() - beats[index]);
        if (index >= 0) found.push([late, Number(ring.dataset.light), frame]);
    });
    observer.observe(ring, { attributeFilter: ['data-beat'] });
    while (songPosition() < end) await new Promise((go) => setTimeout(go, 50));
    observer.disconnect();
    return found;
}"""


def recording() -> Audio:
    """Twelve seconds with a low stroke on every beat, the first of four louder."""
    y = click_track(BEATS, duration=12).y[0]
    y[np.arange(y.size) < 0.6 * RATE] *= 1.5
    return Audio(y, RATE)


def bench(**state: Any) -> BeatBench:
    """A bench with true beats, numbered in bars of four."""
    labels = [str(i % 4 + 1) for i in range(BEATS.size)]
    beats = Segments(np.column_stack([BEATS, BEATS + 0.5]), labels)
    return BeatBench.of(recording(), beats=beats, **{"title": "clicks", **state})


def reading(page: Any) -> dict[str, float]:
    """The numbers of the line below the histogram."""
    text = page.locator(".beat-bench output.reading").inner_text().replace("−", "-")
    taps, mean, spread, f = re.match(
        r"(\d+) taps?: mean (-?\d+) ms, spread (\d+) ms, F ([\d.]+)", text
    ).groups()  # type: ignore[union-attr]
    return {"taps": int(taps), "mean": int(mean), "spread": int(spread), "f": float(f)}


def lane(page: Any, name: str) -> str:
    """The line under the title of a lane."""
    return str(page.locator(f'[data-lane="{name}"] .head output').inner_text())
