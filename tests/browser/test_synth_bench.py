"""The Synth bench as one plays it: in a page without a kernel and in JupyterLab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.widgets.browser import in_kernel
from mirlab import Audio, Notes
from mirlab.synthesis import PATCHES
from mirlab.widgets import SynthBench

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
RATE = 22050
SAFE = 10 ** (-12 / 20)
SOON = 100  # ms in which a touch is heard
UPDATED = "() => document.querySelector('.mirlab.synth')?.dataset.updated"
# What is sent to the loudspeaker, when, and when it is let go.
SPY = """() => {
    window.played = [];
    window.touched = 0;
    for (const name of ['pointerdown', 'keydown']) {
        addEventListener(name, ({ timeStamp }) => (touched = timeStamp), { capture: true });
    }
    const { start, stop } = AudioBufferSourceNode.prototype;
    const { connect } = AudioNode.prototype;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof AudioBufferSourceNode) this.level = to.gain.value;
        return connect.call(this, to, ...rest);
    };
    AudioBufferSourceNode.prototype.start = function (...given) {
        this.note = { given, samples: Array.from(this.buffer.getChannelData(0)), gain: this.level,
            late: performance.now() - touched, rate: this.buffer.sampleRate };
        played.push(this.note);
        this.addEventListener('ended', () => (this.note.release ??= 0.001));
        return start.apply(this, given);
    };
    AudioBufferSourceNode.prototype.stop = function (when) {
        this.note.release = when - this.context.currentTime;
        return stop.call(this, when);
    };
}"""
# A MIDI keyboard that a test plays by `strike([status, pitch, velocity])`.
MIDI = """() => {
    const input = { name: 'Little keys', state: 'connected', onmidimessage: null };
    window.strike = (data) => input.onmidimessage({ data });
    navigator.requestMIDIAccess = async () => ({ inputs: new Map([['one', input]]) });
}"""


def loudest(samples: Any) -> float:
    y = np.asarray(samples)[2000:18384]
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size), 8 * y.size))
    return float(spectrum.argmax() * RATE / (8 * y.size))


def hertz(pitch: float) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a bench to one file and open it."""
    address = serve(tmp_path)

    def opened(bench: SynthBench | None = None, **context: Any) -> Opened:
        (bench or SynthBench.of()).to_html(tmp_path / "bench.html")
        page, problems = open_page(f"{address}/bench.html", **context)
        page.wait_for_function(UPDATED)
        page.evaluate(SPY)
        return page, problems

    return opened


def played(page: Any, count: int) -> dict[str, Any]:
    page.wait_for_function("count => played.length >= count", arg=count)
    sound: dict[str, Any] = page.evaluate("() => played.at(-1)")
    return sound


def change(page: Any, act: Callable[[], Any]) -> None:
    """Do what draws the pictures anew, and wait for it."""
    before = page.evaluate(UPDATED)
    act()
    page.wait_for_function(f"before => ({UPDATED})() !== before", arg=before)


def away(page: Any) -> float:
    """The distance that the page shows, in dB."""
    output = page.get_by_text(" dB away; closest so far")
    output.wait_for()
    return float(output.inner_text().split()[0])


def key_at(page: Any, white: float, row: float = 0.9) -> tuple[float, float]:
    """Where on the screen a white key lies, counted from 0; `row` from the top, 0..1."""
    area = page.locator(".keyboard")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    return box["x"] + (white + 0.5) * box["width"] / 15, box["y"] + row * box["height"]


def test_the_mouse_plays(static: Callable[..., Opened]) -> None:
    page, problems = static()
    assert page.locator("[data-engine=browser]").count() == 1
    page.mouse.move(*key_at(page, 9))  # E4
    page.mouse.down()
    sound = played(page, 1)
    assert sound["late"] < SOON and sound["rate"] == RATE
    assert loudest(sound["samples"]) == pytest.approx(hertz(64), rel=1e-3)
    peak = sound["gain"] * np.abs(sound["samples"]).max()
    assert peak == pytest.approx(SAFE * (100 / 127) ** 2, rel=1e-3)
    assert "release" not in sound
    x, y = key_at(page, 11)
    page.mouse.move(x, y, steps=3)  # it slides on to G4
    page.get_by_role("button", name="Play G4").wait_for()
    assert page.evaluate("() => played[0].release > 0")
    page.mouse.up()
    page.wait_for_function("() => played.every(({ release }) => release > 0)")
    assert not problems


def test_a_held_key_goes_on_without_a_seam(static: Callable[..., Opened]) -> None:
    page, problems = static(SynthBench.of(patch="pad"))
    page.locator(".keyboard").focus()
    page.keyboard.down("a")
    played(page, 2)
    page.keyboard.up("a")
    first, whole = page.evaluate("() => played")
    y, longer = (np.asarray(note["samples"]) * note["gain"] for note in (first, whole))
    begun = whole["given"][0] - whole["given"][1]
    assert begun == pytest.approx(first["given"][0], abs=1e-6)  # on one clock
    held = round(0.8 * RATE)
    assert longer.size > 6 * RATE > y.size > held
    ratio = (y[:held] @ longer[:held]) / (y[:held] @ y[:held])
    np.testing.assert_allclose(longer[:held], ratio * y[:held], atol=1e-5)
    assert not problems


