"""The engraved score: complete, one labelled SVG, and clear errors."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from mirlab.core.errors import MissingPartError, NotesError
from mirlab.core.notes import Notes
from mirlab.core.tempo import TempoMap
from mirlab.score.engraving import PrintedScore, engrave
from mirlab.score.musicxml import write_musicxml

SVG = "{http://www.w3.org/2000/svg}"
ALL_MY_LITTLE_DUCKLINGS = [60, 62, 64, 65, 67, 67, 69, 69, 69, 69, 67]
BEATS = [1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 4]


def ducklings(path: Path, *, repeats: int = 1, title: str = "") -> Path:
    """A well-known melody above one bass note per bar, as MusicXML."""
    lengths = np.tile(BEATS, repeats)
    ends = np.cumsum(lengths)
    bass = np.arange(0, ends[-1], 4)
    notes = Notes(
        np.r_[ends - lengths, bass],
        np.r_[ends, bass + 4],
        np.r_[np.tile(ALL_MY_LITTLE_DUCKLINGS, repeats), np.full(bass.size, 36)],
        tempo_map=TempoMap([0.0], [60.0]),
    )
    return write_musicxml(notes, path, title=title)


def drawn(svg: str, kind: str) -> int:
    """Number of elements of a class in the image."""
    return len(re.findall(rf'class="{kind}"', svg))


def test_all_notes_of_the_tune_are_engraved(tmp_path: Path) -> None:
    svg = engrave(ducklings(tmp_path / "tune.musicxml"))
    assert drawn(svg, "notehead") == 11 + 4
    assert drawn(svg, "measure") == 4
    assert drawn(svg, "clef") == 2
    assert drawn(svg, "tempo") == 1
    assert drawn(svg, "rest") == 0


def test_a_tied_note_has_two_heads(tmp_path: Path) -> None:
    notes = Notes([3.0], [5.0], [67], tempo_map=TempoMap([0.0], [60.0]))
    svg = engrave(write_musicxml(notes, tmp_path / "tie.musicxml"))
    assert drawn(svg, "notehead") == 2
    assert drawn(svg, "tie") == 1


def test_path_and_text_give_the_same_image(tmp_path: Path) -> None:
    path = ducklings(tmp_path / "tune.musicxml")
    assert engrave(path) == engrave(str(path)) == engrave(path.read_text(encoding="utf-8"))


def test_it_is_one_labelled_svg_on_white(tmp_path: Path) -> None:
    path = ducklings(tmp_path / "tune.musicxml", title='Alle meine "Entchen" & Co.')
    root = ElementTree.fromstring(engrave(path))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Score: Alle meine "Entchen" & Co.'
    ground = root.find(f"{SVG}rect")
    assert ground is not None
    assert (ground.get("fill"), ground.get("height")) == ("white", root.get("height"))


@pytest.mark.slow
def test_pages_are_stacked(tmp_path: Path) -> None:
    svg = engrave(ducklings(tmp_path / "long.musicxml", repeats=220))
    root = ElementTree.fromstring(svg)
    pages = root.findall(f"{SVG}svg")
    assert len(pages) > 1
    heights = [int(page.get("height", "").removesuffix("px")) for page in pages]
    assert [int(page.get("y", "")) for page in pages] == [0, *np.cumsum(heights)[:-1]]
    assert root.get("height") == str(sum(heights))
    assert drawn(svg, "notehead") == 220 * 15


def test_printed_pages_have_the_same_music(tmp_path: Path) -> None:
    path = ducklings(tmp_path / "long.musicxml", repeats=40, title="Ducks")
    pages = list(PrintedScore(path).pages())
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        root = ElementTree.fromstring(page)
        assert root.get("aria-label") == f"Score: Ducks, page {number}"
        height, width = int(root.get("height", "")), int(root.get("width", ""))
        assert height <= 297 / 210 * width + 1  # of A4
    assert sum(drawn(page, "notehead") for page in pages) == 40 * 15
    with pytest.raises(NotesError, match="holds no score"):
        next(PrintedScore("<score-partwise/>").pages())


def test_no_notes_give_a_bar_of_rest(tmp_path: Path) -> None:
    notes = Notes.empty(tempo_map=TempoMap([0.0], [60.0]))
    svg = engrave(write_musicxml(notes, tmp_path / "empty.musicxml"))
    assert (drawn(svg, "notehead"), drawn(svg, "mRest")) == (0, 1)


def with_number(path: Path, element: str, number: str) -> str:
    """A score with another number in the first element of a kind."""
    text = ducklings(path / "tune.musicxml").read_text("utf-8")
    changed = re.sub(rf"(<{element}>)[^<]+", rf"\g<1>{number}", text, count=1)
    assert changed != text
    return changed


@pytest.mark.parametrize("number", ["9" * 400, "-1e10", "1e999", "nan", "", "four"])
@pytest.mark.parametrize("element", ["staff", "divisions", "octave", "duration", "fifths"])
def test_absurd_numbers_are_refused(tmp_path: Path, element: str, number: str) -> None:
    """With some of these, verovio ends the process that calls it."""
    with pytest.raises(NotesError, match=f"<{element}> cannot be"):
        engrave(with_number(tmp_path, element, number))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE s [<!ENTITY a "b">]><score-partwise>&a;</score-partwise>', "declares entities"),
        ('<!DOCTYPE s [<!ENTITY a SYSTEM "/etc/passwd">]><score-partwise/>', "declares entities"),
        ("<score-partwise>" * 60, "more than 50 elements in each other"),
        ("<score-partwise>\x00</score-partwise>", "is not XML"),
        ("<score-partwise>\ud800</score-partwise>", "not valid text"),
        ("<score-partwise><part></score-partwise>", "is not XML"),
    ],
)
def test_hostile_xml_is_refused(text: str, reason: str) -> None:
    with pytest.raises(NotesError, match=reason):
        engrave(text)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("raise MemoryError", "exit code 1"),
        ("import time; time.sleep(30)", "did not finish"),
    ],
)
def test_a_score_that_brings_verovio_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    child = tmp_path / "child.py"
    child.write_text(code)
    monkeypatch.setattr("mirlab.score.verovio_child.__file__", str(child))
    monkeypatch.setattr("mirlab.score.engraving.MAX_SECONDS", 1.0)
    with pytest.raises(NotesError, match=rf"tune\.musicxml: verovio .*{reason}"):
        engrave(ducklings(tmp_path / "tune.musicxml"))


def test_a_declared_document_type_is_read(tmp_path: Path) -> None:
    """Most programs write one; it is not fetched."""
    path = ducklings(tmp_path / "tune.musicxml")
    kind = '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "x.dtd">'
    text = path.read_text("utf-8").replace("<score-partwise", f"{kind}\n<score-partwise", 1)
    assert engrave(text) == engrave(path)


@pytest.mark.parametrize("text", ["<html><body>no</body></html>", "<", "<score-partwise/>"])
def test_an_invalid_score_is_refused(text: str) -> None:
    with pytest.raises(NotesError, match="holds no score"):
        engrave(text)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotesError, match=r"nothing\.musicxml: cannot be read"):
        engrave(tmp_path / "nothing.musicxml")
    (tmp_path / "sound.musicxml").write_bytes(bytes(range(256)))
    with pytest.raises(NotesError, match=r"sound\.musicxml: is not MusicXML"):
        engrave(tmp_path / "sound.musicxml")


def test_nothing_is_printed_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotesError):
        engrave("<score-partwise/>")
    assert capfd.readouterr() == ("", "")


def test_without_verovio_the_error_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ducklings(tmp_path / "tune.musicxml")
    monkeypatch.setitem(sys.modules, "verovio", None)
    with pytest.raises(MissingPartError, match=r'pip install "mirlab\[score\]"'):
        engrave(path)
