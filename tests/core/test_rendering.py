"""Rendering of notes: pitch, level and duration are as requested."""

import numpy as np
import pytest

from mirlab.core import AudioError, MissingPartError, Notes, NotesError, TempoMap, rendering


def strongest_hz(y, sr):
    spectrum = np.abs(np.fft.rfft(y * np.hanning(y.size), 8 * y.size))
    return spectrum.argmax() * sr / (8 * y.size)


@pytest.fixture(params=["additive", "fluidsynth"])
def synth(request):
    if request.param == "fluidsynth":
        request.getfixturevalue("require_fluidsynth")
    return request.param


@pytest.mark.parametrize("pitch", [57, 69, 81])
def test_pitch_level_and_length(synth, pitch):
    notes = Notes([0.5], [1.5], [pitch], tempo_map=TempoMap([0, 60], [120, 90]))
    y, sr = notes.render(sr=22050, synth=synth)
    assert np.abs(y).max() == pytest.approx(0.5, abs=1e-3)
    assert 1.5 <= y.size / sr <= 2.6  # however late the last change of tempo
    assert np.abs(y[: int(0.48 * sr)]).max() < 1e-3
    cents = 1200 * np.log2(strongest_hz(y[int(0.6 * sr) : int(1.4 * sr)], sr) / notes.hz[0])
    assert (
        abs(cents) < 10 or abs(cents - 1200) < 10
    )  # on some pianos the octave is the loudest partial


def test_loud_notes_are_louder(synth):
    y, sr = Notes([0, 1], [0.8, 1.8], [69, 69], [120, 40]).render(synth=synth)
    loud, soft = (np.sqrt(np.mean(y[a : a + sr // 2] ** 2)) for a in (0, sr))
    assert loud > 1.5 * soft


def test_drums_are_heard(synth):
    y, sr = Notes([0.2], [0.4], [38], is_drum=True).render(synth=synth)
    assert np.abs(y[int(0.2 * sr) : int(0.3 * sr)]).max() > 0.1


def test_the_additive_synth_does_not_alias():
    """A high note at a low sampling rate: all energy is at harmonics below Nyquist."""
    y, sr = Notes([0], [1], [100]).render(sr=16000, synth="additive")
    power = np.abs(np.fft.rfft(y[:sr] * np.hanning(sr))) ** 2
    f0 = 440 * 2 ** (31 / 12)
    near = np.zeros(power.size, bool)
    for k in (1, 2, 3):
        near[int(k * f0) - 30 : int(k * f0) + 31] = True
    assert power[~near].sum() / power.sum() < 1e-4


def centroid(y, sr):
    power = np.abs(np.fft.rfft(y)) ** 2
    return np.sum(np.fft.rfftfreq(y.size, 1 / sr) * power) / power.sum()


def test_a_bend_is_heard(synth):
    bend = [[[0.2, 0.0], [0.6, 1.5]]]
    y, sr = Notes([0.2], [1.6], [69], program=71, bends=bend).render(synth=synth)
    early = strongest_hz(y[int(0.3 * sr) : int(0.58 * sr)], sr)
    late = strongest_hz(y[int(0.8 * sr) : int(1.5 * sr)], sr)
    assert 1200 * np.log2(late / early) == pytest.approx(150, abs=15)


def test_a_bend_stays_with_its_instrument(synth):
    """After any bend of the first instrument, the next one plays in tune."""
    bends = [[[0.2, 0.0], [0.5, 5.0]], np.empty((0, 2))]
    notes = Notes([0.2, 2.0], [1.0, 3.0], [69, 60], program=[40, 71], bends=bends)
    y, sr = notes.render(synth=synth)
    hz = strongest_hz(y[int(2.2 * sr) : int(2.9 * sr)], sr)
    assert abs(1200 * np.log2(hz / notes.hz[1])) < 15


def test_the_pedal_holds_a_note(synth):
    def late(pedal):
        notes = Notes([0.1, 2.0], [0.3, 2.5], [60, 84], pedal=pedal)
        y, sr = notes.render(synth=synth)
        return np.sqrt(np.mean(y[int(1.0 * sr) : int(1.4 * sr)] ** 2))

    assert late([[0.0, 1.6, 0]]) > 10 * late(None)


def test_additive_drums_can_be_told_apart():
    kick, snare, hat = (
        centroid(*Notes([0], [0.2], [key], is_drum=True).render(synth="additive"))
        for key in (36, 38, 42)
    )
    assert kick < 300 < snare < hat


def test_additive_families_sound_like_themselves():
    """Struck strings decay and pipes do not; a clarinet has hardly any second partial."""

    def sustain(program):
        y, sr = Notes([0], [2], [60], 100, program).render(synth="additive")
        parts = y[int(0.2 * sr) : int(0.5 * sr)], y[int(1.5 * sr) : int(1.8 * sr)]
        return np.sum(parts[1] ** 2) / np.sum(parts[0] ** 2)

    def second_partial(program):
        y, sr = Notes([0], [2], [60], 100, program).render(synth="additive")
        part = y[sr // 2 : sr // 2 + sr]
        lines = np.abs(np.fft.rfft(part * np.hanning(part.size)))
        first, second = (lines[round(k * 261.63) - 3 : round(k * 261.63) + 4].max() for k in (1, 2))
        return second / first

    assert sustain(0) < 0.3 and sustain(19) == pytest.approx(1, abs=0.05)
    assert second_partial(71) < 0.5 * second_partial(40)


@pytest.mark.slow
def test_additive_holds_no_more_than_its_sound():
    """A thousand notes at once: memory depends on the sound, not on the number of notes."""
    import tracemalloc

    onset = np.arange(1000) * 0.005
    tracemalloc.start()
    audio = Notes(onset, onset + 0.5, np.full(1000, 60)).render(synth="additive")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * audio.y.nbytes + 5e6


@pytest.mark.parametrize("sr", [0, 7999, 96001, 2**31, float("nan"), "22050"])
def test_a_rate_that_cannot_be_played_is_refused(sr):
    with pytest.raises(AudioError, match="sr must be"):
        Notes([0], [1], [60]).render(sr=sr, synth="additive")


def test_bad_requests():
    with pytest.raises(NotesError, match="no note"):
        Notes.empty().render()
    with pytest.raises(NotesError, match="'fluidsynth' or 'additive'"):
        Notes([0], [1], [60]).render(synth="moog")


def test_without_fluidsynth_the_additive_synth_plays_and_says_so_once(monkeypatch, capsys):
    monkeypatch.setattr(rendering, "has_fluidsynth", lambda: False)
    rendering._suggest_fluidsynth.cache_clear()
    notes = Notes([0], [0.3], [60])
    asked = notes.render(synth="additive").y
    assert not capsys.readouterr().out
    np.testing.assert_array_equal(notes.render().y, asked)
    np.testing.assert_array_equal(rendering.render(notes).y, asked)
    output = capsys.readouterr()
    assert "mirlab[sound]" in output.out and output.out.count("\n") == 1
    assert not output.err  # a page of the book with output on it would not build
    with pytest.raises(MissingPartError, match="libfluidsynth3"):
        notes.render(synth="fluidsynth")
