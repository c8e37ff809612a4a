"""One list of requirements, in three forms that say the same."""

from __future__ import annotations

import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

# What a fresh Colab runtime had in November 2026, as far as mirlab asks for it.
COLAB_PYTHON = "3.13"
COLAB = {
    "anywidget": "0.9.21",
    "ipywidgets": "7.7.1",
    "joblib": "1.5.3",
    "librosa": "0.11.0",
    "matplotlib": "3.10.0",
    "numpy": "2.1.3",
    "safetensors": "0.8.0",
    "scipy": "1.16.3",
    "soundfile": "0.14.0",
    "soxr": "1.1.0",
    "torch": "2.11.0",
    "tqdm": "4.67.3",
}
# Installed there by pip: pure Python, or with wheels, and asking for nothing that is not there.
NOT_ON_COLAB = {"mido", "mir-eval", "pretty-midi"}

CONDA_NAMES = {
    "pytorch": "torch",
    "soxr-python": "soxr",
    "pysoundfile": "soundfile",
    "matplotlib-base": "matplotlib",
}
CONDA_ONLY = {"python", "pip", "fluidsynth"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


def ranges(requirements: list[str]) -> dict[str, SpecifierSet]:
    parsed = map(Requirement, requirements)
    return {canonicalize_name(r.name): r.specifier for r in parsed}


def test_environment_equals_pyproject(root: Path, project: dict) -> None:
    listed = yaml.safe_load((root / "environment.yml").read_text("utf-8"))["dependencies"]
    by_pip = listed[-1]["pip"]
    assert "-e ." in by_pip
    plain = [line for line in [*listed[:-1], *by_pip] if line != "-e ."]
    found = {CONDA_NAMES.get(n, n): s for n, s in ranges(plain).items()}
    assert found.pop("python") == SpecifierSet(project["requires-python"])
    for name in CONDA_ONLY - {"python"}:
        found.pop(name)
    wanted = ranges(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted |= ranges(extra)  # an extra narrows what the library asks for
    assert found == wanted


def test_constraints_are_exact_and_lie_within_the_ranges(root: Path, project: dict) -> None:
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    pins = ranges([line for line in lines if line and not line.startswith("#")])
    for name, exact in pins.items():
        assert [s.operator for s in exact] == ["=="], name
    wanted = list(ranges(project["dependencies"]).items())
    for extra in project["optional-dependencies"].values():
        wanted += ranges(extra).items()
    for name, allowed in wanted:
        [pin] = pins[name]
        assert Version(pin.version) in allowed, f"{name}: {pin} is outside {allowed}"
    assert lines.index("torch==2.13.0") < lines.index(f"numpy{pins['numpy']}")


def test_the_library_takes_what_colab_has(project: dict) -> None:
    """Nothing that Colab has is replaced there: a session would have to be restarted."""
    assert Version(f"{COLAB_PYTHON}.0") in SpecifierSet(project["requires-python"])
    for name, allowed in ranges(project["dependencies"]).items():
        assert name in COLAB or name in NOT_ON_COLAB, name
        if name in COLAB:
            assert Version(COLAB[name]) in allowed, f"{name} {COLAB[name]} is outside {allowed}"


def test_requirements_are_ranges(project: dict) -> None:
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    for name, allowed in ranges([r for part in lists for r in part]).items():
        assert {s.operator for s in allowed} <= {">=", "<", "!="}, name
        assert any(s.operator == ">=" for s in allowed), name


def test_constraints_list_everything_that_is_needed(root: Path, project: dict) -> None:
    """They are installed without pip's resolver; Basic Pitch alone lacks what it asks for."""
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    pins = ranges([line for line in lines if line and not line.startswith("#")])
    extras = [line for part in project["optional-dependencies"].values() for line in part]
    waiting = [Requirement(line) for line in [*project["dependencies"], *extras]]
    seen = set()
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name in seen or name in {"setuptools", "torch"}:
            continue
        seen.add(name)
        assert name in pins, f"{asked} is not pinned"
        [pin] = pins[name]
        assert asked.specifier.contains(pin.version, prereleases=True), f"{asked}: {pin}"
        for line in requires(asked.name) or []:
            further = Requirement(line)
            extra = [{"extra": name_of_extra} for name_of_extra in asked.extras or {""}]
            if not further.marker or any(
                further.marker.evaluate(name_of_extra) for name_of_extra in extra
            ):
                waiting.append(further)
