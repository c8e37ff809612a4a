"""Upper bound of masking: separation by masks made from the true stems, in each spectrogram.

A mask weights every cell of a spectrogram between 0 and 1. The ideal mask is made from the true
stems, so it shows how well a stem is separated if its mask is estimated without error. Better
results need a correction of the phases, which remain those of the mixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from benchmarks.recordings import data_folder
from benchmarks.results import Score
from mirlab import dsp, examples, spectra
from mirlab.core import Audio, MirlabError, Notes

SR = 22050
START, LENGTH = 7.0, 8.0  # s
ITERATIONS = 5  # of an inversion: twenty iterations change a masked stem by less than 0.2 dB
ENSEMBLES = ("band", "chorale", "quartet", "sevenths", "waltz")
RECORDED = ("stems_mdn", "stems_musdb_sample", "stems_urmp/*", "stems_everythingisfree/*")

PROTOCOL = """
ideal masks: SI-SDR in dB (mirlab.dsp.si_sdr) of every stem against the true one, mean over the
stems of a mixture; mono, 22,050 Hz, 8 s from second 7 on, or what there is; a mixture is the sum of
its stems, and its phases are kept. ratio: each cell is weighed by the stem's share of the power,
P_i / sum_j P_j; binary: by 1 where that is more than a half, else by 0; drums and pitched: the
ratio mask's mean over those stems alone; back: each stem there and back without a mask, the bound
of what the inverse loses. Rows: mixture = a mask of ones; STFT = n_fft, hop a quarter of it; CQT 12
= 103 bins from 27.5 Hz, hop 32; CQT and VQT 36 = 309 bins, hop 128: hops so short that next to
nothing falls between frames; their inverse: five turns of conjugate gradients. Mel (128 bands),
Gammatone (64) and Wavelet (103 bins) have no way back that keeps the phases: all with hop 256,
their mask is interpolated along frequency on to the STFT of 2048 at the same times. Sets: rendered
= the stems of the shipped 'song', and five other shipped pieces, the notes of each program played
alone by FluidSynth, all at the same peak; recorded = seven excerpts with their stems (stems_mdn,
stems_musdb_sample, stems_urmp, stems_everythingisfree). Nothing is chosen on them.
"""

Inverse = spectra.STFT | spectra.VQT  # whose inversion keeps the phases


@dataclass(frozen=True)
class Mixture:
    """Stems of a mixture by name; each of shape (samples,), float32."""

    name: str
    stems: dict[str, np.ndarray]


@dataclass(frozen=True)
class Method:
    """The spectrogram in which a mask is made, and the transform to which it is applied."""

    transform: spectra.Transform
    inverse: Inverse


def ideal_masks() -> Iterator[Score]:
    """Score ideal masks of every spectrogram on rendered and on recorded mixtures."""
    sets = {"rendered": rendered_mixtures(), "recorded": recorded_mixtures(data_folder())}
    known = methods()
    with tqdm(desc="ideal masks", total=sum(map(len, sets.values())), unit="mixture") as bar:
        for name, mixtures in sets.items():
            for mixture in mixtures:
                yield from score(f"ideal masks, {name}", mixture, known)
                bar.update()


def methods() -> dict[str, Method]:
    """Transform and inverse of each row."""
    semitone: dict[str, Any] = {"fmin": 27.5, "n_bins": 103, "bins_per_octave": 12}
    third: dict[str, Any] = {"fmin": 27.5, "n_bins": 309, "bins_per_octave": 36, "hop_length": 128}
    inverses: dict[str, Inverse] = {
        f"STFT {n}": spectra.STFT(n_fft=n, hop_length=n // 4) for n in (512, 1024, 2048, 4096, 8192)
    }
    inverses["CQT 12"] = spectra.CQT(**semitone, hop_length=32)
    inverses["CQT 36"] = spectra.CQT(**third)
    inverses["VQT 36"] = spectra.VQT(**third)
    found = {name: Method(inverse, inverse) for name, inverse in inverses.items()}
    stft = spectra.STFT(hop_length=256)
    found["Mel"] = Method(spectra.Mel(hop_length=256), stft)
    found["Gammatone"] = Method(spectra.Gammatone(hop_length=256), stft)
    found["Wavelet"] = Method(spectra.Wavelet(**semitone, hop_length=256), stft)
    return found


def score(name: str, mixture: Mixture, known: dict[str, Method]) -> Iterator[Score]:
    """Score every row on one mixture."""
    stems = torch.from_numpy(np.stack(list(mixture.stems.values())))
    drums = [stem.startswith("drums") for stem in mixture.stems]
    nothing = stems.sum(0).expand_as(stems)
    yield Score(name, mixture.name, "mixture", values(stems, drums, nothing, nothing))
    for row, method in known.items():
        ratio, binary, back = separated(stems, method)
        found = values(stems, drums, ratio, binary)
        yield Score(name, mixture.name, row, found | {"back": float(si_sdr(stems, back).mean())})


def values(stems: Tensor, drums: list[bool], ratio: Tensor, binary: Tensor) -> dict[str, float]:
    """Measures of the stems that the two masks give, all of shape (stems, samples)."""
    each = si_sdr(stems, ratio)
    found = {"ratio": each.mean(), "binary": si_sdr(stems, binary).mean()}
    if any(drums):
        found["drums"] = each[drums].mean()
    found["pitched"] = each[~np.array(drums)].mean()
    return {measure: float(value) for measure, value in found.items()}


def si_sdr(stems: Tensor, estimates: Tensor) -> np.ndarray:
    """SI-SDR of each stem in dB, shape (stems,)."""
    pairs = zip(stems.numpy(), estimates.numpy(), strict=True)
    return np.array([dsp.si_sdr(stem, estimate) for stem, estimate in pairs])


def separated(stems: Tensor, method: Method) -> tuple[Tensor, Tensor, Tensor]:
    """Separate the sum of some stems by the ideal masks of one spectrogram.

    Parameters
    ----------
    stems
        Shape (stems, samples).
    way
        Where the masks are made and where they are applied.

    Returns
    -------
    ratio, binary, back : Tensor, shape (stems, samples)
        The stems that the two masks give, and the stems after transform and inverse without a mask.
    """
    cells = method.inverse(stems)
    power = spectra.scale(
        cells if method.transform is method.inverse else method.transform(stems), "power"
    )
    ratio = power / power.sum(0).clamp(min=torch.finfo(power.dtype).tiny)
    masks = [ratio, (ratio > 0.5).to(ratio)]
    if method.transform is not method.inverse:
        weights = between(method.transform.frequencies, method.inverse.frequencies)
        masks = [weights @ mask for mask in masks]
    whole = cells.sum(0)
    sounds = torch.cat([masks[0] * whole, masks[1] * whole, cells])
    length = stems.shape[-1]
    if isinstance(method.inverse, spectra.VQT):
        found = method.inverse.invert(sounds, length=length, iterations=ITERATIONS)
    else:
        found = method.inverse.invert(sounds, length=length)
    ratio, binary, back = found.split(len(stems))
    return ratio, binary, back


def between(hz: Tensor, wanted: Tensor) -> Tensor:
    """Matrix that interpolates a mask linearly in Hz from some frequencies to others.

    Below the first and above the last frequency the mask is constant.

    Returns
    -------
    Tensor
        Shape (len(wanted), len(hz)); every row adds up to 1.
    """
    rows = [np.interp(wanted.numpy(), hz.numpy(), row) for row in np.eye(len(hz))]
    return torch.from_numpy(np.stack(rows, axis=1)).to(hz)


def rendered_mixtures() -> list[Mixture]:
    """The package's examples for several instruments."""
    song = {name: audio.y[0] for name, audio in examples.load("song").stems.items()}
    pieces = {"song": song} | {name: parts(examples.load(name).notes) for name in ENSEMBLES}
    return [excerpt(name, stems) for name, stems in pieces.items()]


