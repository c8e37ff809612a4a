"""A Sphinx extension: built pages ask no other host for anything.

The theme loads a script that offers to run cells on a public server (thebe); it is left out. What
shows the widgets ships with the installed mirlab, and is copied from there.
"""

from __future__ import annotations

from typing import Any


def _without_thebe(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Drop thebe's scripts from a page that is about to be written."""
    context["script_files"] = [
        script for script in context.get("script_files", []) if not _is_thebe(script)
    ]


def _is_thebe(script: Any) -> bool:
    """Whether one of Sphinx's script entries belongs to thebe: by its file, or by its text."""
    name = str(getattr(script, "filename", None) or script)
    text = str((getattr(script, "attributes", None) or {}).get("body") or "")
    return "sphinx-thebe" in name or "THEBE" in text


def _with_widgets(app: Any, config: Any) -> None:
    """Let the static widget runtime be copied to `_static/widgets.js`."""
    from mirlab.widgets.shared.base import RUNTIME

    config.html_static_path.append(str(RUNTIME.parent))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("config-inited", _with_widgets)
    app.connect("html-page-context", _without_thebe, priority=900)  # after thebe's own handler
    return {"parallel_read_safe": True, "parallel_write_safe": True}
