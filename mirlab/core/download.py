"""Download of a file that is not in the package: announced, resumed, checked by its sha256.

Nothing in mirlab downloads by default: whatever needs the network calls `download`, when a person
has asked for it.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from .checks import as_path, require, require_number, require_type
from .errors import DownloadError
from .partial_files import resumable_write
from .progress import Progress, reporting
from .transfer import Transfer, fetch


def download(
    address: str,
    path: str | os.PathLike[str],
    *,
    sha256: str | None,
    licence: str,
    timeout: float = 30.0,
    progress: Progress = True,
) -> Path:
    """Download a file, unless it is there already.

    A line on stderr tells address, size and licence before the first byte is written. The bytes go
    to a hidden partial file beside `path`, which is renamed when it is complete and has the right
    sha256. A lost connection is tried again, and continued where the server can do that. After an
    error or a killed process the next call continues the partial file; it is removed a week after
    the last byte (by whatever of mirlab writes to the folder), at once if its sha256 is wrong or
    the disk is full. `http_proxy` and its like are respected.

    Parameters
    ----------
    address
        `http:`, `https:` or `file:`; ASCII without spaces.
    path
        The file to write. Its folder must exist.
    sha256
        Of the file, 64 hexadecimal digits. None only for sources without a stable checksum, such as
        archives that GitHub makes for a commit: the caller then checks what is in the file, an
        existing file is replaced, and nothing is kept after an error.
    licence
        Of what is downloaded, for the announcement.
    timeout
        Seconds without a byte after which a connection is given up, 0.01..3600.
    progress
        True: show a bar while it runs; False: do not; or a function that is called with the
        fraction done, 0..1 (0 while the server does not tell the size), and the task.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    DownloadError
        If it cannot be fetched or written, or is another file than expected; `path` is as before.
    """
    require_type("address", address, str, DownloadError)
    require(_is_address(address), f"{address!r} is no http, https or file address", DownloadError)
    target = as_path("path", path, DownloadError)
    digest = None if sha256 is None else _as_digest(sha256)
    require_type("licence", licence, str, DownloadError)
    require(bool(licence.strip()), "licence must not be empty", DownloadError)
    require_number("timeout", timeout, minimum=0.01, maximum=3600, error=DownloadError)
    key = hashlib.sha256(f"{address} {digest}".encode()).hexdigest()[:16]
    kept = digest is not None
    with reporting(progress, f"download {target.name}"):
        if digest is not None and os.path.isfile(target) and _sha256(target) == digest:
            return target
        try:
            with resumable_write(target, key=key, keep=kept, error=DownloadError) as partial:
                transfer = Transfer(address, partial, licence, float(timeout), checked=kept)
                _fetch_checked(transfer, digest)
        except DownloadError as reason:
            raise DownloadError(f"{address}: {reason}") from reason.__cause__
    return target


def _is_address(address: str) -> bool:
    """Whether an address is one that can be asked for."""
    if not re.fullmatch(r"(?i:https?://[^/?#]|file:/)[!-~]*", address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme == "file" or (bool(parts.hostname) and parts.port != 0)
    except ValueError:  # brackets that are not closed, a port that is no number
        return False


def _as_digest(sha256: str) -> str:
    """Return a sha256 in small letters; raise a `DownloadError` if it is none."""
    require_type("sha256", sha256, str, DownloadError)
    valid = re.fullmatch(r"[0-9a-fA-F]{64}", sha256) is not None
    require(valid, f"sha256 must be 64 hexadecimal digits, not {sha256!r}", DownloadError)
    return sha256.lower()


def _sha256(path: Path) -> str:
    """The sha256 of a file, empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _fetch_checked(transfer: Transfer, digest: str | None) -> None:
    """Fetch what is missing and check it; if joined parts do not fit, fetch it from the start."""
    partial = transfer.partial
    if digest is not None and partial.stat().st_size and _sha256(partial) == digest:
        return  # complete, but its process ended before it was renamed
    fetch(transfer)
    if digest is None:
        return
    found = _sha256(partial)
    if found != digest and transfer.joined:
        os.truncate(partial, 0)
        transfer.joined = False
        fetch(transfer)
        found = _sha256(partial)
    if found != digest:
        size = partial.stat().st_size
        partial.unlink()
        raise DownloadError(
            f"its {size} bytes have the sha256 {found}, not {digest}; nothing was written: the "
            "file was changed at its source or on the way, update what names it or try again"
        )
