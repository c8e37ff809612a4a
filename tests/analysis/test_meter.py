"""From notes and a sound to bars: meter, downbeat, and the files of `mirlab transcribe`."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.analysis.meter import (
    align_beats,
    has_triple_division,
    infer_meter,
    meter_from_audio,
    metered_notes,
    steady_bars,
)
from mirlab.cli.main import main
from mirlab.composer import compose
from mirlab.core import Audio, Notes, Segments
from mirlab.rhythm import accents, beats_per_bar, onset_strength


@pytest.mark.parametrize(("style", "count"), [("waltz", 3), ("pop", 4), ("etude", 4), ("swing", 4)])
@pytest.mark.parametrize("seed", [0, 1])
def test_composed_pieces_get_their_bars(style: str, count: int, seed: int) -> None:
    piece = compose(seed, style=style, duration=30)
    notes = piece.notes[~piece.notes.is_drum]
    times = piece.beats.intervals[:, 0]
    found = beats_per_bar(accents(times, piece.chords.intervals[:, 0], notes))
    assert found == (count, True)


def test_noise_has_no_meter() -> None:
    found = [beats_per_bar(np.random.default_rng(seed).uniform(size=64)) for seed in range(30)]
    assert sum(count == 4 for count, _ in found) >= 27
    assert sum(sure for _, sure in found) <= 3


def test_beats_in_three_are_compound() -> None:
    assert has_triple_division(np.arange(60) / 3)
    assert not has_triple_division(np.arange(60) / 2)
    assert not has_triple_division(np.arange(20.0))
    times = np.arange(20) * 0.6
    onset = np.arange(57) * 0.2
    notes = Notes(onset, onset + 0.2, 60 + np.arange(57) % 12)
    strength = onset_strength(Audio(np.zeros(12 * 22050), 22050))
    found = infer_meter(notes, times, strength, Segments([(0, 12)], ["C:maj"]))
    assert found.meter == (6, 8)
    assert set(found.beats.labels) == {"1", "2"}
    assert found.notes is not None
    assert found.notes.tempo_map is not None
    assert found.notes.tempo_map.beats([0.6]) == pytest.approx([1.5])  # a dotted quarter


def test_beats_move_to_the_nearest_notes() -> None:
    rng = np.random.default_rng(0)
    true = 0.2 + np.cumsum(rng.uniform(0.4, 0.6, 200))
    found = true + 0.03 + rng.uniform(-0.01, 0.01, true.size)
    onsets = np.sort(np.r_[true, (true[1:] + true[:-1]) / 2])
    assert align_beats(found, onsets) == pytest.approx(true)
    astray = np.delete(onsets, np.searchsorted(onsets, true[100]))  # no note on this beat
    astray = np.sort(np.r_[astray, true[100] + 0.1])  # but one beside it
    assert align_beats(found, astray)[100] == pytest.approx(true[100], abs=0.02)
    assert np.array_equal(align_beats(found, np.zeros(0)), found)
    assert np.array_equal(align_beats(found, np.array([1e3])), found)


@given(
    st.lists(st.floats(0, 60), min_size=2, max_size=40, unique_by=lambda t: round(t, 3)),
    st.lists(st.floats(0, 60), max_size=60),
)
def test_moved_beats_stay_in_order(times: list[float], onsets: list[float]) -> None:
    assert np.all(np.diff(align_beats(np.sort(times), np.sort(onsets))) > 0)


def waltz(bpm: float, first: float) -> Notes:
    """Twelve bars of bass, two chords, and a melody; quarters of `60 / bpm` s."""
    rows = []
    for bar in range(12):
        root, third, fifth = [(48, 64, 67), (43, 62, 65), (48, 64, 67), (41, 65, 69)][bar % 4]
        rows += [(3 * bar, 1.0, root), (3 * bar, 2.0, fifth + 12), (3 * bar + 2, 1.0, third + 12)]
        rows += [(3 * bar + k, 0.9, pitch) for k in (1, 2) for pitch in (third, fifth)]
    onset, length, pitch = np.array(sorted(rows)).T
    return Notes(first + onset * 60 / bpm, first + (onset + 0.95 * length) * 60 / bpm, pitch)


@pytest.mark.slow
@pytest.mark.parametrize(("bpm", "first"), [(160, 0.3), (150, 0.35), (130, 0.1), (100, 0.15)])
def test_notes_on_the_beat_are_whole_beats_wherever_the_recording_begins(
    bpm: float, first: float
) -> None:
    notes = waltz(bpm, first)
    metered, _ = meter_from_audio(notes.render(synth="additive"), notes)
    assert metered.notes.tempo_map is not None
    beats = metered.notes.tempo_map.beats(np.unique(notes.onset))
    np.testing.assert_allclose(np.diff(beats), 1, atol=0.02)
    np.testing.assert_allclose(beats, np.round(beats), atol=0.05)
    assert metered.bars is not None
    assert metered.bars.until(0)[0].start == pytest.approx(np.round(beats[0]) % 3)


def test_without_beats_there_is_no_tempo() -> None:
    notes = Notes([0.0], [1.0], [60])
    found = infer_meter(notes, np.zeros(0), np.zeros(4), Segments([(0, 1)], ["N"]))
    assert (found.meter, found.sure, len(found.beats)) == ((4, 4), False, 0)
    assert found.notes is notes


def numbered(times: np.ndarray, numbers: list[int]) -> Segments:
    """Beats at these times."""
    ends = np.r_[times[1:], 2 * times[-1] - times[-2]]
    return Segments(np.column_stack([times, ends]), [str(n) for n in numbers])


METERED = {
    "5/4": ([1, 2, 3, 4, 5] * 4, (5, 4), [(0, 5, 4)]),
    "7/4": ([1, 2, 3, 4, 5, 6, 7] * 3, (7, 4), [(0, 7, 4)]),
    "change": ([1, 2, 3, 4] * 3 + [1, 2, 3] * 5, (3, 4), [(0, 4, 4), (12, 3, 4)]),
    "pick-up": ([4] + [1, 2, 3, 4] * 3, (4, 4), [(1, 4, 4)]),
    "odd bar": (
        [1, 2, 3, 4] * 3 + [1, 2, 3] + [1, 2, 3, 4] * 3,
        (4, 4),
        [(0, 4, 4), (12, 3, 4), (15, 4, 4)],
    ),
    "two beats": ([1, 2], (2, 4), [(0, 2, 4)]),
    "part of a bar": ([3, 4], (4, 4), [(-2, 4, 4)]),
}


@pytest.mark.parametrize(("numbers", "meter", "changes"), METERED.values(), ids=METERED.keys())
@pytest.mark.parametrize("division", [2, 3])
def test_numbered_beats_give_bars(
    numbers: list[int], meter: tuple[int, int], changes: list[tuple[float, int, int]], division: int
) -> None:
    """Notes on all beats and between them, beats 20 ms late: they are aligned with the notes."""
    beats = np.cumsum(0.5 + 0.1 * np.sin(np.arange(len(numbers)))) - 0.5
    onset = np.interp(np.arange(division * len(numbers)) / division, np.arange(beats.size), beats)
    onset = np.unique(onset)
    notes = Notes(onset, onset + 0.1, 60)
    found = metered_notes(notes, numbered(beats + 0.02, numbers))
    compound = division == 3 and len(numbers) > 8
    unit = 1.5 if compound else 1.0
    assert found.meter == ((3 * meter[0], 8) if compound else meter)
    assert found.bars is not None
    expected = [(unit * q, 3 * n, 8) if compound else (q, n, d) for q, n, d in changes]
    assert list(found.bars.changes) == expected
    assert found.notes.tempo_map is not None
    on_beat = found.notes.tempo_map.beats(beats)
    np.testing.assert_allclose(on_beat, unit * np.arange(beats.size), atol=0.05)
    assert found.beats.labels == tuple(map(str, numbers))


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_numbered_beats_are_no_meter(count: int) -> None:
    notes = Notes([0.0], [1.0], [60])
    found = metered_notes(notes, Segments([(0, 1)] * count, ["1"] * count))
    assert found.notes is notes and found.bars is None and not len(found.beats)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([4, 4, 3, 5, 4, 4], [4, 4, 4, 4, 4, 4]),  # too early
        ([4, 4, 5, 3, 4, 4], [4, 4, 4, 4, 4, 4]),  # too late
        ([4, 4, 2, 2, 4, 4], [4, 4, 4, 4, 4]),  # one too many
        ([3, 3, 6, 3, 3], [3, 3, 3, 3, 3, 3]),  # one missing
        ([4, 4, 3, 4, 4], None),
        ([4, 4, 4, 3, 3, 4, 4], None),
        ([4, 4, 4, 3, 3, 3, 3], None),
        ([5, 5, 5], None),
    ],
)
def test_only_downbeats_out_of_step_are_corrected(
    before: list[int], after: list[int] | None
) -> None:
    numbers = np.array([n for count in before for n in range(1, count + 1)] + [1, 2])
    expected = [n for count in after or before for n in range(1, count + 1)] + [1, 2]
    assert steady_bars(numbers).tolist() == expected


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_steady_bars_number_every_beat_and_change_nothing_twice(numbers: list[int]) -> None:
    steady = steady_bars(np.array(numbers))
    assert steady.shape == (len(numbers),)
    assert np.array_equal(steady_bars(steady), steady)
    first = np.flatnonzero(np.array(numbers) == 1)
    outside = slice(0, first[0]) if first.size else slice(0, None)
    assert np.array_equal(steady[outside], numbers[outside])


def test_a_score_without_beats_is_in_free_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = Notes([0.1, 1.3, 1.9], [1.2, 1.8, 2.8], [60, 64, 67])
    sound = notes.render(synth="additive").save(tmp_path / "sound.wav")
    nothing = Segments([(0, 3)], ["N"])
    monkeypatch.setattr(
        "mirlab.cli.transcribe.meter_from_audio",
        lambda _, notes: (infer_meter(notes, np.zeros(0), np.zeros(4), nothing), None),
    )
    assert main(["transcribe", str(sound), "--out", str(tmp_path / "a.musicxml")]) == 0
    assert "note: no beat was found: the score has no meter" in capsys.readouterr().out
    root = ElementTree.parse(tmp_path / "a.musicxml").getroot()
    assert root.find(".//senza-misura") is not None and root.find(".//beats") is None
    assert len(root.findall(".//note/pitch")) >= 3


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scale in quarters at 120 bpm."""
    onset = np.arange(16) * 0.5 + 0.1
    notes = Notes(onset, onset + 0.45, 60 + np.array([0, 2, 4, 5, 7, 9, 11, 12] * 2))
    return notes.render(synth="additive").save(tmp_path_factory.mktemp("song") / "my_song.wav")


