"""The pages around the chapters: glossary, library, status, the short analysis."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import nbformat
import pytest
from api_pages import public_name
from run_pages import in_order, when_and_how_long

import mirlab
from mirlab import examples

# Rooms without a page: the command line, and `core`, whose names are on the page of `mirlab`.
INSIDE = {"cli", "core"}
EXAMPLES = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def terms(root: Path) -> list[str]:
    glossary = (root / "book/chapters/glossary.md").read_text("utf-8")
    return re.findall(r"(?m)^### (.+)$", glossary)


def test_the_glossary_is_alphabetical_and_says_enough(root: Path) -> None:
    words = [term.lower() for term in terms(root)]
    assert len(words) == len(set(words)) >= 40
    assert words == sorted(words)


def test_every_letter_of_the_glossary_stands_under_its_heading(root: Path) -> None:
    glossary = (root / "book/chapters/glossary.md").read_text("utf-8")
    for first, last, below in re.findall(r"(?ms)^## (\w) to (\w)$(.*?)(?=^## |\Z)", glossary):
        for term in re.findall(r"(?m)^### (.+)$", below):
            assert first <= term[0].upper() <= last, term


def test_links_between_terms_lead_to_terms(root: Path) -> None:
    anchors = {term.lower().replace(" ", "-") for term in terms(root)}
    for page in (root / "book/chapters").glob("*.md"):
        here = r"#" if page.stem == "glossary" else r"glossary\.ipynb#"
        for target in re.findall(rf"\]\({here}([^)]+)\)", page.read_text("utf-8")):
            assert target in anchors, f"{page.name}: {target}"


def section_anchors(page: str) -> set[str]:
    """The anchors that the book gives the headings of a page, as GitHub writes them."""
    prose = re.sub(r"(?ms)^```.*?^```", "", page)
    titles = re.findall(r"(?m)^#{1,3} (.+)$", prose)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_to_sections_lead_to_headings(root: Path) -> None:
    pages = sorted((root / "book").glob("*.md")) + sorted((root / "book/chapters").glob("*.md"))
    sections = {page.stem: section_anchors(page.read_text("utf-8")) for page in pages}
    for page in pages:
        text = page.read_text("utf-8")
        for target, anchor in re.findall(r"\]\((?:[\w./]*?)(\w+)\.(?:ipynb|md)#([^)]+)\)", text):
            assert anchor in sections[target], f"{page.name}: {target}#{anchor}"


def test_other_courses_lessons_are_on_their_page(root: Path) -> None:
    page = (root / "book/lessons_map.md").read_text("utf-8")
    parts = re.split(r"(?m)^## ", page)[1:4]
    for part, rows in zip(parts, (15, 30, 7), strict=True):
        lines = [line for line in part.splitlines() if line.startswith("| ")][1:]
        assert len(lines) >= rows, part[:40]
        for line in lines:
            lesson, here, missing = (cell.strip() for cell in line.strip("|").split("|"))
            assert here or missing, lesson


def test_the_analysis_in_twenty_lines_has_twenty_lines(root: Path) -> None:
    book = nbformat.read(root / "notebooks/twenty_lines.ipynb", as_version=4)
    first = next(cell for cell in book.cells if cell.cell_type == "code")
    lines = [line for line in first.source.splitlines() if line.strip()]
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 80  # what a page shows without scrolling


def test_the_model_in_sixty_lines_has_sixty_lines(root: Path) -> None:
    book = nbformat.read(root / "notebooks/own_model.ipynb", as_version=4)
    cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
    until = next(i for i, cell in enumerate(cells) if "register_model(" in cell)
    needed = [cell for cell in cells[: until + 1] if ".player(" not in cell]
    lines = [line for cell in needed for line in cell.splitlines() if line.strip()]
    assert len(lines) <= 60


def test_every_room_has_its_page(root: Path) -> None:
    rooms = {path.parent.name for path in (root / "mirlab").glob("*/__init__.py")} - INSIDE
    rooms.add("notebook")  # a single file
    pages = {path.stem for path in (root / "book/api").glob("*.md")} - {"index", "mirlab"}
    assert pages == rooms
    listed = (root / "book/_toc.yml").read_text("utf-8")
    for room in rooms:
        page = (root / f"book/api/{room}.md").read_text("utf-8")
        assert f".. automodule:: mirlab.{room}\n" in page
        assert f"book/api/{room}\n" in listed


@pytest.mark.parametrize(
    "room",
    [
        "analysis",
        "check",
        "chords",
        "composer",
        "dsp",
        "evaluation",
        "examples",
        "learning",
        pytest.param("mirlab", marks=pytest.mark.slow),
        "notebook",
        "pitch",
        "report",
        "rhythm",
        "score",
        "separation",
        "spectra",
        "structure",
        "synthesis",
        "transcription",
        "widgets",
    ],
)
def test_what_the_librarys_pages_promise_is_so(root: Path, room: str) -> None:
    page = root / f"book/api/{room}.md"
    # the code alone: the fences of MyST are no Python
    code = "\n".join(re.findall(r"(?s)```python\n(.*?)```", page.read_text("utf-8")))
    parsed = doctest.DocTestParser().get_doctest(code, {}, page.name, str(page), 0)
    result = doctest.DocTestRunner(optionflags=EXAMPLES).run(parsed)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.slow
def test_the_recipes_of_the_library_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (root / "book/api/index.md").read_text("utf-8")
    recipes = re.findall(r"(?m)^\| \[[^|]+\| `([^`]+)` \|", page)
    assert len(recipes) >= 12
    piece = examples.load("guitar")
    monkeypatch.chdir(tmp_path)
    names = {"mirlab": mirlab, "song": piece.audio.slice(0, 4), "true_notes": piece.notes}
    for module in ("chords", "composer", "evaluation", "report", "score", "synthesis"):
        names[module] = importlib.import_module(f"mirlab.{module}")
    for recipe in recipes:
        exec(recipe, names)
    for name in ("results", "song.html", "song.mid", "song.musicxml"):
        assert (tmp_path / name).exists(), name


def test_names_in_docstrings_find_what_they_name() -> None:
    documented = {
        "mirlab.Audio": "class",
        "mirlab.Audio.save": "method",
        "mirlab.Notes": "class",
        "mirlab.Notes.save": "method",
        "mirlab.dsp.window": "function",
        "numpy.Audio": "class",
    }
    assert public_name("Audio", documented) == "mirlab.Audio"
    assert public_name("mirlab.core.audio.Audio", documented) == "mirlab.Audio"
    assert public_name("Notes.save", documented) == "mirlab.Notes.save"
    assert public_name("window()", documented) == "mirlab.dsp.window"
    assert public_name("save", documented) is None  # a word, not the name of one thing
    assert public_name("sr", documented) is None


def test_pages_are_listed_as_the_contents_have_them() -> None:
    includes = {"index": ["a", "b"], "a": ["c"]}
    assert list(in_order(includes, "index")) == ["index", "a", "c", "b"]
    assert when_and_how_long(86400.0, None) == ("1970-01-02 00:00 UTC", "")
