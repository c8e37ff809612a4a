"""The report page: complete, self-contained and small."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirlab.analysis import save_analysis
from mirlab.core import Audio, Notes, Segments
from mirlab.report import (
    LIMIT,
    ReportError,
    chord_sheet,
    report_html,
    save_report,
)
from mirlab.report import page as page_module
from tests.report.pieces import SR, Links, piece, words


def test_the_page_has_all_results_and_loads_nothing(tmp_path: Path) -> None:
    made = piece()
    save_analysis(made, tmp_path)
    page = report_html(made, tmp_path)
    found = Links(page)
    assert all(target.startswith(("data:", "#")) for target in found.targets)
    text = words(page)
    for fact in ("my song", "F major", "120 beats per minute", "4/4 (assumed)", "0:06", "C7"):
        assert fact in text
    assert "median filters" in text and "mirlab-notes" in text and "3.8 s in all" in text
    assert 'aria-label="Score: my song, page 1"' in page
    for name in (
        "notes.mid",
        "score.musicxml",
        "chords.lab",
        "beats.lab",
        "sections.lab",
        "key.lab",
    ):
        assert found.files[f"my_song {name}"] == (tmp_path / name).read_bytes()
    assert found.files["my_song chords.txt"].decode() == chord_sheet(made)
    for name, stem in made.stems.items():
        decoded = Audio.load(found.files[f"my_song {name}.mp3"])
        assert decoded.duration == pytest.approx(stem.duration, abs=0.06)
        middle = decoded.slice(2, 3).y[0]
        peak = np.abs(np.fft.rfft(middle * np.hanning(middle.size))).argmax()
        assert peak == pytest.approx(220 if name == "harmonic" else 880, abs=1)
        level = np.sqrt(np.mean(middle**2)) / (0.3 / np.sqrt(2))
        assert level == pytest.approx(1, abs=0.05)


def test_the_desk_has_the_sound_and_stems_of_the_piece() -> None:
    state = report_html(piece()).split('widget-state+json">')[1].split("</script>")[0]
    (model,) = (
        model
        for model in json.loads(state)["state"].values()
        if "ListeningDesk" in json.dumps(model["state"].get("_esm", ""))
        or "sounds" in model["state"]
    )
    assert model["state"]["duration"] == pytest.approx(6.0, abs=0.01)
    assert {"harmonic", "percussive", "notes"} <= {
        buffer["path"][1] for buffer in model["buffers"] if buffer["path"][0] == "sounds"
    }


def test_names_cannot_break_the_page() -> None:
    name = '</script><script>alert("1")</script> <b>&amp; ../x'
    page = report_html(piece(name=name))
    assert Links(page).tags == Links(report_html(piece())).tags
    assert words(page).startswith(f"{name}".replace("_", " "))
    for file in Links(page).files:
        assert not set(file) & set('<>:"/\\|?*')


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "verovio", None)
    page = report_html(piece())
    assert (
        words(page).count('pip install "mirlab[score]"') == 2
    )  # in place of the score, and in the list
    assert 'class="paper"' not in page and "my_song score.musicxml" in Links(page).files


def test_a_task_that_was_not_run_is_marked_as_such() -> None:
    page = report_html(replace(piece(), notes=None))
    assert "not analysed" in words(page)
    assert "my_song notes.mid" not in Links(page).files


def test_silence_has_a_report() -> None:
    quiet = Audio(np.zeros(SR), SR)
    made = replace(
        piece(count=0),
        audio=quiet,
        stems={"harmonic": quiet, "percussive": quiet},
        notes=Notes.empty(),
        key=None,
        chords=Segments([(0, 1)], ["N"]),
    )
    text = words(report_html(made))
    assert "none found" in text and "no beat found" in text
    assert "No score: neither a note nor a beat was found" in text


@pytest.mark.slow
def test_a_long_piece_is_shortened_to_the_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    made = piece(chords=("F:maj", "C:7") * 8, count=80)
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, made.audio.samples).astype(np.float32)
    sound = Audio(noise, SR)
    made = replace(made, audio=sound, stems={"harmonic": sound, "percussive": sound})
    whole = report_html(made)
    assert len(Links(whole).files) == 9 and "The desk plays the first" not in words(whole)
    limit = len(whole.encode()) - 1_000_000
    monkeypatch.setattr(page_module, "LIMIT", limit)
    cut = report_html(made)
    assert len(cut.encode()) <= limit
    found = Links(cut)
    assert "The desk plays the first" in words(cut) and "of 0:41" in words(cut)
    assert "the stems (in the folder stems)" in words(cut)
    assert "my_song harmonic.mp3" not in found.files
    assert found.files["my_song chords.txt"].decode() == chord_sheet(made)  # still complete
    monkeypatch.setattr(page_module, "MAX_SCORE", 1000)
    monkeypatch.setattr(page_module, "MAX_MUSICXML", 1000)
    text = words(report_html(made))
    assert "score as MusicXML (score.musicxml)" in text
    assert "Pages shown: 0. All pages are in score.svg" in text


@pytest.mark.slow
def test_three_minutes_of_the_densest_sound_stay_under_twenty_megabytes() -> None:
    """Noise compresses worst; ten notes per second are more than most music has."""
    made = piece(chords=("F:maj", "C:7") * 36, count=355)
    rng = np.random.default_rng(0)
    sounds = [Audio(rng.uniform(-0.4, 0.4, made.audio.samples), SR) for _ in range(2)]
    onset = np.sort(rng.uniform(0, made.audio.duration - 1, 1800))
    notes = Notes(onset, onset + 0.3, rng.integers(40, 80, 1800), tempo_map=made.notes.tempo_map)
    stems = dict(zip(("harmonic", "percussive"), sounds, strict=True))
    page = report_html(replace(made, audio=sounds[0] + sounds[1], stems=stems, notes=notes))
    assert made.audio.duration > 179
    assert len(page.encode()) < LIMIT
    assert len(Links(page).files) == 9 and "The desk plays the first" not in words(page)


def test_a_failed_report_leaves_the_earlier_file_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = piece()
    path = save_report(made, tmp_path / "one.html")
    before = path.read_bytes()
    with pytest.raises(ReportError, match="does not exist"):
        save_report(made, tmp_path / "no" / "one.html")
    with pytest.raises(ReportError, match="is not a folder of"):
        report_html(made, tmp_path)

    def broken(*_: object) -> str:
        raise RuntimeError

    monkeypatch.setattr(page_module, "fitting_desk", broken)
    with pytest.raises(RuntimeError):
        save_report(made, path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["one.html"]


def test_saving_an_analysis_again_removes_its_old_report(tmp_path: Path) -> None:
    made = piece()
    save_analysis(made, tmp_path)
    save_report(made, tmp_path / "report.html", tmp_path)
    save_analysis(made, tmp_path)
    assert not (tmp_path / "report.html").exists()
