"""Drums: a skin that falls in pitch, a hiss, and metal that rings in no ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from .checks import require_range
from .filters import HIGHEST, resonant_filter
from .note_batch import NoteBatch, finish

ATTACK = 0.001  # s
HISS = 0.4  # root mean square of noise that counts as loud as a sine of peak 1
FALL = 0.03  # s in which the skin's pitch comes down
METAL = (1.0, 1.48, 1.8, 2.55, 2.63, 3.9)  # the partials of a plate lie in no simple ratio


class DrumSound(NamedTuple):
    """How a drum sounds: levels, frequencies in Hz, and seconds in which a part falls by 60 dB."""

    skin: float = 0.0
    skin_hz: float = 100.0
    drop: float = 0.0  # how much higher the skin begins, as a part of its frequency
    skin_t60: float = 0.3
    hiss: float = 0.0
    hiss_hz: float = 3000.0
    hiss_t60: float = 0.3
    metal: float = 0.0
    metal_hz: float = 2500.0
    metal_t60: float = 0.5


KICK = DrumSound(1.0, 52, 2.0, 0.45, 0.1, 1500, 0.03)
SNARE = DrumSound(0.7, 185, 0.6, 0.18, 0.7, 3500, 0.25)
RIM = DrumSound(0.6, 480, 0.2, 0.06, 0.5, 2500, 0.05)
CLAP = DrumSound(hiss=1.0, hiss_hz=1300, hiss_t60=0.3)
HAT = DrumSound(hiss=1.0, hiss_hz=8500, hiss_t60=0.09, metal=0.3, metal_hz=3800, metal_t60=0.08)
OPEN_HAT = HAT._replace(hiss_t60=0.6, metal_t60=0.55)
RIDE = DrumSound(hiss=0.5, hiss_hz=7000, hiss_t60=1.0, metal=0.6, metal_hz=2600, metal_t60=1.6)
BELL = RIDE._replace(hiss=0.2, metal=1.0, metal_hz=2100)
CRASH = DrumSound(hiss=1.0, hiss_hz=6000, hiss_t60=2.0, metal=0.3, metal_hz=2300, metal_t60=1.6)
COWBELL = DrumSound(hiss=0.05, metal=1.0, metal_hz=560, metal_t60=0.25)
SHAKER = DrumSound(hiss=1.0, hiss_hz=6000, hiss_t60=0.1)
TOMS = {key: 80 * 2 ** (i / 4) for i, key in enumerate((41, 43, 45, 47, 48, 50))}

DrumSounds = dict[str, Tensor]  # the fields of a stroke, each of shape (1, 1)

# By General MIDI key; a key that is not here is a shaker.
DRUM_SOUNDS = {35: KICK, 36: KICK, 37: RIM, 38: SNARE, 39: CLAP, 40: SNARE, 42: HAT, 44: HAT}
DRUM_SOUNDS |= {46: OPEN_HAT, 49: CRASH, 51: RIDE, 52: CRASH, 53: BELL, 55: CRASH, 56: COWBELL}
DRUM_SOUNDS |= {57: CRASH, 59: RIDE, 75: RIM, 76: RIM, 77: RIM}
DRUM_SOUNDS |= {key: DrumSound(1.0, hz, 0.5, 0.5, 0.1, 2000, 0.08) for key, hz in TOMS.items()}


@dataclass(frozen=True)
class DrumKit:
    """A drum kit: which drum sounds is said by the note's General MIDI key.

    Drums ring in their own time, however long the note is; bends do nothing.

    Parameters
    ----------
    tuning
        How high skins and metal are tuned, 0.5..2; 1 is the middle.
    ringing
        How long they ring, 0.3..3.
    hiss
        How loud wires, sticks and cymbals hiss, 0..3.
    brightness
        How high they hiss, 0.5..1.5.

    Raises
    ------
    AudioError
        For a number out of its range.

    Examples
    --------
    >>> kick, snare = (440 * 2 ** ((key - 69) / 12) for key in (36, 38))
    >>> DrumKit()(NoteBatch([kick, snare], sr=22050)).shape
    torch.Size([2, 9922])
    """

    tuning: float = 1.0
    ringing: float = 1.0
    hiss: float = 1.0
    brightness: float = 1.0

    def __post_init__(self) -> None:
        require_range("tuning", self.tuning, 0.5, 2)
        require_range("ringing", self.ringing, 0.3, 3)
        require_range("hiss", self.hiss, 0, 3)
        require_range("brightness", self.brightness, 0.5, 1.5)

    def __call__(self, voices: NoteBatch) -> Tensor:
        """Play the strokes; `(batch, samples)`, float32."""
        keys = (69 + 12 * torch.log2(voices.hz / 440)).round().long()
        # drum by drum: a hi-hat need not be computed for as long as a cymbal rings
        played = {key: self._strokes(voices, keys == key, key) for key in keys.unique().tolist()}
        samples = max(y.shape[1] for y in played.values())
        together = torch.zeros(len(voices), samples, device=voices.hz.device)
        for key, y in played.items():
            together[keys == key, : y.shape[1]] = y
        return together

    def _strokes(self, voices: NoteBatch, mine: Tensor, key: int) -> Tensor:
        """The strokes of one drum, at those places of the batch."""
        own = NoteBatch(
            voices.hz[mine],
            velocity=voices.velocity[mine],
            sr=voices.sr,
            seed=[voices.seeds[i] for i in mine.nonzero()[:, 0].tolist()],
            device=voices.hz.device,
        )
        columns = torch.tensor(
            DRUM_SOUNDS.get(key, SHAKER), dtype=torch.float64, device=mine.device
        )
        stroke = dict(zip(DrumSound._fields, columns[:, None, None], strict=True))  # each (1, 1)
        rings = [(stroke[part] > 0) * stroke[f"{part}_t60"] for part in ("skin", "hiss", "metal")]
        t = own.times(round(self.ringing * float(torch.stack(rings).max()) * own.sr))
        rung = self._skin(stroke, t) + self._metal(stroke, t, own.sr)  # alike in all strokes
        y = rung.to(torch.float32).repeat(len(own), 1)
        # the noise, which takes most of the time, is made for as long as it is heard
        hissing = t[: round(self.ringing * float(rings[1]) * own.sr)]
        if len(hissing):
            y[:, : len(hissing)] += self._hiss(stroke, hissing, own)
        return finish(y * (t / ATTACK).clamp(max=1).to(torch.float32), own)

    def _skin(self, batch: DrumSounds, t: Tensor) -> Tensor:
        """A sine that begins too high and comes down."""
        seconds = t + batch["drop"] * FALL * (1 - torch.exp(-t / FALL))
        sine = torch.sin(2 * math.pi * self.tuning * batch["skin_hz"] * seconds)
        return batch["skin"] * sine * self._decay(t, batch["skin_t60"])

    def _metal(self, batch: DrumSounds, t: Tensor, sr: int) -> Tensor:
        """Sines in no ratio."""
        y = torch.zeros_like(t)
        for ratio in METAL:
            hz = self.tuning * ratio * batch["metal_hz"]
            y = y + (hz < HIGHEST * sr) / len(METAL) * torch.sin(2 * math.pi * hz * t)
        return batch["metal"] * y * self._decay(t, batch["metal_t60"])

    def _hiss(self, batch: DrumSounds, t: Tensor, voices: NoteBatch) -> Tensor:
        """Band-passed noise, as loud as the noise would be through any band."""
        hz = (self.brightness * batch["hiss_hz"]).clamp(max=voices.sr / 3)
        noise = resonant_filter(voices.white_noise(len(t)), hz, sr=voices.sr, q=1.0, kind="band")
        kept = math.pi / 2 * hz / (voices.sr / 2)
        level = self.hiss * HISS * batch["hiss"] / kept.sqrt()
        return noise.mul_((level * self._decay(t, batch["hiss_t60"])).to(torch.float32))

    def _decay(self, t: Tensor, t60: Tensor) -> Tensor:
        """60 dB down in its time, and from nine tenths of it on to silence."""
        t60 = self.ringing * t60
        return 10 ** (-3 * t / t60) * (10 * (1 - t / t60)).clamp(0, 1)
