"""The sound input as one uses it: files and the microphone, in JupyterLab and without a kernel."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.widgets.browser import await_kernel, in_kernel
from mirlab import Audio
from mirlab.widgets import SoundInput

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
READY = "html[data-widgets=ready]"
SETTLED = "text => document.querySelector('.mirlab [role=status]').textContent.startsWith(text)"
# What the play button sends to the loudspeaker: length, rate and loudest sample after the gain.
# What a browser answers when its reader refuses the microphone; a shell without windows cannot ask.
REFUSE = """() => {
    const refused = () => Promise.reject(new DOMException('refused', 'NotAllowedError'));
    if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = refused;
}"""
SPY = """() => {
    const connect = AudioNode.prototype.connect;
    window.played = [];
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof AudioBufferSourceNode) {
            const samples = this.buffer.getChannelData(0);
            window.heard = samples;
            const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
            played.push([samples.length, this.buffer.sampleRate, peak * to.gain.value]);
        }
        return connect.call(this, to, ...rest);
    };
}"""
DROP = """async ([name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name));
    const root = document.querySelector('.mirlab');
    for (const kind of ['dragover', 'drop']) {
        root.dispatchEvent(new DragEvent(kind, { dataTransfer: data, cancelable: true }));
    }
}"""
MEASURE = """
import json, numpy as np
y, sr = mine.audio
spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size))) * 4 / y.size
at = lambda f: float(spectrum[round(f * y.size / sr) - 3 :][:7].max())
print(json.dumps([mine.name, sr, y.size / sr, float(spectrum.argmax() * sr / y.size),
    at(440), at(sr - 15000)]))
