"""The pages alive: in JupyterLab, and as pages of the built book."""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.pages import SOUND_INPUT, toc_pages, widget_calls

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
PAGES = [f"{page}.html" for page in toc_pages()]
CALLS = {page: widget_calls(page) for page in toc_pages() if page.startswith("notebooks/")}
# The notebooks with an instrument: its title, and what its cell contains.
LIVE = [
    (notebook, *instruments[0])
    for notebook, calls in CALLS.items()
    if (instruments := [call for call in calls if call[0] != SOUND_INPUT])
]
CANVASES = {"Signal bench": 6, "Spectrogram bench": 2, "Synth bench": 2}  # others: at least one
FIRST_STEPS = "notebooks/first_steps"
QUICK = ["notebooks/twenty_lines", "notebooks/methods", "notebooks/status"]
# Repositories of other projects, which pages may name whatever this one's address is.
OTHER_COURSES = (
    "https://github.com/musicinformationretrieval/",
    "https://github.com/theadamsabra/",
)
SHOWN = [
    'svg[aria-label^="Waveform"] path',
    'svg[aria-label^="Piano roll"] rect title',
    'svg[aria-label^="Score"] .notehead',
    'figure.mirlab [role="list"] [role="listitem"]',
    "audio[aria-label]",
]
# How long each player's sound is, once the browser has decoded it; null where it could not.
DURATIONS = """() => Promise.all([...document.querySelectorAll('audio')].map(audio =>
    new Promise(done => {
        const answer = () => done(audio.error ? null : audio.duration);
        if (audio.readyState >= 1 || audio.error) return answer();
        audio.addEventListener('loadedmetadata', answer);
        audio.addEventListener('error', answer);
        audio.load();
    })))"""
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def check_displays(page: Any) -> None:
    for selector in SHOWN:
        assert page.locator(selector).count() > 0, selector
    durations = page.evaluate(DURATIONS)
    assert durations
    assert all(d is not None and d > 0.1 for d in durations), durations


def test_first_steps_in_jupyterlab(run_notebook: Callable[..., Opened]) -> None:
    page, problems = run_notebook(f"{FIRST_STEPS}.ipynb")
    page.locator(SHOWN[0]).first.wait_for(state="attached")
    check_displays(page)
    assert not problems


# The book's build runs all cells of the same notebooks; here they run up to the instrument.
@pytest.mark.parametrize(("notebook", "widget", "until"), LIVE)
def test_chapters_in_jupyterlab(
    run_notebook: Callable[..., Opened], notebook: str, widget: str, until: str
) -> None:
    page, problems = run_notebook(f"{notebook}.ipynb", until)
    instrument = page.get_by_role("group", name=widget).first
    instrument.wait_for(state="attached")
    instrument.locator("canvas").first.wait_for(state="attached")
    assert instrument.locator("canvas").count() >= CANVASES.get(widget, 1)
    if widget == "Listening desk":
        instrument.get_by_role("button", name="Play").click()
        instrument.get_by_role("button", name="Pause").wait_for()
    durations = page.evaluate(DURATIONS)
    assert durations
    assert all(d is not None and d > 0.1 for d in durations), durations
    assert not problems


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(CALLS.keys() - {FIRST_STEPS, *QUICK}))
def test_whole_notebooks_in_jupyterlab(run_notebook: Callable[..., Opened], name: str) -> None:
    page, problems = run_notebook(f"{name}.ipynb")
    durations = page.evaluate(DURATIONS)
    assert all(d is not None and d > 0.1 for d in durations), durations
    assert not problems


