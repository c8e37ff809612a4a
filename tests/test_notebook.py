"""Sounds, tables and committed results on a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import IPython.display
import numpy as np
import pytest
from lxml import etree

from benchmarks.results import summary
from mirlab import Audio, MirlabError, notebook
from mirlab.core.errors import AudioError, TableError
from mirlab.notebook import benchmark, listen, score_table, table

MEANS: notebook.Means = {
    "violin": {
        "b": {"f": [0.5, 0.25, 0.75], "hz": [440.0, 440.0, 440.0]},
        "A": {"f": [-0.001] * 3},
    },
    "voice": {"b": {"f": [1.0, 1.0, 1.0]}},
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    values: list[Any] = []
    monkeypatch.setattr(IPython.display, "display", values.append)
    return values


def test_a_sound_is_shown_under_its_title(shown: list[Any]) -> None:
    tone = np.sin(np.arange(8000) / 5)
    listen(tone, "samples", sr=8000)
    listen(Audio(tone, 16000), "a sound keeps its own rate")
    assert [(s.title, s.audio.sr) for s in shown] == [
        ("samples", 8000),
        ("a sound keeps its own rate", 16000),
    ]
    with pytest.raises(AudioError):
        listen(np.array([0.0, np.nan]), "no sound")


def test_a_table_shows_integers_whole_and_dashes_for_what_is_missing() -> None:
    found = table(
        ["name", "F", "n", "ms"], [["a", 0.126, 3, 1.6], ["b", np.nan, None, np.float32(2)]]
    )
    assert str(found).splitlines() == [
        "name     F  n    ms",
        "a     0.13  3  1.60",
        "b        -  -  2.00",
    ]
    rounded = table(["name", "F", "ms"], {"a": (0.126, 1.6)}, decimals={"ms": 0})
    assert str(rounded).splitlines() == ["name     F  ms", "a     0.13   2"]
    assert str(table(["name", "dB"], {"a": -0.04}, decimals=1)).endswith("0.0")
    assert found["F"][0] == 0.126  # what shows is rounded, what is kept is not


def test_a_table_on_a_page_scrolls_by_itself_and_has_a_name() -> None:
    page = etree.fromstring(table(["x", "n"], {"a <b>": 1}, caption="F & more")._repr_html_())
    assert page.get("style") == "overflow-x:auto" and page.get("tabindex") == "0"
    assert page.get("aria-label") == page.findtext(".//caption") == "F & more"
    assert [cell.text for cell in page.iter("td")] == ["a <b>", "1"]
    sides = [cell.get("style").split(";")[0] for cell in page.iter("td")]
    assert sides == ["text-align:left", "text-align:right"]


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(TableError, match="a row has"):
        table(["a", "b"], [[1, 2, 3]])
    with pytest.raises(TableError, match="same heading: a, a"):
        table(["a", "a"], [[1, 2]])


def test_scores_have_a_row_a_system_or_a_row_a_set() -> None:
    columns = {"bow": ("violin", "f"), "song": ("voice", "f"), "choir": ("nowhere", "f")}
    assert str(score_table(MEANS, columns)).splitlines() == [
        "system   bow  song",
        "A       0.00     -",
        "b       0.50  1.00",
    ]
    named = score_table(MEANS, columns, {"b": "B", "c": "C"}, transpose=True, intervals=True)
    assert named.columns == ("measured on", "B")
    assert [row["B"].replace("\xa0", " ") for row in named] == ["0.50 (0.25 to 0.75)", "1.00"]
    mixed = score_table(MEANS, {"F": ("violin", "f"), "Hz": ("violin", "hz")}, ["b"], decimals=0)
    assert str(mixed).splitlines()[1].split() == ["b", "0", "440"]
    assert not len(score_table({}, columns)) and not len(score_table({}, columns, transpose=True))


def test_the_package_carries_the_committed_results(root: Path) -> None:
    """`python -m benchmarks.results` writes them anew."""
    assert notebook.RESULTS.read_text("utf-8") == summary()
    for path in (root / "benchmarks/results").glob("*/*.json"):
        assert benchmark(f"{path.parent.name}/{path.stem}") == json.loads(path.read_text())["means"]


def test_an_unknown_benchmark_is_named_beside_those_that_there_are() -> None:
    expected = r"no benchmark 'notes'; there are .*pitch/real_recordings"
    with pytest.raises(MirlabError, match=expected):
        benchmark("notes")
