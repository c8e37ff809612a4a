"""The Synth bench's sounds in the page: the same samples as torch's, noise included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mirlab.synthesis import FAMILIES, PATCHES, Additive, DrumKit, Plucked, Source, random_patch
from mirlab.widgets.shared.base import HERE
from mirlab.widgets.synth_bench.data import RATE, from_source, noise_state, render_note
from mirlab.widgets.synth_bench.distance import log_spectral_distance

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = [name for name, patch in PATCHES.items() if not isinstance(patch, DrumKit)]
METHODS = [family for family in FAMILIES if family != "drums"]
SAFE = 10 ** (-12 / 20)
PLAY = """async ([address, state, method, settings, note, wanted]) => {
    const { play } = await import(address + '/synth_bench/js/methods.js');
    const { noiseSource } = await import(address + '/synth_bench/js/noise.js');
    const { distanceTo } = await import(address + '/synth_bench/js/distance.js');
    const samples = play(method, settings, note, noiseSource(state));
    return [Array.from(samples), wanted && distanceTo(Float32Array.from(wanted))(samples)];
}"""
NOISE = """async ([address, state]) => {
    const { noiseSource } = await import(address + '/synth_bench/js/noise.js');
    const noise = noiseSource(state);
    return [noise.doubles(1000), noise.normals(100000)];
}"""
# Notes at once through what the page plays them through.
CHORD = """async ([address, notes]) => {
    const { limiter, sound, NOTE_PEAK } = await import(address + '/synth_bench/js/player.js');
    const context = new OfflineAudioContext(1, 22050, 22050);
    const into = limiter(context);
    for (const samples of notes) sound(context, into, Float32Array.from(samples), NOTE_PEAK);
    return Array.from((await context.startRendering()).getChannelData(0));
}"""


@pytest.fixture(scope="module")
def js(chromium: Any) -> Iterator[tuple[Any, str]]:
    """A page that can import the widgets' source, and the address of it."""
    from benchmarks.widgets.browser import opened, serving

    with (
        serving(HERE.parent) as address,
        opened(chromium, f"{address}/shared/js/fft.js") as (page, _),
    ):
        yield page, address


def played(
    js: tuple[Any, str], source: Source, note: tuple[float, int, float], wanted: Any = None
) -> tuple[np.ndarray, float]:
    page, address = js
    pitch, velocity, duration = note
    given = {"pitch": pitch, "velocity": velocity, "duration": duration}
    found, distance = page.evaluate(
        PLAY, [address, noise_state(), *from_source(source), given, wanted]
    )
    return np.asarray(found), distance


def agree(js: tuple[Any, str], source: Source, note: tuple[float, int, float]) -> None:
    expected = render_note(source, *note).y[0]
    found, _ = played(js, source, note)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max(), (source, note)


@pytest.mark.parametrize("name", NAMES)
def test_a_patch_sounds_as_torch_plays_it(js: tuple[Any, str], name: str) -> None:
    for note in ((33, 60, 0.7), (57.0, 100, 1.0), (76.3, 127, 0.3), (100, 1, 0.05)):
        agree(js, PATCHES[name], note)


@pytest.mark.parametrize("method", METHODS)
def test_any_settings_sound_as_torch_plays_them(js: tuple[Any, str], method: str) -> None:
    for seed in range(5):
        agree(js, random_patch(method, seed=seed), (36 + 11.3 * seed, 40 + 10 * seed, 0.5))


@pytest.mark.parametrize("pitch", [21, 108])
@pytest.mark.parametrize("name", ["organ", "lead", "brass", "guitar", "sweeping table", "flute"])
def test_the_outermost_keys_agree(js: tuple[Any, str], name: str, pitch: int) -> None:
    agree(js, PATCHES[name], (pitch, 100, 2.0))


def test_noise_is_numpys(js: tuple[Any, str]) -> None:
    page, address = js
    doubles, normals = page.evaluate(NOISE, [address, noise_state()])
    np.testing.assert_array_equal(doubles, np.random.default_rng(0).random(1000))
    expected = np.random.default_rng(0).standard_normal(100_000, dtype=np.float32)
    np.testing.assert_allclose(normals, expected, rtol=1e-5, atol=1e-6)


def test_the_distance_is_pythons(js: tuple[Any, str]) -> None:
    target = render_note(Plucked(), 50, 100, 1.0).y[0]
    for source in (*(PATCHES[name] for name in NAMES[::5]), Plucked(), Additive((1.0,))):
        for note in ((50, 100, 1.0), (50, 30, 0.3), (62, 100, 2.0)):
            found, distance = played(js, source, note, target.tolist())
            expected = log_spectral_distance(render_note(source, *note).y[0], target)
            assert distance == pytest.approx(expected, abs=5e-3)
            assert found.size
    assert played(js, Plucked(), (50, 100, 1.0), target.tolist())[1] < 1e-2


def test_a_note_is_safe_and_chords_do_not_clip(js: tuple[Any, str]) -> None:
    page, address = js
    notes = [render_note(PATCHES["pad"], pitch, 127, 1.0).y[0].tolist() for pitch in range(48, 64)]
    single = np.asarray(page.evaluate(CHORD, [address, notes[:1]]))
    assert np.abs(single).max() == pytest.approx(SAFE, rel=1e-2)
    expected = np.asarray(notes[0][:RATE])
    np.testing.assert_allclose(single, expected * SAFE / np.abs(notes[0]).max(), atol=1e-4)
    assert 0.3 < np.abs(page.evaluate(CHORD, [address, notes])).max() < 1
    assert np.abs(page.evaluate(CHORD, [address, notes[:1] * 16])).max() < 1  # all in phase
