"""Vocals of real songs: the classical methods of `mirlab.separation`.

They are compared with the mixture itself as its own estimate, and with the upper bound `ceiling`
(the ideal Wiener mask, made from the true stems).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from mirlab import dsp
from mirlab.core import Audio, MirlabError
from mirlab.evaluation import separation_scores
from mirlab.separation import separate, separate_ideally

SET = "songs"
MAX_DECIBELS = 100  # beyond it, the error is rounding
SONGS = (
    *(f"stems_everythingisfree/{name}" for name in ("Caesium", "Lithium", "Potassium")),
    "stems_musdb_sample",
)

PROTOCOL = """
four songs of 7 to 28 s, each by itself; stereo, 44,100 Hz. The accompaniment is the mixture minus
the vocals, in truth and estimate. si_sdr: mirlab.dsp.si_sdr of the vocals in dB, of the mono
downmix. sdr, isr, sir, sar: those of the vocals, accompaniment_sdr: that of the accompaniment, in
dB, by mirlab.evaluation.separation_scores (BSS Eval v4 as in museval: filters of 512 taps for the
whole song, median over windows of 1 s in which nothing is silent); above 100 dB the error is
rounding, and the measure is left out. Mean over the songs with a 95 %
bootstrap interval. Rows: mixture = itself as the vocals, and as the accompaniment, too; hpss = the
harmonic part (mono) as the vocals; mid-side = the mid; repet-sim = the foreground; nmf, chosen =
those of the eight components that resemble the true vocals more than the true accompaniment, a
choice with the truth at hand; ceiling = ideal Wiener mask (separate_ideally). All methods have the
settings of the package; none was chosen on these songs.
"""


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    return results.run("separation/real_recordings", __doc__ or "", measure, protocol=PROTOCOL)


def measure() -> list[Score]:
    """Score every row on every song."""
    folder = data_folder()
    scores = []
    for song in tqdm(SONGS, desc="separation", unit="song"):
        mixture, vocals = load_song(folder / song)
        for row, estimate in vocals_of(mixture, vocals):
            values = score(mixture, vocals, estimate, whole=row == "mixture")
            scores.append(Score(SET, song, row, values))
    return scores


def load_song(folder: Path) -> tuple[Audio, np.ndarray]:
    """Mixture, and vocals of shape (channels, samples)."""
    paths = [folder / f"{name}.flac" for name in ("mixture", "vocals")]
    for path in paths:
        if not path.is_file():
            raise MirlabError(f"{path.name} of {folder.name} is missing in MIRLAB_DATA")
    mixture, vocals = (Audio.load(path) for path in paths)
    length = min(mixture.samples, vocals.samples)
    mixture = Audio(mixture.y[:, :length], mixture.sr)
    return mixture, np.broadcast_to(vocals.y[:, :length], mixture.y.shape)


def vocals_of(mixture: Audio, vocals: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Name of each row and its estimate of the vocals, shape (channels, samples)."""
    yield "mixture", mixture.y
    harmonic = separate(mixture, progress=False)["harmonic"].resample(mixture.sr).y
    missing = max(0, mixture.samples - harmonic.shape[1])
    harmonic = np.pad(harmonic, ((0, 0), (0, missing)))[:, : mixture.samples]
    yield "hpss", np.broadcast_to(harmonic, mixture.y.shape)
    for model, stem in (("mid-side", "mid"), ("repet-sim", "foreground")):
        yield model, separate(mixture, model=model, progress=False)[stem].y
    yield "nmf, chosen", chosen_components(mixture, vocals)
    true = {"vocals": vocals, "accompaniment": mixture.y - vocals}
    stems = {name: (y, mixture.sr) for name, y in true.items()}
    yield "ceiling", separate_ideally(mixture, stems)["vocals"].y


def chosen_components(mixture: Audio, vocals: np.ndarray) -> np.ndarray:
    """Sum of the components of NMF that resemble the true vocals more than the rest."""
    accompaniment = mixture.y - vocals
    total = np.zeros_like(mixture.y)
    for stem in separate(mixture, model="nmf", progress=False).values():
        if np.sum(stem.y * vocals) > np.sum(stem.y * accompaniment):
            total += stem.y
    return total


def score(
    mixture: Audio, vocals: np.ndarray, estimate: np.ndarray, *, whole: bool = False
) -> dict[str, float]:
    """Scores of an estimate of the vocals; measures without a value up to 100 dB are left out.

    With `whole`, the mixture is the estimate of the accompaniment, too.
    """
    rest = mixture.y if whole else mixture.y - estimate
    reference = {"vocals": vocals, "accompaniment": mixture.y - vocals}
    stems = {"vocals": estimate, "accompaniment": rest}
    scores = separation_scores(
        *({name: (y, mixture.sr) for name, y in sounds.items()} for sounds in (reference, stems))
    )
    values = scores["vocals"] | {"accompaniment_sdr": scores["accompaniment"]["sdr"]}
    values["si_sdr"] = dsp.si_sdr(vocals.mean(axis=0), estimate.mean(axis=0))
    return {name: value for name, value in values.items() if abs(value) <= MAX_DECIBELS}


if __name__ == "__main__":
    sys.exit(main())
