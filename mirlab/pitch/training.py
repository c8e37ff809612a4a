"""Training of the pitch tracker: rendered voices with breath and consonants, loss, recipe."""

from __future__ import annotations

import numpy as np
import torch
from scipy.signal import butter, sosfilt
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

from ..composer import Piece, compose, random_solo_parts
from ..core import Audio
from ..core.constants import SAMPLE_RATE
from ..learning import Recipe, TrainingData, register_recipe
from ..learning.cache import Item
from ..learning.supply import TEST_SEED, random_start
from ..synthesis import SyntheticMusic, training_fonts, training_music
from .classic import HOP
from .decoding import LOWEST_HZ, PER_OCTAVE, PITCH_BINS
from .networks import FLOOR_DB, PICTURE_BINS, PitchFrontEnd, PitchNet

__all__ = ["pitch_loss"]

SECONDS = 6.0  # of an item
FRAMES = 96  # of an excerpt, 1.1 s
COMPOSED = 0.15  # probability of a composed melody; else a line with glides, vibrato and breath
SYNTHS = 0.5  # probability that a synthesizer plays it, where there are sound fonts
CENTS = 50.0  # largest deviation of the tuning
VERSION = 1  # of the items: raise it when the synthesis changes
BURSTS = 1.0  # consonants and breaths a second
BURST = (0.03, 0.25)  # s
BURST_HZ = (800.0, 9000.0)  # where they are strongest
BURST_DB = (-35.0, 0.0)  # beside the whole sound
ROLL = 18  # bins by which an excerpt is transposed up or down, half an octave
TILT_DB = 15.0  # by which its bass or its treble is raised
GAIN_DB = 15.0  # by which it is softer than the loudest moment
SCORED = 40  # voices that the score is measured on
WIDTH = 0.8  # bins: how far a pitch's target spreads


def training_piece(seed: int) -> Piece:
    """A random piece, one part of which is rendered."""
    kind = compose if np.random.default_rng(seed).random() < COMPOSED else random_solo_parts
    return kind(seed, duration=SECONDS + 1)


def pitch_music(seed: int) -> SyntheticMusic:
    """Voices, bows, winds and keys, one at a time, rendered by the sound fonts found here."""
    return training_music(
        "f0",
        training_piece,
        duration=SECONDS,
        sr=SAMPLE_RATE,
        hop_length=HOP,
        seed=seed,
        synths=SYNTHS,
        cents=CENTS,
    )


