"""Sound fonts: recorded instruments for MIDI, played by FluidSynth."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core import AudioError, MissingPartError, Notes
from ..core.rendering import GET_FLUIDSYNTH, has_fluidsynth, play_font
from .checks import require_range

SUFFIXES = (".sf2", ".sf3")
# Where Debian, Fedora, Arch, macOS and users themselves put them.
FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "~/.local/share/soundfonts",
    "~/Library/Audio/Sounds/Banks",
)


@dataclass(frozen=True)
class SoundFont:
    """A sound font, which `play` takes as it takes a source.

    Parameters
    ----------
    path
        The file, `.sf2` or `.sf3`.

    Raises
    ------
    AudioError
        When there is no such file, or it is no sound font.
    """

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))  # a string serves as well
        try:
            with self.path.open("rb") as file:
                head = file.read(12)
        except OSError as reason:
            raise AudioError(f"{self.path}: {reason.strerror or reason}") from None
        if head[:4] != b"RIFF" or head[8:] != b"sfbk":
            raise AudioError(f"{self.path}: is no sound font")

    @property
    def name(self) -> str:
        """The file's name without its suffix, such as `FluidR3_GM`."""
        return self.path.stem

    def samples(self, notes: Notes, *, sr: int) -> np.ndarray:
        """Play all instruments of a piece; `(samples,)`, float32, of whatever level.

        The instruments are dry, without FluidSynth's reverb and chorus: a room is the studio's.

        Raises
        ------
        AudioError
            When FluidSynth cannot read the file, or `sr` is not one of its rates, 8000..96000.
        MissingPartError
            When FluidSynth is not installed.
        """
        if not has_fluidsynth():
            raise MissingPartError(f"a sound font needs FluidSynth: {GET_FLUIDSYNTH}")
        require_range("sr", sr, 8000, 96000, " Hz")
        return play_font(notes, sr, str(self.path), dry=True)


def find_sound_fonts(*folders: str | os.PathLike[str]) -> dict[str, SoundFont]:
    """The sound fonts on this machine, by name.

    `TimGM6mb`, which comes with pretty_midi, is always there. Debian's packages bring others:
    `fluid-soundfont-gm` is `FluidR3_GM`, `musescore-general-soundfont` `MuseScore_General`, and
    `musescore-general-soundfont-small` `MuseScore_General_Lite`.

    Parameters
    ----------
    folders
        More folders to look into, before the usual ones.

    Returns
    -------
    dict
        From name to `SoundFont`; of two with one name the one that is found first.

    Examples
    --------
    >>> "TimGM6mb" in find_sound_fonts()
    True
    """
    import pretty_midi

    own = Path(pretty_midi.__file__).parent
    found: dict[str, SoundFont] = {}
    for path in _files([*map(Path, folders), own, *(Path(f).expanduser() for f in FOLDERS)]):
        try:
            found.setdefault(path.stem, SoundFont(path))
        except AudioError:
            continue  # something else that is called so
    return found


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    """The files that a sound font may be, links followed to where they lead, each once."""
    paths = (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()))
    fonts = (path.resolve() for path in paths if path.suffix.lower() in SUFFIXES)
    return dict.fromkeys(path for path in fonts if path.suffix.lower() in SUFFIXES)
