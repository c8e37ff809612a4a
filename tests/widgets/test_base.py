"""What every widget promises, seen from Python."""

from __future__ import annotations

import gc
import json
import re
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
import traitlets
from ipywidgets.embed import dependency_state, embed_data

from mirlab.widgets import Instrument, SignalBench, SoundInput
from mirlab.widgets.shared.base import HERE, WidgetError, runtime_script
from mirlab.widgets.shared.script import BUNDLE, SharedScript

Progress = Callable[[float], None]


class Adder(Instrument):
    """Adds on the kernel, as slowly as the test wants."""

    _esm = "export default { render() {} };"
    total = traitlets.Int(0).tag(sync=True)
    image = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.go, self.begun = threading.Event(), threading.Event()
        self.threads: list[str] = []
        self.asked: list[int] = []
        self.sent: list[dict[str, Any]] = []

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(content)

    def answer_add(self, progress: Progress, *, n: int) -> dict[str, Any]:
        self.asked.append(n)
        self.threads.append(threading.current_thread().name)
        self.begun.set()
        assert self.go.wait(20)
        progress(0.5)
        if n < 0:
            raise ValueError("only upwards")
        return {"total": self.total + n}


def request(adder: Adder, number: int, n: int) -> None:
    message = {"kind": "request", "id": number, "name": "add", "arguments": {"n": n}}
    adder._on_message(adder, message, [])


def test_a_closed_widget_leaves_the_memory() -> None:
    bench = SignalBench()
    left = weakref.ref(bench)
    bench.close()
    del bench
    gc.collect()
    assert left() is None


def test_an_unknown_keyword_names_the_right_ones() -> None:
    with pytest.raises(WidgetError, match=r"no 'bit'; did you mean 'bits'\?.*fundamental") as error:
        SignalBench(bit=8)
    assert "layout" not in str(error.value)


def test_a_bad_value_is_our_error() -> None:
    with pytest.raises(WidgetError, match="total"):
        Adder(total="three")


def test_a_kernel_says_hello() -> None:
    adder = Adder()
    adder._on_message(adder, {"kind": "hello"}, [])
    assert adder.sent == [{"kind": "kernel", "device": "CPU"}]


def test_work_is_done_off_the_main_thread_and_the_latest_wins() -> None:
    adder = Adder()
    request(adder, 1, 1)
    assert adder.begun.wait(20)  # the first one runs; this thread is free meanwhile
    for number in (2, 3, 4):
        request(adder, number, 10**number)
    adder.go.set()
    assert adder.wait()
    assert adder.asked == [1, 10**4]
    assert adder.total == 1 + 10**4
    assert threading.main_thread().name not in adder.threads
    kinds = [(message["kind"], message["id"]) for message in adder.sent]
    assert [k for k in kinds if k[0] == "dropped"] == [("dropped", 2), ("dropped", 3)]
    assert [k for k in kinds if k[0] == "done"] == [("done", 1), ("done", 4)]
    assert ("progress", 1) in kinds


def test_a_failure_is_shown_and_the_widget_goes_on() -> None:
    adder = Adder()
    adder.go.set()
    request(adder, 1, -1)
    assert adder.wait()
    assert adder.failure == "ValueError: only upwards"
    request(adder, 2, 5)
    assert adder.wait()
    assert (adder.total, adder.failure) == (5, "")


def test_a_question_that_nobody_answers_fails_inside() -> None:
    adder = Adder()
    adder._on_message(adder, {"kind": "request", "id": 1, "name": "sing", "arguments": {}}, [])
    assert adder.wait()
    assert "cannot answer 'sing'" in adder.failure


@pytest.mark.parametrize("text", ["<!--<script>", "</script>", "<!-- x --!>", "a < b"])
def test_no_text_ends_or_changes_the_script_that_holds_it(text: str) -> None:
    """After `<!--` and `<script`, HTML reads on beyond `</script>`."""
    adder = Adder()
    adder.failure = text
    page = adder.fragment()
    inside = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert len(inside) == 2 and not any("<" in script for script in inside)
    (model,) = (m for m in json.loads(inside[0])["state"].values() if "total" in m["state"])
    assert model["state"]["failure"] == text


def test_state_rebuilds_the_widget() -> None:
    bench = SignalBench(partials=[[1, 0.5], [2.5, 0.25]], bits=5, pole=[0.5, 0.5], filtered=True)
    again = SignalBench(**bench.state())
    assert again.state() == bench.state()
    assert (again.samples() == bench.samples()).all()


class Painter(Instrument):
    """Paints a grey at once."""

    _esm = "export default { render() {} };"
    image = traitlets.Bytes(b"").tag(sync=True)

    def answer_paint(self, progress: Progress, *, level: int, width: float = 1) -> dict[str, Any]:
        progress(0.5)
        return {"image": bytes([level] * 3)}

    def answer_sing(self, progress: Progress) -> dict[str, Any]:
        return {"sound": b""}


