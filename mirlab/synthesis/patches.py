"""Patches: named settings of the sources, and random ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..core.checks import require_choice, require_seed
from .additive import Additive, stiff_ratios
from .breath import Breath
from .drums import DrumKit
from .envelopes import Held, Struck
from .fm import FM, Operator
from .note_batch import Source
from .oscillators import powers
from .plucked import Plucked
from .subtractive import WAVES, Subtractive
from .wavetable import Wavetable

Formants = tuple[tuple[float, float, float], ...]

# Formants of two vowels, near those of male speakers in Peterson and Barney (1952).
AH: Formants = ((730, 90, 1.0), (1090, 110, 0.5), (2440, 160, 0.15), (3400, 250, 0.08))
OO: Formants = ((300, 70, 1.0), (870, 100, 0.25), (2240, 160, 0.04), (3300, 250, 0.02))
# Mode ratios of a free thin bar (Euler-Bernoulli beam).
BAR = (1.0, 2.756, 5.404, 8.933)

PATCHES: Mapping[str, Source] = {
    "organ": Additive(
        (1.0, 0.7, 0.5, 0.4, 0.0, 0.3, 0.0, 0.3), envelope=Held(0.02, 0.1, 1.0, 0.06)
    ),
    "struck string": Additive(powers(24, 1.1), stiff_ratios(24, 4e-4), Struck(t60=6.0), 6.0),
    "metal bar": Additive((1.0, 0.4, 0.2, 0.1), BAR, Struck(0.002, 3.0, 0.3), 15.0),
    "lead": Subtractive(oscillators=2, detune=12, cutoff=3.0, sweep=3.0, q=2.0),
    "synth bass": Subtractive("square", cutoff=1.5, sweep=3.0, q=3.0, envelope=Struck(t60=3.0)),
    "pad": Subtractive(oscillators=5, detune=30, envelope=Held(0.25, 0.5, 0.8, 0.5)),
    "electric piano": FM(
        (
            Operator(envelope=Struck(0.003, 4.0, 0.12)),
            Operator(1.0, 1.2, 0, Struck(0.003, 2.0, 0.12)),
            Operator(14.0, 0.25, 0, Struck(0.003, 0.3, 0.12)),
        )
    ),
    "bell": FM(
        (
            Operator(envelope=Struck(0.002, 6.0, 0.5)),
            Operator(1.4, 4.0, 0, Struck(0.002, 4.0, 0.5)),
        )
    ),
    "brass": FM(
        (
            Operator(envelope=Held(0.05, 0.2, 0.8, 0.08)),
            Operator(1.0, 4.0, 0, Held(0.08, 0.3, 0.6, 0.08)),
        )
    ),
    "guitar": Plucked(),
    "harp": Plucked(t60=5.0, dullness=0.35, softness=1.0, position=0.4, body=0.3, release=0.5),
    "bass guitar": Plucked(t60=6.0, dullness=0.3, softness=1.0, position=0.15, body=0.0),
    "sweeping table": Wavetable(),
    "flute": Breath(slope=2.3, noise=0.08),
    "clarinet": Breath(slope=1.3, even=0.15, noise=0.02),
    "bowed string": Breath(slope=1.1, noise=0.03, chiff=2.0),
    "voice ah": Breath(slope=0.6, formants=AH, noise=0.02, chiff=1.0),
    "voice oo": Breath(slope=0.6, formants=OO, noise=0.02, chiff=1.0),
    "drum kit": DrumKit(),
    "small kit": DrumKit(tuning=1.4, ringing=0.5, brightness=1.2),
}


def random_patch(family: str, *, seed: int) -> Source:
    """A patch of a family with random settings.

    Parameters
    ----------
    family
        One of `FAMILIES`: `"additive"`, `"subtractive"`, `"fm"`, `"plucked"`, `"wavetable"`,
        `"breath"` or `"drums"`.
    seed
        The same seed gives the same patch.

    Returns
    -------
    Source
        Source to call with a `NoteBatch` or to pass to `play`.

    Raises
    ------
    AudioError
        If the family is unknown or the seed is negative.

    Examples
    --------
    >>> random_patch("plucked", seed=1) == random_patch("plucked", seed=1)
    True
    >>> random_patch("plucked", seed=1) == random_patch("plucked", seed=2)
    False
    """
    require_choice("family", family, FAMILIES)
    require_seed(seed)
    return FAMILIES[family](np.random.default_rng(seed))


def _envelope(rng: np.random.Generator) -> Held | Struck:
    """Held or struck, with equal probability."""
    if rng.random() < 0.5:
        return Struck(
            _log_uniform(rng, 0.001, 0.01), _log_uniform(rng, 1, 10), _log_uniform(rng, 0.03, 0.4)
        )
    return _held(rng)


def _held(rng: np.random.Generator) -> Held:
    """A held envelope with a fast to slow attack."""
    attack, decay = _log_uniform(rng, 0.003, 0.15), _log_uniform(rng, 0.03, 0.5)
    return Held(attack, decay, rng.uniform(0.4, 1.0), _log_uniform(rng, 0.03, 0.4))


def _additive(rng: np.random.Generator) -> Additive:
    """Harmonic, stiff-string or bar partials of random amplitudes."""
    n = int(rng.integers(4, 33))
    even = rng.uniform(0.1, 1.0) if rng.random() < 0.3 else 1.0
    strengths = rng.uniform(0.3, 1.0, n) * powers(n, rng.uniform(0.7, 2.5), even=even)
    kind = rng.random()
    if kind < 0.5:
        ratios = stiff_ratios(n, 0.0)
    elif kind < 0.85:
        ratios = stiff_ratios(n, _log_uniform(rng, 1e-5, 2e-3))
    else:
        ratios, strengths = BAR, strengths[: len(BAR)]
    amplitudes = (1.0, *strengths[1:].tolist())  # the first determines the pitch
    return Additive(amplitudes, ratios, _envelope(rng), rng.uniform(0, 15))


def _subtractive(rng: np.random.Generator) -> Subtractive:
    """Oscillators of random waveform, detuning, filter and envelopes."""
    return Subtractive(
        wave=str(rng.choice(WAVES)),
        oscillators=int(rng.integers(1, 6)),
        detune=rng.uniform(0, 30),
        cutoff=_log_uniform(rng, 1.0, 16.0),
        sweep=rng.uniform(0, 4),
        q=_log_uniform(rng, 0.6, 5.0),
        envelope=_envelope(rng),
        filter_envelope=_envelope(rng),
    )


def _fm(rng: np.random.Generator) -> FM:
    """Two to four operators in a random arrangement."""
    operators = [Operator(envelope=_envelope(rng))]
    for i in range(1, int(rng.integers(2, 5))):
        # Integer ratios, which most modulators have, keep the spectrum harmonic.
        whole = rng.random() < 0.85
        ratio = float(rng.integers(1, 8)) if whole else rng.uniform(0.5, 7.5)
        index = _log_uniform(rng, 0.2, 4.0) / i
        operators.append(Operator(ratio, index, int(rng.integers(0, i)), _envelope(rng)))
    return FM(tuple(operators))


def _plucked(rng: np.random.Generator) -> Plucked:
    """A plucked string with random decay, brightness and body."""
    return Plucked(
        t60=_log_uniform(rng, 1.0, 10.0),
        dullness=rng.uniform(0.05, 0.5),
        softness=rng.uniform(0.2, 1.5),
        position=rng.uniform(0.05, 0.5),
        body=rng.uniform(0, 1.5),
        release=_log_uniform(rng, 0.03, 0.5),
    )


def _wavetable(rng: np.random.Generator) -> Wavetable:
    """Two to five random periods."""
    tables = []
    for _ in range(int(rng.integers(2, 6))):
        n = int(rng.integers(2, 41))
        strengths = rng.uniform(0.2, 1.0, n) * powers(n, rng.uniform(0.6, 2.0))
        tables.append((1.0, *strengths[1:].tolist()))
    return Wavetable(tuple(tables), _log_uniform(rng, 0.1, 5.0), _envelope(rng))


def _breath(rng: np.random.Generator) -> Breath:
    """Harmonics with breath noise, with formants in half of the patches."""
    formants: Formants = ()
    if rng.random() < 0.5:
        centres = np.sort(np.exp(rng.uniform(np.log(250), np.log(3500), 4)))
        gains = np.cumprod(rng.uniform(0.2, 0.9, 4))
        formants = tuple(
            (hz, rng.uniform(0.06, 0.15) * hz + 40, gain)
            for hz, gain in zip(centres.tolist(), gains.tolist(), strict=True)
        )
    return Breath(
        slope=rng.uniform(0.4, 1.2) if formants else rng.uniform(0.9, 2.6),
        even=rng.uniform(0.1, 1.0),
        formants=formants,
        noise=_log_uniform(rng, 0.003, 0.15),
        noise_hz=_log_uniform(rng, 800, 6000),
        chiff=rng.uniform(0, 8),
        envelope=_held(rng),
    )


def _drums(rng: np.random.Generator) -> DrumKit:
    """A drum kit of random tuning, decay and brightness."""
    return DrumKit(
        tuning=_log_uniform(rng, 0.7, 1.5),
        ringing=_log_uniform(rng, 0.4, 1.8),
        hiss=_log_uniform(rng, 0.4, 2.0),
        brightness=_log_uniform(rng, 0.6, 1.4),
    )


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A random number whose logarithm is uniform between two limits."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


FAMILIES: Mapping[str, Callable[[np.random.Generator], Source]] = {
    "additive": _additive,
    "subtractive": _subtractive,
    "fm": _fm,
    "plucked": _plucked,
    "wavetable": _wavetable,
    "breath": _breath,
    "drums": _drums,
}
