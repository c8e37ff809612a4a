"""Smoothness of the Listening desk: frames dropped while it plays and follows.

A song of three minutes, rendered from random notes, with two stems, some 1,700 notes, 90 chords and
360 beats, plays in Chromium at its original speed and at half speed (for which the page stretches
the sound). It is compared with the same page at rest.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks import results
from benchmarks.results import SEED, Score
from benchmarks.widgets import browser
from mirlab.core import Audio, Notes, Segments
from mirlab.core.errors import MirlabError
from mirlab.widgets import ListeningDesk

SONG = 180  # s
WATCHED = 5  # s
VIEW = [30.0, 33.0]  # s
FRAME = 1000 / 60  # ms
RATE = 22050  # Hz
# Milliseconds from each animation frame to the next.
FRAMES = """async (seconds) => {
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    const end = last + 1000 * seconds;
    while (last < end) {
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return times;
}"""

PROTOCOL = """
Time between animation frames during 5 s, headless Chromium without a GPU, window of 1280 x 1000,
3 s of the song in view, playing and following from there, so that the pictures slide and are drawn
anew once or twice. A frame is dropped when more than 1.5 times 1/60 s lie between two; a longer
gap counts as many as it has room for. dropped = how many; p99_ms, max_ms = of the times. Sets:
plain = speed 1; half = speed 0.5, stretched in the page. Rows: mirlab; rest = the same page before
it plays.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("widgets/frame_drops", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Record the desk's frames at both speeds."""
    scores = []
    with browser.chromium() as chromium, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.html"
        desk = ListeningDesk.of(song())
        desk.view, desk.position = VIEW, VIEW[0] + 2.5
        desk.to_html(path)
        for name, speed in (("plain", 1.0), ("half", 0.5)):
            for row, times in watch(chromium, path, speed).items():
                scores.append(Score(name, f"Chromium {chromium.version}", row, smoothness(times)))
    return scores


def song(seconds: int = SONG) -> SimpleNamespace:
    """Make a song of random bass, chords and melody; the drums are bursts of noise."""
    rng = np.random.default_rng(SEED)
    onset = np.concatenate([np.arange(0, seconds - 1, 0.5), np.arange(0, seconds - 1, 0.15)])
    pitch = rng.choice([36, 43, 48, 55, 60, 64, 67, 69, 72, 76], onset.size)
    notes = Notes(onset, onset + 0.4, pitch, rng.integers(50, 110, onset.size))
    harmonic = np.zeros(seconds * RATE, np.float32)
    played = notes.render(sr=RATE, synth="additive").y[0, : harmonic.size]
    harmonic[: played.size] = played
    time = np.arange(harmonic.size) / RATE
    noise = 0.2 * rng.standard_normal(harmonic.size) * np.exp(-(time % 0.5) / 0.03)
    stems = {"harmonic": Audio(harmonic, RATE), "percussive": Audio(noise, RATE)}
    grid = np.arange(0, seconds + 0.1, 0.5)
    bars = np.arange(0, seconds + 0.1, 2.0)
    chords = rng.choice(["C:maj", "A:min", "F:maj", "G:maj"], bars.size - 1)
    return SimpleNamespace(
        name="three minutes",
        audio=stems["harmonic"] + stems["percussive"],
        stems=stems,
        notes=notes,
        chords=Segments(np.column_stack([bars[:-1], bars[1:]]), list(chords)),
        beats=Segments(
            np.column_stack([grid[:-1], grid[1:]]), [str(i % 4 + 1) for i in range(grid.size - 1)]
        ),
        key="C major",
    )


def watch(chromium: Any, path: Path, speed: float, seconds: int = WATCHED) -> dict[str, np.ndarray]:
    """Time the frames of a desk's page.

    Parameters
    ----------
    chromium
        From `browser.chromium`.
    path
        Path of the page.
    speed
        Playback speed.
    seconds
        Duration of the recording of frames.

    Returns
    -------
    dict
        `"rest"` and `"mirlab"`: milliseconds between frames, before and during playback.
    """
    size = {"width": 1280, "height": 1000}
    with (
        browser.serving(path.parent) as address,
        browser.opened(chromium, f"{address}/{path.name}", viewport=size) as (page, problems),
    ):
        page.wait_for_selector("html[data-widgets=ready]", state="attached")
        page.get_by_label("Speed").fill(str(speed))
        rest = page.evaluate(FRAMES, seconds)
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("() => document.querySelector('.desk').dataset.playing === 'true'")
        playing = page.evaluate(FRAMES, seconds)
        if problems:
            raise MirlabError(f"the page reports: {problems[0]}")
    return {"rest": np.array(rest), "mirlab": np.array(playing)}


def smoothness(times: np.ndarray) -> dict[str, float]:
    """Dropped frames, 99th percentile and maximum of times in ms, shape (frames,)."""
    missing = np.where(times > 1.5 * FRAME, np.round(times / FRAME) - 1, 0)
    return {
        "dropped": float(missing.sum()),
        "p99_ms": float(np.percentile(times, 99)),
        "max_ms": float(times.max()),
    }


if __name__ == "__main__":
    sys.exit(main())
