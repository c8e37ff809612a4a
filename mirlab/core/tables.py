"""A table: rows that can be read, drawn, and handed on to pandas."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import MissingPartError

if TYPE_CHECKING:
    import pandas


class Table:
    """Rows with the same columns.

    Parameters
    ----------
    columns
        Their names, in order.
    rows
        One dictionary a row, with a value for every column.

    Examples
    --------
    >>> table = Table(["step", "loss"], [{"step": 10, "loss": 0.5}, {"step": 20, "loss": 0.25}])
    >>> table["loss"].tolist()
    [0.5, 0.25]
    >>> print(table)
    step  loss
      10   0.5
      20  0.25
    """

    def __init__(self, columns: Sequence[str], rows: Sequence[dict[str, Any]] = ()) -> None:
        self.columns = tuple(columns)
        self.rows = list(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __getitem__(self, column: str) -> np.ndarray:
        if column not in self.columns:
            raise KeyError(f"no column {column!r}; there are {', '.join(self.columns)}")
        return np.array([row[column] for row in self.rows])

    def __str__(self) -> str:
        cells = self._cells()
        widths = [max(len(line[i]) for line in cells) for i in range(len(self.columns))]
        left = [any(isinstance(row[name], str) for row in self.rows) for name in self.columns]
        lines = (
            "  ".join(
                cell.ljust(width) if words else cell.rjust(width)
                for cell, width, words in zip(line, widths, left, strict=True)
            )
            for line in cells
        )
        return "\n".join(line.rstrip() for line in lines)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} rows of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        first, *others = ([html.escape(cell) for cell in line] for line in self._cells())
        apart = 'style="padding:2px 10px"'
        head = "".join(f"<th {apart}>{cell}</th>" for cell in first)
        body = "".join(
            "<tr>" + "".join(f"<td {apart}>{cell}</td>" for cell in line) + "</tr>"
            for line in others
        )
        return (
            '<div style="overflow-x:auto" tabindex="0"><table>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def to_pandas(self) -> pandas.DataFrame:
        """The same as a pandas table.

        Raises
        ------
        MissingPartError
            When pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingPartError("a table needs pandas: pip install pandas") from None
        return pd.DataFrame(self.rows, columns=list(self.columns))

    def _cells(self) -> list[list[str]]:
        """The heading and the rows as text."""
        rows = [[_text(row[name]) for name in self.columns] for row in self.rows]
        return [list(self.columns), *rows]


def _text(value: Any) -> str:
    """A value as people read it: four figures of a number, nothing for None."""
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
