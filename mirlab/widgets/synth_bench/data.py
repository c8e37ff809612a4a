"""Data of the Synth bench: patches, targets and items, packed for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ...core import Audio, Notes
from ...core.audio_files import encode
from ..shared.base import WidgetError
from ..shared.packing import RATE, pack_notes
from .settings import METHODS, check_settings

if TYPE_CHECKING:
    from ...synthesis import Source, SyntheticMusic

SEED = 0  # of the random parts of a note, here and in the page
PEAK = 10 ** (-12 / 20)  # of packed sounds, the level at which the page plays them: smaller files
LONGEST, ITEM_SECONDS = 4.0, 5.0  # s, of a target and of an item
MOST_ITEMS = 10
ONSET = 0.01  # of the peak; softer samples at the beginning are trimmed
LOWEST, HIGHEST = 27.5, 4200.0  # Hz, search range of the pitch
PERIODIC = 0.9  # of the largest autocorrelation: the first peak of this height is the period

Note = list[float]  # pitch, velocity, duration in s
Target = Audio | tuple[Audio, float]
# Isolated notes of the shipped recordings: example, start in s, Note.
REAL: Mapping[str, tuple[str, float, Note]] = {
    "an English horn": ("wind", 6.987, [63, 89, 1.9]),
    "a bass guitar": ("bass", 16.453, [33, 110, 0.79]),
}


class Played(Protocol):
    """Audio and its notes, such as a `Multitrack` or an `Example`."""

    @property
    def audio(self) -> Audio:
        """The audio."""

    @property
    def notes(self) -> Notes | Mapping[str, Notes] | None:
        """The notes, or the notes of each part."""


Item = Played | tuple[Audio, Notes]


def noise_state() -> list[str]:
    """Initial state of the generator of a note's noise: state and increment, decimal."""
    state: Mapping[str, Any] = np.random.default_rng(SEED).bit_generator.state
    return [str(state["state"][name]) for name in ("state", "inc")]


def all_patches() -> dict[str, list[Any]]:
    """The melodic patches of `mirlab.synthesis`, packed for the page."""
    from ...synthesis import PATCHES, DrumKit

    melodic = {name: patch for name, patch in PATCHES.items() if not isinstance(patch, DrumKit)}
    return {name: from_source(patch) for name, patch in melodic.items()}


def _sources() -> dict[str, type[Any]]:
    """The class of each method."""
    from ... import synthesis

    names = ("Additive", "Subtractive", "FM", "Plucked", "Wavetable", "Breath")
    return {method: getattr(synthesis, name) for method, name in zip(METHODS, names, strict=True)}


def from_source(source: Source) -> list[Any]:
    """Method and settings of a source.

    Raises
    ------
    WidgetError
        If the bench does not support the source, such as a `DrumKit`.
    """
    for method, kind in _sources().items():
        if isinstance(source, kind):
            given = {name: _plain(value) for name, value in asdict(source).items()}
            return [method, check_settings(method, given)]
    raise WidgetError(f"the bench has {', '.join(METHODS)}; it cannot play {source!r}")


def to_source(method: str, settings: Mapping[str, Any]) -> Source:
    """The source of a method with these (complete) settings."""
    from ...synthesis import Operator

    given = {name: _tuples(value) for name, value in settings.items()}
    for name in ("envelope", "filter_envelope"):
        if name in given:
            given[name] = _envelope(given[name])
    if "operators" in given:
        given["operators"] = tuple(
            Operator(**{**operator, "envelope": _envelope(operator["envelope"])})
            for operator in given["operators"]
        )
    source: Source = _sources()[method](**given)
    return source


def _envelope(values: Mapping[str, float]) -> Any:
    """The envelope with these settings."""
    from ...synthesis import Held, Struck

    return Struck(**values) if "t60" in values else Held(**values)


def _plain(value: Any) -> Any:
    """Convert tuples to lists, recursively."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _tuples(value: Any) -> Any:
    """Convert lists to tuples, recursively."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def render_note(source: Source, pitch: float, velocity: float, duration: float) -> Audio:
    """Render one note, from its onset to the end of its release."""
    from ...synthesis import NoteBatch

    hz = 440 * 2 ** ((pitch - 69) / 12)
    voices = NoteBatch([hz], duration=duration, velocity=velocity, sr=RATE, seed=[SEED])
    return Audio(source(voices).numpy(), RATE)


def shipped_targets() -> dict[str, tuple[bytes, Note]]:
    """Riddles, which are notes with hidden settings, and notes of real instruments."""
    from ...examples import load

    packed = {}
    for name, (source, note) in _riddles().items():
        packed[name] = (_packed(render_note(source, *note), LONGEST), note)
    for name, (example, start, note) in REAL.items():
        sound = load(example).audio.slice(start, start + note[2] + 0.15)
        packed[name] = (_packed(sound, LONGEST), note)
    return packed


