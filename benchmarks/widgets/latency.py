"""Latency from a key press to the redrawn widget: without a kernel, and live in JupyterLab.

Keys are pressed in Chromium. The page is a Signal bench written by `to_html`, which computes its
sound, spectrum and waveform; live is an image of 1 MB that the kernel computes and sends at each
press. In both, a slider of the Spectrogram bench on 10 s of sound: the STFT's window and the CQT's
hop. Without a kernel also a partial of the Synth bench, a threshold of the Piano roll, which
decodes 30 s of posteriors, and the tempo prior of the Beat bench on 30 s. They are compared with
the time to the browser's next frame after a key that changes nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import results
from benchmarks.results import ROOT, Score
from benchmarks.widgets import browser
from mirlab import Audio, examples
from mirlab.core.errors import MirlabError
from mirlab.widgets import BeatBench, PianoRoll, SignalBench, SpectrogramBench, SynthBench

PRESSES = 50
KERNEL_IMAGE = "tests/widgets/kernel_image.ipynb"  # a notebook with an image of 1 MB
BENCH = "tests/widgets/spectrogram_bench.ipynb"  # one with a Spectrogram bench
SLIDERS = {"STFT": ("left", "Window"), "CQT": ("right", "Hop")}  # of the Spectrogram bench
# How many milliseconds from the key press to the end of the frame in which `changed()` holds: a
# timer set in a frame runs after everything that draws in it.
WATCH = """() => {
    window.nextReaction = (changed) => new Promise((resolve) => {
        const pressed = (event) => {
            const look = () => {
                if (changed()) resolve(performance.now() - event.timeStamp);
                else requestAnimationFrame(() => setTimeout(look));
            };
            requestAnimationFrame(() => setTimeout(look));
        };
        addEventListener('keydown', pressed, { capture: true, once: true });
    });
}"""
# The key requests from the kernel an image one level brighter.
ASK_BY_KEY = """() => {
    const canvas = document.querySelector('canvas[height="1024"]');
    let level = 0;
    canvas.tabIndex = 0;
    canvas.addEventListener('keydown', (event) => {
        event.preventDefault();
        event.stopPropagation();
        if (event.key.startsWith('Arrow')) requestImage('paint', { level: ++level });
    });
    canvas.focus();
}"""
NOTHING = "true"
UPDATED = "document.querySelector('.mirlab').dataset.updated"
REDRAWN = f"{UPDATED} !== before"
REPAINTED = "document.querySelector('canvas[data-level]')?.dataset.level !== before"
SETUP_BEFORE = {
    NOTHING: "''",
    REDRAWN: UPDATED,
    REPAINTED: "document.querySelector('canvas[data-level]')?.dataset.level",
}

PROTOCOL = """
50 presses of a key, one after the other's picture; median_ms and p95_ms of the milliseconds from
the key event's own time to the end of the animation frame in which the picture is new. Headless
Chromium without a GPU, on the same machine as the kernel. Sets: static = a level of the Signal
bench (SignalBench().to_html(): waveform, spectrum and response drawn anew, computed in the page);
synth static = a partial of the Synth bench (SynthBench.of().to_html(): the note, waveform, spectrum
and the distance from the target are made anew); piano roll = a threshold of the Piano roll, .70 and
.71 in turn (PianoRoll.of, the posteriors of mirlab-notes-tiny for 30 s of the shipped piano piece,
repeated: decoded by the path, compared with the true notes, drawn anew); beat bench = the tempo
prior of the Beat bench (BeatBench.of, 30 s of the shipped drum piece, repeated: tempo and beats
tracked anew, all lanes drawn); live = a picture of
1,048,576 bytes from the kernel to a 1024 x 1024 canvas in JupyterLab; STFT and CQT, live and static
= a slider of the Spectrogram bench on its first 10 s of the shipped piano piece, every 256 samples
at first: the STFT's window, 4096 and 2048 samples in turn, and the hop of the CQT of 36 bins an
octave, 512 and 256 in turn; transform, scale, picture and axes are new each time. Rows: mirlab;
frame = the next frame after a key that changes nothing. The bars: 30 ms static, 100 ms live, at the
median; the Spectrogram bench has the second one only, the Synth bench the first; the Piano roll's
is 120 ms, the Beat bench's 50 ms.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("widgets/latency", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Time pages without a kernel and in JupyterLab."""
    with browser.chromium() as chromium, tempfile.TemporaryDirectory() as folder:
        file = f"Chromium {chromium.version}"
        found = {
            **{name: time(chromium, Path(folder)) for name, time in TIMED.items()},
            **bench_static(chromium, Path(folder)),
            **bench_live(chromium, Path(folder)),
        }
    return [
        Score(name, file, row, {"median_ms": median, "p95_ms": p95})
        for name, rows in found.items()
        for row, times in rows.items()
        for median, p95 in [np.percentile(times, [50, 95]).tolist()]
    ]


