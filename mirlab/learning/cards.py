"""The card of a model, trained or not: what it is, how it was made, and how good it is."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ..core.files import atomic_write
from .errors import WeightsError


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known of a model; a JSON file, beside its weights where it has any.

    Parameters
    ----------
    name
        Its name in the registry, `task/name`.
    network
        What makes the network, `module:name` of a class or a function; empty for a method without
        one.
    arguments
        What it is called with.
    function
        What answers the task's verb on the processor, `module:name`, called with an `Audio`; empty
        where the network does that itself.
    parameters
        How many numbers were learned.
    trained_on
        The data, in words that let somebody make it again.
    licence
        Of the weights.
    source
        Where the weights come from; of a method without weights, the paper.
    command, commit, seed
        What made them: the command, the state of the code (`"none"` outside git), the seed. Empty
        and None where that is not known.
    scores, protocol
        What it scores, by measure, and how that was measured.
    history
        The course of its training, the rows of a `History`; empty where it was not recorded.
    sha256, bytes
        Of the weights' file; None and 0 where the network brings weights of its own, or there are
        none.
    """

    name: str
    network: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    function: str = ""
    parameters: int
    trained_on: str
    licence: str
    source: str = "mirlab"
    command: str = ""
    commit: str = "none"
    seed: int | None = None
    scores: dict[str, float] = field(default_factory=dict)
    protocol: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    sha256: str | None = None
    bytes: int = 0

    def save(self, path: Path) -> None:
        """Write the card, whole or not at all.

        Raises
        ------
        WeightsError
            When the file cannot be written, or an argument or a score is no JSON.
        """
        try:
            text = json.dumps(asdict(self), indent=1, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as reason:
            raise WeightsError(f"{path}: the card cannot be JSON ({reason})") from None
        with atomic_write(path, error=WeightsError) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Card:
        """Read a card.

        Raises
        ------
        WeightsError
            When there is no such file, or it is no card.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise WeightsError(f"{path}: there is no such file; weights need their card") from None
        except (OSError, ValueError) as reason:
            raise WeightsError(f"{path}: is no card ({reason})") from None
        names = {entry.name for entry in fields(cls)}
        if not isinstance(data, dict) or not data.keys() <= names:
            raise WeightsError(f"{path}: is no card; a card has {', '.join(sorted(names))}")
        try:
            return cls(**data)
        except TypeError as reason:
            raise WeightsError(f"{path}: is no whole card ({reason})") from None


def code_commit() -> str:
    """The commit of the code that runs, `+` after it where files differ; `"none"` outside git."""

    def git(*arguments: str) -> str:
        where = Path(__file__).parent
        command = ["git", "-C", str(where), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", Path(__file__).name)  # some other project's git is none
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return "none"
