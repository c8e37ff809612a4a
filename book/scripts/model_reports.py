"""Sphinx extension: a report for each network, from its recipe, its card and committed results.

A page in `book/models` contains the block `{model-report} task/name`. When Sphinx reads the page,
the block is replaced by the report in Markdown. What cannot be derived is in `book/models/*.toml`:
`models.toml` (description and how it was tested), `tables.toml` (which results), `failures.toml`
(sounds on which it fails) and `tried.toml` (what did not help, and the commit that records it).
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from report_clips import clip
from report_tables import (
    ReportError,
    fill_references,
    load_toml,
    protocol_html,
    shipped_networks,
    table_html,
    tables_of,
    weights_of,
)

from mirlab.core import MissingPartError
from mirlab.learning import History, Recipe, list_recipes, recipes
from mirlab.learning.cards import Card
from mirlab.learning.history import curve_html
from mirlab.learning.registry import VERBS

LIST = re.compile(r"(?m)^```\{model-list\}\n```$")
BLOCK = re.compile(r"(?m)^```\{model-report\} (\S+)\n```$")
FOLDER = Path(__file__).resolve().parents[1] / "models"


def page_name(model: str) -> str:
    """File name of a report without suffix, such as `transcription-mirlab-notes`."""
    return model.replace("/", "-")


def report(model: str, folder: Path = FOLDER) -> str:
    """Write the report of a network in Markdown.

    Parameters
    ----------
    model
        `task/name` of a model with learned parameters.
    folder
        Folder of the TOML files.

    Raises
    ------
    ReportError
        If there is no such network, or a file has no entry for it.
    """
    networks = shipped_networks()
    texts = load_toml(folder / "models.toml")
    if model not in networks or model not in texts:
        where = "among the shipped networks" if model not in networks else "in models.toml"
        raise ReportError(f"there is no {model!r} {where}")
    card, text = networks[model], texts[model]
    parts = [
        text["summary"],
        f"```python\n{text['example'].strip()}\n```",
        _facts(card, text),
        "## Training data",
        text["data"],
        _settings(card),
        "## Training curve",
        _curve(card, text),
        "## Ablations",
        *_tables(folder, card, "ablations", text.get("ablations", "")),
        "## Scores",
        *_tables(folder, card, "scores", text.get("scores", "")),
        _card_scores(card),
        "## Failures to listen to",
        *_failures(folder, model),
        "## How it was tested",
        *(f"- {line}" for line in text["tested"]),
        "## What did not help",
        *_tried(folder, model),
    ]
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    """Join paragraphs and fill in the figures of results; list items stay together."""
    text = "\n\n".join(part.strip() for part in parts if part.strip())
    return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", fill_references(text)) + "\n"


def _facts(card: Card, text: dict[str, Any]) -> str:
    """Table of facts: size, licence, source, cost."""
    size = f"{card.bytes:,} bytes" if card.bytes else "not in this package"
    rows = [
        ("Name", f"`{card.name}`"),
        ("Parameters", f"{card.parameters:,}"),
        ("Weights", size),
        ("Licence of the weights", card.licence),
        ("Network", f"`{card.network}`"),
        ("Source of the weights", card.source),
        ("Made by", f"`{card.command}`" if card.command else "not trained by this project"),
        ("Code of the training", f"commit {card.commit[:7]}" if card.command else "-"),
        ("Cost of the training", text["cost"]),
        ("Credits", text["credits"]),
    ]
    return _markdown_table(("Fact", "Value"), rows)


def _markdown_table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    """Markdown table of two columns."""
    lines = [f"| {a} | {b} |" for a, b in (head, ("---", "---"), *rows)]
    return "\n".join(lines)


def _settings(card: Card) -> str:
    """Table of the recipe's settings; without a recipe, a sentence from the card."""
    if card.name not in list_recipes():
        return f"From the card: {card.trained_on}."
    recipe = recipes._recipes[card.name]
    return _markdown_table(("Setting of the recipe", "Value"), recipe_rows(recipe, card))


