"""`mirlab analyze`: find audio files and analyse them in parallel."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from ..analysis import Analysis, Corrections, analyze, correct, save_analysis
from ..analysis.analyze import TASKS as ANALYSIS_TASKS
from ..analysis.saving import CORRECTIONS, REPORT
from ..core import AudioError, AudioWarning, MirlabError
from ..core.files import (
    is_temporary,
    reason_in_words,
    require_folder,
    require_inside,
    sweep_temporaries,
)
from ..core.names import safe_name
from ..core.parallel import parallel_map
from ..core.progress import Progress, reporting, stage, step
from ..report import save_report, start_desk
from .memory import release_memory, share_heap

TASKS = (*ANALYSIS_TASKS, "files", "report")
SHORT_SECONDS = 60.0  # total duration up to which one process is used
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


@dataclass(frozen=True)
class Job:
    """An audio file, the folder for its results, and a file of corrections if there is one."""

    source: Path
    folder: Path
    corrections: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """Result of one job.

    Parameters
    ----------
    job
        The file and its folder.
    error
        Error message; empty if the job succeeded.
    remarks
        Warnings, and missing parts with the command that installs what they need.
    summary
        Length, key, tempo, notes and chords, as strings for a table.
    seconds
        Run time.
    """

    job: Job
    error: str = ""
    remarks: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    seconds: float = 0.0


def find_jobs(sources: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str]) -> list[Job]:
    """Find the files to analyse, each with a separate folder in `out`.

    Parameters
    ----------
    sources
        Files, and folders that are searched recursively for wav, flac, ogg and mp3 files. Stems
        that an earlier run wrote are skipped, and the files `._*` that macOS puts beside others.
    out
        Folder for the results. `song.mp3` is assigned `song/`; a second `song`, `song-2/`. Names
        that are not those of a folder on all systems are changed, see `safe_name`.

    Raises
    ------
    AudioError
        When a folder contains no audio file.
    """
    files: list[Path] = []
    for source in map(Path, sources):
        files += _audio_files(source, Path(out)) if source.is_dir() else [source]
    taken: set[str] = set()
    jobs = []
    for path in dict.fromkeys(files):
        stem = safe_name(path.stem)
        for number in count(1):
            name = stem if number == 1 else f"{stem}-{number}"
            folder = Path(out) / name
            # results do not go where the recording lies, which one of them might replace
            if name.casefold() not in taken and not _lies_in(path, folder):
                break
        taken.add(name.casefold())
        jobs.append(Job(path, folder))
    return jobs


def with_corrections(jobs: Sequence[Job], path: Path) -> list[Job]:
    """Give each job its corrections.

    Parameters
    ----------
    jobs
        From `find_jobs`.
    path
        For one recording, a file `corrections.json`. Otherwise a folder with results, in which the
        folder of a recording contains that file if it was corrected.

    Raises
    ------
    AudioError
        When there is no such file, or a single file for several recordings.
    """
    if not path.is_dir():
        if len(jobs) > 1:
            raise AudioError(
                f"{path}: is one file for {len(jobs)} recordings; give a folder that contains "
                f"{jobs[0].folder.name}/{CORRECTIONS}"
            )
        return [replace(job, corrections=path) for job in jobs]
    found = [
        replace(job, corrections=file)
        if (file := path / job.folder.name / CORRECTIONS).is_file()
        else job
        for job in jobs
    ]
    if all(job.corrections is None for job in found):
        raise AudioError(f"{path}: contains no {jobs[0].folder.name}/{CORRECTIONS}")
    return found


def _audio_files(folder: Path, out: Path) -> list[Path]:
    """The recordings in a folder and its subfolders."""
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not path.name.startswith("._")
        and not any(is_temporary(part) for part in path.relative_to(folder).parts)
        and not _is_stem(path, out)
    ]
    if not found:
        kinds = ", ".join(suffix[1:] for suffix in SUFFIXES)
        raise AudioError(f"{folder}: contains no {kinds} file, other than results of mirlab")
    return found


def _is_stem(path: Path, out: Path) -> bool:
    """Whether a file lies where `save_analysis` writes stems, into `out` or elsewhere."""
    piece = path.parent.parent
    if path.parent.name != "stems" or path.suffix != ".flac":
        return False
    return piece.parent.resolve() == out.resolve() or (piece / "analysis.json").is_file()


def _lies_in(path: Path, folder: Path) -> bool:
    """Whether a file lies in a folder or one of its subfolders."""
    return path.resolve().is_relative_to(folder.resolve())


def sweep(out: Path) -> None:
    """Remove the temporary files that killed runs left in a folder of results."""
    try:
        pieces = [path for path in out.iterdir() if path.is_dir()]
    except OSError:
        return
    for folder in (out, *pieces, *(piece / "stems" for piece in pieces)):
        sweep_temporaries(folder)


def run(job: Job, progress: Progress = False, *, device: str = "auto") -> Outcome:
    """Analyse one file and save its results and report; errors are part of the outcome."""
    share_heap()
    try:
        return _run(job, progress, device)
    finally:
        release_memory()


def _run(job: Job, progress: Progress, device: str) -> Outcome:
    """As `run`; nothing of the analysis is in memory when it returns."""
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AudioWarning)
        try:
            require_inside(job.folder, job.folder.parent, AudioError)
            require_folder(job.folder, AudioError)
            corrections = Corrections.load(job.corrections) if job.corrections else Corrections()
            with reporting(progress, "analyze"):
                with stage(0, len(ANALYSIS_TASKS) / len(TASKS)):
                    analysis = analyze(job.source, device=device)
                if len(corrections):
                    analysis = correct(analysis, corrections)
                missing = _write(analysis, job.folder)
        except MirlabError as reason:
            return Outcome(job, error=str(reason))
        except OSError as reason:
            return Outcome(job, error=f"{reason.filename or job.source}: {reason_in_words(reason)}")
        except Exception as reason:  # an error in one file must not stop the others
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
    remarks += _unused_corrections(job)
    return Outcome(job, "", (*remarks, *missing), summary, time.perf_counter() - start)


def _unused_corrections(job: Job) -> list[str]:
    """A remark on corrections of an earlier run that are in the folder, but were not applied."""
    file = job.folder / CORRECTIONS
    if job.corrections is not None or not file.is_file():
        return []
    return [f"{file} was not applied: --corrections {file}"]


def _write(analysis: Analysis, folder: Path) -> list[str]:
    """Save files and report, and encode the audio of the report in parallel; returns remarks."""
    with ThreadPoolExecutor(1) as pool:
        desk = start_desk(analysis, pool)
        with step("files", TASKS):
            _, missing = save_analysis(analysis, folder)
        with step("report", TASKS):
            save_report(analysis, folder / REPORT, folder, desk=desk)
    return missing


def run_all(jobs: Sequence[Job], *, n_jobs: int = -1, device: str = "auto") -> Iterator[Outcome]:
    """Analyse several files in parallel.

    Parameters
    ----------
    jobs
        From `find_jobs`.
    n_jobs
        Number of processes; -1 uses all cores. If the total duration is less than a minute, the
        files are analysed sequentially in this process, because starting another takes as long as
        the analysis.
    device
        Device of the networks, see `mirlab.transcribe`.

    Yields
    ------
    Outcome
        Outcome of each file when it is finished, in arbitrary order. If a process dies (for
        example, out of memory), its unfinished files are reported as failed.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from mirlab import Audio
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     source = Audio(np.zeros(22050), 22050).save(Path(folder) / "silence.wav")
    ...     [outcome] = run_all(find_jobs([source], Path(folder) / "analysis"))
    ...     files = sorted(path.name for path in outcome.job.folder.iterdir())
    >>> outcome.summary
    ('0:01', '-', '-', '0', '1')
    >>> "report.html" in files
    True
    """
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    unfinished = {job.source: job for job in jobs}
    if sum(_duration(job.source) for job in jobs) < SHORT_SECONDS:
        n_jobs = 1
    try:
        for outcome in parallel_map(
            partial(run, device=device), jobs, n_jobs=n_jobs, ordered=False
        ):
            del unfinished[outcome.job.source]
            yield outcome
    except TerminatedWorkerError:
        for job in unfinished.values():
            yield Outcome(job, error=f"{job.source}: the process that analysed it died")


def _duration(path: Path) -> float:
    """Duration in seconds according to the file header; 0 if it is not an audio file."""
    import soundfile

    try:
        return float(soundfile.info(os.fsencode(path)).duration)
    except (soundfile.LibsndfileError, OSError, TypeError):
        return 0.0