def static(chromium: Any, folder: Path, presses: int = PRESSES) -> dict[str, list[float]]:
    """Time a Signal bench in a page without a kernel.

    Parameters
    ----------
    chromium
        From `browser.chromium`.
    folder
        Folder for the page.
    presses
        Number of key presses.

    Returns
    -------
    dict
        Milliseconds of each press by row.
    """
    SignalBench().to_html(folder / "bench.html")
    with (
        browser.serving(folder) as address,
        browser.opened(chromium, f"{address}/bench.html") as (page, problems),
    ):
        page.wait_for_selector("html[data-widgets=ready]", state="attached")
        page.get_by_role("slider", name="Partial 2").focus()
        return _both(page, problems, REDRAWN, presses)


def synth_static(chromium: Any, folder: Path, presses: int = PRESSES) -> dict[str, list[float]]:
    """Time a partial of the Synth bench in a page without a kernel; see `static`."""
    SynthBench.of().to_html(folder / "synth.html")
    with (
        browser.serving(folder) as address,
        browser.opened(chromium, f"{address}/synth.html") as (page, problems),
    ):
        page.get_by_text(" dB away").wait_for()  # the target has loaded
        page.get_by_role("slider", name="Partial 1 of 8").focus()
        return _both(page, problems, REDRAWN, presses, keys=("ArrowDown", "ArrowUp"))


def roll_static(chromium: Any, folder: Path, presses: int = PRESSES) -> dict[str, list[float]]:
    """Time a threshold of the Piano roll in a page without a kernel; see `static`."""
    piece = examples.load("piano")
    audio = piece.audio.mono()
    again = Audio(np.tile(audio.y, 2)[:, : 30 * audio.sr], audio.sr)
    PianoRoll.of(again, reference=piece.notes).to_html(folder / "roll.html")
    with (
        browser.serving(folder) as address,
        browser.opened(chromium, f"{address}/roll.html") as (page, problems),
    ):
        page.wait_for_function(f"() => document.querySelector('.mirlab') && {UPDATED}")
        page.get_by_role("slider", name="Onset").focus()
        return _both(page, problems, REDRAWN, presses, keys=("ArrowRight", "ArrowLeft"))


def beats_static(chromium: Any, folder: Path, presses: int = PRESSES) -> dict[str, list[float]]:
    """Time the tempo prior of the Beat bench in a page without a kernel; see `static`."""
    audio = examples.load("drums").audio.mono()
    again = Audio(np.tile(audio.y, 2)[:, : 30 * audio.sr], audio.sr)
    BeatBench.of(again).to_html(folder / "beats.html")
    with (
        browser.serving(folder) as address,
        browser.opened(chromium, f"{address}/beats.html") as (page, problems),
    ):
        page.wait_for_function("() => document.querySelector('.mirlab')?.dataset.opened")
        page.locator("label", has_text="Tempo prior").locator("input").focus()
        return _both(page, problems, REDRAWN, presses, keys=("ArrowRight", "ArrowLeft"))


