"""The report: what the page holds, that it holds it alone, and that it stays small."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab import report
from mirlab.analysis import Analysis, save_analysis
from mirlab.chords import LogSpectrogram
from mirlab.core import Audio, Notes, Segments, TempoMap
from mirlab.report import (
    LIMIT,
    ReportError,
    bars,
    chord_name,
    chord_sheet,
    report_html,
    save_index,
    save_report,
)
from mirlab.report import page as page_module

SR = 22050


def piece(
    *,
    name: str = "my_song",
    chords: tuple[str, ...] = ("F:maj", "C:7"),
    lead: float = 0.5,
    first: int = 4,
    count: int = 10,
    key: str | None = "F major",
) -> Analysis:
    """A piece at 120 bpm: `count` beats from `lead` seconds on, the first one number `first`.

    A chord lasts five beats from the first beat on; a note sounds on every beat.
    """
    beats = lead + 0.5 * np.arange(count + 1)
    times = np.arange(len(chords)) * 2.5 + lead
    times[0] = 0
    end = max(float(beats[-1]), float(times[-1]) + 2.5) + 0.5
    labels = [str((first - 1 + i) % 4 + 1) for i in range(count)]
    t = np.arange(round(end * SR)) / SR
    low, high = (
        np.float32(0.3) * np.sin(2 * np.pi * hz * t, dtype=np.float32) for hz in (220, 880)
    )
    frames = t.size // 1024 + 1
    pitches = 60 + np.arange(count) % 12
    return Analysis(
        name=name,
        audio=Audio(low + high, SR),
        stems={"harmonic": Audio(low, SR), "percussive": Audio(high, SR)},
        notes=Notes(
            beats[:-1], beats[1:], pitches, tempo_map=TempoMap.from_beats(beats) if count else None
        ),
        chords=Segments(np.column_stack([times, [*times[1:], end]]), chords),
        key=key,
        beats=Segments(np.column_stack([beats[:-1], beats[1:]]), labels),
        meter=(4, 4),
        spectrogram=LogSpectrogram(np.full((252, frames), 0.1), np.arange(frames) * 1024 / SR, 0.0),
        seconds={
            "load": 0.1,
            "stems": 1.0,
            "harmony": 0.5,
            "beats": 0.2,
            "notes": 2.0,
            "total": 3.8,
        },
    )


class Links(HTMLParser):
    """What a page refers to: the values of `src` and `href`, and its downloads by name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.files: dict[str, bytes] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.targets += [values[name] for name in ("src", "href", "action") if name in values]
        if "download" in values:
            kind, data = values["href"].split(";base64,")
            assert kind.startswith("data:")
            self.files[values["download"]] = base64.b64decode(data)


def words(page: str) -> str:
    """What a reader reads: the page without scripts, styles and tags."""
    kept: list[str] = []

    class Words(HTMLParser):
        hidden = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.hidden = tag in ("script", "style")

        def handle_endtag(self, tag: str) -> None:
            self.hidden = False

        def handle_data(self, data: str) -> None:
            if not self.hidden:
                kept.append(data)

    Words().feed(page)
    return " ".join(" ".join(kept).split())


def test_the_chord_sheet_of_a_known_piece() -> None:
    sheet = chord_sheet(piece(chords=("F:maj", "C:7", "N")))
    assert sheet.splitlines() == [
        "my song",
        "F major, 120 beats per minute, 4/4",
        "",
        "   0 |          F  |",
        "   1 | F  .  .  .  | C7 .  .  .  | C7          |",
    ]


def test_without_beats_chords_stand_with_their_times() -> None:
    sheet = chord_sheet(piece(count=0, chords=("F:maj", "A:min"), key=None))
    assert sheet.splitlines()[1:] == ["no key, no beat, 4/4", "", "0:00  F", "0:03  Am"]


