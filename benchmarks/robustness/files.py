"""Valid files of every format that is read: short, made here, and always the same."""

from __future__ import annotations

import io
import json
import struct
from functools import partial

import mido
import numpy as np
import soundfile

from mirlab.core import Notes

SR = 16000
RNG_SEED = 0


def samples(seconds: float = 0.3, channels: int = 1) -> np.ndarray:
    """A chord in noise, shape `(samples, channels)`, float32."""
    rng = np.random.default_rng(RNG_SEED)
    t = np.arange(round(seconds * SR)) / SR
    y = np.sum([0.1 * np.sin(2 * np.pi * hz * t) for hz in (220, 330, 440)], axis=0)
    y = y[:, None] + 0.02 * rng.standard_normal((t.size, channels))
    return np.asarray(y, np.float32)


def encoded(
    kind: str, subtype: str | None = None, *, seconds: float = 0.3, channels: int = 1, sr: int = SR
) -> bytes:
    """A sound as libsndfile encodes it."""
    file = io.BytesIO()
    soundfile.write(file, samples(seconds, channels), sr, format=kind, subtype=subtype)
    return file.getvalue()


def wav_files() -> list[bytes]:
    """WAV of several encodings; streamed, with a chunk after the samples; RF64; WAVEX."""
    plain = encoded("WAV")
    position = plain.index(b"data") + 4
    streamed = plain[:4] + b"\xff" * 4 + plain[8:position] + b"\xff" * 4 + plain[position + 4 :]
    others = [encoded("WAV", kind) for kind in ("PCM_24", "FLOAT", "ULAW", "IMA_ADPCM", "GSM610")]
    return [
        plain,
        streamed,
        plain + b"LIST\x04\x00\x00\x00INFO",
        *others,
        encoded("RF64"),
        encoded("WAVEX", channels=3),
    ]


def chunked_files() -> list[bytes]:
    """AIFF, W64, CAF and AU."""
    pairs = (("AIFF", None), ("AIFF", "FLOAT"), ("W64", None), ("CAF", None), ("AU", None))
    return [encoded(kind, subtype) for kind, subtype in pairs]


def flac_files() -> list[bytes]:
    """FLAC, also without its length, as a program writes it to a pipe."""
    plain = encoded("FLAC", channels=2)
    streamed = plain[:21] + bytes([plain[21] & 0xF0]) + bytes(4) + plain[26:]
    return [plain, streamed, encoded("FLAC", "PCM_24")]


def ogg_files() -> list[bytes]:
    """Ogg Vorbis, Opus and FLAC, also chained."""
    vorbis, opus = encoded("OGG", "VORBIS"), encoded("OGG", "OPUS")
    return [vorbis, opus, vorbis + encoded("OGG", "VORBIS", channels=2, seconds=0.2), opus + opus]


def mp3_files() -> list[bytes]:
    """MP3 with and without the frame that states its length, joined, and with tags."""
    plain = encoded("MP3")
    first = plain.index(b"\xff")
    headless = plain[plain.index(plain[first : first + 2], first + 2) :]
    tag = b"ID3\x03\x00\x00\x00\x00\x01\x00" + bytes(128)
    other = encoded("MP3", channels=2, seconds=0.2)
    return [plain, headless, plain + plain, tag + plain + tag + other + b"TAG" + bytes(125)]


def midi_files() -> list[bytes]:
    """MIDI with one and several tracks, controllers, tempi, running status; RMID."""
    files = []
    for kind in (0, 1):
        song = mido.MidiFile(type=kind, ticks_per_beat=96)
        for channel in (0, 9, 3)[: 1 + 2 * kind]:
            song.tracks.append(_track(channel))
        buffer = io.BytesIO()
        song.save(file=buffer)
        files.append(buffer.getvalue())
    body = b"RMIDdata" + struct.pack("<I", len(files[0])) + files[0]
    return [*files, b"RIFF" + struct.pack("<I", len(body)) + body]


