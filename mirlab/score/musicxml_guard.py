"""Refuse MusicXML that is none, or that asks for absurd amounts, before it is engraved."""

from __future__ import annotations

from xml.parsers import expat

from ..core.errors import NotesError

ROOTS = ("score-partwise", "score-timewise")
MAX_BYTES = 100_000_000
MAX_DEPTH = 50  # elements in each other; scores have about ten
# The largest number that makes sense in an element: of these, verovio allocates or counts.
LIMITS = {
    "alter": 4,
    "beat-type": 1024,
    "divisions": 1_000_000,
    "duration": 1_000_000_000,
    "fifths": 21,
    "line": 20,
    "octave": 12,
    "staff": 99,
    "staves": 99,
}


def check_musicxml(text: str, name: str) -> bytes:
    """Check a score of a stranger.

    Parameters
    ----------
    text
        MusicXML, not compressed.
    name
        Name of the score in messages.

    Returns
    -------
    bytes
        The score in UTF-8.

    Raises
    ------
    NotesError
        If the text is not well-formed MusicXML, declares entities, or contains a number beyond
        `LIMITS`.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotesError(f"{name}: is not MusicXML (not valid text)") from None
    if len(data) > MAX_BYTES:
        raise NotesError(f"{name}: is larger than {MAX_BYTES // 10**6} MB")
    try:
        _parser(name).Parse(data, True)
    except expat.ExpatError as reason:
        raise NotesError(f"{name}: holds no score (it is not XML: {reason})") from None
    return data


def _parser(name: str) -> expat.XMLParserType:
    """A parser that raises a `NotesError` for what is refused."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    path: list[str] = []
    content: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if not path and tag not in ROOTS:
            raise NotesError(f"{name}: holds no score (its root is <{tag[:40]}>)")
        path.append(tag)
        if len(path) > MAX_DEPTH:
            raise NotesError(f"{name}: has more than {MAX_DEPTH} elements in each other")
        content.clear()

    def end(tag: str) -> None:
        path.pop()
        if tag in LIMITS and not _is_within(text := "".join(content).strip(), LIMITS[tag]):
            raise NotesError(f"{name}: <{tag}> cannot be {text[:20]!r}")
        content.clear()

    def entity(*_: object) -> None:
        raise NotesError(f"{name}: declares entities, which scores do not need")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = content.append
    parser.EntityDeclHandler = entity
    return parser


def _is_within(text: str, limit: int) -> bool:
    """Whether a text is a number between -limit and limit."""
    try:
        return abs(float(text)) <= limit
    except ValueError:
        return False
