"""The functions of the JavaScript are short enough to be read at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.test_vocabulary import STRINGS, bracketed

LONGEST = 60  # lines of a function


def function_lengths(source: str) -> list[int]:
    """Lines of each body that follows parameters or an arrow; a class is no function."""
    code = re.sub(STRINGS, lambda match: "``" + "\n" * match[0].count("\n"), source, flags=re.S)
    starts = [match.end() - 1 for match in re.finditer(r"(?:\)|=>)\s*\{", code)]
    return [1 + code.count("\n", start, bracketed(code, start)) for start in starts]


def test_functions_are_at_most_sixty_lines(root: Path) -> None:
    folders = ("mirlab/widgets/*/js", "mirlab/report", "book/runtime")
    paths = [path for folder in folders for path in sorted(root.glob(f"{folder}/**/*.js"))]
    assert len(paths) > 80
    lengths = {path: max(function_lengths(path.read_text("utf-8")), default=0) for path in paths}
    assert not {str(path): lines for path, lines in lengths.items() if lines > LONGEST}


@pytest.mark.parametrize(
    ("code", "lengths"),
    [
        ("function f(a) {\n  return a;\n}", [3]),
        ("class A {\n  b() {\n    // }\n    return '{';\n  }\n}", [4]),
        ("const f = () => {\n  if (a) {\n    b();\n  }\n};\nconst g = (x) => x;", [5, 3]),
    ],
)
def test_lines_are_counted(code: str, lengths: list[int]) -> None:
    assert function_lengths(code) == lengths
