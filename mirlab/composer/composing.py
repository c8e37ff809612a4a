"""`compose`: a piece of music from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core import Notes, NotesError, Segments, TempoMap
from ..core.checks import as_float, require_seed
from ..core.theory import NO_CHORD
from .accompaniment import BASS_PATTERNS, CHORD_PATTERNS, bass_line, comping, walking_bass
from .drumming import GROOVES, KEYS, drum_part
from .form import PHRASE, Form, plan_form
from .melodies import melody
from .ornaments import ornament
from .performance import Performer, perform, tempo_curve
from .piece import Piece
from .sampling import choice, uniform
from .score import ScoreNote, apply_swing
from .styles import BENDABLE, RANGES, STYLES, style_named

SHORTEST, LONGEST = 4.0, 600.0  # s
GUITARS = range(24, 32)
PEDALLED = (0, 4)
VOICES = ("bass", "tenor", "alto", "soprano")


def compose(seed: int, *, style: str | None = None, duration: float = 30.0) -> Piece:
    """Compose a new piece of music, with its chords, key and beats.

    The steps: a key; a form of four-bar phrases; a chord progression for each phrase; voice
    leading; a melody, an accompaniment, a bass and drums, as the style requires; then tempo
    fluctuations and the random timing and dynamics of human players. The same seed gives the same
    piece.

    Parameters
    ----------
    seed
        0 or more.
    style
        A name of `STYLES`; None selects one at random.
    duration
        Approximate duration in seconds, 4..600; the piece ends with the nearest bar.

    Returns
    -------
    Piece
        With the parts `melody`, `harmony`, and, where the style has them, `bass`, `pad` and
        `drums`; a chorale has `soprano`, `alto`, `tenor` and `bass`.

    Raises
    ------
    StyleError
        If the style does not exist.
    NotesError
        If the seed or the duration is out of range.

    Examples
    --------
    >>> piece = compose(7, style="waltz", duration=20)
    >>> sorted(piece.parts)
    ['bass', 'drums', 'harmony', 'melody']
    >>> piece.beats.labels[:4]
    ('1', '2', '3', '1')
    """
    require_seed(seed, NotesError)
    seconds = as_float("duration", duration, NotesError)
    if not SHORTEST <= seconds <= LONGEST:
        raise NotesError(f"duration must be {SHORTEST:g} to {LONGEST:g} s, not {seconds:g}")
    rng = np.random.default_rng(seed)
    name = choice(list(STYLES), rng) if style is None else style
    form = plan_form(style_named(name), duration, rng)
    tempo = tempo_curve(form.bars[-1], form.bpm, rng, rubato=uniform(form.style.rubato, rng))
    meter = form.style.meter
    scores = _chorale(form, rng) if name == "chorale" else _band(form, rng)
    sounding = [harmony for harmony in form.harmonies if not form.in_break(harmony.beat)]
    parts: dict[str, Notes] = {
        part: perform(score, player, tempo, rng, meter=meter, harmonies=sounding)
        for part, (score, player) in scores.items()
    }
    labels = [h.chord.label if h in sounding else NO_CHORD for h in form.harmonies]
    chords = _segments([h.beat for h in form.harmonies], labels, form, tempo)
    numbers = [str(1 + beat % meter) for beat in range(form.bars[-1])]
    beats = _segments(range(form.bars[-1]), numbers, form, tempo)
    return Piece(parts, chords.merge(), form.key.name, beats, tempo, name, seed)


def _segments(
    starts: Sequence[float], labels: Sequence[str], form: Form, tempo: TempoMap
) -> Segments:
    """Segments from each start, in beats, to the next one; the last ends with the piece."""
    seconds = tempo.seconds([*starts, form.bars[-1]]).round(6)
    return Segments(np.column_stack([seconds[:-1], seconds[1:]]), labels)


Scores = dict[str, tuple[list[ScoreNote], Performer]]


def _band(form: Form, rng: np.random.Generator) -> Scores:
    """Score and performer of each part: melody, chords, and what else the style has."""
    style, harmonies = form.style, form.harmonies
    ratio = uniform(style.swing, rng)
    lead, accompanist = choice(style.leads, rng), choice(style.chords, rng)
    tune = _add_ornaments(apply_swing(_melody(form, lead, rng), ratio), form, lead, rng)
    # without a bass part the accompaniment takes the lowest voice
    voices = form.voices[:, 1:] if style.basses else form.voices[:, :3]
    pattern = choice(style.patterns, rng)
    chords = comping(harmonies[:-1], voices[:-1], CHORD_PATTERNS[pattern])
    chords += comping(harmonies[-1:], voices[-1:], CHORD_PATTERNS["held"])
    scores = {
        "melody": (_enter_late(tune, form, rng), _random_performer(lead, rng, velocity=88)),
        "harmony": (
            apply_swing(chords, ratio),
            _random_performer(accompanist, rng, velocity=70, chords=True),
        ),
    }
    if style.basses:
        bass = _bass(form, rng)
        scores["bass"] = (
            apply_swing(bass, ratio),
            _random_performer(choice(style.basses, rng), rng, velocity=84),
        )
    if style.pads and rng.random() < 0.5:
        pad = _enter_late(comping(harmonies, form.voices[:, 1:], CHORD_PATTERNS["held"]), form, rng)
        scores["pad"] = (pad, _random_performer(choice(style.pads, rng), rng, velocity=52))
    scores = {
        part: ([note for note in score if not form.in_break(note.beat)], player)
        for part, (score, player) in scores.items()
    }
    if style.groove:
        drums = apply_swing(_enter_late(_drums(form, rng), form, rng), ratio)
        scores["drums"] = (
            drums,
            replace(_random_performer(0, rng, velocity=86), is_drum=True, pedal=False),
        )
    return scores


def _chorale(form: Form, rng: np.random.Generator) -> Scores:
    """Score and performer of four voices, each with one note per chord."""
    program = choice(form.style.leads, rng)
    scores = {}
    for name, pitches in zip(VOICES, form.voices.T, strict=True):
        score = [
            ScoreNote(harmony.beat, harmony.beats, int(pitch))
            for harmony, pitch in zip(form.harmonies, pitches, strict=True)
        ]
        scores[name] = (score, _random_performer(program, rng, velocity=74))
    return scores


def _melody(form: Form, program: int, rng: np.random.Generator) -> list[ScoreNote]:
    """Melody, phrase by phrase; a repeated phrase repeats its melody."""
    lowest, highest = RANGES[program]
    density = uniform(form.style.density, rng)
    tunes: dict[str, list[ScoreNote]] = {}
    notes: list[ScoreNote] = []
    for letter, first, after in form.phrases:
        if letter not in tunes:
            tune = melody(
                form.harmonies,
                form.key,
                rng,
                bars=form.bars[first:after],
                meter=form.style.meter,
                lowest=lowest,
                highest=highest,
                density=density,
            )
            tunes[letter] = [replace(note, beat=note.beat - form.bars[first]) for note in tune]
        notes += [replace(note, beat=note.beat + form.bars[first]) for note in tunes[letter]]
    return notes


def _add_ornaments(
    notes: list[ScoreNote], form: Form, program: int, rng: np.random.Generator
) -> list[ScoreNote]:
    """Add the ornaments of the style and the instrument to a melody."""
    return ornament(
        notes,
        form.harmonies,
        form.key,
        rng,
        bpm=form.bpm,
        repeats=form.style.repeats,
        trills=form.style.trills,
        bends=0.5 if program in BENDABLE else 0.0,
    )


def _bass(form: Form, rng: np.random.Generator) -> list[ScoreNote]:
    """Bass part; it holds one note through the last chord."""
    pattern = choice(form.style.bass_patterns, rng)
    harmonies = form.harmonies
    if pattern == "walking":
        line = walking_bass(harmonies, rng)
    else:
        line = bass_line(harmonies, BASS_PATTERNS[pattern])
    last = bass_line(harmonies, BASS_PATTERNS["held"])[-1]
    return [note for note in line if note.beat < last.beat] + [last]


def _drums(form: Form, rng: np.random.Generator) -> list[ScoreNote]:
    """Drum part: fills at the ends of some phrases, one stroke in the last bar."""
    fills = {after - 1 for _, _, after in form.phrases[:-1] if rng.random() < 0.6}
    fills.update(form.breaks)
    groove = choice(GROOVES[form.style.groove], rng)
    notes = drum_part(groove, form.bars[:-1], rng, fills=fills, bpm=form.bpm)
    end = form.bars[-2]
    return [*notes, ScoreNote(end, 1.0, KEYS["kick"], 8.0), ScoreNote(end, 1.0, KEYS["crash"], 8.0)]


def _enter_late(notes: list[ScoreNote], form: Form, rng: np.random.Generator) -> list[ScoreNote]:
    """Leave out the first phrase of a part with probability 0.2."""
    late = len(form.phrases) > 2 and rng.random() < 0.2
    return [note for note in notes if not late or note.beat >= form.bars[PHRASE]]


def _random_performer(
    program: int, rng: np.random.Generator, *, velocity: float, chords: bool = False
) -> Performer:
    """Performer of a General MIDI program, with random timing and articulation."""
    return Performer(
        program=program,
        velocity=velocity + 8 * rng.standard_normal(),
        loose=0.002 + 0.01 * rng.random(),
        lag=0.006 * rng.standard_normal(),
        legato=choice((0.6, 0.85, 0.95, 1.0), rng),
        staccato=0.15 * rng.random(),
        strum=0.004 + 0.014 * rng.random() if chords and program in GUITARS else 0.0,
        pedal=program in PEDALLED and rng.random() < 0.7,
    )