def parts(notes: Notes) -> dict[str, np.ndarray]:
    """Sound of the notes of each program alone, and of the drums; shape (samples,) each."""
    chosen = {f"program {n}": ~notes.is_drum & (notes.program == n) for n in set(notes.program)}
    chosen["drums"] = notes.is_drum
    return {
        name: notes[mask].render(sr=SR, synth="fluidsynth").y[0]
        for name, mask in sorted(chosen.items())
        if mask.any()
    }


def recorded_mixtures(folder: Path) -> list[Mixture]:
    """The excerpts of real music with known stems.

    Raises
    ------
    MirlabError
        When a set is missing.
    """
    found = []
    for pattern in RECORDED:
        folders = sorted(path for path in folder.glob(pattern) if path.is_dir())
        if not folders:
            raise MirlabError(f"{folder}: has no {pattern}; the development recordings are needed")
        for path in folders:
            files = [path for path in sorted(path.iterdir()) if path.suffix in (".flac", ".mp3")]
            stems = {
                path.stem: Audio.load(path, mono=True, sr=SR).y[0]
                for path in files
                if path.stem != "mixture"
            }
            found.append(excerpt(path.name, stems))
    return found


def excerpt(name: str, stems: dict[str, np.ndarray]) -> Mixture:
    """Cut 8 s from second 7 on, or all that there is, out of every stem; omit silent stems."""
    samples = min(y.size for y in stems.values())
    start = min(round(START * SR), max(0, samples - round(LENGTH * SR)))
    cut = {stem: y[start : min(samples, start + round(LENGTH * SR))] for stem, y in stems.items()}
    return Mixture(name, {stem: y for stem, y in cut.items() if np.any(y)})
