"""The Listening desk as one uses it: its sound measured, its lanes driven in every way."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mirlab.core import Audio, Notes, Segments
from mirlab.core.audio_files import encode
from mirlab.widgets import ListeningDesk
from mirlab.widgets.shared.base import HERE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
READY = "html[data-widgets=ready]"
RATE = 22050
SAFE = 10 ** (-12 / 20)
# Samples travel as base64 of float32: playwright would wrap each number in an object.
PACKING = """
const unpacked = text =>
    new Float32Array(Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer);
const packed = samples => {
    const bytes = new Uint8Array(Float32Array.from(samples).buffer);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) {
        text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return btoa(text);
};
"""
STRETCH = """async ([address, tracks, speed, loop, seconds]) => {
    PACKING
    const { Stretcher } = await import(address + '/shared/js/stretch.js');
    const sounds = tracks.map(unpacked);
    const mix = sounds[0].map((_, i) => sounds.reduce((sum, sound) => sum + sound[i], 0));
    const stretcher = new Stretcher(sounds, mix, 22050, { speed, start: 0, loop });
    const parts = sounds.map(() => []);
    let made = 0;
    while (seconds ? made < seconds * 22050 : !stretcher.ended) {
        const { output } = stretcher.next(6);
        made += output[0].length;
        output.forEach((samples, i) => parts[i].push(...samples));
    }
    return parts.map(packed);
}""".replace("PACKING", PACKING)
# What comes out of the loudspeakers, left and right, in `seconds`.
RENDER = """async ([address, tracks, settings, seconds]) => {
    PACKING
    const { Tracks } = await import(address + '/shared/js/tracks.js');
    const context = new OfflineAudioContext(2, seconds * 22050, 22050);
    context.resume = async () => {};
    const sounds = tracks.map(([name, group, samples]) =>
        ({ name, group, samples: unpacked(samples) }));
    const transport = new Tracks(() => {}, {
        sr: 22050, duration: sounds[0].samples.length / 22050, load: async () => sounds });
    Object.assign(transport, { context, ahead: seconds }, settings);
    await transport.play();
    clearInterval(transport.timer);
    const sound = await context.startRendering();
    return [0, 1].map(channel => packed(sound.getChannelData(channel)));
}""".replace("PACKING", PACKING)
DECODE = """async ([address, file, length, late]) => {
    PACKING
    const { decode } = await import(address + '/shared/js/tracks.js');
    const bytes = Uint8Array.from(atob(file), letter => letter.charCodeAt(0));
    const context = new OfflineAudioContext(1, 1, 22050);
    const lazy = { decodeAudioData: async (data) => {  // a decoder that keeps the encoder's lead
        const sound = await context.decodeAudioData(data);
        const all = new Float32Array(sound.length + late);
        all.set(sound.getChannelData(0), late);
        return { getChannelData: () => all };
    } };
    return packed(await decode(late ? lazy : context, bytes, length));
}""".replace("PACKING", PACKING)
FRAMES = """async () => {
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    const end = last + 5000;
    while (last < end) {
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return times;
}"""


def tone(f: float, seconds: float, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * f * np.arange(round(seconds * RATE)) / RATE)


def pitch(y: np.ndarray) -> float:
    """The strongest frequency, between the bins by a parabola through the logarithms."""
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size)))
    k = int(spectrum.argmax())
    a, b, c = np.log(spectrum[k - 1 : k + 2])
    return float((k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / y.size)


def decibels(ratio: float) -> float:
    return float(20 * np.log10(ratio))


def segments(times: list[float], labels: list[str]) -> Segments:
    return Segments(np.column_stack([times[:-1], times[1:]]), labels)


def piece(seconds: float = 12.0) -> SimpleNamespace:
    """Two stems, a note a second, two chords, a beat each half second."""
    count = int(seconds)
    pitches = [60 + 2 * (i % 5) for i in range(count)]
    low = tone(110, seconds, 0.2)
    high = np.concatenate([tone(440 * 2 ** ((p - 69) / 12), 1, 0.3) for p in pitches])
    beats = list(np.arange(0, seconds + 0.1, 0.5))
    return SimpleNamespace(
        name="test piece",
        audio=Audio((low + high).astype(np.float32), RATE),
        stems={"low": Audio(low.astype("f4"), RATE), "high": Audio(high.astype("f4"), RATE)},
        notes=Notes(np.arange(count), np.arange(count) + 0.9, pitches),
        chords=segments([0, seconds / 2, seconds], ["C:maj", "A:min"]),
        beats=segments(beats, [str(i % 4 + 1) for i in range(len(beats) - 1)]),
        key="C major",
    )


def worse(right: SimpleNamespace) -> SimpleNamespace:
    """The same with one note late, one chord wrong and one beat lost."""
    late = np.where(np.arange(len(right.notes)) == 2, 0.2, 0.0)
    notes = Notes(right.notes.onset + late, right.notes.offset + late, right.notes.pitch)
    chords = Segments(right.chords.intervals, ["C:maj", "F:maj"])
    beats = Segments(right.beats.intervals[:-1] + 0.01, right.beats.labels[:-1])
    return SimpleNamespace(**{**vars(right), "notes": notes, "chords": chords, "beats": beats})


@pytest.fixture
def js(serve: Callable[[Path], str], open_page: Callable[..., Opened]) -> tuple[Any, str]:
    """A page that can import the widgets' source, and the address of it."""
    address = serve(HERE.parent)
    page, _ = open_page(f"{address}/shared/js/tracks.js")
    return page, address


@pytest.fixture(scope="module")
def desk_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk of the test piece, compared with the truth, in one file."""
    path = tmp_path_factory.mktemp("desk") / "desk.html"
    right = piece()
    ListeningDesk.of(worse(right), truth=right).to_html(path)
    return path


@pytest.fixture
def desk(
    desk_page: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> Callable[..., Opened]:
    """Open that file."""
    address = serve(desk_page.parent)

    def opened(**context: Any) -> Opened:
        page, problems = open_page(f"{address}/{desk_page.name}", **context)
        page.wait_for_selector(READY, state="attached")
        page.locator(".lane canvas").first.wait_for()
        return page, problems

    return opened


def packed(y: np.ndarray) -> str:
    return base64.b64encode(np.asarray(y, np.float32).tobytes()).decode()


def unpacked(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32).astype(float)


def stretch(js: tuple[Any, str], tracks: list[np.ndarray], speed: float, **more: Any) -> np.ndarray:
    page, address = js
    given = [packed(track) for track in tracks]
    asked = [address, given, speed, more.get("loop"), more.get("seconds", 0)]
    return np.array([unpacked(part) for part in page.evaluate(STRETCH, asked)])


def render(
    js: tuple[Any, str], tracks: list[tuple[str, str, np.ndarray]], seconds: float, **settings: Any
) -> np.ndarray:
    page, address = js
    given = [[name, group, packed(y)] for name, group, y in tracks]
    found = page.evaluate(RENDER, [address, given, settings, seconds])
    return np.array([unpacked(channel) for channel in found])


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.5, 2.0])
@pytest.mark.parametrize("f", [82.4, 440.0, 1318.5])
def test_another_speed_keeps_pitch_and_level(js: tuple[Any, str], speed: float, f: float) -> None:
    y = tone(f, 2)
    (slow,) = stretch(js, [y], speed)
    assert slow.size / RATE == pytest.approx(2 / speed, abs=0.25)  # whole pieces
    inner = slow[RATE // 10 : int((2 - 0.1) / speed * RATE)]  # y itself breaks off at its end
    assert 1200 * abs(np.log2(pitch(inner) / f)) < 5
    assert abs(decibels(np.sqrt(np.mean(inner**2)) / (0.5 / np.sqrt(2)))) < 1
    assert np.abs(np.diff(inner)).max() <= 1.05 * np.abs(np.diff(y)).max()  # no clicks


def test_tracks_stay_together_when_stretched(js: tuple[Any, str]) -> None:
    a, b = tone(220, 1, 0.3), tone(523.25, 1, 0.2)
    parts = stretch(js, [a, b], 0.6)
    (whole,) = stretch(js, [(a + b).astype(np.float32)], 0.6)
    np.testing.assert_allclose(parts.sum(axis=0), whole, atol=1e-5)


def test_at_its_own_speed_nothing_changes(js: tuple[Any, str]) -> None:
    y = np.random.default_rng(0).uniform(-0.5, 0.5, RATE)
    (same,) = stretch(js, [y], 1.0)
    np.testing.assert_allclose(same[: y.size], y, atol=1e-6)


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_the_loudspeaker_gets_the_tone_at_a_safe_level(js: tuple[Any, str], speed: float) -> None:
    y = tone(440, 2)
    both = render(js, [("original", "original", y)], 2 / speed + 0.5, speed=speed)
    mono = both.sum(axis=0) / np.sqrt(2)  # a sound in the middle is 3 dB down on each side
    inner = mono[RATE // 5 : int((2 / speed - 0.2) * RATE)]
    assert 1200 * abs(np.log2(pitch(inner) / 440)) < 5
    assert decibels(np.abs(inner).max()) == pytest.approx(-12, abs=0.3)
    assert np.abs(np.diff(inner)).max() < 1.05 * SAFE * 2 * np.pi * 440 / RATE
    sounding = np.flatnonzero(np.abs(mono) > 0.05)
    assert (sounding[-1] - sounding[0]) / RATE == pytest.approx(2 / speed, abs=0.1)


@pytest.mark.parametrize("speed", [1.0, 0.7])
def test_a_loop_goes_round_without_a_click(js: tuple[Any, str], speed: float) -> None:
    """The region is no whole number of periods, and round its edges all else is silent."""
    y = tone(440, 3)
    y[: RATE // 2] = y[2 * RATE :] = 0
    settings = {"speed": speed, "loop": True, "region": [0.8, 1.7003], "offset": 0.8}
    both = render(js, [("original", "original", y)], 4, **settings)
    inner = both[0][RATE // 5 : -RATE // 5]
    level = np.sqrt([np.mean(part**2) for part in np.array_split(inner, 100)])
    assert level.min() > 0.5 * level.max()  # it never stops
    # a join may cost some slope where two phases are faded into each other, never a jump
    assert np.abs(np.diff(inner)).max() < 1.2 * SAFE / np.sqrt(2) * 2 * np.pi * 440 / RATE


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_beats_click_on_time_and_downbeats_higher(js: tuple[Any, str], speed: float) -> None:
    beats = [{"time": t, "high": t == 1.0} for t in (0.5, 1.0, 1.5)]
    silence = np.zeros(2 * RATE)
    both = render(js, [("original", "original", silence)], 5, beats=beats, speed=speed)
    y = both[0]
    starts = np.flatnonzero(np.abs(y) > 1e-3)
    starts = starts[np.diff(starts, prepend=-RATE) > RATE // 10]
    assert np.diff(starts) / RATE == pytest.approx(0.5 / speed, abs=0.002)
    decoded = [pitch(y[s : s + RATE // 20]) for s in starts]
    assert decoded == pytest.approx([1000, 1600, 1000], rel=0.05)


def test_the_notes_play_on_the_right_and_the_original_on_the_left(js: tuple[Any, str]) -> None:
    mix = {"original": {"level": 1, "pan": -1}, "notes": {"level": 1, "pan": 1}}
    tracks = [("original", "original", tone(300, 1)), ("notes", "notes", tone(700, 1))]
    left, right = render(js, tracks, 1.2, mix=mix)
    assert pitch(left[2000:20000]) == pytest.approx(300, abs=1)
    assert pitch(right[2000:20000]) == pytest.approx(700, abs=1)


@pytest.mark.parametrize("suffix", [".flac", ".mp3"])
@pytest.mark.parametrize("late", [0, 1105])
def test_sound_lies_where_the_pictures_have_it(js: tuple[Any, str], suffix: str, late: int) -> None:
    """Also where a decoder leaves the encoder's silence in front."""
    page, address = js
    y = np.zeros(30 * RATE, np.float32)
    y[10 * RATE : 10 * RATE + 400] = np.random.default_rng(1).uniform(-0.5, 0.5, 400)
    file = base64.b64encode(encode(y[None], RATE, suffix)).decode()
    decoded = unpacked(page.evaluate(DECODE, [address, file, y.size, late]))
    assert decoded.size == y.size
    piece = slice(10 * RATE - 2000, 10 * RATE + 2400)
    match = np.correlate(decoded[piece], y[piece], "full")
    assert int(match.argmax()) - 4399 == 0


def ruler(page: Any) -> Any:
    return page.get_by_role("slider", name="Position")


def shown(page: Any) -> tuple[float, float]:
    """Start and length of the view, as shares of the piece."""
    script = (
        "() => (s => [s.left, s.width].map(parseFloat))(document.querySelector('.window').style)"
    )
    left, width = page.evaluate(script)
    return left / 100, width / 100


def playhead(page: Any) -> float:
    return float(ruler(page).get_attribute("aria-valuenow"))


def test_play_and_pause_by_mouse(desk: Callable[..., Opened], screenshots: Path) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    play = page.get_by_role("button", name="Play", exact=True)
    play.click()
    page.wait_for_function(
        "() => document.querySelector('.ruler').getAttribute('aria-valuenow') > 1"
    )
    page.screenshot(path=screenshots / "desk_light_1280.png", full_page=True)
    page.get_by_role("button", name="Pause").click()
    assert playhead(page) > 1
    # at pause a screen reader is told where it is
    status = page.locator(".desk [role=status]").inner_text()
    assert "bar 1" in status and "C:maj" in status and "D4" in status
    assert page.locator("[data-engine=baked]").count() == 1
    assert not problems


def test_click_seeks_and_drag_marks_a_loop(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    box = page.locator("[data-lane=waveform] .area").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.click(box["x"] + box["width"] / 2, middle)
    assert playhead(page) == pytest.approx(6, abs=0.05)
    page.mouse.move(box["x"] + box["width"] / 4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, middle, steps=4)
    page.mouse.up()
    assert page.get_by_label("Loop", exact=True).is_checked()
    page.locator(".lanes .mark").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(  # 6 s lie behind the region, so it begins at its start, 3 s
        "() => (at => at > 3.2 && at < 4)(document.querySelector('.ruler').ariaValueNow)"
    )
    page.wait_for_timeout(1000)  # once round
    assert 2.99 < playhead(page) < 4.01
    assert not problems


def test_hovering_reads_time_chord_and_pitch(desk: Callable[..., Opened]) -> None:
    page, _ = desk(viewport={"width": 1280, "height": 1100})
    box = page.locator("[data-lane='notes truth'] .area").bounding_box()
    # the roll of C4 to G#4 has two rows more on either side: 58 to 70 from bottom to top
    y = box["y"] + box["height"] * (1 - (60.5 - 58) / 12)
    page.mouse.move(box["x"] + box["width"] * 0.75, y)
    text = page.locator(".reading").inner_text()
    assert text.startswith("0:09.0") and "A:min" in text and "C4 (262 Hz)" in text


def test_every_key(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    ruler(page).focus()
    page.keyboard.press("ArrowRight")
    assert playhead(page) == pytest.approx(0.3, abs=0.01)
    page.keyboard.press("ArrowLeft")
    assert playhead(page) == 0
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert shown(page) == pytest.approx((0, 0.49), abs=0.01)
    page.keyboard.press("Shift+ArrowRight")
    assert shown(page) == pytest.approx((0.098, 0.49), abs=0.01)
    page.keyboard.press("End")
    assert playhead(page) == pytest.approx(12)
    assert sum(shown(page)) == pytest.approx(1, abs=0.01)
    page.keyboard.press("-")
    assert shown(page)[1] == pytest.approx(0.7, abs=0.01)
    page.keyboard.press("0")
    assert shown(page) == pytest.approx((0, 1), abs=0.01)
    page.keyboard.press("Home")
    for letter, label in (("l", "Loop"), ("f", "Follow"), ("m", "Clicks on beats")):
        box = page.get_by_label(label, exact=True)
        before = box.is_checked()
        page.keyboard.press(letter)
        assert box.is_checked() != before, label
    page.keyboard.press("Escape")
    assert not page.get_by_label("Loop", exact=True).is_checked()
    assert page.locator(".lanes .mark").is_hidden()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    assert not problems


def test_all_controls_are_reached_by_tab(desk: Callable[..., Opened]) -> None:
    page, _ = desk(viewport={"width": 1280, "height": 1100})
    reached = set()
    page.locator("body").click(position={"x": 2, "y": 2})
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("""() => { const e = document.activeElement;
            return e.ariaLabel || e.closest('label')?.textContent || e.textContent }""")
        )
    for name in ("Play", "Loop", "Zoom in", "Position", "Waveform", "Mute low", "Solo high"):
        assert any(name in text for text in reached), (name, reached)


def test_wheel_scrolls_and_zooms_only_when_it_is_meant(desk: Callable[..., Opened]) -> None:
    page, _ = desk(viewport={"width": 1280, "height": 500})
    box = page.locator("[data-lane=waveform] .area").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function("() => parseFloat(document.querySelector('.window').style.width) < 60")
    start, width = shown(page)
    assert start + width / 2 == pytest.approx(0.5, abs=0.02)  # about the pointer
    page.mouse.wheel(100, 0)
    page.wait_for_function(
        "before => parseFloat(document.querySelector('.window').style.left) > before",
        arg=100 * start,
    )
    view = shown(page)
    page.mouse.wheel(0, 300)  # the page's own
    page.wait_for_function("() => document.scrollingElement.scrollTop > 0")
    assert shown(page) == view


def test_fingers_swipe_pinch_and_tap(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 800, "height": 1100}, has_touch=True)
    box = page.locator("[data-lane=spectrogram] .area").bounding_box()
    x, y, across = box["x"], box["y"] + 40, box["width"]
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: float) -> None:
        points = [{"x": x + across * at, "y": y, "id": i} for i, at in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 0.4, 0.6)
    for i in range(1, 6):
        fingers("touchMove", 0.4 - 0.04 * i, 0.6 + 0.04 * i)
    fingers("touchEnd")
    start, width = shown(page)
    assert width == pytest.approx(1 / 3, abs=0.06)
    assert start + width / 2 == pytest.approx(0.5, abs=0.05)
    fingers("touchStart", 0.8)
    for i in range(1, 6):
        fingers("touchMove", 0.8 - 0.1 * i)
    fingers("touchEnd")
    assert shown(page)[0] > start + 0.1
    assert playhead(page) == 0
    fingers("touchStart", 0.5)
    fingers("touchEnd")
    start, width = shown(page)
    assert playhead(page) == pytest.approx(12 * (start + width / 2), abs=0.1)
    assert not problems


