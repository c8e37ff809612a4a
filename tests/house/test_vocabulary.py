"""Names are the field's terms: what they took the place of is not used again."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

# What stood for a term of the field, or says nothing. Some are good English in a sentence, or the
# name of a library's function, so only names that are given here count: of variables, parameters,
# attributes, functions, classes and modules.
REFUSED = {
    name: term
    for term, names in {
        "spectrogram, features": "picture pictures Pictures PitchPicture",
        "LogFrequencyAxis": "PitchAxis",
        "logits, posteriors, prediction": "said says hears heard_by",
        "trained": "taught teach",
        "predict": "hear heard hearing",
        "ProcessGroup, get_process_group": "Crew Accelerated muster",
        "CachedItems, key": "Kept told kept_items",
        "run_model": "ask",
        "shift, to_device, clone_state": "moved copied",
        "excerpt, training_batches, validation_batches": "stretches unseen material small_item",
        "random_keyboard_piece, random_solo_parts": "texture",
        "Multitrack": "Take",
        "master, perform, ornament, apply_swing": "mastered performed ornamented swung",
        "plan_form, change_tempo, piece_from_notes": "sketched faster bare",
        "NoteBatch": "Voices",
        "_Hypothesis, _extend, _duration_cost, _fill_short_rests": "_Way _gone_on _wrong _filled",
        "_detect_slide": "_slid",
        "MeteredNotes, infer_meter": "Scored score_notes",
        "PRIOR_LOGITS, MAX_LOGIT, NEG_INF": "BEFORE CERTAIN NEVER",
        "POSITIVE_WEIGHT, LOSS_WEIGHTS": "RARE SHARES",
        "PADDING_SECONDS, PROBABILITIES": "SPARE LIKELY",
        "probability, at random": "likely dice",
        "onset_mask, frame_score": "struck",
        "atomic_write, parallel_map, suppress_stderr": "replacing in_processes silent_decoders",
        "n_jobs": "processes workers",
        "upper bound": "ceiling",
        "position, path, width": "place way ways wide",
        "a noun": "some one mine who",
        "user_audio, audio_input": "own own_sound intake",
        "pack_sound, validate_prompt, straighten": "packed_sound checked_prompt straightened",
    }.items()
    for name in names.split()
}
# Refused in JavaScript only.
REFUSED_IN_JAVASCRIPT = {**REFUSED, "kept": "cached, stored", "hearing": "inference"}
# Names that cannot change without what is stored or sent under them, by file.
STORED = {
    "mirlab/learning/trainer.py": {"processes"},  # checkpoints
    "mirlab/transcription/networks.py": {"place"},  # weights
    "mirlab/widgets/synth_bench/js/envelope.js": {"struck"},  # kinds of envelopes, of patches
}
STRINGS = r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"
BRACKETS = {"(": ")", "[": "]", "{": "}"}


def given_names(tree: ast.AST) -> Iterator[str]:
    """The names that some code gives: to variables, parameters, attributes, functions, classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname


def refused(tree: ast.AST, allowed: Collection[str] = ()) -> list[str]:
    """The refused names in some code, each with its term."""
    names = set(given_names(tree)) & REFUSED.keys() - set(allowed)
    return sorted(f"{name} ({REFUSED[name]})" for name in names)


def bracketed(code: str, start: int) -> int:
    """Where the bracket that opens at `start` is closed: the index after it."""
    closing: list[str] = []
    for index in range(start, len(code)):
        if code[index] in BRACKETS:
            closing.append(BRACKETS[code[index]])
        elif closing and code[index] == closing[-1]:
            closing.pop()
            if not closing:
                return index + 1
    return len(code)


def pattern_names(pattern: str) -> set[str]:
    """The names in a destructuring pattern or a list of parameters, keys included."""
    return set(re.findall(r"[A-Za-z_$][\w$]*", re.sub(r"=\s*[^,}\])]*", "", pattern)))