def test_computer_keys_play_chords(static: Callable[..., Opened]) -> None:
    page, problems = static()
    page.locator(".keyboard").focus()
    for code in ("KeyA", "KeyD", "KeyG"):
        page.keyboard.down(code)
    played(page, 3)
    found = page.evaluate("() => played.map(({ samples }) => samples)")
    assert {round(loudest(note)) for note in found} == {round(hertz(p)) for p in (48, 52, 55)}
    for code in ("KeyA", "KeyD", "KeyG"):
        page.keyboard.up(code)
    page.wait_for_function("() => played.every(({ release }) => release > 0)")
    for keys, pitch in ((["x", "a"], 60), (["ArrowRight", "Space"], 73), (["z", "'"], 65)):
        page.evaluate("() => void (played.length = 0)")
        for key in keys:
            page.keyboard.press(key)
        assert loudest(played(page, 1)["samples"]) == pytest.approx(hertz(pitch), rel=1e-3), keys
    page.evaluate("() => void (played.length = 0)")
    page.keyboard.down("a")
    played(page, 1)
    page.locator(".keyboard").blur()  # nothing goes on sounding
    page.wait_for_function("() => played.every(({ release }) => release > 0)")
    assert not problems


def test_a_midi_keyboard_plays(static: Callable[..., Opened]) -> None:
    page, problems = static()
    page.evaluate(MIDI)
    page.get_by_role("button", name="Connect a MIDI keyboard").click()
    page.get_by_text("Playing from Little keys").wait_for()
    page.evaluate("() => strike([0x91, 72, 127])")
    sound = played(page, 1)
    assert loudest(sound["samples"]) == pytest.approx(hertz(72), rel=1e-3)
    assert sound["gain"] * np.abs(sound["samples"]).max() == pytest.approx(SAFE, rel=1e-3)
    page.evaluate("() => strike([0x91, 72, 0])")
    page.wait_for_function("() => played[0].release > 0")
    page.get_by_role("button", name="Play C5").wait_for()  # it is drawn
    page.evaluate("() => (navigator.requestMIDIAccess = async () => { throw new Error('no') })")
    page.get_by_role("button", name="Connect a MIDI keyboard").click()
    page.get_by_text("was refused. Allow it").wait_for()
    assert not problems


def test_dragging_the_partials_solves_the_riddle(
    static: Callable[..., Opened], screenshots: Path
) -> None:
    bench = SynthBench.of()
    page, problems = static(bench)
    assert away(page) == pytest.approx(bench.distance(), abs=0.06)
    bars = page.get_by_role("slider", name="Partial 1 of 8")
    box = bars.bounding_box()

    amplitudes = (1.0, 0.15, 0.6, 0.0, 0.45, 0.8, 0.0, 0.2)
    for partial, level in enumerate(amplitudes, 1):  # one stroke over all bars
        x = box["x"] + (partial - 0.5) / 8 * box["width"]
        page.mouse.move(x, box["y"] + (1 - np.sqrt(level)) * (box["height"] - 16))
        if partial == 1:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.synth output.level').textContent) < 1.5"
    )
    page.locator(".mirlab").screenshot(path=screenshots / "synth_bench_solved.png")
    bars = page.get_by_role("slider", name="Partial 8 of 8")
    bars.focus()
    change(page, lambda: page.keyboard.press("Delete"))
    assert bars.get_attribute("aria-valuetext") == "partial 8: level 0.00"
    assert away(page) > 1.5
    page.get_by_role("button", name="Hear the target").click()
    assert len(played(page, 1)["samples"]) == len(bench.target_audio.y[0])
    page.get_by_role("button", name="Hear yours").click()
    played(page, 2)
    page.get_by_label("Match").select_option("an English horn")
    page.get_by_role("button", name="Play D♯4").wait_for()
    assert not problems


@pytest.mark.parametrize("name", [name for name in PATCHES if "kit" not in name])
def test_every_patch_shows_and_is_as_far_as_python_says(
    static: Callable[..., Opened], name: str
) -> None:
    bench = SynthBench.of(patch=name)
    page, problems = static(bench)
    assert page.get_by_label("Patch").input_value() == name
    assert away(page) == pytest.approx(bench.distance(), abs=0.06)
    page.get_by_role("button", name="Play A3").click()
    sound = played(page, 1)
    np.testing.assert_allclose(sound["samples"], bench.audio.y[0], atol=1e-4)
    page.locator(".handle[aria-label=Release]").press("ArrowRight")
    page.wait_for_function("() => !document.querySelector('.synth select').value")  # of your own
    assert not problems


