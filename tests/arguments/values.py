"""Calls of the methods of `Audio`, `Notes` and `Segments`, and what their errors say."""

from __future__ import annotations

from mirlab import core
from mirlab.core import Audio, AudioError, DownloadError, Notes, NotesError, Segments, SegmentsError
from mirlab.core.download import download
from tests.bad_arguments import AUDIO, CHORDS, NOTES, Calls, Messages

ROOMS = ("core",)
MISSING = {
    "address": "file:///there-is-no-such-file.zip",
    "path": "x.zip",
    "sha256": "0" * 64,
    "licence": "CC0",
}
CALLS: Calls = {
    core.as_audio: {"source": AUDIO, "sr": 8000, "mono": True},
    core.note_name: {"pitch": 60},
    download: MISSING,
    Audio: {"y": AUDIO.y, "sr": 22050},
    Audio.load: {"source": "there is no such file.wav"},
    AUDIO.save: {"path": "sound.wav"},
    AUDIO.resample: {"sr": 8000},
    AUDIO.slice: {"start": 0.0, "end": 0.1},
    AUDIO.player: {"title": "A tone"},
    Notes.from_midi: {"source": "there is no such file.mid"},
    NOTES.save: {"path": "notes.mid"},
    NOTES.render: {"sr": 8000, "synth": "additive"},
    NOTES.slice: {"start": 0.0, "end": 0.2},
    NOTES.bend_at: {"i": 0, "times": [0.2]},
    Segments.load: {"path": "there is no such file.lab"},
    CHORDS.save: {"path": "chords.lab"},
    CHORDS.at: {"times": [0.5]},
    CHORDS.crop: {"start": 0.0, "end": 0.5},
    CHORDS.shift: {"seconds": 1.0},
    CHORDS.fill_gaps: {"start": 0.0, "end": 2.0},
}
MESSAGES: Messages = [
    (lambda: Audio([[1.0], [1.0, 2.0]], 22050), AudioError, "samples must be an array"),
    (lambda: AUDIO.slice("0", 1), AudioError, "start must be numbers, not '0'"),
    (lambda: AUDIO.player(3), AudioError, "title must be str, not int"),
    (lambda: core.note_name("C4"), NotesError, "pitch must be an integer, not 'C4'"),
    (lambda: download(**MISSING | {"address": "ftp://a/b"}), DownloadError, "is no http, https or"),
    (lambda: download(**MISSING | {"sha256": "12"}), DownloadError, "sha256 must be 64 hexadec"),
    (lambda: download(**MISSING | {"licence": " "}), DownloadError, "licence must not be empty"),
    (lambda: CHORDS.at("now"), SegmentsError, "times must be numbers, not 'now'"),
]