@pytest.mark.parametrize(
    ("label", "fifths", "name"),
    [
        ("C:maj", None, "C"),
        ("C", None, "C"),
        ("A#:min", -2, "Bbm"),
        ("A#:min", 5, "A#m"),
        ("Bb:min7", None, "Bbm7"),
        ("G#:hdim7", 3, "G#m7b5"),
        ("D:maj/3", 2, "D/F#"),
        ("C:min/b3", -3, "Cm/Eb"),
        ("G:maj6(9)", 0, "G6(9)"),
        ("C:(1,5)", 0, "C(1,5)"),
        ("N", 0, "N.C."),
        ("X", 0, "X"),
        ("C:wild", 0, "C:wild"),
    ],
)
def test_names_of_chords(label: str, fifths: int | None, name: str) -> None:
    assert chord_name(label, fifths) == name


@given(
    chords=st.lists(st.sampled_from(["C:maj", "C#:min", "G:7", "N"]), min_size=1, max_size=8),
    lead=st.floats(0, 9),
    first=st.integers(1, 4),
    count=st.integers(2, 40),
)
def test_the_sheet_names_the_chord_on_every_beat(
    chords: list[str], lead: float, first: int, count: int
) -> None:
    made = piece(chords=tuple(chords), lead=lead, first=first, count=count)
    sheet = bars(made)
    assert all(len(bar.beats) == 4 for bar in sheet)
    numbers = [bar.number for bar in sheet]
    assert numbers == list(range(numbers[0], numbers[0] + len(sheet))) and numbers[0] >= 0
    read, last = [], ""
    for bar in sheet:
        named = [beat for beat in bar.beats if beat]
        assert named[0] != "."
        for beat in named:
            last = last if beat == "." else beat
            read.append(last)
    fifths = -1  # of F major
    middles = made.beats.intervals.mean(axis=1)
    assert read == [chord_name(label, fifths) for label in made.chords.at(middles)]


@pytest.mark.parametrize("lead", [0.5, 1.0, 4.5])
@pytest.mark.parametrize("first", [1, 3])
def test_bars_are_numbered_as_in_the_score(lead: float, first: int, tmp_path: Path) -> None:
    made = piece(lead=lead, first=first)
    save_analysis(made, tmp_path)
    root = ElementTree.parse(tmp_path / "score.musicxml").getroot()
    begun = [m for m in root.iter("measure") if m.find(".//pitch") is not None]
    assert [int(m.get("number", "")) for m in begun][:3] == [bar.number for bar in bars(made)][:3]


def test_the_page_holds_everything_and_asks_for_nothing(tmp_path: Path) -> None:
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
    for name in ("notes.mid", "score.musicxml", "chords.lab", "beats.lab", "key.lab"):
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


def test_the_desk_gets_the_piece() -> None:
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


def test_what_is_missing_is_said_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "verovio", None)
    page = report_html(piece())
    assert words(page).count('pip install "mirlab[score]"') == 2  # at its place, and in the list
    assert 'class="paper"' not in page and "my_song score.musicxml" in Links(page).files


def test_notes_that_nobody_looked_for() -> None:
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
    assert "none found" in text and "no beat found" in text and "no score: no beat" in text.lower()


@pytest.mark.slow
def test_a_long_piece_is_cut_to_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    made = piece(chords=("F:maj", "C:7") * 8, count=80)
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, made.audio.samples).astype(np.float32)
    sound = Audio(noise, SR)
    made = replace(made, audio=sound, stems={"harmonic": sound, "percussive": sound})
    whole = report_html(made)
    assert len(Links(whole).files) == 8 and "The desk plays the first" not in words(whole)
    limit = len(whole.encode()) - 1_000_000
    monkeypatch.setattr(page_module, "LIMIT", limit)
    cut = report_html(made)
    assert len(cut.encode()) <= limit
    found = Links(cut)
    assert "The desk plays the first" in words(cut) and "of 0:41" in words(cut)
    assert "the stems (in the folder stems)" in words(cut)
    assert "my_song harmonic.mp3" not in found.files
    assert found.files["my_song chords.txt"].decode() == chord_sheet(made)  # still whole
    monkeypatch.setattr(page_module, "MAX_SCORE", 1000)
    monkeypatch.setattr(page_module, "MAX_MUSICXML", 1000)
    text = words(report_html(made))
    assert "score as MusicXML (score.musicxml)" in text
    assert "Pages shown: 0. All pages are in score.svg" in text


