"""Names of strangers: one file inside its folder, one line on the terminal."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirlab.core import AudioError, AudioWarning
from mirlab.core.names import MAX_BYTES, printable, safe_name

NASTY = st.text(
    st.sampled_from("./\\ -\0\n\x1b\x7f\u202e\u2028\udcff:*~aÄ音" + string.ascii_letters)
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("song", "song"),
        ("Für Elise (live)", "Für Elise (live)"),
        ("音楽", "音楽"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian is spelled with joiners
        ("..", "recording"),
        ("...", "recording"),
        ("", "recording"),
        (" . . ", "recording"),
        ("-", "recording"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("end. . ", "end"),
        ("a/b\\c", "a_b_c"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("nul\0, line\n, escape\x1b[31m", "nul_, line_, escape_[31m"),
        ("gpj.\u202eexe", "gpj._exe"),
        ("caf\udce9", "caf_"),
        ("CON", "_CON"),
        ("aux.take 2", "_aux.take 2"),
        ("com7", "_com7"),
        ("console", "console"),
        ("u\u0308ber", "über"),  # one file on a Mac, so one name
    ],
)
def test_the_name_of_a_folder_for_an_input(text: str, name: str) -> None:
    assert safe_name(text) == name
    assert safe_name(name) == name


@given(NASTY | st.text(), st.integers(8, 255))
def test_a_safe_name_is_one_visible_file_on_every_system(text: str, max_bytes: int) -> None:
    name = safe_name(text, max_bytes=max_bytes, fallback="x")
    assert 1 <= len(name.encode("utf-8")) <= max_bytes
    assert not set(name) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name)
    assert name[0] not in ".- " and name[-1] not in ". "
    assert name.split(".")[0].strip().upper() not in ("CON", "NUL", "AUX", "PRN", "COM1", "LPT9")


def test_long_names_are_cut_between_characters() -> None:
    assert safe_name("a" * 300) == "a" * MAX_BYTES
    assert safe_name("音" * 100) == "音" * (MAX_BYTES // 3)
    assert safe_name("ab. c", max_bytes=4) == "ab"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, Ä 音 ♯ a\u3000b", "plain, Ä 音 ♯ a\u3000b"),
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x9b31m", r"\x9b31m"),  # ESC [ in one character
        ("a\u202eb\u2066c\ufeff", r"a\u202eb\u2066c\ufeff"),
        ("a\u2028b\x85c", r"a\u2028b\x85c"),
        ("caf\udce9", r"caf\xe9"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(NASTY | st.text())
def test_printable_text_is_one_line_of_utf8_and_stays_the_same(text: str) -> None:
    shown = printable(text)
    assert shown.splitlines() == ([shown] if shown else [])
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert printable(shown) == shown


def test_errors_and_warnings_are_one_line() -> None:
    for kind in (AudioError, AudioWarning):
        assert str(kind("a\x1b[2J\nb")) == r"a\x1b[2J\nb"
