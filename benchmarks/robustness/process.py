"""A process that reads mutated files, with limits of time and memory."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import tempfile
import traceback
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from mirlab.core.errors import AudioWarning, MirlabError, NotesWarning

from .mutations import mutate
from .readers import Reader, all_readers

MAX_SECONDS = 2  # of processor time for a file
MAX_MEBI = 512  # of memory for a file
MAX_WAIT = 60  # s of wall time, on a machine that does other work too
STARTING = 300  # s
MAX_TEXT = 2000  # characters of a traceback
KINDS = ("right", "warned", "refused", "problem")


@dataclass(frozen=True)
class Outcome:
    """What reading a file gave.

    Parameters
    ----------
    reader, number
        Which file.
    kind
        `right`, `warned`, `refused` or `problem`.
    text
        The warning, error or problem.
    seconds
        Processor time.
    """

    reader: str
    number: int | None
    kind: str
    text: str = ""
    seconds: float = 0.0


class ReaderProcess:
    """A process that reads files, started anew after a crash or a hang.

    Parameters
    ----------
    seed
        Seed of the mutations.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._start()

    def _start(self) -> None:
        """Start the process and wait until it is ready."""
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, self.seed), daemon=True)
        self.process.start()
        other.close()
        if not self.connection.poll(STARTING) or self.connection.recv() != "ready":
            raise MirlabError("the process that reads files did not start")

    def read(self, reader: str, number: int | None) -> Outcome:
        """Read a file; a crash or a hang is a problem."""
        self.connection.send((reader, number))
        try:
            if self.connection.poll(MAX_WAIT):
                outcome: Outcome = self.connection.recv()
                return outcome
            text = f"no answer in {MAX_WAIT} s"
        except EOFError:
            self.process.join()
            text = f"the process died, exit code {self.process.exitcode}"
        self.stop()
        self._start()
        return Outcome(reader, number, "problem", text)

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def _serve(connection: Connection, seed: int) -> None:
    """Read the files that are asked for, until the connection is closed."""
    readers = all_readers()
    valid = {name: reader.valid() for name, reader in readers.items()}
    with tempfile.TemporaryDirectory() as root:
        folders = {name: Path(root) / str(k) for k, name in enumerate(readers)}
        for name, reader in readers.items():  # what they import needs memory as well
            folders[name].mkdir()
            for data in valid[name]:
                read_file(folders[name], reader, name, None, data)
        connection.send("ready")
        while (asked := _next(connection)) is not None:
            name, number = asked
            files = valid[name]
            if number is not None:
                rng = random.Random(f"{seed} {name} {number}")
                files = [mutate(rng, rng.choice(files), files, text=readers[name].text)]
            found = [read_file(folders[name], readers[name], name, number, data) for data in files]
            connection.send(max(found, key=lambda outcome: KINDS.index(outcome.kind)))


def _next(connection: Connection) -> tuple[str, int | None] | None:
    """The next file that is asked for; None at the end."""
    try:
        asked: tuple[str, int | None] = connection.recv()
    except EOFError:
        return None
    return asked


def read_file(folder: Path, reader: Reader, name: str, number: int | None, data: bytes) -> Outcome:
    """Read a file in a folder of this reader, under the limits."""
    path = folder / reader.name
    path.write_bytes(data)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _limit_memory(MAX_MEBI)
        start = sum(os.times()[:4])
        kind, text = "right", ""
        try:
            reader.read(path)
        except MirlabError as error:
            kind, text = "refused", str(error)
        except BaseException:
            kind, text = "problem", traceback.format_exc()[-MAX_TEXT:]
        seconds = sum(os.times()[:4]) - start  # of child processes, too
        _limit_memory(None)
    ours = [each for each in caught if issubclass(each.category, AudioWarning | NotesWarning)]
    if kind == "right" and ours:
        kind, text = "warned", str(ours[0].message)
    if len(ours) < len(caught):
        others = [str(each.message) for each in caught if each not in ours]
        kind, text = "problem", f"warns {others[0]}"
    if seconds > MAX_SECONDS:
        kind, text = "problem", f"took {seconds:.1f} s; {text}"
    return Outcome(name, number, kind, text, seconds)


def _limit_memory(mebi: int | None) -> None:
    """Limit the address space to what is used now and some more; None removes the limit."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft = resource.RLIM_INFINITY if mebi is None else used + mebi * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (soft, resource.RLIM_INFINITY))
