"""The Spectrogram bench's transforms in the page: the same numbers as torch's."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mirlab.core import MirlabError
from mirlab.examples import load
from mirlab.widgets.shared.base import HERE
from mirlab.widgets.spectrogram_bench.maths import (
    RATE,
    power,
    region_sound,
    spectrogram_image,
    transform_for,
)
from mirlab.widgets.spectrogram_bench.settings import CHOICES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Compute = Callable[..., dict[str, Any]]
KINDS = CHOICES["kind"]
USUAL = {"n_fft": 2048, "hop_length": 256, "bins_per_octave": 36, "scale": "db"}
LONG = 3 * RATE  # samples: more than the longest wavelet
# Calls a function of the maths with a sound; arrays travel as the bytes of their numbers.
CALL = """async ([address, name, sound, ...rest]) => {
    const maths = await import(address + '/spectrogram_bench/js/transforms/transforms.js');
    const bytes = Uint8Array.from(atob(sound), c => c.charCodeAt(0));
    const pack = numbers => {
        const raw = new Uint8Array(Float32Array.from(numbers).buffer);
        let text = '';
        for (let i = 0; i < raw.length; i += 32768) {
            text += String.fromCharCode(...raw.subarray(i, i + 32768));
        }
        return btoa(text);
    };
    try {
        const found = maths[name](new Float32Array(bytes.buffer), ...rest);
        if (ArrayBuffer.isView(found)) return { found: pack(found) };
        return Object.fromEntries(Object.entries(found).map(
            ([key, value]) => [key, ArrayBuffer.isView(value) ? pack(value) : value]));
    } catch (error) {
        return { error: error.message };
    }
}"""
SOUNDS = {
    "noise": np.random.default_rng(0).normal(0, 0.1, LONG),
    "piano": load("piano").audio.y[0][:LONG],
    "sine": 0.5 * np.sin(2 * np.pi * 440 * np.arange(LONG) / RATE),
}


@pytest.fixture(scope="module")
def compute(chromium: Any) -> Iterator[Compute]:
    """Call a function of the page's maths with samples and more."""
    from benchmarks.widgets.browser import opened, serving

    with (
        serving(HERE.parent) as address,
        opened(chromium, f"{address}/shared/js/fft.js") as (page, _),
    ):

        def call(name: str, y: np.ndarray, *rest: Any) -> dict[str, Any]:
            sound = base64.b64encode(y.astype(np.float32).tobytes()).decode()
            found = page.evaluate(CALL, [address, name, sound, *rest])
            return {
                key: np.frombuffer(base64.b64decode(value), np.float32)
                if isinstance(value, str) and key != "error"
                else value
                for key, value in found.items()
            }

        yield call


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    """Relative, root mean square."""
    assert found.shape == expected.shape
    return float(np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2)))


def agree(compute: Compute, y: np.ndarray, settings: dict[str, Any]) -> None:
    found = compute("transform", y, settings)
    expected = power(y, settings).numpy()
    assert (found["bins"], found["frames"]) == expected.shape, settings
    ours = found["power"].reshape(expected.shape)
    assert difference(ours, expected) < 1e-3, settings
    module = transform_for(settings)
    for name in ("frequencies", "durations", "bandwidths"):
        # widths at half power are measured in Python, to 1 %
        tolerance = 1e-5 if name == "frequencies" else 1e-2
        np.testing.assert_allclose(
            found[name], getattr(module, name).numpy(), rtol=tolerance, err_msg=name
        )


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_computes_what_torch_does(compute: Compute, kind: str, sound: str) -> None:
    agree(compute, SOUNDS[sound], {**USUAL, "kind": kind})


@pytest.mark.parametrize("hop", CHOICES["hop_length"])
@pytest.mark.parametrize("kind", KINDS)
def test_at_all_settings(compute: Compute, kind: str, hop: int) -> None:
    windows = CHOICES["n_fft"] if kind in ("stft", "reassigned", "mel") else (2048,)
    pitched = kind in ("cqt", "vqt", "wavelet", "hcqt", "chroma")
    bins = CHOICES["bins_per_octave"] if pitched else (36,)
    for n_fft, each in itertools.product(windows, bins):
        if hop <= n_fft or pitched or kind == "gammatone":
            settings = {"kind": kind, "n_fft": n_fft, "bins_per_octave": each, "hop_length": hop}
            agree(compute, SOUNDS["piano"], {**USUAL, **settings})


@pytest.mark.parametrize("scale", CHOICES["scale"])
def test_both_show_the_same_picture(compute: Compute, scale: str) -> None:
    settings = {**USUAL, "kind": "cqt", "scale": scale}
    y = SOUNDS["piano"]
    expected = spectrogram_image(y, settings).astype(float)
    found = compute("transform", y, settings)["power"]
    values = compute("scaled", found, scale)["found"].reshape(expected.shape)
    assert np.abs(255 * values - expected).max() < 0.51  # one is rounded
    assert values.max() == 1
    assert not compute("scaled", np.zeros(4), scale)["found"].any()


@pytest.mark.parametrize("hop", [256, 1024])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mel"])
def test_a_region_sounds_the_same(compute: Compute, kind: str, hop: int) -> None:
    settings = {**USUAL, "kind": kind, "hop_length": hop}
    for region in (
        {"start": 0.5, "end": 1.25, "low": 200, "high": 1000},
        {"start": 1.0, "end": 1.01, "low": 440, "high": 440},
        {"start": 0.0, "end": 3.0, "low": 50, "high": 300},
    ):
        found = compute("resynthesize", SOUNDS["piano"], settings, region)["found"]
        assert difference(found, region_sound(SOUNDS["piano"], settings, region)) < 1e-2, region


def test_a_mel_region_has_the_bands_of_the_region(compute: Compute) -> None:
    settings = {**USUAL, "kind": "mel"}
    region = {"start": 0.0, "end": 3.0, "low": 200, "high": 1500}
    y = SOUNDS["piano"]
    found = compute("resynthesize", y, settings, region)["found"][:LONG]
    hz = transform_for(settings).frequencies.numpy()
    resynthesised = power(found, settings).numpy()[:, 20:-20]
    wanted = power(y, settings).numpy()[:, 20:-20] * ((hz > 200) & (hz < 1500))[:, None]
    # phases are guessed, so sizes agree only roughly
    assert difference(np.sqrt(resynthesised), np.sqrt(wanted)) < 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_both_refuse_a_short_sound_in_the_same_words(compute: Compute, kind: str) -> None:
    settings = {**USUAL, "kind": kind}
    short = np.ones(transform_for(settings).window_length - 1)
    with pytest.raises(
        MirlabError, match=f"{short.size} samples, fewer .* {short.size + 1} samp"
    ) as refused:
        power(short, settings)
    region = {"start": 0, "end": 1, "low": 100, "high": 200}
    assert compute("transform", short, settings) == {"error": str(refused.value)}
    assert compute("resynthesize", short, settings, region) == {"error": str(refused.value)}


def test_both_refuse_a_hop_longer_than_the_window(compute: Compute) -> None:
    settings = {**USUAL, "kind": "mel", "n_fft": 512, "hop_length": 1024}
    with pytest.raises(MirlabError, match="longer than the window") as refused:
        power(SOUNDS["noise"], settings)
    assert compute("transform", SOUNDS["noise"], settings) == {"error": str(refused.value)}
