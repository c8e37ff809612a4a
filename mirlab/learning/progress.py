"""How a training shows itself while it runs: a live curve in a notebook, a bar elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from .history import History, curve_html

PAUSE = 0.5  # s between two pictures


class Display:
    """Nothing to see."""

    def tell(self, step: int) -> None:
        """Say that so many steps were made."""

    def close(self) -> None:
        """Show the end."""


class ProgressBar(Display):
    """A progress bar in a terminal."""

    def __init__(self, history: History, first: int) -> None:
        from tqdm import tqdm

        self.history = history
        self.bar = tqdm(total=history.steps, initial=first, unit="step")

    def tell(self, step: int) -> None:
        """Move the bar, with the losses of the last row beside it."""
        if len(self.history):
            row = self.history.rows[-1]
            shown = {name: row[name] for name in ("loss", "validation") if row[name] is not None}
            self.bar.set_postfix(shown, refresh=False)
        self.bar.update(step - self.bar.n)

    def close(self) -> None:
        """Leave the bar where it is."""
        self.bar.close()


class Curve(Display):
    """A learning curve in a notebook, drawn anew as it grows."""

    def __init__(self, history: History) -> None:
        from IPython.display import HTML, display

        self.wrap: Any = HTML
        self.history = history
        self.handle = display(HTML(curve_html(history, now="starts")), display_id=True)
        self.drawn = time.monotonic()

    def tell(self, step: int) -> None:
        """Draw the curve, unless that was done just now."""
        if time.monotonic() - self.drawn > PAUSE:
            now = f"step {step} of {self.history.steps}"
            self.handle.update(self.wrap(curve_html(self.history, now=now)))
            self.drawn = time.monotonic()

    def close(self) -> None:
        """Draw all of it."""
        self.handle.update(self.wrap(curve_html(self.history)))


def display_of(history: History, first: int, *, progress: bool) -> Display:
    """What shows a training from step `first` on, here."""
    if not progress:
        return Display()
    return Curve(history) if _in_notebook() else ProgressBar(history, first)


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this process."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")
