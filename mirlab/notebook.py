"""Helpers for the pages of the book: players, tables, and committed benchmark results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from .core import Audio, MirlabError
from .core.checks import as_array, require, require_count, require_flag
from .core.errors import TableError
from .core.tables import Table, require_decimals

RESULTS = Path(__file__).with_name("results.json")  # `python -m benchmarks.results` writes it
Means: TypeAlias = dict[str, dict[str, dict[str, list[float]]]]


def listen(sound: Audio | np.ndarray, title: str, *, sr: int = 22050) -> None:
    """Display a waveform and a player under a title; it plays at -12 dBFS at most.

    Parameters
    ----------
    sound
        An `Audio`, or samples of shape `(samples,)` or `(channels, samples)`, about -1..1.
    title
        Plain text above the waveform, and the label of the player.
    sr
        Sampling rate of the samples in Hz; ignored for an `Audio`.

    Raises
    ------
    AudioError
        If the samples are empty or not finite, or the title is no text.

    Examples
    --------
    >>> listen(np.zeros(2205), "A tenth of a second of silence")
    Player(audio=Audio(1 channel, 0.100 s, 22050 Hz), title='A tenth of a second of silence')
    """
    from IPython.display import display

    audio = sound if isinstance(sound, Audio) else Audio(sound, sr)
    display(audio.player(title))


def table(
    columns: Sequence[str],
    rows: Mapping[str, Any] | Iterable[Sequence[Any]],
    *,
    decimals: int | Mapping[str, int] = 2,
    caption: str = "",
) -> Table:
    """Create a table, which scrolls horizontally on a narrow screen.

    Parameters
    ----------
    columns
        Column headings; all different.
    rows
        A sequence of rows, with their values in the order of the columns; or a mapping from the
        first column to the values of the others (a single value if there are two columns).
        None or NaN is shown as a dash.
    decimals
        Digits after the decimal point of floats, for all columns or by heading (2 for the
        others). Integers are shown unchanged.
    caption
        Text above the table.

    Returns
    -------
    Table
        Shown as the last value of a cell, or by `IPython.display.display`.

    Raises
    ------
    TableError
        If the number of values in a row differs from the number of columns, two columns have the
        same heading, or an argument is of another type.

    Examples
    --------
    >>> print(table(["method", "gain in dB"], {"nothing": 0.0, "Wiener": 4.18}, decimals=1))
    method   gain in dB
    nothing         0.0
    Wiener          4.2
    """
    headings = Table(columns).columns
    require(isinstance(rows, Iterable), "rows must be lists of values, or a mapping", TableError)
    if isinstance(rows, Mapping):
        rows = [[name, *_values(row)] for name, row in rows.items()]
    if isinstance(decimals, Mapping):
        decimals = dict.fromkeys(headings, 2) | dict(decimals)
    dictionaries = []
    for row in map(_values, rows):
        line = f"a row has {len(row)} values for {len(headings)} columns"
        require(len(row) == len(headings), line, TableError)
        dictionaries.append(dict(zip(headings, row, strict=True)))
    return Table(headings, dictionaries, decimals=decimals, caption=caption)


def measurements() -> dict[str, dict[str, Any]]:
    """Read how and where every committed benchmark was measured, with its means.

    Returns
    -------
    dict
        By name (`task/question`): `command`, `commit`, `date`, `machine` and `means`. The package
        carries them; the scores of single recordings are in `benchmarks/results` of the project.

    Examples
    --------
    >>> measurements()["rhythm/real_recordings"]["command"]
    'python -m benchmarks.rhythm.real_recordings'
    """
    found: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text("utf-8"))
    return found


def benchmark(name: str) -> Means:
    """Read the means of a committed benchmark; the package carries them.

    Parameters
    ----------
    name
        `task/question`, such as `"transcription/real_recordings"`.

    Returns
    -------
    dict
        `[set][row][measure]` is mean, low, high: the mean over the recordings of a set, and its
        95 % bootstrap interval. A row is a system, a baseline or an upper bound.

    Raises
    ------
    MirlabError
        When no committed benchmark has this name; the message lists those that there are.

    Examples
    --------
    >>> beats = benchmark("rhythm/real_recordings")
    >>> mean, low, high = beats["beats_smd"]["librosa"]["f"]
    >>> low <= mean <= high
    True
    """
    found = measurements()
    if not isinstance(name, str) or name not in found:
        raise MirlabError(f"no benchmark {name!r}; there are {', '.join(sorted(found))}")
    means: Means = found[name]["means"]
    return means


def score_table(
    means: Means,
    columns: Mapping[str, tuple[str, str]],
    systems: Mapping[str, str] | Sequence[str] | None = None,
    *,
    transpose: bool = False,
    intervals: bool = False,
    decimals: int = 2,
    caption: str = "",
) -> Table:
    """Create a table of benchmark means: one row per system, one column per set and measure.

    Parameters
    ----------
    means
        Result of `benchmark`.
    columns
        Mapping from heading to (set, measure); sets that `means` lacks are left out.
    systems
        Systems in the order of the rows, or a mapping from system to label; by default, all in
        alphabetical order. Systems in none of the sets are left out.
    transpose
        Whether rows are sets and columns are systems.
    intervals
        Whether each mean is followed by its 95 % interval, if it is wider than the rounding.
    decimals
        Digits after the decimal point.
    caption
        Text above the table.

    Returns
    -------
    Table
        As returned by `table`; missing values are dashes.

    Raises
    ------
    TableError
        If `means` are not those of `benchmark`, or an argument is of another type.

    Examples
    --------
    >>> means = {"violin": {"YIN": {"rpa": [0.912, 0.9, 0.92]}, "pYIN": {"rpa": [0.95, 0.9, 1.0]}}}
    >>> print(score_table(means, {"violin": ("violin", "rpa")}, ["YIN", "pYIN"]))
    system  violin
    YIN       0.91
    pYIN      0.95
    """
    _check_means(means)
    _check_columns(columns)
    systems = _labels(systems)
    for name, flag in (("transpose", transpose), ("intervals", intervals)):
        require_flag(name, flag, TableError)
    require_count("decimals", decimals, minimum=0, error=TableError)
    require_decimals(decimals)
    columns = {heading: column for heading, column in columns.items() if column[0] in means}
    known = {system for name, _ in columns.values() for system in means[name]}
    if systems is None:
        systems = {system: system for system in sorted(known, key=str.lower)}

    def cell(system: str, name: str, measure: str) -> float | str | None:
        interval = means[name].get(system, {}).get(measure)
        if interval is None:
            return None
        return _with_interval(interval, decimals) if intervals else interval[0]

    rows = {
        label: [cell(system, *column) for column in columns.values()]
        for system, label in systems.items()
        if system in known
    }
    first, headings = "system", [*columns]
    if transpose:
        rows, first, headings = (
            {heading: [row[k] for row in rows.values()] for k, heading in enumerate(columns)},
            "measured on",
            [*rows],
        )
    return table([first, *headings], rows, decimals=decimals, caption=caption)


def _check_means(means: Means) -> None:
    """Raise a `TableError` unless these are `[set][row][measure]` of three numbers."""
    line = "means must be the result of benchmark: [set][row][measure] of mean, low, high"
    require(isinstance(means, Mapping), line, TableError)
    for rows in means.values():
        require(isinstance(rows, Mapping), line, TableError)
        for measures in rows.values():
            require(isinstance(measures, Mapping), line, TableError)
            for interval in measures.values():
                as_array("an interval of means", interval, TableError)
                require(len(interval) == 3, line, TableError)


def _check_columns(columns: Mapping[str, tuple[str, str]]) -> None:
    """Raise a `TableError` unless these are pairs of set and measure by heading."""
    line = "columns must be a mapping from heading to (set, measure)"
    require(isinstance(columns, Mapping), line, TableError)
    for heading, column in columns.items():
        pair = isinstance(column, tuple | list) and len(column) == 2
        texts = [heading, *column] if pair else [None]
        require(all(isinstance(text, str) for text in texts), line, TableError)


def _labels(systems: Mapping[str, str] | Sequence[str] | None) -> dict[str, str] | None:
    """The labels of the systems, by system; None for all systems."""
    if systems is None:
        return None
    listed = isinstance(systems, Mapping | Sequence) and not isinstance(systems, str | bytes)
    require(listed, "systems must be a list of names, or a mapping to labels", TableError)
    labels = systems if isinstance(systems, Mapping) else {name: name for name in map(str, systems)}
    texts = all(isinstance(text, str) for pair in labels.items() for text in pair)
    require(texts, "systems must be names and labels", TableError)
    return dict(labels)


def _with_interval(interval: Sequence[float], decimals: int) -> str:
    """Format mean, low and high, without a line break."""
    rounded = [round(value, decimals) + 0.0 for value in interval]  # never -0.0
    mean, low, high = (f"{value:.{decimals}f}" for value in rounded)
    return mean if low == high else f"{mean} ({low} to {high})".replace(" ", "\N{NO-BREAK SPACE}")


def _values(row: Any) -> list[Any]:
    """Values of a row, which may be a single one."""
    return list(row) if isinstance(row, Iterable) and not isinstance(row, str) else [row]
