"""JSON of strangers: the form that was asked for, or one error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import MirlabError
from mirlab.core.json_files import read_json


class Note(TypedDict):
    pitch: float
    label: str


class Piece(TypedDict):
    name: str
    bars: int
    notes: list[Note]
    scores: dict[str, float]
    key: str | None


@dataclass
class Settings:
    width: int
    seed: int | None = None
    more: dict[str, Any] = field(default_factory=dict)


GOOD: dict[str, Any] = {
    "name": "a",
    "bars": 1,
    "notes": [{"pitch": 60, "label": "C"}, {"pitch": 61.5, "label": "?"}],
    "scores": {"F": 0.5},
    "key": None,
    "another": [True],
}


def read(folder: Path, data: str | bytes, form: Any = Piece) -> Any:
    path = folder / "a.json"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_json(path, form, kind="a piece", error=MirlabError)


@pytest.mark.parametrize("mark", ["", "\ufeff", "\t\r\n"])
def test_what_fits_comes_back(tmp_path: Path, mark: str) -> None:
    assert read(tmp_path, mark + json.dumps(GOOD)) == GOOD
    assert read(tmp_path, '{"width": 3, "more": {"x": [1]}}', Settings)["width"] == 3
    assert read(tmp_path, '"\\ud83c\\udfb5"', str) == "🎵"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": 1}, "name must be text"),
        ({"bars": 1.0}, "bars must be an integer"),
        ({"bars": True}, "bars must be an integer"),
        ({"bars": "1"}, "bars must be an integer"),
        ({"notes": {}}, "notes must be a list"),
        ({"notes": [None]}, r"notes\[0\] must be an object"),
        ({"notes": [GOOD["notes"][0], {"label": ""}]}, r"notes\[1\]\.pitch is missing"),
        ({"scores": []}, "scores must be an object"),
        ({"scores": {"F": None}}, r"scores\.F must be a number"),
        ({"key": False}, "key must be text"),
    ],
)
def test_another_form_is_named(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MirlabError, match=rf"a\.json: is not a piece \({complaint}"):
        read(tmp_path, json.dumps(GOOD | change))


@pytest.mark.parametrize("name", ["name", "bars", "notes", "scores", "key"])
def test_what_is_missing_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(MirlabError, match=f"{name} is missing"):
        read(tmp_path, json.dumps({k: v for k, v in GOOD.items() if k != name}))


@pytest.mark.parametrize("data", ['{"seed": 1}', '{"width": 1, "depth": 2}', "[]", "3"])
def test_dataclasses_take_their_arguments_only(tmp_path: Path, data: str) -> None:
    with pytest.raises(MirlabError, match=r"width is missing|has no 'depth'|must be an object"):
        read(tmp_path, data, Settings)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "nothing",
        "NaN",
        "[-Infinity]",
        "[1e999]",
        "1" * 19,
        "1" * 5000,
        '"\\ud800"',
        '{"\\udfff": 1}',
        '["\\udc00\\ud800"]',
        "[" * 51 + "]" * 51,
        "[" * 100_000,
        '{"a":' * 100_000,
        b"\xff\xfe",
        b'"\xc3"',
        b'"\xed\xa0\x80"',  # a surrogate in UTF-8
        "\0",
    ],
)
def test_what_is_not_json_is_refused_in_one_line(tmp_path: Path, data: str | bytes) -> None:
    with pytest.raises(MirlabError, match=r"a\.json: is not a piece \(") as refused:
        read(tmp_path, data, Any)
    assert len(str(refused.value)) < 300 + len(str(tmp_path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(MirlabError, match="cannot be read"):
            read_json(path, Any, kind="a piece", error=MirlabError)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    st.dictionaries(st.sampled_from([*GOOD, "x"]), VALUES),
    st.binary(max_size=3),
    st.integers(0, 100),
)
def test_nothing_else_is_raised(
    tmp_path_factory: pytest.TempPathFactory, change: dict[str, Any], noise: bytes, at: int
) -> None:
    data = json.dumps(GOOD | change).encode()
    data = data[:at] + noise + data[at:]
    try:
        found = read(tmp_path_factory.getbasetemp(), data)
    except MirlabError:
        return
    assert isinstance(found["name"], str) and type(found["bars"]) is int
    assert all(isinstance(note["label"], str) for note in found["notes"])
