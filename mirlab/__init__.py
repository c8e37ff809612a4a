"""mirlab: an interactive course and a library for music information retrieval.

Public names are imported on first use, so that `import mirlab` is fast.

Examples
--------
>>> import mirlab
>>> sorted(name for name in mirlab.__all__ if name.startswith("track"))
['track_beats', 'track_pitch']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import examples
    from .analysis import Analysis, analyze, save_analysis
    from .chords import recognize_chords
    from .core import Audio, Bars, MirlabError, Notes, Segments, TempoMap
    from .core.rendering import render
    from .learning import list_models, load_model, register_model
    from .pitch import track_pitch
    from .rhythm import track_beats
    from .separation import separate
    from .structure import find_sections
    from .transcription import transcribe

_MODULES = {
    "Analysis": "analysis",
    "Audio": "core",
    "Bars": "core",
    "MirlabError": "core",
    "Notes": "core",
    "Segments": "core",
    "TempoMap": "core",
    "analyze": "analysis",
    "find_sections": "structure",
    "list_models": "learning",
    "load_model": "learning",
    "recognize_chords": "chords",
    "register_model": "learning",
    "render": "core.rendering",
    "save_analysis": "analysis",
    "separate": "separation",
    "track_beats": "rhythm",
    "track_pitch": "pitch",
    "transcribe": "transcription",
}

__all__ = [
    "Analysis",
    "Audio",
    "Bars",
    "MirlabError",
    "Notes",
    "Segments",
    "TempoMap",
    "analyze",
    "examples",
    "find_sections",
    "list_models",
    "load_model",
    "recognize_chords",
    "register_model",
    "render",
    "save_analysis",
    "separate",
    "track_beats",
    "track_pitch",
    "transcribe",
]


def __getattr__(name: str) -> Any:
    if name == "examples":  # the import of a submodule also sets the attribute
        return import_module(".examples", __name__)
    if name not in _MODULES:
        raise AttributeError(f"module 'mirlab' has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value  # later accesses do not call __getattr__
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
