"""Detect truncated MP3 files, which decoders do not report.

An MP3 file is a sequence of frames, each with its own length. Decoders estimate the number of
frames from the size of the file, including tags and images, so a short result proves nothing; an
incomplete last frame does.
"""

from __future__ import annotations

# kbit/s by four bits of the frame header (ISO 11172-3 and 13818-3, layer III)
BITRATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = (44100, 48000, 32000)  # Hz; halved for MPEG 2, quartered for MPEG 2.5


def ends_within_a_frame(data: bytes) -> bool:
    """Whether the last frame is incomplete; False if the frames cannot be parsed."""
    position, end = _after_tag(data), len(data)
    if data[-128:-125] == b"TAG":
        end -= 128
    while position + 4 <= end:
        length = _frame_length(data[position : position + 4])
        if not length:
            return False
        if position + length > end:
            return True
        position += length
    return position < end


def _after_tag(data: bytes) -> int:
    """Position of the first frame, after an ID3v2 tag."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:  # seven bits a byte
        size = size << 7 | byte & 0x7F
    return 10 + size


def _frame_length(header: bytes) -> int:
    """Length in bytes of the layer III frame with this 4-byte header; 0 if it is not one."""
    if header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version = header[1] >> 3 & 3  # 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or rate == 3 or bitrate in (0, 15):
        return 0
    kilobits = BITRATES[1 if version == 3 else 2][bitrate - 1]
    hertz = RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if version == 3 else 72) * kilobits * 1000 // hertz + padding
