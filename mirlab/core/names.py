"""Names that come from outside: made safe for a file, and printable on one line."""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 240  # of a file name; file systems allow 255, and "-12" or a suffix may follow
FORBIDDEN = re.compile(r'[\\/:*?"<>|]')  # in file names, on some system
# Devices of Windows, which it opens under any suffix: `con.txt` is the console.
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.IGNORECASE)
# Format characters (category Cf) that are part of the spelling in some scripts and in emoji.
JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    r"""Escape the characters that change how a terminal or a page shows the others.

    Parameters
    ----------
    text
        Any text, such as a file name from a stranger.

    Returns
    -------
    str
        One line: control characters, line separators, marks that turn the direction of writing,
        and bytes that are not UTF-8 are written as `\x1b`, `\n`, `\u202e`.

    Examples
    --------
    >>> print(printable("two\nlines, \x1b[31mred"))
    two\nlines, \x1b[31mred
    """
    return "".join(_escaped(c) if _is_hidden(c) else c for c in text)


def safe_name(text: str, *, fallback: str = "recording", max_bytes: int = MAX_BYTES) -> str:
    """Derive the name of a file or folder from the name of an input.

    Parameters
    ----------
    text
        Name of a recording or a title.
    fallback
        The result when nothing else is left.
    max_bytes
        Maximum length in UTF-8; longer names are cut.

    Returns
    -------
    str
        A name that means one file inside its folder on all systems: without separators, control
        characters, or bytes that are not UTF-8 (each replaced by `_`), without dots and spaces at
        its ends or a leading dash, and not a device of Windows.

    Examples
    --------
    >>> safe_name("../song"), safe_name("..."), safe_name("con"), safe_name("AC/DC: live ")
    ('_song', 'recording', '_con', 'AC_DC_ live')
    """
    name = "".join("_" if _is_hidden(c) else c for c in unicodedata.normalize("NFC", text))
    name = FORBIDDEN.sub("_", name).lstrip(". -").rstrip(". ")
    if DEVICES.fullmatch(name):
        name = f"_{name}"
    name = name.encode()[:max_bytes].decode(errors="ignore").rstrip(". ")
    return name or fallback


def _is_hidden(character: str) -> bool:
    """Whether a character is not itself shown: control, format, separator or surrogate."""
    kind = unicodedata.category(character)
    return kind in ("Cc", "Cs", "Zl", "Zp") or (kind == "Cf" and character not in JOINERS)


def _escaped(character: str) -> str:
    r"""The escape of a character; a byte that is not UTF-8 (PEP 383) as `\xe9`."""
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
