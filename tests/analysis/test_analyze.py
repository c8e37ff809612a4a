"""`analyze`, from a sound to the files people open."""

import errno
import json
import multiprocessing
import os
import shutil
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
import soundfile

import mirlab
from mirlab.analysis import save_analysis, saving
from mirlab.analysis.analyze import TASKS
from mirlab.analysis.saving import CORRECTIONS, FILES
from mirlab.core import Audio, AudioError, AudioWarning, Notes, Segments
from mirlab.core.files import is_temporary, sweep_temporaries


@pytest.fixture(scope="module")
def song():
    """Twenty seconds at 100 bpm: broken chords of C, F, G, C; a drum accents the downbeats."""
    beat = 0.6
    rows = []
    for bar, root in enumerate([48, 53, 55, 48, 48, 53, 55, 48]):
        start = 0.3 + bar * 4 * beat
        rows += [(start, start + 3.9 * beat, root + step, 70) for step in (0, 4, 7)]
        for i in range(4):
            time = start + i * beat
            rows.append((time, time + 0.9 * beat, root + 12 + (0, 4, 7, 4)[i], 100))
            rows.append((time, time + 0.2, 36, 110 if i == 0 else 80))
    onset, offset, pitch, velocity = map(list, zip(*rows, strict=True))
    return Notes(onset, offset, pitch, velocity, is_drum=[p == 36 for p in pitch])


@pytest.fixture(scope="module")
def sound(song):
    return song.render(synth="additive")


@pytest.fixture(scope="module")
def analysis(sound):
    return mirlab.analyze(sound, name="my_song")


def test_chords_and_key_are_found(analysis):
    assert analysis.key == "C major"
    middles = [0.3 + (bar + 0.5) * 2.4 for bar in range(4)]
    assert analysis.chords.at(middles) == ["C:maj", "F:maj", "G:maj", "C:maj"]


def test_the_beats_are_found(analysis):
    assert analysis.tempo == pytest.approx(100, rel=0.02)
    ones = analysis.beats.intervals[[i for i, n in enumerate(analysis.beats.labels) if n == "1"], 0]
    np.testing.assert_allclose((ones[1:-1] - 0.3) % 2.4, 0.03, atol=0.06)


def test_sections_tile_the_piece_and_are_written(analysis, tmp_path):
    assert analysis.sections.intervals[0, 0] == 0
    assert analysis.sections.intervals[-1, 1] == pytest.approx(analysis.audio.duration)
    save_analysis(analysis, tmp_path)
    assert Segments.load(tmp_path / "sections.lab").labels == analysis.sections.labels
    rows = json.loads((tmp_path / "analysis.json").read_text("utf-8"))["sections"]
    assert [row["label"] for row in rows] == list(analysis.sections.labels)


def test_stems_add_up(analysis):
    total = analysis.stems["harmonic"] + analysis.stems["percussive"]
    np.testing.assert_allclose(total.y, analysis.audio.y, atol=1e-5)


def test_notes_have_the_tempo_of_the_song(analysis):
    assert analysis.notes.tempo_map.bpm[-1] == pytest.approx(100, rel=0.02)
    wanted = [60, 64, 67, 64]
    for i, pitch in enumerate(wanted):
        near = np.abs(analysis.notes.onset - (0.3 + 0.6 * i)) < 0.08
        assert pitch in analysis.notes.pitch[near]


