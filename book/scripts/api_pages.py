"""A Sphinx extension: the pages of the library, read from its docstrings.

Docstrings here are numpy's kind, with types in the signatures and single backticks around code.
What stands in backticks becomes a link where it is the name of something public, and code
elsewhere. Names that are not ours (numpy's, Python's) lead nowhere: the pages ask no other host.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils import unescape
from sphinx.domains.python import PyXRefRole
from sphinx.util.nodes import make_refnode

NAME = re.compile(r"[A-Za-z_][\w.]*(\(\))?")
ALONE = ("function", "class", "exception")  # what is known by its own name, without its class
SETTINGS = {
    "autodoc_default_options": {"members": True},
    "autodoc_preserve_defaults": True,
    "autodoc_type_aliases": {"ArrayLike": "ArrayLike"},  # numpy's own words for it fill the screen
    "default_role": "code-or-link",
    "napoleon_attr_annotations": False,
    "napoleon_google_docstring": False,
    "napoleon_use_rtype": False,
    "python_maximum_signature_line_length": 70,
}


def code_or_link(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Any,
    options: dict[str, Any] | None = None,
    content: Any = (),
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The role of single backticks: a link for what may be a name, code for anything else."""
    if NAME.fullmatch(text):
        return PyXRefRole()("py:obj", rawtext, text, lineno, inliner)
    return [nodes.literal(rawtext, unescape(text))], []


def public_name(target: str, objects: dict[str, str]) -> str | None:
    """The full name under which `target` is documented.

    Parameters
    ----------
    target
        As a docstring or a signature says it: `Audio`, `mirlab.core.audio.Audio`, `Audio.save`.
    objects
        The kind of every documented thing, by full name.

    Returns
    -------
    str or None
        None when there is no such thing, or more than one.
    """
    *owner, last = target.removesuffix("()").split(".")
    ours = [name for name in objects if name.startswith("mirlab.")]
    if owner:
        members = [name for name in ours if name.endswith(f".{owner[-1]}.{last}")]
        if len(members) == 1:
            return members[0]
    alone = [name for name in ours if name.endswith(f".{last}") and objects[name] in ALONE]
    return alone[0] if len(alone) == 1 else None


def _link(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """Find what a name inside the library's pages means."""
    if node.get("refdomain") != "py" or not node["reftarget"]:
        return None
    known = env.get_domain("py").objects
    name = public_name(node["reftarget"], {n: entry.objtype for n, entry in known.items()})
    if name is None:
        return None
    entry = known[name]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, name)


def _known_elsewhere(app: Any, domain: Any, node: Any) -> bool | None:
    """Say nothing of Python names that are not ours; a broken link to a page still warns."""
    return True if domain is not None and domain.name == "py" else None


def _state(
    app: Any, what: str, name: str, thing: Any, options: Any, signature: Any, *_: Any
) -> Any:
    """A widget takes its traits by name, whatever the class above it says."""
    return ("(**state)", None) if signature and signature.startswith("(*args") else None


def _settings(app: Any, config: Any) -> None:
    for name, value in SETTINGS.items():
        setattr(config, name, value)


def setup(app: Any) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.add_role("code-or-link", code_or_link)
    app.connect("config-inited", _settings, priority=1)
    app.connect("autodoc-process-signature", _state)
    app.connect("missing-reference", _link)
    app.connect("warn-missing-reference", _known_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