def live(chromium: Any, folder: Path, presses: int = PRESSES) -> dict[str, list[float]]:
    """Time an image from the kernel in JupyterLab; see `static`."""
    with (
        browser.jupyterlab(ROOT, folder / "lab") as lab,
        browser.notebook(chromium.new_context(**browser.TALL), lab, KERNEL_IMAGE) as (
            page,
            problems,
        ),
    ):
        page.wait_for_function("() => window.requestImage")
        page.evaluate(ASK_BY_KEY)
        return _both(page, problems, REPAINTED, presses)


def bench_static(
    chromium: Any, folder: Path, presses: int = PRESSES
) -> dict[str, dict[str, list[float]]]:
    """Time the Spectrogram bench in a page without a kernel.

    Parameters
    ----------
    chromium, folder, presses
        As in `static`.

    Returns
    -------
    dict
        Result of `static` for either slider, by set.
    """
    SpectrogramBench.of(examples.load("piano")).to_html(folder / "spectrograms.html")
    with (
        browser.serving(folder) as address,
        browser.opened(chromium, f"{address}/spectrograms.html") as (page, problems),
    ):
        return _sliders(page, problems, "static", presses)


def bench_live(
    chromium: Any, folder: Path, presses: int = PRESSES
) -> dict[str, dict[str, list[float]]]:
    """Time the Spectrogram bench in JupyterLab; see `bench_static`."""
    with (
        browser.jupyterlab(ROOT, folder / "bench") as lab,
        browser.notebook(chromium.new_context(**browser.TALL), lab, BENCH) as (page, problems),
    ):
        return _sliders(page, problems, "live", presses)


def _sliders(
    page: Any, problems: list[str], where: str, presses: int
) -> dict[str, dict[str, list[float]]]:
    """Time both sliders of a Spectrogram bench, and as many keys without effect."""
    page.wait_for_function(f"() => document.querySelector('.mirlab') && {UPDATED}")
    found = {}
    for name, (side, slider) in SLIDERS.items():
        page.get_by_role("group", name=f"{side} side").get_by_label(slider).focus()
        found[f"{name} {where}"] = _both(
            page, problems, REDRAWN, presses, keys=("ArrowRight", "ArrowLeft")
        )
    return found


def _both(
    page: Any,
    problems: list[str],
    changed: str,
    presses: int,
    keys: tuple[str, ...] = ("ArrowUp", "ArrowDown"),
) -> dict[str, list[float]]:
    """Time keys that change the plot, and as many that do not."""
    page.evaluate(WATCH)
    found = {
        "mirlab": list(reaction_times(page, keys, changed, presses)),
        "frame": list(reaction_times(page, ("Shift",), NOTHING, presses)),
    }
    if problems:
        raise MirlabError(f"the page reports: {problems[0]}")
    return found


def reaction_times(page: Any, keys: tuple[str, ...], changed: str, presses: int) -> Iterator[float]:
    """Press the keys in turn; return the milliseconds of each."""
    for press in range(presses):
        page.evaluate(
            f"() => {{ const before = {SETUP_BEFORE[changed]};"
            f" window.reaction = nextReaction(() => {changed}); }}"
        )
        page.keyboard.press(keys[press % len(keys)])
        yield page.evaluate("() => window.reaction")


# The sets that have one row of keys, by name; `_sliders` gives the others.
TIMED = {
    "static": static,
    "live": live,
    "synth static": synth_static,
    "piano roll": roll_static,
    "beat bench": beats_static,
}
SETS = [*TIMED, *(f"{name} {where}" for where in ("static", "live") for name in SLIDERS)]
# The most that the median may be, in ms.
BARS = {
    "static": 30,
    "live": 100,
    "synth static": 30,
    "piano roll": 120,
    "beat bench": 50,
    "STFT live": 100,
    "CQT live": 100,
}

if __name__ == "__main__":
    sys.exit(main())
