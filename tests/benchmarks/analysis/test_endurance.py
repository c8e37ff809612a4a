"""The benchmark of long runs: its files, and that memory does not grow with their number."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.analysis import endurance
from benchmarks.analysis.cost import MEBI
from mirlab.core import Audio, MirlabError


def test_the_hour_repeats_the_short_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endurance, "HOUR", 8)
    sources = endurance.make_files(tmp_path, 2)
    joined = Audio.load(endurance.make_hour(tmp_path / "hour.flac", sources))
    assert joined.duration == 8
    parts = [Audio.load(source).y[0] for source in sources]
    assert all(part.size == endurance.SECONDS * endurance.SR for part in parts)
    assert not np.array_equal(*parts)
    np.testing.assert_allclose(
        joined.y[0], np.concatenate([*parts, parts[0][: 2 * endurance.SR]]), atol=1e-6
    )


def test_a_file_that_cannot_be_analysed_ends_the_benchmark(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.write_bytes(b"")
    if endurance.STATUS.exists():
        with pytest.raises(MirlabError, match="the file is empty"):
            list(endurance.usages([path], tmp_path / "out"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    used = endurance.analyse_apart(endurance.make_files(tmp_path, 20), tmp_path / "out")
    assert used[20].resident - used[5].resident < 20 * MEBI
    assert used[20].peak - used[10].peak < 20 * MEBI
