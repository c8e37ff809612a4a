"""Whole pieces: the right notes at the right times, by any source."""

from __future__ import annotations

import shutil
from pathlib import Path

import librosa
import numpy as np
import pytest

from mirlab import dsp
from mirlab.core import Audio, AudioError, MissingPartError, Notes, NotesError, rendering
from mirlab.synthesis import (
    Additive,
    DrumKit,
    Held,
    Plucked,
    SoundFont,
    find_sound_fonts,
    play,
    play_all,
    random_patch,
)

SCALE = Notes(np.arange(8) * 0.3, np.arange(8) * 0.3 + 0.25, [60, 62, 64, 65, 67, 69, 71, 72])


@pytest.fixture
def font(require_fluidsynth) -> SoundFont:
    return find_sound_fonts()["TimGM6mb"]


@pytest.fixture(params=["guitar", "organ", "flute", "electric piano", "font"])
def source(request):
    return request.getfixturevalue("font") if request.param == "font" else request.param


def test_every_note_sounds_at_its_time_and_pitch(source, cents) -> None:
    y, sr = play(SCALE, source, sr=44100)
    assert np.abs(y).max() == pytest.approx(0.5, abs=1e-4)
    for onset, hz in zip(SCALE.onset, SCALE.hz, strict=True):
        note = y[round((onset + 0.02) * sr) : round((onset + 0.24) * sr)]
        assert abs(cents(note, hz, sr)) < 15  # recorded instruments are not tuned to the cent


def test_there_is_silence_before_the_first_note_and_after_the_last() -> None:
    audio = play(Notes([0.5], [1.0], [60]), Plucked(release=0.2), sr=8000)
    assert not audio.y[0, :4000].any() and np.abs(audio.y[0, 4000:4100]).max() > 0.05
    assert audio.duration == pytest.approx(1.2, abs=1e-3)
    assert abs(audio.y[0, -1]) < 1e-3


def test_a_piece_is_the_sum_of_its_notes() -> None:
    """For any batching: durations from 0.05 s to 30 s, some with bends."""
    rng = np.random.default_rng(0)
    onset, length = rng.uniform(0, 4, 12), rng.uniform(0.05, 2, 12)
    length[3] = 30.0
    bends = [
        np.array([[on, 0.0], [on + 0.1, 1.0]]) if i % 3 == 0 else [] for i, on in enumerate(onset)
    ]
    notes = Notes(onset, onset + length, rng.integers(40, 90, 12), bends=bends)
    whole = play(notes, "organ", sr=8000).y[0]
    parts = np.zeros(whole.size)
    for i in range(12):
        part = play(notes[[i]], "organ", sr=8000).y[0]
        parts[: part.size] += part  # all of one velocity, so of one peak
    parts *= 0.5 / np.abs(parts).max()
    np.testing.assert_allclose(whole, parts, atol=2e-4)


def test_notes_that_start_stop_and_bend_do_not_click() -> None:
    """Pure tones, twenty notes per second: the rest above 5 kHz is under -60 dB."""
    onset = np.arange(40) * 0.05
    bends = [[[on, 0.0], [on + 0.02, -2.0 if i % 2 else 2.0]] for i, on in enumerate(onset)]
    notes = Notes(onset, onset + 0.03, np.full(40, 57), bends=bends)
    y, sr = play(notes, Additive((1.0,), envelope=Held(0.005, 0.005, 0.8, 0.005)))
    spectra = np.abs(librosa.stft(y, n_fft=512, hop_length=64, window="blackmanharris"))
    high = librosa.fft_frequencies(sr=sr, n_fft=512) > 5000
    assert spectra[high].max() < 1e-3 * spectra.max()


