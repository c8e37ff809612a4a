"""Settings of the Synth bench, by method; independent of torch.

Names, ranges and defaults are those of the sources of `mirlab.synthesis`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..shared.base import WidgetError

MOST = 64  # largest number of partials of a sound or a table
TABLES, FORMANTS = 8, 6  # largest numbers of each
SHAPES = {  # kinds of envelopes: name, minimum and maximum of each setting
    "held": {
        "attack": (0.001, 10),
        "decay": (0.001, 10),
        "sustain": (0, 1),
        "release": (0.001, 10),
    },
    "struck": {"attack": (0.001, 10), "t60": (0.01, 100), "release": (0.001, 10)},
}
WAVES = ("sawtooth", "square", "triangle")
# Sliders: minimum, maximum, whether the scale is logarithmic, unit, and label.
KNOBS: dict[str, dict[str, tuple[float, float, bool, str, str]]] = {
    "additive": {"damping": (0, 1000, False, "dB/s", "Damping of high partials")},
    "subtractive": {
        "oscillators": (1, 7, False, "", "Oscillators"),
        "detune": (0, 100, False, "cents", "Detune"),
        "cutoff": (0.5, 100, True, "× the note", "Cutoff"),
        "sweep": (0, 6, False, "octaves", "Sweep"),
        "q": (0.5, 20, True, "", "Resonance"),
    },
    "fm": {},
    "plucked": {
        "t60": (0.05, 60, True, "s", "Rings for"),
        "dullness": (0, 0.5, False, "", "Dullness"),
        "softness": (0, 3, False, "", "Soft plectrum"),
        "position": (0.01, 0.5, False, "of the string", "Pluck position"),
        "body": (0, 4, False, "", "Body"),
        "release": (0.01, 10, True, "s", "Release"),
    },
    "wavetable": {"sweep": (0.01, 60, True, "s", "Sweep")},
    "breath": {
        "slope": (0, 4, False, "", "Slope"),
        "even": (0, 1, False, "", "Even partials"),
        "noise": (0, 1, False, "", "Breath"),
        "noise_hz": (100, 10000, True, "Hz", "Breath around"),
        "chiff": (0, 20, False, "", "Chiff"),
    },
}
METHODS = tuple(KNOBS)

HELD = {"attack": 0.01, "decay": 0.1, "sustain": 0.8, "release": 0.1}
STRUCK = {"attack": 0.003, "t60": 3.0, "release": 0.1}


def powers(partials: int, slope: float, even: float = 1.0) -> list[float]:
    """Amplitudes `k ** -slope` of partials k = 1, 2, ...; those of even k are scaled by `even`."""
    return [(1.0 if k % 2 else even) * k**-slope for k in range(1, partials + 1)]


FIRST: dict[str, dict[str, Any]] = {
    "additive": {
        "amplitudes": powers(16, 1.2),
        "ratios": None,
        "envelope": HELD,
        "damping": 0.0,
    },
    "subtractive": {
        "wave": "sawtooth",
        "oscillators": 1,
        "detune": 0.0,
        "cutoff": 4.0,
        "sweep": 2.0,
        "q": 1.0,
        "envelope": HELD,
        "filter_envelope": STRUCK,
    },
    "fm": {
        "operators": [
            {"ratio": 1.0, "index": 1.0, "target": None, "envelope": HELD},
            {"ratio": 1.0, "index": 2.0, "target": 0, "envelope": HELD},
        ]
    },
    "plucked": {
        "t60": 4.0,
        "dullness": 0.2,
        "softness": 0.5,
        "position": 0.2,
        "body": 0.5,
        "release": 0.1,
    },
    "wavetable": {
        "tables": [powers(2, 2.0), powers(32, 0.8), powers(24, 1.2, even=0.0)],
        "sweep": 1.0,
        "envelope": HELD,
    },
    "breath": {
        "slope": 1.8,
        "even": 1.0,
        "formants": [],
        "noise": 0.05,
        "noise_hz": 2500.0,
        "chiff": 4.0,
        "envelope": {"attack": 0.06, "decay": 0.1, "sustain": 0.9, "release": 0.11},
    },
}


def check_settings(method: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Validate the settings of a method and complete them with the defaults.

    Parameters
    ----------
    method
        One of `METHODS`.
    given
        Settings by name, as for the source of `mirlab.synthesis`, with envelopes and operators as
        dicts.

    Raises
    ------
    WidgetError
        If the method or a setting is unknown, or a value is out of range.
    """
    if method not in FIRST:
        raise WidgetError(f"method is one of {', '.join(METHODS)}; not {method!r}")
    if not isinstance(given, Mapping):
        raise WidgetError(f"the settings of {method} are a dict, not {given!r}")
    names = FIRST[method]
    if unknown := sorted(set(given) - set(names)):
        raise WidgetError(f"{method} has no {unknown[0]!r}; there are: {', '.join(names)}")
    full = {**names, **given}
    checked: dict[str, Any] = {}
    for name, value in full.items():
        if name in KNOBS[method]:
            low, high, *_ = KNOBS[method][name]
            checked[name] = number(f"{method}: {name}", value, low, high)
        else:
            checked[name] = CHECKS[name](f"{method}: {name}", value)
    if method == "subtractive":
        checked["oscillators"] = _whole("subtractive: oscillators", checked["oscillators"])
    if method == "breath" and "t60" in checked["envelope"]:
        raise WidgetError("breath: envelope needs attack, decay, sustain and release, not t60")
    if checked.get("ratios") and len(checked["ratios"]) != len(checked["amplitudes"]):
        raise WidgetError("additive: ratios and amplitudes need the same length")
    return checked