def javascript_names(source: str) -> set[str]:
    """The names that a script gives: to variables, functions, classes, parameters, keys, fields."""
    code = re.sub(STRINGS, "``", source, flags=re.S)
    names = set(re.findall(r"\b(?:function\*?|class|const|let|var)\s+([\w$]+)", code))
    names |= set(re.findall(r"([\w$]+)\s*=>", code))
    names |= set(re.findall(r"[{,]\s*([\w$]+)\s*:", code))  # keys
    names |= set(re.findall(r"\.([\w$]+)\s*(?:=(?!=)|\?\?=)", code))  # attributes
    names |= set(re.findall(r"(?:^|[;{}])\s*#?([\w$]+)\s*(?:=(?![=>])|;)", code, flags=re.M))
    for match in re.finditer(r"\b(?:const|let|var)\s+(?=[\[{])", code):
        names |= pattern_names(code[match.end() : bracketed(code, match.end())])
    for match in re.finditer(r"([\w$#]*)\s*\(", code):
        end = bracketed(code, match.end() - 1)
        if match[1] in ("if", "for", "while", "switch") or not re.match(r"\s*(=>|\{)", code[end:]):
            continue
        names |= {match[1].lstrip("#")} | pattern_names(code[match.end() : end])
    return names


def python_files(root: Path) -> list[Path]:
    folders = ("mirlab", "benchmarks", "tests", "data_scripts", "book/scripts")
    return [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]


def test_names_in_python_are_the_fields_terms(root: Path) -> None:
    found = {}
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        if names := refused(ast.parse(path.read_text("utf-8")), STORED.get(name, ())):
            found[name] = names
    assert not found


def test_names_in_javascript_are_the_fields_terms(root: Path) -> None:
    folders = ("mirlab/widgets/*/js", "mirlab/report", "book/runtime")
    paths = [path for folder in folders for path in sorted(root.glob(f"{folder}/**/*.js"))]
    assert len(paths) > 80
    found = {}
    for path in paths:
        name = path.relative_to(root).as_posix()
        names = javascript_names(path.read_text("utf-8")) | {path.stem}
        if names := names & REFUSED_IN_JAVASCRIPT.keys() - STORED.get(name, set()):
            found[name] = sorted(f"{name} ({REFUSED_IN_JAVASCRIPT[name]})" for name in names)
    assert not found


def test_names_in_notebooks_are_the_fields_terms(root: Path) -> None:
    found = {}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        code = [re.sub(r"^\s*[%!].*$", "", cell, flags=re.M) for cell in code]
        if names := refused(ast.parse("\n".join(code))):
            found[path.stem] = names
    assert not found


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def f(who): pass", ["who"]),
        ("said = 1", ["said"]),
        ("x.heard = 1\nfor one in y: pass", ["heard", "one"]),
        ("class Take: pass\nimport a as told", ["Take", "told"]),
        ("print(one, x.some, 'said', who=1)", []),
    ],
)
def test_only_given_names_count(code: str, names: list[str]) -> None:
    assert [text.split()[0] for text in refused(ast.parse(code))] == sorted(names)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (
            "const wide = 1; let [a, place] = b; var { own: c, d: [mine] = e } = f;",
            "wide place own mine",
        ),
        ("function hear({ some = own }, way) {} class Take {}", "hear some way Take"),
        ("list.map((one) => one.own); x.map(who => 0); async (ask) => 1;", "one who ask"),
        (
            "class A { #heard = 0; said; moved(place) { this.picture = own(); } }",
            "heard said moved place picture",
        ),
        ("call({ picture: 1, heard() {} });", "picture heard"),
        ("if (own) { way.some(one); } // const said\nf('let own', `${one}: way`);", ""),
        ("for (const one of some) {}", "one"),
    ],
)
def test_only_names_given_in_javascript_count(code: str, names: str) -> None:
    assert javascript_names(code) & REFUSED.keys() == set(names.split())
