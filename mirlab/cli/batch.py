"""Many files: found, analysed by a pool of processes, each answered for."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..analysis import Analysis, analyze, save_analysis
from ..analysis.analyze import TASKS as FOUND
from ..analysis.saving import REPORT
from ..core import AudioError, AudioWarning, MirlabError
from ..core.parallel import parallel_map
from ..core.progress import Progress, reporting, stage, step
from ..report import save_report, start_desk

TASKS = (*FOUND, "files", "report")
SHORT_SECONDS = 60.0  # of all files together
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


@dataclass(frozen=True)
class Job:
    """A sound file and the folder for its results."""

    source: Path
    folder: Path


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Parameters
    ----------
    job
        The file and its folder.
    error
        Why it failed; empty when it did not.
    remarks
        Warnings, and parts that are missing with the command that brings them.
    summary
        Length, key, tempo, notes, chords, as words for a table.
    seconds
        Time taken.
    """

    job: Job
    error: str = ""
    remarks: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    seconds: float = 0.0


def find_jobs(sources: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str]) -> list[Job]:
    """The files to analyse, each with a folder of its own under `out`.

    Parameters
    ----------
    sources
        Files, taken as they are, and folders, searched through for wav, flac, ogg and mp3 files
        (what lies under `out` is passed over: an earlier run's stems are no songs).
    out
        Folder of the results. `song.mp3` goes to `song/`; a second `song` to `song-2/`.

    Raises
    ------
    AudioError
        When a folder holds no sound file.
    """
    results = Path(out).resolve()
    files: list[Path] = []
    for source in map(Path, sources):
        if not source.is_dir():
            files.append(source)
            continue
        inside = [
            path
            for path in sorted(source.rglob("*"))
            if path.suffix.lower() in SUFFIXES
            and path.is_file()
            and not path.resolve().is_relative_to(results)
        ]
        if not inside:
            raise AudioError(f"{source}: holds no {', '.join(s[1:] for s in SUFFIXES)} file")
        files += inside
    taken: set[str] = set()
    jobs = []
    for path in dict.fromkeys(files):
        name, count = path.stem, 1
        while name.lower() in taken:
            count += 1
            name = f"{path.stem}-{count}"
        taken.add(name.lower())
        jobs.append(Job(path, Path(out) / name))
    return jobs


def run(job: Job, progress: Progress = False, *, device: str = "auto") -> Outcome:
    """Analyse one file, save its results and report; an error becomes part of the outcome."""
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AudioWarning)
        try:
            with reporting(progress, "analyze"):
                with stage(0, len(FOUND) / len(TASKS)):
                    analysis = analyze(job.source, device=device)
                missing = _write(analysis, job.folder)
        except MirlabError as reason:
            return Outcome(job, error=str(reason))
        except Exception as reason:  # one bad file must not stop the others
            return Outcome(job, error=f"{job.source}: {type(reason).__name__}: {reason}")
    minutes, seconds = divmod(round(analysis.audio.duration), 60)
    summary = (
        f"{minutes}:{seconds:02d}",
        analysis.key or "-",
        f"{analysis.tempo:.0f}" if analysis.tempo else "-",
        "-" if analysis.notes is None else str(len(analysis.notes)),
        str(len(analysis.chords)),
    )
    remarks = [str(w.message) for w in caught if issubclass(w.category, AudioWarning)]
    return Outcome(job, "", (*remarks, *missing), summary, time.perf_counter() - start)


def _write(analysis: Analysis, folder: Path) -> list[str]:
    """Save files and report, with the report's sound coded meanwhile; say what is missing."""
    with ThreadPoolExecutor(1) as pool:
        desk = start_desk(analysis, pool)
        with step("files", TASKS):
            _, missing = save_analysis(analysis, folder)
        with step("report", TASKS):
            save_report(analysis, folder / REPORT, folder, desk=desk)
    return missing


def run_all(jobs: Sequence[Job], *, n_jobs: int = -1, device: str = "auto") -> Iterator[Outcome]:
    """Analyse many files, as many at a time as there are processor cores.

    Parameters
    ----------
    jobs
        From `find_jobs`.
    n_jobs
        How many at a time, each in a process of its own; -1 for all cores. Short files, of
        less than a minute together, are analysed one after the other in this process: another
        would import as long as it works.
    device
        Where networks compute, see `mirlab.transcribe`.

    Yields
    ------
    Outcome
        Of each file as it is done, in no fixed order. When a process dies (out of memory, say),
        the files it leaves unfinished are reported as failed.
    """
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left = {job.source: job for job in jobs}
    if sum(_duration(job.source) for job in jobs) < SHORT_SECONDS:
        n_jobs = 1
    try:
        for outcome in parallel_map(
            partial(run, device=device), jobs, n_jobs=n_jobs, ordered=False
        ):
            del left[outcome.job.source]
            yield outcome
    except TerminatedWorkerError:
        for job in left.values():
            yield Outcome(job, error=f"{job.source}: the process that worked on it died")


def _duration(path: Path) -> float:
    """Seconds of sound that a file's header promises; 0 where it is no sound."""
    import soundfile

    try:
        return float(soundfile.info(path).duration)
    except (soundfile.LibsndfileError, OSError, TypeError):
        return 0.0
