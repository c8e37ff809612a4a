"""The model reports: one a network, with the figures of the results and a label on every sound."""

from __future__ import annotations

import doctest
import html
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import model_reports
import pytest
import report_tables
import yaml
from report_clips import CASES
from report_tables import ReportError, fill_references, load_toml, shipped_networks, table_html

from mirlab.core import MissingPartError

NETWORKS = sorted(shipped_networks())
EXAMPLES = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
TABLES = load_toml(model_reports.FOLDER / "tables.toml")["table"]
ATTEMPTS = load_toml(model_reports.FOLDER / "tried.toml")["attempt"]
LARGEST = 3e6  # bytes of a page


@pytest.fixture(scope="module")
def reports() -> dict[str, str]:
    """Every report, its sounds included."""
    return {model: model_reports.report(model) for model in NETWORKS}


def test_every_network_that_ships_has_a_page(root: Path) -> None:
    weights = {path.stem for path in (root / "mirlab/weights").glob("*.safetensors")}
    pages = {path.stem for path in (root / "book/models").glob("*.md")} - {"index"}
    assert weights <= pages
    assert pages == {model_reports.page_name(model) for model in NETWORKS}
    listed = json.dumps(yaml.safe_load((root / "book/_toc.yml").read_text("utf-8")))
    texts = load_toml(model_reports.FOLDER / "models.toml")
    for model in NETWORKS:
        page = root / f"book/models/{model_reports.page_name(model)}.md"
        assert model_reports.BLOCK.findall(page.read_text("utf-8")) == [model]
        assert f'"book/models/{page.stem}"' in listed
        assert f"({page.name})" in model_reports.model_list()
        assert model in texts, "describe the network in book/models/models.toml"
        assert model_reports.failures_of(model_reports.FOLDER, model), "add a failure to listen to"


def test_an_unknown_network_has_no_report() -> None:
    with pytest.raises(ReportError, match="no 'pitch/yin' among the shipped networks"):
        model_reports.report("pitch/yin")  # a classical method


def cell(means: dict[str, Any], files: dict[str, Any], column: tuple[str, str], row: str) -> str:
    """What a cell must say, read from the JSON without the functions under test."""
    name, measure = column
    three = means[name].get(row, {}).get(measure)
    if three is None:
        return "-"
    if len(files[name]) == 1 and f"{measure}_low" in means[name][row]:
        ends = (means[name][row][f"{measure}_{end}"][0] for end in ("low", "high"))
        three = [three[0], *ends]
    return "|".join(str(value) for value in three)


def agrees(shown: str, wanted: str, decimals: int) -> bool:
    if wanted == "-" or shown == "-":
        return shown == wanted
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", shown)]
    values = [float(value) for value in wanted.split("|")]
    if len(numbers) == 1:  # no interval is shown: it is narrower than the rounding
        values = values[:1] if len({round(v, decimals) + 0.0 for v in values}) == 1 else values
    close = 0.5 * 10**-decimals + 1e-9
    return len(numbers) == len(values) and all(
        abs(a - b) <= close for a, b in zip(numbers, values, strict=True)
    )


@pytest.mark.parametrize("entry", TABLES, ids=[entry["heading"] for entry in TABLES])
def test_every_number_of_a_table_is_that_of_the_result(root: Path, entry: dict[str, Any]) -> None:
    result = json.loads((root / f"benchmarks/results/{entry['result']}.json").read_text("utf-8"))
    columns = []
    for target in entry["columns"].values():
        name, *measure = target.split(" | ")
        columns.append((name, measure[0] if measure else entry["measure"]))
    for model in entry["models"]:
        body = table_html(entry, model)
        head, *lines = re.findall(r"(?s)<tr>(.*?)</tr>", body)
        assert re.findall(r"<th[^>]*>(.*?)</th>", head)[1:] == [*map(html.escape, entry["columns"])]
        assert len(lines) == len(entry["systems"])
        for line, (label, row) in zip(lines, entry["systems"].items(), strict=True):
            first, *cells = map(html.unescape, re.findall(r"<td[^>]*>(.*?)</td>", line))
            of_model = label == model.split("/")[1]
            assert first == (f"{label} (this net)" if of_model else label)
            assert set(cells) != {"-"}, f"nothing was measured for {row}"
            for shown, column in zip(cells, columns, strict=True):
                wanted = cell(result["means"], result["files"], column, row)
                assert agrees(shown, wanted, entry.get("decimals", 2)), (row, column, shown, wanted)


def test_another_number_would_be_noticed() -> None:
    assert agrees(
        "0.81\N{NO-BREAK SPACE}(0.78\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}0.85)",
        "0.8149|0.7772|0.8512",
        2,
    )
    assert not agrees("0.82 (0.78 to 0.85)", "0.8149|0.7772|0.8512", 2)
    assert not agrees("0.81", "0.8149|0.7772|0.8512", 2)  # an interval that is left out
    assert not agrees("-", "0.8149|0.8149|0.8149", 2)