def test_answers_are_stored_for_pages_without_a_kernel() -> None:
    painter = Painter(image=b"own")
    painter.bake("paint", [{"level": 1}, {"level": 2, "width": 0.5}])
    painter.bake("paint", [{"width": 0.5, "level": 2}, {"level": 3}])
    stored = painter.baked["paint"]
    assert [given for given, _ in stored] == [
        {"level": 1},
        {"level": 2, "width": 0.5},
        {"level": 3},
    ]
    assert [traits["image"][0] for _, traits in stored] == [1, 2, 3]
    assert painter.image == b"own"
    assert Painter(**painter.state()).state() == painter.state()
    state = re.search(r"widget-state\+json\">(.*?)</script>", painter.fragment(), re.DOTALL)
    assert state
    (model,) = [m for m in json.loads(state[1])["state"].values() if "buffers" in m]
    paths = {tuple(buffer["path"]): buffer["data"] for buffer in model["buffers"]}
    assert paths["baked", "paint", 1, 1, "image"] == "AgIC"  # base64 of three twos


BAKE = """
import traitlets
from mirlab.widgets import Instrument
class Painter(Instrument):
    _esm = "export default { render() {} };"
    image = traitlets.Bytes(b"").tag(sync=True)
    def answer_paint(self, progress, *, level):
        return {"image": bytes([level] * 3)}
painter = Painter()
painter.bake("paint", [{"level": 1}])
painter"""


@pytest.mark.slow
def test_an_executed_notebook_keeps_what_was_stored() -> None:
    cells = [BAKE, 'painter.bake("paint", [{"level": 2}])']
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    state = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    (model,) = [model for model in state.values() if "baked" in model["state"]]
    kept = {tuple(buffer["path"]): buffer["data"] for buffer in model["buffers"]}
    assert kept["baked", "paint", 0, 1, "image"] == "AQEB"  # base64 of three ones
    assert kept["baked", "paint", 1, 1, "image"] == "AgIC"
    assert len([model for model in state.values() if "script" in model["state"]]) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("dance", {}, "cannot answer 'dance'"),
        ("sing", {}, "no 'sound'.*image"),
        ("paint", {"level": b"1"}, "cannot be asked for by a page"),
        ("paint", {"level": float("nan")}, "cannot be asked for by a page"),
    ],
)
def test_what_cannot_be_stored_is_said(name: str, arguments: dict[str, Any], message: str) -> None:
    painter = Painter()
    with pytest.raises(WidgetError, match=message):
        painter.bake(name, [arguments])
    assert painter.baked == {}


def test_to_html_holds_the_state_and_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "adder.html"
    path.write_text("old")
    content = bytes(range(256))
    page = Adder(total=7, image=content).to_html(path, title="</title><b>")
    assert path.read_text("utf-8") == page
    assert "<title>&lt;/title&gt;" in page
    state = re.search(r"widget-state\+json\">(.*?)</script>", page, re.DOTALL)
    assert state
    models = json.loads(state[1])["state"].values()
    (adder,) = [m for m in models if m["state"].get("total") == 7]
    assert [b["path"] for b in adder["buffers"]] == [["image"]]
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(?!data:)", page)


def test_to_html_names_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WidgetError, match="does not exist"):
        Adder().to_html(tmp_path / "no/adder.html")


def test_bundles_are_at_most_40_kilobytes() -> None:
    bundles = list(HERE.parent.glob("*/bundle.js"))
    assert BUNDLE in bundles
    score = HERE.parent / "listening_desk/score.js"
    for path in [*bundles, score, HERE / "instrument.css"]:
        assert path.stat().st_size <= 40_000, path.name


def scripts(state: dict[str, Any]) -> list[str]:
    """The shared scripts among the models of a page."""
    return [m["state"]["script"] for m in state["state"].values() if "script" in m["state"]]


def states(page: str) -> list[dict[str, Any]]:
    found = re.findall(r"widget-state\+json\">(.*?)</script>", page, re.DOTALL)
    return [json.loads(text) for text in found]


def test_instruments_share_one_script_per_page() -> None:
    first, second = SignalBench(), SoundInput()
    expected = [BUNDLE.read_text("utf-8")]
    pieces = [first.fragment(), second.fragment(), runtime_script()]
    assert [s for state in states("".join(pieces)) for s in scripts(state)] == expected
    assert [s for state in states(first.to_html()) for s in scripts(state)] == expected
    # what other tools embed, and what a notebook saves
    views = [first, second]
    embedded = embed_data(views, state=dependency_state(views))["manager_state"]
    assert scripts(embedded) == expected
    assert first._shared is second._shared


def test_a_closed_shared_script_is_made_anew() -> None:
    SignalBench()._shared.close()
    bench = SignalBench()
    assert len([s for state in states(bench.to_html()) for s in scripts(state)]) == 1


def test_another_version_of_the_script_has_another_name() -> None:
    script = SharedScript("let a")
    name = script.model_id
    script.close()
    assert SharedScript("let a").model_id == name != SharedScript("let b").model_id
