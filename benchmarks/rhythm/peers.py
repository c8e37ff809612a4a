"""Published beat trackers in a form that the benchmarks compare: librosa and madmom."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.recordings import numbered
from benchmarks.results import ROOT
from mirlab.core import Audio, MirlabError, Segments
from mirlab.core.constants import SAMPLE_RATE

MADMOM_RATE = 44100
SCRIPT = Path(__file__).with_name("madmom_beats.py")
CACHE = ROOT / "_build" / "madmom"


def librosa_beats(audio: Audio) -> np.ndarray:
    """Beats of `librosa.beat.beat_track` with its defaults, in seconds, shape (n,)."""
    import librosa

    y = audio.mono().resample(SAMPLE_RATE).y[0]
    _, times = librosa.beat.beat_track(y=y, sr=SAMPLE_RATE, units="time")
    return np.asarray(times, float)


def madmom_python() -> Path:
    """Return the Python of madmom's environment: `$MIRLAB_MADMOM`, or that of `make peers`.

    Raises
    ------
    MirlabError
        When there is none.
    """
    python = Path(os.environ.get("MIRLAB_MADMOM") or ROOT / ".venv-madmom" / "bin" / "python")
    if not python.is_file():
        raise MirlabError(
            "madmom needs an environment of its own: run `make peers`, or set MIRLAB_MADMOM to "
            "the Python of one"
        )
    return python


def madmom_beats(sounds: Sequence[Audio]) -> list[tuple[np.ndarray, Segments]]:
    """Beats and numbered beats of madmom's two published networks.

    The answers are cached in `_build/madmom`, for the networks take a third of the duration of the
    music.

    Returns
    -------
    list
        For each sound the beats of `RNNBeatProcessor` and `DBNBeatTrackingProcessor`, in seconds,
        shape (n,), and those of `RNNDownBeatProcessor` and `DBNDownBeatTrackingProcessor` with bars
        of 2, 3 or 4 beats, one segment per beat, labelled with its number in the bar.

    Raises
    ------
    MirlabError
        When madmom is missing or fails.

    References
    ----------
    Böck et al., "madmom: a new Python audio and music signal processing library", ACM Multimedia
    2016; Böck, Krebs and Widmer, ISMIR 2016.
    """
    signals = [audio.mono().resample(MADMOM_RATE).y[0] for audio in sounds]
    files = [CACHE / f"{_digest(y)}.json" for y in signals]
    missing = {file: y for file, y in zip(files, signals, strict=True) if not file.exists()}
    if missing:
        CACHE.mkdir(parents=True, exist_ok=True)
        for file, line in zip(missing, _run_madmom(list(missing.values())), strict=True):
            file.write_text(line, encoding="utf-8")
    answers = [json.loads(file.read_text("utf-8")) for file in files]
    tables = [np.reshape(answer["bars"], (-1, 2)) for answer in answers]
    return [
        (np.array(answer["beats"], float), numbered(table[:, 0], table[:, 1]))
        for answer, table in zip(answers, tables, strict=True)
    ]


def _run_madmom(signals: Sequence[np.ndarray]) -> list[str]:
    """Lines of JSON that the script prints for signals of 44,100 Hz."""
    python = madmom_python()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i}.wav" for i in range(len(signals))]
        for path, y in zip(paths, signals, strict=True):
            soundfile.write(path, y, MADMOM_RATE, "PCM_16")
        done = subprocess.run([python, SCRIPT, *paths], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise MirlabError(f"madmom failed: {reason[:200]}")
    return done.stdout.splitlines()


def _digest(y: np.ndarray) -> str:
    """The sha256 of a signal and of the script that is run on it."""
    return hashlib.sha256(SCRIPT.read_bytes() + y.tobytes()).hexdigest()
