"""Mutations of files: each is a function of a random generator and the bytes, and is repeatable."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

NUMBERS = (1, 1, 1, 2, 4)  # of mutations of one file, each as likely
HEADER = 128  # bytes at the beginning where most formats state what follows
MAX_BYTES = 1 << 20  # of a mutated file, however often its blocks were repeated

# Values of integers at the edges of their types, as unsigned.
EXTREMES = {
    size: (0, 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1)
    for size in (1, 2, 4, 8)
}
IDENTIFIER = re.compile(rb"[A-Za-z][A-Za-z0-9 ]{3}")  # of a chunk, before its size

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|\b\w+\b|[\[\]{}<>/,:\t\n]')
VALUES = (  # of JSON, where others are expected
    *(b"-1", b"0", b"1.5", b"1e308", b"4e-320", b"9" * 18, b"null", b"true", b"[]", b"{}", b'""'),
    *(b'"\\u0000"', b'"a\\nb"', b'"<!--</script>"', b'"../../x"', b'"\\u2028"', b"[[1, null]]"),
)
HOSTILE = (
    *(b"", b"0", b"-1", b"1e999", b"-1e308", b"NaN", b"Infinity", b"9" * 400, b"0.1e-400"),
    *(b"18446744073709551616", b"-9223372036854775809", b"1_000", b"0x10", b"\xd9\xa1"),
    *(b"null", b"true", b"[]", b"{}", b'""', b'"\\ud800"', b'"\\u0000"', b"[" * 2000),
    *(b'{"a":' * 2000, b"'", b'"', b"\\", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\x85"),
    *("\u2028".encode(), "\u202e".encode(), b"../../etc/passwd", b"/dev/zero", b"%s%n", b"\n\n"),
    *(b"<a>" * 2000, b"&#0;", b"&a;", b"<!--", b"]]>", b"<![CDATA["),
)


def mutate(rng: random.Random, data: bytes, others: Sequence[bytes], *, text: bool) -> bytes:
    """Change a file by one to four mutations.

    Parameters
    ----------
    rng
        Source of all choices.
    data
        The file.
    others
        Files with which it may be spliced.
    text
        Whether the file is text, so that some mutations replace tokens.

    Returns
    -------
    bytes
        At most 1 MiB.

    Examples
    --------
    >>> mutate(random.Random(5), b"0 1 C:maj", [b"1 2 N"], text=True)
    """
    kinds: list[Callable[[random.Random, bytes], bytes]] = [
        flip_bits,
        truncate,
        remove_block,
        repeat_block,
        swap_blocks,
        set_integer,
        set_integer,
    ]
    if text:
        kinds += 3 * [replace_token] * len(kinds)
    for _ in range(rng.choice(NUMBERS)):
        if rng.random() < 0.1:
            data = splice(rng, data, rng.choice(others))
        else:
            data = rng.choice(kinds)(rng, data)
    return data[:MAX_BYTES]


def flip_bits(rng: random.Random, data: bytes) -> bytes:
    """Flip one to sixteen bits."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 16) if data else 0):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(rng: random.Random, data: bytes) -> bytes:
    """Keep the beginning; of one file in three, its end."""
    position = rng.randint(0, len(data))
    return data[position:] if rng.random() < 1 / 3 else data[:position]


def remove_block(rng: random.Random, data: bytes) -> bytes:
    """Remove a block."""
    start, end = _block(rng, data)
    return data[:start] + data[end:]


def repeat_block(rng: random.Random, data: bytes) -> bytes:
    """Repeat a block, once or many times."""
    start, end = _block(rng, data)
    times = rng.choice((1, 1, 2, 10, 1000)) if end - start < HEADER else 1
    return data[:end] + times * data[start:end] + data[end:]


def swap_blocks(rng: random.Random, data: bytes) -> bytes:
    """Swap two blocks beside each other."""
    start, middle = _block(rng, data)
    end = rng.randint(middle, len(data))
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def set_integer(rng: random.Random, data: bytes) -> bytes:
    """Write an extreme integer of 1, 2, 4 or 8 bytes, of either byte order, where one may stand."""
    size = rng.choice((1, 2, 4, 8))
    value = rng.choice((*EXTREMES[size], len(data) & 2 ** (8 * size) - 1))
    content = value.to_bytes(size, rng.choice(("little", "big")))
    after = [match.end() for match in IDENTIFIER.finditer(data[: 1 << 16])]
    anywhere = [rng.randint(0, min(HEADER, len(data))), rng.randint(0, len(data))]
    position = rng.choice([*anywhere, rng.choice(after)] if after else anywhere)
    return data[:position] + content + data[position + size :]


def splice(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Join the beginning of a file and the end of another one."""
    return data[: rng.randint(0, len(data))] + other[rng.randint(0, len(other)) :]


def replace_token(rng: random.Random, data: bytes) -> bytes:
    """Replace a word, number, string or sign by a hostile one, or by another of the same file."""
    tokens = list(TOKEN.finditer(data))
    if not tokens:
        return data
    token = rng.choice(tokens)
    new: bytes = rng.choice((rng.choice(HOSTILE), rng.choice(VALUES), rng.choice(tokens)[0]))
    if token[0].startswith(b'"') and new[:1] != b'"' and rng.random() < 0.5:
        new = b'"' + new + b'"'
    return data[: token.start()] + new + data[token.end() :]


def _block(rng: random.Random, data: bytes) -> tuple[int, int]:
    """Start and end of a block, mostly a short one."""
    start = rng.randint(0, len(data))
    length = rng.choice((1, 4, 16, 256, len(data)))
    return start, min(len(data), start + rng.randint(0, length))
