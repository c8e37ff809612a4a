"""Transfer of a file from an address to a partial file: attempts, their order, their errors."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import sys
import time
from dataclasses import dataclass
from http.client import HTTPException, IncompleteRead, InvalidURL
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from .errors import DownloadError
from .files import reason_in_words
from .names import printable
from .progress import report_fraction

BLOCK = 65_536  # bytes
DELAYS = (0.5, 1.0, 2.0, 4.0)  # s before the connection is tried again, while no byte comes
REMEDIES = {  # of answers of a server
    401: "the server wants a password: fetch the file by hand",
    403: "the server refuses it: check the address, or fetch the file by hand",
    404: "the file is not there: check the address, or update what names it",
    408: "the server is slow: try again later",
    410: "the file was removed: update what names it",
    429: "the server is busy: try again later",
}
LASTING = (  # errors that another attempt would meet again
    FileNotFoundError,
    PermissionError,
    IsADirectoryError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
    InvalidURL,
)


@dataclass
class Transfer:
    """What the attempts to fetch a file have in common.

    Attributes
    ----------
    address, licence
        What is fetched, and its licence, for the announcement.
    partial
        The file to append to.
    timeout
        Seconds without a byte after which a connection is given up.
    checked
        Whether the whole is checked: then parts may be joined without an ETag, and are kept.
    etag
        Of the file that the server has, as far as known.
    joined
        Whether the last answer continued earlier bytes.
    announced
        Whether the announcement was printed.
    """

    address: str
    partial: Path
    licence: str
    timeout: float
    checked: bool
    etag: str = ""
    joined: bool = False
    announced: bool = False


def fetch(transfer: Transfer) -> None:
    """Fetch the rest of a file; try again, with growing delays, while errors may pass.

    Raises
    ------
    DownloadError
        If it cannot be fetched or written: what went wrong and the remedy, without the address.
    """
    furthest, attempts = transfer.partial.stat().st_size, 0
    while True:
        try:
            _attempt(transfer)
            return
        except (OSError, HTTPException, ValueError) as reason:
            size = transfer.partial.stat().st_size
            if size > furthest:
                furthest, attempts = size, 0
            if attempts == len(DELAYS) or not _is_passing(reason):
                raise DownloadError(_in_words(reason, transfer, size)) from reason
            if not (transfer.checked or transfer.etag):
                os.truncate(transfer.partial, 0)
        time.sleep(DELAYS[attempts])
        attempts += 1


def _attempt(transfer: Transfer) -> None:
    """Ask for the rest of a file, or for all of it, and append what comes to the partial file.

    Raises
    ------
    OSError, HTTPException
        If the connection fails, or ends too early.
    DownloadError
        If the disk is full or the file cannot be written.
    """
    offset = transfer.partial.stat().st_size
    request = Request(transfer.address, headers={"User-Agent": "mirlab"})
    if offset:
        request.add_header("Range", f"bytes={offset}-")
        if transfer.etag:
            request.add_header("If-Range", transfer.etag)
    try:
        answer = urlopen(request, timeout=transfer.timeout)
    except HTTPError as reason:
        reason.close()
        if reason.code == 416 and offset:  # there is no rest: this is another file
            os.truncate(transfer.partial, 0)
            raise ConnectionError("the server has no such part of the file") from reason
        raise
    with answer:
        first, total = _range(answer, offset)
        etag = answer.headers.get("ETag") or ""
        if first not in (0, offset) or (first and transfer.etag and etag != transfer.etag):
            os.truncate(transfer.partial, 0)
            raise ConnectionError("the server sent a part of another file")
        if first == 0:
            os.truncate(transfer.partial, 0)
        transfer.etag = "" if etag.startswith("W/") else etag
        transfer.joined = first > 0
        _announce(transfer, first, total)
        _require_space(transfer.partial, first, total)
        _append(answer, transfer.partial, first, total)


def _range(answer: Any, offset: int) -> tuple[int, int | None]:
    """The first byte that an answer sends, and the size of the whole file, None if not told."""
    length = answer.headers.get("Content-Length") or ""
    if offset and answer.status == 206:
        content_range = answer.headers.get("Content-Range") or ""
        match = re.match(r"bytes (\d+)-\d+/(\d+|\*)", content_range)
        if match is None:
            return -1, None
        return int(match[1]), None if match[2] == "*" else int(match[2])
    return 0, int(length) if length.isdecimal() else None


def _announce(transfer: Transfer, offset: int, total: int | None) -> None:
    """Tell what is downloaded, once."""
    if transfer.announced:
        return
    transfer.announced = True
    size = "size unknown" if total is None else f"{total / 1e6:.1f} MB"
    there = f" ({offset / 1e6:.1f} MB there already)" if offset else ""
    line = f"downloading {transfer.address}: {size}{there}, licence: {transfer.licence}"
    print(printable(line), file=sys.stderr)


def _require_space(partial: Path, offset: int, total: int | None) -> None:
    """Raise a `DownloadError` if the disk has no space for the rest."""
    free = shutil.disk_usage(partial.parent).free
    if total is not None and total - offset > free:
        partial.unlink()
        raise DownloadError(
            f"{(total - offset) / 1e6:.1f} MB do not fit on the disk of {partial.parent}, which "
            f"has {free / 1e6:.1f} MB: free space, or choose another folder"
        )


def _append(answer: Any, partial: Path, offset: int, total: int | None) -> None:
    """Append what comes to the partial file, each block as soon as it is there."""
    with partial.open("ab", buffering=0) as file:
        size = offset
        while data := answer.read1(BLOCK):
            _write(file, data, partial)
            size += len(data)
            report_fraction(min(1.0, size / total) if total else 0.0)
    if total is not None and size < total:
        raise ConnectionError(f"the connection ended after {size} of {total} bytes")


def _write(file: BinaryIO, data: bytes, partial: Path) -> None:
    """Write all of a block; if that fails, remove the file, for it may be what fills the disk."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as reason:
        partial.unlink()
        raise DownloadError(
            f"cannot be written to {partial.parent} ({reason_in_words(reason)}): free space, or "
            "choose another folder"
        ) from reason


