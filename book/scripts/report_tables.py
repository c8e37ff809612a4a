"""Tables of the model reports: committed results with confidence intervals.

`book/models/tables.toml` lists which results a report shows, as sets and measures of a file in
`benchmarks/results`. Text may refer to a figure as `[[file | set | row | measure]]`, which is
replaced by the mean and its interval, so that no figure is typed by hand.
"""

from __future__ import annotations

import copy
import html
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from mirlab.learning.cards import Card
from mirlab.learning.registry import FOLDER
from mirlab.notebook import Means, score_table

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks/results"
REFERENCE = re.compile(r"\[\[([^\[\]]+)\]\]")
SEPARATOR = re.compile(r"\s*\|\s*")


class ReportError(Exception):
    """A report cannot be written; the message names the file and what it lacks."""


@cache
def result(name: str) -> dict[str, Any]:
    """Read the committed result `task/question`.

    Raises
    ------
    ReportError
        If no result has this name.
    """
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        raise ReportError(f"there is no result {name!r}")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def means_of(name: str) -> Means:
    """Means of a result with the confidence interval of each set.

    A set of one recording has no interval over recordings. If the result has one over excerpts of
    that recording (`x_low` and `x_high` of a measure `x`), that interval is used.
    """
    found = result(name)
    means: Means = copy.deepcopy(found["means"])
    for set_name, rows in means.items():
        if len(found["files"][set_name]) == 1:
            for measures in rows.values():
                for measure in [key[:-4] for key in measures if key.endswith("_low")]:
                    low, high = (measures[f"{measure}_{end}"][0] for end in ("low", "high"))
                    measures[measure] = [measures[measure][0], low, high]
    return means


def shipped_networks() -> dict[str, Card]:
    """Cards of all models with learned parameters, by name."""
    cards = (Card.load(path) for path in sorted(FOLDER.glob("*.json")))
    return {card.name: card for card in cards if card.parameters}


def load_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file."""
    return tomllib.loads(path.read_text("utf-8"))


def tables_of(folder: Path, model: str, section: str) -> list[dict[str, Any]]:
    """Entries of `tables.toml` for a section of a model's report."""
    entries = load_toml(folder / "tables.toml")["table"]
    return [entry for entry in entries if model in entry["models"] and entry["section"] == section]


def table_html(entry: dict[str, Any], model: str) -> str:
    """HTML table of results: a row per system, a column per set, with 95 % intervals.

    Parameters
    ----------
    entry
        From `tables.toml`: `result`; `measure`, or a measure in each column (`set | measure`);
        `columns` and `systems`, from names in the table to names in the result.
    model
        Model of the report; its row is marked.
    """
    columns = {}
    for heading, target in entry["columns"].items():
        set_name, *rest = SEPARATOR.split(target)
        columns[heading] = (set_name, rest[0] if rest else entry["measure"])
    short_name = model.split("/")[1]
    systems = {
        row: f"{label} (this net)" if label == short_name else label
        for label, row in entry["systems"].items()
    }
    means = means_of(entry["result"])
    for set_name, measure in columns.values():
        if not any(measure in rows for rows in means.get(set_name, {}).values()):
            raise ReportError(f"{entry['result']} has no {measure!r} for {set_name!r}")
    found = score_table(
        means,
        columns,
        systems,
        intervals=True,
        decimals=entry.get("decimals", 2),
    )
    caption = html.escape(entry["caption"])  # above, for inside it would be as wide
    label = html.escape(entry["heading"])
    table = found._repr_html_().replace('aria-label="Table"', f'aria-label="{label}"', 1)
    return f'<div class="results"><p>{caption}</p>{table}</div>'


def fill_references(text: str) -> str:
    """Replace `[[file | set | row | measure]]` by the mean and its 95 % interval.

    >>> fill_references("[[pitch/real_recordings | made_voices | mirlab | rpa]]")
    '1.00'
    """
    return REFERENCE.sub(lambda found: _figure(*SEPARATOR.split(found[1].strip())), text)


def _figure(name: str, set_name: str, row: str, measure: str) -> str:
    """Format a mean, with its interval if that is wider than the rounding."""
    try:
        three = means_of(name)[set_name][row][measure]
    except KeyError as missing:
        raise ReportError(f"{name} has no {missing}") from None
    mean, low, high = (f"{round(value, 2) + 0.0:.2f}" for value in three)  # never -0.00
    return mean if low == high else f"{mean} ({low} to {high})"


def protocol_html(name: str) -> str:
    """Protocol of a result, with command, date and machine, in a folded block."""
    found = result(name)
    tree = "with changes that were not committed" if found["dirty"] else "as committed"
    machine = f"{found['machine']['cpu']}, {found['machine']['cores']} cores"
    measured = f"{found['date'][:10]}, commit {found['commit'][:7]} {tree}, {machine}"
    return (
        f"<details><summary>Protocol of {html.escape(name)}</summary>"
        f"<p>{html.escape(found['protocol'])}</p>"
        f"<p><code>{html.escape(found['command'])}</code>, {html.escape(measured)}.</p></details>"
    )


def weights_of(name: str, card: Card) -> str:
    """Say whether a result was measured with the weights of a card.

    Returns
    -------
    str
        `"these weights"`, `"other weights of this name"`, or `"other networks"`.
    """
    measured = result(name)["weights"]
    if card.name not in measured:
        return "other networks"
    same = card.sha256 is None or measured[card.name] == card.sha256
    return "these weights" if same else "other weights of this name"
