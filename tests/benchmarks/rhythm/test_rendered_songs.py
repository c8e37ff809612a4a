"""The reader of the rendered songs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.rhythm.rendered_songs import read_songs
from mirlab.core import MirlabError

FOURS = "0.5 0 0\n1.0 1 1\n1.5 0 0\n2.0 1 0\n2.5 0 0\n3.0 1 1\n3.5 0 0\n40.0 1 0\n"
THREES = "0.5 1 1\n1.0 0 0\n1.5 0 0\n2.0 1 0\n2.5 0 0\n3.0 0 0\n3.5 1 1\n"


@pytest.mark.parametrize(
    ("text", "labels"),
    [(FOURS, ("4", "1", "2", "3", "4", "1", "2")), (THREES, ("1", "2", "3", "1", "2", "3", "1"))],
)
def test_bars_of_four_and_of_three(tmp_path: Path, text: str, labels: tuple[str, ...]) -> None:
    folder = tmp_path / "symbolic_pop909" / "008"
    folder.mkdir(parents=True)
    (folder / "beat_midi.txt").write_text(text)
    [song] = read_songs(tmp_path)
    assert song.bars is not None
    assert song.bars.labels == labels
    assert song.beats.tolist() == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
    assert song.audio.name == "008.mid"


def test_a_missing_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MirlabError, match="symbolic_pop909"):
        read_songs(tmp_path)
