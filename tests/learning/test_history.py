"""Output of a training: tables, curves, and the progress bar."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lxml import etree
from torch import Tensor, nn

from mirlab.learning import History, Table, fit
from mirlab.learning.history import curve_html

ROWS = [
    {"step": step, "loss": loss, "validation": validation, "lr": 0.1, "seconds": step / 5}
    for step, loss, validation in [(10, 1.0, 2.0), (20, 0.5, 0.7), (30, 0.1, 0.9)]
]


def learn(**options: Any) -> History:
    def loss(model: nn.Module, batch: Tensor) -> Tensor:
        return model(batch).square().mean()

    arguments = {"steps": 20, "every": 5, "device": "cpu"} | options
    return fit(nn.Linear(2, 1), loss, [torch.ones(3, 2)], **arguments)


def test_a_table_is_read_by_column_row_and_pandas() -> None:
    history = History(ROWS, steps=30)
    assert history["validation"].tolist() == [2.0, 0.7, 0.9]
    assert [row["step"] for row in history] == [10, 20, 30]
    frame = history.to_pandas()
    assert list(frame.columns) == list(history.columns) and len(frame) == len(history) == 3
    with pytest.raises(KeyError, match="no column 'los'; there are step, loss"):
        history["los"]


def test_a_table_is_shown_as_text_and_html() -> None:
    table = Table(["name", "n"], [{"name": "a <b>", "n": 3}, {"name": "c", "n": None}])
    assert str(table).splitlines() == ["name   n", "a <b>  3", "c      -"]
    assert "a &lt;b&gt;" in table._repr_html_()
    assert str(Table(["name"])) == "name"
    for html in (table._repr_html_(), Table(["name"])._repr_html_()):
        etree.fromstring(html)


def test_the_best_row_has_the_lowest_validation_loss() -> None:
    unscored = [row | {"validation": None} for row in ROWS]
    assert History(ROWS, steps=30).best == ROWS[1]
    assert History(unscored, steps=30).best == unscored[2]
    assert History(steps=30).best is None


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], [], [ROWS[0] | {"validation": None}]])
def test_the_curve_is_a_complete_labelled_figure(rows: list[dict[str, Any]]) -> None:
    page = etree.fromstring(curve_html(History(rows, steps=30)).replace("&#", "#"))
    [caption] = page.iter("figcaption")
    assert caption.text
    for svg in page.iter("svg"):
        assert len(svg.get("aria-label")) > 20
        lines = [line.get("points").split() for line in svg.iter("polyline")]
        corners = [tuple(map(float, corner.split(","))) for line in lines for corner in line]
        assert all(0 <= x <= 600 and 0 <= y <= 160 for x, y in corners)
        losses = [row[name] for row in rows for name in ("loss", "validation")]
        assert len(corners) == sum(loss is not None for loss in losses)
    assert ("validation" in "".join(page.itertext())) is any(row["validation"] for row in rows)


def test_a_loss_of_zero_or_below_can_be_drawn() -> None:
    for low in (0.0, -1.0):
        rows = [ROWS[0], ROWS[1] | {"loss": low}]
        assert "polyline" in curve_html(History(rows, steps=30))


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    learn()
    shown = capsys.readouterr()
    assert "20/20" in shown.err and "loss=" in shown.err and not shown.out
    learn(progress=False)
    assert not capsys.readouterr().err


def test_a_notebook_gets_a_growing_curve(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []

    class Handle:
        def update(self, html: Any) -> None:
            shown.append(html.data)

    def display(html: Any, *, display_id: bool) -> Handle:
        shown.append(html.data)
        return Handle()

    import IPython.display

    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(
        sys.modules["IPython"], "get_ipython", lambda: SimpleNamespace(kernel=object())
    )
    monkeypatch.setattr("mirlab.learning.progress.MIN_INTERVAL", 0.0)
    history = learn()
    assert "starts" in shown[0]
    assert "step 7 of 20" in shown[7] and "polyline" in shown[7]
    assert shown[-1] == history._repr_html_()
    assert "20 steps in" in shown[-1]
    assert not capsys.readouterr().err
