"""Every task's verb keeps one contract: arguments, forms of sound, errors, progress, models."""

from __future__ import annotations

import inspect
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import mirlab
from mirlab.core import Audio, AudioError, Notes, Segments
from mirlab.learning import LearningError, list_models
from mirlab.learning.registry import FOLDER
from mirlab.pitch import PitchTrack

SR = 22050
QUICK = {  # of each verb a model that needs no network
    "separate": "hpss",
    "transcribe": "yin",
    "track_pitch": "yin",
    "recognize_chords": "templates",
    "track_beats": "dynamic-programming",
    "find_sections": "novelty",
}
GIVES = {
    "separate": dict,
    "transcribe": Notes,
    "track_pitch": PitchTrack,
    "recognize_chords": Segments,
    "track_beats": Segments,
    "find_sections": Segments,
}
TASKS = {
    "separate": "separation",
    "transcribe": "transcription",
    "track_pitch": "pitch",
    "recognize_chords": "chords",
    "track_beats": "rhythm",
    "find_sections": "structure",
}
every_verb = pytest.mark.parametrize("name", QUICK)


def verb(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(mirlab, name)
    return function


@pytest.fixture(scope="module")
def y() -> np.ndarray:
    """Three seconds of A3 that begins anew twice a second; float32, mono."""
    t = np.arange(3 * SR) / SR
    return (0.5 * np.sin(2 * np.pi * 220 * t) * np.exp(-4 * (t % 0.5))).astype(np.float32)


def plain(value: Any) -> list[Any]:
    """A verb's result as arrays and labels."""
    if isinstance(value, dict):
        return [array for name in value for array in (name, value[name].y)]
    if isinstance(value, Segments):
        return [value.intervals, value.labels]
    if isinstance(value, Notes):
        return [value.onset, value.offset, value.pitch, value.velocity]
    return list(value)


@every_verb
def test_a_verb_has_the_common_arguments(name: str) -> None:
    parameters = inspect.signature(verb(name)).parameters
    assert list(parameters)[:4] == ["audio", "model", "device", "progress"]
    assert all(p.kind is p.KEYWORD_ONLY for p in list(parameters.values())[1:])
    assert (parameters["device"].default, parameters["progress"].default) == ("auto", True)
    model = f"{TASKS[name]}/{parameters['model'].default}"
    assert model in [row["name"] for row in list_models()]


def test_analyze_has_them_too() -> None:
    parameters = inspect.signature(mirlab.analyze).parameters
    assert list(parameters)[:3] == ["audio", "device", "progress"]


@every_verb
def test_the_help_of_a_verb_tells_all_of_it(name: str) -> None:
    text = inspect.getdoc(verb(name)) or ""
    for word in ("audio\n", "model\n", "device\n", "progress\n", "Returns\n", "LearningError\n"):
        assert word in text, word
    ours = [row["name"] for row in list_models() if row["name"].startswith(f"{TASKS[name]}/")]
    for model in ours:
        short = model.split("/")[1]
        assert f'"{short}"' in text or model in text, model


@every_verb
def test_a_path_an_audio_and_a_pair_give_the_same(name: str, y: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, y, SR, subtype="FLOAT")
    given = (path, str(path), Audio(y, SR), (y, SR), (np.stack([y, y]), SR))
    first, *others = (plain(verb(name)(sound, model=QUICK[name])) for sound in given)
    assert isinstance(verb(name)((y, SR), model=f"{TASKS[name]}/{QUICK[name]}"), GIVES[name])
    for other in others:
        for a, b in zip(first, other, strict=True):
            np.testing.assert_array_equal(a, b)


@every_verb
@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (np.zeros(9), "must be a path, an Audio or a pair"),
        ((SR, np.zeros(9)), "samples first"),
        ((np.zeros(9, int), SR), "floating point"),
        ("no such file.wav", "no such file.wav"),
        (None, "not NoneType"),
    ],
)
def test_what_is_no_sound_is_refused(name: str, sound: Any, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        verb(name)(sound, model=QUICK[name])


@every_verb
def test_an_unknown_model_is_refused_with_those_there_are(name: str, y: np.ndarray) -> None:
    known = f"there is no model '{TASKS[name]}/magic'; available: .*'{TASKS[name]}/{QUICK[name]}'"
    with pytest.raises(LearningError, match=known):
        verb(name)((y, SR), model="magic")


@every_verb
def test_a_device_that_is_not_here_is_refused(name: str, y: np.ndarray) -> None:
    with pytest.raises(LearningError, match="cuda:99"):
        verb(name)((y, SR), model=QUICK[name], device="cuda:99")


@every_verb
def test_a_function_is_told_how_far_it_is(name: str, y: np.ndarray) -> None:
    calls: list[tuple[float, str]] = []
    verb(name)((y, SR), model=QUICK[name], progress=lambda *report: calls.append(report))
    assert calls[-1] == (1.0, name)
    assert {task for _, task in calls} == {name}


def test_classical_methods_need_no_torch() -> None:
    code = f"""
import sys
import numpy as np, mirlab
assert len(mirlab.list_models())
sound = (np.sin(np.arange(22050) / 20), 22050)
for name, model in {QUICK!r}.items():
    getattr(mirlab, name)(sound, model=model)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_the_score_of_a_method_is_that_of_the_committed_results(path: Path, root: Path) -> None:
    card = json.loads(path.read_text(encoding="utf-8"))
    if not card["protocol"].startswith("mean over"):
        return
    [(measure, score)] = card["scores"].items()
    row, results = card["protocol"].split('"')[1], card["protocol"].split(" of ")[1].split(",")[0]
    files = json.loads((root / results).read_text(encoding="utf-8"))["files"].values()
    scores = [rows[row] for names in files for rows in names.values() if row in rows]
    values = [found[measure] for found in scores if measure in found]  # a song has bars, no beats
    assert score == pytest.approx(statistics.fmean(values), abs=6e-5)
