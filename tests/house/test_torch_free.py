"""The rooms that pages run in the browser load where neither torch nor librosa can be had."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOMS = ("core", "score", "composer", "dsp", "formats", "check")
FILES = (  # methods without learning, and spectra of numpy arrays
    *("classic.py", "pyin.py", "tuning.py"),
    *("array_fourier.py", "array_constant_q.py", "kernels.py", "banks.py"),
)
NEEDS_FLUIDSYNTH = "mirlab.core.fluid"  # imported only where that is installed

BLOCKED = """
import importlib, json, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "librosa", "numba"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
"""

IMPORTS = """
failed = {}
for name in json.loads(sys.argv[1]):
    try:
        importlib.import_module(name)
    except ImportError as reason:
        failed[name] = str(reason)
print(json.dumps(failed))
"""

CALLS = """
import numpy as np
from mirlab import Audio, chords, rhythm, separation, spectra, structure
from mirlab.pitch.classic import harmonic_sum, yin
from mirlab.pitch.pyin import pyin
from mirlab.transcription.classic import notes_by_yin

t = np.arange(2 * 22050) / 22050
sound = Audio(0.4 * np.sin(2 * np.pi * 440 * t) * (t % 0.5 < 0.3), 22050)
for function in (
    *(chords.recognize_chords, rhythm.track_beats, separation.separate),
    *(structure.find_sections, yin, harmonic_sum, pyin, notes_by_yin),
):
    function(sound)
for model in ("mid-side", "nmf", "repet-sim"):
    separation.separate(sound, model=model)
y = sound.y[0]
spectra.istft(spectra.stft(y), hop_length=512, length=y.size)
for function in (spectra.melspectrogram, spectra.chroma_stft, spectra.chroma_cqt):
    function(y)
try:
    spectra.CQT
except ImportError as reason:
    print(reason)
"""


def module_name(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def floor(root: Path) -> list[str]:
    """Every module of `ROOMS`, and the modules named in `FILES` of all the others."""
    package = root / "mirlab"
    files = [file for room in ROOMS for file in (package / room).rglob("*.py")]
    files += [file for name in FILES for file in package.glob(f"*/{name}")]
    return sorted({module_name(file, root) for file in files} - {NEEDS_FLUIDSYNTH})


def test_the_floor_loads_without_torch_and_librosa(root: Path) -> None:
    modules = floor(root)
    assert {"mirlab.core.notes", "mirlab.chords.classic", "mirlab.spectra.array_fourier"} < {
        *modules
    }
    answer = subprocess.run(
        [sys.executable, "-c", BLOCKED + IMPORTS, json.dumps(modules)],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(answer.stdout) == {}


def test_its_methods_run_without_torch_and_librosa() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", BLOCKED + CALLS], capture_output=True, text=True, check=False
    )
    assert answer.stdout == "torch is blocked\n", answer.stderr


def test_no_function_of_the_floor_imports_them(root: Path) -> None:
    text = {name: (root / (name.replace(".", "/") + ".py")) for name in floor(root)}
    late = re.compile(r"^\s*(import|from) (torch|librosa)\b", re.M)
    assert [n for n, file in text.items() if file.exists() and late.search(file.read_text())] == []