def with_consonants(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A sound with bursts of noise here and there, as of breath, lips and teeth.

    Parameters
    ----------
    y
        Shape `(samples,)`.
    rng
        Chance.
    """
    y = y.astype(np.float64)
    size = float(y.std())
    for _ in range(int(rng.poisson(BURSTS * y.size / SAMPLE_RATE))):
        samples = int(SAMPLE_RATE * np.exp(rng.uniform(*np.log(BURST))))
        first = int(rng.integers(max(1, y.size - samples)))
        centre = np.exp(rng.uniform(*np.log(BURST_HZ)))
        edges = np.clip([centre / 1.6, centre * 1.6], 100, 0.45 * SAMPLE_RATE)
        filters = butter(2, edges, btype="band", fs=SAMPLE_RATE, output="sos")
        noise = sosfilt(filters, rng.standard_normal(samples)) * np.hanning(samples)
        level = size * 10 ** (rng.uniform(*BURST_DB) / 20)
        y[first : first + samples] += noise * level / max(float(noise.std()), 1e-9)
    return y.astype(np.float32)


def pitch_item(k: int, *, seed: int) -> dict[str, np.ndarray]:
    """Item k: `picture` (bins, frames) as uint8; `place`, the pitch in bins, -1 where unvoiced."""
    item = pitch_music(seed).item(k)
    y = with_consonants(item["audio"].numpy(), np.random.default_rng([seed, k, 1]))
    picture = PitchFrontEnd()(torch.from_numpy(y)[None])[0].numpy()
    hz = item["f0"].numpy()
    place = PER_OCTAVE * np.log2(np.maximum(hz, 1) / LOWEST_HZ)
    inside = (hz > 0) & (place > -0.5) & (place < PITCH_BINS - 0.5)
    return {
        "picture": np.round(255 * picture).astype(np.uint8),
        "place": np.where(inside, place, -1).astype(np.float32),
    }


def pitch_excerpt(item: Item, rng: np.random.Generator) -> dict[str, Tensor]:
    """A random excerpt of FRAMES frames: transposed, with another tilt of the spectrum, softer."""
    first = random_start(item["place"].size, FRAMES, rng)
    picture = item["picture"][:, first : first + FRAMES].astype(np.float32) / 255
    place = item["place"][first : first + FRAMES]
    roll = int(rng.integers(-ROLL, ROLL + 1))
    picture = np.roll(picture, roll, axis=0)
    if roll > 0:
        picture[:roll] = 0
    elif roll < 0:
        picture[roll:] = 0
    moved = place + roll
    inside = (place >= 0) & (moved > -0.5) & (moved < PITCH_BINS - 0.5)
    tilt = rng.uniform(-TILT_DB, TILT_DB) * np.linspace(-0.5, 0.5, PICTURE_BINS)
    gain = (tilt - rng.uniform(0, GAIN_DB)) / -FLOOR_DB
    picture = (picture + gain[:, None].astype(np.float32)).clip(0, 1)
    moved = np.where(inside, moved, -1).astype(np.float32)
    return {"picture": torch.from_numpy(picture), "place": torch.from_numpy(moved)}


def _cache_key() -> str:
    """All that the items depend on."""
    settings = (VERSION, SECONDS, COMPOSED, SYNTHS, CENTS, BURSTS, BURST, BURST_HZ, BURST_DB)
    return f"f0 {settings} {sorted(training_fonts())}"


# an hour of sound, rendered at the first use in about 100 CPU seconds
PITCH_DATA = TrainingData(
    item=pitch_item, augment=pitch_excerpt, key=_cache_key, items=600, validation_items=32
)


def pitch_loss(pitch: Tensor, voicing: Tensor, place: Tensor) -> Tensor:
    """Cross entropy of the pitch, where there is a voice, and of whether there is one.

    Parameters
    ----------
    pitch, voicing
        From `PitchNet`.
    place
        The true pitch in bins, shape `(batch, frames)`; below -0.5 without a voice.

    Returns
    -------
    Tensor
        Shape `()`.
    """
    sounds = (place > -0.5).to(pitch)
    bins = torch.arange(PITCH_BINS, device=place.device)[:, None]
    target = torch.exp(-0.5 * ((bins - place[:, None]) / WIDTH).square())
    target = target / target.sum(1, keepdim=True).clamp(min=1e-9)
    wrong = -(target * log_softmax(pitch, dim=1)).sum(1)
    heard = (wrong * sounds).sum() / sounds.sum().clamp(min=1)
    return heard + 2 * binary_cross_entropy_with_logits(voicing, sounds)


def _loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """The loss of a tracker on excerpts."""
    pitch, voicing = model(batch["picture"])
    return pitch_loss(pitch, voicing, batch["place"])


def rendered_scores(model: PitchNet, *, seed: int, number: int) -> dict[str, float]:
    """How well a tracker does on made voices: the mean over some of mir_eval's melody measures.

    Parameters
    ----------
    model
        The tracker.
    seed
        Of the voices, consonants included.
    number
        How many, of 6 s each.
    """
    from mir_eval import melody

    music = pitch_music(seed)
    rows = []
    for k in range(number):
        item = music.item(k)
        y = with_consonants(item["audio"].numpy(), np.random.default_rng([seed, k, 1]))
        track = model.track_pitch(Audio(y, SAMPLE_RATE))
        true, found = item["f0"].numpy().astype(float), track.hz
        voiced = (track.voicing >= 0.5).astype(float)
        cents = (melody.hz2cents(true), melody.hz2cents(found))
        known = (true > 0).astype(float)
        recall, alarm = melody.voicing_measures(known, voiced)
        rows.append(
            {
                "rpa": melody.raw_pitch_accuracy(known, cents[0], voiced, cents[1]),
                "voicing_recall": recall,
                "voicing_false_alarm": alarm,
            }
        )
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _score(model: nn.Module) -> dict[str, float]:
    """On pieces that were neither trained nor validated on."""
    assert isinstance(model, PitchNet)
    return rendered_scores(model, seed=TEST_SEED, number=SCORED)


register_recipe(
    "pitch/mirlab-f0",
    Recipe(
        network=PitchNet,
        arguments={"channels": 14},
        loss=_loss,
        data=PITCH_DATA.training_batches,
        validation=PITCH_DATA.validation_batches,
        score=_score,
        protocol=(
            "mir_eval.melody, 50 cents, raw pitch accuracy first; mean over "
            f"{SCORED} made voices of 6 s of another seed than the training's"
        ),
        trained_on="mirlab.synthesis alone: lines that glide, tremble and breathe, and composed "
        "melodies, with bursts of noise; sound fonts of the machine and own synths",
        licence="CC0-1.0",
        steps=1500,
        options={"lr": 5e-3, "ema": 0.99, "every": 100},
    ),
)
