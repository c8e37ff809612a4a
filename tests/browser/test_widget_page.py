"""A widget and an equation on a page of the book, built as the book is and seen offline."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onnxruntime_web import FOLDER, STATIC, bring_onnxruntime, is_complete

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
PROSE = "# A bench\n\nA tone: $y[n] = \\sin(2\\pi f n / r)$\n"


@pytest.fixture(scope="module")
def pages(root: Path, require_chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test notebook as a book of one page, with the book's own configuration."""
    folder = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "book", "mirlab"):
        (folder / name).symlink_to(root / name)
    if bring_onnxruntime(root):
        (folder / STATIC).parent.mkdir()
        (folder / STATIC).symlink_to(root / STATIC)
    notebook = json.loads((root / "tests/widgets/signal_bench.ipynb").read_text("utf-8"))
    prose = {"cell_type": "markdown", "id": "prose", "metadata": {}, "source": PROSE}
    notebook["cells"].insert(0, prose)
    (folder / "bench.ipynb").write_text(json.dumps(notebook), "utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: bench\n", "utf-8")
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    done = subprocess.run(
        [program, "build", ".", "-W", "-n", "--keep-going", "-q"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / "_build/html"


def test_widget_and_equation_show_offline(
    root: Path,
    pages: Path,
    serve: Callable[[Path], str],
    open_page: Callable[..., Opened],
    screenshots: Path,
    looks: Callable[..., Any],
) -> None:
    page, problems = open_page(f"{serve(pages)}/bench.html")
    page.wait_for_selector("html[data-widgets=ready]", state="attached")
    page.locator("mjx-container").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-engine=browser]").count() == 1
    # the page says where onnxruntime-web is, and leaves it there while no network runs
    here = "document.querySelector('meta[name=mirlab-onnxruntime]')?.content"
    assert page.evaluate(here) == (f"_static/{FOLDER}/" if is_complete(root) else None)
    asked = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert asked and not any(FOLDER in name for name in asked)
    second = page.get_by_role("slider", name="Partial 2")
    second.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("() => document.activeElement.ariaValueText.endsWith('level 0.35')")
    for scheme, width in looks(page):
        assert page.locator(".mirlab.dark").count() == (scheme == "dark")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        # the theme's own styles leave the widget's alone
        button = page.get_by_role("button", name="Play").bounding_box()
        assert button and button["width"] < 100
        page.screenshot(path=screenshots / f"book_page_{scheme}_{width}.png", full_page=True)
    assert not problems


def test_the_page_stays_under_six_megabytes(pages: Path) -> None:
    assert (pages / "bench.html").stat().st_size < 6e6
