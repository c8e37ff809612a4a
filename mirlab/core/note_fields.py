"""Check and convert the fields of `Notes`."""

from __future__ import annotations

from collections.abc import Sequence, Sized

import numpy as np
from numpy.typing import ArrayLike

from .checks import as_floats
from .errors import NotesError


def as_integers(name: str, values: ArrayLike, n: int, low: int, high: int) -> np.ndarray:
    """Check integers and their range; returns an int array (n,). A single number is repeated."""
    array = as_floats(name, values, NotesError)
    if array.ndim == 0:
        array = np.full(n, array)
    if array.shape != (n,):
        raise NotesError(f"{name} needs {n} values, not {array.shape}")
    if n and not (np.all(array == np.round(array)) and low <= array.min() <= array.max() <= high):
        raise NotesError(f"{name} must be integers from {low} to {high}")
    return array.astype(int)


def as_bends(bends: Sequence[ArrayLike] | None, order: np.ndarray) -> tuple[np.ndarray, ...] | None:
    """Bend curves as float arrays in the order of the notes; None if all are empty."""
    if bends is None:
        return None
    if not isinstance(bends, Sequence | np.ndarray) or len(bends) != order.size:
        raise NotesError(f"bends needs a list of {order.size} curves, not {bends!r:.40}")
    curves = tuple(_rows("a bend curve", bends[i], 2) for i in order)
    bent = [curve for curve in curves if len(curve)]  # most curves are empty
    if not all(np.all(np.isfinite(c)) and np.all(np.diff(c[:, 0]) > 0) for c in bent):
        raise NotesError("a bend curve needs finite values at increasing times")
    return curves if bent else None


def _rows(name: str, values: ArrayLike, columns: int) -> np.ndarray:
    """Check a table of numbers; float array (k, columns), also if it is empty."""
    if isinstance(values, Sized) and not len(values):
        return np.empty((0, columns))
    table = as_floats(name, values, NotesError)
    if table.size and table.shape[1:] != (columns,):
        raise NotesError(f"{name} needs {columns} columns, not shape {table.shape}")
    return table.reshape(-1, columns)


def as_pedal(pedal: ArrayLike | None, programs: np.ndarray) -> np.ndarray | None:
    """Pedal intervals as a float array (m, 3) sorted by time; None if there are none."""
    if pedal is None:
        return None
    table = _rows("the pedal table", pedal, 3)
    if not np.all((table[:, 0] >= 0) & (table[:, 0] < table[:, 1]) & np.isfinite(table[:, 1])):
        raise NotesError("every use of the pedal needs 0 <= start < end, in seconds")
    orphaned = ~np.isin(table[:, 2], programs)
    present = np.unique(programs)
    if present.size == 1:  # such as after `dataclasses.replace(notes, program=...)`
        table = np.where(orphaned[:, None] & (np.arange(3) == 2), present[0], table)
    else:
        table = table[~orphaned]
    return table[np.lexsort((table[:, 2], table[:, 0]))] if len(table) else None
