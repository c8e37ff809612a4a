"""MusicXML files are valid against the schema, and contain the same music when read back."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from mirlab.core.errors import NotesError
from mirlab.core.notes import Notes
from mirlab.core.tempo import TempoMap
from mirlab.score.grid import STEPS
from mirlab.score.musicxml import write_musicxml
from mirlab.score.quantize import METERS, quantize
from tests.score.reader import read_back

BEAT_A_SECOND = TempoMap([0.0], [60.0])
KEYS = ["C major", "G minor", "Bb major", "F# major", "Eb minor", "C# minor", "G# major"]
# Quarter notes: half an eighth, half the spread of a chord, and the shift of a swung off-beat.
FARTHEST = 0.25 + 0.0375 + 0.22


def installed(package: str, path: str) -> Path:
    """A file inside an installed package."""
    spec = find_spec(package)
    assert spec is not None, f"the tests need {package}: pip install 'mirlab[dev]'"
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))) / path


class LocalOnly(etree.Resolver):
    """Resolve known schemas to installed files; any other network address is an error."""

    def __init__(self) -> None:
        """Find the two schemas that the MusicXML schema imports."""
        self.known = {
            "xml.xsd": installed("xmlschema", "schemas/XML/xml.xsd"),
            "xlink.xsd": installed("xmlschema", "schemas/XLINK/xlink.xsd"),
        }
        self.refused: list[str] = []

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:
        """Return the local file of a known schema."""
        address = system_url or ""
        if "://" not in address:
            return None  # a local file
        name = address.rsplit("/", 1)[-1]
        if name in self.known and ("musicxml.org" in address or "w3.org" in address):
            return self.resolve_filename(str(self.known[name]), context)
        self.refused.append(address)
        raise OSError(f"no network: {address}")


def local_parser() -> tuple[etree.XMLParser, LocalOnly]:
    """A parser that cannot reach the network, and its resolver."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    resolver = LocalOnly()
    parser.resolvers.add(resolver)
    return parser, resolver


@pytest.fixture(scope="session")
def check_valid() -> Callable[[Path], None]:
    """A function that asserts that a file is valid MusicXML 4.0."""
    parser, resolver = local_parser()
    xsd = installed("musicxml", "generate_classes/musicxml_4_0.xsd")
    schema = etree.XMLSchema(etree.parse(str(xsd), parser))
    assert not resolver.refused

    def check(path: Path) -> None:
        schema.assertValid(etree.parse(str(path), local_parser()[0]))

    return check


performances = st.lists(
    st.tuples(st.floats(0, 12), st.floats(0.01, 4), st.integers(12, 127)), max_size=15
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    performances,
    st.sampled_from([None, *KEYS]),
    st.sampled_from(list(METERS)),
    st.sampled_from([0, 1, 2, 3, 0.5, 1.75]),
    st.floats(20, 400),
    st.text(max_size=12),
)
def test_valid_and_the_same_music_when_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    check_valid: Callable[[Path], None],
    played: list[tuple[float, float, int]],
    key: str | None,
    meter: tuple[int, int],
    downbeat: float,
    bpm: float,
    title: str,
) -> None:
    columns = [list(column) for column in zip(*played, strict=True)] or [[], [], []]
    onset, length, pitch = columns
    notes = Notes(onset, np.add(onset, length), pitch, tempo_map=TempoMap([0.0], [bpm]))
    target = tmp_path_factory.mktemp("score") / "score.musicxml"
    path = write_musicxml(notes, target, key=key, meter=meter, downbeat=downbeat, title=title)
    check_valid(path)
    score = quantize(notes, meter=meter, downbeat=downbeat)
    written = read_back(path)
    assert written == sorted(
        (Fraction(event.start - score.start, STEPS), Fraction(event.length, STEPS), p)
        for staff in score.staves
        for voice in staff.voices
        for event in voice
        for p in event.pitches
    )
    for at, p in zip(np.multiply(onset, bpm / 60), pitch, strict=True):
        at -= score.start / STEPS  # a pick-up without notes is left out
        assert any(midi == p and abs(start - at) <= FARTHEST for start, _, midi in written)