def _track(channel: int) -> mido.MidiTrack:
    """A track of a few notes, with all kinds of events that are read."""
    message = partial(mido.Message, channel=channel)
    track = mido.MidiTrack(
        [
            mido.MetaMessage("set_tempo", tempo=400_000),
            mido.MetaMessage("time_signature", numerator=3, denominator=4),
            mido.MetaMessage("key_signature", key="Eb"),
            message("program_change", program=40),
            message("control_change", control=64, value=127),
        ]
    )
    for pitch in (60, 64, 64, 67):
        track.append(message("note_on", note=pitch, velocity=80, time=24))
        track.append(message("pitchwheel", pitch=1000, time=12))
        track.append(message("note_off", note=pitch, time=24))
    track.append(mido.Message("sysex", data=(1, 2, 3)))
    track.append(message("control_change", control=64, value=0, time=10))
    track.append(mido.MetaMessage("set_tempo", tempo=600_000, time=5))
    track.append(mido.MetaMessage("end_of_track", time=10))
    return track


def lab_files() -> list[bytes]:
    """Chords, beats and a key as `.lab`."""
    chords = "# chords\n0.0 1.5 C:maj\n1.5\t2.0\tG:7/3\r\n2.0 2.5 N\n2.5 3 A:min7\n"
    beats = "".join(f"{k / 2:.6f}\t{(k + 1) / 2:.6f}\t{k % 4 + 1}\n" for k in range(9))
    return [chords.encode(), beats.encode("utf-8-sig"), "0\t9\tE-Dur, süß\n".encode("utf-16")]


def analysis_files() -> list[bytes]:
    """What the index reads of an `analysis.json`."""
    data = {
        "name": "song",
        "duration": 12.5,
        "key": "C major",
        "tempo_bpm": 90.0,
        "missing": [],
        "notes": [[0.0, 1.0, 60, 80]],
        "chords": [{"start": 0.0, "end": 1.0, "label": "C:maj"}],
    }
    return [json.dumps(data).encode(), json.dumps(data | {"key": None, "notes": None}).encode()]


def font_files() -> list[bytes]:
    """A sound font of one looped sine: the smallest that FluidSynth plays."""
    wave = (8000 * np.sin(2 * np.pi * np.arange(400) / 40)).astype("<i2").tobytes() + bytes(92)
    header = _name("sine") + struct.pack("<HHHIII", 0, 0, 0, 0, 0, 0)
    parts = {
        "phdr": header + _name("EOP") + struct.pack("<HHHIII", 0, 0, 1, 0, 0, 0),
        "pbag": struct.pack("<4H", 0, 0, 1, 0),
        "pmod": bytes(10),
        "pgen": struct.pack("<4H", 41, 0, 0, 0),  # instrument 0
        "inst": _name("sine") + struct.pack("<H", 0) + _name("EOI") + struct.pack("<H", 1),
        "ibag": struct.pack("<4H", 0, 0, 2, 0),
        "imod": bytes(10),
        "igen": struct.pack("<6H", 54, 1, 53, 0, 0, 0),  # loop; sample 0
        "shdr": _name("sine")
        + struct.pack("<5IBbHH", 0, 400, 40, 360, SR, 69, 0, 0, 1)
        + _name("EOS")
        + bytes(26),
    }
    info = _chunk("ifil", struct.pack("<HH", 2, 1)) + _chunk("isng", b"EMU8000\0")
    info += _chunk("INAM", b"sine\0\0")
    body = b"sfbk" + _list("INFO", info) + _list("sdta", _chunk("smpl", wave))
    body += _list("pdta", b"".join(_chunk(key, value) for key, value in parts.items()))
    return [_chunk("RIFF", body)]


def _name(text: str) -> bytes:
    """A name in a sound font."""
    return text.encode().ljust(20, b"\0")


def _chunk(key: str, content: bytes) -> bytes:
    """A chunk of a RIFF file."""
    return key.encode() + struct.pack("<I", len(content)) + content


def _list(key: str, content: bytes) -> bytes:
    """A list of chunks."""
    return _chunk("LIST", key.encode() + content)


def some_notes() -> Notes:
    """Two notes, for what plays or writes some."""
    return Notes([0.0, 0.1], [0.1, 0.3], [60, 69], [80, 100])
