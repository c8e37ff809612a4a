"""Find the streams of an audio file and how much of it is there, whatever its header says.

Decoders trust the lengths in a file's header. But a download breaks off, a recorder is switched
off, a program that writes to a pipe does not know the length yet, and files are joined. This module
reads the structure of a file (chunks, pages, frames; no samples), so that `audio_files` can decode
it to its real end and warn if that is not where the header says.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from . import mp3_frames
from .audio_sources import Stream
from .errors import AudioError

FLAC_RATE = slice(18, 21)  # twenty bits: the sampling rate in Hz
FLAC_TOTAL = slice(21, 26)  # low four bits and four bytes: the number of samples
PAGE_HEADER = 27  # bytes of an Ogg page before its table of segments
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
FIRST_PAGE, LAST_PAGE = 2, 4  # flags: the page begins or ends a logical stream
STREAMED = 0x7FFF0000  # bytes; programs that write to a pipe state such a length or more
BEGINNING = 1 << 16  # bytes, in which an MP3 must begin
MIN_COVERAGE = 0.1  # fraction of a file that must be MP3 frames
CONVERT = 'ffmpeg -i "{}" song.flac converts it'

# Formats that are not decoded, by the bytes at a position.
FOREIGN = (
    (4, b"ftyp", "an MP4 file (m4a, AAC or ALAC)"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM file"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file (wma)"),
    (0, b"#!AMR", "an AMR file"),
    (0, b"MAC ", "a Monkey's Audio file"),
    (0, b"wvpk", "a WavPack file"),
    (0, b"DSD ", "a DSD file"),
    (0, b"TTA1", "a True Audio file"),
    (0, b".RMF", "a RealAudio file"),
    (0, b"ADIF", "an AAC file"),
)


@dataclass(frozen=True)
class Container:
    """What the structure of a file tells.

    Parameters
    ----------
    streams
        To be decoded one after the other.
    share
        Length of the file as a fraction of what its header states; more than 1 if it holds more;
        None if it breaks off and does not state its length.
    seconds
        Duration that the header states, if only decoding can tell how long the file is.
    """

    streams: tuple[Stream, ...]
    share: float | None = 1.0
    seconds: float | None = None


class Layout(NamedTuple):
    """How the chunks of a container are stored."""

    first: int  # position of the first chunk
    identifier: int  # bytes
    size: str  # format of the size, for `struct`
    overhead: int  # bytes that the size includes beside the content
    align: int  # bytes
    data: bytes  # identifier of the samples


W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
LAYOUTS = {
    b"RIFF": Layout(12, 4, "<I", 0, 2, b"data"),
    b"RF64": Layout(12, 4, "<I", 0, 2, b"data"),
    b"RIFX": Layout(12, 4, ">I", 0, 2, b"data"),
    b"FORM": Layout(12, 4, ">I", 0, 2, b"SSND"),
    b"riff": Layout(40, 16, "<Q", 24, 8, W64_DATA),
    b"caff": Layout(8, 4, ">q", 0, 1, b"data"),
}


def read_container(data: bytes, name: str) -> Container:
    """Find the streams of a file by its content, not its suffix.

    Parameters
    ----------
    data
        The file: bytes, or anything that slices to bytes, such as an `mmap`.
    name
        For error messages.

    Raises
    ------
    AudioError
        For a format that is not decoded, with the command that converts it, and for an MP3 without
        frames.
    """
    magic = data[:4]
    if magic in LAYOUTS:
        return _chunked(data, LAYOUTS[magic])
    if magic == b"OggS":
        return _ogg(data)
    tag = mp3_frames.after_tag(data, 0)
    if data[tag : tag + 4] == b"fLaC":
        return _flac(data, tag)
    if magic == b".snd":
        return _au(data)
    _refuse_foreign(data, name)
    if magic[:3] == b"ID3" or mp3_frames.starts_with_frame(data):
        return _mp3(data, name)
    if mp3_frames.parse_runs(data[:BEGINNING]):  # after zeros or other bytes
        runs = mp3_frames.parse_runs(data)
        if sum(run.end - run.first for run in runs) > len(data) / 2:
            return _mp3(data, name)
    return Container((Stream(b"", 0, len(data)),))


def _refuse_foreign(data: bytes, name: str) -> None:
    """Raise an error for a format that is not decoded."""
    kinds = [kind for at, magic, kind in FOREIGN if data[at : at + len(magic)] == magic]
    if data[0:1] == b"\xff" and data[1:2] and data[1] & 0xF6 == 0xF0:  # ADTS: layer 0
        kinds.append("an AAC file")
    if kinds:
        line = f"{name}: is {kinds[0]}, which mirlab does not decode"
        raise AudioError(f"{line}; {CONVERT.format(name)}")


def _mp3(data: bytes, name: str) -> Container:
    """A stream for each run of frames, preceded by their number if no header states it rightly."""
    runs = mp3_frames.parse_runs(data)
    if not runs and mp3_frames.starts_with_frame(data):  # a single frame, or free format
        return Container((Stream(b"", 0, len(data)),))
    covered = sum(run.end - run.first for run in runs)
    first = runs[0].first if runs else 0
    if covered < MIN_COVERAGE * (len(data) - first) or not runs:
        raise AudioError(
            f"{name}: is not a sound file that can be read (its MP3 frames are damaged or it is "
            f"another format; {CONVERT.format(name)})"
        )
    streams = []
    for run in runs:
        exact = run.stated is not None and abs(run.stated - run.frames) <= 1
        header = data[run.first : run.first + 4]
        head = b"" if exact else mp3_frames.info_frame(header, run.frames)
        streams.append(Stream(head, run.first, run.end))
    share: float | None = 1.0
    if runs[0].stated:
        share = sum(run.frames for run in runs) / runs[0].stated
        share = share if abs(share * runs[0].stated - runs[0].stated) > 1 else 1.0
    gaps = [data[run.end : run.end + 8] for run, after in pairwise(runs) if run.end < after.first]
    damaged = any(not gap.startswith((b"ID3", b"TAG", b"APETAGEX")) for gap in gaps)
    if share == 1 and (damaged or not runs[-1].complete):
        share = None
    return Container(tuple(streams), share)


def _ogg(data: bytes) -> Container:
    """A stream for each link of a chain; a link begins with pages that begin a logical stream."""
    starts, end, was_first, was_last, damaged = list[int](), 0, False, False, False
    for position, length, flags in _ogg_pages(data):
        damaged = damaged or position > end
        if flags & FIRST_PAGE and not was_first:
            starts.append(position)
        was_first, was_last = bool(flags & FIRST_PAGE), bool(flags & LAST_PAGE)
        end = position + length
    streams = [Stream(b"", *ends) for ends in pairwise([*starts, end])]
    whole = Stream(b"", 0, len(data))
    rest = data[end : end + 128]  # of a page that was cut off, or a tag
    tagged = not any(rest) or rest[:3] in (b"TAG", b"ID3") or rest[:8] == b"APETAGEX"
    sound = was_last and tagged and not damaged
    return Container(tuple(streams) or (whole,), 1.0 if sound else None)


def _ogg_pages(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Position, length and flags of each whole Ogg page; damaged ones are no pages to decoders."""
    position = 0
    while (position := _find(data, b"OggS", position)) < len(data):
        header = data[position : position + PAGE_HEADER + 255]
        count = header[PAGE_HEADER - 1] if len(header) >= PAGE_HEADER else 0
        length = PAGE_HEADER + count + sum(header[PAGE_HEADER : PAGE_HEADER + count])
        page = data[position : position + length]
        if len(page) < length or page_checksum(page) != int.from_bytes(page[22:26], "little"):
            position += 4
            continue
        yield position, length, header[5]
        position += length