def test_lanes_fold_and_stems_mute(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    lane = page.locator("[data-lane=spectrogram]")
    fold = lane.get_by_role("button", name="Spectrogram")
    fold.click()
    assert lane.locator(".area").is_hidden()
    assert fold.get_attribute("aria-expanded") == "false"
    fold.press("Enter")
    assert lane.locator(".area").is_visible()
    # what the loudspeaker gets: the gain of each stem, in the order of the stems
    page.evaluate("""() => {
        const made = window.GainNode;
        window.gains = [];
        window.GainNode = function (context, options) {
            const node = new made(context, options);
            window.gains.push(node);
            return node;
        };
    }""")
    page.get_by_role("button", name="Solo high").click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.desk').dataset.playing === 'true'")
    # the first is the master, then low, high and notes
    assert page.evaluate("() => gains.slice(1, 4).map(node => node.gain.value)") == [0, 1, 0]
    page.get_by_role("button", name="Solo high").click()
    page.get_by_role("button", name="Mute high").click()
    page.wait_for_function("() => gains[1].gain.value > 0.98 && gains[2].gain.value < 0.02")
    page.get_by_label("Original ↔ notes").fill("1")
    page.wait_for_function("() => gains[1].gain.value < 0.02 && gains[3].gain.value > 0.98")
    assert not problems


def test_speed_changes_while_it_plays(desk: Callable[..., Opened]) -> None:
    page, problems = desk(viewport={"width": 1280, "height": 1100})
    page.get_by_label("Speed").fill("0.5")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.desk').dataset.playing === 'true'")
    distance = page.evaluate("""async () => {
        const at = () => Number(document.querySelector('.ruler').ariaValueNow);
        await new Promise(go => setTimeout(go, 300));
        const [start, before] = [at(), performance.now()];
        await new Promise(go => setTimeout(go, 2000));
        return (at() - start) / (performance.now() - before) * 1000;
    }""")
    assert distance == pytest.approx(0.5, abs=0.05)
    assert not problems


def test_errors_are_marked_and_the_page_fits(
    desk: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = desk()
    for scheme, width in looks(page):
        assert page.locator(".mirlab.dark").count() == (scheme == "dark")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.screenshot(path=screenshots / f"desk_marked_{scheme}_{width}.png", full_page=True)
    labels = page.locator("canvas[aria-label]").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert "Notes: found, 11 found, 1 missed, 1 not in the truth" in labels
    assert "Beats: found, 23 found, 1 missed, 0 not in the truth" in labels
    assert page.locator(".legend").get_by_text("missed").is_visible()
    assert not problems


def test_an_empty_desk_says_so(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    ListeningDesk().to_html(tmp_path / "empty.html")
    page, problems = open_page(f"{serve(tmp_path)}/empty.html")
    page.wait_for_selector(READY, state="attached")
    page.get_by_text("An empty desk").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    assert not problems


def test_sound_that_cannot_be_decoded_is_said_inside(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    ListeningDesk(duration=3, sounds={"original": b"no sound"}).to_html(tmp_path / "bad.html")
    page, problems = open_page(f"{serve(tmp_path)}/bad.html")
    page.wait_for_selector(READY, state="attached")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("could not be decoded").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_enabled()
    assert not problems


def test_three_minutes_run_smoothly(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    song = piece(180)
    ListeningDesk.of(song).to_html(tmp_path / "song.html")
    assert (tmp_path / "song.html").stat().st_size < 12e6
    page, problems = open_page(f"{serve(tmp_path)}/song.html")
    page.wait_for_selector(READY, state="attached")
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.desk').dataset.playing === 'true'")
    times = np.array(page.evaluate(FRAMES))
    assert times.size > 120
    dropped = int(np.sum(np.round(times / (1000 / 60)) - 1))
    # the benchmark counts on a quiet machine; beside other tests up to every third frame is lost
    assert dropped <= 0.5 * times.size, times[times > 25]
    assert not problems


def test_live_in_jupyterlab(run_notebook: Callable[[str], Opened]) -> None:
    page, problems = run_notebook("tests/widgets/listening_desk.ipynb")
    page.locator(".desk .lane canvas").first.wait_for()
    page.locator("[data-engine=kernel]").wait_for()
    ruler(page).focus()
    page.keyboard.press("ArrowRight")
    assert playhead(page) > 0
    page.get_by_label("Speed").fill("0.5")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Pause").click()
    script = """async () => {
        const { session } = window.jupyterapp.shell.currentWidget.sessionContext;
        const code = 'print(desk.speed, desk.position > 0); desk.folded = ["waveform"]';
        const future = session.kernel.requestExecute({ code });
        let text = '';
        future.onIOPub = ({ content }) => (text += content.text ?? content.evalue ?? '');
        await future.done;
        return text;
    }"""
    assert page.evaluate(script).strip() == "0.5 True"
    page.locator("[data-lane=waveform] .area").wait_for(state="hidden")
    assert not problems
