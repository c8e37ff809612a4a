"""The output of the shared track player: pitch, level, speed, loops, clicks and timing."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab.core.audio_files import encode
from mirlab.widgets.shared.base import HERE
from tests.browser.desk_piece import RATE, tone

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SAFE = 10 ** (-12 / 20)
# Samples are sent as base64 of float32: playwright would wrap each number in an object.
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
# The left and right output channels over `seconds`.
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
    const lazy = { decodeAudioData: async (data) => {  // a decoder that keeps the encoder delay
        const sound = await context.decodeAudioData(data);
        const all = new Float32Array(sound.length + late);
        all.set(sound.getChannelData(0), late);
        return { getChannelData: () => all };
    } };
    return packed(await decode(late ? lazy : context, bytes, length));
}""".replace("PACKING", PACKING)


def pitch(y: np.ndarray) -> float:
    """Frequency in Hz of the strongest peak, by parabolic interpolation of the log spectrum."""
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size)))
    k = int(spectrum.argmax())
    a, b, c = np.log(spectrum[k - 1 : k + 2])
    return float((k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / y.size)


def decibels(ratio: float) -> float:
    return float(20 * np.log10(ratio))


@pytest.fixture
def js(serve: Callable[[Path], str], open_page: Callable[..., Opened]) -> tuple[Any, str]:
    """A page that can import the widgets' source, and the address of the source."""
    address = serve(HERE.parent)
    page, _ = open_page(f"{address}/shared/js/tracks.js")
    return page, address


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
    assert slow.size / RATE == pytest.approx(2 / speed, abs=0.25)  # whole blocks
    inner = slow[RATE // 10 : int((2 - 0.1) / speed * RATE)]  # y itself ends abruptly
    assert 1200 * abs(np.log2(pitch(inner) / f)) < 5
    assert abs(decibels(np.sqrt(np.mean(inner**2)) / (0.5 / np.sqrt(2)))) < 1
    assert np.abs(np.diff(inner)).max() <= 1.05 * np.abs(np.diff(y)).max()  # no clicks


def test_tracks_stay_together_when_stretched(js: tuple[Any, str]) -> None:
    a, b = tone(220, 1, 0.3), tone(523.25, 1, 0.2)
    parts = stretch(js, [a, b], 0.6)
    (whole,) = stretch(js, [(a + b).astype(np.float32)], 0.6)
    np.testing.assert_allclose(parts.sum(axis=0), whole, atol=1e-5)


def test_the_original_speed_leaves_the_samples_unchanged(js: tuple[Any, str]) -> None:
    y = np.random.default_rng(0).uniform(-0.5, 0.5, RATE)
    (same,) = stretch(js, [y], 1.0)
    np.testing.assert_allclose(same[: y.size], y, atol=1e-6)


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_the_output_is_the_tone_at_a_safe_level(js: tuple[Any, str], speed: float) -> None:
    y = tone(440, 2)
    both = render(js, [("original", "original", y)], 2 / speed + 0.5, speed=speed)
    mono = both.sum(axis=0) / np.sqrt(2)  # a centred sound is 3 dB lower on each side
    inner = mono[RATE // 5 : int((2 / speed - 0.2) * RATE)]
    assert 1200 * abs(np.log2(pitch(inner) / 440)) < 5
    assert decibels(np.abs(inner).max()) == pytest.approx(-12, abs=0.3)
    assert np.abs(np.diff(inner)).max() < 1.05 * SAFE * 2 * np.pi * 440 / RATE
    sounding = np.flatnonzero(np.abs(mono) > 0.05)
    assert (sounding[-1] - sounding[0]) / RATE == pytest.approx(2 / speed, abs=0.1)


@pytest.mark.parametrize("speed", [1.0, 0.7])
def test_a_loop_repeats_without_a_click(js: tuple[Any, str], speed: float) -> None:
    """The region is not a whole number of periods long, and all else around it is silent."""
    y = tone(440, 3)
    y[: RATE // 2] = y[2 * RATE :] = 0
    settings = {"speed": speed, "loop": True, "region": [0.8, 1.7003], "offset": 0.8}
    both = render(js, [("original", "original", y)], 4, **settings)
    inner = both[0][RATE // 5 : -RATE // 5]
    level = np.sqrt([np.mean(part**2) for part in np.array_split(inner, 100)])
    assert level.min() > 0.5 * level.max()  # no gaps
    # a cross-fade of two phases may change the slope a little, but must not jump
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


def test_the_mix_pans_the_original_left_and_the_notes_right(js: tuple[Any, str]) -> None:
    mix = {"original": {"level": 1, "pan": -1}, "notes": {"level": 1, "pan": 1}}
    tracks = [("original", "original", tone(300, 1)), ("notes", "notes", tone(700, 1))]
    left, right = render(js, tracks, 1.2, mix=mix)
    assert pitch(left[2000:20000]) == pytest.approx(300, abs=1)
    assert pitch(right[2000:20000]) == pytest.approx(700, abs=1)


@pytest.mark.parametrize("suffix", [".flac", ".mp3"])
@pytest.mark.parametrize("late", [0, 1105])
def test_decoded_samples_are_not_delayed(js: tuple[Any, str], suffix: str, late: int) -> None:
    """Even if the decoder keeps the silence that the encoder puts in front."""
    page, address = js
    y = np.zeros(30 * RATE, np.float32)
    y[10 * RATE : 10 * RATE + 400] = np.random.default_rng(1).uniform(-0.5, 0.5, 400)
    file = base64.b64encode(encode(y[None], RATE, suffix)).decode()
    decoded = unpacked(page.evaluate(DECODE, [address, file, y.size, late]))
    assert decoded.size == y.size
    excerpt = slice(10 * RATE - 2000, 10 * RATE + 2400)
    match = np.correlate(decoded[excerpt], y[excerpt], "full")
    assert int(match.argmax()) - 4399 == 0
