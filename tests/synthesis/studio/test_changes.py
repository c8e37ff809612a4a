"""Label changes: labels move as the sound does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab import dsp
from mirlab.core import Audio, AudioError, Notes, Segments, TempoMap
from mirlab.synthesis.studio import Detune, Gain, Multitrack, PitchShift, TimeStretch
from mirlab.synthesis.studio.changes import speed_up, transpose_label

SR = 22050


def take() -> Multitrack:
    """A sine of A4 from 1 to 2 s, a click for a drum at 1.5 s, and their labels."""
    y, drum = np.zeros(3 * SR), np.zeros(3 * SR)
    y[SR : 2 * SR] = 0.5 * dsp.sine(440, sr=SR, duration=1.0)
    drum[SR + SR // 2] = 0.9
    tempo = TempoMap([0.0, 1.0], [60.0, 120.0])
    bend = [[1.2, 0.5]]
    notes = {
        "flute": Notes([1.0], [2.0], [69], program=73, bends=[bend], tempo_map=tempo),
        "drums": Notes([1.5], [1.6], [38], is_drum=True),
    }
    chords = Segments([[0.0, 1.0], [1.0, 3.0]], ["N", "A:min7/b7"])
    beats = Segments([[0.0, 1.0], [1.0, 2.0]], ["1", "2"])
    stems = {"flute": Audio(y, SR), "drums": Audio(drum, SR)}
    return Multitrack(stems, notes, chords, beats, "A minor")


def pitch(audio: Audio) -> float:
    """Hz of the strongest sine, interpolated."""
    y = audio.y[0] * np.hanning(audio.samples)
    power = np.log(np.abs(np.fft.rfft(y, 4 * y.size)) + 1e-9)
    k = int(power.argmax())
    a, b, c = power[k - 1 : k + 2]
    return float((k + (a - c) / (2 * (a - 2 * b + c))) * audio.sr / (4 * y.size))


def start(audio: Audio) -> float:
    """Seconds at which the sound first rises over a tenth of its peak."""
    y = np.abs(audio.y[0])
    return float(np.argmax(y > 0.1 * y.max()) / audio.sr)


@pytest.mark.parametrize("cents", [-50.0, 17.0, 50.0])
def test_detuning_changes_pitch_times_and_tuning_alike(cents):
    changed = Detune((cents, cents))(take(), seed=0)
    found = 1200 * np.log2(pitch(changed.stems["flute"]) / 440)
    assert found == pytest.approx(cents, abs=0.5)
    assert changed.tuning == pytest.approx(cents / 100, abs=5e-4)
    assert start(changed.stems["flute"]) == pytest.approx(changed.notes["flute"].onset[0], abs=2e-3)
    assert start(changed.stems["drums"]) == pytest.approx(changed.notes["drums"].onset[0], abs=2e-3)
    assert changed.chords.intervals[1, 0] == pytest.approx(changed.notes["flute"].onset[0])
    assert changed.notes["flute"].pitch[0] == 69


@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_stretching_changes_times_and_keeps_the_pitch(rate):
    changed = TimeStretch((rate, rate))(take(), seed=0)
    assert 1200 * np.log2(pitch(changed.stems["flute"]) / 440) == pytest.approx(0, abs=3)
    assert changed.notes["flute"].onset[0] == pytest.approx(1 / rate)
    assert start(changed.stems["flute"]) == pytest.approx(1 / rate, abs=0.03)
    assert changed.beats.intervals[1, 0] == pytest.approx(1 / rate)
    assert changed.audio.duration == pytest.approx(3 / rate, abs=1e-3)


@pytest.mark.parametrize("steps", [-3, 0, 2])
def test_shifting_transposes_pitch_chords_and_key_but_no_drum(steps):
    changed = PitchShift((steps, steps))(take(), seed=0)
    found = 12 * np.log2(pitch(changed.stems["flute"]) / 440)
    assert found == pytest.approx(steps, abs=0.05)
    assert changed.notes["flute"].pitch[0] == 69 + steps
    assert changed.notes["drums"].pitch[0] == 38
    np.testing.assert_array_equal(changed.stems["drums"].y, take().stems["drums"].y)
    roots = {
        -3: ("F#:min7/b7", "F# minor"),
        0: ("A:min7/b7", "A minor"),
        2: ("B:min7/b7", "B minor"),
    }
    assert (changed.chords.labels[1], changed.key) == roots[steps]


@given(st.sampled_from(["C:maj", "Gb:7/3", "E#:min", "N", "X"]), st.integers(-24, 24))
def test_transposing_up_and_down_restores_the_root(label, steps):
    from mir_eval.chord import encode

    back = transpose_label(transpose_label(label, steps), -steps)
    assert encode(back)[0] == encode(label)[0]
    if label not in "NX":
        assert encode(transpose_label(label, steps))[0] == (encode(label)[0] + steps) % 12


@given(st.floats(0.5, 2.0))
def test_a_tempo_change_keeps_notes_on_their_beats(rate):
    notes = take().notes["flute"]
    shorter = speed_up(notes, rate)
    assert shorter.tempo_map is not None and notes.tempo_map is not None
    np.testing.assert_allclose(
        shorter.tempo_map.beats(shorter.onset), notes.tempo_map.beats(notes.onset)
    )
    assert shorter.bends is not None
    np.testing.assert_allclose(shorter.bends[0], [[1.2 / rate, 0.5]])


def test_every_stem_has_its_own_settings_and_the_mixture_is_their_sum():
    quieter = take().with_effect(Gain(), seed=1)
    gains = [
        float(np.abs(quieter.stems[name].y).max() / np.abs(stem.y).max())
        for name, stem in take().stems.items()
    ]
    assert gains[0] != gains[1]
    total = sum(stem.y for stem in quieter.stems.values())
    np.testing.assert_allclose(quieter.audio.y, total, atol=1e-7)


def test_bad_multitracks_are_refused():
    flute, short = take().stems["flute"], Audio(np.zeros(10), SR)
    with pytest.raises(AudioError, match="at least one stem"):
        Multitrack({}, {})
    with pytest.raises(AudioError, match="one rate and length"):
        Multitrack({"a": flute, "b": short}, {})
    with pytest.raises(AudioError, match="'bass'"):
        Multitrack({"flute": flute}, {"bass": Notes.empty()})
