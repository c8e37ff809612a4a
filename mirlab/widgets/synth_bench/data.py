"""What the Synth bench brings along: patches, targets and items, packed for the page."""

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

SEED = 0  # of what is random in a note, here and in the page
PEAK = 10 ** (-12 / 20)  # of packed sounds: as loud as the page plays them, so in fewer bits
LONGEST, ITEM_SECONDS = 4.0, 5.0  # of a target and of an item
MOST_ITEMS = 10
ONSET = 0.01  # of the peak; what is softer before it is cut off
LOWEST, HIGHEST = 27.5, 4200.0  # Hz, of a pitch that is looked for
PERIODIC = 0.9  # of the strongest echo: the first one of this strength is the period

Note = list[float]  # pitch, velocity, duration in s
Target = Audio | tuple[Audio, float]
# Notes of the shipped recordings that sound alone: example, from s on, Note.
REAL: Mapping[str, tuple[str, float, Note]] = {
    "an English horn": ("wind", 6.987, [63, 89, 1.9]),
    "a bass guitar": ("bass", 16.453, [33, 110, 0.79]),
}


class Played(Protocol):
    """A sound and its notes, such as a `Multitrack` or an `Example`."""

    @property
    def audio(self) -> Audio:
        """The sound."""

    @property
    def notes(self) -> Notes | Mapping[str, Notes] | None:
        """What is played in it, or that by part."""


Item = Played | tuple[Audio, Notes]


def noise_state() -> list[str]:
    """Where the generator of a note's noise stands at first: state and increment, decimal."""
    state: Mapping[str, Any] = np.random.default_rng(SEED).bit_generator.state
    return [str(state["state"][name]) for name in ("state", "inc")]


def all_patches() -> dict[str, list[Any]]:
    """The melodic patches of `mirlab.synthesis`, as the page takes them."""
    from ...synthesis import PATCHES, DrumKit

    melodic = {name: one for name, one in PATCHES.items() if not isinstance(one, DrumKit)}
    return {name: from_source(one) for name, one in melodic.items()}


def _sources() -> dict[str, type[Any]]:
    """The class of each method."""
    from ... import synthesis

    names = ("Additive", "Subtractive", "FM", "Plucked", "Wavetable", "Breath")
    return {method: getattr(synthesis, name) for method, name in zip(METHODS, names, strict=True)}


def from_source(source: Source) -> list[Any]:
    """The method and settings of a source.

    Raises
    ------
    WidgetError
        For a source that the bench does not have, such as a `DrumKit`.
    """
    for method, kind in _sources().items():
        if isinstance(source, kind):
            given = {name: _plain(value) for name, value in asdict(source).items()}
            return [method, check_settings(method, given)]
    raise WidgetError(f"the bench has {', '.join(METHODS)}; it cannot play {source!r}")


def to_source(method: str, settings: Mapping[str, Any]) -> Source:
    """The source of a method with these (full) settings."""
    from ...synthesis import Operator

    given = {name: _tuples(value) for name, value in settings.items()}
    for name in ("envelope", "filter_envelope"):
        if name in given:
            given[name] = _envelope(given[name])
    if "operators" in given:
        given["operators"] = tuple(
            Operator(**{**one, "envelope": _envelope(one["envelope"])})
            for one in given["operators"]
        )
    source: Source = _sources()[method](**given)
    return source


def _envelope(values: Mapping[str, float]) -> Any:
    """The envelope with these settings."""
    from ...synthesis import Held, Struck

    return Struck(**values) if "t60" in values else Held(**values)


def _plain(value: Any) -> Any:
    """Tuples as lists, at any depth."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _tuples(value: Any) -> Any:
    """Lists as tuples, at any depth of lists."""
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def rendered(source: Source, pitch: float, velocity: float, duration: float) -> Audio:
    """One note as torch plays it, from key to silence."""
    from ...synthesis import NoteBatch

    hz = 440 * 2 ** ((pitch - 69) / 12)
    voices = NoteBatch([hz], duration=duration, velocity=velocity, sr=RATE, seed=[SEED])
    return Audio(source(voices).numpy(), RATE)


def shipped_targets() -> dict[str, tuple[bytes, Note]]:
    """Riddles: notes of settings that the page does not tell; and notes of real instruments."""
    from ...examples import load

    found = {}
    for name, (source, note) in _riddles().items():
        found[name] = (_packed(rendered(source, *note), LONGEST), note)
    for name, (example, start, note) in REAL.items():
        sound = load(example).audio.slice(start, start + note[2] + 0.15)
        found[name] = (_packed(sound, LONGEST), note)
    return found


def _riddles() -> dict[str, tuple[Source, Note]]:
    """Their answers. The first one has the envelope of the organ patch."""
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


def own_targets(targets: Mapping[str, Target]) -> dict[str, tuple[bytes, Note]]:
    """Targets of the user: packed, each with its note."""
    found = {}
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
        found[name] = (_packed(sound, LONGEST), [pitch, 100.0, max(sound.duration, 0.05)])
    return found


def find_pitch(audio: Audio) -> float:
    """The MIDI number, with its fraction, of the one note that sounds: where it repeats first.

    The lag of the first peak of the autocorrelation that is nearly the highest; a parabola through
    it and its neighbours gives the fraction. 21..108; 57 where nothing repeats.
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


def packed_items(items: SyntheticMusic | Sequence[Item] | None) -> dict[str, dict[str, bytes]]:
    """Up to ten items: the traits `items` and `item_notes`."""
    sounds, notes = {}, {}
    for k, (audio, parts) in enumerate(_sounds_and_notes(items)):
        sounds[f"item {k}"] = _packed(audio.mono().resample(RATE), ITEM_SECONDS)
        heard = [pack_notes(part.slice(0, ITEM_SECONDS)) for part in parts if part is not None]
        notes[f"item {k}"] = b"".join(heard)
    return {"items": sounds, "item_notes": notes}


def _sounds_and_notes(
    items: SyntheticMusic | Sequence[Item] | None,
) -> list[tuple[Audio, list[Notes | None]]]:
    """Of each item what sounds, and who plays what."""
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
    """The sound and the notes of a take or an example; anything else as it is."""
    return (item.audio, item.notes) if hasattr(item, "audio") and hasattr(item, "notes") else item


def _packed(audio: Audio, longest: float) -> bytes:
    """The beginning as FLAC; mono, 22,050 Hz, as loud as it is played."""
    y = audio.slice(0, longest).y
    return encode(y, RATE, ".flac", gain=PEAK / max(float(np.abs(y).max()), 1e-9))


def checked_patch(given: Any) -> list[Any]:
    """A method and its full settings."""
    try:
        method, settings = given
    except (TypeError, ValueError):
        raise WidgetError(f"a patch is [method, settings], not {given!r}") from None
    return [method, check_settings(method, settings)]
