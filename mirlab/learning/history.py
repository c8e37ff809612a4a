"""The history of a training: a table, and its learning curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..core.display import figure, svg
from ..core.tables import Table
from .checks import require_count

COLUMNS = ("step", "loss", "validation", "lr", "seconds")
WIDTH, HEIGHT = 600, 160  # pixels, on a page that is wide enough
CURVES = {"loss": ("#3b82c4", ""), "validation": ("#c2660a", "5 3")}  # colour, dash pattern


class History(Table):
    """The history of a training, one row per check; returned by `fit`.

    Columns: `step`, the number of steps done; `loss`, the mean training loss since the previous
    row; `validation`, the loss of the averaged weights on the validation batches (None without
    validation); `lr`, the learning rate; `seconds`, the duration of the training so far.

    Parameters
    ----------
    rows
        One dictionary per row.
    steps
        Number of planned steps.

    Examples
    --------
    >>> row = {"step": 100, "loss": 0.5, "validation": 0.6, "lr": 0.001, "seconds": 2.0}
    >>> history = History([row, row | {"step": 200, "validation": 0.4}], steps=200)
    >>> history["validation"].tolist(), history.best["step"]
    ([0.6, 0.4], 200)
    """

    def __init__(self, rows: Sequence[dict[str, Any]] = (), *, steps: int) -> None:
        require_count("steps", steps)
        super().__init__(COLUMNS, rows)
        self.steps = steps

    @property
    def best(self) -> dict[str, Any] | None:
        """The row with the lowest validation loss; without validation the last; None if empty."""
        scored = [row for row in self.rows if row["validation"] is not None]
        if scored:
            return min(scored, key=lambda row: row["validation"])
        return self.rows[-1] if self.rows else None

    def _repr_html_(self) -> str:
        return curve_html(self)


def curve_html(history: History, *, now: str = "") -> str:
    """Learning curve as self-contained HTML.

    Parameters
    ----------
    history
        May be empty.
    now
        Caption while the training runs; by default a summary of the finished training.
    """
    caption = now or _summary(history)
    losses = [row[name] for row in history for name in CURVES if row[name] is not None]
    if not losses:
        return figure("", caption)
    low, high = min(losses), max(losses)
    lines = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}" '
        f'vector-effect="non-scaling-stroke" points="{_points(history, name, low, high)}"/>'
        for name, (colour, dashes) in CURVES.items()
    )
    plot = svg(lines, 0, 0, WIDTH, HEIGHT, height=HEIGHT, label=f"Learning curve. {caption}")
    y_axis = (
        f'<div style="width:4em;height:{HEIGHT}px;font-size:11px;display:flex;'
        'flex-direction:column;justify-content:space-between;text-align:right;padding-right:4px">'
        f"<span>{high:.3g}</span><span>loss</span><span>{low:.3g}</span></div>"
    )
    x_axis = (
        '<div style="display:flex;justify-content:space-between;font-size:11px;'
        f'padding-left:4.4em"><span>0</span><span>steps</span><span>{history.steps}</span></div>'
    )
    framed = f'<div style="flex:1;border-left:1px solid;border-bottom:1px solid">{plot}</div>'
    curves = f'<div style="display:flex">{y_axis}{framed}</div>{x_axis}{_legend(history)}'
    return figure(f'<div style="max-width:{WIDTH + 60}px">{curves}</div>', caption)


def _summary(history: History) -> str:
    """One-line summary of a finished training."""
    if not len(history):
        return "no steps"
    last, best = history.rows[-1], history.best
    line = f"{last['step']} steps in {last['seconds']:.0f} s, loss {last['loss']:.3g}"
    if best and best["validation"] is not None:
        line += f"; best on validation {best['validation']:.3g}, at step {best['step']}"
    return line


def _points(history: History, name: str, low: float, high: float) -> str:
    """SVG points of a curve; on a logarithmic scale if all losses are above 0."""
    scaled: Callable[[float], float] = math.log if low > 0 else float
    spread = (scaled(high) - scaled(low)) or 1.0
    points = (
        (row["step"] / history.steps * WIDTH, (scaled(high) - scaled(row[name])) / spread)
        for row in history
        if row[name] is not None
    )
    return " ".join(f"{x:.1f},{2 + y * (HEIGHT - 4):.1f}" for x, y in points)


def _legend(history: History) -> str:
    """The legend; empty for a single curve."""
    if all(row["validation"] is None for row in history):
        return ""
    colours = {name: colour for name, (colour, _) in CURVES.items()}
    return (
        '<div style="font-size:12px;padding-left:4em">'
        f'<span style="color:{colours["loss"]}">&#9473;</span> training '
        f'<span style="color:{colours["validation"]};padding-left:1em">&#9476;&#9476;</span> '
        "validation</div>"
    )
