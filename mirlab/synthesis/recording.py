"""A piece as it is recorded: played, put through the studio, with all that is true of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .. import dsp
from ..composer import Piece
from ..core import Audio, Notes
from ..core.checks import require
from ..core.rendering import has_fluidsynth
from .checks import require_range
from .drums import DrumKit
from .note_batch import Source
from .patches import FAMILIES, PATCHES, random_patch
from .playing import play
from .soundfonts import SoundFont, find_sound_fonts
from .studio import (
    MIXTURE,
    Clip,
    Compressor,
    Detune,
    Effect,
    Equalizer,
    Gain,
    Mp3,
    Multitrack,
    Noise,
    Pan,
    Room,
)

STEMS = ("drums", "bass", "melody", "harmony")
LEVELS = {"drums": -2.0, "bass": -2.0, "melody": 0.0, "harmony": -5.0}  # dB beside each other
SPREAD = 5.0  # dB by which a level lies higher or lower than that
BASSES = range(32, 40)  # General MIDI programs
LEADS = ("melody", "soprano")
NAMED = 0.4  # how likely a synth is one of `PATCHES`, and not drawn afresh
RING = 0.5  # s after the last note has died away: the room rings
FADE = 0.05  # s, at the end
LOUD = 0.05  # s over which loudness is measured
PEAKS = (-18.0, -1.0)  # dBFS, of the mixture or the loudest stem

# What may happen to a stem, to all stems alike, and to the mixture; and how likely it is.
Chances = tuple[tuple[Effect, float], ...]
ON_STEMS: Chances = ((Equalizer(), 0.7), (Compressor(), 0.5))
ON_ALL: Chances = ((Room(), 0.7),)
ON_MIXTURE: Chances = (
    (Equalizer((-4.0, 4.0)), 0.4),
    (Compressor((-12.0, -3.0), (1.5, 4.0)), 0.4),
    (Noise((15.0, 50.0)), 0.5),
    (Clip((0.0, 3.0)), 0.1),
    (Mp3(), 0.1),
)
DETUNED = 0.7


def record(
    piece: Piece,
    *,
    seed: int,
    sr: int = 22050,
    fonts: Mapping[str, SoundFont] | None = None,
    synths: float = 0.5,
    stereo: bool = False,
    effects: bool = True,
    cents: float = 50.0,
    apart: bool = True,
) -> Multitrack:
    """Play a piece by instruments drawn at random, in a room drawn at random.

    Each part is played by a sound font or by a synth of the room's own, brought to a level that is
    usual for what it does, equalized and compressed; then one room is around all of them, and the
    tape may run a little fast or slow. The stems are free of
    noise, which `master` adds to the mixture. The same seed gives the same take, with the same
    sound fonts.

    Parameters
    ----------
    piece
        From `composer.compose`, `composer.piece_from_midi`, or made by hand.
    seed
        Of everything that is drawn.
    sr
        Sampling rate in Hz.
    fonts
        Sound fonts by name; None takes those found on this machine, where FluidSynth is installed.
        Without any, synths play everything.
    synths
        How likely a part is played by a synth and not by a sound font, 0..1.
    stereo
        Whether the parts get places between left and right; otherwise one channel.
    effects
        Whether the studio does anything beside levels.
    cents
        How far the tape may be out of tune, either way.
    apart
        Whether each part is a stem. Otherwise they are mixed before they come into the room: that
        takes a quarter of the time there, and the only stem is `"mixture"`.

    Returns
    -------
    Take
        A stem for each part, by its name, all ending at the same sample; the peak of the mixture,
        or of a stem that is louder, is -18..-1 dBFS.

    Raises
    ------
    AudioError
        For a bad seed, `sr`, or `synths`, and where there is no font and synths may not play.
    MissingPartError
        When sound fonts are given and FluidSynth is not installed.

    Examples
    --------
    >>> from mirlab.composer import compose
    >>> take = record(compose(1, style="waltz", duration=4), seed=1, fonts={}, synths=1)
    >>> list(take.stems) == list(take.notes), take.audio.samples == take.stems["bass"].samples
    (True, True)
    """
    require(seed >= 0, f"seed must be at least 0, not {seed}")
    fonts = players(fonts, synths)
    rng = np.random.default_rng(seed)
    sounds = {}
    for name, notes in piece.parts.items():
        source = draw_source(notes, rng, fonts=fonts, synths=synths)
        sound = play(notes, source, sr=sr, seed=_draw(rng))
        level = LEVELS[stem_of(name, notes)] + rng.uniform(-SPREAD, SPREAD)
        sound = _levelled(sound, level)
        sound = _by_chance(sound, ON_STEMS, rng) if effects else sound
        sounds[name] = Pan()(sound, seed=_draw(rng)) if stereo else sound
    stems = _in_one_room(sounds, rng, effects=effects, apart=apart)
    take = Multitrack(stems, piece.parts, piece.chords, piece.beats, piece.key)
    if effects and rng.random() < DETUNED:
        take = Detune((-cents, cents))(take, seed=_draw(rng))
    peak = max(float(np.abs(sound.y).max()) for sound in (take.audio, *take.stems.values()))
    db = rng.uniform(*PEAKS) - float(dsp.amplitude_to_db(max(peak, 1e-9)))
    return take.with_effect(Gain((db, db)), seed=0)


def master(audio: Audio, *, seed: int) -> Audio:
    """A mixture as it may come to a listener: made louder, noisier, cut off, or coded as MP3.

    Parameters
    ----------
    audio
        Any sound.
    seed
        Of what is done; often that is nothing.

    Returns
    -------
    Audio
        Of the same length, nowhere over 1; labels stay true.
    """
    louder = _by_chance(audio, ON_MIXTURE, np.random.default_rng(seed))
    return Audio(louder.y / max(1.0, np.abs(louder.y).max()), audio.sr)


def stem_of(part: str, notes: Notes) -> str:
    """Which of the four `STEMS` a part belongs to: by its name, its drums and its program.

    >>> stem_of("pad", Notes([0], [1], [60])), stem_of("", Notes([0], [1], [36], program=33))
    ('harmony', 'bass')
    """
    if bool(notes.is_drum.any()):
        return "drums"
    if part == "bass" or bool(np.isin(notes.program, BASSES).all()):
        return "bass"
    return "melody" if part in LEADS else "harmony"


def players(fonts: Mapping[str, SoundFont] | None, synths: float) -> Mapping[str, SoundFont]:
    """The sound fonts that play, if need be those of this machine; see `record`."""
    require_range("synths", synths, 0, 1)
    if fonts is None:
        fonts = find_sound_fonts() if has_fluidsynth() else {}
    require(bool(fonts) or synths > 0, "without sound fonts, synths must be more than 0")
    return fonts


def draw_source(
    notes: Notes, rng: np.random.Generator, *, fonts: Mapping[str, SoundFont], synths: float
) -> Source | SoundFont:
    """Who plays a part: a sound font, a patch, or a patch that nobody has heard."""
    if fonts and rng.random() >= synths:
        return fonts[str(rng.choice(sorted(fonts)))]
    drums = bool(notes.is_drum.any())
    if rng.random() < NAMED:
        fitting = [name for name, patch in PATCHES.items() if isinstance(patch, DrumKit) == drums]
        return PATCHES[str(rng.choice(fitting))]
    families = ["drums"] if drums else [name for name in FAMILIES if name != "drums"]
    return random_patch(str(rng.choice(families)), seed=_draw(rng))


def _in_one_room(
    sounds: Mapping[str, Audio], rng: np.random.Generator, *, effects: bool, apart: bool
) -> dict[str, Audio]:
    """The sounds in one room until it has rung out, all as long as the longest, and faded out."""
    one = next(iter(sounds.values()))
    names = list(sounds) if apart else [MIXTURE]
    samples = max(sound.samples for sound in sounds.values()) + round(RING * one.sr)
    y = np.zeros((len(names), one.channels, samples), np.float32)
    for i, sound in enumerate(sounds.values()):
        y[i if apart else 0, :, : sound.samples] += sound.y
    # stems as channels of one sound: the room is the same for all of them
    all_of_them = Audio(y.reshape(-1, samples), one.sr)
    if effects:
        all_of_them = _by_chance(all_of_them, ON_ALL, rng)
    y = all_of_them.y.reshape(y.shape)
    fade = round(FADE * one.sr)
    y[..., -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return {name: Audio(stem, one.sr) for name, stem in zip(names, y, strict=True)}


def _by_chance(audio: Audio, chances: Chances, rng: np.random.Generator) -> Audio:
    """The sound with those effects on it that the dice want."""
    for effect, likely in chances:
        wanted, seed = rng.random() < likely, _draw(rng)
        audio = effect(audio, seed=seed) if wanted else audio
    return audio


def _levelled(audio: Audio, db: float) -> Audio:
    """The sound so loud that its louder moments have this level; silence stays silence."""
    frame = round(LOUD * audio.sr)
    y = np.pad(audio.y[0], (0, -audio.samples % frame)).reshape(-1, frame)
    power = np.einsum("ij,ij->i", y, y) / frame
    sounding = power[power > 1e-4 * power.max()]  # within 40 dB of the loudest moment
    loudness = np.sqrt(np.quantile(sounding, 0.75)) if sounding.size else 1.0
    return Audio(audio.y * np.float32(dsp.db_to_amplitude(db) / loudness), audio.sr)


def _draw(rng: np.random.Generator) -> int:
    """A seed for something else."""
    return int(rng.integers(2**31))
