"""Progress of a training: a live learning curve in a notebook, a progress bar elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from .history import History, curve_html

MIN_INTERVAL = 0.5  # s between two redraws


class Display:
    """A display that shows nothing; base class of the others."""

    def update(self, step: int) -> None:
        """Show that `step` steps are done."""

    def close(self) -> None:
        """Show the final state."""


class ProgressBar(Display):
    """A progress bar in a terminal."""

    def __init__(self, history: History, first: int) -> None:
        from tqdm import tqdm

        self.history = history
        self.bar = tqdm(total=history.steps, initial=first, unit="step")

    def update(self, step: int) -> None:
        """Advance the bar, and show the losses of the last row beside it."""
        if len(self.history):
            row = self.history.rows[-1]
            shown = {name: row[name] for name in ("loss", "validation") if row[name] is not None}
            self.bar.set_postfix(shown, refresh=False)
        self.bar.update(step - self.bar.n)

    def close(self) -> None:
        """Leave the bar in its current state."""
        self.bar.close()


class Curve(Display):
    """A learning curve in a notebook, redrawn as the training proceeds."""

    def __init__(self, history: History) -> None:
        from IPython.display import HTML, display

        self.wrap: Any = HTML
        self.history = history
        self.handle = display(HTML(curve_html(history, now="starts")), display_id=True)
        self.drawn = time.monotonic()

    def update(self, step: int) -> None:
        """Redraw the curve, at most every `MIN_INTERVAL` seconds."""
        if time.monotonic() - self.drawn > MIN_INTERVAL:
            now = f"step {step} of {self.history.steps}"
            self.handle.update(self.wrap(curve_html(self.history, now=now)))
            self.drawn = time.monotonic()

    def close(self) -> None:
        """Draw the whole curve."""
        self.handle.update(self.wrap(curve_html(self.history)))


def make_display(history: History, first: int, *, progress: bool) -> Display:
    """The display for a training that starts at step `first`."""
    if not progress:
        return Display()
    return Curve(history) if _in_notebook() else ProgressBar(history, first)


def _in_notebook() -> bool:
    """Whether this process is a notebook kernel."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")