def number(name: str, value: Any, low: float, high: float) -> float:
    """Validate a number within a range."""
    try:
        valid = low <= float(value) <= high
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise WidgetError(f"{name} lies in {low:g}..{high:g}, not {value!r}")
    return float(value)


def _whole(name: str, value: float) -> int:
    """Validate an integer."""
    if value != int(value):
        raise WidgetError(f"{name} must be an integer, not {value:g}")
    return int(value)


def _numbers(name: str, values: Any, low: float, high: float, most: int = MOST) -> list[float]:
    """Validate a list of numbers within a range."""
    if not isinstance(values, Sequence) or isinstance(values, str) or not 1 <= len(values) <= most:
        raise WidgetError(f"{name} needs 1 to {most} numbers, not {values!r}")
    return [number(name, value, low, high) for value in values]


def _wave(name: str, value: Any) -> str:
    """Validate the name of a waveform."""
    if value not in WAVES:
        raise WidgetError(f"{name} is one of {', '.join(WAVES)}; not {value!r}")
    return str(value)


def _ratios(name: str, values: Any) -> list[float] | None:
    """Validate the ratios of partials; None for 1, 2, 3, ..."""
    return None if values is None else _numbers(name, values, 1e-3, 100)


def _tables(name: str, values: Any) -> list[list[float]]:
    """Validate the amplitudes of each table."""
    if not isinstance(values, Sequence) or not 1 <= len(values) <= TABLES:
        raise WidgetError(f"{name} needs 1 to {TABLES} lists of amplitudes, not {values!r}")
    return [_numbers(name, table, 0, 1) for table in values]


def _formants(name: str, values: Any) -> list[list[float]]:
    """Validate triples of Hz, width in Hz and gain."""
    if not isinstance(values, Sequence) or len(values) > FORMANTS:
        raise WidgetError(f"{name} are at most {FORMANTS} triples, not {values!r}")
    checked = []
    for value in values:
        triple = _numbers(name, value, 0, 20000, most=3)
        if len(triple) != 3 or min(triple[:2]) < 1 or triple[2] > 1:
            raise WidgetError(f"{name}: Hz and width of at least 1, and a gain of 0..1: {value!r}")
        checked.append(triple)
    return checked


def _envelope(name: str, value: Any) -> dict[str, float]:
    """Validate an envelope, held or struck, according to its keys."""
    for shape in SHAPES.values():
        if isinstance(value, Mapping) and set(value) == set(shape):
            return {key: number(f"{name}: {key}", value[key], *shape[key]) for key in shape}
    kinds = " or ".join(", ".join(shape) for shape in SHAPES.values())
    raise WidgetError(f"{name} has {kinds}; not {value!r}")


def _operators(name: str, values: Any) -> list[dict[str, Any]]:
    """Validate two to four operators; the first is a carrier, others may modulate earlier ones."""
    if not isinstance(values, Sequence) or not 2 <= len(values) <= 4:
        raise WidgetError(f"{name} are 2 to 4, not {values!r}")
    plain = FIRST["fm"]["operators"][0]
    checked = []
    for i, value in enumerate(values):
        if not isinstance(value, Mapping) or set(value) - set(plain):
            raise WidgetError(f"{name}: each has {', '.join(plain)}; not {value!r}")
        operator = {**plain, **value}
        target = operator["target"]
        if target is not None and (i == 0 or target not in range(i)):
            raise WidgetError(f"{name}: {i} can modulate an operator before it, not {target!r}")
        checked.append(
            {
                "ratio": number(f"{name}: ratio", operator["ratio"], 1e-3, 32),
                "index": number(f"{name}: index", operator["index"], 0, 32),
                "target": None if target is None else int(target),
                "envelope": _envelope(f"{name}: envelope", operator["envelope"]),
            }
        )
    return checked


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "amplitudes": lambda name, values: _numbers(name, values, 0, 1),
    "ratios": _ratios,
    "wave": _wave,
    "tables": _tables,
    "formants": _formants,
    "operators": _operators,
    "envelope": _envelope,
    "filter_envelope": _envelope,
}
