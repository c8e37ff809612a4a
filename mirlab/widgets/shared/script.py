"""The JavaScript that the instruments of a page share, loaded once a page.

It is a widget model without a view, to which every instrument refers by `_shared`. So it comes
with the instruments wherever they go: to JupyterLab and Colab once a kernel, into a saved notebook
and a page of the book once a file. Its model identifier is the hash of its content: instruments of
two versions on one page find each their own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import traitlets
from ipywidgets import Widget

BUNDLE = Path(__file__).parent / "bundle.js"


class SharedScript(Widget):  # type: ignore[misc]  # ipywidgets has no types
    """A script as a widget model; `shared/js/loader.js` loads it.

    Parameters
    ----------
    script
        An ES module.
    """

    script = traitlets.Unicode().tag(sync=True)

    def __init__(self, script: str) -> None:
        name = hashlib.sha256(script.encode()).hexdigest()[:16]
        super().__init__(script=script, model_id=f"mirlab-shared-{name}")


_current: SharedScript | None = None


def shared_script() -> SharedScript:
    """The shared script of this process; made anew when the one before was closed."""
    global _current
    if _current is None or _current.comm is None:
        _current = SharedScript(BUNDLE.read_text("utf-8"))
    return _current


def shared_state() -> dict[str, Any]:
    """The state of a page's widget manager that holds the shared script alone."""
    return dict(Widget.get_manager_state(widgets=[shared_script()]))