def test_every_file_is_written_completely(analysis, tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    files, missing = save_analysis(analysis, tmp_path)
    assert missing == []
    assert {f.relative_to(tmp_path).as_posix() for f in files} == set(FILES) - {CORRECTIONS}
    everything = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert everything == {*FILES, "mine.txt"} - {CORRECTIONS}  # no temporary file is left
    midi = Notes.from_midi(tmp_path / "notes.mid")
    assert len(midi) == len(analysis.notes)
    assert midi.tempo_map.bpm[-1] == pytest.approx(100, rel=0.02)
    chords = Segments.load(tmp_path / "chords.lab", chords=True)
    assert chords.labels == analysis.chords.labels
    assert Segments.load(tmp_path / "key.lab").labels == ("C:major",)
    assert Audio.load(tmp_path / "stems" / "harmonic.flac").duration == analysis.audio.duration
    assert ET.parse(tmp_path / "score.musicxml").getroot().tag == "score-partwise"
    assert "my song" in (tmp_path / "score.svg").read_text()
    data = json.loads((tmp_path / "analysis.json").read_text())
    assert data["key"] == "C major" and len(data["notes"]) == len(midi)
    assert data["chords"][0]["start"] == 0
    assert (tmp_path / "spectrogram.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_an_analysis_has_a_display(analysis):
    html = analysis._repr_html_()
    assert html.count("<figure") == 3 and "C major" in html


def test_an_analysis_has_the_name_of_its_file(sound, tmp_path):
    calls = []
    path = sound.slice(0, 3).save(tmp_path / "tune.flac")
    found = mirlab.analyze(path, progress=lambda *report: calls.append(report))
    assert found.name == "tune"
    shares, tasks = zip(*calls, strict=True)
    assert list(dict.fromkeys(tasks))[:5] == list(TASKS)
    assert set(found.seconds) == {*TASKS, "sections", "total"}
    assert list(shares) == sorted(shares) and shares[-1] == 1


@pytest.mark.slow
def test_missing_packages_are_named_and_the_rest_is_written(sound, tmp_path, monkeypatch):
    short = sound.slice(0, 6)

    full = mirlab.analyze(short)
    save_analysis(full, tmp_path)
    monkeypatch.setitem(sys.modules, "verovio", None)
    files, missing = save_analysis(full, tmp_path)
    assert "score.svg" not in {f.name for f in files} and "score.musicxml" in {
        f.name for f in files
    }
    assert len(missing) == 1 and "mirlab[score]" in missing[0]
    assert not (tmp_path / "score.svg").exists()  # no outdated image beside a new score
    files, missing = save_analysis(replace(full, notes=None), tmp_path)
    assert missing == []
    assert {"chords.lab", "harmonic.flac", "spectrogram.png"} <= {f.name for f in files}
    assert not (tmp_path / "notes.mid").exists()


def a440(sr):
    return 0.4 * np.sin(2 * np.pi * 440 * np.arange(2 * sr) / sr)


def odd_sounds():
    sr = 22050
    tone = a440(sr)
    return {
        "silence": Audio(np.zeros(2 * sr), sr),
        "3 channels": Audio(np.tile(tone, (3, 1)), sr),
        "8 kHz": Audio(a440(8000), 8000),
        "192 kHz": Audio(a440(192000), 192000),
        "clipped": Audio(np.clip(8 * tone, -1, 1), sr),
        "DC-shifted": Audio(tone + 0.5, sr),
        "0.05 s": Audio(tone[: sr // 20], sr),
    }


@pytest.mark.parametrize("kind", odd_sounds())
def test_unusual_sounds_get_a_right_result(kind, tmp_path):
    sound = odd_sounds()[kind]
    found = mirlab.analyze(sound.save(tmp_path / "odd.wav"))
    files, _ = save_analysis(found, tmp_path / "out")
    assert "analysis.json" in {f.name for f in files}
    assert found.audio.duration == pytest.approx(sound.duration, abs=1e-3)
    assert sum(found.chords.durations) == pytest.approx(found.audio.duration)
    if kind == "silence":
        assert len(found.notes) == 0 and found.key is None and found.tempo is None
        assert found.chords.labels == ("N",)
    elif kind != "0.05 s":
        strongest = found.notes.pitch[np.argmax(found.notes.offset - found.notes.onset)]
        assert strongest == 69
        harmonic = np.sum(found.stems["harmonic"].y ** 2) / np.sum(found.audio.y**2)
        assert harmonic > 0.8


def test_one_sample_is_refused(tmp_path):
    path = Audio(np.array([0.5]), 22050).save(tmp_path / "one.wav")
    with pytest.raises(AudioError, match=r"one: lasts 0\.0000\d s, too short"):
        mirlab.analyze(path)


def test_a_truncated_file_is_analysed_with_a_warning(sound, tmp_path):
    data = sound.save(tmp_path / "a.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(data[: len(data) // 2])
    with pytest.warns(AudioWarning, match="is truncated"):
        found = mirlab.analyze(tmp_path / "cut.flac")
    assert 1 < found.audio.duration < sound.duration - 1


def test_an_unwritable_folder_is_named(analysis, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(AudioError, match="cannot be made"):
        save_analysis(analysis, tmp_path / "file" / "out")


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def saved(analysis, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    save_analysis(replace(analysis, name="old"), folder)
    return folder


@pytest.fixture
def old(saved, tmp_path):
    """What `tmp_path` contains: an analysis, and a file of somebody else."""
    shutil.copytree(saved, tmp_path, dirs_exist_ok=True)
    (tmp_path / "stems" / "remarks.txt").write_text("mine")
    return contents(tmp_path)


def disk_is_full(*args, **keywords):
    raise OSError(errno.ENOSPC, "")


@pytest.mark.parametrize("writer", ["save_spectrogram", "_save_score", "_write_text"])
def test_an_error_leaves_the_old_analysis_whole(analysis, tmp_path, old, monkeypatch, writer):
    monkeypatch.setattr(saving, writer, disk_is_full)
    with pytest.raises(AudioError, match="no space left") as error:
        save_analysis(replace(analysis, name="new"), tmp_path)
    assert ".mirlab-" not in str(error.value)
    assert contents(tmp_path) == old


def test_a_file_that_cannot_be_replaced_leaves_the_old_analysis_whole(analysis, tmp_path, old):
    del old[tmp_path / "notes.mid"]
    (tmp_path / "notes.mid").unlink()
    (tmp_path / "notes.mid").mkdir()
    with pytest.raises(AudioError, match=r"notes\.mid: is a folder"):
        save_analysis(replace(analysis, name="new"), tmp_path)
    assert contents(tmp_path) == old


@pytest.mark.skipif(sys.platform != "linux", reason="forks this process")
def test_a_killed_process_leaves_the_old_analysis_whole(analysis, tmp_path, old):
    process = multiprocessing.get_context("fork").Process(
        target=_save_and_die, args=(replace(analysis, name="new"), tmp_path)
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    half = [path for path in tmp_path.iterdir() if is_temporary(path.name)]
    assert len(half) == 1 and (half[0] / "stems/harmonic.flac").exists()
    assert {path: data for path, data in contents(tmp_path).items() if path in old} == old
    sweep_temporaries(tmp_path)
    assert contents(tmp_path) == old


def _save_and_die(analysis, folder):
    """Save in a process that ends when half of the files are written."""
    saving.save_spectrogram = lambda *args: os._exit(9)
    save_analysis(analysis, folder)


def test_a_new_analysis_replaces_the_old(analysis, tmp_path, old):
    (tmp_path / "notes.mid").chmod(0o600)
    save_analysis(replace(analysis, name="new"), tmp_path)
    new = contents(tmp_path)
    assert set(new) == set(old) and (tmp_path / "stems/remarks.txt").read_text() == "mine"
    assert json.loads(new[tmp_path / "analysis.json"])["name"] == "new"
    assert (tmp_path / "notes.mid").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "chords.lab").stat().st_mode & 0o077


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("minutes", [12, pytest.param(180, marks=pytest.mark.long)])
def test_sounds_of_many_minutes_are_analysed(tmp_path, minutes):
    """A tone of one second in every minute of silence; each is found."""
    sr = 8000
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(sr) / sr)
    minute = np.r_[tone, np.zeros(59 * sr)].astype(np.float32)
    with soundfile.SoundFile(tmp_path / "long.flac", "w", sr, 1) as file:
        for _ in range(minutes):
            file.write(minute)
    found = mirlab.analyze(tmp_path / "long.flac")
    assert found.audio.duration == pytest.approx(60 * minutes, abs=0.01)
    starts = np.sort(found.notes.onset[found.notes.pitch == 69])
    missed = [m for m in range(minutes) if np.abs(starts - 60 * m).min() > 0.1]
    assert not missed
