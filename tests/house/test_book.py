"""The book's sources: chapters, notebooks, pictures, and the address that is stamped in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import stamp_address
import yaml
from build_book import forget_if_changed, package_hash
from make_notebooks import notebook, notebooks
from make_student import without_solutions, write_edition

from mirlab import check

ADDRESS = "https://github.com/someone/mirlab"
HOSTS = ("colab.research.google.com", ADDRESS, "mybinder.org", "executablebooks")


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """A copy of the book's sources, to set another address in."""
    for name in ("pyproject.toml", "_config.yml", "README.md"):
        shutil.copy(root / name, tmp_path)
    for name in ("book", "notebooks"):
        shutil.copytree(root / name, tmp_path / name)
    return tmp_path


def set_address(copy: Path, address: str) -> None:
    settings = copy / "pyproject.toml"
    text = re.sub(r'(?m)^repository = ".*"$', f'repository = "{address}"', settings.read_text())
    settings.write_text(text)
    for path, text in stamp_address.stamped(copy).items():
        path.write_text(text)
    for path, text in notebooks(copy).items():
        path.write_text(text)


def part(root: Path, caption: str) -> list[dict[str, Any]]:
    """The pages of one part of the table of contents."""
    parts = yaml.safe_load((root / "book/_toc.yml").read_text("utf-8"))["parts"]
    [pages] = [p["chapters"] for p in parts if p["caption"] == caption]
    return list(pages)


def code_cells(path: Path) -> list[Any]:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def test_notebooks_are_what_the_chapters_say(root: Path) -> None:
    wanted = notebooks(root)
    assert wanted
    assert {*(root / "notebooks").glob("*.ipynb")} == {*wanted}
    stale = [path.name for path, text in wanted.items() if path.read_text("utf-8") != text]
    assert not stale, "run `make notebooks`"


def test_the_same_chapter_gives_the_same_bytes(root: Path) -> None:
    assert notebooks(root) == notebooks(root)


def test_notebooks_have_no_outputs(root: Path) -> None:
    for path in (root / "notebooks").glob("*.ipynb"):
        for cell in code_cells(path):
            assert cell.outputs == [], path.name
            assert cell.execution_count is None, path.name


def test_an_edit_changes_the_id_of_one_cell() -> None:
    chapter = (
        "# Title\n\n```{code-cell} ipython3\n1\n```\n\nText\n\n```{code-cell} ipython3\n1\n```\n"
    )
    before = nbformat.reads(notebook(chapter, ""), as_version=4).cells
    after = nbformat.reads(notebook(chapter.replace("Text", "Word"), ""), as_version=4).cells
    assert [a.id == b.id for a, b in zip(before, after, strict=True)] == [True, True, False, True]
    assert len({c.id for c in before}) == 4


def test_pictures_have_words_for_those_who_do_not_see_them(root: Path) -> None:
    pages = [*(root / "book").rglob("*.md"), *root.glob("*.md")]
    for page in pages:
        text = page.read_text("utf-8")
        for alt in re.findall(r"!\[([^\]]*)\]\(", text):
            assert len(alt) > 20, f"{page.name}: a picture without words"
        for figure in re.findall(r"(?s)```\{figure\}.*?```", text):
            assert ":alt:" in figure, f"{page.name}: a figure without alt text"
            assert figure.rstrip("`\n").rsplit(":", 1)[-1].strip(), f"{page.name}: no caption"
        for image in re.findall(r"<img[^>]*>", text):
            assert re.search(r'alt="[^"]{20,}"', image), f"{page.name}: {image}"


def page_of_checks(root: Path, prefix: str) -> Path:
    """The notebook of the checks whose names begin with `prefix`, such as `ch04`."""
    found = [*(root / "notebooks").glob(f"{prefix[2:]}_*.ipynb")]
    assert len(found) == 1, (
        f"mirlab/check/{prefix}.py has {len(found)} pages notebooks/{prefix[2:]}_*.ipynb, not 1: "
        f"write book/chapters/{prefix[2:]}_SLUG.md, then run `make notebooks`"
    )
    return found[0]


def test_checks_without_a_page_are_named(root: Path) -> None:
    assert page_of_checks(root, "ch04").stem == "04_notes"
    with pytest.raises(AssertionError, match=r"ch99\.py has 0 pages.*then run `make notebooks`"):
        page_of_checks(root, "ch99")


def test_every_check_is_asked_and_solved_in_its_chapter(root: Path) -> None:
    names = [name for name in check.__all__ if name.startswith("ch")]
    for prefix in {name.split("_")[0] for name in names}:
        path = page_of_checks(root, prefix)
        hers = [name for name in names if name.startswith(prefix)]
        assert len(hers) >= 4, f"{path.name} has {len(hers)} exercises"
        cells = code_cells(path)
        for name in hers:
            called = [c for c in cells if f"check.{name}(" in c.source]
            solved = ["solution" in c.metadata.get("tags", []) for c in called]
            assert sorted(solved) == [False, True], (
                f"{path.name}: check.{name} must be called in one cell tagged `solution`, not "
                f"{solved.count(True)}, and in one other cell, not {solved.count(False)}"
            )


def test_every_plot_of_a_chapter_has_words(root: Path) -> None:
    for path in (root / "notebooks").glob("*.ipynb"):
        for cell in code_cells(path):
            if "plt.show()" in cell.source:
                image = cell.metadata.get("mystnb", {}).get("image", {})
                assert len(image.get("alt", "")) > 20, f"{path.name}: {cell.source[:60]}"


