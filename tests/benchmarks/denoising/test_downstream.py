"""Denoising before other tasks: labels, detectors, gains and thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.denoising import downstream, room_noise
from benchmarks.denoising.downstream import (
    RATE,
    accuracy,
    f_measure,
    onsets,
    peaks,
    pitch_curve,
)
from benchmarks.denoising.room_noise import RecordedRoom
from mirlab import dsp
from mirlab.core import Audio, Notes


@pytest.fixture(scope="module")
def there() -> list[RecordedRoom]:
    """A recording with noise in its rests."""
    y = dsp.noise("pink", sr=RATE, duration=4, seed=0) / 100
    return [room_noise.room("voice room", "one", Audio(y, RATE), np.array([[1.0, 1.5]]))]


def test_a_chord_begins_once() -> None:
    notes = Notes([1.0, 1.02, 1.04, 0.2, 2.0], np.full(5, 3.0), [60, 64, 67, 48, 72])
    np.testing.assert_allclose(onsets(notes), [0.2, 1.0, 1.04, 2.0])


def test_the_pitch_of_a_line_has_bends_and_rests() -> None:
    bend = [[1.0, 0.0], [1.2, 1.0], [1.4, -12.0]]
    notes = Notes([0.0, 1.0], [0.5, 1.5], [69, 69], bends=[np.zeros((0, 2)), bend])
    hz = pitch_curve(notes, np.array([0.0, 0.49, 0.5, 0.9, 1.1, 1.3, 1.45, 1.5]))
    np.testing.assert_allclose(hz, [440, 440, 0, 0, 440, 440 * 2 ** (1 / 12), 220, 0])


def test_accuracy_counts_50_cents_and_sounding_frames_only() -> None:
    truth = np.array([440.0, 440.0, 440.0, 440.0, 0.0])
    cents = np.array([0.0, 49.0, -51.0, 1200.0, 0.0])
    assert accuracy(truth, 440 * 2 ** (cents / 1200)) == 0.5


def test_strokes_are_detected_at_their_times() -> None:
    y = np.zeros(4 * RATE)
    truth = np.arange(1, 7) / 2
    for onset in truth:
        stroke = dsp.sine(880, sr=RATE, duration=0.2)
        y[round(onset * RATE) :][: stroke.size] += stroke * np.linspace(1, 0, stroke.size)
    found = peaks(downstream.brightening(y), 0.1)
    assert f_measure(truth, found) == 1.0
    assert np.abs(found - truth).max() < 0.03


def test_every_row_finds_the_pitch_of_a_sine() -> None:
    y = dsp.sine(440, sr=RATE, duration=1.0, amplitude=0.3).astype(np.float32)
    truth = np.full(1 + y.size // downstream.PITCH_HOP, 440.0)
    assert downstream.score_pitch(truth, "gate", "no noise", y)["rpa"] > 0.95
    assert downstream.score_pitch(truth * 2, "gate", "no noise", y)["rpa"] < 0.05


def test_each_noise_has_the_snr_in_its_name(there: list[RecordedRoom]) -> None:
    y = 0.3 * dsp.chirp(200, 2000, sr=RATE, duration=2.0)
    sounds = dict(downstream.noisy(y, there))
    assert next(iter(sounds)) == "no noise" and len(sounds) == 1 + 3 * len(downstream.SNRS)
    np.testing.assert_array_equal(sounds.pop("no noise"), y)
    for name, found in sounds.items():
        ratio = 20 * np.log10(dsp.rms(y) / dsp.rms(found - y))
        assert f"at {ratio:.0f} dB" in name


@pytest.mark.slow
def test_gains_are_relative_to_no_denoising(there: list[RecordedRoom]) -> None:
    y = 0.3 * dsp.chirp(200, 2000, sr=RATE, duration=2.0)

    def level(_row: str, _noise: str, sound: np.ndarray) -> dict[str, float]:
        return {"level": dsp.rms(sound)}

    found = {
        (noise, row): values
        for noise, row, values in downstream.rows(downstream.noisy(y, there), level, {"level": 0.0})
    }
    for (noise, row), values in found.items():
        before = found[noise, "none"]["level"]
        assert values["level_gain"] == pytest.approx(values["level"] - before)
        if row == "clean":
            assert values["level"] == pytest.approx(dsp.rms(y))
    hiss = found["white at 0 dB", "gate"]["level_gain"]
    assert hiss < -0.1 * dsp.rms(y)  # the gate removes noise
    assert {row for _, row in found} == {*downstream.CLEANERS, "clean", "blind"}


def test_lines_are_monophonic() -> None:
    found = dict(downstream.lines())
    assert {"wind, program 69", "bass, program 33", "song, program 53"} <= set(found)
    assert not any(name.startswith(("piano", "guitar", "drums")) for name in found)
    for line in found.values():
        assert np.mean(line.onset[1:] < line.offset[:-1] - 0.02) < 0.1
        assert not line.is_drum.any() and len(set(line.program.tolist())) == 1
        lowest, highest = line.hz.min(), line.hz.max()
        assert lowest > downstream.FMIN and highest < downstream.FMAX


@pytest.mark.slow
def test_thresholds_are_chosen_for_every_row_and_noise(
    there: list[RecordedRoom], monkeypatch: pytest.MonkeyPatch, require_fluidsynth: None
) -> None:
    monkeypatch.setattr(downstream, "PROGRAMS", {"piano": 0})
    monkeypatch.setattr(downstream, "RINGS", {"voice room": 0.3})
    monkeypatch.setattr(downstream, "SNRS", (10,))
    chosen = downstream.thresholds(there)
    noises = ("no noise", "white at 10 dB", "pink at 10 dB", "room at 10 dB", "all")
    assert set(chosen) == {(row, noise) for row in downstream.CLEANERS for noise in noises}
    assert set(chosen.values()) <= set(downstream.THRESHOLDS.tolist())
