"""Random keyboard figures: training data for transcription, in every register and at any speed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core import Notes, NotesError
from ..core.checks import as_float, require, require_seed
from .performance import remove_overlaps
from .piece import Piece, piece_from_notes
from .sampling import choice, uniform

LOWEST, HIGHEST = 21, 108  # A0 and C8: every key is used
LONGEST = 3600.0  # s
SCALES = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 4, 7, 9),
    (0, 2, 4, 6, 8, 10),
    tuple(range(12)),
)
SECTION = (2.0, 7.0)  # s with the same hands
CHORD = (0.5, 4.0)  # s with the same harmony and, if it is used, one pedal
SHORTEST = 0.03  # s, minimum duration of a note
PROGRAMS = {  # General MIDI program: probability
    0: 0.4,  # grand piano
    1: 0.14,  # bright piano
    2: 0.06,  # electric grand
    3: 0.05,  # honky-tonk
    4: 0.04,  # electric piano
    6: 0.05,  # harpsichord
    11: 0.03,  # vibraphone
    12: 0.02,  # marimba
    19: 0.03,  # church organ
    24: 0.05,  # nylon guitar
    25: 0.04,  # steel guitar
    46: 0.04,  # harp
    48: 0.05,  # strings
}
Step = tuple[int, ...]  # pitches of simultaneous notes; empty for a rest


@dataclass(frozen=True)
class Tones:
    """Pitches available to a hand, in all octaves: those of the chord and those of its scale."""

    chord: np.ndarray
    scale: np.ndarray


@dataclass(frozen=True)
class Hand:
    """What one hand plays in one section, and how."""

    figure: str
    centre: float  # MIDI number
    rate: float  # steps per second
    legato: float  # duration of a note as a fraction of a step
    velocity: float
    uneven: float  # standard deviation of velocities
    loose: float  # s, standard deviation of the timing
    spread: float  # s between successive notes of a chord, the lowest first


def random_keyboard_piece(seed: int, *, duration: float = 30.0) -> Piece:
    """Random keyboard figures: runs, chords, trills, repeated notes, in all registers.

    One instrument, mostly a piano, with one to three hands, whose figures change every few
    seconds; speed and loudness vary widely. The labels are its notes and its pedal: it has no key,
    chords or beats.

    Parameters
    ----------
    seed
        0 or more.
    duration
        Approximate duration in seconds.

    Returns
    -------
    Piece
        With one part, `keys`.

    Raises
    ------
    NotesError
        If the seed is negative or the duration less than a second.

    Examples
    --------
    >>> piece = random_keyboard_piece(3, duration=10)
    >>> list(piece.parts), piece.style
    (['keys'], 'texture')
    """
    rng = training_rng(seed, duration)
    program = int(rng.choice(list(PROGRAMS), p=list(PROGRAMS.values())))
    rows: list[tuple[float, float, int, float]] = []
    pedals: list[tuple[float, float]] = []
    now = uniform((0.05, 0.5), rng)
    while now < duration:
        hands = [_hand(rng) for _ in range(int(rng.choice((1, 2, 3), p=(0.25, 0.6, 0.15))))]
        pedal, key, scale = rng.random() < 0.5, int(rng.integers(12)), choice(SCALES, rng)
        end = min(now + uniform(SECTION, rng), duration)
        while now < end:
            length = min(_log_uniform(CHORD, rng), duration - now + SHORTEST)
            tones = _tones(key, scale, rng)
            for hand in hands:
                rows += _play_figure(hand, tones, now, length, rng)
            if pedal:
                pedals.append((now + uniform((-0.02, 0.12), rng), now + length))
            now += length
        now += uniform((0.0, 0.8), rng) if rng.random() < 0.3 else 0.0
    notes = _as_notes(rows or [(0.1, 0.5, 60, 64.0)], pedals, program)
    return piece_from_notes({"keys": notes}, "texture", seed)


def training_rng(seed: int, duration: float) -> np.random.Generator:
    """Random generator of a training piece; NotesError for a bad seed or less than a second."""
    require_seed(seed, NotesError)
    seconds = as_float("duration", duration, NotesError)
    longest = f"duration must be 1 to {LONGEST:g} s, not {seconds:g}"
    require(1 <= seconds <= LONGEST, longest, NotesError)
    return np.random.default_rng(seed)


def _log_uniform(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """A random number whose logarithm is uniform between two limits."""
    return float(np.exp(uniform((np.log(limits[0]), np.log(limits[1])), rng)))


def _hand(rng: np.random.Generator) -> Hand:
    """A random hand."""
    figure = choice(list(FIGURES), rng)
    # mostly in the middle of the keyboard, sometimes anywhere
    middle = rng.normal(62, 13) if rng.random() < 0.75 else rng.uniform(LOWEST, HIGHEST)
    return Hand(
        figure,
        float(np.clip(middle, LOWEST + 3, HIGHEST - 3)),
        _log_uniform(FIGURES[figure][0], rng),
        choice((0.3, 0.5, 0.8, 0.95, 1.05), rng),
        uniform((18, 112), rng),
        uniform((2, 11), rng),
        choice((0.001, 0.005, 0.012), rng),
        uniform((0.01, 0.06), rng) if rng.random() < 0.15 else uniform((0, 0.008), rng),
    )


def _tones(key: int, scale: tuple[int, ...], rng: np.random.Generator) -> Tones:
    """A random triad or seventh chord of a scale, with the scale."""
    step, size = int(rng.integers(len(scale))), int(rng.integers(3, 5))
    classes = [(key + scale[(step + 2 * i) % len(scale)]) % 12 for i in range(size)]
    keys = np.arange(LOWEST, HIGHEST + 1)
    return Tones(keys[np.isin(keys % 12, classes)], keys[np.isin((keys - key) % 12, scale)])


def _play_figure(
    hand: Hand, tones: Tones, start: float, length: float, rng: np.random.Generator
) -> list[tuple[float, float, int, float]]:
    """Notes of a hand over one harmony: onset, duration, pitch, velocity."""
    count = max(1, round(hand.rate * length))
    step = length / count
    swell = uniform((-14, 14), rng)
    rows = []
    for i, pitches in enumerate(FIGURES[hand.figure][1](hand, tones, count, rng)):
        loudness = hand.velocity + swell * i / count + (5 if i == 0 else 0)
        for index, pitch in enumerate(sorted(set(pitches))):
            onset = start + i * step + index * hand.spread + hand.loose * rng.standard_normal()
            duration = step * hand.legato * uniform((0.85, 1.1), rng)
            velocity = loudness + hand.uneven * rng.standard_normal()
            rows.append((max(onset, 0.0), max(duration, SHORTEST), pitch, velocity))
    return rows


def _as_notes(
    rows: list[tuple[float, float, int, float]], pedals: list[tuple[float, float]], program: int
) -> Notes:
    """Sorted notes; notes of the same pitch do not overlap."""
    onset, length, pitch, velocity = np.array(sorted(rows)).T
    onset = onset.round(6)
    keep, offset = remove_overlaps(onset, (onset + length).round(6), pitch)
    table = np.array([(max(down, 0.0), up, program) for down, up in pedals if up > max(down, 0.0)])
    return Notes(
        onset[keep],
        offset[keep],
        pitch[keep].astype(int),
        np.clip(np.round(velocity[keep]), 8, 127),
        program,
        pedal=table if len(table) else None,
    )


Figure = Callable[[Hand, Tones, int, np.random.Generator], list[Step]]


def _nearest(pitches: np.ndarray, centre: float, count: int) -> list[int]:
    """The `count` pitches nearest to a centre, in rising order."""
    order = np.argsort(np.abs(pitches - centre), kind="stable")[:count]
    return sorted(pitches[order].tolist())


def _walk(pitches: np.ndarray, hand: Hand, moves: np.ndarray) -> list[int]:
    """A line from the hand's centre by these moves; it turns at the ends and 18 semitones away."""
    index, line = int(np.abs(pitches - hand.centre).argmin()), []
    sign = 1
    for move in moves.tolist():
        ahead = index + sign * move
        outside = not 0 <= ahead < pitches.size
        if outside or abs(pitches[ahead] - hand.centre) > 18:
            sign = -sign
            ahead = int(np.clip(index + sign * move, 0, pitches.size - 1))
        index = ahead
        line.append(int(pitches[index]))
    return line


