"""Textures: what hands can do on a keyboard, without a tune; for machines that learn to hear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core import Notes, NotesError
from .performance import apart
from .piece import Piece, piece_from_notes
from .sampling import between, one_of

LOWEST, HIGHEST = 21, 108  # A0 and C8: every key is used
SCALES = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 4, 7, 9),
    (0, 2, 4, 6, 8, 10),
    tuple(range(12)),
)
SECTION = (2.0, 7.0)  # s with the same hands
CHORD = (0.5, 4.0)  # s with the same harmony and, where there is one, pedal
SHORTEST = 0.03  # s: no key is let go sooner
PROGRAMS = {  # General MIDI, and how likely
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
Step = tuple[int, ...]  # the pitches that are struck together; none is a rest


@dataclass(frozen=True)
class Tones:
    """What a hand may play for a while: pitches of the chord and of its scale, all octaves."""

    chord: np.ndarray
    scale: np.ndarray


@dataclass(frozen=True)
class Hand:
    """One hand for one section."""

    figure: str
    centre: float  # MIDI number
    rate: float  # steps a second
    legato: float  # share of a step that a key is held
    velocity: float
    uneven: float  # standard deviation of velocities
    loose: float  # s, of the timing
    spread: float  # s from note to note of a chord, the lowest first


def random_keyboard_piece(seed: int, *, duration: float = 30.0) -> Piece:
    """Runs, chords, trills, repeated notes: figures in every register, at every speed and loudness.

    One instrument, mostly a piano, one to three hands; every few seconds they do something else.
    Nothing is known of it but its notes and its pedal: it has no key, chords or beats.

    Parameters
    ----------
    seed
        0 or more.
    duration
        Seconds, about.

    Returns
    -------
    Piece
        Its only part is `keys`.

    Raises
    ------
    NotesError
        For a negative seed, or less than a second.

    Examples
    --------
    >>> piece = random_keyboard_piece(3, duration=10)
    >>> list(piece.parts), piece.style
    (['keys'], 'texture')
    """
    rng = material_rng(seed, duration)
    program = int(rng.choice(list(PROGRAMS), p=list(PROGRAMS.values())))
    rows: list[tuple[float, float, int, float]] = []
    pedals: list[tuple[float, float]] = []
    now = between((0.05, 0.5), rng)
    while now < duration:
        hands = [_hand(rng) for _ in range(int(rng.choice((1, 2, 3), p=(0.25, 0.6, 0.15))))]
        pedal, key, scale = rng.random() < 0.5, int(rng.integers(12)), one_of(SCALES, rng)
        end = min(now + between(SECTION, rng), duration)
        while now < end:
            length = min(_log(CHORD, rng), duration - now + SHORTEST)
            tones = _tones(key, scale, rng)
            for hand in hands:
                rows += _played(hand, tones, now, length, rng)
            if pedal:
                pedals.append((now + between((-0.02, 0.12), rng), now + length))
            now += length
        now += between((0.0, 0.8), rng) if rng.random() < 0.3 else 0.0
    notes = _as_notes(rows or [(0.1, 0.5, 60, 64.0)], pedals, program)
    return piece_from_notes({"keys": notes}, "texture", seed)


def material_rng(seed: int, duration: float) -> np.random.Generator:
    """Chance for a piece of material; NotesError for a seed below 0 or less than a second."""
    if seed < 0 or duration < 1:
        raise NotesError(f"seed must be 0 or more and duration 1 s: {seed}, {duration:g}")
    return np.random.default_rng(seed)


def _log(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """A number between two whose logarithm is evenly spread."""
    return float(np.exp(between((np.log(limits[0]), np.log(limits[1])), rng)))


def _hand(rng: np.random.Generator) -> Hand:
    """A hand with something to do."""
    figure = one_of(list(FIGURES), rng)
    # the middle of the keyboard most often, the ends often enough
    middle = rng.normal(62, 13) if rng.random() < 0.75 else rng.uniform(LOWEST, HIGHEST)
    return Hand(
        figure,
        float(np.clip(middle, LOWEST + 3, HIGHEST - 3)),
        _log(FIGURES[figure][0], rng),
        one_of((0.3, 0.5, 0.8, 0.95, 1.05), rng),
        between((18, 112), rng),
        between((2, 11), rng),
        one_of((0.001, 0.005, 0.012), rng),
        between((0.01, 0.06), rng) if rng.random() < 0.15 else between((0, 0.008), rng),
    )


def _tones(key: int, scale: tuple[int, ...], rng: np.random.Generator) -> Tones:
    """Three or four tones a third apart in a scale."""
    step, size = int(rng.integers(len(scale))), int(rng.integers(3, 5))
    classes = [(key + scale[(step + 2 * i) % len(scale)]) % 12 for i in range(size)]
    keys = np.arange(LOWEST, HIGHEST + 1)
    return Tones(keys[np.isin(keys % 12, classes)], keys[np.isin((keys - key) % 12, scale)])


def _played(
    hand: Hand, tones: Tones, start: float, length: float, rng: np.random.Generator
) -> list[tuple[float, float, int, float]]:
    """What a hand plays over one harmony: onset, length, pitch, velocity."""
    count = max(1, round(hand.rate * length))
    step = length / count
    swell = between((-14, 14), rng)
    rows = []
    for i, pitches in enumerate(FIGURES[hand.figure][1](hand, tones, count, rng)):
        loudness = hand.velocity + swell * i / count + (5 if i == 0 else 0)
        for place, pitch in enumerate(sorted(set(pitches))):
            onset = start + i * step + place * hand.spread + hand.loose * rng.standard_normal()
            held = step * hand.legato * between((0.85, 1.1), rng)
            velocity = loudness + hand.uneven * rng.standard_normal()
            rows.append((max(onset, 0.0), max(held, SHORTEST), pitch, velocity))
    return rows


def _as_notes(
    rows: list[tuple[float, float, int, float]], pedals: list[tuple[float, float]], program: int
) -> Notes:
    """Notes in order, none of one pitch over another."""
    onset, length, pitch, velocity = np.array(sorted(rows)).T
    onset = onset.round(6)
    kept, offset = apart(onset, (onset + length).round(6), pitch)
    table = np.array([(max(down, 0.0), up, program) for down, up in pedals if up > max(down, 0.0)])
    return Notes(
        onset[kept],
        offset[kept],
        pitch[kept].astype(int),
        np.clip(np.round(velocity[kept]), 8, 127),
        program,
        pedal=table if len(table) else None,
    )


Figure = Callable[[Hand, Tones, int, np.random.Generator], list[Step]]


def _near(pitches: np.ndarray, centre: float, count: int) -> list[int]:
    """So many pitches, those nearest to a place, rising."""
    order = np.argsort(np.abs(pitches - centre), kind="stable")[:count]
    return sorted(pitches[order].tolist())


def _walk(pitches: np.ndarray, hand: Hand, moves: np.ndarray) -> list[int]:
    """From a place on, by so many steps each, turned back at the ends and far from the place."""
    at, found = int(np.abs(pitches - hand.centre).argmin()), []
    sign = 1
    for move in moves.tolist():
        ahead = at + sign * move
        outside = not 0 <= ahead < pitches.size
        if outside or abs(pitches[ahead] - hand.centre) > 18:
            sign = -sign
            ahead = int(np.clip(at + sign * move, 0, pitches.size - 1))
        at = ahead
        found.append(int(pitches[at]))
    return found


def _run(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """Up or down a scale."""
    turn = one_of((-1, 1), rng)
    return [(p,) for p in _walk(tones.scale, hand, np.full(count, turn))]


def _melody(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """A line with steps, leaps and rests."""
    line = _walk(tones.scale, hand, rng.choice((-4, -2, -1, -1, 0, 1, 1, 2, 3), count))
    return [() if rng.random() < 0.15 else (p,) for p in line]


def _doubled(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """A line with its octave, third or sixth."""
    apart_by = one_of((12, 12, 3, 4, 8, 9), rng)
    return [
        (*step, *(p - apart_by for p in step if p - apart_by >= LOWEST))
        for step in _melody(hand, tones, count, rng)
    ]


def _arpeggio(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """Along the chord."""
    turn = one_of((-1, 1), rng)
    return [(p,) for p in _walk(tones.chord, hand, np.full(count, turn))]


def _broken(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """A few tones of the chord in turn, over and over."""
    few = _near(tones.chord, hand.centre, int(rng.integers(2, 6)))
    pattern = rng.permutation(few).tolist()
    return [(pattern[i % len(pattern)],) for i in range(count)]


def _chords(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """The chord, struck again and again, sometimes elsewhere."""
    size = int(rng.integers(2, 6))
    centres = hand.centre + np.cumsum(rng.choice((0, 0, 0, -4, 4), count))
    return [tuple(_near(tones.chord, centre, size)) for centre in centres]


def _repeated(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """One pitch or two, as fast as fingers go."""
    pitches = tuple(_near(tones.chord, hand.centre, int(rng.integers(1, 3))))
    return [pitches] * count


def _trill(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """Two neighbours, or the ends of an octave, in turn."""
    low = _near(tones.scale, hand.centre, 1)[0]
    other = min(low + one_of((1, 2, 2, 12), rng), HIGHEST)
    return [((low, other)[i % 2],) for i in range(count)]


def _scattered(hand: Hand, tones: Tones, count: int, rng: np.random.Generator) -> list[Step]:
    """Anything anywhere."""
    pitches = np.clip(np.round(rng.normal(hand.centre, 12, count)), LOWEST, HIGHEST)
    return [() if rng.random() < 0.3 else (int(p),) for p in pitches]


FIGURES: dict[str, tuple[tuple[float, float], Figure]] = {  # steps a second, and what they are
    "run": ((4, 15), _run),
    "melody": ((0.8, 7), _melody),
    "doubled": ((0.8, 7), _doubled),
    "arpeggio": ((2, 14), _arpeggio),
    "broken": ((2, 13), _broken),
    "chords": ((0.4, 6), _chords),
    "repeated": ((3, 16), _repeated),
    "trill": ((6, 16), _trill),
    "scattered": ((1, 8), _scattered),
}
