"""Cached items: made once, equal to fresh ones, and never incomplete."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirlab.learning import LearningError, cache, shuffled
from mirlab.learning.cache import CachedItems, cache_folder


def squares(k: int) -> dict[str, np.ndarray]:
    return {"x": np.full(3, k, np.int16), "y": np.array(k * k, np.float32)}


def never(k: int) -> dict[str, np.ndarray]:
    raise AssertionError(f"item {k} is there already")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIRLAB_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "BLOCK", 4)
    return tmp_path


@pytest.mark.slow
def test_items_are_made_once_and_read_unchanged() -> None:
    first = CachedItems(squares, 10, key="a")
    assert len(first) == 10
    assert [first[k]["x"].tolist() for k in (0, 5, 9)] == [[0] * 3, [5] * 3, [9] * 3]
    assert first[9]["y"] == 81 and first[9]["x"].dtype == np.int16
    again = CachedItems(never, 10, key="a")
    assert again[7]["y"] == 49


@pytest.mark.slow
def test_an_interrupted_run_continues_with_the_missing_block() -> None:
    first = CachedItems(squares, 10, key="a")
    first.make()
    (first.folder / "000004.done").unlink()
    with pytest.raises(AssertionError, match="item 4"):
        CachedItems(never, 10, key="a").make()
    assert CachedItems(squares, 10, key="a")[4]["y"] == 16


def test_another_key_uses_another_folder() -> None:
    assert CachedItems(squares, 1, key="a").folder != CachedItems(squares, 1, key="b").folder


@pytest.mark.slow
def test_cached_items_can_be_shuffled() -> None:
    supply = shuffled(CachedItems(squares, 5, key="a"), seed=1)
    assert sorted(int(supply(k)["y"]) for k in range(5)) == [0, 1, 4, 9, 16]


def test_the_user_chooses_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == tmp_path
    monkeypatch.delenv("MIRLAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/mirlab")


def test_a_user_without_a_home_names_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    assert cache_folder()
    monkeypatch.delenv("MIRLAB_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    with pytest.raises(LearningError, match="no home folder; set MIRLAB_CACHE"):
        cache_folder()


def test_a_folder_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("MIRLAB_CACHE", str(file))
    with pytest.raises(LearningError, match="set MIRLAB_CACHE to another folder"):
        CachedItems(squares, 1, key="a").make()
