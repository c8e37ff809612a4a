"""The benchmark of vocals, on a song of two tones made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.separation import real_recordings
from mirlab.core import Audio, MirlabError

SR = 8000
T = np.arange(2 * SR) / SR
VOCALS = np.stack([0.2 * np.sin(2 * np.pi * 1500 * T)] * 2) * (T > 0.5)
BAND = np.stack([0.3 * np.sin(2 * np.pi * 300 * T), 0.2 * np.sin(2 * np.pi * 500 * T)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of recordings with one song, whose vocals are mono and a little longer."""
    (tmp_path / "song").mkdir()
    Audio(VOCALS + BAND, SR).save(tmp_path / "song/mixture.flac")
    Audio(np.append(VOCALS[0], np.zeros(9)), SR).save(tmp_path / "song/vocals.flac")
    monkeypatch.setenv("MIRLAB_DATA", str(tmp_path))
    monkeypatch.setattr(real_recordings, "SONGS", ("song",))
    return tmp_path


def test_rows_are_between_the_mixture_and_the_upper_bound(folder: Path) -> None:
    rows = {score.row: score.values for score in real_recordings.measure()}
    assert set(rows) == {"mixture", "hpss", "mid-side", "repet-sim", "nmf, chosen", "ceiling"}
    mixture, upper_bound = rows["mixture"], rows["ceiling"]
    power = 10 * np.log10(np.mean(VOCALS.mean(axis=0) ** 2) / np.mean(BAND.mean(axis=0) ** 2))
    assert mixture["si_sdr"] == pytest.approx(power, abs=0.1)
    assert mixture["sdr"] == pytest.approx(-mixture["accompaniment_sdr"], abs=0.01)
    assert "sar" not in mixture  # there are no artifacts
    for row in set(rows) - {"ceiling"}:
        assert rows[row]["si_sdr"] < upper_bound["si_sdr"]
    assert rows["nmf, chosen"]["si_sdr"] > mixture["si_sdr"] + 5
    assert upper_bound["si_sdr"] > 20


def test_a_missing_stem_is_named(folder: Path) -> None:
    (folder / "song/vocals.flac").unlink()
    with pytest.raises(MirlabError, match=r"vocals.flac of song is missing"):
        real_recordings.measure()
