"""The report and the index as one opens them: from a disk, with the network off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mirlab
from mirlab.core import Audio, Notes
from mirlab.report import save_index, save_report

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
READY = "html[data-widgets=ready]"
NAME = "Übung <b>1</b> & 2"
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
# The texts of what the Tab key reaches, in the order in which it does.
FOCUSED = "() => document.activeElement.textContent || document.activeElement.ariaLabel || ''"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two analysed pieces with their reports and an index; one is long enough for MP3."""
    songs_folder = tmp_path_factory.mktemp("songs")
    for name, bars in ((NAME, 12), ("short", 2)):
        found = mirlab.analyze(tune(bars), name=name)
        home = songs_folder / name.replace("<b>1</b>", "1")
        mirlab.save_analysis(found, home)
        save_report(found, home / "report.html", home)
    save_index(songs_folder)
    return songs_folder


def tune(bars: int) -> Audio:
    """Broken chords at 120 bpm, a C and a G in turn, four to a bar."""
    beats = np.arange(4 * bars)
    roots = np.where(beats // 4 % 2, 55, 60)
    pitch = roots + np.array([0, 4, 7, 12])[beats % 4]
    velocity = np.where(beats % 4, 70, 110)
    return Notes(0.2 + beats * 0.5, 0.2 + beats * 0.5 + 0.45, pitch, velocity).render(
        synth="additive"
    )


@pytest.fixture
def report(folder: Path) -> str:
    """The address of the long piece's report."""
    return (folder / "Übung 1 & 2" / "report.html").as_uri()


@pytest.mark.parametrize("page_name", ["report", "index"])
def test_pages_open_from_disk_with_the_network_off(
    folder: Path,
    report: str,
    open_page: Callable[..., Opened],
    screenshots: Path,
    looks: Callable[..., Any],
    page_name: str,
) -> None:
    address = report if page_name == "report" else (folder / "index.html").as_uri()
    page, problems = open_page(address, offline=True)
    if page_name == "report":
        page.wait_for_selector(READY, state="attached")
        assert page.locator("#listen canvas").count() > 0
        assert page.locator(".paper .notehead").count() > 0
    for scheme, width in looks(page):
        if page_name == "report":
            assert page.locator(".mirlab.dark").count() == (scheme == "dark")
            line = page.locator(".paper .staff path").first  # black on white, in the dark too
            assert line.evaluate("one => getComputedStyle(one).stroke") == "rgb(0, 0, 0)"
        needed, there = page.evaluate(WIDTHS)
        assert needed <= there <= width, f"{needed} px wide on a screen of {there} px"
        page.screenshot(path=screenshots / f"{page_name}_{scheme}_{width}.png", full_page=True)
    assert page.locator("h1").inner_text() in (NAME, "Analysed by mirlab")
    for image in page.locator("img, svg[role=img]").all():
        assert image.get_attribute("alt") or image.get_attribute("aria-label")
    assert not problems


def test_every_file_can_be_taken_along(report: str, open_page: Callable[..., Opened]) -> None:
    page, problems = open_page(report, offline=True)
    page.wait_for_selector(READY, state="attached")
    names = []
    for link in page.locator("#files a[download]").all():
        with page.expect_download() as waiting:
            link.press("Enter")
        names.append(waiting.value.suggested_filename)
        data = Path(waiting.value.path()).read_bytes()
        if names[-1].endswith(".mid"):
            assert len(Notes.from_midi(data)) > 40
        elif names[-1].endswith(".mp3"):
            assert Audio.load(data).duration == pytest.approx(tune(12).duration, abs=0.1)
        else:
            assert len(data.decode().splitlines()) > 0
    assert {name.rsplit(" ", 1)[1] for name in names} == {
        "chords.txt", "notes.mid", "score.musicxml", "chords.lab", "beats.lab", "key.lab",
        "sections.lab", "harmonic.mp3", "percussive.mp3",
    }  # fmt: skip
    assert not problems


def test_the_keyboard_reaches_all_of_it(report: str, open_page: Callable[..., Opened]) -> None:
    page, problems = open_page(report, offline=True)
    page.wait_for_selector(READY, state="attached")
    reached = []
    for _ in range(300):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        if "Stem: percussive" in reached[-1]:
            break
    for wanted in ("Listen", "Methods", "Score", "Notes as MIDI", "Stem: percussive"):
        assert wanted in reached
    assert any("Play" in text for text in reached)
    assert not problems


def test_the_desk_plays(report: str, open_page: Callable[..., Opened]) -> None:
    page, problems = open_page(report, offline=True)
    page.wait_for_selector(READY, state="attached")
    page.evaluate(
        """() => {
            const start = AudioBufferSourceNode.prototype.start;
            window.loudest = 0;
            AudioBufferSourceNode.prototype.start = function (...when) {
                for (const x of this.buffer.getChannelData(0)) {
                    window.loudest = Math.max(window.loudest, Math.abs(x));
                }
                return start.apply(this, when);
            };
        }"""
    )
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function("() => window.loudest > 0.05")
    assert not problems


POSITION = "() => Number(document.querySelector('#listen .ruler').ariaValueNow)"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_score_follows_the_sound_and_leads_to_it(
    report: str, open_page: Callable[..., Opened], screenshots: Path, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 900}
    page, problems = open_page(report, color_scheme=scheme, viewport=size, offline=True)
    page.wait_for_selector(READY, state="attached")
    bars = page.locator(".paper .measure[role=button]")
    names = bars.evaluate_all("bars => bars.map((bar) => bar.ariaLabel)")
    assert names == [f"Play from bar {i + 1} of {len(names)}" for i in range(len(names))]
    assert len(names) >= 12
    assert page.locator(".paper .measure.now").count() == 1
    bars.nth(0).focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    by_key = page.evaluate(POSITION)
    assert by_key == pytest.approx(8, abs=1.1)  # four bars of two seconds, to half a bar
    assert page.evaluate("() => document.activeElement.ariaLabel").startswith("Play from bar 5 ")
    assert page.locator(".paper .measure.now").get_attribute("aria-label") == names[4]
    note = bars.nth(9).locator(".note").first
    note.locator(".notehead").first.click()
    assert page.evaluate(POSITION) == pytest.approx(by_key + 10, abs=0.6)
    assert "now" in note.get_attribute("class")
    page.locator(".papers").screenshot(path=screenshots / f"report-score-{scheme}-{width}.png")
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_function(
        "(bar) => document.querySelector('.measure.now').ariaLabel === bar", arg=names[10]
    )
    page.get_by_role("button", name="Pause").first.click()
    assert not problems


def test_on_paper_stand_the_chords_and_the_score(
    report: str, open_page: Callable[..., Opened], screenshots: Path
) -> None:
    page, problems = open_page(report, color_scheme="dark", offline=True)
    page.wait_for_selector(READY, state="attached")
    page.emulate_media(media="print", color_scheme="dark")
    shown = {
        name: page.locator(name).first.is_visible()
        for name in ("h1", "#chords", ".paper", "nav", "#listen", "#files")
    }
    assert shown == {
        "h1": True, "#chords": True, ".paper": True, "nav": False, "#listen": False, "#files": False
    }  # fmt: skip
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    page.pdf(path=screenshots / "report.pdf", format="A4", prefer_css_page_size=True)
    assert not problems


def test_the_index_sorts_and_leads_to_the_reports(
    folder: Path, open_page: Callable[..., Opened]
) -> None:
    page, problems = open_page((folder / "index.html").as_uri(), offline=True)
    titles = page.locator("tbody th")
    assert titles.all_inner_texts() == ["short", NAME]
    length = page.get_by_role("button", name="Length")
    length.focus()
    page.keyboard.press("Enter")
    assert titles.all_inner_texts() == ["short", NAME]
    assert page.locator("[aria-sort=ascending]").inner_text() == "Length"
    page.keyboard.press("Enter")
    assert titles.all_inner_texts() == [NAME, "short"]
    assert page.locator("[aria-sort=descending]").inner_text() == "Length"
    widths = page.locator("tbody img").evaluate_all(
        "all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))"
    )
    assert len(widths) == 2 and min(widths) >= 1000
    page.get_by_role("link", name=NAME).click()
    page.wait_for_selector(READY, state="attached")
    assert page.locator("h1").inner_text() == NAME
    assert not problems
