"""Sphinx extension: the directive `run-table`, which lists when each page ran and for how long.

The dates are those of the execution, even if the results came from the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

COLUMNS = ("Page", "Last run", "Seconds")


class RunTable(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils has no types
    """Placeholder for the table, which is filled in when all pages have been read."""


class RunTableDirective(SphinxDirective):
    """The directive `run-table`."""

    def run(self) -> list[nodes.Node]:
        """Insert a placeholder for the table."""
        return [RunTable()]


class FillRunTables(SphinxPostTransform):
    """Replace the placeholders by tables."""

    default_priority = 8

    def run(self, **_: Any) -> None:
        """Replace every placeholder of the page."""
        for node in list(self.document.findall(RunTable)):
            node.replace_self(self._table())

    def _table(self) -> nodes.Node:
        rows = []
        for page in in_order(self.env.toctree_includes, self.config.root_doc):
            if ran := exec_data(self.env, page):
                title = nodes.inline("", self.env.titles[page].astext())
                link = make_refnode(self.app.builder, self.env.docname, page, "", title)
                rows.append([link, *when_and_how_long(ran["mtime"], ran["runtime"])])
        if not rows:
            return nodes.paragraph("", "No page was executed for this copy of the book.")
        return table(rows)


def exec_data(env: Any, page: str) -> dict[str, Any] | None:
    """Execution data of a page, as recorded by myst-nb; None if it was not executed."""
    from myst_nb.sphinx_ import NbMetadataCollector

    data: dict[str, Any] | None = NbMetadataCollector.get_doc_data(env)[page].get("exec_data")
    return data


def in_order(includes: dict[str, list[str]], page: str) -> Iterator[str]:
    """Yield a page and all below it, in the order of the table of contents."""
    yield page
    for below in includes.get(page, []):
        yield from in_order(includes, below)


def when_and_how_long(moment: float, seconds: float | None) -> tuple[str, str]:
    """Format a Unix time as date and time, and a duration with one decimal.

    >>> when_and_how_long(0.0, 7.2512)
    ('1970-01-01 00:00 UTC', '7.3')
    """
    when = datetime.fromtimestamp(moment, UTC)
    return f"{when:%Y-%m-%d %H:%M} UTC", "" if seconds is None else f"{seconds:.1f}"


def table(rows: list[list[Any]]) -> nodes.table:
    """A table; its cells are nodes or strings."""
    group = nodes.tgroup(cols=len(COLUMNS))
    group += [nodes.colspec(colwidth=width) for width in (50, 35, 15)]
    head, body = nodes.thead(), nodes.tbody()
    group += [head, body]
    for part, cells in [(head, list(COLUMNS)), *((body, row) for row in rows)]:
        row = nodes.row()
        for cell in cells:
            inside = nodes.Text(cell) if isinstance(cell, str) else cell
            row += nodes.entry("", nodes.paragraph("", "", inside))
        part += row
    return nodes.table("", group, classes=["colwidths-auto"])


def setup(app: Any) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_node(RunTable)
    app.add_directive("run-table", RunTableDirective)
    app.add_post_transform(FillRunTables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
