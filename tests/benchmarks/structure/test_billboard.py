"""The benchmark of sections: its reader and its scores."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.structure import billboard
from mirlab.core import Segments

FORM = """# title: x
# tonic: C

0.0\tsilence
0.5\tA, intro, | C:maj | x4
30\tB', chorus, | F:maj |
60\t| G:maj |
80\tA, verse, | C:maj |, (voice
119.5\tsilence
120\tend
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three songs of two minutes, two of which are the same song."""
    data = tmp_path / "billboard_chords"
    data.mkdir()
    names = ["1", "2", "3"]
    (data / "salami_chords.json").write_text(json.dumps(dict.fromkeys(names, FORM)), "utf-8")
    rows = ["id,title,artist", "1,a,x", "2,a,x", "3,b,x"]
    (data / "tracks.csv").write_text("\n".join(rows) + "\n", "utf-8")
    rng = np.random.default_rng(0)
    chroma = {name: rng.integers(0, 200, (1292, 24)).astype(np.uint8) for name in names}
    np.savez(data / "bothchroma_u8_150.npz", **chroma)
    return tmp_path


def test_a_form_is_read_with_its_silence_and_without_primes() -> None:
    form = billboard.parse_form(FORM)
    assert form.labels == ("silence", "A", "B", "A", "silence")
    assert form.intervals[:, 0].tolist() == [0, 0.5, 30, 80, 119.5]


def test_versions_of_one_song_are_in_one_half(folder: Path) -> None:
    found = billboard.songs(folder)
    assert [song.set for song in found] == ["chosen", "chosen", "held out"]
    assert all(song.chroma.shape == (24, 1292) for song in found)


def test_the_upper_bound_finds_every_boundary_and_one_section_none(folder: Path) -> None:
    song = billboard.songs(folder)[0]
    rows = billboard.sections_of(song)
    scores = {row: billboard.section_scores(song.sections, rows[row]) for row in rows}
    assert scores["ceiling"]["f3"] == pytest.approx(1)
    assert scores["one section"]["f3"] == 0
    assert scores["ceiling"]["pairwise_f"] > 0.98


def test_scores_of_a_late_boundary() -> None:
    true = Segments([(0, 20), (20, 40)], ["A", "B"])
    late = Segments([(0, 22), (22, 40)], ["A", "B"])
    found = billboard.section_scores(true, late)
    assert (found["f05"], found["f3"], found["f3_with_ends"]) == (0, 1, 1)


def test_without_the_folder_it_prints_one_line_and_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MIRLAB_TRAIN", raising=False)
    monkeypatch.setattr(sys, "argv", ["billboard"])
    assert billboard.main() == 1
    assert "MIRLAB_TRAIN" in capsys.readouterr().err
