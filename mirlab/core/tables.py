"""`Table`: rows and columns, shown as text or HTML, convertible to pandas."""

from __future__ import annotations

import html
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import require, require_count, require_type
from .errors import MissingPartError, TableError

if TYPE_CHECKING:
    import pandas

MAX_DECIMALS = 15


class Table:
    """Table of rows with the same columns.

    Parameters
    ----------
    columns
        Column names, in order.
    rows
        One dictionary per row, with a value for every column; None or NaN for a missing value,
        shown as a dash.
    decimals
        Digits after the decimal point of floats, for all columns or by column; four significant
        digits by default.
    caption
        Text above the table.

    Raises
    ------
    TableError
        If a row lacks a column, or an argument is of another type.

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
        self.columns = _headings(columns)
        require(isinstance(rows, Sequence), "rows must be a list of dictionaries", TableError)
        for row in rows:
            require_type("each of the rows", row, Mapping, TableError)
            missing = [name for name in self.columns if name not in row]
            require(not missing, f"a row lacks {', '.join(missing)}", TableError)
        require_decimals(decimals)
        require_type("caption", caption, str, TableError)
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
                cell.ljust(width) if text else cell.rjust(width)
                for cell, width, text in zip(line, widths, self._is_text(), strict=True)
            )
            for line in cells
        )
        return "\n".join(line.rstrip() for line in (*self.caption.splitlines(), *lines))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} rows of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        sides = ["left" if text else "right" for text in self._is_text()]

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
        return (  # pandas' class, which notebooks and themes style
            f'<div style="overflow-x:auto" tabindex="0" role="region" '
            f'aria-label="{caption or "Table"}"><table class="dataframe">{above}'
            f"<thead>{line(first, 'th')}</thead><tbody>{body}</tbody></table></div>"
        )

    def to_pandas(self) -> pandas.DataFrame:
        """Convert to a pandas data frame.

        Raises
        ------
        MissingPartError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingPartError("a table needs pandas: pip install pandas") from None
        return pd.DataFrame(self.rows, columns=list(self.columns))

    def _is_text(self) -> list[bool]:
        """Whether each column contains text, which is left-aligned."""
        return [any(isinstance(row[name], str) for row in self.rows) for name in self.columns]

    def _cells(self) -> list[list[str]]:
        """Heading and rows as text."""
        if isinstance(self.decimals, Mapping):
            decimals = [self.decimals.get(name) for name in self.columns]
        else:
            decimals = [self.decimals] * len(self.columns)
        rows = [
            [_text(row[name], digits) for name, digits in zip(self.columns, decimals, strict=True)]
            for row in self.rows
        ]
        return [list(self.columns), *rows]


def _headings(columns: Sequence[str]) -> tuple[str, ...]:
    """Check the headings of the columns, all different."""
    listed = isinstance(columns, Sequence) and not isinstance(columns, str | bytes)
    valid = listed and all(isinstance(name, str) for name in columns)
    require(valid, f"columns must be headings, not {reprlib.repr(columns)}", TableError)
    twice = len({*columns}) < len(columns)
    require(not twice, f"two columns have the same heading: {', '.join(columns)}", TableError)
    return tuple(columns)


def require_decimals(decimals: int | Mapping[str, int] | None) -> None:
    """Raise a `TableError` unless these are numbers of digits, 0..15."""
    if decimals is None:
        return
    for digits in decimals.values() if isinstance(decimals, Mapping) else [decimals]:
        require_count("decimals", digits, minimum=0, error=TableError)
        require(digits <= MAX_DECIMALS, f"decimals must be at most {MAX_DECIMALS}", TableError)


def _text(value: Any, decimals: int | None) -> str:
    """Format a value; None and NaN are a dash."""
    if value is None or value != value:  # only NaN differs from itself
        return "-"
    if not isinstance(value, float | np.floating):
        return str(value)
    if decimals is None:
        return f"{value:.4g}"
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}"  # never -0.0