def test_references_are_figures_of_results(root: Path) -> None:
    reference = "[[pitch/real_recordings | notes_philharmonia | pYIN | rpa]]"
    means = json.loads((root / "benchmarks/results/pitch/real_recordings.json").read_text("utf-8"))
    mean, low, high = means["means"]["notes_philharmonia"]["pYIN"]["rpa"]
    assert fill_references(f"It is {reference}.") == f"It is {mean:.2f} ({low:.2f} to {high:.2f})."
    for wrong in (reference.replace("pYIN", "nobody"), reference.replace("pitch/", "none/")):
        with pytest.raises(ReportError):
            fill_references(wrong)


def test_no_score_is_typed_where_a_result_has_it() -> None:
    """Decimals in hand-written text are settings, or stand in a commit that is named."""
    texts = load_toml(model_reports.FOLDER / "models.toml").values()
    for text in texts:
        for key in ("summary", "ablations", "scores"):
            assert not re.search(r"0?\.\d", report_tables.REFERENCE.sub("", text.get(key, "")))


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=[attempt["what"] for attempt in ATTEMPTS])
def test_what_did_not_help_is_on_record(root: Path, attempt: dict[str, Any]) -> None:
    assert ("commit" in attempt) != ("result" in attempt)
    outcome = fill_references(attempt["outcome"])
    assert set(attempt["models"]) <= set(NETWORKS)
    if "result" in attempt:
        assert f"[[{attempt['result']} |" in attempt["outcome"]
        return
    shown = subprocess.run(
        ["git", "show", attempt["commit"]], cwd=root, capture_output=True, text=True, check=False
    )
    if shown.returncode:
        pytest.skip("the history of the project is not here")
    known = [float(number) for number in re.findall(r"\d*\.\d+", shown.stdout)]
    for number in re.findall(r"\d*\.\d+", outcome):
        close = 0.5 * 10 ** -len(number.split(".")[1]) + 1e-9
        assert any(abs(float(number) - value) <= close for value in known), number


def test_tests_that_a_report_names_are_there(root: Path) -> None:
    for text in load_toml(model_reports.FOLDER / "models.toml").values():
        named = re.findall(r"`(tests/[\w/]+\.py)`", " ".join(text["tested"]))
        assert named
        assert all((root / path).is_file() for path in named), named


def test_facts_are_those_of_card_and_recipe() -> None:
    card = shipped_networks()["transcription/mirlab-notes"]
    facts = model_reports._facts(card, {"cost": "little", "credits": "all"})
    for value in (f"{card.parameters:,}", f"{card.bytes:,} bytes", card.licence, card.command):
        assert value in facts
    settings = model_reports._settings(card)
    assert "| 4,000 items of 12 s, 13.3 hours |" in settings
    assert "| 3,000 |" in settings and "lr 0.004" in settings


def test_a_curve_is_drawn_from_the_history_of_the_card() -> None:
    card = shipped_networks()["pitch/mirlab-f0"]
    row = {"step": 50, "loss": 2.0, "validation": 2.1, "lr": 0.1, "seconds": 3.0}
    rows = [row, row | {"step": 100, "loss": 1.0, "validation": 1.2}]
    drawn = model_reports._curve(replace(card, history=rows), {})
    assert drawn.count("<polyline") == 2 and 'aria-label="Learning curve. 100 steps' in drawn
    assert model_reports._curve(card, {"no_curve": "not kept"}) == "not kept"


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_the_example_of_a_report_works(model: str) -> None:
    code = load_toml(model_reports.FOLDER / "models.toml")[model]["example"]
    parsed = doctest.DocTestParser().get_doctest(code, {}, model, None, 0)
    result = doctest.DocTestRunner(optionflags=EXAMPLES).run(parsed)
    assert result.attempted > 0 and result.failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_every_sound_and_picture_has_words(model: str, reports: dict[str, str]) -> None:
    page = reports[model]
    assert len(page.encode()) < LARGEST
    labels = re.findall(r'<audio [^>]*aria-label="([^"]*)"', page)
    assert len(labels) == page.count("<audio") >= 6
    assert len({*labels}) == len(labels) and all(len(label) > 15 for label in labels)
    labels = re.findall(r'<svg [^>]*aria-label="([^"]*)"', page)
    assert len(labels) == page.count("<svg") >= 3
    assert all(len(alt) > 60 for alt in labels)
    assert not re.search(r"\[\[|\{(played|found|right|false|voiced)", page)
    headings = re.findall(r"(?m)^## (.+)$", page)
    assert headings == [
        "Training data",
        "Training curve",
        "Ablations",
        "Scores",
        "Failures to listen to",
        "How it was tested",
        "What did not help",
    ]


def test_without_a_part_the_report_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> Any:
        raise MissingPartError("basic-pitch is not installed")

    monkeypatch.setattr(model_reports, "clip", missing)
    text = model_reports.report("transcription/basic-pitch")
    assert "This copy of the book has no clips: basic-pitch is not installed" in text
    assert "## How it was tested" in text


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_every_failure_is_one(model: str) -> None:
    for entry in model_reports.failures_of(model_reports.FOLDER, model):
        assert entry["case"] in CASES
        _, counts = model_reports.clip(entry["case"], model, entry["title"], entry["text"])
        if "played" in counts:
            assert counts["missed"] + counts["false"] > 0.1 * counts["played"], (entry, counts)
        elif entry["case"] == "pitch of noise":
            assert counts["voiced"] > 10, counts
        else:
            assert counts["right"] < 90, (entry["title"], counts)
