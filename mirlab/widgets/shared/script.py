"""JavaScript shared by the instruments of a page and loaded once per page.

It is a widget model without a view, to which every instrument refers by `_shared`. It is therefore
stored wherever the instruments are: in JupyterLab and Colab once per kernel, in a saved notebook
and in a page of the book once per file. Its model identifier is the hash of its content, so that
instruments of two versions on one page each find the right one.
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
        Source of an ES module.
    """

    script = traitlets.Unicode().tag(sync=True)

    def __init__(self, script: str) -> None:
        name = hashlib.sha256(script.encode()).hexdigest()[:16]
        super().__init__(script=script, model_id=f"mirlab-shared-{name}")


_current: SharedScript | None = None


def shared_script() -> SharedScript:
    """The shared script of this process; recreated after it was closed."""
    global _current
    if _current is None or _current.comm is None:
        _current = SharedScript(BUNDLE.read_text("utf-8"))
    return _current


def shared_state() -> dict[str, Any]:
    """State of a widget manager that contains only the shared script."""
    return dict(Widget.get_manager_state(widgets=[shared_script()]))