@pytest.mark.parametrize("name", ["guitar", "flute"])
def test_the_result_depends_on_the_seed(name: str) -> None:
    first, again, other = (play(SCALE, name, seed=seed).y for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.allclose(first, other)


def test_a_bend_changes_the_sounding_pitch(cents) -> None:
    bend = [[[0.5, 0.0], [1.0, 2.0]]]
    y, sr = play(Notes([0.5], [1.5], [69], bends=bend), "clarinet")
    assert abs(cents(y[round(0.6 * sr) : round(0.98 * sr)], 440.0, sr)) < 2
    assert abs(cents(y[round(1.02 * sr) : round(1.48 * sr)], 440 * 2 ** (1 / 6), sr)) < 2


def test_the_pedal_holds_the_notes() -> None:
    """Until it goes up, at 1.8 s; the organ rings for another 0.06 s."""
    notes = Notes([0.0, 1.0, 2.5], [0.2, 1.2, 2.7], [60, 60, 67], pedal=[[0.1, 1.8, 0]])
    y, sr = play(notes, "organ")
    assert np.flatnonzero(y[: round(2.5 * sr)])[-1] / sr == pytest.approx(1.86, abs=1e-3)
    assert np.abs(y[round(0.8 * sr) : round(0.99 * sr)]).max() > 0.1  # long after key release
    # a repeated string does not ring twice: the second note is not louder than the first
    first, second = (np.abs(y[round(a * sr) : round((a + 0.2) * sr)]).max() for a in (0.5, 1.2))
    assert second == pytest.approx(first, rel=0.01)


def test_notes_above_nyquist_are_silent() -> None:
    assert not play(Notes([0.0], [0.5], [127]), "organ", sr=8000).y.any()
    both = play(Notes([0.0, 0.0], [0.5, 0.5], [127, 69]), "organ", sr=8000)
    np.testing.assert_allclose(both.y, play(Notes([0.0], [0.5], [69]), "organ", sr=8000).y)


def test_drums_ring_for_their_own_time() -> None:
    audio = play(Notes([0.0, 0.1], [0.01, 0.11], [49, 36], is_drum=True), DrumKit())
    assert 1.5 < audio.duration < 2.2


@pytest.mark.slow
def test_pieces_of_several_processes_are_in_order() -> None:
    pieces = [(SCALE[[i]], random_patch("fm", seed=i), i) for i in range(4)]
    together = list(play_all(pieces, sr=8000, n_jobs=2))
    for audio, (notes, source, seed) in zip(together, pieces, strict=True):
        np.testing.assert_allclose(audio.y, play(notes, source, sr=8000, seed=seed).y, atol=1e-6)


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_sound_fonts_play_in_several_processes(font, n_jobs: int) -> None:
    pieces = [(SCALE[:3], font, 0), (SCALE[3:], font, 0)]
    for audio, (notes, _, _) in zip(play_all(pieces, n_jobs=n_jobs), pieces, strict=True):
        assert np.array_equal(audio.y, play(notes, font).y)


def test_a_damaged_sound_font_gives_one_error_and_no_log(
    require_fluidsynth: None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "damaged.sf2"
    path.write_bytes(b"RIFF\x10\x00\x00\x00sfbkLIST\x04\x00\x00\x00INFO")
    with pytest.raises(AudioError, match=r"damaged\.sf2: FluidSynth cannot read it"):
        play(SCALE, SoundFont(path))
    assert capfd.readouterr().err == ""


def test_pretty_midis_font_is_what_render_plays(font) -> None:
    by_name = play(SCALE, "TimGM6mb")
    assert np.array_equal(by_name.y, play(SCALE, font).y)
    rendered = SCALE.render(synth="fluidsynth").y  # the same, with FluidSynth's reverb and chorus
    assert dsp.si_sdr(rendered[0], by_name.y[0]) > 20


def test_fonts_are_found_once_by_name(tmp_path: Path) -> None:
    path = find_sound_fonts()["TimGM6mb"].path
    shutil.copy(path, tmp_path / "Mine.sf2")
    (tmp_path / "default.sf2").symlink_to(tmp_path / "Mine.sf2")
    (tmp_path / "text.sf2").write_text("no font", "utf-8")
    fonts = find_sound_fonts(tmp_path)
    assert fonts["Mine"] == SoundFont(tmp_path / "Mine.sf2") and fonts["Mine"].name == "Mine"
    assert not {"default", "text", "default-GM"} & set(fonts)
    assert len({font.path for font in fonts.values()}) == len(fonts)


def test_an_invalid_font_gives_our_error(tmp_path: Path) -> None:
    (tmp_path / "text.sf2").write_text("no font", "utf-8")
    with pytest.raises(AudioError, match=r"text.sf2: is not a sound font"):
        SoundFont(tmp_path / "text.sf2")
    with pytest.raises(AudioError, match=r"missing.sf2: No such file"):
        SoundFont(tmp_path / "missing.sf2")


def test_a_damaged_font_gives_our_error(require_fluidsynth, tmp_path: Path) -> None:
    (tmp_path / "cut.sf2").write_bytes(b"RIFF\0\0\0\0sfbk and no more")
    with pytest.raises(AudioError, match=r"cut.sf2: FluidSynth cannot read it"):
        play(SCALE, SoundFont(tmp_path / "cut.sf2"))


def test_a_font_without_fluidsynth_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    font = find_sound_fonts()["TimGM6mb"]
    monkeypatch.setattr("mirlab.synthesis.soundfonts.has_fluidsynth", lambda: False)
    with pytest.raises(MissingPartError, match="libfluidsynth3"):
        play(SCALE, font)
    assert rendering.GET_FLUIDSYNTH


def test_bad_pieces_give_our_error() -> None:
    with pytest.raises(NotesError, match="no note"):
        play(Notes.empty(), "guitar")
    with pytest.raises(
        AudioError, match=r"source must be a patch \(organ, .*TimGM6mb.*, not 'zither'"
    ):
        play(SCALE, "zither")
    with pytest.raises(AudioError):
        play(SCALE, "guitar", sr=0)
    with pytest.raises(AudioError, match="seed must be an integer of 0 or more"):
        play(SCALE, "guitar", seed=-1)


def test_a_rate_that_fluidsynth_lacks_gives_our_error(font) -> None:
    with pytest.raises(AudioError, match=r"sr must lie in 8000\.\.96000 Hz, not 4000"):
        play(SCALE, font, sr=4000)


def test_play_returns_audio() -> None:
    audio = play(SCALE, "small kit")
    assert isinstance(audio, Audio) and audio.channels == 1
