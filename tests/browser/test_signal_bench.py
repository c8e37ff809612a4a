"""The Signal bench as one uses it: in JupyterLab and in a page without a kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.widgets import SignalBench
from mirlab.widgets.shared.base import HERE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
READY = "html[data-widgets=ready]"
STATES = [
    {},
    {"partials": [[1, 1]], "fundamental": 1500, "sample_rate": 2600},
    {"bits": 3, "window": "rectangular", "envelope": [0, 0, 0.5, 0]},
    {"filtered": True, "pole": [0.98, 0.25], "zero": [0.5, 0.75], "sample_rate": 8000},
    {"window": "blackman", "partials": [[0.5, 1], [2.71, 0.3]], "fundamental": 311.1},
    {"window": "hamming", "filtered": True, "pole": [1.1, 0.3]},
]
COMPUTE = """async ([address, state]) => {
    const maths = await import(address + '/signal_bench/js/maths.js');
    const y = maths.samples(state);
    return [y, maths.spectrum(y, state), maths.response(state)].map(a => Array.from(a));
}"""
RENDER = """async ([address, state]) => {
    const maths = await import(address + '/signal_bench/js/maths.js');
    const { connect } = await import(address + '/shared/js/transport.js');
    const heard = maths.reconstruct(maths.samples(state), state.sample_rate, 48000);
    const context = new OfflineAudioContext(1, 48000, 48000);
    connect(context, heard, 48000);
    return Array.from((await context.startRendering()).getChannelData(0));
}"""
# The samples that a play button sends to the loudspeaker, and how loud.
SPY = """() => {
    const connect = AudioNode.prototype.connect;
    window.played = [];
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof AudioBufferSourceNode) {
            const samples = Array.from(this.buffer.getChannelData(0));
            played.push([samples, this.buffer.sampleRate, to.gain.value]);
        }
        return connect.call(this, to, ...rest);
    };
}"""


def loudest(samples: Any, sr: float) -> float:
    y = np.asarray(samples)
    y = y[len(y) // 4 : len(y) // 4 + 16384]
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size), 8 * y.size))
    return float(spectrum.argmax() * sr / (8 * y.size))


@pytest.fixture
def js(serve: Callable[[Path], str], open_page: Callable[..., Opened]) -> tuple[Any, str]:
    """A page that can import the widgets' source, and the address of it."""
    address = serve(HERE.parent)
    page, _ = open_page(f"{address}/signal_bench/js/maths.js")
    return page, address


@pytest.fixture
def static(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Write a bench to one file and open it."""
    address = serve(tmp_path)

    def opened(context: dict[str, Any] | None = None, **state: Any) -> Opened:
        SignalBench(**state).to_html(tmp_path / "bench.html")
        page, problems = open_page(f"{address}/bench.html", **(context or {}))
        page.wait_for_selector(READY, state="attached")
        return page, problems

    return opened


def agree(js: tuple[Any, str], bench: SignalBench) -> None:
    page, address = js
    found = page.evaluate(COMPUTE, [address, bench.state()])
    expected = [bench.samples(), bench.spectrum()[1], bench.response()[1]]
    for name, ours, theirs in zip(
        ("samples", "spectrum", "response"), expected, found, strict=True
    ):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("state", STATES)
def test_the_page_computes_what_python_does(js: tuple[Any, str], state: dict[str, Any]) -> None:
    agree(js, SignalBench(**state))


def test_the_page_computes_what_python_does_anywhere(js: tuple[Any, str]) -> None:
    points = st.tuples(st.floats(0, 0.99), st.floats(0, 1)).map(list)

    @settings(max_examples=25)
    @given(points, points, st.integers(2000, 48000), st.floats(55, 1760))
    def anywhere(pole: list[float], zero: list[float], sr: int, f: float) -> None:
        agree(js, SignalBench(pole=pole, zero=zero, sample_rate=sr, fundamental=f, filtered=True))

    anywhere()


@pytest.mark.parametrize(("f", "sr", "alias"), [(440, 44100, 440), (1500, 2600, 1100)])
def test_the_sound_has_the_right_pitch_and_a_safe_level(
    js: tuple[Any, str], f: float, sr: int, alias: float
) -> None:
    page, address = js
    bench = SignalBench(partials=[[1, 1]], fundamental=f, sample_rate=sr)
    sound = np.asarray(page.evaluate(RENDER, [address, bench.state()]))
    assert loudest(sound, 48000) == pytest.approx(alias, abs=1)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-12, abs=0.1)


def test_the_colour_map_brightens_evenly(js: tuple[Any, str]) -> None:
    page, address = js
    script = "async a => (await import(a + '/shared/js/colours.js')).colourMap()"
    colours = np.asarray(page.evaluate(script, address)) / 255
    assert colours.shape == (256, 3) and colours.min() >= 0 and colours.max() <= 1
    # CIE lightness of sRGB: a scale other than the one that it was made in
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    lightness = np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)
    steps = np.diff(lightness[::8])
    assert steps.min() > 0
    assert steps.max() < 2 * steps.min()


def test_static_with_mouse_and_keyboard(static: Callable[..., Opened], screenshots: Path) -> None:
    page, problems = static(partials=[[1, 1], [2, 0.5]], fundamental=440)
    assert page.locator("[data-engine=browser]").count() == 1
    page.evaluate(SPY)
    second = page.get_by_role("slider", name="Partial 2")
    second.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.ariaValueText.endsWith('level 0.48')")
    page.keyboard.press("Delete")
    second.wait_for(state="detached")
    page.get_by_role("button", name="Add a partial").click()
    second.wait_for()
    box = page.locator(".plot").first.bounding_box()
    second.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "() => document.querySelector('[aria-label=\"Partial 2\"]').ariaValueText"
        " === '3.00 times the note, level 0.50'"
    )
    page.get_by_role("button", name="A wrong note").click()
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function("() => played.length > 0")
    samples, sr, gain = page.evaluate("() => played.at(-1)")
    assert loudest(samples, sr) == pytest.approx(1100, abs=1)
    assert gain * np.abs(samples).max() == pytest.approx(10 ** (-12 / 20), rel=1e-3)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    page.screenshot(path=screenshots / "signal_bench_static.png", full_page=True)
    assert not problems


def test_an_unstable_filter_is_said_and_silent(static: Callable[..., Opened]) -> None:
    page, problems = static(pole=[1.1, 0.2], filtered=True)
    page.get_by_role("img", name="unstable").wait_for()
    page.evaluate(SPY)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => played.length > 0")
    samples, _, gain = page.evaluate("() => played.at(-1)")
    assert gain == 0 and not np.any(samples)
    assert not problems


def test_static_fits_any_screen(
    static: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = static()
    for scheme, width in looks(page):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert page.locator(".mirlab.dark").count() == (scheme == "dark")
        name = f"signal_bench_{scheme}_{width}.png"
        page.screenshot(path=screenshots / name, full_page=True)
    assert not problems


def test_live_in_jupyterlab(run_notebook: Callable[[str], Opened], screenshots: Path) -> None:
    page, problems = run_notebook("tests/widgets/signal_bench.ipynb")
    second = page.get_by_role("slider", name="Partial 2")
    second.wait_for()
    second.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("() => document.activeElement.ariaValueText?.endsWith('level 0.35')")
    page.get_by_role("button", name="Three bits").click()
    page.wait_for_function(
        "() => document.querySelector('.mirlab input[max=\"16\"]').ariaValueText === '3'"
    )
    page.locator(".mirlab").screenshot(path=screenshots / "signal_bench_lab.png")
    assert not problems