@pytest.mark.parametrize("name", QUICK)
def test_quick_notebooks_in_jupyterlab(run_notebook: Callable[..., Opened], name: str) -> None:
    _, problems = run_notebook(f"{name}.ipynb")
    assert not problems


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_book(
    book: str, open_page: Callable[..., Opened], looks: Callable[..., Any], name: str
) -> None:
    page, problems = open_page(f"{book}/{name}")
    page.wait_for_load_state("networkidle")
    for scheme, width in looks(page):
        with contextlib.suppress(PlaywrightTimeout):  # widgets may be drawn a moment later
            page.wait_for_function(FITS, timeout=5000)
        needed, there = page.evaluate(WIDTHS)
        assert needed <= there, f"{name} is {needed} px wide on a screen of {there} px"
        assert there <= width
        assert page.evaluate("() => document.documentElement.dataset.theme") == scheme
    calls = CALLS.get(name.removesuffix(".html"), [])
    for widget, count in Counter(widget for widget, _ in calls).items():
        assert page.get_by_role("group", name=widget).count() == count
    if "first_steps" in name:
        check_displays(page)
    if "01_signals" in name:
        assert page.get_by_role("group", name="Signal bench").locator("canvas").count() == 6
        player = page.locator("figure.mirlab").first
        colour = player.evaluate("figure => getComputedStyle(figure).backgroundColor")
        assert colour == "rgba(0, 0, 0, 0)"  # the widgets' style is theirs alone
    assert not problems


def test_the_sounds_of_the_glossary_are_short(book: str, open_page: Callable[..., Opened]) -> None:
    page, problems = open_page(f"{book}/notebooks/glossary.html")
    durations = page.evaluate(DURATIONS)
    assert len(durations) >= 25
    assert all(d is not None and 0.5 < d < 2.05 for d in durations), durations
    names = page.locator("audio").evaluate_all("all => all.map(a => a.ariaLabel)")
    assert len(set(names)) == len(names)
    page.get_by_role("link", name="sample rate", exact=True).first.click()
    assert page.url.endswith("#sample-rate")
    assert not problems


def test_names_in_the_librarys_pages_are_links(book: str, open_page: Callable[..., Opened]) -> None:
    page, problems = open_page(f"{book}/book/api/chords.html")
    page.locator("dl.py a.reference", has_text="Segments").first.click()
    page.wait_for_url("**/api/mirlab.html#mirlab.Segments")
    assert page.locator("#mirlab\\.Segments").count() == 1
    assert not problems


def test_the_status_page_lists_every_page_that_ran(
    book: str, root: Path, open_page: Callable[..., Opened]
) -> None:
    page, problems = open_page(f"{book}/notebooks/status.html")
    rows = page.locator("#the-pages tbody tr")
    assert rows.count() == len([*(root / "notebooks").glob("*.ipynb")])
    for row in rows.all_inner_texts():
        title, when, seconds = row.split("\t")
        assert title.strip()
        assert when.strip().endswith("UTC")
        assert float(seconds) > 0
    assert not problems


def test_links_inside_the_book_lead_somewhere(book: str, root: Path) -> None:
    html = root / "_build/html"
    for name in PAGES:
        page = html / name
        for link in lxml.html.parse(str(page)).xpath("//a/@href"):
            path = unquote(urlsplit(link).path)
            if path and not urlsplit(link).netloc:
                assert (page.parent / path).exists(), f"{name} links to {link}"


def test_a_page_stays_under_six_megabytes(book: str, root: Path) -> None:
    for name in PAGES:
        assert (root / "_build/html" / name).stat().st_size < 6e6, name


def test_no_page_shows_a_link_that_needs_the_missing_address(book: str, root: Path) -> None:
    import stamp_address

    if stamp_address.public_address(root):
        pytest.skip("the address is set")
    for name in PAGES:
        text = (root / "_build/html" / name).read_text("utf-8")
        for address in OTHER_COURSES:
            text = text.replace(address, "")
        for host in ("github.com", "colab.research", "mybinder.org"):
            assert host not in text, f"{name} names {host}"


def test_the_zip_is_the_book(
    book: str,
    root: Path,
    tmp_path: Path,
    serve: Callable[[Path], str],
    open_page: Callable[..., Opened],
) -> None:
    shutil.unpack_archive(root / "_build/html/mirlab-book.zip", tmp_path)
    assert not (tmp_path / "mirlab-book.zip").exists()
    page, problems = open_page(f"{serve(tmp_path)}/notebooks/first_steps.html")
    page.wait_for_load_state("networkidle")
    check_displays(page)
    assert not problems
