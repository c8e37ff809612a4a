"""A Sphinx extension: built pages that access no other host.

The theme loads a script that runs cells on a public server (thebe); it is removed. The widget
runtime is copied from the installed mirlab. If onnxruntime-web was fetched (see `onnxruntime_web`),
a meta element in each page contains its address; a widget loads it when it first runs a network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onnxruntime_web import FOLDER, STATIC, is_complete


def _without_thebe(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Remove thebe's scripts from a page."""
    context["script_files"] = [
        script for script in context.get("script_files", []) if not _is_thebe(script)
    ]


def _is_thebe(script: Any) -> bool:
    """Whether one of Sphinx's script entries belongs to thebe: by its file, or by its text."""
    name = str(getattr(script, "filename", None) or script)
    text = str((getattr(script, "attributes", None) or {}).get("body") or "")
    return "sphinx-thebe" in name or "THEBE" in text


def _with_onnxruntime(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add the address of onnxruntime-web to a page."""
    if str(Path(app.srcdir) / STATIC) in app.config.html_static_path:
        address = context["pathto"](f"_static/{FOLDER}/", resource=True)
        tag = f'<meta name="mirlab-onnxruntime" content="{address}">'
        context["metatags"] = context.get("metatags", "") + tag


def _with_static_files(app: Any, config: Any) -> None:
    """Copy the widget runtime to `_static/widgets.js`, with onnxruntime-web beside it."""
    from mirlab.widgets.shared.base import RUNTIME

    config.html_static_path.append(str(RUNTIME.parent))
    root = Path(app.srcdir)
    if is_complete(root):
        config.html_static_path.append(str(root / STATIC))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("config-inited", _with_static_files)
    app.connect("html-page-context", _without_thebe, priority=900)  # after thebe's own handler
    app.connect("html-page-context", _with_onnxruntime)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
