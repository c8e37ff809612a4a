"""Lists are whole: every chapter and every widget is named where readers look for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import WIDGETS, chapters, package, title, toc_pages, widget_calls

TOUR = "00_tour"


def unnamed_chapter(root: Path, chapter: str) -> list[str]:
    """What is still to be written for a chapter, `NN_SLUG`, a line a file."""
    number, _, _ = chapter.partition("_")
    wanted = {
        "book/_toc.yml": f"- file: notebooks/{chapter}\n",
        "book/index.md": f"](../notebooks/{chapter}.ipynb)",
        "book/teaching.md": f"\n## Chapter {int(number)}: ",
        "README.md": f"(chapter {int(number)})",
        f"mirlab/check/ch{number}.py": f"def ch{number}_",
        f"tests/check/test_ch{number}.py": "def test_",
    }
    if chapter != TOUR:
        wanted[f"book/chapters/{TOUR}.md"] = f"]({chapter}.ipynb)"
    return missing(root, wanted)


def unnamed_widget(root: Path, widget: str) -> list[str]:
    """What is still to be written for a widget, given by its class, a line a file."""
    name = package(widget)
    wanted = {
        "README.md": f"`{widget}`",
        f"tests/widgets/test_{name}.py": widget,
        f"tests/widgets/{name}.ipynb": widget,
        f"tests/browser/test_{name}.py": "def test_",
    }
    return missing(root, wanted)


def missing(root: Path, wanted: dict[str, str]) -> list[str]:
    """The files, by path from the root, that do not exist or do not contain their text."""
    return [
        f"{name} does not contain {text.strip()!r}"
        for name, text in wanted.items()
        if not (root / name).exists() or text not in (root / name).read_text("utf-8")
    ]


@pytest.mark.parametrize("chapter", chapters())
def test_every_chapter_is_where_readers_look(root: Path, chapter: str) -> None:
    lines = unnamed_chapter(root, chapter)
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("widget", WIDGETS)
def test_every_widget_is_named_and_tested(root: Path, widget: str) -> None:
    lines = unnamed_widget(root, widget)
    assert not lines, "\n".join(lines)


def test_a_forgotten_file_is_named(root: Path) -> None:
    lines = unnamed_chapter(root, "99_toys")
    assert len(lines) == 7
    assert "book/_toc.yml does not contain '- file: notebooks/99_toys'" in lines
    assert "tests/check/test_ch99.py does not contain 'def test_'" in lines
    # a widget that nobody has documented, in a package that exists
    assert missing(root, {"README.md": "`ToyBench`"}) == ["README.md does not contain '`ToyBench`'"]


def test_every_widget_is_on_some_page() -> None:
    notebooks = [page for page in toc_pages() if page.startswith("notebooks/")]
    made = {name for page in notebooks for name, _ in widget_calls(page)}
    assert made == {title(widget) for widget in WIDGETS}
