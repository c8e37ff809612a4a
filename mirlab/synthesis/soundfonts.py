"""Sound fonts: sampled instruments for MIDI, rendered by FluidSynth."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core import AudioError, MissingPartError, Notes
from ..core.checks import as_path
from ..core.rendering import GET_FLUIDSYNTH, has_fluidsynth, play_font
from .checks import require_range

SUFFIXES = (".sf2", ".sf3")
# Usual folders of Debian, Fedora, Arch, macOS and of users.
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
    """A sound font, accepted by `play` like a source.

    Parameters
    ----------
    path
        The file, `.sf2` or `.sf3`.

    Raises
    ------
    AudioError
        If there is no such file, or it is not a sound font.
    """

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", as_path("path", self.path, AudioError))  # or a string
        try:
            with self.path.open("rb") as file:
                head = file.read(12)
        except OSError as reason:
            raise AudioError(f"{self.path}: {reason.strerror or reason}") from None
        if head[:4] != b"RIFF" or head[8:] != b"sfbk":
            raise AudioError(f"{self.path}: is not a sound font")

    @property
    def name(self) -> str:
        """The file's name without its suffix, such as `FluidR3_GM`."""
        return self.path.stem

    def samples(self, notes: Notes, *, sr: int) -> np.ndarray:
        """Render all instruments of a piece; `(samples,)`, float32, at an arbitrary level.

        Dry, without FluidSynth's reverb and chorus; `studio.Room` adds reverberation.

        Raises
        ------
        AudioError
            If FluidSynth cannot read the file, or `sr` is outside 8000..96000.
        MissingPartError
            If FluidSynth is not installed.
        """
        if not has_fluidsynth():
            raise MissingPartError(f"a sound font needs FluidSynth: {GET_FLUIDSYNTH}")
        require_range("sr", sr, 8000, 96000, " Hz")
        return play_font(notes, sr, str(self.path), dry=True)


def find_sound_fonts(*folders: str | os.PathLike[str]) -> dict[str, SoundFont]:
    """Find the sound fonts on this machine, by name.

    `TimGM6mb`, part of pretty_midi, is always found. Debian packages provide others:
    `fluid-soundfont-gm` contains `FluidR3_GM`, `musescore-general-soundfont` `MuseScore_General`,
    and `musescore-general-soundfont-small` `MuseScore_General_Lite`.

    Parameters
    ----------
    folders
        Additional folders, searched before the usual ones.

    Returns
    -------
    dict
        From name to `SoundFont`; the first found takes precedence.

    Raises
    ------
    AudioError
        If a folder is no path.

    Examples
    --------
    >>> "TimGM6mb" in find_sound_fonts()
    True
    """
    import pretty_midi

    given = [as_path("folder", folder, AudioError) for folder in folders]
    bundled = Path(pretty_midi.__file__).parent
    fonts: dict[str, SoundFont] = {}
    for path in _files([*given, bundled, *(Path(f).expanduser() for f in FOLDERS)]):
        try:
            fonts.setdefault(path.stem, SoundFont(path))
        except AudioError:
            continue  # another kind of file with this suffix
    return fonts


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    """Candidate files, with links resolved and without duplicates."""
    paths = (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()))
    fonts = (path.resolve() for path in paths if path.suffix.lower() in SUFFIXES)
    return dict.fromkeys(path for path in fonts if path.suffix.lower() in SUFFIXES)
