"""The Piano roll's arithmetic in the page: it decodes and hears as Python does, and in time."""

from __future__ import annotations

import base64
import contextlib
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab import Audio, Notes
from mirlab.synthesis import note_rolls
from mirlab.transcription import detector as detectors
from mirlab.transcription.detector import NoteDetector
from mirlab.widgets.piano_roll import data as data
from mirlab.widgets.piano_roll.net import export_net, onnx_name, pack_net
from mirlab.widgets.shared.base import HERE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
RATE = 22050
DECODE = """async ([address, rolls, frames, words, cases, count]) => {
    const { decode } = await import(address + '/piano_roll/js/decode.js');
    const posteriors = Uint8Array.from(atob(rolls), c => c.charCodeAt(0));
    return JSON.stringify(cases.map((settings) => {
        let [notes, times] = [[], []];
        for (let i = 0; i < count; i++) {
            const began = performance.now();
            notes = decode({ posteriors, frames }, settings, words);
            times.push(performance.now() - began);
        }
        return { notes: notes.map((n) => [n.onset, n.offset, n.pitch, n.velocity]),
            best: Math.min(...times) };
    }));
}"""
PAGE = "<!DOCTYPE html><link rel=icon href=data:,>{head}<body>"
# What the page hears; with `stopped` it is told to stop at the first sign of progress.
HEAR = """async ([net, sound, stopped]) => {
    const { predict } = await import('/widgets/piano_roll/js/predict.js');
    const raw = (text) => Uint8Array.from(atob(text), c => c.charCodeAt(0));
    const open = (value) => Array.isArray(value) ? value.map(open)
        : typeof value !== 'object' ? value
        : 'bytes' in value ? new DataView(raw(value.bytes).buffer)
        : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, open(part)]));
    const samples = new Float32Array(raw(sound).buffer);
    const stop = new AbortController();
    const progress = [];
    const onProgress = (done) => {
        progress.push(done);
        if (stopped) stop.abort();
    };
    const text = (view) => Array.from(view, (byte) => String.fromCharCode(byte)).join('');
    const began = performance.now();
    try {
        const found = await predict(open(net), samples, onProgress, stop.signal);
        return { milliseconds: performance.now() - began, progress, runtime: found.runtime,
            posteriors: btoa(text(found.posteriors)), spectrogram: btoa(text(found.spectrogram)) };
    } catch (error) {
        return { progress, error: error.name };
    }
}"""


