"""The Listening desk: error marks, missing sound, a long piece, the link to the kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab.widgets import ListeningDesk
from tests.browser.desk_piece import piece, playhead, ruler

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
READY = "html[data-widgets=ready]"
FRAMES = """async () => {
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    const end = last + 5000;
    while (last < end) {
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return times;
}"""


def test_errors_are_marked_and_the_page_fits(
    desk: Callable[..., Opened], screenshots: Path, looks: Callable[..., Any]
) -> None:
    page, problems = desk()
    for scheme, width in looks(page):
        assert page.locator(".mirlab.dark").count() == (scheme == "dark")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.screenshot(path=screenshots / f"desk_marked_{scheme}_{width}.png", full_page=True)
    labels = page.locator("canvas[aria-label]").evaluate_all(
        "all => all.map(canvas => canvas.ariaLabel)"
    )
    assert "Notes: found, 11 found, 1 missed, 1 not in the truth" in labels
    assert "Beats: found, 23 found, 1 missed, 0 not in the truth" in labels
    assert page.locator(".legend").get_by_text("missed").is_visible()
    assert not problems


def test_an_empty_desk_shows_a_note(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    ListeningDesk().to_html(tmp_path / "empty.html")
    page, problems = open_page(f"{serve(tmp_path)}/empty.html")
    page.wait_for_selector(READY, state="attached")
    page.get_by_text("An empty desk").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    assert not problems


def test_undecodable_sound_gives_a_message(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    ListeningDesk(duration=3, sounds={"original": b"no sound"}).to_html(tmp_path / "bad.html")
    page, problems = open_page(f"{serve(tmp_path)}/bad.html")
    page.wait_for_selector(READY, state="attached")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("could not be decoded").wait_for()
    assert page.get_by_role("button", name="Play", exact=True).is_enabled()
    assert not problems


def test_three_minutes_play_smoothly(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Opened]
) -> None:
    song = piece(180)
    ListeningDesk.of(song).to_html(tmp_path / "song.html")
    assert (tmp_path / "song.html").stat().st_size < 12e6
    page, problems = open_page(f"{serve(tmp_path)}/song.html")
    page.wait_for_selector(READY, state="attached")
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.desk').dataset.playing === 'true'")
    times = np.array(page.evaluate(FRAMES))
    assert times.size > 120
    dropped = int(np.sum(np.round(times / (1000 / 60)) - 1))
    # the benchmark measures on an idle machine; beside other tests up to a third of the frames drop
    assert dropped <= 0.5 * times.size, times[times > 25]
    assert not problems


def test_live_in_jupyterlab(run_notebook: Callable[[str], Opened]) -> None:
    page, problems = run_notebook("tests/widgets/listening_desk.ipynb")
    page.locator(".desk .lane canvas").first.wait_for()
    page.locator("[data-engine=kernel]").wait_for()
    ruler(page).focus()
    page.keyboard.press("ArrowRight")
    assert playhead(page) > 0
    page.get_by_label("Speed").fill("0.5")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Pause").click()
    script = """async () => {
        const { session } = window.jupyterapp.shell.currentWidget.sessionContext;
        const code = 'print(desk.speed, desk.position > 0); desk.folded = ["waveform"]';
        const future = session.kernel.requestExecute({ code });
        let text = '';
        future.onIOPub = ({ content }) => (text += content.text ?? content.evalue ?? '');
        await future.done;
        return text;
    }"""
    assert page.evaluate(script).strip() == "0.5 True"
    page.locator("[data-lane=waveform] .area").wait_for(state="hidden")
    assert not problems
