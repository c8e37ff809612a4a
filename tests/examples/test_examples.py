"""The examples: their labels agree with the sound."""

import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import mir_eval
import numpy as np
import pytest

import mirlab
from mirlab import examples
from mirlab.core import Notes
from mirlab.examples import ExampleError

NAMES = examples.names()
SOLOS = {"wind": None, "bass": None, "song": "voice"}  # name: the stem with one voice
TONES = {  # semitones above the root
    "maj": {0, 4, 7},
    "min": {0, 3, 7},
    "7": {0, 4, 7, 10},
    "maj7": {0, 4, 7, 11},
    "min7": {0, 3, 7, 10},
}
ROOTS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def pitch_class(name):
    return (ROOTS[name[0]] + {"#": 1, "b": -1}.get(name[1:2], 0)) % 12


@pytest.fixture(params=NAMES)
def piece(request):
    return examples.load(request.param)


def test_there_are_twelve_small_examples():
    assert len(NAMES) >= 12
    assert list(NAMES) == sorted(NAMES)
    folder = Path(str(files(examples)))
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    assert size < 6e6


def test_the_sound_has_no_clipping_offset_or_clicks(piece):
    y, sr = piece.audio
    assert sr == 22050 and y.ndim == 1
    assert 15 < piece.audio.duration <= 20
    assert 20 * np.log10(np.abs(y).max()) == pytest.approx(-6, abs=0.1)
    assert np.abs(y[: int(0.25 * sr)]).max() < 1e-3  # begins in silence
    assert np.abs(y[-20:]).max() < 1e-3  # and ends there, without a click
    assert abs(y.mean()) < 1e-3


def test_stems_add_up_to_the_sound(piece):
    assert piece.stems
    np.testing.assert_array_equal(sum(stem.y for stem in piece.stems.values()), piece.audio.y)
    power = [np.sum(stem.y**2) / np.sum(piece.audio.y**2) for stem in piece.stems.values()]
    assert min(power) > 0.01  # none is silent
    assert piece.name != "song" or list(piece.stems) == ["voice", "piano", "bass", "drums"]


def test_the_labels_are_complete(piece):
    end = piece.audio.duration
    assert piece.title and re.search("mirlab", piece.source)
    assert piece.notes.onset.min() > 0.25
    assert piece.notes.duration < end
    assert piece.chords.intervals[0, 0] == 0
    assert piece.chords.intervals[-1, 1] == pytest.approx(end, abs=1e-4)
    np.testing.assert_array_equal(piece.chords.intervals[1:, 0], piece.chords.intervals[:-1, 1])
    for label in piece.chords.labels:
        mir_eval.chord.encode(label)  # raises for an unknown label
    bar, _ = piece.meter
    numbers = np.array(piece.beats.labels, int)
    np.testing.assert_array_equal(np.diff(numbers) % bar, np.ones(len(numbers) - 1) % bar)
    assert set(numbers) == set(range(1, bar + 1))
    np.testing.assert_allclose(piece.beats.intervals[1:, 0], piece.beats.intervals[:-1, 1])
    if piece.key is None:
        assert piece.notes.is_drum.all()
    else:
        assert re.fullmatch(r"[A-G][b#]? (major|minor)", piece.key)


def test_beats_are_those_of_the_tempo_map(piece):
    beats = piece.notes.tempo_map.beats(piece.beats.intervals[:, 0])
    np.testing.assert_allclose(beats, np.arange(1, beats.size + 1), atol=1e-3)
    assert 50 < piece.tempo < 190


