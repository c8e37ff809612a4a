"""Mutated files: every reader gives a right result, a warning or the package's own error."""

from __future__ import annotations

import random
from itertools import takewhile
from pathlib import Path

import pytest

from benchmarks.robustness import process
from benchmarks.robustness.fuzz import file_numbers, read_files
from benchmarks.robustness.mutations import mutate
from benchmarks.robustness.process import KINDS, Outcome
from benchmarks.robustness.readers import Reader, all_readers
from mirlab.core import AudioError, AudioWarning

SEED = 0
FILES = 300  # mutated files for each reader


def test_a_mutation_is_the_same_for_the_same_seed() -> None:
    files = [b"RIFF" + bytes(range(256)), b"other" * 20]
    for seed in range(50):
        first, second = (
            mutate(random.Random(seed), files[0], files, text=seed % 2 == 0) for _ in range(2)
        )
        assert first == second
    results = {mutate(random.Random(seed), files[0], files, text=True) for seed in range(50)}
    assert len(results) > 40


def test_an_empty_file_can_be_mutated() -> None:
    for seed in range(200):
        assert len(mutate(random.Random(seed), b"", [b""], text=True)) < 10_000


@pytest.mark.parametrize(
    ("read", "kind", "text"),
    [
        (lambda path: None, "right", ""),
        (lambda path: _raise(AudioError("a: is damaged")), "refused", "is damaged"),
        (lambda path: _raise(KeyError("step")), "problem", "KeyError: 'step'"),
        (lambda path: _raise(SystemExit(1)), "problem", "SystemExit"),
        (lambda path: _warn(AudioWarning("a: is truncated")), "warned", "is truncated"),
        (lambda path: _warn(RuntimeWarning("overflow")), "problem", "warns overflow"),
        (lambda path: bytearray(1 << 30), "problem", "MemoryError"),
        (lambda path: sum(range(10**8)), "problem", "took"),
    ],
    ids=["right", "error", "foreign error", "exit", "warning", "foreign warning", "memory", "time"],
)
def test_what_a_reader_does_is_named(
    tmp_path: Path, read: object, kind: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "MAX_SECONDS", 0.5)
    reader = Reader("a.wav", lambda: [b""], read)  # type: ignore[arg-type]
    outcome = process.read_file(tmp_path, reader, "wav", 3, b"content")
    assert (outcome.reader, outcome.number, outcome.kind) == ("wav", 3, kind)
    assert text in outcome.text
    assert outcome.kind in KINDS


def _raise(error: BaseException) -> None:
    raise error


def _warn(warning: Warning) -> None:
    import warnings

    warnings.warn(warning, stacklevel=2)


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """What valid and mutated files gave."""
    numbers = takewhile(lambda pair: pair[1] < FILES, file_numbers())
    return list(read_files(SEED, [*((name, None) for name in all_readers()), *numbers]))


@pytest.mark.slow
def test_valid_files_are_read(outcomes: list[Outcome]) -> None:
    whole = {each.reader: each for each in outcomes if each.number is None}
    assert whole.keys() == all_readers().keys()
    assert {name for name, each in whole.items() if each.kind != "right"} == {"mp3"}  # joined
    assert whole["mp3"].kind == "warned"


@pytest.mark.slow
def test_mutated_files_give_a_result_a_warning_or_an_error_of_the_package(
    outcomes: list[Outcome],
) -> None:
    mutated = [each for each in outcomes if each.number is not None]
    for name in all_readers():
        assert any(each.reader == name and each.kind == "refused" for each in mutated), name
    problems = [each for each in mutated if each.kind == "problem"]
    assert not problems, "\n".join(f"{p.reader} {p.number}: {p.text}" for p in problems)