def recipe_rows(recipe: Recipe, card: Card) -> list[tuple[str, str]]:
    """Training data and settings of a recipe, as names and values."""
    supply: Any = getattr(recipe.data, "__self__", None)  # the TrainingData behind its batches
    room: Any = import_module(recipe.loss.__module__)
    rows = [("Trained on", recipe.trained_on)]
    if supply is not None:
        hours = supply.items * room.SECONDS / 3600
        music = f"{supply.items:,} items of {room.SECONDS:g} s, {hours:.1f} hours"
        rows += [
            ("Training music", music),
            ("Validation", f"{supply.validation_items} items of another seed"),
            ("Batch", f"{supply.batch_size} excerpts of {room.FRAMES} frames"),
        ]
    options = ", ".join(f"{name} {value}" for name, value in recipe.options.items())
    return [
        *rows,
        ("Steps", f"{recipe.steps:,}"),
        ("Options of `fit`", options),
        ("Seed", f"{card.seed}"),
    ]


def _curve(card: Card, text: dict[str, Any]) -> str:
    """Plot of the losses over the steps, or the reason why there is none."""
    if not card.history:
        return str(text["no_curve"])
    steps = int(card.history[-1]["step"])
    return _raw(curve_html(History(card.history, steps=steps)))


def _tables(folder: Path, card: Card, section: str, text: str) -> list[str]:
    """Tables of a section, each with its question, interpretation and protocol."""
    parts = [text]
    for entry in tables_of(folder, card.name, section):
        used = weights_of(entry["result"], card)
        parts += [
            f"### {entry['heading']}",
            entry["text"],
            _raw(table_html(entry, card.name)),
            entry.get("note", ""),
            _raw(f"<p>Measured with {used}.</p>{protocol_html(entry['result'])}"),
        ]
    return parts


def _card_scores(card: Card) -> str:
    """Scores that the recipe measured after training."""
    if not card.scores:
        return ""
    found = ", ".join(f"{measure} {value:.3f}" for measure, value in card.scores.items())
    return (
        "### On synthetic music\n\n"
        f"{found}. Protocol of the card: {card.protocol}. The test music comes from the generator "
        "of the training music, so these scores show that training worked, not how well the "
        "network does on recordings. The card has the means only, without intervals."
    )


def _failures(folder: Path, model: str) -> list[str]:
    """Sounds on which a network fails, as clips."""
    parts = [
        "Every sound here is synthesised from a fixed seed when the book is built, and the network "
        "runs on it then. Grey shows the truth, blue what the network found; the second player "
        "plays a resynthesis of what it found."
    ]
    for entry in failures_of(folder, model):
        try:
            made, _ = clip(entry["case"], model, entry["title"], entry["text"])
        except MissingPartError as reason:  # the network was not installed when the book was built
            return [*parts, f"This copy of the book has no clips: {reason}."]
        parts += [f"### {entry['title']}", _raw(made)]
    return parts


def failures_of(folder: Path, model: str) -> list[dict[str, Any]]:
    """Entries of `failures.toml` for a model."""
    entries = load_toml(folder / "failures.toml")["failure"]
    return [entry for entry in entries if model in entry["models"]]


def _tried(folder: Path, model: str) -> list[str]:
    """List of attempts that did not help."""
    entries = load_toml(folder / "tried.toml")["attempt"]
    of_model = [entry for entry in entries if model in entry["models"]]
    if not of_model:
        return ["No failed attempt is recorded for this network: none of its commits names one."]
    lines = []
    for entry in of_model:
        source = f"commit {entry['commit']}" if "commit" in entry else f"`{entry['result']}`"
        lines.append(f"- **{entry['what']}** {entry['outcome']} ({source})")
    return lines


def _raw(markup: str) -> str:
    """Wrap HTML in a raw block of Markdown."""
    return f"```{{raw}} html\n{markup}\n```"


def model_list() -> str:
    """Table of all reports."""
    lines = ["| Report | Task | Parameters | Trained by this project |", "|---|---|--:|---|"]
    for name, card in shipped_networks().items():
        task, short = name.split("/")
        link = f"[{short}]({page_name(name)}.md)"
        trained = "yes" if card.command else "no"
        lines.append(f"| {link} | `mirlab.{VERBS[task]}` | {card.parameters:,} | {trained} |")
    return "\n".join(lines)


def _fill(app: Any, docname: str, source: list[str]) -> None:
    """Replace the blocks of a page by reports, or by the table of reports."""
    text = BLOCK.sub(lambda block: report(block[1]), source[0])
    source[0] = LIST.sub(lambda _: model_list(), text)


def setup(app: Any) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
