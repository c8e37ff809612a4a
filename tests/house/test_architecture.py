"""ARCHITECTURE.md and CONTRIBUTING.md: what they say of the repository is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import check_page
import nbformat
import pytest
import soundfile
from check_page import costs
from draw_layers import PICTURE, layers_svg, read_layers
from execute_pages import PageError, execute
from make_notebooks import notebook

from mirlab import examples
from mirlab.widgets.shared.base import WidgetError
from tests.house.test_chapters import unlabelled

GUIDES = ["ARCHITECTURE.md", "CONTRIBUTING.md"]
PLACEHOLDERS = {"NN": "[0-9][0-9]", **dict.fromkeys(("NAME", "QUESTION", "ROOM", "TASK"), "*")}
PLACEHOLDERS["SLUG"] = "*"
# Made by commands, and not kept in git.
MADE = ("_build/", ".venv/", "dist/")

# Runs `mirlab analyze`, and prints the functions that were called, by file in order of first call.
TRACED = """
import inspect, json, sys, threading
from pathlib import Path
import mirlab

package = str(Path(mirlab.__file__).parent)
called = {}

def note(frame, event, argument):
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(package) and code.co_name[0] != "<":
        if code.co_flags & inspect.CO_OPTIMIZED:  # no module, no body of a class
            called.setdefault(code.co_filename[len(package) - 6:], {})[code.co_name] = True

from mirlab.cli.main import main