def page_checksum(page: bytes) -> int:
    """Checksum of an Ogg page: CRC-32 with the highest bit first.

    zlib computes it with the lowest bit first; so bits are reversed before and after.
    """
    zeroed = page[:22] + bytes(4) + page[26:]
    value = zlib.crc32(zeroed.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(value.to_bytes(4, "little").translate(REVERSED), "big")


def _flac(data: bytes, start: int) -> Container:
    """The file, with an unknown number of samples, since a decoder would stop at a wrong one."""
    header = data[start : start + FLAC_TOTAL.stop]
    if len(header) < FLAC_TOTAL.stop:
        return Container((Stream(b"", start, len(data)),))
    stated = int.from_bytes(header[FLAC_TOTAL], "big") & (1 << 36) - 1
    sr = int.from_bytes(header[FLAC_RATE], "big") >> 4
    head = header[: FLAC_TOTAL.start] + bytes([header[FLAC_TOTAL.start] & 0xF0]) + bytes(4)
    seconds = stated / sr if stated and sr else None
    end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
    return Container((Stream(head, start + len(head), end),), seconds=seconds)


def _au(data: bytes) -> Container:
    """The file, and how much is there of the samples that its header states."""
    start, stated = (int.from_bytes(data[i : i + 4], "big") for i in (4, 8))
    present = max(0, len(data) - start)
    share = present / stated if present < stated < STREAMED else 1.0
    return Container((Stream(b"", 0, len(data)),), share)


def _chunked(data: bytes, layout: Layout) -> Container:
    """The file; its length is mended if the samples go on beyond their chunk."""
    whole = Container((Stream(b"", 0, len(data)),))
    joined = _joined_files(data) if data[:4] == b"RIFF" else [0]
    if len(joined) > 1:
        streams = tuple(Stream(b"", *ends) for ends in pairwise([*joined, len(data)]))
        return Container(streams, len(data) / joined[1])
    found = _data_chunk(data, layout)
    if found is None:
        return whole
    start, stated = found
    present = len(data) - start
    if data[:4] == b"RF64" and stated == 0xFFFFFFFF and data[12:16] == b"ds64":
        stated = int.from_bytes(data[28:36], "little")
    if stated < 0 or (STREAMED <= stated <= 0xFFFFFFFF and stated > present):
        return whole  # unknown when the file was written
    if stated > present:
        return Container(whole.streams, present / stated)
    if data[:4] == b"RIFF" and not _only_chunks(data, start + stated, layout):
        # Samples where other chunks should be: the header was never completed, or is wrong.
        head = bytearray(data[:start])
        head[4:8] = struct.pack("<I", min(len(data) - 8, 0xFFFFFFFF))
        head[start - 4 : start] = struct.pack("<I", min(present, 0xFFFFFFFF))
        share = present / stated if stated else 1.0
        return Container((Stream(bytes(head), start, len(data)),), share)
    return whole


def _joined_files(data: bytes) -> list[int]:
    """Positions at which the WAV files begin that were joined to one."""
    starts = [0]
    while True:
        size = int.from_bytes(data[starts[-1] + 4 : starts[-1] + 8], "little")
        after = starts[-1] + 8 + size + size % 2
        if data[after : after + 4] != b"RIFF" or data[after + 8 : after + 12] != b"WAVE":
            return starts
        starts.append(after)


def _data_chunk(data: bytes, layout: Layout) -> tuple[int, int] | None:
    """Position of the samples and their stated length in bytes; None if there are none."""
    position = layout.first
    header = layout.identifier + struct.calcsize(layout.size)
    while position + header <= len(data):
        identifier = data[position : position + layout.identifier]
        (size,) = struct.unpack(layout.size, data[position + layout.identifier : position + header])
        if identifier == layout.data:
            return position + header, size - layout.overhead
        step = header + size - layout.overhead
        step += -step % layout.align
        if step <= 0:
            return None
        position += step
    return None


def _only_chunks(data: bytes, position: int, layout: Layout) -> bool:
    """Whether the bytes from `position` on are chunks, a padding byte, or nothing but zeros."""
    position += position % layout.align
    while position + 8 <= len(data):
        identifier = data[position : position + 4]
        if not all(32 <= byte < 127 for byte in identifier):
            return not any(data[position : position + (1 << 16)])
        (size,) = struct.unpack(layout.size, data[position + 4 : position + 8])
        position += 8 + size + size % layout.align
    return True


def _find(data: bytes, pattern: bytes, position: int) -> int:
    """Position of a pattern in bytes or an `mmap`; the length of the data if there is none."""
    found = data.find(pattern, position)
    return len(data) if found < 0 else found
