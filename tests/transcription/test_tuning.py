"""Music at another tuning or speed: the notes of the nearest semitones, as the chords have them."""

import numpy as np
import pytest
import soxr

from mirlab import recognize_chords, transcribe
from mirlab.chords import find_tuning
from mirlab.core import Audio, Notes
from mirlab.core.theory import PITCH_CLASSES
from mirlab.evaluation import note_scores
from mirlab.transcription.tuning import transcribe_in_tune

SR = 22050
T = np.arange(3 * SR) / SR


def tone(hz):
    return sum(np.sin(2 * np.pi * k * hz * T) / k for k in range(1, 6)) / 4


def progression():
    """Four chords of four notes, one a second."""
    chords = [[41, 60, 65, 69], [46, 62, 65, 70], [48, 60, 64, 67], [41, 57, 60, 65]]
    onset = 0.2 + np.repeat(np.arange(4.0), 4)
    return Notes(onset, onset + 0.9, np.ravel(chords), 80)


def at_speed(notes, audio, rate):
    """A recording played `rate` times as fast, and its notes: the nearest semitones."""
    semitones = round(12 * np.log2(rate))
    y = soxr.resample(audio.y[0], SR, SR / rate)
    return Notes(notes.onset / rate, notes.offset / rate, notes.pitch + semitones), Audio(y, SR)


@pytest.mark.parametrize(("hz", "cents"), [(415, -1.3), (432, -31.8), (440, 0), (452, 46.6)])
def test_the_tuning_of_a_pitch_standard_is_found_and_clear(hz, cents):
    tuning = find_tuning(Audio(tone(hz), SR))
    assert 100 * tuning.semitones == pytest.approx(cents, abs=3)
    assert tuning.clarity > 0.8


def test_noise_glides_and_silence_have_no_clear_tuning():
    rng = np.random.default_rng(0)
    glide = np.sin(2 * np.pi * np.cumsum(440 * 2 ** (T / 3)) / SR)
    for y in (rng.standard_normal(3 * SR), glide, np.zeros(3 * SR), np.ones(500)):
        assert find_tuning(Audio(y, SR)).clarity < 0.1


@pytest.mark.parametrize("depth", [0.25, 0.4, 1])
def test_the_turning_points_of_a_vibrato_are_no_tuning(depth):
    """The pitch stays longest at the highest and the lowest point, where nobody hears the note."""
    pitch = depth * np.sin(2 * np.pi * 5 * T)
    sound = Audio(np.sin(2 * np.pi * np.cumsum(440 * 2 ** (pitch / 12)) / SR), SR)
    given = []
    transcribe_in_tune(sound, lambda audio: given.append(audio) or Notes.empty())
    assert given[0].y is sound.y


def test_a_sharp_sound_is_lowered_and_its_times_are_converted_back():
    given = []

    def detect(audio):
        given.append(audio)
        return Notes([0.5], [audio.duration], [69], bends=[[(0.5, 0.1), (audio.duration, 0.2)]])

    notes = transcribe_in_tune(Audio(tone(452), SR), detect)
    assert find_tuning(given[0]).semitones == pytest.approx(0, abs=0.02)
    assert given[0].duration == pytest.approx(3 * 452 / 440, rel=1e-3)
    assert notes.offset == pytest.approx([3], abs=0.01)
    assert notes.onset == pytest.approx([0.5 * 440 / 452], rel=1e-3)
    np.testing.assert_allclose(notes.bends[0][:, 0], [notes.onset[0], notes.offset[0]])
    np.testing.assert_allclose(notes.bends[0][:, 1], [0.1, 0.2])


@pytest.mark.parametrize("hz", [440, 442, 438])
def test_a_sound_in_tune_is_left_as_it_is(hz):
    sound = Audio(tone(hz), SR)
    given = []
    transcribe_in_tune(sound, lambda audio: given.append(audio) or Notes.empty())
    assert given[0].y is sound.y


def test_a_sound_without_a_clear_tuning_is_left_as_it_is():
    noise = Audio(np.random.default_rng(0).standard_normal(SR), SR)
    given = []
    transcribe_in_tune(noise, lambda audio: given.append(audio) or Notes.empty())
    assert given[0].y is noise.y


def test_a_voice_by_yin_has_the_semitones_of_its_tuning():
    """A scale a third of a semitone flat, whose leading note is played high."""
    pitches = np.array([60, 62, 64, 65, 67, 69, 71, 72]) - 0.4
    pitches[6] += 0.15
    t = np.arange(SR // 2) / SR
    parts = [
        np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * t) * np.hanning(t.size) for p in pitches
    ]
    found = transcribe((np.concatenate(parts), SR), model="yin", progress=False)
    assert found.pitch.tolist() == [60, 62, 64, 65, 67, 69, 71, 72]


@pytest.mark.slow
@pytest.mark.parametrize("rate", [415 / 440, 432 / 440, 452 / 440, 2 ** (-45 / 1200), 1.35])
def test_a_piano_out_of_tune_is_transcribed_as_one_in_tune(rate):
    notes = progression()
    audio = notes.render()
    in_tune = note_scores(notes, transcribe(audio, progress=False))["onset_f"]
    notes, audio = at_speed(notes, audio, rate)
    found = transcribe(audio, progress=False)
    assert note_scores(notes, found)["onset_f"] >= max(0.8, in_tune - 0.06)
    roots = {label[:-4] for label in recognize_chords(audio).labels}
    assert {PITCH_CLASSES[pitch % 12] for pitch in notes.pitch[::4]} <= roots
