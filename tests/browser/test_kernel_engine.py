"""The page and the kernel together: who computes, how fast, and what becomes of a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Opened = tuple[Any, list[str]]
SHOWS = "level => document.querySelector('canvas[data-level]')?.dataset.level === String(level)"
# Milliseconds from asking to the new picture of 1 MB, fifteen times.
REACTION = """async () => {
    const times = [];
    for (let level = 1; level <= 15; level++) {
        const start = performance.now();
        askPicture('paint', { level });
        const shown = () => document.querySelector('canvas[data-level]')?.dataset.level;
        while (shown() !== String(level)) await new Promise(requestAnimationFrame);
        times.push(performance.now() - start);
    }
    return times;
}"""


def test_the_kernel_paints(run_notebook: Callable[[str], Opened]) -> None:
    page, problems = run_notebook("tests/widgets/kernel_picture.ipynb")
    page.wait_for_function("() => window.askPicture")
    assert "kernel (CPU)" in page.locator("[data-engine=kernel]").inner_text()

    times = page.evaluate(REACTION)
    assert np.median(times) < 3 * 100, times
    assert page.locator(".busy[data-shown]").count() == 0  # nothing took 300 ms

    # of many requests the last one wins, and a slow one says that it works
    page.evaluate("askPicture('paint', { level: 100, pause: 0.6 })")
    for level in range(101, 111):
        page.evaluate("level => askPicture('paint', { level })", level)
    page.wait_for_function(SHOWS, arg=110)
    assert page.locator(".busy[data-shown]").count() == 1

    page.evaluate("askPicture('paint', { level: 300 })")
    page.get_by_text("ValueError: too bright").wait_for()
    page.evaluate("askPicture('paint', { level: 42 })")
    page.wait_for_function(SHOWS, arg=42)
    assert not problems
