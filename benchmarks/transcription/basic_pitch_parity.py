"""Basic Pitch: the notes of its package compared with ours, recording by recording.

The package is imported only where it is used, not by the library: `pip install --no-deps
basic-pitch==0.4.0` beside librosa, pretty_midi, mir_eval, resampy and onnxruntime.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks import results
from benchmarks.recordings import data_folder
from benchmarks.results import Score
from mirlab.core import Audio, MissingPartError, Notes
from mirlab.transcription import basic_pitch_posteriors, basic_pitch_weights, notes_from_posteriors

SOUNDS = (".wav", ".flac", ".mp3", ".ogg")
EXACT = 9  # decimals to which seconds are compared

PROTOCOL = """
Every sound file of the development recordings, through the package's predict (version 0.4.0, its
ONNX file, its defaults) and through ours, added up over each set. The package drops the last
0.7 % of every recording, counting 86 frames a second where its windows give 86.6; ours goes on to
the end. So there are two rows of ours: onnx = our posteriors
cut where the package cuts them, then our decoder; whole = mirlab.transcribe as it is, which ends
the last notes later and may find one more. notes: how many the row finds; equal: how many of them
the package finds too, with the same pitch, onset and offset (to a nanosecond); velocity, bends: how
many of those agree in velocity, and in the bend of every frame too (the package drops the bends of
notes that overlap, and so do we; our contour is kept in half precision, so that now and then one
frame of a bend is a third of a semitone off); files: recordings in which all notes are equal.
official = the package itself, the most that can be reached.
"""


@dataclass(frozen=True)
class Agreement:
    """Numbers of notes that two systems find in a recording, and of those that agree."""

    theirs: int
    ours: int
    equal: int
    velocity: int
    bends: int
    whole: int
    whole_equal: int


def sound_files(folder: Path) -> list[Path]:
    """Every recording of the development sets, in order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS)


@cache
def package() -> tuple[Any, Any]:
    """Inference function and model of the package; loaded once per process.

    Raises
    ------
    MissingPartError
        When it cannot be imported; with the reason and the command that installs it.
    """
    logging.disable(logging.WARNING)  # it warns about every missing runtime
    try:
        from basic_pitch import inference
    except (ImportError, NameError) as reason:
        raise MissingPartError(
            f"basic_pitch cannot be imported ({reason}): pip install resampy onnxruntime && "
            "pip install --no-deps basic-pitch==0.4.0"
        ) from None
    finally:
        logging.disable(logging.NOTSET)
    return inference, inference.Model(basic_pitch_weights())


def agreement(path: Path) -> Agreement:
    """Compare the package's notes with ours on one file."""
    inference, model = package()
    from basic_pitch.note_creation import drop_overlapping_pitch_bends

    with contextlib.redirect_stdout(io.StringIO()):
        outputs, _, events = inference.predict(path, model)
    y, sr = soundfile.read(path, dtype="float32", always_2d=True)  # as the package: an MP3 may
    audio = Audio(y.T, sr)  # have more samples than its header lets libsndfile expect
    posteriors = basic_pitch_posteriors(audio)
    frames = the_packages_frames(audio)
    assert frames == len(outputs["note"])
    theirs = {
        (round(float(start), EXACT), int(pitch), round(float(end), EXACT)): (level, bend)
        for start, end, pitch, level, bend in drop_overlapping_pitch_bends(events)
    }
    cut = notes_from_posteriors(*(part[:frames] for part in posteriors))
    whole = notes_from_posteriors(*posteriors)
    equal = [i for i, key in enumerate(keys(cut)) if key in theirs]
    same = [theirs[keys(cut)[i]] for i in equal]
    return Agreement(
        theirs=len(events),
        ours=len(cut),
        equal=len(equal),
        velocity=sum(
            int(cut.velocity[i]) == max(1, round(127 * float(level)))
            for i, (level, _) in zip(equal, same, strict=True)
        ),
        bends=sum(same_bend(cut, i, bend) for i, (_, bend) in zip(equal, same, strict=True)),
        whole=len(whole),
        whole_equal=sum(key in theirs for key in keys(whole)),
    )


def the_packages_frames(audio: Audio) -> int:
    """Number of frames that the package keeps: 86 per second, rounded down."""
    return int(np.floor(audio.mono().resample(22050).samples * (86 / 22050)))


def keys(notes: Notes) -> list[tuple[float, int, float]]:
    """Values by which notes are compared: onset, pitch, offset."""
    rows = zip(notes.onset, notes.pitch, notes.offset, strict=True)
    return [(round(float(a), EXACT), int(p), round(float(b), EXACT)) for a, p, b in rows]


def same_bend(notes: Notes, i: int, bend: list[int] | None) -> bool:
    """Whether the bend of a note equals the package's: thirds of a semitone per frame, or None."""
    curve = notes.bends[i] if notes.bends is not None else np.zeros((0, 2))
    steps = np.zeros(0) if bend is None else np.asarray(bend, float)
    if not steps.any():
        return not len(curve)
    changes = np.r_[0, np.flatnonzero(np.diff(steps)) + 1]
    return len(curve) == changes.size and bool(np.allclose(3 * curve[:, 1], steps[changes]))


def compared(folder: Path) -> Iterator[Score]:
    """Compare all files, and add up the counts of each set."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    package()  # what is missing is said here
    paths = sound_files(folder)
    pool = Parallel(n_jobs=-1, return_as="generator")
    answers = pool(delayed(agreement)(path) for path in paths)
    found: dict[str, list[Agreement]] = {}
    for path, counts in zip(paths, tqdm(answers, total=len(paths), unit="file"), strict=True):
        found.setdefault(path.relative_to(folder).parts[0], []).append(counts)
    for name, rows in found.items():
        yield from added_up(name, rows)


def added_up(name: str, rows: list[Agreement]) -> Iterator[Score]:
    """Sum of the recordings of a set."""
    names = [field.name for field in fields(Agreement)]
    total = {each: float(sum(getattr(counts, each) for counts in rows)) for each in names}
    right = float(sum(counts.equal == counts.theirs == counts.ours for counts in rows))
    file = f"{len(rows)} recordings"
    everything = {"notes": total["theirs"], "equal": total["theirs"], "files": float(len(rows))}
    yield Score(name, file, "official", everything)
    ours = {"notes": total["ours"], "files": right}
    ours |= {each: total[each] for each in ("equal", "velocity", "bends")}
    yield Score(name, file, "onnx", ours)
    yield Score(name, file, "whole", {"notes": total["whole"], "equal": total["whole_equal"]})


def measured() -> list[Score]:
    """Scores by set."""
    return list(compared(data_folder()))


def main() -> int:
    """Run the benchmark as a command; return its exit code."""
    about = f"Compare the notes of Basic Pitch's package with ours.\n{PROTOCOL}"
    return results.run(
        "transcription/basic_pitch_parity",
        about,
        measured,
        protocol=PROTOCOL,
        weights=results.basic_pitch_sha256,
    )


if __name__ == "__main__":
    # worker processes import the functions under this name
    from benchmarks.transcription import basic_pitch_parity

    sys.exit(basic_pitch_parity.main())
