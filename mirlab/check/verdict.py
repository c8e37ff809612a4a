"""Verdicts of the checks, and helpers to run the reader's answer."""

from __future__ import annotations

import html
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """Verdict on an answer, with a hint.

    Parameters
    ----------
    right
        Whether the exercise is solved.
    hint
        One or two sentences: the usual mistake behind this answer, or the point of the right one.

    Examples
    --------
    >>> print(Verdict(False, "An octave too high."))
    Not yet. An octave too high.
    """

    right: bool
    hint: str

    def __bool__(self) -> bool:
        return bool(self.right)  # also of a numpy bool

    def __str__(self) -> str:
        return f"{'Right.' if self.right else 'Not yet.'} {self.hint}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The verdict as a line of HTML: a sign, a word and the hint."""
        sign, word = ("&#10003;", "Right.") if self.right else ("&#10007;", "Not yet.")
        return f'<p role="status">{sign} <strong>{word}</strong> {html.escape(self.hint)}</p>'


NOT_A_FUNCTION = Verdict(False, "Pass the function itself, without calling it: its name, no ().")


def numbers(answer: Any, count: int | None = None) -> np.ndarray | Verdict:
    """Convert the answer to finite numbers, shape `(count,)`, or return a verdict.

    Any count is right if it is None.
    """
    try:
        values = np.asarray(answer, dtype=np.float64).ravel()
    except (TypeError, ValueError, OverflowError, RuntimeError):  # the last from torch
        what = "numbers" if count is None else f"{count} numbers"
        return Verdict(False, f"The answer should be {what}, not {reprlib.repr(answer)}.")
    if count is not None and values.size != count:
        return Verdict(False, f"The answer should be {count} numbers; these are {values.size}.")
    if not np.isfinite(values).all():
        return Verdict(False, "The answer contains NaN or infinity: was something divided by 0?")
    return values


def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call the reader's function; return its result, or the verdict that it fails.

    The arguments are copied first, so that a function may modify them.
    """
    if not callable(function):
        return NOT_A_FUNCTION
    copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        given = function(*copies)
    except Exception as error:  # any error of the reader's code becomes the hint
        return Verdict(False, f"Your function stops with {type(error).__name__}: {error}")
    if given is None:
        return Verdict(False, "Your function returns None: does it end with return?")
    return given
