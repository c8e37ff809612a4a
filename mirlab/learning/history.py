"""What happened in a training: a table, and its curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..core.display import figure, svg
from ..core.tables import Table

COLUMNS = ("step", "loss", "validation", "lr", "seconds")
WIDTH, HEIGHT = 600, 160  # of the curve, in pixels where the page is wide enough
CURVES = {"loss": ("#3b82c4", ""), "validation": ("#c2660a", "5 3")}  # colour and dashes


class History(Table):
    """The course of a training, a row a check: what `fit` gives.

    Columns: `step`, how many steps were made; `loss`, its mean since the row before;
    `validation`, the loss of the averaged weights on the validation batches (None without any);
    `lr`, the learning rate; `seconds`, the time the training took so far.

    Parameters
    ----------
    rows
        One dictionary a row.
    steps
        How many steps were planned.
    """

    def __init__(self, rows: Sequence[dict[str, Any]] = (), *, steps: int) -> None:
        super().__init__(COLUMNS, rows)
        self.steps = steps

    @property
    def best(self) -> dict[str, Any] | None:
        """The row of the lowest validation loss; without validation the last; None of none."""
        scored = [row for row in self.rows if row["validation"] is not None]
        if scored:
            return min(scored, key=lambda row: row["validation"])
        return self.rows[-1] if self.rows else None

    def _repr_html_(self) -> str:
        return curve_html(self)


def curve_html(history: History, *, now: str = "") -> str:
    """The losses over the steps, as HTML that needs nothing else.

    Parameters
    ----------
    history
        May be empty.
    now
        A line about the training that runs; how it ended when not given.
    """
    words = now or _summary(history)
    losses = [row[name] for row in history for name in CURVES if row[name] is not None]
    if not losses:
        return figure("", words)
    low, high = min(losses), max(losses)
    lines = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}" '
        f'vector-effect="non-scaling-stroke" points="{_points(history, name, low, high)}"/>'
        for name, (colour, dashes) in CURVES.items()
    )
    picture = svg(lines, 0, 0, WIDTH, HEIGHT, height=HEIGHT, label=f"Learning curve. {words}")
    scale = (
        f'<div style="width:4em;height:{HEIGHT}px;font-size:11px;display:flex;'
        'flex-direction:column;justify-content:space-between;text-align:right;padding-right:4px">'
        f"<span>{high:.3g}</span><span>loss</span><span>{low:.3g}</span></div>"
    )
    axis = (
        '<div style="display:flex;justify-content:space-between;font-size:11px;'
        f'padding-left:4.4em"><span>0</span><span>steps</span><span>{history.steps}</span></div>'
    )
    framed = f'<div style="flex:1;border-left:1px solid;border-bottom:1px solid">{picture}</div>'
    curves = f'<div style="display:flex">{scale}{framed}</div>{axis}{_legend(history)}'
    return figure(f'<div style="max-width:{WIDTH + 60}px">{curves}</div>', words)


def _summary(history: History) -> str:
    """One line about a training that has ended."""
    if not len(history):
        return "not a step was made"
    last, best = history.rows[-1], history.best
    line = f"{last['step']} steps in {last['seconds']:.0f} s, loss {last['loss']:.3g}"
    if best and best["validation"] is not None:
        line += f"; best on validation {best['validation']:.3g}, at step {best['step']}"
    return line


def _points(history: History, name: str, low: float, high: float) -> str:
    """The corners of a curve; losses that are all above 0 on a logarithmic scale."""
    scaled: Callable[[float], float] = math.log if low > 0 else float
    spread = (scaled(high) - scaled(low)) or 1.0
    corners = (
        (row["step"] / history.steps * WIDTH, (scaled(high) - scaled(row[name])) / spread)
        for row in history
        if row[name] is not None
    )
    return " ".join(f"{x:.1f},{2 + y * (HEIGHT - 4):.1f}" for x, y in corners)


def _legend(history: History) -> str:
    """What the lines are, where there are two."""
    if all(row["validation"] is None for row in history):
        return ""
    colours = {name: colour for name, (colour, _) in CURVES.items()}
    return (
        '<div style="font-size:12px;padding-left:4em">'
        f'<span style="color:{colours["loss"]}">&#9473;</span> training '
        f'<span style="color:{colours["validation"]};padding-left:1em">&#9476;&#9476;</span> '
        "validation</div>"
    )