def test_validation_cannot_reach_the_network(tmp_path: Path) -> None:
    outside = tmp_path / "outside.xsd"
    outside.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        '<xs:include schemaLocation="http://example.org/other.xsd"/>'
        '<xs:element name="a" type="from-there"/></xs:schema>'
    )
    parser, resolver = local_parser()
    with pytest.raises((OSError, etree.XMLSchemaParseError)):
        etree.XMLSchema(etree.parse(str(outside), parser))
    assert resolver.refused == ["http://example.org/other.xsd"]


def test_the_check_rejects_an_invalid_file(
    tmp_path: Path, check_valid: Callable[[Path], None]
) -> None:
    path = write_musicxml(scale(), tmp_path / "good.musicxml")
    check_valid(path)
    bad = tmp_path / "bad.musicxml"
    bad.write_text(path.read_text().replace("<step>E</step>", "<step>H</step>"))
    with pytest.raises(etree.DocumentInvalid, match="step"):
        check_valid(bad)


def scale(bpm: float = 60.0) -> Notes:
    """C major in quarters."""
    onset = np.arange(8) * 60 / bpm
    pitch = [60, 62, 64, 65, 67, 69, 71, 72]
    return Notes(onset, onset + 60 / bpm, pitch, tempo_map=TempoMap([0.0], [bpm]))


def test_a_scale_is_written_note_by_note(tmp_path: Path) -> None:
    path = write_musicxml(scale(bpm=90), tmp_path / "scale.musicxml", title="Scale & <more>")
    root = ElementTree.parse(path).getroot()
    written = [
        [(n.findtext("pitch/step"), n.findtext("pitch/octave"), n.findtext("type")) for n in bar]
        for bar in (measure.findall("note") for measure in root.iter("measure"))
    ]
    assert written == [
        [(step, "4", "quarter") for step in "CDEF"],
        [(step, octave, "quarter") for step, octave in ("G4", "A4", "B4", "C5")],
    ]
    assert root.find(".//accidental") is None
    assert root.findtext(".//fifths") == "0"
    assert root.findtext(".//per-minute") == "90"
    assert root.findtext("movement-title") == "Scale & <more>"
    assert root.findtext(".//software", "").startswith("mirlab ")
    assert root.findtext(".//clef/sign") == "G"


def test_the_same_notes_give_the_same_file(tmp_path: Path) -> None:
    first = write_musicxml(scale(), tmp_path / "one.musicxml")
    second = write_musicxml(scale(), tmp_path / "two.musicxml")
    assert first.read_bytes() == second.read_bytes()


def test_key_meter_and_upbeat_are_written(tmp_path: Path) -> None:
    file = tmp_path / "a.musicxml"
    path = write_musicxml(scale(), file, key="F major", meter=(3, 4), downbeat=2)
    root = ElementTree.parse(path).getroot()
    assert root.findtext(".//fifths") == "-1"
    assert [m.get("number") for m in root.iter("measure")] == ["0", "1", "2"]
    assert [m.get("implicit") for m in root.iter("measure")] == ["yes", None, None]
    assert len(read_back(path)) == 8


def test_no_notes_give_a_bar_of_rest(tmp_path: Path, check_valid: Callable[[Path], None]) -> None:
    path = write_musicxml(Notes.empty(tempo_map=BEAT_A_SECOND), tmp_path / "empty.musicxml")
    check_valid(path)
    (measure,) = ElementTree.parse(path).getroot().iter("measure")
    (note,) = measure.findall("note")
    assert note.find("rest") is not None
    assert read_back(path) == []


def test_a_note_across_a_bar_line_is_tied(tmp_path: Path) -> None:
    notes = Notes([3.0], [6.0], [67], tempo_map=BEAT_A_SECOND)
    path = write_musicxml(notes, tmp_path / "tied.musicxml")
    root = ElementTree.parse(path).getroot()
    assert [n.findtext("type") for n in root.iter("note") if n.find("pitch") is not None] == [
        "quarter",
        "half",
    ]
    assert [tie.get("type") for tie in root.iter("tie")] == ["start", "stop"]