def test_most_sounding_notes_belong_to_the_chord(piece):
    """Seconds of chord tones against seconds of all tones, under every chord but N."""
    tones = piece.notes[~piece.notes.is_drum]
    inside = total = 0.0
    for (start, end), label in zip(piece.chords.intervals, piece.chords.labels, strict=True):
        if label == "N":
            continue
        root, quality = label.split("/")[0].split(":")
        wanted = {(pitch_class(root) + step) % 12 for step in TONES[quality]}
        shared = np.minimum(tones.offset, end) - np.maximum(tones.onset, start)
        shared = np.clip(shared, 0, None)
        total += shared.sum()
        inside += shared[np.isin(tones.pitch % 12, list(wanted))].sum()
    if total:
        assert inside / total > 0.8
    else:
        assert piece.name in ("wind", "bass", "drums")


def test_most_notes_belong_to_the_key(piece):
    if piece.key is None:
        return
    tonic, mode = piece.key.split()
    steps = [0, 2, 4, 5, 7, 9, 11] if mode == "major" else [0, 2, 3, 5, 7, 8, 9, 10, 11]
    scale = [(pitch_class(tonic) + step) % 12 for step in steps]
    tones = piece.notes[~piece.notes.is_drum]
    assert np.mean(np.isin(tones.pitch % 12, scale)) > 0.85


def period(y, sr, hz):
    """The frequency within two semitones of `hz` whose period fits `y` best (autocorrelation)."""
    y = y - y.mean()
    spectrum = np.fft.rfft(y, 4 * y.size)
    fit = np.fft.irfft(np.abs(spectrum) ** 2)
    weight = np.arange(y.size, 0, -1)  # a later lag has fewer products
    low, high = int(sr / hz / 1.12), int(sr / hz * 1.12) + 2
    lags = np.arange(low, high + 1)
    values = fit[lags] / weight[lags]
    k = int(np.clip(values.argmax(), 1, values.size - 2))
    a, b, c = values[k - 1 : k + 2]
    return sr / (lags[k] + 0.5 * (a - c) / (a - 2 * b + c))


@pytest.mark.parametrize("name", SOLOS)
def test_the_sounding_pitch_is_the_written_one(name):
    """Of each note that lasts, by autocorrelation, its bend included."""
    piece = examples.load(name)
    y, sr = piece.stems[SOLOS[name]] if SOLOS[name] else piece.audio
    notes = piece.notes
    cents = []
    for i in np.flatnonzero(notes.offset - notes.onset > 0.3):
        if name == "song" and notes.program[i] != 53:
            continue
        start = notes.onset[i] + 0.12
        stop = min(start + max(0.06, 6 / notes.hz[i]), notes.offset[i])
        bend = 0.0
        if notes.bends is not None and len(notes.bends[i]):
            times, semitones = notes.bends[i].T
            bend = float(semitones[(times >= start) & (times <= stop)].mean())
        hz = notes.hz[i] * 2 ** (bend / 12)
        cents.append(1200 * np.log2(period(y[int(start * sr) : int(stop * sr)], sr, hz) / hz))
    assert len(cents) > 5
    assert abs(np.median(cents)) < 8
    assert np.quantile(np.abs(cents), 0.9) < 25


def test_vibrato_is_labelled():
    wind = examples.load("wind").notes
    assert wind.bends is not None
    longest = int(np.argmax(wind.offset - wind.onset))
    time, bend = wind.bends[longest][wind.bends[longest][:, 0] > wind.onset[longest] + 0.5].T
    assert 0.15 < np.abs(bend).max() < 0.4
    crossings = np.sum(np.diff(np.sign(bend)) != 0) / 2 / (time[-1] - time[0])
    assert crossings == pytest.approx(5.3, abs=0.6)