"""


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Two channels at 44,100 Hz, 2.5 s: 440 Hz on the left, and what 22,050 Hz cannot hold."""
    t = np.arange(round(2.5 * 44100)) / 44100
    left = 0.5 * np.sin(2 * np.pi * 440 * t) + 0.4 * np.sin(2 * np.pi * 15000 * t)
    return Audio(np.stack([left, 0 * t]), 44100).save(tmp_path / "tone.wav")


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a sound input to one file and open it."""
    address = serve(tmp_path)

    def opened(context: dict[str, Any] | None = None, **state: Any) -> Opened:
        SoundInput(**state).to_html(tmp_path / "input.html")
        page, problems = open_page(f"{address}/input.html", **(context or {}))
        page.wait_for_selector(READY, state="attached")
        return page, problems

    return opened


@pytest.fixture
def with_microphone(
    chromium: Any,
    require_chromium: str,
    tone: Path,
    tmp_path: Path,
    serve: Callable[[Path], str],
) -> Iterator[Callable[..., Any]]:
    """Open an empty sound input in a Chromium whose microphone hears the tone, again and again."""
    SoundInput().to_html(tmp_path / "input.html")
    address = serve(tmp_path)
    with contextlib.ExitStack() as browsers:

        def opened(*arguments: str, host: str = "127.0.0.1") -> Any:
            fake = [
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={tone}",
            ]
            rules = "--host-resolver-rules=MAP plain.test 127.0.0.1"
            other = chromium.browser_type.launch(
                executable_path=require_chromium, args=["--no-sandbox", rules, *fake, *arguments]
            )
            browsers.callback(other.close)
            page = other.new_page()
            page.goto(f"{address.replace('127.0.0.1', host)}/input.html")
            page.wait_for_selector(READY, state="attached")
            return page

        yield opened


def choose(page: Any, path: Path, begins: str = "") -> None:
    page.locator(".mirlab input[type=file]").set_input_files(path)
    page.wait_for_function(SETTLED, arg=begins or f"{path.name}: ")


def status(page: Any) -> str:
    text: str = page.locator(".mirlab [role=status]").inner_text()
    return text


def test_a_file_reaches_the_next_cell(
    run_notebook: Callable[[str], Opened], tone: Path, screenshots: Path
) -> None:
    page, problems = run_notebook("tests/widgets/sound_input.ipynb")
    page.locator("[data-engine=kernel]").get_by_text("cells read it as").wait_for()
    assert "no sound yet" in in_kernel(page, "mine.audio")

    choose(page, tone)
    await_kernel(page, "print(mine.name)", "tone.wav\n")
    name, sr, duration, pitch, level, ghost = json.loads(in_kernel(page, MEASURE))
    assert (name, sr) == ("tone.wav", 22050)
    assert duration == pytest.approx(2.5, abs=1 / 22050)
    assert pitch == pytest.approx(440, abs=0.4)
    assert level == pytest.approx(0.25, rel=0.02)  # the mean of left and right
    assert ghost < 0.25e-3  # what does not fit is left out, not folded back
    page.locator(".mirlab").screenshot(path=screenshots / "sound_input_lab.png")

    y = np.sin(2 * np.pi * 1000 * np.arange(22050 * 200) / 22050)  # 200 s
    choose(page, Audio(y, 22050).save(tone.with_name("long.wav")))
    assert "the first 3:00 of 3:20" in status(page)
    await_kernel(page, "print(mine.name, mine.audio.duration)", "long.wav 180.0\n")
    name, sr, duration, pitch, *_ = json.loads(in_kernel(page, MEASURE))
    assert (name, sr, duration) == ("long.wav", 22050, 180)
    assert pitch == pytest.approx(1000, abs=0.1)

    # and the other way: what a cell sets is shown
    in_kernel(page, "mine.samples = b''")
    page.wait_for_function(SETTLED, arg="No sound yet")
    assert not problems


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_static_plays_what_was_chosen(
    static: Callable[..., Opened], tone: Path, tmp_path: Path, suffix: str
) -> None:
    page, problems = static()
    page.evaluate(SPY)
    assert "cells cannot use it" in page.locator("[data-engine=browser]").inner_text()
    assert page.get_by_role("button", name="Play").is_hidden()
    choose(page, Audio.load(tone).save(tmp_path / f"again.{suffix}"))
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => played.length > 0")
    n, sr, peak = page.evaluate("() => played.at(-1)")
    assert sr == 22050
    assert n == pytest.approx(2.5 * 22050, abs=0.1 * 22050)  # MP3 pads
    assert 20 * np.log10(peak) == pytest.approx(-12, abs=0.1)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    assert not problems


def test_static_with_the_keyboard_alone(static: Callable[..., Opened], tone: Path) -> None:
    page, problems = static()
    page.on("filechooser", lambda chooser: None)  # playwright begins to catch choosers a bit late
    page.keyboard.press("Tab")
    page.locator("button:focus").get_by_text("Choose a file").wait_for()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(tone)
    page.wait_for_function(SETTLED, arg="tone.wav: 2.5 s")
    for focused in ("button:text('Record')", "button:text('Play')", "label:text('Position') input"):
        page.keyboard.press("Tab")
        page.locator(f"{focused}:focus").wait_for()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert 0 < float(page.evaluate("() => document.activeElement.value")) < 0.1
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    sought = float(page.evaluate("() => document.activeElement.value"))
    page.keyboard.press("Shift+Tab")
    page.locator("button:text('Play'):focus").wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    assert sought > 0.1
    assert float(page.get_by_role("slider", name="Position").input_value()) >= sought
    page.get_by_role("button", name="Play").wait_for()  # it ends by itself and does not loop
    assert not problems


def test_a_dropped_file_and_a_click_into_it(static: Callable[..., Opened], tone: Path) -> None:
    page, problems = static()
    page.evaluate(DROP, ["dropped.wav", list(tone.read_bytes())])
    page.wait_for_function(SETTLED, arg="dropped.wav: 2.5 s")
    page.get_by_role("img", name="Waveform of dropped.wav").click()  # in the middle
    page.get_by_role("button", name="Pause").click()
    at = float(page.get_by_role("slider", name="Position").input_value())
    assert 1.2 < at < 2.4
    assert not problems


def test_what_is_no_sound_is_said_and_the_one_before_stays(
    static: Callable[..., Opened], tone: Path, tmp_path: Path
) -> None:
    page, problems = static()
    choose(page, tone)
    text = tmp_path / "shopping.txt"
    text.write_text("milk, bread")
    choose(page, text, begins="tone.wav: ")
    page.get_by_role("alert").get_by_text("This browser cannot decode shopping.txt").wait_for()
    assert page.get_by_role("button", name="Play").is_visible()
    choose(page, tone)
    assert page.get_by_role("alert").inner_text() == ""
    assert not problems


def test_it_records(with_microphone: Callable[..., Any], screenshots: Path) -> None:
    page = with_microphone("--use-fake-ui-for-media-stream")
    page.get_by_role("button", name="Record").click()
    page.get_by_role("button", name="Stop").wait_for()
    page.wait_for_function("() => document.querySelector('.mirlab meter').value > -20")
    page.wait_for_function("() => parseFloat(document.querySelector('meter + span').innerText) > 2")
    assert page.get_by_role("button").all_inner_texts() == ["Stop"]
    page.locator(".mirlab").screenshot(path=screenshots / "sound_input_recording.png")
    page.evaluate(SPY)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function(SETTLED, arg="recording: ")
    assert page.locator(".mirlab meter").is_hidden()
    seconds = float(status(page).split()[1])
    assert 1.8 < seconds < 6
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => played.length > 0")
    n, sr, _ = page.evaluate("() => played.at(-1)")
    assert n / sr == pytest.approx(seconds, abs=0.06)
    y = np.asarray(page.evaluate("() => Array.from(heard.slice(-22050))"))  # the last second
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size)))
    assert spectrum.argmax() * sr / y.size == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("127.0.0.1", "The microphone was refused"),
        ("plain.test", "only on https pages and on localhost"),
    ],
)
def test_without_a_microphone_it_says_why(
    with_microphone: Callable[..., Any], host: str, message: str
) -> None:
    page = with_microphone("--use-fake-ui-for-media-stream", host=host)
    page.evaluate(REFUSE)
    page.get_by_role("button", name="Record").click()
    page.get_by_role("alert").get_by_text(message).wait_for()
    assert page.get_by_role("button", name="Record").is_enabled()
    assert page.get_by_role("button", name="Choose a file").is_enabled()


def test_static_fits_any_screen(
    static: Callable[..., Opened], tone: Path, screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = static()
    for state in ("empty", "full"):
        for scheme, width in looks(page):
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
            assert page.locator(".mirlab.dark").count() == (scheme == "dark")
            page.screenshot(path=screenshots / f"sound_input_{state}_{scheme}_{width}.png")
        choose(page, tone)
    assert not problems
