"""The training scores: MusicXML to MIDI, and the download, from a server on this machine."""

import dataclasses
import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from data_scripts import fetch_openscore
from data_scripts.fetch_openscore import ScoreSet, digest, main, midi_files
from data_scripts.musicxml_to_midi import convert
from mirlab.core import Notes
from mirlab.core.midi_files import read_meters

HEAD = """<score-partwise><part-list><score-part id="P1"><part-name>Clarinet</part-name>
<midi-instrument id="P1-I1"><midi-channel>1</midi-channel><midi-program>72</midi-program>
</midi-instrument></score-part></part-list><part id="P1">"""
TIME = """<attributes><divisions>2</divisions><key><fifths>-3</fifths><mode>minor</mode></key>
<time><beats>3</beats><beat-type>4</beat-type></time>
<transpose><chromatic>-2</chromatic></transpose></attributes>"""


def note(step, octave, duration, extra=""):
    return (
        f"<note><pitch><step>{step}</step><octave>{octave}</octave></pitch>"
        f"<duration>{duration}</duration>{extra}</note>"
    )


def score(*measures):
    numbered = (f'<measure number="{i}">{m}</measure>' for i, m in enumerate(measures))
    return (HEAD + "".join(numbered) + "</part></score-partwise>").encode()


def notes_of(data):
    return Notes.from_midi(io.BytesIO(convert(data)))


def test_pitches_times_program_meter_and_key(tmp_path):
    data = score(TIME + note("D", 5, 2) + note("E", 5, 1) + note("F", 5, 3), note("G", 5, 6))
    notes = notes_of(data)
    assert notes.pitch.tolist() == [72, 74, 75, 77]  # a tone lower than written
    assert np.allclose(notes.onset / 0.6, [0, 1, 1.5, 3], atol=0.01)  # 100 quarters per minute
    assert np.allclose((notes.offset - notes.onset) / 0.6, [1, 0.5, 1.5, 3], atol=0.01)
    assert set(notes.program.tolist()) == {71}
    (tmp_path / "a.mid").write_bytes(convert(data))
    assert [tuple(meter) for meter in read_meters(tmp_path / "a.mid")] == [(0.0, 3, 4)]


def test_ties_are_joined_and_grace_notes_left_out():
    tied = note("C", 5, 6, '<tie type="start"/>'), note("C", 5, 2, '<tie type="stop"/>')
    grace = "<note><grace/><pitch><step>A</step><octave>4</octave></pitch></note>"
    notes = notes_of(score(TIME + tied[0], grace + tied[1] + note("D", 5, 4)))
    assert len(notes) == 2
    assert np.isclose((notes.offset - notes.onset)[0] / 0.6, 4, atol=0.01)


def test_repeats_and_endings_are_unfolded():
    back = '<barline><repeat direction="backward"/>{}</barline>'
    first = '<barline><ending number="1" type="start"/></barline>'
    second = '<barline><ending number="2" type="start"/></barline>'
    stop = '<ending number="1" type="stop"/>'
    notes = notes_of(
        score(
            TIME + note("D", 5, 6),
            first + note("E", 5, 6) + back.format(stop),
            second + note("F", 5, 6),
        )
    )
    assert notes.pitch.tolist() == [72, 74, 72, 75]


def test_dynamics_and_tempi():
    loud = "<direction><direction-type><dynamics><ff/></dynamics></direction-type></direction>"
    tempo_mark = '<sound tempo="120"/>'
    bar = note("D", 5, 6)
    notes = notes_of(score(TIME + bar, bar, loud + tempo_mark + note("E", 5, 6)))
    assert notes.velocity.tolist() == [74, 74, 102]
    assert notes.tempo_map.bpm.round().tolist() == [100, 120]


def test_the_conversion_agrees_with_music21():
    music21 = pytest.importorskip("music21")
    rng = np.random.default_rng(0)
    bars = ["".join(note("CDEFGAB"[i], 5, 1) for i in rng.integers(0, 7, 6)) for _ in range(8)]
    data = score(TIME + bars[0], *bars[1:])
    other = music21.converter.parse(data.decode(), format="musicxml").toSoundingPitch().flatten()
    pitches = [n.pitch.midi for n in other.notes]
    quarters = [float(n.offset) for n in other.notes]
    notes = notes_of(data)
    assert notes.pitch.tolist() == pitches
    assert np.allclose(notes.onset / 0.6, quarters, atol=0.01)


@pytest.mark.parametrize("data", [b"", b"no", b"PK\x03\x04 no", b"<score-partwise/>"])
def test_other_files_are_refused(data):
    with pytest.raises((ValueError, zipfile.BadZipFile)):
        convert(data)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """An archive with three scores, one of them excluded, and its set."""
    path = tmp_path / "archive.zip"
    excluded = fetch_openscore.EXCLUDED.read_text().split()[0]
    data = score(TIME + note("D", 5, 6))
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("Lang,_Josephine/_/Fee/lc1", "Lang,_Josephine/_/Fée/lc2", f"X/_/Y/{excluded}"):
            archive.writestr(f"Lieder-0/scores/{name}.mxl", data)
        archive.writestr("Lieder-0/README.md", "text")
    scores = ScoreSet("lieder", "OpenScore/Lieder", "0", 2, "")
    files = dict(midi_files(path, scores))
    scores = dataclasses.replace(scores, digest=digest(files))
    monkeypatch.setattr(fetch_openscore, "SETS", (scores,))
    return path, scores, files


@pytest.fixture
def serve():
    """Serve bytes on this machine; None closes the connection half way."""
    servers = []

    def start(data, *, cut=False):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if data is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2] if cut else data)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        options = {"poll_interval": 0.01}
        threading.Thread(target=server.serve_forever, kwargs=options, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/{{repository}}/{{commit}}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_scores_are_fetched_once(repository, serve, tmp_path, capsys):
    path, _, files = repository
    address = serve(path.read_bytes())
    arguments = ["--out", str(tmp_path / "train"), "--address", address]
    assert main(arguments) == 0
    written = tmp_path / "train/symbolic_openscore_cc0/lieder.zip"
    with zipfile.ZipFile(written) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert sorted(files) == ["Lang,_Josephine_Fee-2.mid", "Lang,_Josephine_Fee.mid"]
    assert main([*arguments[:3], serve(None)]) == 0  # nothing is asked for again
    assert "there already" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["missing", "cut", "other", "text"])
def test_what_cannot_be_fetched_writes_nothing(
    repository, serve, tmp_path, capsys, monkeypatch, kind
):
    monkeypatch.setattr("mirlab.core.transfer.DELAYS", (0.0,))
    path, scores, _ = repository
    data = b"text" if kind == "text" else path.read_bytes()
    if kind == "other":
        fetch_openscore.SETS = (dataclasses.replace(scores, digest="0" * 64),)
    address = serve(None if kind == "missing" else data, cut=kind == "cut")
    assert main(["--out", str(tmp_path / "train"), "--address", address]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")
    assert not list((tmp_path / "train").rglob("*.zip"))
