"""`compose`: a piece of music from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core import Notes, NotesError, Segments, TempoMap
from ..core.theory import NO_CHORD
from .accompaniment import BASS_PATTERNS, CHORD_PATTERNS, bass_line, comping, walking_bass
from .drumming import GROOVES, KEYS, drum_part
from .form import PHRASE, Form, plan_form
from .melodies import melody
from .ornaments import ornament
from .performance import Performer, perform, tempo_curve
from .piece import Piece
from .sampling import between, one_of
from .score import ScoreNote, apply_swing
from .styles import BENDABLE, RANGES, STYLES, style_named

SHORTEST, LONGEST = 4.0, 600.0  # s
GUITARS = range(24, 32)
PEDALLED = (0, 4)
VOICES = ("bass", "tenor", "alto", "soprano")


def compose(seed: int, *, style: str | None = None, duration: float = 30.0) -> Piece:
    """A piece of music that nobody has heard, with its chords, key and beats.

    A key, a form of four-bar phrases, a progression for each, voices led through it, a melody, an
    accompaniment, a bass and drums as the style has them; then a tempo that breathes and players
    who are not machines. The same seed gives the same piece.

    Parameters
    ----------
    seed
        0 or more.
    style
        A name of `STYLES`; None draws one.
    duration
        About how long, in seconds, 4..600; it ends with the nearest bar.

    Returns
    -------
    Piece
        Its parts are `melody`, `harmony`, and where the style has them `bass`, `pad` and `drums`;
        of a chorale `soprano`, `alto`, `tenor` and `bass`.

    Raises
    ------
    StyleError
        For a style that there is not.
    NotesError
        For a seed or a duration outside of its range.

    Examples
    --------
    >>> piece = compose(7, style="waltz", duration=20)
    >>> sorted(piece.parts)
    ['bass', 'drums', 'harmony', 'melody']
    >>> piece.beats.labels[:4]
    ('1', '2', '3', '1')
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise NotesError(f"seed must be a whole number of 0 or more, not {seed!r}")
    if not SHORTEST <= duration <= LONGEST:
        raise NotesError(f"duration must be {SHORTEST:g} to {LONGEST:g} s, not {duration:g}")
    rng = np.random.default_rng(seed)
    name = style or one_of(list(STYLES), rng)
    sketch = plan_form(style_named(name), duration, rng)
    tempo = tempo_curve(sketch.bars[-1], sketch.bpm, rng, rubato=between(sketch.style.rubato, rng))
    meter = sketch.style.meter
    scores = _chorale(sketch, rng) if name == "chorale" else _band(sketch, rng)
    played = [harmony for harmony in sketch.harmonies if not sketch.in_break(harmony.beat)]
    parts: dict[str, Notes] = {
        part: perform(score, player, tempo, rng, meter=meter, harmonies=played)
        for part, (score, player) in scores.items()
    }
    labels = [h.chord.label if h in played else NO_CHORD for h in sketch.harmonies]
    chords = _segments([h.beat for h in sketch.harmonies], labels, sketch, tempo)
    numbers = [str(1 + beat % meter) for beat in range(sketch.bars[-1])]
    beats = _segments(range(sketch.bars[-1]), numbers, sketch, tempo)
    return Piece(parts, chords.merged(), sketch.key.name, beats, tempo, name, seed)


def _segments(
    starts: Sequence[float], labels: Sequence[str], sketch: Form, tempo: TempoMap
) -> Segments:
    """Labels, each from its beat to the next one's, the last to the end of the piece."""
    seconds = tempo.seconds([*starts, sketch.bars[-1]]).round(6)
    return Segments(np.column_stack([seconds[:-1], seconds[1:]]), labels)


Scores = dict[str, tuple[list[ScoreNote], Performer]]


def _band(sketch: Form, rng: np.random.Generator) -> Scores:
    """A melody, chords, and what else the style has; each part's score and its player."""
    style, harmonies = sketch.style, sketch.harmonies
    share = between(style.swing, rng)
    lead, accompanist = one_of(style.leads, rng), one_of(style.chords, rng)
    tune = _ornamented(apply_swing(_melody(sketch, lead, rng), share), sketch, lead, rng)
    # without a bass the lowest voice is the accompanist's
    voices = sketch.voices[:, 1:] if style.basses else sketch.voices[:, :3]
    pattern = one_of(style.patterns, rng)
    chords = comping(harmonies[:-1], voices[:-1], CHORD_PATTERNS[pattern])
    chords += comping(harmonies[-1:], voices[-1:], CHORD_PATTERNS["held"])
    scores = {
        "melody": (_entering(tune, sketch, rng), _player(lead, rng, velocity=88)),
        "harmony": (
            apply_swing(chords, share),
            _player(accompanist, rng, velocity=70, chords=True),
        ),
    }
    if style.basses:
        bass = _bass(sketch, rng)
        scores["bass"] = (
            apply_swing(bass, share),
            _player(one_of(style.basses, rng), rng, velocity=84),
        )
    if style.pads and rng.random() < 0.5:
        pad = _entering(
            comping(harmonies, sketch.voices[:, 1:], CHORD_PATTERNS["held"]), sketch, rng
        )
        scores["pad"] = (pad, _player(one_of(style.pads, rng), rng, velocity=52))
    scores = {
        part: ([note for note in score if not sketch.in_break(note.beat)], player)
        for part, (score, player) in scores.items()
    }
    if style.groove:
        drums = apply_swing(_entering(_drums(sketch, rng), sketch, rng), share)
        scores["drums"] = (drums, replace(_player(0, rng, velocity=86), is_drum=True, pedal=False))
    return scores