def test_transcribe_writes_the_format_of_each_suffix(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [tmp_path / f"song{suffix}" for suffix in (".mid", ".musicxml", ".svg")]
    assert main(["transcribe", str(song), "--out", *map(str, names)]) == 0
    shown = capsys.readouterr()
    assert "notes -> " in shown.out
    assert "done" in shown.err
    assert len(Notes.from_midi(names[0])) >= 14
    root = ElementTree.parse(names[1]).getroot()
    assert root.findtext("movement-title") == "my song"
    assert len(root.findall(".//note/pitch")) >= 14
    assert names[2].read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["a.mid", "b.pdf"], "must end in"),
        (["a.mid", "nowhere/b.svg"], "does not exist"),
    ],
)
def test_an_invalid_name_prevents_all_writing(
    song: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    names: list[str],
    reason: str,
) -> None:
    assert main(["transcribe", str(song), "--out", *(str(tmp_path / n) for n in names)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert reason in error
    assert not list(tmp_path.iterdir())


def test_silence_gives_a_midi_file_but_no_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silence = Audio(np.zeros(22050, np.float32), 22050).save(tmp_path / "silence.wav")
    both = [str(tmp_path / "a.mid"), str(tmp_path / "a.svg")]
    assert main(["transcribe", str(silence), "--out", *both]) == 1
    assert "neither a note nor a beat was found" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["silence.wav"]
    assert main(["transcribe", str(silence), "--out", both[0]]) == 0
    assert len(Notes.from_midi(both[0])) == 0


def test_a_file_without_sound_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.mp3").write_text("not music")
    assert main(["transcribe", str(tmp_path / "c.mp3"), "--out", str(tmp_path / "c.mid")]) == 1
    assert "is not a sound file" in capsys.readouterr().err
    assert not (tmp_path / "c.mid").exists()