def _riddles() -> dict[str, tuple[Source, Note]]:
    """Sources and notes of the riddles. The first one has the envelope of the organ patch."""
    from ...synthesis import FM, Additive, Held, Operator, Plucked, Struck, Subtractive

    bars = (1.0, 0.15, 0.6, 0.0, 0.45, 0.8, 0.0, 0.2)
    strike = Operator(envelope=Struck(0.003, 3.0, 0.15))
    return {
        "riddle 1 (partials)": (
            Additive(bars, envelope=Held(0.02, 0.1, 1.0, 0.06)),
            [57, 100, 1.0],
        ),
        "riddle 2 (FM)": (
            FM((strike, Operator(3.0, 1.8, 0, Struck(0.003, 1.2, 0.15)))),
            [60, 100, 1.2],
        ),
        "riddle 3 (a string)": (Plucked(3.0, 0.4, 0.9, 0.33, 0.8, 0.2), [50, 100, 1.5]),
        "riddle 4 (which method?)": (
            Subtractive("square", 2, 8.0, 1.6, 2.5, 3.0, Held(0.04, 0.2, 0.7, 0.2)),
            [52, 100, 1.2],
        ),
    }


def pack_targets(targets: Mapping[str, Target]) -> dict[str, tuple[bytes, Note]]:
    """Pack the user's targets, each with its note."""
    packed = {}
    for name, given in targets.items():
        audio, pitch = given if isinstance(given, tuple) else (given, None)
        if not isinstance(audio, Audio):
            raise WidgetError(f"target {name!r} must be an Audio or (audio, pitch), not {given!r}")
        y = audio.mono().resample(RATE).y
        loud = np.flatnonzero(np.abs(y[0]) > ONSET * np.abs(y).max())
        if not loud.size:
            raise WidgetError(f"target {name!r} is silent")
        sound = Audio(y[:, loud[0] :], RATE).slice(0, LONGEST)
        pitch = find_pitch(sound) if pitch is None else float(pitch)
        packed[name] = (_packed(sound, LONGEST), [pitch, 100.0, max(sound.duration, 0.05)])
    return packed


def find_pitch(audio: Audio) -> float:
    """Estimate the fractional MIDI number of a single note, by autocorrelation.

    The period is the lag of the first peak that is nearly as high as the highest, refined by
    parabolic interpolation. 21..108; 57 if there is no period.
    """
    y = audio.mono().y[0][:RATE].astype(np.float64)
    power = np.abs(np.fft.rfft(y, 2 * y.size)) ** 2
    echo = np.fft.irfft(power)[: y.size]
    echo /= np.maximum(np.arange(y.size, 0, -1), 1)  # later lags have fewer products
    first, last = int(RATE / HIGHEST), min(int(RATE / LOWEST) + 1, y.size // 2)
    inner = echo[first:last]
    peaks = np.flatnonzero((inner[1:-1] > inner[:-2]) & (inner[1:-1] >= inner[2:])) + 1
    if not peaks.size:
        return 57.0
    lag = int(peaks[inner[peaks] >= PERIODIC * inner[peaks].max()][0])
    before, here, after = inner[lag - 1 : lag + 2]
    lag_exact = first + lag + (before - after) / (2 * (before - 2 * here + after))
    return float(np.clip(69 + 12 * np.log2(RATE / lag_exact / 440), 21, 108))


def pack_items(items: SyntheticMusic | Sequence[Item] | None) -> dict[str, dict[str, bytes]]:
    """Pack up to ten items as the traits `items` and `item_notes`."""
    sounds, notes = {}, {}
    for k, (audio, parts) in enumerate(_sounds_and_notes(items)):
        sounds[f"item {k}"] = _packed(audio.mono().resample(RATE), ITEM_SECONDS)
        packed = [pack_notes(part.slice(0, ITEM_SECONDS)) for part in parts if part is not None]
        notes[f"item {k}"] = b"".join(packed)
    return {"items": sounds, "item_notes": notes}


def _sounds_and_notes(
    items: SyntheticMusic | Sequence[Item] | None,
) -> list[tuple[Audio, list[Notes | None]]]:
    """Audio of each item and the notes of its parts."""
    if items is None:
        return []
    if not isinstance(items, Sequence):
        takes = [(k, items.take(k)) for k in range(MOST_ITEMS)]
        return [(items.sound(k, take), list(take.notes.values())) for k, take in takes]
    found: list[tuple[Audio, list[Notes | None]]] = []
    for item in islice(items, MOST_ITEMS):
        given: Any = item if isinstance(item, tuple) else _pair(item)
        if not (isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], Audio)):
            raise WidgetError(f"an item is a take, an example or (audio, notes), not {item!r}")
        audio, notes = given
        found.append((audio, list(notes.values()) if isinstance(notes, Mapping) else [notes]))
    return found


def _pair(item: Any) -> Any:
    """Audio and notes of a take or an example; other values are returned unchanged."""
    return (item.audio, item.notes) if hasattr(item, "audio") and hasattr(item, "notes") else item


def _packed(audio: Audio, longest: float) -> bytes:
    """Encode the beginning as FLAC: mono, 22,050 Hz, at the page's level."""
    y = audio.slice(0, longest).y
    return encode(y, RATE, ".flac", gain=PEAK / max(float(np.abs(y).max()), 1e-9))


def check_patch(given: Any) -> list[Any]:
    """Validate a patch: a method and its settings, which are completed."""
    try:
        method, settings = given
    except (TypeError, ValueError):
        raise WidgetError(f"a patch is [method, settings], not {given!r}") from None
    return [method, check_settings(method, settings)]
