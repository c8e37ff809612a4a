"""The index of several reports: it lists every analysis, and names what it cannot read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirlab import report
from mirlab.analysis import save_analysis
from mirlab.report import (
    ReportError,
    save_index,
)
from tests.report.pieces import Links, piece, words


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder with two analysed pieces, one of them with a report."""
    for name, made in (
        ("b & <c>", piece(name="b & <c>", count=20)),
        ("a", piece(name="a", count=0, key=None)),
    ):
        save_analysis(made, tmp_path / name)
    (tmp_path / "b & <c>" / "report.html").write_text("here")
    return tmp_path


def test_the_index_lists_every_piece(songs: Path) -> None:
    path, problems = save_index(songs)
    assert path == songs / "index.html"
    assert problems == [f"{songs / 'a'}: has no report.html; run `mirlab analyze` to make it"]
    page = path.read_text("utf-8")
    found = Links(page)
    linked = [t for t in found.targets if not t.startswith("data:")]
    assert linked == [
        "a/spectrogram.png",
        "b%20%26%20%3Cc%3E/report.html",
        "b%20%26%20%3Cc%3E/spectrogram.png",
    ]
    text = words(page)
    assert "2 pieces, 0:17 in all" in text
    assert "a 0:06 none none 0 2" in text and "b & <c> 0:11 F major 120 20 2" in text
    save_index(songs)  # it may replace its own page
    assert path.read_text("utf-8") == page


def analysis_json(**change: object) -> str:
    """An `analysis.json` as small as the index takes it, with other values."""
    data = {"name": "a", "duration": 1, "key": None, "tempo_bpm": 90, "notes": None, "chords": []}
    return json.dumps(data | change)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"name": "x", "duration": "long"}',
        "[" * 100_000,
        *(analysis_json(duration=value) for value in (float("nan"), float("inf"), -5, 10**400)),
        *(analysis_json(tempo_bpm=value) for value in (float("nan"), float("inf"), -1, 0, "90")),
        analysis_json(name="\ud800"),
        analysis_json(chords=[{"label": 5}]),
        analysis_json(notes="many"),
    ],
)
def test_a_broken_analysis_is_named_and_the_others_are_listed(songs: Path, broken: str) -> None:
    (songs / "z").mkdir()
    (songs / "z" / "analysis.json").write_text(broken)
    path, problems = save_index(songs)
    assert len(problems) == 2
    assert problems[0].startswith(f"{songs / 'z' / 'analysis.json'}: is not the analysis.json")
    assert "2 pieces" in path.read_text("utf-8")


def test_folders_without_songs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="there is no such folder"):
        save_index(tmp_path / "none")
    with pytest.raises(ReportError, match="contains no folder with an analysis"):
        save_index(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="is not a folder"):
        save_index(tmp_path / "file")
    save_analysis(piece(), tmp_path / "songs" / "one")
    with pytest.raises(ReportError, match="give the folder that contains it"):
        save_index(tmp_path / "songs" / "one")
    (tmp_path / "songs" / "one" / "analysis.json").write_text("")
    with pytest.raises(ReportError, match=r"one/analysis\.json: is not"):
        save_index(tmp_path / "songs")
    assert not (tmp_path / "songs" / "index.html").exists()


def test_a_page_that_mirlab_did_not_write_is_not_overwritten(songs: Path) -> None:
    (songs / "index.html").write_text("my home page")
    assert not report.has_index(songs)
    with pytest.raises(ReportError, match="was not made by mirlab"):
        save_index(songs)
    assert (songs / "index.html").read_text() == "my home page"
