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
# Names that cannot change without what is stored or sent under them, by file.
STORED = {
    "mirlab/learning/trainer.py": {"processes"},  # checkpoints
    "mirlab/synthesis/plucked.py": {"place"},  # patches, which the Synth bench reads
    "mirlab/transcription/networks.py": {"place"},  # weights
    "mirlab/widgets/piano_roll/widget.py": {"heard"},  # traits, which pages hold
    "mirlab/widgets/shared/user_audio.py": {"own"},
    "tests/browser/test_kernel_engine.py": {"picture"},
    "tests/browser/test_piano_roll_user_audio.py": {"own"},
    "tests/widgets/test_base.py": {"picture", "wide"},
    "tests/widgets/test_piano_roll.py": {"own"},
}


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
