"""The readers of the development sets, on small synthetic folders with the same pitfalls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.recordings import beat_recordings, chord_recordings, data_folder, note_recordings
from mirlab.core.errors import MirlabError

# Contents of the folders; sounds are empty files, because reading the labels does not open them.
FILES = {
    "piano_maps_disklavier/audio/MAPS_MUS-tune_ENSTDkCl.flac": "",
    "piano_maps_disklavier/notes/MAPS_MUS-tune_ENSTDkCl.tsv": (
        "# onset,offset,note,velocity\n"
        "1.500000\t2.000000\t64.000000\t70.000000\n"
        "0.500000\t1.250000\t60.000000\t58.000000\n"
    ),
    "piano_maps_disklavier/chords/MAPS_MUS-tune_ENSTDkCl.lab": (
        "0.0000\t0.5000\tN\n0.5000\t2.0000\tDb:maj/3\n"
    ),
    "piano_maps_disklavier/keys/MAPS_MUS-tune_ENSTDkCl.lab": (
        "0.5\t3.0\tDb:maj\n3.0\t6.0\tF:min\n6.0\t9.0\tDb:maj\n"
    ),
    "piano_maps_disklavier/beats/MAPS_MUS-tune_ENSTDkCl.beats": "0.5\t1\n1.0\t2\n1.5\t3\n",
    "piano_smd_chopin/Piece_SMD.mp3": "",
    "piano_smd_chopin/Piece_SMD.csv": (
        '"Start";"Duration";"Pitch";"Velocity";"Instrument"\n2.0;0.5;64;0.5;"lh"\n'
    ),
    "violin_bach/audio/player_bwv1.mp3": "",
    "violin_bach/notes/player_bwv1.csv": "start,end,pitch,score_onset_ticks24\n1.5,1.75,71,0\n",
    "voice_vocadito/vocadito_1.flac": "",
    "voice_vocadito/vocadito_1_f0.csv": "0.0,0.0\n",
    "voice_vocadito/vocadito_1_notesA1.csv": "0.5,442.0,0.25\n",
    "voice_vocadito/vocadito_1_notesA2.csv": "0.5,466.2,0.25\n",
    "stems_urmp/01_Jupiter/mixture.flac": "",
    "stems_urmp/01_Jupiter/AuSep_1_vn.notes.csv": (
        "onset,offset,midi,frame_agreement\n0.74,1.18,61,1.00\n"
    ),
    "stems_urmp/01_Jupiter/AuSep_2_vc.notes.csv": (
        "onset,offset,midi,frame_agreement\n0.25,1.00,50,0.98\n"
    ),
    "lied_winterreise/Song.flac": "",
    "lied_winterreise/Song.chords.lab": "0.7\t1.92\tF:min\n1.92\t3\tA#:min/5\n3\t4\tF:min\n",
    "lied_winterreise/Song.majmin.lab": "0.7\t4\tF:min\n",
    "lied_winterreise/Song.measures.csv": "start;measure\n1.0;1\n2.0;2\n3.5;3\n5.0;3.999\n",
    "beats_smd/Sonata-SMD189.wav": "",
    "beats_smd/Sonata-SMD189_eighth.csv": "0.5\n1.0\n1.5\n",
    "beats_smd/Sonata-SMD189_quarter.csv": "0.5\n1.5\n2.5\n3.5\n",
    "beats_smd/Sonata-SMD189_measure.csv": "1.5\n3.5\n",
    "beats_smd/Song-SMD126.wav": "",
    "beats_smd/Song-SMD126.csv": "1.0\n2.0\n",
    "beats_smd/BRID_0001.wav": "",
    "beats_smd/BRID_0001.beats": "0.025\t2\n0.760\t1\n",
    "stems_everythingisfree/Lithium/mixture.flac": "",
    "stems_everythingisfree/Lithium/beats.txt": "0.0000\t1\n0.4839\t2\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with every set, one or two recordings each."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_notes_of_every_set(folder: Path) -> None:
    found = {recording.set: recording for recording in note_recordings(folder)}
    assert list(found) == [
        "piano_maps_disklavier",
        "piano_smd_chopin",
        "violin_bach",
        "voice_vocadito",
        "stems_urmp",
    ]
    piano = found["piano_maps_disklavier"]
    assert piano.name == "tune"
    assert piano.audio.is_file()
    assert piano.notes.intervals.tolist() == [[0.5, 1.25], [1.5, 2.0]]
    assert piano.notes.pitch.tolist() == [60, 64]
    assert piano.notes.velocity.tolist() == [58, 70]
    chopin = found["piano_smd_chopin"].notes
    assert chopin.intervals.tolist() == [[2.0, 2.5]]  # the file has start and duration
    assert chopin.velocity.tolist() == [64]  # and velocity as 0..1
    assert found["violin_bach"].notes.intervals.tolist() == [[1.5, 1.75]]
    strings = found["stems_urmp"]
    assert strings.audio.name == "mixture.flac"
    assert strings.notes.pitch.tolist() == [50, 61]  # both parts


def test_only_the_violin_is_scored_at_100_ms(folder: Path) -> None:
    tolerances = {r.set: r.onset_tolerance for r in note_recordings(folder)}
    assert tolerances.pop("violin_bach") == 0.1
    assert set(tolerances.values()) == {0.05}


def test_sung_pitches_are_hertz_and_there_are_two_annotators(folder: Path) -> None:
    voice = next(r for r in note_recordings(folder) if r.set == "voice_vocadito")
    assert voice.notes.pitch.tolist() == [69]  # 442 Hz is 8 cents above A4
    assert voice.notes.intervals.tolist() == [[0.5, 0.75]]
    assert voice.second is not None
    assert voice.second.pitch.tolist() == [70]


def test_chords_and_keys(folder: Path) -> None:
    piano, song = chord_recordings(folder)
    assert piano.chords.labels == ("N", "Db:maj/3")
    assert piano.key == "Db major"  # 5.5 s in all, F minor 3 s
    assert song.name == "Song"
    assert song.chords.labels[1] == "A#:min/5"
    assert song.key == "F minor"


def test_beats(folder: Path) -> None:
    found = {recording.name: recording for recording in beat_recordings(folder)}
    assert set(found) == {"tune", "Sonata-SMD189", "Song-SMD126", "Song", "Lithium"}
    assert found["tune"].beats.tolist() == [0.5, 1.0, 1.5]
    assert found["tune"].key == "Db major"
    assert found["Sonata-SMD189"].beats.tolist() == [0.5, 1.5, 2.5, 3.5]  # quarters, not eighths
    assert found["Sonata-SMD189"].key is None
    assert found["Lithium"].key == "G minor"
    assert [name for name, recording in found.items() if recording.only_bars] == ["Song"]


def test_bars(folder: Path) -> None:
    found = {recording.name: recording.bars for recording in beat_recordings(folder)}
    labels = {name: bars and bars.labels for name, bars in found.items()}
    assert labels == {
        "tune": ("1", "2", "3"),
        "Sonata-SMD189": ("2", "1", "2", "1"),  # of the file with the bars
        "Song-SMD126": None,
        "Song": ("1", "2", "1", "2", "1"),  # the last time is the end of the bar
        "Lithium": ("1", "2"),
    }
    assert found["Song"].intervals.tolist() == [
        [1, 1.5],
        [1.5, 2],
        [2, 2.75],
        [2.75, 3.5],
        [3.5, 4.25],
    ]


@pytest.mark.parametrize("name", ["violin_bach/notes/player_bwv1.csv", "violin_bach/audio"])
def test_a_missing_file_or_set_is_an_error_that_names_it(folder: Path, name: str) -> None:
    (folder / name).rename(folder / "elsewhere")
    with pytest.raises(MirlabError, match=name.split("/")[1]):
        note_recordings(folder)


@pytest.mark.parametrize("text", ["1.5,1.75,71\n2.0,x,72\n", "1.5,1.75\n", "start,end\n", ""])
def test_invalid_labels_are_an_error_that_names_the_file(folder: Path, text: str) -> None:
    (folder / "violin_bach/notes/player_bwv1.csv").write_text(text)
    with pytest.raises(MirlabError, match=r"player_bwv1\.csv"):
        note_recordings(folder)


def test_without_the_folder_the_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MIRLAB_DATA", raising=False)
    with pytest.raises(MirlabError, match="set MIRLAB_DATA"):
        data_folder()
    monkeypatch.setenv("MIRLAB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(MirlabError, match="no such folder"):
        data_folder()
    monkeypatch.setenv("MIRLAB_DATA", str(tmp_path))
    assert data_folder() == tmp_path


def test_every_number_is_read_unchanged(folder: Path) -> None:
    path = folder / "beats_smd/Song-SMD126.csv"
    times = np.round(np.random.default_rng(0).uniform(0, 100, 50).cumsum(), 9)
    path.write_text("".join(f"{t:.9f}\n" for t in times))
    found = next(r for r in beat_recordings(folder) if r.name == "Song-SMD126")
    assert found.beats.tolist() == times.tolist()