@pytest.fixture(scope="module")
def rolls() -> np.ndarray:
    """What a network in doubt might say in thirty seconds of 300 notes; uint8."""
    rng = np.random.default_rng(5)
    n = 300
    onset = np.sort(rng.uniform(0, 29, n))
    notes = Notes(onset, onset + rng.uniform(0.04, 1.2, n), rng.integers(30, 100, n), 80)
    posteriors = note_rolls(notes, frames=1 + 30 * RATE // 256, hop_length=256, sr=RATE)
    doubt = rng.uniform(0, 0.6, posteriors.shape)
    return np.round(255 * (posteriors * (1 - doubt) + (1 - posteriors) * doubt**3)).astype(np.uint8)


def decoded_in_page(
    open_page: Callable[..., Opened],
    address: str,
    rolls: np.ndarray,
    cases: list[dict[str, Any]],
    times: int,
) -> list[dict[str, Any]]:
    """What the page makes of posteriors, and the milliseconds of the quickest time."""
    page, _ = open_page(f"{address}/shared/js/fft.js")
    text = base64.b64encode(rolls.tobytes()).decode()
    given = [address, text, rolls.shape[-1], data.WORDS, cases, times]
    answers: list[dict[str, Any]] = json.loads(page.evaluate(DECODE, given))
    return answers


def decodings(*thresholds: tuple[float, float, float]) -> list[dict[str, Any]]:
    """Every decoder at each of some settings."""
    return [
        {"decoder": name, "onset_threshold": a, "frame_threshold": b, "min_seconds": c}
        for name in data.DECODERS
        for a, b, c in thresholds
    ]


def test_the_page_decodes_what_python_does(
    rolls: np.ndarray, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    cases = decodings((0.4, 0.3, 0.03), (0.25, 0.5, 0.128), (0.7, 0.2, 0.0), (0.5, 0.15, 0.2))
    answers = decoded_in_page(open_page, serve(HERE.parent), rolls, cases, times=1)
    counts = set()
    for settings, answer in zip(cases, answers, strict=True):
        expected = data.decode(rolls, settings)
        counts.add(len(expected))
        ours = np.array(answer["notes"]).reshape(-1, 4)
        assert ours.shape[0] == len(expected), settings
        np.testing.assert_array_equal(ours[:, 2], expected.pitch, str(settings))
        np.testing.assert_allclose(ours[:, 0], expected.onset, atol=1e-9)
        np.testing.assert_allclose(ours[:, 1], expected.offset, atol=1e-9)
        assert np.abs(ours[:, 3] - expected.velocity).max() <= 1  # a mean, rounded
    assert len(counts) > 8 and min(counts) > 10  # the settings do something


def test_the_page_decodes_the_edges_as_python_does(
    serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    flat = np.full((4, 88, 40), 200, np.uint8)  # nothing begins, all sounds
    tip = flat.copy()
    tip[0, 40, 20] = 250
    cases = decodings((0.7, 0.6, 0.03), (0.95, 0.95, 0.5))
    address = serve(HERE.parent)
    for rolls in (flat, tip, flat[..., :0], flat[..., :1], flat[..., :2], 0 * flat, flat | 255):
        answers = decoded_in_page(open_page, address, rolls, cases, times=1)
        for settings, answer in zip(cases, answers, strict=True):
            notes = data.decode(rolls, settings)
            rows = [[n.onset, n.offset, n.pitch] for n in notes]
            found = np.array([row[:3] for row in answer["notes"]]).reshape(-1, 3)
            np.testing.assert_allclose(found, np.reshape(rows, (-1, 3)), atol=1e-9)


def test_half_a_minute_of_music_is_decoded_within_50_ms(
    tiny: NoteDetector,
    piano_file: Path,
    serve: Callable[[Path], str],
    open_page: Callable[..., Opened],
) -> None:
    rolls = data.unpack(data.predict(Audio.load(piano_file), tiny))
    cases = decodings((0.7, 0.6, 0.03), (0.5, 0.3, 0.128), (0.3, 0.15, 0.03), (0.05, 0.05, 0.0))
    answers = decoded_in_page(open_page, serve(HERE.parent), rolls, cases, times=7)
    for settings, answer in zip(cases, answers, strict=True):
        count, best = len(answer["notes"]), answer["best"]
        assert count == len(data.decode(rolls, settings)) > 50
        print(f"{settings}: {count} notes in {best:.1f} ms")
        assert best < 50, (settings, count)


def travelling(value: Any) -> Any:
    """What holds bytes, as JSON."""
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: travelling(part) for key, part in value.items()}
    return [travelling(part) for part in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def by_kernel(piano_file: Path, tiny: NoteDetector) -> Iterator[Callable[[Audio], dict[str, Any]]]:
    """What the kernel hears, computed as in the page: some processors have a less exact way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detectors, "mixed_precision", lambda device: contextlib.nullcontext())
        yield lambda audio: data.predict(audio, tiny)


@pytest.fixture
def open_hearing(
    tmp_path: Path,
    tiny: NoteDetector,
    add_onnxruntime: Callable[[Path], str],
    serve: Callable[[Path], str],
    open_page: Callable[..., Opened],
) -> Callable[[str], tuple[Any, dict[str, Any]]]:
    """Open a page that can run the net by one runtime; give it and the packed net."""
    (tmp_path / "widgets").symlink_to(HERE.parent)

    def opened(runtime: str) -> tuple[Any, dict[str, Any]]:
        head = add_onnxruntime(tmp_path) if runtime == "onnxruntime" else ""
        (tmp_path / "page.html").write_text(PAGE.format(head=head))
        (tmp_path / "networks").mkdir()
        if head:
            export_net(tiny, tmp_path / "networks")
        page, _ = open_page(f"{serve(tmp_path)}/page.html")
        return page, travelling({**pack_net(tiny), "onnx": onnx_name(tiny)})

    return opened


def predicted(
    page: Any, net: dict[str, Any], y: np.ndarray, *, stopped: bool = False
) -> tuple[dict[str, Any], np.ndarray]:
    """What the page tells of a sound, and its posteriors."""
    samples = base64.b64encode(y.astype("<f4").tobytes()).decode()
    found = page.evaluate(HEAR, [net, samples, stopped])
    posteriors = np.frombuffer(base64.b64decode(found.get("posteriors", "")), np.uint8)
    return found, posteriors.astype(int)


@pytest.mark.parametrize("runtime", ["javascript", "onnxruntime"])
def test_the_page_hears_what_the_kernel_does(
    runtime: str,
    open_hearing: Callable[[str], tuple[Any, dict[str, Any]]],
    by_kernel: Callable[[Audio], dict[str, Any]],
    piano_file: Path,
) -> None:
    audio = Audio.load(piano_file)
    expected = by_kernel(audio)
    page, net = open_hearing(runtime)
    found, posteriors = predicted(page, net, audio.y[0])
    assert found["runtime"] == runtime
    difference = np.abs(posteriors - data.unpack(expected).ravel())
    assert difference.max() <= 1 and np.mean(difference > 0) < 5e-3  # steps of 255
    assert data.unpack(expected).std() > 10  # there is something to differ in
    shown = np.frombuffer(base64.b64decode(found["spectrogram"]), np.uint8).astype(int)
    spectrogram = np.frombuffer(zlib.decompress(expected["spectrogram"]), np.uint8)
    assert np.abs(shown - spectrogram).max() <= 1
    assert found["milliseconds"] < 15_000
    progress = found["progress"]
    assert progress == sorted(progress) and progress[-1] == 1 and len(progress) > 5
    # the noise of a recorder is no music
    hiss = np.random.default_rng(0).uniform(-4e-4, 4e-4, RATE)
    for gain, silent in [(1, True), (2, False)]:
        kernel = data.unpack(by_kernel(Audio(gain * hiss, RATE)))
        _, page_said = predicted(page, net, gain * hiss)
        assert (not kernel.any(), not page_said.any()) == (silent, silent)


def test_without_its_onnx_file_the_net_runs_in_javascript(
    open_hearing: Callable[[str], tuple[Any, dict[str, Any]]],
) -> None:
    page, net = open_hearing("onnxruntime")
    hum = np.sin(np.arange(RATE) / 20)
    by_onnxruntime, posteriors = predicted(page, net, hum)
    by_javascript, same = predicted(page, {**net, "onnx": "notes-of-other-weights.onnx"}, hum)
    assert by_onnxruntime["runtime"] == "onnxruntime"
    assert by_javascript["runtime"] == "javascript"
    assert np.abs(posteriors - same).max() <= 1 and posteriors.std() > 10


@pytest.mark.parametrize("runtime", ["javascript", "onnxruntime"])
def test_what_is_no_longer_wanted_ends(
    runtime: str, open_hearing: Callable[[str], tuple[Any, dict[str, Any]]]
) -> None:
    page, net = open_hearing(runtime)
    found, _ = predicted(page, net, np.sin(np.arange(5 * RATE) / 20), stopped=True)
    assert found["error"] == "AbortError" and len(found["progress"]) == 1
    for _ in range(100):  # playwright hears a moment later that a worker ended
        page.wait_for_timeout(20)
        if not page.workers:
            break
    assert not page.workers  # neither that of the spectrograms nor that of onnxruntime
