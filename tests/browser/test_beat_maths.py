"""The Beat bench computes in the page what mirlab.rhythm does: strengths, tempo, beats, scores."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab import Audio
from mirlab.examples import load
from mirlab.rhythm import click_track
from mirlab.widgets import BeatBench
from mirlab.widgets.beat_bench.data import STRENGTHS, tap_errors, tap_scores
from mirlab.widgets.shared.base import HERE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
RATE = 22050
PREPARE = """async ([address, packed]) => {
    const { onsetStrength } = await import(address + '/beat_bench/js/novelty.js');
    const { prepare, track } = await import(address + '/beat_bench/js/tracking.js');
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const samples = Float32Array.from(new Int16Array(bytes.buffer), (value) => value / 32768);
    window.prepared = {};
    window.track = track;
    const found = {};
    for (const novelty of ['mel', 'energy', 'spectral', 'complex']) {
        const strength = await onsetStrength(novelty, samples);
        prepared[novelty] = prepare(strength);
        found[novelty] = Array.from(strength);
    }
    return found;
}"""
TRACK = """([novelty, settings]) => {
    const { tempo, beats } = track(prepared[novelty], settings);
    return [tempo, beats.map(({ time }) => time), beats.map(({ number }) => `${number}`)];
}"""
# The slowest of ten changes of the settings, in ms.
TIME = """() => Math.max(...Array.from({ length: 10 }, (_, i) => {
    const began = performance.now();
    track(prepared.mel, { prior: 60 + 20 * i, octaves: 1, tightness: 100, perBar: 4 });
    return performance.now() - began;
}))"""
SCORES = """async ([address, taps, beats]) =>
    (await import(address + '/beat_bench/js/errors.js')).tapScores(taps, beats, 0.07)"""
SETTINGS: list[dict[str, Any]] = [
    {},
    {"tempo_prior": 45.0, "prior_octaves": 0.4, "beats_per_bar": 3},
    {"tempo_prior": 230.0, "prior_octaves": 0.4, "tightness": 1.0},
    {"prior_octaves": 4.0, "tightness": 5000.0, "beats_per_bar": 12},
]


@pytest.fixture
def js(serve: Callable[[Any], str], open_page: Callable[..., Opened]) -> tuple[Any, str]:
    """A page that can import the widgets' source, and the address of it."""
    address = serve(HERE.parent)
    page, _ = open_page(f"{address}/beat_bench/js/tempo.js")
    return page, address


def prepare(js: tuple[Any, str], audio: Audio) -> tuple[dict[str, list[float]], BeatBench]:
    """The page's strengths of some audio, and a bench with the same samples."""
    page, address = js
    samples = np.round(32767 * audio.y[0]).astype("<i2").tobytes()
    bench = BeatBench(sound=b"", user_audio=samples, clip="user_audio")
    return page.evaluate(PREPARE, [address, base64.b64encode(samples).decode()]), bench


@pytest.mark.parametrize("name", ["song", "waltz", "chorale"])
def test_strengths_tempo_and_beats_are_those_of_python(js: tuple[Any, str], name: str) -> None:
    strengths, bench = prepare(js, load(name).audio.mono())
    for novelty in STRENGTHS:
        bench.novelty = novelty
        ours = bench.strength
        np.testing.assert_allclose(strengths[novelty], ours, rtol=0, atol=1e-4 * ours.max())
        for state in SETTINGS:
            for key, value in {**SETTINGS[0], **state}.items():
                setattr(bench, key, value)
            given = {
                "prior": bench.tempo_prior,
                "octaves": bench.prior_octaves,
                "tightness": bench.tightness,
                "perBar": bench.beats_per_bar,
            }
            tempo, times, numbers = js[0].evaluate(TRACK, [novelty, given])
            assert tempo == pytest.approx(bench.tempo), (novelty, state)
            np.testing.assert_allclose(times, bench.beats.intervals[:, 0], atol=1e-9)
            assert numbers == list(bench.beats.labels), (novelty, state)


@pytest.mark.parametrize("samples", [0, 1, 300, 2048, 20000])
def test_short_and_silent_sounds_have_the_strengths_of_python(
    js: tuple[Any, str], samples: int
) -> None:
    noise = 0.3 * np.random.default_rng(0).standard_normal(max(samples, 1)).clip(-1, 1)
    for y in (noise, 0 * noise):
        strengths, bench = prepare(js, Audio(y, RATE))
        for novelty in STRENGTHS:
            bench.novelty = novelty
            ours = bench.strength
            atol = 1e-4 * max(float(ours.max()), 1)
            np.testing.assert_allclose(strengths[novelty], ours, rtol=0, atol=atol)
            found = js[0].evaluate(TRACK, [novelty, {"prior": 120, "octaves": 1, "tightness": 100}])
            assert len(found[1]) == len(bench.beats)


def test_a_change_of_the_settings_takes_less_than_50_ms_for_30_seconds(js: tuple[Any, str]) -> None:
    prepare(js, click_track(np.arange(0.3, 30, 0.5), duration=30))
    fastest = min(js[0].evaluate(TIME) for _ in range(3))  # the machine may be busy
    print(f"{fastest:.1f} ms")
    assert fastest < 50


def test_scores_of_taps_are_those_of_python(js: tuple[Any, str]) -> None:
    times = st.lists(st.integers(0, 600), max_size=20, unique=True).map(
        lambda hundredths: (np.sort(hundredths) / 100).tolist()
    )

    @settings(max_examples=40, deadline=None)
    @given(times, times)
    def agree(taps: list[float], beats: list[float]) -> None:
        taps = [tap + 0.003 for tap in taps]  # no error is 70 ms but for rounding
        found = js[0].evaluate(SCORES, [js[1], taps, beats])
        np.testing.assert_allclose(found.pop("errors"), tap_errors(*map(np.array, (taps, beats))))
        assert found == pytest.approx(tap_scores(np.array(taps), np.array(beats)))

    agree()
