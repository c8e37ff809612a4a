"""A table: rows that can be read, drawn, and handed on to pandas."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
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
        One dictionary a row, with a value for every column; None or NaN where there is none,
        which shows as a dash.
    decimals
        Digits after the point of the numbers with a fraction, for all columns or by column;
        four significant digits where nothing is said.
    caption
        A line above the table.

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

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[dict[str, Any]] = (),
        *,
        decimals: int | Mapping[str, int] | None = None,
        caption: str = "",
    ) -> None:
        self.columns = tuple(columns)
        self.rows = list(rows)
        self.decimals = decimals
        self.caption = caption

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
        lines = (
            "  ".join(
                cell.ljust(width) if words else cell.rjust(width)
                for cell, width, words in zip(line, widths, self._words(), strict=True)
            )
            for line in cells
        )
        return "\n".join(line.rstrip() for line in (*self.caption.splitlines(), *lines))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} rows of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        sides = ["left" if words else "right" for words in self._words()]

        def line(cells: list[str], tag: str) -> str:
            inside = "".join(
                f'<{tag} style="text-align:{side};padding:2px 8px">{html.escape(cell)}</{tag}>'
                for cell, side in zip(cells, sides, strict=True)
            )
            return f"<tr>{inside}</tr>"

        first, *others = self._cells()
        body = "".join(line(cells, "td") for cells in others)
        caption = html.escape(self.caption)
        above = f'<caption style="text-align:left">{caption}</caption>' if caption else ""
        return (  # pandas' class, for which notebooks and themes have their own style
            f'<div style="overflow-x:auto" tabindex="0" role="region" '
            f'aria-label="{caption or "Table"}"><table class="dataframe">{above}'
            f"<thead>{line(first, 'th')}</thead><tbody>{body}</tbody></table></div>"
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

    def _words(self) -> list[bool]:
        """Whether each column holds words, which begin at the left."""
        return [any(isinstance(row[name], str) for row in self.rows) for name in self.columns]

    def _cells(self) -> list[list[str]]:
        """The heading and the rows as text."""
        if isinstance(self.decimals, Mapping):
            places = [self.decimals.get(name) for name in self.columns]
        else:
            places = [self.decimals] * len(self.columns)
        rows = [
            [_text(row[name], digits) for name, digits in zip(self.columns, places, strict=True)]
            for row in self.rows
        ]
        return [list(self.columns), *rows]


def _text(value: Any, decimals: int | None) -> str:
    """A value as people read it."""
    if value is None or value != value:  # NaN alone differs from itself
        return "-"
    if not isinstance(value, float | np.floating):
        return str(value)
    if decimals is None:
        return f"{value:.4g}"
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}"  # never -0.0