def _cause(reason: Exception) -> object:
    """What urllib has wrapped: an exception or a text."""
    return reason.reason if type(reason) is URLError else reason


def _is_passing(reason: Exception) -> bool:
    """Whether another attempt may succeed."""
    if isinstance(reason, HTTPError):
        return reason.code in (408, 429) or reason.code >= 500
    cause = _cause(reason)
    return isinstance(cause, OSError | HTTPException) and not isinstance(cause, LASTING)


def _in_words(reason: Exception, transfer: Transfer, size: int) -> str:
    """What went wrong with a connection, and the remedy."""
    cause = _cause(reason)
    if isinstance(cause, HTTPError):
        busy = "the server has a problem: try again later"
        remedy = REMEDIES.get(cause.code, busy if cause.code >= 500 else "check the address")
        return f"{cause.code} {cause.reason}; {remedy}"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message}); check the clock"
    if isinstance(cause, socket.gaierror):
        host = urlsplit(transfer.address).hostname
        return f"{host} cannot be found; connect to the internet, or check the address"
    if isinstance(cause, FileNotFoundError):
        return "there is no such file; check the address"
    again = "try again later"
    if size and transfer.checked:
        again = f"try again to continue after {size / 1e6:.1f} MB"
    if isinstance(cause, TimeoutError):
        return f"no data for {transfer.timeout:g} s; {again}"
    if isinstance(cause, IncompleteRead):
        return f"the connection ended too early; {again}"
    if isinstance(cause, OSError):
        return f"{reason_in_words(cause)}; {again}"
    return f"{cause or type(cause).__name__}; check the address, or {again}"