def test_accidentals_hold_for_their_bar(tmp_path: Path) -> None:
    """F sharp twice, F natural, and F sharp again in the next bar, in C major."""
    pitch = [66, 66, 65, 66, 66]
    notes = Notes(np.arange(5), np.arange(1, 6), pitch, tempo_map=BEAT_A_SECOND)
    path = write_musicxml(notes, tmp_path / "a.musicxml", key="C major")
    shown = [
        note.findtext("accidental")
        for note in ElementTree.parse(path).getroot().iter("note")
        if note.find("pitch") is not None
    ]
    assert shown == ["sharp", None, "natural", "sharp", "sharp"]


def test_compound_time_counts_dotted_quarters(tmp_path: Path) -> None:
    path = write_musicxml(scale(bpm=90), tmp_path / "six.musicxml", meter=(6, 8))
    root = ElementTree.parse(path).getroot()
    assert root.findtext(".//per-minute") == "60"
    assert root.find(".//beat-unit-dot") is not None


@pytest.mark.parametrize("key", ["H major", "G", "G Major minor", "", "C:maj"])
def test_an_unknown_key_is_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(NotesError, match="key must be like"):
        write_musicxml(scale(), tmp_path / "a.musicxml", key=key)
    assert not list(tmp_path.iterdir())


def test_notes_without_tempo_map_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotesError, match="tempo map"):
        write_musicxml(Notes([0], [1], [60]), tmp_path / "a.musicxml")
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotesError, match="does not exist"):
        write_musicxml(scale(), tmp_path / "nowhere" / "a.musicxml")


def test_the_lowest_pitches_are_written_where_they_sound(tmp_path: Path) -> None:
    from music21 import converter

    low = Notes(range(12), range(1, 13), range(12), tempo_map=TempoMap(0, 60))
    for key in ("C major", "Cb major", "C# major"):
        path = write_musicxml(low, tmp_path / "low.musicxml", key=key)
        read = converter.parse(path).flatten().notes
        assert [note.pitch.midi for note in read] == list(range(12))


def test_a_short_bar_has_its_own_meter(tmp_path: Path, check_valid: Callable[[Path], None]) -> None:
    """Ten quarters: a bar of 4, a bar of 2, then bars of 4 again."""
    notes = Notes(np.arange(10), np.arange(1, 11), 60, tempo_map=BEAT_A_SECOND)
    path = write_musicxml(notes, tmp_path / "a.musicxml", bars=[(0, 4, 4), (4, 2, 4), (6, 4, 4)])
    check_valid(path)
    measures = list(ElementTree.parse(path).getroot().iter("measure"))
    assert [m.findtext("attributes/time/beats") for m in measures] == ["4", "2", "4"]
    assert [len(m.findall("note")) for m in measures] == [4, 2, 4]
    assert read_back(path) == [(Fraction(i), Fraction(1), 60) for i in range(10)]


def test_notes_of_a_beat_are_beamed(tmp_path: Path) -> None:
    """An eighth and two sixteenths, a dotted eighth and a sixteenth, two eighths with a rest."""
    onset = [0, 0.5, 0.75, 1, 1.75, 2, 3]
    offset = [0.5, 0.75, 1, 1.75, 2, 2.5, 4]
    notes = Notes(onset, offset, 72, tempo_map=BEAT_A_SECOND)
    path = write_musicxml(notes, tmp_path / "a.musicxml")
    found = [
        [beam.text for beam in note.findall("beam")]
        for note in ElementTree.parse(path).getroot().iter("note")
        if note.find("rest") is None
    ]
    assert found == [
        ["begin"], ["continue", "begin"], ["end", "end"],
        ["begin"], ["end", "backward hook"],
        [], [],
    ]  # fmt: skip


def test_three_minutes_take_less_than_a_second(
    tmp_path: Path, check_valid: Callable[[Path], None]
) -> None:
    """3,000 notes in 100 bars, as in a 3-minute song."""
    rng = np.random.default_rng(0)
    onset = np.sort(rng.uniform(0, 180, 3000))
    pitch = np.clip(rng.normal(60, 12, 3000), 30, 95).astype(int)
    notes = Notes(
        onset,
        onset + rng.exponential(0.4, 3000) + 0.05,
        pitch,
        tempo_map=TempoMap([0.0], [400 / 3]),
    )
    began = time.process_time()  # CPU time: others may share the machine
    path = write_musicxml(notes, tmp_path / "song.musicxml")
    assert time.process_time() - began < 1
    check_valid(path)