def test_papers_cited_on_a_page_are_in_the_references(root: Path) -> None:
    known = (root / "book/references.bib").read_text("utf-8").lower()
    for page in (root / "book/chapters").glob("*.md"):
        cited = r"(?:doi\.org|arxiv\.org/abs)/([^)\s>]+)"
        for name in re.findall(cited, page.read_text("utf-8")):
            assert name.lower() in known, f"{page.name} cites {name}: to book/references.bib"


def test_no_paper_is_twice_in_the_references(root: Path) -> None:
    references = (root / "book/references.bib").read_text("utf-8")
    for pattern in (r"(?m)^@\w+\{([^,]+),", r"(?m)^  title = \{(.+)\},?$"):
        names = [name.lower() for name in re.findall(pattern, references)]
        assert len(names) == references.count("\n@") + 1
        assert not {name for name in names if names.count(name) > 1}


def test_students_get_everything_but_the_solutions(root: Path, tmp_path: Path) -> None:
    course = {Path(chapter["file"]).name for chapter in part(root, "The course")}
    assert write_edition(root / "notebooks", tmp_path) == len([*tmp_path.glob("*.ipynb")]) > 0
    for path in (root / "notebooks").glob("*.ipynb"):
        full = nbformat.read(path, as_version=4).cells
        left = nbformat.read(tmp_path / path.name, as_version=4).cells
        hidden = [c for c in full if "solution" in c.metadata.get("tags", [])]
        assert hidden or path.stem not in course, f"{path.name} has no solution"
        assert [c for c in full if c not in hidden] == left
    once = without_solutions(path.read_text("utf-8"))
    assert without_solutions(once) == once


def test_without_an_address_nothing_points_to_one(copy: Path) -> None:
    set_address(copy, "")
    config = yaml.safe_load((copy / "_config.yml").read_text())
    assert config["repository"]["url"] == ""
    assert not any(config["launch_buttons"].values())
    pages = [
        copy / "README.md",
        *(copy / "notebooks").glob("*.ipynb"),
        *(copy / "book").glob("*.md"),
    ]
    for page in pages:
        assert not [h for h in HOSTS if h in page.read_text("utf-8")], page.name


def test_an_address_reaches_config_readme_and_notebooks(copy: Path) -> None:
    set_address(copy, ADDRESS)
    config = yaml.safe_load((copy / "_config.yml").read_text())
    assert config["repository"]["url"] == ADDRESS
    assert config["launch_buttons"]["colab_url"] == "https://colab.research.google.com"
    assert config["html"]["use_repository_button"] is True
    readme = (copy / "README.md").read_text("utf-8")
    assert "colab.research.google.com/github/someone/mirlab/blob/main/notebooks/" in readme
    for path in (copy / "notebooks").glob("*.ipynb"):
        first = code_cells(path)[0]
        assert f"git+{ADDRESS}" in first.source
        assert "remove-cell" in first.metadata["tags"]


@pytest.mark.slow
def test_an_address_becomes_buttons_on_the_pages(root: Path, copy: Path) -> None:
    set_address(copy, ADDRESS)
    config = copy / "_config.yml"
    unexecuted = config.read_text().replace("notebooks: cache", "notebooks: 'off'")
    config.write_text(unexecuted)
    (copy / "book/_toc.yml").write_text("format: jb-book\nroot: notebooks/first_steps\n")
    script = copy / "book/scripts/build_book.py"
    subprocess.run([sys.executable, script], env=os.environ | {"PYTHONPATH": str(root)}, check=True)
    page = (copy / "_build/html/notebooks/first_steps.html").read_text("utf-8")
    assert f'href="{ADDRESS}"' in page
    opened = "colab.research.google.com/github/someone/mirlab/blob/main/notebooks/first_steps.ipynb"
    assert opened in page
    assert "git+" not in page  # the cell that installs is for Colab, not for readers


def test_setting_and_unsetting_an_address_leaves_no_trace(root: Path, copy: Path) -> None:
    names = ["_config.yml", "README.md", *(f"notebooks/{p.name}" for p in notebooks(root))]
    set_address(copy, ADDRESS)
    set_address(copy, stamp_address.public_address(root))
    stale = [n for n in names if (copy / n).read_bytes() != (root / n).read_bytes()]
    assert not stale, "run `make notebooks`"


@pytest.mark.parametrize("address", ["mirlab", "http://github.com/a/b", "https://github.com/a"])
def test_an_address_that_leads_nowhere_is_refused(copy: Path, address: str) -> None:
    with pytest.raises(ValueError, match="repository"):
        set_address(copy, address)


def test_results_are_forgotten_when_the_package_changes(tmp_path: Path) -> None:
    package, build = tmp_path / "package", tmp_path / "build"
    (package / "__pycache__").mkdir(parents=True)
    (package / "a.py").write_text("x = 1\n")
    cache = build / ".jupyter_cache"

    def forgets() -> bool:
        cache.mkdir(parents=True, exist_ok=True)
        assert forget_if_changed(build, package) is not cache.exists()
        return not cache.exists()

    assert forgets()
    assert not forgets()
    (package / "__pycache__/a.pyc").write_text("compiled")
    assert not forgets()
    (package / "a.py").write_text("x = 2\n")
    assert forgets()
    before = package_hash(package)
    (package / "a.py").rename(package / "b.py")
    assert package_hash(package) != before
