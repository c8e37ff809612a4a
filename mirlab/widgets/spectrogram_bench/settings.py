"""Settings of either side of the Spectrogram bench; independent of torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..shared.base import WidgetError

CHOICES: dict[str, tuple[Any, ...]] = {
    "kind": ("stft", "reassigned", "mel", "gammatone", "cqt", "vqt", "wavelet", "hcqt", "chroma"),
    "n_fft": (512, 1024, 2048, 4096, 8192),
    "hop_length": (128, 256, 512, 1024),
    "bins_per_octave": (12, 24, 36, 48),
    "scale": ("db", "power", "amplitude", "log1p"),
}

Settings = Mapping[str, Any]


def check_settings(settings: Settings) -> dict[str, Any]:
    """Validate the settings of one side, and return them in the order of `CHOICES`.

    Raises
    ------
    WidgetError
        If a setting is unknown, missing or not one of its choices.
    """
    if unknown := sorted(set(settings) - set(CHOICES)):
        raise WidgetError(f"there is no setting {unknown[0]!r}; there are: {', '.join(CHOICES)}")
    for name, choices in CHOICES.items():
        if settings.get(name) not in choices:
            listed = ", ".join(map(str, choices))
            raise WidgetError(f"{name} is one of {listed}; not {settings.get(name)!r}")
    return {name: settings[name] for name in CHOICES}
