"""Recordings: reproducible, the sum of their stems, with labels that agree with the sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mirlab.composer import Piece, compose
from mirlab.core import Audio, AudioError, Notes, Segments, TempoMap
from mirlab.synthesis import SoundFont, find_sound_fonts, master, record
from mirlab.synthesis.studio import PitchShift

SR = 22050
NOTHING = Segments([], [])


@pytest.fixture
def fonts(require_fluidsynth: None) -> dict[str, SoundFont]:
    return find_sound_fonts()


@pytest.fixture(scope="module")
def band() -> Piece:
    return compose(4, style="pop", duration=5)


def of_notes(notes: Notes) -> Piece:
    return Piece({"flute": notes}, NOTHING, None, NOTHING, TempoMap(0, 120), "by hand")


def test_every_part_is_a_stem_of_equal_length(band: Piece) -> None:
    take = record(band, seed=5, fonts={}, synths=1)
    assert list(take.stems) == list(band.parts)
    assert len({stem.samples for stem in take.stems.values()}) == 1
    assert all(stem.channels == 1 and np.abs(stem.y).max() > 1e-4 for stem in take.stems.values())
    np.testing.assert_allclose(take.audio.y, sum(stem.y for stem in take.stems.values()), atol=1e-6)
    assert 10 ** (-18.1 / 20) < np.abs(take.audio.y).max() < 10 ** (-0.9 / 20)
    assert take.key == band.key and take.chords.labels == band.chords.labels
    assert take.audio.duration > max(notes.duration for notes in take.notes.values())
    assert np.abs(take.audio.y[:, -1]).max() < 1e-4


def test_the_seed_determines_the_multitrack(band: Piece, fonts: dict[str, SoundFont]) -> None:
    first, again, other = (record(band, seed=seed, fonts=fonts) for seed in (1, 1, 2))
    for name in first.stems:
        np.testing.assert_array_equal(first.stems[name].y, again.stems[name].y)
    assert first.tuning == again.tuning
    assert not np.array_equal(first.audio.y[:, :SR], other.audio.y[:, :SR])


def test_sound_fonts_can_play_every_part(band: Piece, fonts: dict[str, SoundFont]) -> None:
    take = record(band, seed=3, fonts=fonts, synths=0, effects=False)
    assert take.tuning == 0
    assert take.notes == band.parts


def test_in_stereo_stems_are_panned() -> None:
    piece = of_notes(Notes([0.0], [0.3], [72]))
    places = []
    for seed in range(6):
        stem = record(piece, seed=seed, fonts={}, synths=1, stereo=True, effects=False)
        left, right = (stem.audio.y**2).sum(axis=1)
        places.append(left / (left + right))
    assert stem.audio.channels == 2
    assert min(places) < 0.4 and max(places) > 0.6


@pytest.mark.parametrize("seed", range(8))
def test_sound_begins_at_note_onsets(seed: int) -> None:
    """With all studio effects: before an onset there is noise only, after it there is sound."""
    onsets = 0.5 + 0.9 * np.arange(4)
    piece = of_notes(Notes(onsets, onsets + 0.4, [60, 64, 67, 72], 110))
    take = record(piece, seed=seed, fonts={}, synths=1)
    y = take.audio.y[0]
    for onset in take.notes["flute"].onset[:1]:
        at = round(onset * SR)
        before, after = (np.sqrt(np.mean(part**2)) for part in (y[: at - 64], y[at : at + SR // 4]))
        assert after > 4 * before


@pytest.mark.parametrize("pitch", [45, 60, 76])
def test_a_detuned_note_has_the_pitch_that_its_label_and_tuning_say(
    pitch: int, fonts: dict[str, SoundFont], autocorrelation_hz
) -> None:
    """Within 2 cents of the tuning; the samples of the font are up to 12 cents off."""
    piece = of_notes(Notes([0.1], [1.4], [pitch], 100))  # a piano
    font = {"TimGM6mb": fonts["TimGM6mb"]}

    def measured(seed: int, effects: bool) -> tuple[float, float]:
        take = record(piece, seed=seed, fonts=font, synths=0, effects=effects)
        start = round((take.notes["flute"].onset[0] + 0.3) * SR)
        hz = autocorrelation_hz(take.audio.y[0, start : start + SR // 2], SR, near=pitch)
        return 1200 * np.log2(hz / 440) - 100 * (pitch - 69), 100 * take.tuning

    plain, tuning = measured(0, effects=False)
    assert tuning == 0 and abs(plain) < 12
    tunings = []
    for seed in range(5):
        cents, tuning = measured(seed, effects=True)
        assert abs(cents - plain - tuning) < 2
        tunings.append(tuning)
    assert max(map(abs, tunings)) > 10


def test_mastering_keeps_time_and_often_changes_the_sound(band: Piece) -> None:
    audio = record(band, seed=5, fonts={}, synths=1).audio
    changed = 0
    for seed in range(12):
        louder = master(audio, seed=seed)
        assert louder.y.shape == audio.y.shape
        changed += not np.array_equal(louder.y, audio.y)
        here = np.correlate(louder.y[0, SR : 2 * SR], audio.y[0, SR : 2 * SR - 200], "valid")
        assert here.argmax() == 0
    assert 4 < changed <= 12


def test_silence_stays_silent() -> None:
    high = of_notes(Notes([0.0], [0.2], [127]))  # 12.5 kHz, over half of the rate
    take = record(high, seed=1, sr=8000, fonts={}, synths=1)
    assert not take.audio.y.any()
    assert not master(Audio(np.zeros((1, 4000)), 8000), seed=3).y.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed must be an integer of 0 or more, not -1"),
        ({"seed": 0, "synths": 1.5}, r"synths must lie in 0\.\.1, not 1\.5"),
        ({"seed": 0, "synths": 0, "fonts": {}}, "without sound fonts"),
        ({"seed": 0, "sr": 0, "fonts": {}}, "sr must be an integer, 100"),
    ],
)
def test_bad_arguments_are_named(band: Piece, arguments: dict, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        record(band, **arguments)


def test_labels_follow_a_tape_that_runs_too_fast(band: Piece) -> None:
    """Detuned by resampling: times shrink by the factor by which pitch rises."""
    short = replace(band, parts={"melody": band.parts["melody"]})
    takes = [record(short, seed=seed, fonts={}, synths=1) for seed in range(6)]
    rates = [2 ** (take.tuning / 12) for take in takes]
    assert max(rates) > 1.005 or min(rates) < 0.995
    for take, rate in zip(takes, rates, strict=True):
        onset = band.parts["melody"].onset
        np.testing.assert_allclose(take.notes["melody"].onset, onset / rate, rtol=1e-9)
        np.testing.assert_allclose(take.beats.intervals, band.beats.intervals / rate, rtol=1e-9)


def test_parts_that_are_mixed_have_one_stem_and_all_their_labels(band: Piece) -> None:
    take = record(band, seed=5, fonts={}, synths=1, apart=False)
    assert list(take.stems) == ["mixture"]
    assert list(take.notes) == list(band.parts)
    assert 10 ** (-18.1 / 20) < np.abs(take.audio.y).max() < 10 ** (-0.9 / 20)
    with pytest.raises(AudioError, match="record them apart"):
        PitchShift()(take, seed=0)


def test_mixed_or_apart_the_sound_is_the_same(band: Piece) -> None:
    """Up to the level and rounding."""
    mixed, apart = (
        record(band, seed=6, fonts={}, synths=1, apart=a).audio.y for a in (False, True)
    )
    mixed, apart = (y / np.abs(y).max() for y in (mixed, apart))
    np.testing.assert_allclose(mixed, apart, atol=1e-5)
