"""The Spectrogram bench seen from Python: what it holds, answers and refuses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from mirlab import Audio, Notes, examples, spectra
from mirlab.widgets import SpectrogramBench
from mirlab.widgets.shared.base import WidgetError
from mirlab.widgets.spectrogram_bench.data import LONGEST, RATE

STFT = {"kind": "stft", "n_fft": 1024, "hop_length": 256, "bins_per_octave": 36, "scale": "db"}
CQT = {**STFT, "kind": "cqt"}


def tone(f: float, seconds: float, *, sr: int = RATE, level: float = 0.5) -> Audio:
    return Audio(level * np.sin(2 * np.pi * f * np.arange(round(seconds * sr)) / sr), sr)


def request(bench: SpectrogramBench, **arguments: Any) -> None:
    message = {"kind": "request", "id": 1, "name": "show", "arguments": arguments}
    bench._on_message(bench, message, [])
    assert bench.wait()


def levels(answer: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(answer["levels"], np.uint8).reshape(answer["bins"], answer["frames"])


def test_shipped_pieces_are_on_it_at_first() -> None:
    bench = SpectrogramBench.of()
    assert set(bench.sounds) <= set(examples.names())
    assert bench.clip in bench.sounds and list(bench.notes) == list(bench.sounds)
    for name, sound in bench.sounds.items():
        assert len(sound) <= 300_000, name
        assert Audio.load(sound).duration <= LONGEST
    again = SpectrogramBench(**bench.state())
    assert again.state() == bench.state()
    assert not [name for name in bench.state() if name.startswith("_")]


def test_an_example_is_its_first_ten_seconds_with_its_notes() -> None:
    piece = examples.load("piano")
    bench = SpectrogramBench.of(piece)
    assert bench.clip == "piano"
    audio, samples = bench.audio, piece.audio.mono().y[:, : 10 * RATE]
    assert (audio.sr, audio.y.shape) == (RATE, (1, 10 * RATE))
    np.testing.assert_allclose(audio.y, samples, atol=1 / 32768)
    rows = np.frombuffer(bench.notes["piano"], "<f4").reshape(-1, 6)
    begun = piece.notes.onset < 10
    np.testing.assert_allclose(rows[:, 0], piece.notes.onset[begun], rtol=1e-6)
    assert rows[:, 2].tolist() == piece.notes.pitch[begun].tolist()


def test_any_sound_is_mono_at_one_rate() -> None:
    stereo = Audio(np.stack([tone(440, 12, sr=44100).y[0], np.zeros(12 * 44100)]), 44100)
    bench = SpectrogramBench.of({"high": tone(2000, 1), "mix": stereo})
    assert list(bench.sounds) == ["high", "mix"] and bench.notes == {}
    bench.clip = "mix"
    y, sr = bench.audio
    assert (sr, y.size) == (RATE, 10 * RATE)
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size))) * 4 / y.size
    assert spectrum.argmax() / 10 == pytest.approx(440, abs=0.1)
    assert spectrum.max() == pytest.approx(0.25, rel=0.01)  # the mean of both channels


@pytest.mark.parametrize("level", [1e-4, 0.5, 4.0])
def test_soft_and_loud_sounds_keep_their_bits(level: float) -> None:
    y = SpectrogramBench.of(tone(441, 1, level=level)).audio.y[0]
    wanted = tone(441, 1).y[0]
    wanted *= (y @ wanted) / (wanted @ wanted)
    assert 20 * np.log10((y - wanted).std() / wanted.std()) < -70


@pytest.mark.parametrize(
    ("scale", "kind"), [("db", "stft"), ("amplitude", "mel"), ("power", "cqt")]
)
def test_pictures_are_those_of_the_library(scale: str, kind: str) -> None:
    bench = SpectrogramBench.of(examples.load("piano"))
    bench.left = {"kind": kind, "scale": scale, "n_fft": 1024}
    request(bench, clip="piano", sides={"left": bench.left})
    assert bench.failure == "" and bench._right == {}
    module = {
        "stft": lambda: spectra.STFT(n_fft=1024, hop_length=256),
        "mel": lambda: spectra.Mel(n_fft=1024, hop_length=256, n_mels=128),
        "cqt": lambda: spectra.CQT(hop_length=256, fmin=55.0, n_bins=252, bins_per_octave=36),
    }[kind]()
    shown = spectra.scale(module(bench.audio.y[0]), scale)
    shown = 1 + (shown - shown.max()) / 80 if scale == "db" else shown / shown.max()
    assert bench._left["clip"] == "piano" and bench._left["settings"] == bench.left
    found = levels(bench._left)
    assert found.shape == tuple(shown.shape) and found.max() == 255
    assert np.abs(found - 255 * shown.numpy()).max() <= 0.51
    for name in ("frequencies", "durations", "bandwidths"):
        np.testing.assert_allclose(
            np.frombuffer(bench._left[name]), getattr(module, name).numpy(), rtol=1e-6
        )
    assert isinstance(bench.transform("left"), type(module))


def test_what_one_side_cannot_do_the_other_does() -> None:
    bench = SpectrogramBench.of(tone(440, 0.2))
    coarse = {**STFT, "n_fft": 512, "hop_length": 1024}
    request(bench, clip="sound 1", sides={"left": coarse, "right": STFT})
    assert "hop_length is 1024" in bench._left["refused"] and "levels" not in bench._left
    assert levels(bench._right).shape == (513, 18)
    request(bench, clip="sound 1", sides={"right": CQT})  # its longest window lasts 0.95 s
    assert "fewer than the longest window" in bench._right["refused"]
    assert bench.failure == ""


def test_a_region_is_heard_without_the_rest() -> None:
    both = tone(440, 2, level=0.2) + tone(1760, 2, level=0.4)
    bench = SpectrogramBench.of(both)
    region = [0.5, 1.5, 300, 600]
    request(bench, clip="sound 1", sides={}, sound={"settings": STFT, "region": region})
    assert bench._sound["region"] == region and bench._sound["settings"] == STFT
    y = np.frombuffer(bench._sound["samples"], "<i2") / 32767
    assert np.abs(y).max() == 1
    assert y.size > RATE  # the region, and what its cells hear on either side
    middle = y[y.size // 2 - 4096 :][:8192]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(8192)))
    at = [spectrum[round(f * 8192 / RATE) - 2 :][:5].max() for f in (440, 1760)]
    assert 20 * np.log10(at[1] / at[0]) < -60


def test_silence_is_dark_and_silent() -> None:
    bench = SpectrogramBench.of(Audio(np.zeros(RATE), RATE))
    sound = {"settings": STFT, "region": [0, 1, 100, 200]}
    request(bench, clip="sound 1", sides={"left": STFT}, sound=sound)
    assert bench.failure == ""
    assert not levels(bench._left).any()
    assert not np.frombuffer(bench._sound["samples"], "<i2").any()


def test_the_readers_sound_becomes_bytes_and_does_not_travel_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench, sent = SpectrogramBench.of(tone(440, 1)), []
    monkeypatch.setattr(bench, "_send", lambda message, buffers=None: sent.append(message))
    samples = np.round(8000 * tone(880, 1).y[0]).astype("<i2").tobytes()
    bench.set_state(
        {"user_audio_name": "mine.wav", "user_audio": memoryview(samples), "clip": "user_audio"}
    )
    assert isinstance(bench.user_audio, bytes) and bench.clip == "user_audio"
    assert "'user_audio':" not in str(sent) and "clip" in str(sent)
    np.testing.assert_array_equal(bench.audio.y[0] * 32768, np.frombuffer(samples, "<i2"))
    request(bench, clip="user_audio", sides={"left": CQT})
    frequencies = np.frombuffer(bench._left["frequencies"])
    assert frequencies[levels(bench._left)[:, 40].argmax()] == pytest.approx(880)


def test_an_unknown_sound_or_side_fails_inside() -> None:
    bench = SpectrogramBench.of(tone(440, 1))
    request(bench, clip="sound 2", sides={})
    assert "there is no sound 'sound 2'; there are: sound 1" in bench.failure
    request(bench, clip="sound 1", sides={"left": {**STFT, "n_fft": 77}})
    assert "left: n_fft is one of 512" in bench.failure
    request(bench, clip="sound 1", sides={"left": STFT})
    assert bench.failure == "" and bench._left["bins"] == 513
    with pytest.raises(WidgetError, match="'left' or 'right', not 'top'"):
        bench.transform("top")


@pytest.mark.parametrize(
    "state",
    [
        {"left": {"kind": "spectrum"}},
        {"right": {"window": 1024}},
        {"left": {"hop_length": 100}},
        {"right": {"scale": "dB"}},
        {"clip": "harp"},
        {"clip": "user_audio"},
        {"user_audio": b"odd"},
        {"user_audio": bytes(2 * RATE * 10 + 2)},
        {"region": [1, 2]},
        {"region": [2, 1, 100, 200]},
        {"region": [0, 1, 200, 100]},
        {"region": [-1, 1, 100, 200]},
        {"region": [0, float("inf"), 100, 200]},
        {"region": ["a", "b", "c", "d"]},
        {"sounds": {"a": 1}},
    ],
)
def test_bad_values_are_refused(state: dict[str, Any]) -> None:
    with pytest.raises(WidgetError):
        SpectrogramBench(**state)


@pytest.mark.parametrize(
    ("sounds", "message"),
    [
        ({}, "at least one sound"),
        ([], "at least one sound"),
        ({"user_audio": tone(440, 1)}, "'user_audio' is the reader's own"),
        ([examples.load("bass")] * 2, "two sounds are named 'bass'"),
        ({"name": "a file.wav"}, "'name' must be an Audio or an Example"),
    ],
)
def test_what_is_no_sound_is_refused(sounds: Any, message: str) -> None:
    with pytest.raises(WidgetError, match=message):
        SpectrogramBench.of(sounds)


@pytest.mark.parametrize("notes", [None, Notes.empty()])
def test_notes_may_be_missing_or_empty(notes: Notes | None) -> None:
    hum = SimpleNamespace(name="hum", audio=tone(100, 1), notes=notes)
    bench = SpectrogramBench.of(hum)
    assert (list(bench.sounds), bench.notes) == (["hum"], {})


def test_settings_that_are_left_out_are_as_at_first() -> None:
    bench = SpectrogramBench(right={"kind": "vqt"})
    assert bench.right == {**SpectrogramBench().right, "kind": "vqt"}
    assert torch.equal(
        bench.transform("right").frequencies, SpectrogramBench().transform("right").frequencies
    )


def test_a_bench_without_arguments_has_the_shipped_pieces() -> None:
    bench, shipped = SpectrogramBench(), SpectrogramBench.of()
    assert bench.state() == shipped.state()
    assert bench.audio.duration == 10
    assert SpectrogramBench(sounds={}).clip == ""