@pytest.mark.slow
def test_three_minutes_of_the_densest_sound_stay_under_twenty_megabytes() -> None:
    """Noise is the hardest to pack; ten notes a second are more than most music has."""
    made = piece(chords=("F:maj", "C:7") * 36, count=355)
    rng = np.random.default_rng(0)
    sounds = [Audio(rng.uniform(-0.4, 0.4, made.audio.samples), SR) for _ in range(2)]
    onset = np.sort(rng.uniform(0, made.audio.duration - 1, 1800))
    notes = Notes(onset, onset + 0.3, rng.integers(40, 80, 1800), tempo_map=made.notes.tempo_map)
    stems = dict(zip(("harmonic", "percussive"), sounds, strict=True))
    page = report_html(replace(made, audio=sounds[0] + sounds[1], stems=stems, notes=notes))
    assert made.audio.duration > 179
    assert len(page.encode()) < LIMIT
    assert len(Links(page).files) == 8 and "The desk plays the first" not in words(page)


def test_a_page_is_written_whole_or_not_at_all(
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


def test_saving_anew_removes_the_report_of_before(tmp_path: Path) -> None:
    made = piece()
    save_analysis(made, tmp_path)
    save_report(made, tmp_path / "report.html", tmp_path)
    save_analysis(made, tmp_path)
    assert not (tmp_path / "report.html").exists()


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder with two analysed pieces, one of them with a report."""
    for name, made in (
        ("b & <c>", piece(name="b & <c>", count=20)),
        ("a", piece(name="a", count=0, key=None)),
    ):
        save_analysis(made, tmp_path / name)
    (tmp_path / "b & <c>" / "report.html").write_text("here")
    return tmp_path


def test_the_index_lists_every_piece(songs: Path) -> None:
    path, problems = save_index(songs)
    assert path == songs / "index.html"
    assert problems == [f"{songs / 'a'}: has no report.html; run `mirlab analyze` to make it"]
    page = path.read_text("utf-8")
    found = Links(page)
    linked = [t for t in found.targets if not t.startswith("data:")]
    assert linked == [
        "a/spectrogram.png",
        "b%20%26%20%3Cc%3E/report.html",
        "b%20%26%20%3Cc%3E/spectrogram.png",
    ]
    text = words(page)
    assert "2 pieces, 0:17 in all" in text
    assert "a 0:06 none none 0 2" in text and "b & <c> 0:11 F major 120 20 2" in text
    save_index(songs)  # its own it may replace
    assert path.read_text("utf-8") == page


@pytest.mark.parametrize(
    "broken", ["", "[]", "{}", "null", '{"name": "x", "duration": "long"}', "[" * 100_000]
)
def test_a_broken_analysis_is_named_and_the_others_go_on(songs: Path, broken: str) -> None:
    (songs / "z").mkdir()
    (songs / "z" / "analysis.json").write_text(broken)
    path, problems = save_index(songs)
    assert len(problems) == 2
    assert problems[0].startswith(f"{songs / 'z' / 'analysis.json'}: is not the analysis.json")
    assert "2 pieces" in path.read_text("utf-8")


def test_folders_without_songs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="there is no such folder"):
        save_index(tmp_path / "none")
    with pytest.raises(ReportError, match="contains no folder with an analysis"):
        save_index(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="is not a folder"):
        save_index(tmp_path / "file")
    save_analysis(piece(), tmp_path / "songs" / "one")
    with pytest.raises(ReportError, match="give the folder that contains it"):
        save_index(tmp_path / "songs" / "one")
    (tmp_path / "songs" / "one" / "analysis.json").write_text("")
    with pytest.raises(ReportError, match=r"one/analysis\.json: is not"):
        save_index(tmp_path / "songs")
    assert not (tmp_path / "songs" / "index.html").exists()


def test_a_page_of_somebody_else_is_left_alone(songs: Path) -> None:
    (songs / "index.html").write_text("my home page")
    assert not report.has_index(songs)
    with pytest.raises(ReportError, match="was not made by mirlab"):
        save_index(songs)
    assert (songs / "index.html").read_text() == "my home page"