@pytest.mark.parametrize("name", ["piano", "guitar", "drums", "bass", "repeated"])
def test_sound_begins_where_notes_begin(name):
    """At the onsets of struck and plucked notes the spectrum rises, within 12 ms, not before."""
    piece = examples.load(name)
    y, sr = piece.audio
    hop, size = 64, 512
    frames = np.lib.stride_tricks.sliding_window_view(y, size)[::hop]
    power = np.log1p(1000 * np.abs(np.fft.rfft(frames * np.hanning(size))))
    flux = np.maximum(np.diff(power, axis=0), 0).sum(axis=1)
    times = (np.arange(flux.size) + 1) * hop / sr + size / 2 / sr
    onsets = np.unique(piece.notes.onset)
    alone = onsets[np.diff(onsets, prepend=-1) > 0.08]  # not the strings of a strummed chord
    near = np.array([flux[np.abs(times - t) < 0.02].max() for t in alone])
    assert np.median(near) > 2 * np.median(flux)
    late = [
        times[np.abs(times - t) < 0.03][flux[np.abs(times - t) < 0.03].argmax()] - t for t in alone
    ]
    assert abs(np.median(late)) < 0.012


def test_repeated_notes_reach_eleven_per_second():
    """Successive notes of one pitch, up to eleven per second."""
    notes = examples.load("repeated").notes
    tune = notes[notes.pitch >= 68]
    gaps = np.diff(tune.onset)[np.diff(tune.pitch) == 0]
    assert 1 / gaps.min() > 10
    assert 1 / gaps.max() < 4


def test_the_waltz_changes_its_tempo():
    lengths = examples.load("waltz").beats.durations
    assert lengths.max() / lengths.min() > 1.4


def test_an_unknown_name_gets_a_similar_one_proposed():
    with pytest.raises(
        ExampleError, match=r"no example 'quartett'; did you mean 'quartet'\?.*band"
    ):
        examples.load("quartett")
    with pytest.raises(ExampleError, match="There are band, bass"):
        examples.load("zzz")


def test_a_damaged_file_is_refused(tmp_path, monkeypatch):
    folder = Path(str(files(examples)))
    for path in folder.glob("bass.*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(examples, "files", lambda package: tmp_path)
    assert examples.load("bass").name == "bass"
    sound = tmp_path / "bass.flac"
    sound.write_bytes(sound.read_bytes()[:-1] + b"!")
    with pytest.raises(ExampleError, match=r"bass\.flac: is not the file that was shipped"):
        examples.load("bass")
    sound.unlink()
    with pytest.raises(ExampleError, match=r"bass\.flac: cannot be read"):
        examples.load("bass")


def test_display_has_a_player_and_chords():
    page = examples.load("song")._repr_html_()
    assert page.count("<audio") == 1
    assert "Auld Lang Syne" in page and "Bb:maj" in page
    assert "Chords" not in examples.load("drums")._repr_html_()


def test_every_piece_has_its_source():
    text = (files(examples) / "SOURCES.md").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\| `(\w+)` \|", text) == list(NAMES)


def test_nothing_is_loaded_before_it_is_used():
    code = (
        "import sys, mirlab; assert 'mirlab.examples' not in sys.modules; "
        "mirlab.examples.load('piano'); import json; print(json.dumps([*sys.modules]))"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert not {"music21", "fluidsynth", "librosa", "torch"} & set(json.loads(answer.stdout))


def test_render_is_public():
    assert mirlab.render(Notes([0], [0.5], [69]), synth="additive").sr == 22050
    assert {"examples", "render"} <= set(dir(mirlab))


@pytest.mark.parametrize("name", ["piano", "wind"])
def test_the_script_reproduces_the_examples(name, tmp_path, require_fluidsynth):
    """Another FluidSynth or libsndfile may differ slightly."""
    from data_scripts.make_examples import make
    from data_scripts.scores import PIECES

    make(next(piece for piece in PIECES if piece.name == name), tmp_path)
    shipped = json.loads((files(examples) / f"{name}.json").read_text(encoding="utf-8"))
    made = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert {k: v for k, v in made.items() if k != "stems"} == {
        k: v for k, v in shipped.items() if k != "stems"
    }
    old = examples.load(name).audio.y[0]
    new = mirlab.Audio.load(tmp_path / f"{name}.flac").y[0]
    assert new.size == old.size
    assert np.sum((new - old) ** 2) < 1e-3 * np.sum(old**2)
