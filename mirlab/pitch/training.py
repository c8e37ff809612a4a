"""Training of the pitch tracker: synthetic voices with breath and consonants, loss, recipe."""

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
from .networks import FLOOR_DB, VQT_BINS, PitchFrontEnd, PitchNet

__all__ = ["pitch_loss"]

SECONDS = 6.0  # of an item
FRAMES = 96  # of an excerpt, 1.1 s
COMPOSED = 0.15  # probability of a composed melody; else a solo part with glides and vibrato
SYNTHS = 0.5  # probability that a synthesizer plays it, if there are sound fonts
CENTS = 50.0  # largest deviation of the tuning
VERSION = 2  # of the items: raise it when the synthesis or the format changes
BURSTS = 1.0  # consonants and breaths per second
BURST = (0.03, 0.25)  # s, duration
BURST_HZ = (800.0, 9000.0)  # centre frequency
BURST_DB = (-35.0, 0.0)  # level relative to the voice
ROLL = 18  # bins: largest transposition up or down, half an octave
TILT_DB = 15.0  # largest spectral tilt
GAIN_DB = 15.0  # largest attenuation
SCORED = 40  # test voices
WIDTH = 0.8  # bins: standard deviation of the target around the true pitch


def training_piece(seed: int) -> Piece:
    """A random piece, of which one part is rendered."""
    kind = compose if np.random.default_rng(seed).random() < COMPOSED else random_solo_parts
    return kind(seed, duration=SECONDS + 1)


def pitch_music(seed: int) -> SyntheticMusic:
    """Solo voices, strings, winds and keyboards, rendered with the installed sound fonts."""
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


def add_consonants(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add bursts of noise at random times, like breaths and consonants.

    Parameters
    ----------
    y
        Samples, shape `(samples,)`.
    rng
        Random number generator.
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
    """Item k: `spectrogram` (bins, frames), uint8; `pitch_bin` (frames,), -1 where unvoiced."""
    item = pitch_music(seed).item(k)
    y = add_consonants(item["audio"].numpy(), np.random.default_rng([seed, k, 1]))
    spectrogram = PitchFrontEnd()(torch.from_numpy(y)[None])[0].numpy()
    hz = item["f0"].numpy()
    pitch_bin = PER_OCTAVE * np.log2(np.maximum(hz, 1) / LOWEST_HZ)
    inside = (hz > 0) & (pitch_bin > -0.5) & (pitch_bin < PITCH_BINS - 0.5)
    return {
        "spectrogram": np.round(255 * spectrogram).astype(np.uint8),
        "pitch_bin": np.where(inside, pitch_bin, -1).astype(np.float32),
    }


def pitch_excerpt(item: Item, rng: np.random.Generator) -> dict[str, Tensor]:
    """A random excerpt of FRAMES frames: transposed, with a spectral tilt, attenuated."""
    first = random_start(item["pitch_bin"].size, FRAMES, rng)
    spectrogram = item["spectrogram"][:, first : first + FRAMES].astype(np.float32) / 255
    pitch_bin = item["pitch_bin"][first : first + FRAMES]
    roll = int(rng.integers(-ROLL, ROLL + 1))
    spectrogram = np.roll(spectrogram, roll, axis=0)
    if roll > 0:
        spectrogram[:roll] = 0
    elif roll < 0:
        spectrogram[roll:] = 0
    transposed = pitch_bin + roll
    inside = (pitch_bin >= 0) & (transposed > -0.5) & (transposed < PITCH_BINS - 0.5)
    tilt = rng.uniform(-TILT_DB, TILT_DB) * np.linspace(-0.5, 0.5, VQT_BINS)
    gain = (tilt - rng.uniform(0, GAIN_DB)) / -FLOOR_DB
    spectrogram = (spectrogram + gain[:, None].astype(np.float32)).clip(0, 1)
    target = np.where(inside, transposed, -1).astype(np.float32)
    return {"spectrogram": torch.from_numpy(spectrogram), "pitch_bin": torch.from_numpy(target)}


def _cache_key() -> str:
    """Cache key: everything that the items depend on."""
    settings = (VERSION, SECONDS, COMPOSED, SYNTHS, CENTS, BURSTS, BURST, BURST_HZ, BURST_DB)
    return f"f0 {settings} {sorted(training_fonts())}"


# an hour of audio, rendered at the first use in about 100 CPU seconds
PITCH_DATA = TrainingData(
    item=pitch_item, augment=pitch_excerpt, key=_cache_key, items=600, validation_items=32
)


def pitch_loss(pitch: Tensor, voicing: Tensor, pitch_bin: Tensor) -> Tensor:
    """Cross entropy of the pitch, in voiced frames, plus twice that of the voicing.

    Parameters
    ----------
    pitch, voicing
        Outputs of `PitchNet`.
    pitch_bin
        True pitch in bins, shape `(batch, frames)`; below -0.5 in unvoiced frames.

    Returns
    -------
    Tensor
        Shape `()`.
    """
    voiced = (pitch_bin > -0.5).to(pitch)
    bins = torch.arange(PITCH_BINS, device=pitch_bin.device)[:, None]
    target = torch.exp(-0.5 * ((bins - pitch_bin[:, None]) / WIDTH).square())
    target = target / target.sum(1, keepdim=True).clamp(min=1e-9)
    cross_entropy = -(target * log_softmax(pitch, dim=1)).sum(1)
    pitch_term = (cross_entropy * voiced).sum() / voiced.sum().clamp(min=1)
    return pitch_term + 2 * binary_cross_entropy_with_logits(voicing, voiced)


def _loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Loss of a tracker on a batch of excerpts."""
    pitch, voicing = model(batch["spectrogram"])
    return pitch_loss(pitch, voicing, batch["pitch_bin"])


def rendered_scores(model: PitchNet, *, seed: int, number: int) -> dict[str, float]:
    """Score a tracker on synthetic voices: means of three melody measures of mir_eval.

    Parameters
    ----------
    model
        The tracker.
    seed
        Seed of the voices and their consonants.
    number
        Number of voices, of 6 s each.
    """
    from mir_eval import melody

    music = pitch_music(seed)
    rows = []
    for k in range(number):
        item = music.item(k)
        y = add_consonants(item["audio"].numpy(), np.random.default_rng([seed, k, 1]))
        track = model.track_pitch(Audio(y, SAMPLE_RATE))
        true, found = item["f0"].numpy().astype(float), track.hz
        voiced = (track.voicing >= 0.5).astype(float)
        cents = (melody.hz2cents(true), melody.hz2cents(found))
        true_voiced = (true > 0).astype(float)
        recall, alarm = melody.voicing_measures(true_voiced, voiced)
        rows.append(
            {
                "rpa": melody.raw_pitch_accuracy(true_voiced, cents[0], voiced, cents[1]),
                "voicing_recall": recall,
                "voicing_false_alarm": alarm,
            }
        )
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _score(model: nn.Module) -> dict[str, float]:
    """Scores on test pieces, disjoint from training and validation."""
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
            f"{SCORED} synthetic voices of 6 s of a test seed"
        ),
        trained_on="mirlab.synthesis only: solo parts with glides, vibrato and breath, and "
        "composed melodies, with noise bursts; rendered with installed sound fonts and mirlab's "
        "synthesizers",
        licence="CC0-1.0",
        steps=1500,
        options={"lr": 5e-3, "ema": 0.99, "every": 100},
    ),
)
