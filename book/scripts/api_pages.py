"""A Sphinx extension: pages of the library from its docstrings.

Docstrings follow numpy's format, with types in the signatures and single backticks around code.
Text in backticks becomes a link if it is a public name, and code otherwise. Names of other
packages (numpy, Python) have no links, since the pages access no other host.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils import unescape
from sphinx.domains.python import PyXRefRole
from sphinx.util.nodes import make_refnode

NAME = re.compile(r"[A-Za-z_][\w.]*(\(\))?")
ALONE = ("function", "class", "exception")  # objects that need no class in front of their name
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
    """Role of single backticks: a link for a possible name, code otherwise."""
    if NAME.fullmatch(text):
        return PyXRefRole()("py:obj", rawtext, text, lineno, inliner)
    return [nodes.literal(rawtext, unescape(text))], []


def public_name(target: str, objects: dict[str, str]) -> str | None:
    """The full name under which `target` is documented.

    Parameters
    ----------
    target
        As in a docstring or a signature: `Audio`, `mirlab.core.audio.Audio`, `Audio.save`.
    objects
        The type of every documented object, by full name.

    Returns
    -------
    str or None
        None if there is no such object, or more than one.
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
    """Resolve a name in the library's pages."""
    if node.get("refdomain") != "py" or not node["reftarget"]:
        return None
    known = env.get_domain("py").objects
    name = public_name(node["reftarget"], {n: entry.objtype for n, entry in known.items()})
    if name is None:
        return None
    entry = known[name]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, name)


def _known_elsewhere(app: Any, domain: Any, node: Any) -> bool | None:
    """Suppress warnings about names of other packages; broken links to pages still warn."""
    return True if domain is not None and domain.name == "py" else None


def _state(
    app: Any, what: str, name: str, thing: Any, options: Any, signature: Any, *_: Any
) -> Any:
    """Show a widget's signature as `(**state)`, its traits by name."""
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
