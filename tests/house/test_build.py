"""The book's build: what a failing page leaves, and what is not done twice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import build_book
import nbformat
import pytest
from execute_pages import PageError, execute_pages
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

COUNT = "with open('runs.txt', 'a') as file:\n    file.write('x')"


def write_page(path: Path, *cells: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    code = [new_code_cell(cell, id=f"cell-{k}") for k, cell in enumerate(cells)]
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Page", id="title"), *code]), path)
    return path


@pytest.mark.slow
def test_a_failing_page_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    good = write_page(tmp_path / "good.ipynb", COUNT)
    bad = write_page(tmp_path / "bad.ipynb", "x = 1", "x / 0")
    with pytest.raises(PageError, match=r"bad\.ipynb, code cell 2 \(x / 0\): ZeroDivisionError"):
        execute_pages([bad, good], cache, n_jobs=2)
    write_page(bad, "x = 1", "x / 1")
    execute_pages([bad, good], cache, n_jobs=2)
    assert (tmp_path / "runs.txt").read_text() == "x"  # the good page ran once


@pytest.mark.slow
def test_a_page_runs_as_for_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as on a continuous integration server, where pyfluidsynth prints its library's path."""
    monkeypatch.setenv("CI", "true")
    source = "import os\nassert not os.environ['CI']"
    execute_pages([write_page(tmp_path / "page.ipynb", source)], tmp_path / "cache", n_jobs=1)


@pytest.mark.slow
def test_a_page_may_neither_warn_nor_hang(tmp_path: Path) -> None:
    warns = write_page(tmp_path / "warns.ipynb", "import sys", "print('oh', file=sys.stderr)")
    hangs = write_page(tmp_path / "hangs.ipynb", "import time\ntime.sleep(600)")
    with pytest.raises(PageError) as raised:
        execute_pages([warns, hangs], tmp_path / "cache", cell_seconds=5, n_jobs=2)
    hung, warned = str(raised.value).splitlines()[:2]
    assert hung == "hangs.ipynb, code cell 1 (import time): ran for 5 s"
    assert warned.startswith("warns.ipynb, code cell 2")
    assert warned.endswith("prints to stderr: oh")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of one page, which is not executed, made by a stand-in for Sphinx."""
    (tmp_path / "_config.yml").write_text("execute: {execute_notebooks: 'off'}")
    (tmp_path / "book").mkdir()
    page = tmp_path / "book/page.md"
    page.write_text("first")

    def make_pages(root: Path, target: Path) -> None:
        target.mkdir(parents=True)
        (target / "page.html").write_text(page.read_text())
        if page.read_text() == "broken":
            raise build_book.BuildError("a warning")

    monkeypatch.setattr(build_book, "make_pages", make_pages)
    return tmp_path


def test_a_failed_build_keeps_the_last_good_pages(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html, page = book / "_build/html/page.html", book / "book/page.md"
    assert build_book.main(book) == 0
    page.write_text("broken")
    assert build_book.main(book) == 1
    assert "last good pages were kept:\na warning" in capsys.readouterr().err
    assert html.read_text() == "first"
    page.write_text("second")
    assert build_book.main(book) == 0
    assert html.read_text() == "second"
    assert sorted(p.name for p in (book / "_build").iterdir() if p.is_dir()) == ["html"]


def test_pages_of_the_same_sources_are_not_built_again(book: Path) -> None:
    assert build_book.build_book(book)
    assert not build_book.build_book(book)
    (book / "book/picture.svg").write_text("<svg/>")
    assert build_book.build_book(book)


@pytest.mark.slow
def test_a_page_is_built_alone(root: Path, tmp_path: Path) -> None:
    for name in ("_config.yml", "pyproject.toml", "book"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, tmp_path / name)
    write_page(tmp_path / "notebooks/01_other.ipynb", "1 / 0")
    toys = write_page(tmp_path / "notebooks/13_toys.ipynb", "print(40 + 2)")
    notebook = nbformat.read(toys, as_version=4)
    notebook.cells[0].source += "\n\nAfter [another page](01_other.ipynb) and `mirlab.Nothing`."
    nbformat.write(notebook, toys)
    command = [sys.executable, tmp_path / "book/scripts/build_page.py"]

    def build(*pages: str) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PYTHONPATH": str(root)}
        return subprocess.run([*command, *pages], env=env, capture_output=True, text=True)

    done = build("13_toys")
    assert done.returncode == 0, done.stderr
    page = Path(done.stdout.splitlines()[-1].removeprefix("the page is built: "))
    assert page == tmp_path / "_build/page/html/notebooks/13_toys.html"
    assert ">42\n" in page.read_text("utf-8")
    missing = build("14_none")
    assert missing.returncode == 1
    assert "14_none.ipynb; `make notebooks` writes it" in missing.stderr
    assert build().returncode == 2