def test_every_handle_moves_and_keeps_what_python_takes(static: Callable[..., Opened]) -> None:
    bench = SynthBench.of()
    page, problems = static(bench)
    for method in ("Subtractive", "FM", "Plucked string", "Breath"):
        change(page, lambda name=method: page.get_by_role("button", name=name, exact=True).click())
        for handle in page.locator(".handle").all():
            name = handle.get_attribute("aria-label")
            before = handle.get_attribute("aria-valuetext")
            handle.press("ArrowLeft" if name == "Plectrum" else "ArrowUp")
            handle.press("ArrowRight" if name != "Plectrum" else "ArrowDown")
            page.wait_for_timeout(60)
            if "sustain" not in name:
                assert handle.get_attribute("aria-valuetext") != before or name == "Attack", name
    page.get_by_role("button", name="FM", exact=True).click()
    page.get_by_role("button", name="Add one").click()
    page.get_by_role("slider", name="Operator 3").wait_for()
    page.locator("select:visible", has_text="modulates 2").select_option("modulates 2")
    page.get_by_role("button", name="Remove one").click()
    page.get_by_role("slider", name="Operator 3").wait_for(state="detached")
    page.get_by_label("Kind of envelope").select_option("struck")
    page.get_by_role("slider", name="−60 dB in").wait_for()
    change(page, lambda: page.get_by_role("button", name="Wavetable", exact=True).click())
    page.get_by_role("button", name="3", exact=True).click()
    page.get_by_role("slider", name="Partial 1 of 24").wait_for()
    page.get_by_role("button", name="Remove one").click()
    page.get_by_role("slider", name="Partial 1 of 32").wait_for()
    assert not problems


def test_prompts_cards_and_changes_are_heard(static: Callable[..., Opened]) -> None:
    page, problems = static()
    page.get_by_role("button", name="A bell").click()
    page.get_by_role("button", name="Play A4").wait_for()
    assert page.get_by_label("Patch").input_value() == "bell"
    assert page.evaluate("() => played.length") == 0  # nothing plays on its own
    page.get_by_role("button", name="Hear Plucked string").click()
    assert loudest(played(page, 1)["samples"]) == pytest.approx(440, rel=2e-3)
    page.get_by_label("Hear each change").check()
    page.get_by_role("slider", name="Operator 2").press("ArrowUp")
    played(page, 2)
    page.get_by_role("button", name="Match riddle 1").click()
    page.get_by_role("button", name="Play A3").wait_for()
    assert not problems


def test_items_are_seen_and_heard(static: Callable[..., Opened]) -> None:
    t = np.arange(2 * RATE) / RATE
    items = [
        (Audio(0.01 * np.sin(2 * np.pi * hertz(60 + k) * t), RATE), Notes(0, 2, 60 + k))
        for k in range(3)
    ]
    page, problems = static(SynthBench.of(targets={}, items=items))
    assert page.get_by_text("Match", exact=True).count() == 0
    card = page.get_by_role("button", name="Play item 1, 1 notes")
    card.click()
    sound = played(page, 1)
    assert loudest(sound["samples"]) == pytest.approx(hertz(61), rel=1e-3)
    assert sound["gain"] * np.abs(sound["samples"]).max() == pytest.approx(SAFE, rel=1e-2)
    assert card.get_attribute("aria-pressed") == "true"
    card.click()
    page.wait_for_function("() => played[0].release > 0")
    assert card.get_attribute("aria-pressed") == "false"
    assert not problems


def test_static_fits_any_screen(
    static: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = static()
    away(page)
    for method in ("FM", "Subtractive", "Plucked string", "Wavetable", "Breath", "Additive"):
        change(page, lambda name=method: page.get_by_role("button", name=name, exact=True).click())
        for scheme, width in looks(page):
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width, method
            assert page.locator(".mirlab.dark").count() == (scheme == "dark")
    for scheme, width in looks(page):
        page.screenshot(path=screenshots / f"synth_bench_{scheme}_{width}.png", full_page=True)
    assert not problems


def test_live_in_jupyterlab(run_notebook: Callable[[str], Opened], screenshots: Path) -> None:
    page, problems = run_notebook("tests/widgets/synth_bench.ipynb")
    page.wait_for_function(UPDATED)
    page.evaluate(SPY)
    page.locator(".keyboard").focus()
    for key in ("a", "d", "x", "z", "Space"):  # the notebook keeps its hands off
        page.keyboard.press(key)
    played(page, 3)
    page.get_by_role("button", name="Match riddle 1").click()
    page.get_by_role("slider", name="Partial 1 of 8").press("ArrowDown")
    page.wait_for_function("() => document.activeElement.ariaValueText === 'partial 1: level 0.96'")
    assert len(page.evaluate("() => [...document.querySelectorAll('.jp-Cell')]")) == 1
    printed = in_kernel(
        page, "print(bench.settings['additive']['amplitudes'][0], bench.distance())"
    )
    level, distance = map(float, printed.split())
    assert level == pytest.approx(0.96)
    assert away(page) == pytest.approx(distance, abs=0.06)
    in_kernel(page, "bench.use('guitar')")
    page.get_by_role("slider", name="Plectrum", exact=True).wait_for()
    page.locator(".mirlab").screenshot(path=screenshots / "synth_bench_lab.png")
    assert not problems
