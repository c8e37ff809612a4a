"""Recordings of pieces: render the parts, apply studio effects, keep the labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .. import dsp
from ..composer import Piece
from ..core import Audio, AudioError, Notes
from ..core.checks import (
    require,
    require_audio_rate,
    require_flag,
    require_seed,
    require_type,
)
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
LEVELS = {"drums": -2.0, "bass": -2.0, "melody": 0.0, "harmony": -5.0}  # dB, relative
SPREAD = 5.0  # dB, largest random deviation from that level
BASSES = range(32, 40)  # General MIDI programs
LEADS = ("melody", "soprano")
NAMED_PATCH = 0.4  # probability that a synth is one of `PATCHES` and not a random patch
RING = 0.5  # s after the end of the last note, for reverberation
MAX_CENTS = 1200.0
FADE = 0.05  # s, at the end
LOUDNESS_WINDOW = 0.05  # s
PEAKS = (-18.0, -1.0)  # dBFS, peak of the mixture or the loudest stem

# Effects on a stem, on all stems alike, and on the mixture, with their probabilities.
RandomEffects = tuple[tuple[Effect, float], ...]
ON_STEMS: RandomEffects = ((Equalizer(), 0.7), (Compressor(), 0.5))
ON_ALL: RandomEffects = ((Room(), 0.7),)
ON_MIXTURE: RandomEffects = (
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
    """Record a piece with random instruments in a random room.

    Each part is played by a sound font or by one of the package's synthesizers, set to a level
    usual for its role, equalized and compressed. Then one room is applied to all parts, and the
    tape may run slightly fast or slow. The stems are free of noise; `master` adds it to the
    mixture. With the same sound fonts, the same seed gives the same recording.

    Parameters
    ----------
    piece
        From `composer.compose`, `composer.piece_from_midi`, or made by hand.
    seed
        Seed of all random choices.
    sr
        Sampling rate in Hz.
    fonts
        Sound fonts by name; None uses those found on this machine if FluidSynth is installed.
        Without any, synthesizers play all parts.
    synths
        Probability that a synthesizer plays a part, instead of a sound font, 0..1.
    stereo
        Whether to pan the parts between left and right; otherwise one channel.
    effects
        Whether to apply effects; otherwise only levels are set.
    cents
        Largest detuning of the tape, in either direction, 0..1200.
    apart
        Whether each part is a stem. Otherwise the parts are mixed before the room is applied,
        which then takes a quarter of the time, and the only stem is `"mixture"`.

    Returns
    -------
    Multitrack
        A stem of the same length for each part, by its name. The peak of the mixture, or of the
        loudest stem if that is higher, is -18..-1 dBFS.

    Raises
    ------
    AudioError
        For an argument out of range, or if there is no font and `synths` is 0.
    MissingPartError
        If sound fonts are given and FluidSynth is not installed.

    Examples
    --------
    >>> from mirlab.composer import compose
    >>> take = record(compose(1, style="waltz", duration=4), seed=1, fonts={}, synths=1)
    >>> list(take.stems) == list(take.notes), take.audio.samples == take.stems["bass"].samples
    (True, True)
    """
    require_type("piece", piece, Piece, AudioError)
    require_seed(seed)
    require_range("cents", cents, 0, MAX_CENTS)
    for name, flag in (("stereo", stereo), ("effects", effects), ("apart", apart)):
        require_flag(name, flag)
    sr = require_audio_rate(sr, "sr")
    fonts = resolve_fonts(fonts, synths)
    rng = np.random.default_rng(seed)
    sounds = {}
    for name, notes in piece.parts.items():
        source = draw_source(notes, rng, fonts=fonts, synths=synths)
        sound = play(notes, source, sr=sr, seed=_draw(rng))
        level = LEVELS[stem_of(name, notes)] + rng.uniform(-SPREAD, SPREAD)
        sound = _set_level(sound, level)
        sound = _apply_at_random(sound, ON_STEMS, rng) if effects else sound
        sounds[name] = Pan()(sound, seed=_draw(rng)) if stereo else sound
    stems = _apply_room(sounds, rng, effects=effects, apart=apart)
    take = Multitrack(stems, piece.parts, piece.chords, piece.beats, piece.key)
    if effects and rng.random() < DETUNED:
        take = Detune((-cents, cents))(take, seed=_draw(rng))
    peak = max(float(np.abs(sound.y).max()) for sound in (take.audio, *take.stems.values()))
    db = rng.uniform(*PEAKS) - float(dsp.amplitude_to_db(max(peak, 1e-9)))
    return take.with_effect(Gain((db, db)), seed=0)


def master(audio: Audio, *, seed: int) -> Audio:
    """Apply random mastering and degradation: equalizer, compression, noise, clipping, MP3.

    Parameters
    ----------
    audio
        Any audio.
    seed
        Seed of the random effects; with some seeds there is none.

    Returns
    -------
    Audio
        Audio of the same length with a peak of at most 1; labels stay valid.

    Raises
    ------
    AudioError
        If `audio` is none, or for a bad seed.
    """
    require_type("audio", audio, Audio, AudioError)
    require_seed(seed)
    processed = _apply_at_random(audio, ON_MIXTURE, np.random.default_rng(seed))
    return Audio(processed.y / max(1.0, np.abs(processed.y).max()), audio.sr)


def stem_of(part: str, notes: Notes) -> str:
    """The one of `STEMS` to which a part belongs, by its name, drums and program.

    >>> stem_of("pad", Notes([0], [1], [60])), stem_of("", Notes([0], [1], [36], program=33))
    ('harmony', 'bass')
    """
    if bool(notes.is_drum.any()):
        return "drums"
    if part == "bass" or bool(np.isin(notes.program, BASSES).all()):
        return "bass"
    return "melody" if part in LEADS else "harmony"


def resolve_fonts(fonts: Mapping[str, SoundFont] | None, synths: float) -> Mapping[str, SoundFont]:
    """The sound fonts to use, by default those of this machine; see `record`."""
    require_range("synths", synths, 0, 1)
    if fonts is None:
        fonts = find_sound_fonts() if has_fluidsynth() else {}
    require_type("fonts", fonts, Mapping, AudioError)
    for font in fonts.values():
        require_type("each of the fonts", font, SoundFont, AudioError)
    require(bool(fonts) or synths > 0, "without sound fonts, synths must be more than 0")
    return fonts


def draw_source(
    notes: Notes, rng: np.random.Generator, *, fonts: Mapping[str, SoundFont], synths: float
) -> Source | SoundFont:
    """Draw the source of a part: a sound font, a named patch or a random patch."""
    if fonts and rng.random() >= synths:
        return fonts[str(rng.choice(sorted(fonts)))]
    drums = bool(notes.is_drum.any())
    if rng.random() < NAMED_PATCH:
        fitting = [name for name, patch in PATCHES.items() if isinstance(patch, DrumKit) == drums]
        return PATCHES[str(rng.choice(fitting))]
    families = ["drums"] if drums else [name for name in FAMILIES if name != "drums"]
    return random_patch(str(rng.choice(families)), seed=_draw(rng))


def _apply_room(
    sounds: Mapping[str, Audio], rng: np.random.Generator, *, effects: bool, apart: bool
) -> dict[str, Audio]:
    """Apply one room to all sounds; pad them to a common length and fade them out."""
    first = next(iter(sounds.values()))
    names = list(sounds) if apart else [MIXTURE]
    samples = max(sound.samples for sound in sounds.values()) + round(RING * first.sr)
    y = np.zeros((len(names), first.channels, samples), np.float32)
    for i, sound in enumerate(sounds.values()):
        y[i if apart else 0, :, : sound.samples] += sound.y
    # stems as channels of one sound, so that the room is the same for all of them
    stacked = Audio(y.reshape(-1, samples), first.sr)
    if effects:
        stacked = _apply_at_random(stacked, ON_ALL, rng)
    y = stacked.y.reshape(y.shape)
    fade = round(FADE * first.sr)
    y[..., -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return {name: Audio(stem, first.sr) for name, stem in zip(names, y, strict=True)}


def _apply_at_random(audio: Audio, effects: RandomEffects, rng: np.random.Generator) -> Audio:
    """Apply each effect with its probability."""
    for effect, probability in effects:
        applies, seed = rng.random() < probability, _draw(rng)
        audio = effect(audio, seed=seed) if applies else audio
    return audio


def _set_level(audio: Audio, db: float) -> Audio:
    """Scale audio so that its louder passages have a level in dB; silence stays silence."""
    frame = round(LOUDNESS_WINDOW * audio.sr)
    y = np.pad(audio.y[0], (0, -audio.samples % frame)).reshape(-1, frame)
    power = np.einsum("ij,ij->i", y, y) / frame
    sounding = power[power > 1e-4 * power.max()]  # within 40 dB of the loudest frame
    loudness = np.sqrt(np.quantile(sounding, 0.75)) if sounding.size else 1.0
    return Audio(audio.y * np.float32(dsp.db_to_amplitude(db) / loudness), audio.sr)


def _draw(rng: np.random.Generator) -> int:
    """Draw a seed."""
    return int(rng.integers(2**31))