def _run(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """A scale, up or down."""
    direction = choice((-1, 1), rng)
    return [(p,) for p in _walk(tones.scale, hand, np.full(count, direction))]


def _melody(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """A line with steps, leaps and rests."""
    line = _walk(tones.scale, hand, rng.choice((-4, -2, -1, -1, 0, 1, 1, 2, 3), count))
    return [() if rng.random() < 0.15 else (p,) for p in line]


def _doubling(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """A line doubled in octaves, thirds or sixths."""
    interval = choice((12, 12, 3, 4, 8, 9), rng)
    return [
        (*step, *(p - interval for p in step if p - interval >= LOWEST))
        for step in _melody(hand, tones, count, rng)
    ]


def _arpeggio(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """The chord tones in order, up or down."""
    direction = choice((-1, 1), rng)
    return [(p,) for p in _walk(tones.chord, hand, np.full(count, direction))]


def _broken_chord(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """A broken chord: two to five of its tones in a repeating pattern."""
    subset = _nearest(tones.chord, hand.centre, int(rng.integers(2, 6)))
    pattern = rng.permutation(subset).tolist()
    return [(pattern[i % len(pattern)],) for i in range(count)]


def _chords(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """Repeated chords, which sometimes move to another register."""
    size = int(rng.integers(2, 6))
    centres = hand.centre + np.cumsum(rng.choice((0, 0, 0, -4, 4), count))
    return [tuple(_nearest(tones.chord, centre, size)) for centre in centres]


def _repetition(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """One or two pitches, repeated fast."""
    pitches = tuple(_nearest(tones.chord, hand.centre, int(rng.integers(1, 3))))
    return [pitches] * count


def _trill(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """Two neighbours of the scale, or an octave, in alternation."""
    low = _nearest(tones.scale, hand.centre, 1)[0]
    other = min(low + choice((1, 2, 2, 12), rng), HIGHEST)
    return [((low, other)[i % 2],) for i in range(count)]


def _random_steps(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """Random pitches and rests."""
    pitches = np.clip(np.round(rng.normal(hand.centre, 12, count)), LOWEST, HIGHEST)
    return [() if rng.random() < 0.3 else (int(p),) for p in pitches]


FIGURES: dict[str, tuple[tuple[float, float], Figure]] = {  # steps per second, and the figure
    "run": ((4, 15), _run),
    "melody": ((0.8, 7), _melody),
    "doubled": ((0.8, 7), _doubling),
    "arpeggio": ((2, 14), _arpeggio),
    "broken": ((2, 13), _broken_chord),
    "chords": ((0.4, 6), _chords),
    "repeated": ((3, 16), _repetition),
    "trill": ((6, 16), _trill),
    "scattered": ((1, 8), _random_steps),
}
