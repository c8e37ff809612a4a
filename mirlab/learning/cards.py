"""Model cards: what a model is, how it was made, and what it scores."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..core.files import atomic_write
from ..core.json_files import read_json
from .errors import WeightsError


@dataclass(frozen=True, kw_only=True)
class Card:
    """Metadata of a model, stored as a JSON file beside its weights if it has any.

    Parameters
    ----------
    name
        Name in the registry, `task/name`.
    network
        Class or function that makes the network, as `module:name`; empty for a method without a
        network.
    arguments
        Keyword arguments of `network`.
    function
        Function that runs the task on the CPU, as `module:name`, called with an `Audio`; empty if
        the network has a method for it.
    parameters
        Number of learned parameters.
    trained_on
        Training data, described so that it can be reproduced.
    licence
        Licence of the weights.
    source
        Origin of the weights; for a method without weights, the paper.
    command, commit, seed
        Provenance: the command, the commit of the code (`"none"` outside git), the seed. Empty and
        None if unknown.
    scores, protocol
        Scores by measure, and how they were measured.
    history
        Rows of the training's `History`; empty if it was not recorded.
    sha256, bytes
        Hash and size of the weights file; None and 0 if there is no such file or the network loads
        its own weights.

    Examples
    --------
    >>> card = Card(name="chords/mine", parameters=3, trained_on="nothing", licence="CC0-1.0")
    >>> card.commit, card.scores
    ('none', {})
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
        """Write the card atomically.

        Raises
        ------
        WeightsError
            When the file cannot be written, or an argument or a score cannot be written as JSON.
        """
        try:
            text = json.dumps(asdict(self), indent=1, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as reason:
            raise WeightsError(f"{path}: the card cannot be written as JSON ({reason})") from None
        with atomic_write(path, error=WeightsError) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Card:
        """Read a card.

        Raises
        ------
        WeightsError
            When the file does not exist or is not a card.
        """
        if not path.exists():
            raise WeightsError(f"{path}: there is no such file; weights need their card")
        card = cls(**read_json(path, cls, kind="a card", error=WeightsError))
        if min(card.parameters, card.bytes) < 0:
            raise WeightsError(f"{path}: is not a card (parameters and bytes are at least 0)")
        return card


def code_commit() -> str:
    """Commit of the running code, followed by `+` if files differ from it; `"none"` outside git."""

    def git(*arguments: str) -> str:
        folder = Path(__file__).parent
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", Path(__file__).name)  # fails in another project's git
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return "none"
