"""Drum synthesis: a membrane of falling pitch, filtered noise, and inharmonic metal."""

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
HISS = 0.4  # root mean square of noise about as loud as a sine of peak 1
DROP_TIME = 0.03  # s, time constant of the membrane's falling pitch
METAL = (1.0, 1.48, 1.8, 2.55, 2.63, 3.9)  # the partials of a plate are inharmonic


class DrumSound(NamedTuple):
    """Settings of a drum: levels, frequencies in Hz, and 60 dB decay times in seconds."""

    skin: float = 0.0
    skin_hz: float = 100.0
    drop: float = 0.0  # initial rise of the membrane's pitch, as a fraction of its frequency
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

# By General MIDI key; any other key is a shaker.
DRUM_SOUNDS = {35: KICK, 36: KICK, 37: RIM, 38: SNARE, 39: CLAP, 40: SNARE, 42: HAT, 44: HAT}
DRUM_SOUNDS |= {46: OPEN_HAT, 49: CRASH, 51: RIDE, 52: CRASH, 53: BELL, 55: CRASH, 56: COWBELL}
DRUM_SOUNDS |= {57: CRASH, 59: RIDE, 75: RIM, 76: RIM, 77: RIM}
DRUM_SOUNDS |= {key: DrumSound(1.0, hz, 0.5, 0.5, 0.1, 2000, 0.08) for key, hz in TOMS.items()}


@dataclass(frozen=True)
class DrumKit:
    """A drum kit; the note's General MIDI key selects the drum.

    The decay of a drum does not depend on the length of the note; bends have no effect.

    Parameters
    ----------
    tuning
        Factor on the frequencies of membranes and metal, 0.5..2.
    ringing
        Factor on the decay times, 0.3..3.
    hiss
        Factor on the level of the noise of wires, sticks and cymbals, 0..3.
    brightness
        Factor on the frequency of that noise, 0.5..1.5.

    Raises
    ------
    AudioError
        If a number is out of range.

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
        """Render the strokes; `(batch, samples)`, float32."""
        keys = (69 + 12 * torch.log2(voices.hz / 440)).round().long()
        # drum by drum, since a hi-hat is much shorter than a cymbal
        drums = {key: self._strokes(voices, keys == key, key) for key in keys.unique().tolist()}
        samples = max(y.shape[1] for y in drums.values())
        result = torch.zeros(len(voices), samples, device=voices.hz.device)
        for key, y in drums.items():
            result[keys == key, : y.shape[1]] = y
        return result

    def _strokes(self, voices: NoteBatch, mask: Tensor, key: int) -> Tensor:
        """Render the strokes of one drum, given as a mask of the batch."""
        strokes = NoteBatch(
            voices.hz[mask],
            velocity=voices.velocity[mask],
            sr=voices.sr,
            seed=[voices.seeds[i] for i in mask.nonzero()[:, 0].tolist()],
            device=voices.hz.device,
        )
        columns = torch.tensor(
            DRUM_SOUNDS.get(key, SHAKER), dtype=torch.float64, device=mask.device
        )
        drum = dict(zip(DrumSound._fields, columns[:, None, None], strict=True))  # each (1, 1)
        decays = [(drum[part] > 0) * drum[f"{part}_t60"] for part in ("skin", "hiss", "metal")]
        t = strokes.times(round(self.ringing * float(torch.stack(decays).max()) * strokes.sr))
        tone = self._skin(drum, t) + self._metal(drum, t, strokes.sr)  # the same in all strokes
        y = tone.to(torch.float32).repeat(len(strokes), 1)
        # the noise, which takes most of the time, is computed only while it is audible
        noisy = t[: round(self.ringing * float(decays[1]) * strokes.sr)]
        if len(noisy):
            y[:, : len(noisy)] += self._hiss(drum, noisy, strokes)
        return finish(y * (t / ATTACK).clamp(max=1).to(torch.float32), strokes)

    def _skin(self, drum: DrumSounds, t: Tensor) -> Tensor:
        """A sine of falling pitch."""
        seconds = t + drum["drop"] * DROP_TIME * (1 - torch.exp(-t / DROP_TIME))
        sine = torch.sin(2 * math.pi * self.tuning * drum["skin_hz"] * seconds)
        return drum["skin"] * sine * self._decay(t, drum["skin_t60"])

    def _metal(self, drum: DrumSounds, t: Tensor, sr: int) -> Tensor:
        """Inharmonic sines."""
        y = torch.zeros_like(t)
        for ratio in METAL:
            hz = self.tuning * ratio * drum["metal_hz"]
            y = y + (hz < HIGHEST * sr) / len(METAL) * torch.sin(2 * math.pi * hz * t)
        return drum["metal"] * y * self._decay(t, drum["metal_t60"])

    def _hiss(self, drum: DrumSounds, t: Tensor, voices: NoteBatch) -> Tensor:
        """Band-passed noise whose power does not depend on the band."""
        hz = (self.brightness * drum["hiss_hz"]).clamp(max=voices.sr / 3)
        noise = resonant_filter(voices.white_noise(len(t)), hz, sr=voices.sr, q=1.0, kind="band")
        power = math.pi / 2 * hz / (voices.sr / 2)  # fraction that the filter passes
        level = self.hiss * HISS * drum["hiss"] / power.sqrt()
        return noise.mul_((level * self._decay(t, drum["hiss_t60"])).to(torch.float32))

    def _decay(self, t: Tensor, t60: Tensor) -> Tensor:
        """Exponential decay by 60 dB in `t60`, faded to silence over its last tenth."""
        t60 = self.ringing * t60
        return 10 ** (-3 * t / t60) * (10 * (1 - t / t60)).clamp(0, 1)
