"""Published beat trackers in a form that the benchmarks compare: librosa and madmom."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.recordings import numbered
from benchmarks.results import ROOT
from mirlab.core import Audio, MirlabError, Segments
from mirlab.core.constants import SAMPLE_RATE

MADMOM_RATE = 44100


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


def madmom_beats(audio: Audio) -> tuple[np.ndarray, Segments]:
    """Beats and numbered beats of madmom's two published networks.

    Returns
    -------
    beats
        Of `RNNBeatProcessor` and `DBNBeatTrackingProcessor`, in seconds, shape (n,).
    bars
        Of `RNNDownBeatProcessor` and `DBNDownBeatTrackingProcessor` with bars of 2, 3 or 4 beats,
        one segment per beat, labelled with its number in the bar.

    Raises
    ------
    MirlabError
        When madmom is missing or fails.

    References
    ----------
    Böck et al., "madmom: a new Python audio and music signal processing library", ACM Multimedia
    2016; Böck, Krebs and Widmer, ISMIR 2016.
    """
    python = madmom_python()
    script = Path(__file__).with_name("madmom_beats.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        soundfile.write(path, audio.mono().resample(MADMOM_RATE).y[0], MADMOM_RATE, "PCM_16")
        done = subprocess.run([python, script, path], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise MirlabError(f"madmom failed: {reason[:200]}")
    found = json.loads(done.stdout.splitlines()[-1])
    table = np.reshape(found["bars"], (-1, 2))
    return np.array(found["beats"], float), numbered(table[:, 0], table[:, 1])
