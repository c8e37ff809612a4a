"""Parse the frames of MP3 files, which decoders only estimate.

An MP3 file is a sequence of frames, each with its own length, and has no reliable header: decoders
estimate its duration from the first frame and the size of the file, including tags and images. An
optional first frame without sound (Xing, Info or VBRI) states the number of frames that follow.
Here all frames are found, so that a file plays to its real end, also if several were joined.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

# kbit/s by four bits of the frame header (ISO 11172-3 and 13818-3, layer III)
BITRATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = (44100, 48000, 32000)  # Hz; halved for MPEG 2, quartered for MPEG 2.5
VBRI = 36  # position of a VBRI header in its frame
SEARCH = 1 << 16  # bytes searched for the next frame at a time


@dataclass
class Run:
    """Consecutive frames of one sampling rate and number of channels.

    Parameters
    ----------
    first, end
        Position of the first byte, and of the byte after the last frame.
    frames
        Number of frames with sound.
    stated
        Number of frames that the Xing, Info or VBRI header states; None without one.
    complete
        Whether no frame without its end follows.
    """

    first: int
    end: int
    frames: int = 0
    stated: int | None = None
    complete: bool = True


def parse_runs(data: bytes) -> list[Run]:
    """Find all frames, skipping tags and damaged bytes.

    Parameters
    ----------
    data
        The file: bytes, or anything that slices to bytes, such as an `mmap`.

    Returns
    -------
    list of Run
        One for each part of the file with a header of its own, with another sampling rate or number
        of channels, or after damaged bytes; empty if there are no two successive frames.
    """
    runs: list[Run] = []
    kind, position = b"", 0
    for first, length in _frames(data):
        header = data[first : first + 4]
        stated = _stated_frames(data[first : first + 64])
        if not runs or _kind(header) != kind or stated is not None or first > position:
            runs.append(Run(first, first, stated=stated))
            kind = _kind(header)
        run, position = runs[-1], first + length
        if position > len(data):
            run.complete = False  # the rest of the frame would be decoded as noise
        else:
            run.frames += stated is None
            run.end = position
    return [run for run in runs if run.frames]


def starts_with_frame(data: bytes) -> bool:
    """Whether a file begins, after an ID3v2 tag, with the header of a layer III frame."""
    first = after_tag(data, 0)
    header = data[first : first + 4]
    return len(header) == 4 and header[0] == 0xFF and header[1] & 0xE6 == 0xE2


def info_frame(header: bytes, frames: int) -> bytes:
    """A silent frame that states the number of frames after it, as LAME writes it.

    Parameters
    ----------
    header
        The four bytes of the header of another frame of the file.
    frames
        Number of frames with sound.
    """
    side = _side_information(header)
    for bitrate in range(1, 15):
        head = bytes([header[0], header[1] | 1, bitrate << 4 | header[2] & 0x0C, header[3]])
        length = _frame_length(head)
        if length >= 4 + side + 12:
            break
    content = head + bytes(side) + b"Info" + struct.pack(">II", 1, frames)
    return content + bytes(length - len(content))


def _frames(data: bytes) -> Iterator[tuple[int, int]]:
    """Position and length of each frame; the last may be longer than the data."""
    position, end, in_sync = after_tag(data, 0), len(data), False
    if data[-128:-125] == b"TAG":
        end -= 128
    while position + 4 <= end:
        length = _frame_length(data[position : position + 4])
        if length and (in_sync or _frame_length(data[position + length : position + length + 4])):
            yield position, length
            position, in_sync = position + length, True
            continue
        tag_end = after_tag(data, position)
        in_sync = False
        position = tag_end if tag_end > position else _next_sync(data, position + 1, end)


def _next_sync(data: bytes, position: int, end: int) -> int:
    """Position of the next byte with which a frame or a tag could begin; `end` if there is none."""
    while position < end:
        block = data[position : min(position + SEARCH, end)]
        found = [at for at in (block.find(b"\xff"), block.find(b"ID3")) if at >= 0]
        if found:
            return position + min(found)
        position += len(block)
    return end


def after_tag(data: bytes, position: int) -> int:
    """Position after the ID3v2 tag that begins at `position`, if there is one."""
    header = data[position : position + 10]
    if header[:3] != b"ID3" or len(header) < 10:
        return position
    size = 0
    for byte in header[6:10]:  # seven bits a byte
        size = size << 7 | byte & 0x7F
    return position + 10 + size


def _kind(header: bytes) -> bytes:
    """The bits of a header that must not change within a run: version, rate, mono or not."""
    return bytes([header[1] & 0x18, header[2] & 0x0C, header[3] & 0xC0 == 0xC0])


def _side_information(header: bytes) -> int:
    """Bytes of side information after a header, before which no Xing header can be."""
    mono = header[3] & 0xC0 == 0xC0
    if header[1] >> 3 & 3 == 3:  # MPEG 1
        return 17 if mono else 32
    return 9 if mono else 17


def _stated_frames(frame: bytes) -> int | None:
    """Number of frames that a Xing, Info or VBRI header states; None if the frame has none.

    0 if the header does not contain the number.
    """
    at = 4 + _side_information(frame)
    if frame[at : at + 4] in (b"Xing", b"Info"):
        flags = frame[at + 7 : at + 8]
        return int.from_bytes(frame[at + 8 : at + 12], "big") if flags and flags[0] & 1 else 0
    if frame[VBRI : VBRI + 4] == b"VBRI":
        return int.from_bytes(frame[VBRI + 14 : VBRI + 18], "big")
    return None


def _frame_length(header: bytes) -> int:
    """Length in bytes of the layer III frame with this 4-byte header; 0 if it is not one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version = header[1] >> 3 & 3  # 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or rate == 3 or bitrate in (0, 15):
        return 0
    kilobits = BITRATES[1 if version == 3 else 2][bitrate - 1]
    hertz = RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if version == 3 else 72) * kilobits * 1000 // hertz + padding