def _chorale(sketch: Form, rng: np.random.Generator) -> Scores:
    """Four voices, each a note a chord."""
    program = one_of(sketch.style.leads, rng)
    scores = {}
    for name, pitches in zip(VOICES, sketch.voices.T, strict=True):
        score = [
            ScoreNote(harmony.beat, harmony.beats, int(pitch))
            for harmony, pitch in zip(sketch.harmonies, pitches, strict=True)
        ]
        scores[name] = (score, _player(program, rng, velocity=74))
    return scores


def _melody(sketch: Form, program: int, rng: np.random.Generator) -> list[ScoreNote]:
    """The tune, phrase by phrase; a phrase that comes again is the same tune."""
    lowest, highest = RANGES[program]
    density = between(sketch.style.density, rng)
    tunes: dict[str, list[ScoreNote]] = {}
    notes: list[ScoreNote] = []
    for letter, first, after in sketch.phrases:
        if letter not in tunes:
            found = melody(
                sketch.harmonies,
                sketch.key,
                rng,
                bars=sketch.bars[first:after],
                meter=sketch.style.meter,
                lowest=lowest,
                highest=highest,
                density=density,
            )
            tunes[letter] = [replace(note, beat=note.beat - sketch.bars[first]) for note in found]
        notes += [replace(note, beat=note.beat + sketch.bars[first]) for note in tunes[letter]]
    return notes


def _ornamented(
    notes: list[ScoreNote], sketch: Form, program: int, rng: np.random.Generator
) -> list[ScoreNote]:
    """The tune with the ornaments of its style and its instrument."""
    return ornament(
        notes,
        sketch.harmonies,
        sketch.key,
        rng,
        bpm=sketch.bpm,
        repeats=sketch.style.repeats,
        trills=sketch.style.trills,
        bends=0.5 if program in BENDABLE else 0.0,
    )


def _bass(sketch: Form, rng: np.random.Generator) -> list[ScoreNote]:
    """The bass; it rests on the last chord."""
    pattern = one_of(sketch.style.bass_patterns, rng)
    harmonies = sketch.harmonies
    if pattern == "walking":
        line = walking_bass(harmonies, rng)
    else:
        line = bass_line(harmonies, BASS_PATTERNS[pattern])
    rest = bass_line(harmonies, BASS_PATTERNS["held"])[-1]
    return [note for note in line if note.beat < rest.beat] + [rest]


def _drums(sketch: Form, rng: np.random.Generator) -> list[ScoreNote]:
    """The kit: fills at the ends of some phrases, one stroke on the last bar."""
    fills = {after - 1 for _, _, after in sketch.phrases[:-1] if rng.random() < 0.6}
    fills.update(sketch.breaks)
    groove = one_of(GROOVES[sketch.style.groove], rng)
    notes = drum_part(groove, sketch.bars[:-1], rng, fills=fills, bpm=sketch.bpm)
    end = sketch.bars[-2]
    return [*notes, ScoreNote(end, 1.0, KEYS["kick"], 8.0), ScoreNote(end, 1.0, KEYS["crash"], 8.0)]


def _entering(notes: list[ScoreNote], sketch: Form, rng: np.random.Generator) -> list[ScoreNote]:
    """The part, or now and then without its first phrase."""
    late = len(sketch.phrases) > 2 and rng.random() < 0.2
    return [note for note in notes if not late or note.beat >= sketch.bars[PHRASE]]


def _player(
    program: int, rng: np.random.Generator, *, velocity: float, chords: bool = False
) -> Performer:
    """Someone who plays this program, with habits of their own."""
    return Performer(
        program=program,
        velocity=velocity + 8 * rng.standard_normal(),
        loose=0.002 + 0.01 * rng.random(),
        lag=0.006 * rng.standard_normal(),
        legato=one_of((0.6, 0.85, 0.95, 1.0), rng),
        staccato=0.15 * rng.random(),
        strum=0.004 + 0.014 * rng.random() if chords and program in GUITARS else 0.0,
        pedal=program in PEDALLED and rng.random() < 0.7,
    )