threading.setprofile(note)
sys.setprofile(note)
status = main(["analyze", sys.argv[1], "--out", sys.argv[2]])
sys.setprofile(None)
print(json.dumps({file.replace("\\\\", "/"): [*names] for file, names in called.items()}))
sys.exit(status)
"""


def guide(root: Path, name: str) -> str:
    return (root / name).read_text("utf-8")


def paths_in(text: str, root: Path) -> set[str]:
    """The paths from the root that stand in backticks, alone or in a command."""
    top = {path.name for path in root.iterdir()}
    words = {
        word.rstrip(",;:)")
        for code in re.findall(r"`([^`\n]+)`|^    (.+)$", text, re.MULTILINE)
        for word in "".join(code).split()
    }
    inside = {word for word in words if "/" in word and word.split("/")[0] in top}
    files = {word for word in words if re.fullmatch(r"[\w.-]+\.(toml|txt|yml|yaml|md|cff)", word)}
    return {word for word in inside | files & top if not word.startswith(MADE)}


def exists(root: Path, path: str) -> bool:
    """Whether a path exists; in one with placeholders, whether some file looks like that."""
    path = path.split("::")[0].rstrip("/")
    for word, pattern in PLACEHOLDERS.items():
        path = re.sub(rf"(?<![A-Z]){word}(?![A-Z])", pattern, path)
    return any(root.glob(path))


def test_the_picture_is_drawn_from_todays_contract(root: Path) -> None:
    drawn = layers_svg(read_layers(root))
    assert (root / PICTURE).read_text("utf-8") == drawn, "run `make layers`"
    assert "prefers-color-scheme: dark" in drawn
    assert str(PICTURE.as_posix()) in guide(root, "ARCHITECTURE.md")


def test_another_contract_gives_another_picture(root: Path, tmp_path: Path) -> None:
    contract = (root / "pyproject.toml").read_text("utf-8")
    changed = contract.replace('    "report",\n', '    "report",\n    "(toys)",\n', 1)
    (tmp_path / "pyproject.toml").write_text(changed, "utf-8")
    before, after = read_layers(root), read_layers(tmp_path)
    assert len(after) == len(before) + 1
    assert ">toys<" in layers_svg(after) and ">toys<" not in layers_svg(before)


def test_rooms_are_drawn_as_planned_until_they_are_built(root: Path) -> None:
    rooms = [room for layer in read_layers(root) for room in layer]
    built = {p.parent.name for p in (root / "mirlab").glob("*/__init__.py")}
    built |= {p.stem for p in (root / "mirlab").glob("*.py") if not p.stem.startswith("__")}
    assert {room.name for room in rooms if not room.planned} == built
    assert not {room.name for room in rooms if room.planned} & built, "take the parentheses away"


def test_the_table_of_rooms_is_whole(root: Path) -> None:
    rooms = guide(root, "ARCHITECTURE.md").split("## Rooms")[1].split("\n## ")[0]
    listed = re.findall(r"(?m)^\| `(\w+)` \|", rooms)
    built = {room.name for layer in read_layers(root) for room in layer if not room.planned}
    assert sorted(listed) == sorted(built - {"_version"})


@pytest.mark.parametrize("name", GUIDES)
def test_every_path_exists(root: Path, name: str) -> None:
    named = paths_in(guide(root, name), root)
    assert len(named) > 20
    assert [path for path in sorted(named) if not exists(root, path)] == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_link_leads_somewhere(root: Path, name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", guide(root, name)):
        if not target.startswith("http"):
            assert (root / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("name", GUIDES)
def test_every_make_target_exists(root: Path, name: str) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (root / "Makefile").read_text("utf-8")))
    assert set(re.findall(r"`make ([a-z-]+)", guide(root, name))) <= targets


def test_a_path_that_is_gone_is_found(root: Path) -> None:
    text = "See `mirlab/core/audio.py`, `mirlab/NAME/gone.py` and `separation/hpss`.\n"
    named = paths_in(text, root)
    assert named == {"mirlab/core/audio.py", "mirlab/NAME/gone.py"}
    assert [path for path in named if not exists(root, path)] == ["mirlab/NAME/gone.py"]


def test_the_table_of_house_tests_is_whole(root: Path) -> None:
    listed = re.findall(r"(?m)^\| `tests/house/(\w+\.py)` \|", guide(root, "CONTRIBUTING.md"))
    assert listed == sorted(path.name for path in (root / "tests/house").glob("test_*.py"))


def block(root: Path, language: str, fence: str = "```") -> str:
    """The first block of CONTRIBUTING.md in a language: a skeleton to copy."""
    text = guide(root, "CONTRIBUTING.md")
    found = re.search(rf"(?ms)^{fence}{language}\n(.*?)^{fence}$", text)
    assert found
    return found[1]


@pytest.mark.slow
def test_the_skeleton_of_a_page_runs_within_the_budget(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "skeleton.ipynb"
    page.write_text(notebook(block(root, "markdown", "````"), ""), "utf-8")
    with ThreadPoolExecutor(1) as thread:  # for here a browser's event loop may be running
        executed = thread.submit(execute, page).result()
    lines = costs(page, executed.seconds)
    assert len(lines) == 3
    assert not [line for line in lines if "WARNING" in line]
    assert "WARNING: lines of the longest cell: 26 of 25" in costs(long_page(tmp_path), 61)


def test_the_skeleton_of_a_page_keeps_the_rules_of_pages(root: Path) -> None:
    page = nbformat.reads(notebook(block(root, "markdown", "````"), ""), as_version=4)
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    assert not unlabelled("the skeleton of CONTRIBUTING.md", cells)
    assert any("hide-input" in c.metadata.get("tags", []) for c in cells)
    assert all("image" in c.metadata["mystnb"] for c in cells if "plt.show()" in c.source)


def test_the_skeleton_of_a_page_is_formatted(root: Path) -> None:
    page = notebook(block(root, "markdown", "````"), "")
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache"]
        ruff += ["--stdin-filename", "notebooks/skeleton.ipynb", "-"]
        answer = subprocess.run(
            ruff, input=page, cwd=root, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr


def long_page(folder: Path) -> Path:
    path = folder / "long.ipynb"
    cells = [nbformat.v4.new_code_cell("\n".join(["x = 1"] * 26))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_page_that_fails_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(page: Path) -> None:
        raise PageError(f"{page.name}, code cell 1: oh")

    monkeypatch.setattr(check_page, "execute", fail)
    assert check_page.main([str(tmp_path / "bad.ipynb")]) == 1
    assert capsys.readouterr().err == "bad.ipynb, code cell 1: oh\n"
    assert check_page.main([]) == 2


def test_the_skeleton_of_a_widget_is_a_widget(root: Path) -> None:
    python = block(root, "python").replace('bundle("tone_knob")', '"export default {}"')
    names: dict[str, Any] = {
        "__package__": "mirlab.widgets.tone_knob",
        "__name__": "mirlab.widgets.tone_knob",
    }
    exec(compile(python, "CONTRIBUTING.md", "exec"), names)  # relative imports need a package
    knob = names["ToneKnob"](frequency=100)
    assert type(knob)(**knob.state()).state() == knob.state() == {"baked": {}, "frequency": 100}
    assert knob.samples(sr=400)[:4] == pytest.approx([0, 1, 0, -1], abs=1e-9)
    with pytest.raises(WidgetError):
        type(knob)(frequency=0)


def test_the_skeletons_script_imports_what_there_is(root: Path) -> None:
    imports = re.findall(r'(?m)^import \{ (.+) \} from "../../(.+)";$', block(root, "js"))
    assert len(imports) == 4
    for names, path in imports:
        module = (root / "mirlab/widgets" / path).read_text("utf-8")
        for name in names.split(", "):
            assert re.search(rf"export (async )?(function|class|const) {name}\b", module), name


@pytest.mark.slow
def test_the_walk_through_analyze_is_what_runs(root: Path, tmp_path: Path) -> None:
    section = guide(root, "ARCHITECTURE.md").split("## What `mirlab analyze song.mp3` does")[1]
    steps = re.split(r"(?m)^\d+\. ", section.split("\n## ")[0])[1:]
    song = tmp_path / "song.mp3"
    y, sr = examples.load("piano").audio.slice(0, 6)
    soundfile.write(song, y.T, sr)
    command = [sys.executable, "-c", TRACED, song, tmp_path / "analysis"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    called = json.loads(answer.stdout.splitlines()[-1])
    functions = {name for names in called.values() for name in names}
    for step in steps:
        named = re.findall(r"`(mirlab/[\w/]+\.py)`", step)
        assert named, step
        assert set(named) <= called.keys(), set(named) - called.keys()
        for function in re.findall(r"`(\w+)\(\)`", step):
            assert function in functions, function
    first = [re.findall(r"`(mirlab/[\w/]+\.py)`", step)[0] for step in steps]
    order = [list(called).index(path) for i, path in enumerate(first, 1) if i != 5]  # beside 4
    assert order == sorted(order)
    assert "report.html" in answer.stdout
