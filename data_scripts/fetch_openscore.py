"""Fetch the OpenScore scores (CC0) that train the beat network, as MIDI.

    python -m data_scripts.fetch_openscore --out FOLDER

Downloads three repositories at fixed commits from GitHub (about 400 MB): 1,402 songs, 122 string
quartets and 96 orchestral movements. The MusicXML files are converted to MIDI and written as
`FOLDER/symbolic_openscore_cc0/lieder.zip`, `quartets.zip` and `orchestra.zip`, after a check of
their sha256. Then train with `MIRLAB_TRAIN=FOLDER`. Songs that recordings with annotations use for
tests are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from data_scripts.musicxml_to_midi import convert
from mirlab.core import MirlabError
from mirlab.core.download import download
from mirlab.core.files import atomic_write

FOLDER = "symbolic_openscore_cc0"
ADDRESS = "https://codeload.github.com/{repository}/zip/{commit}"
TIMEOUT = 60  # s without data
LONGEST_NAME = 150
EXCLUDED = Path(__file__).with_name("openscore_excluded.txt")


@dataclass(frozen=True)
class ScoreSet:
    """Scores of a repository at a commit; `digest` is the sha256 of all MIDI files in a row."""

    name: str
    repository: str
    commit: str
    number: int
    digest: str


SETS = (
    ScoreSet(
        "lieder",
        "OpenScore/Lieder",
        "bca122458de6da362abe62dd6aec62e25d7759b1",
        1402,
        "6b46a919256d6bba47ae2ff3adee62a2d384b1b0ff0825f34148f599c0492ed5",
    ),
    ScoreSet(
        "quartets",
        "OpenScore/StringQuartets",
        "2c723a5b7b4ea5420826116dfa912956c6a022c2",
        122,
        "4588360a513c5c600f53374369eb7af18190b895b72f271e46a49059f987e76b",
    ),
    ScoreSet(
        "orchestra",
        "MarkGotham/Hauptstimme",
        "8f677853c45b74ca0afcd79677e5379c06c82354",
        96,
        "dd8aac13ef48797f80b120dc1b03e1ad53738333dfd8014d2adff4f14d4044e5",
    ),
)


class FetchError(MirlabError):
    """Scores that are not the expected ones."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch what is missing; return the exit code."""
    summary, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="fetch_openscore",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="folder, created if missing")
    parser.add_argument("--address", default=ADDRESS, help="address of an archive (%(default)s)")
    options = parser.parse_args(arguments)
    folder = options.out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for scores in SETS:
            path = folder / f"{scores.name}.zip"
            if path.exists():
                print(f"{path}: there already")
                continue
            fetch_set(scores, path, address=options.address)
            print(f"{path}: {scores.number} scores")
    except (MirlabError, OSError) as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    return 0


def fetch_set(scores: ScoreSet, path: Path, *, address: str = ADDRESS) -> None:
    """Download a set, convert it and write the archive of its MIDI files.

    Raises
    ------
    DownloadError
        If it cannot be downloaded; nothing is written.
    FetchError
        If the files differ from the expected ones; nothing is written.
    """
    with tempfile.TemporaryDirectory() as temporary:
        archive = Path(temporary) / "repository.zip"
        source = address.format(repository=scores.repository, commit=scores.commit)
        # GitHub makes the archive anew for each request: its content is checked below
        download(source, archive, sha256=None, licence="CC0 1.0", timeout=TIMEOUT)
        try:
            files = dict(midi_files(archive, scores))
        except zipfile.BadZipFile as reason:
            raise FetchError(f"{scores.repository}: the download is no archive") from reason
    found = digest(files)
    if found != scores.digest:
        raise FetchError(
            f"{scores.name}: {len(files)} scores with sha256 {found}, not {scores.number} with "
            f"{scores.digest}"
        )
    with (
        atomic_write(path, error=FetchError) as target,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name, data in files.items():
            written.writestr(name, data)


def midi_files(archive: Path, scores: ScoreSet) -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of the MIDI file of each score, in the order of the names."""
    excluded = set(EXCLUDED.read_text(encoding="utf-8").split())
    names: set[str] = set()
    with zipfile.ZipFile(archive) as members:
        paths = [name.split("/", 1)[-1] for name in members.namelist()]  # below the top folder
        sources = dict(zip(paths, members.namelist(), strict=True))
        wanted = [
            path
            for path in sorted(paths, key=str.encode)
            if path.endswith(".mxl")
            and not path.endswith("_melody.mxl")
            and Path(path).stem not in excluded
        ]
        for path in tqdm(wanted, desc=scores.name, unit="score"):
            folders = [part for part in path.split("/")[1:-1] if part != "_"]
            title = " / ".join(part.replace("_", " ") for part in folders)
            name = _unused(_plain("__".join(folders))[:LONGEST_NAME], names)
            names.add(name)
            try:
                yield name, convert(members.read(sources[path]), title)
            except (ValueError, KeyError) as reason:
                raise FetchError(f"{path}: is no MusicXML ({reason})") from reason


def digest(files: dict[str, bytes]) -> str:
    """The sha256 of all files in the order of their names."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + files[name])
    return total.hexdigest()


def _plain(text: str) -> str:
    """ASCII letters, digits and underscores only."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9.,+-]+", "_", ascii_only).strip("_")


def _unused(base: str, names: set[str]) -> str:
    """A file name that is not in `names`."""
    name, number = f"{base}.mid", 1
    while name in names:
        number += 1
        name = f"{base}-{number}.mid"
    return name


if __name__ == "__main__":
    sys.exit(main())
