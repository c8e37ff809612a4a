"""The lanes of the form on the Listening desk: sections and tempo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mirlab.widgets import ListeningDesk
from tests.browser.desk_piece import piece, playhead, ruler, segments

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READY = "html[data-widgets=ready]"


@pytest.fixture
def page(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Any]
) -> tuple[Any, list[str]]:
    """A desk of 12 s with three sections; the second half has half the tempo."""
    times = [*np.arange(0, 6, 0.5), *np.arange(6, 12.1, 1.0)]
    beats = segments(times, ["1"] * (len(times) - 1))
    sections = segments([0, 4, 8, 12], ["A", "B", "A"])
    made = SimpleNamespace(**{**vars(piece()), "beats": beats, "sections": sections})
    ListeningDesk.of(made).to_html(tmp_path / "form.html")
    opened, problems = open_page(f"{serve(tmp_path)}/form.html")
    opened.wait_for_selector(READY, state="attached")
    return opened, problems


def test_sections_and_tempo_have_lanes_that_fold(page: tuple[Any, list[str]]) -> None:
    opened, problems = page
    for name, label in (("sections found", "Sections, 3 in all"), ("tempo", "60 to 120 beats")):
        assert opened.locator(f'canvas[aria-label*="{label}"]').is_visible()
        opened.locator(f'[data-lane="{name}"] button.fold').press("Enter")
        assert opened.locator(f'canvas[aria-label*="{label}"]').is_hidden()
    assert not problems


def test_page_keys_go_from_section_to_section(page: tuple[Any, list[str]]) -> None:
    opened, problems = page
    ruler(opened).focus()
    for key, seconds in (
        *(("PageDown", 4), ("PageDown", 8), ("PageDown", 8)),
        *(("PageUp", 4), ("PageUp", 0), ("PageUp", 0)),
    ):
        opened.keyboard.press(key)
        assert playhead(opened) == pytest.approx(seconds, abs=0.02)
    assert "section A" in ruler(opened).get_attribute("aria-valuetext")
    assert not problems


def test_the_form_can_be_read_in_both_colour_schemes_and_on_a_phone(
    page: tuple[Any, list[str]], screenshots: Path, looks: Callable[..., Any]
) -> None:
    opened, problems = page
    for scheme, width in looks(opened):
        assert opened.evaluate("() => document.documentElement.scrollWidth") <= width
        opened.screenshot(path=screenshots / f"desk_form_{scheme}_{width}.png", full_page=True)
    assert not problems


def test_without_beats_and_sections_there_are_no_such_lanes(
    tmp_path: Path, serve: Callable[[Path], str], open_page: Callable[..., Any]
) -> None:
    none = segments([0.0], [])
    ListeningDesk.of(SimpleNamespace(**{**vars(piece()), "beats": none})).to_html(
        tmp_path / "none.html"
    )
    opened, problems = open_page(f"{serve(tmp_path)}/none.html")
    opened.wait_for_selector(READY, state="attached")
    opened.locator('[data-lane="waveform"]').wait_for()
    lanes = opened.locator("[data-lane]").evaluate_all("all => all.map(lane => lane.dataset.lane)")
    assert "beats found" in lanes
    assert not {"sections found", "tempo"} & set(lanes)
    assert not problems
