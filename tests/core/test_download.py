"""Downloads, from a server on this machine that fails in every way known."""

from __future__ import annotations

import hashlib
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mirlab.core import DownloadError
from mirlab.core.download import download
from mirlab.core.files import is_temporary, sweep_temporaries

DATA = np.random.default_rng(0).bytes(300_000)
OTHER = DATA[:200_000] + bytes(100_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


@dataclass
class Served:
    """What the server does, and what it was asked for."""

    data: bytes = DATA
    etag: str = ""
    ranges: bool = True  # whether a part may be asked for
    cuts: list[int] = field(default_factory=list)  # bytes after which connections end, in turn
    stall: threading.Event | None = None  # waits for it where it would end the connection
    statuses: list[int] = field(default_factory=list)  # errors to answer with, in turn
    length: bool = True  # whether the size is told
    chunked: bool = False
    shift: int = 0  # of the parts that it sends
    asked: list[str] = field(default_factory=list)  # the ranges
    sent: list[int] = field(default_factory=list)  # bytes
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    served: Served

    def do_GET(self) -> None:
        served = self.served
        served.asked.append(self.headers.get("Range") or "")
        if served.statuses:
            self.send_error(served.statuses.pop(0))
            return
        first = self.first()
        if first is None:
            self.send_error(416)
            return
        body = served.data[max(0, first - served.shift) :]
        self.send_response(206 if first else 200)
        if first:
            start, end = first - served.shift, len(served.data)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        if served.etag:
            self.send_header("ETag", served.etag)
        if served.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif served.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.send_body(body)

    def first(self) -> int | None:
        """The first byte to send; None if there is no such part."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        condition = self.headers.get("If-Range")
        if not match or not self.served.ranges or (condition and condition != self.served.etag):
            return 0
        first = int(match[1])
        return first if first < len(self.served.data) else None

    def send_body(self, body: bytes) -> None:
        cut = self.served.cuts.pop(0) if self.served.cuts else None
        part = body[:cut]
        self.served.sent.append(len(part))
        if self.served.chunked:
            part = b"%x\r\n%b\r\n" % (len(part), part) + (b"0\r\n\r\n" if cut is None else b"")
        self.wfile.write(part)
        if cut is not None and self.served.stall:
            self.wfile.flush()
            self.served.stall.wait(20)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server, and no delays between attempts."""
    monkeypatch.setattr("mirlab.core.transfer.DELAYS", (0.0, 0.0))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    state = Served()
    handler = type("BoundHandler", (Handler,), {"served": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        state.address = f"http://127.0.0.1:{server.server_port}/song.zip"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        if state.stall:
            state.stall.set()
        server.shutdown()
        thread.join()


def fetch(served: Served, folder: Path, **more: Any) -> Path:
    arguments = {"sha256": SHA256, "licence": "CC0 1.0", "progress": False} | more
    return download(served.address, folder / "song.zip", **arguments)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refuse(served: Served, folder: Path, words: str, **more: Any) -> None:
    """The download fails with one line that has the address and the words; `path` is missing."""
    with pytest.raises(DownloadError, match=words) as caught:
        fetch(served, folder, **more)
    assert str(caught.value).startswith(f"{served.address}: ")
    assert "\n" not in str(caught.value)
    assert "song.zip" not in files(folder)


@pytest.mark.parametrize("form", ["length", "no length", "chunked"])
def test_a_file_comes_whole_and_is_announced(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    served.length, served.chunked = form == "length", form == "chunked"
    assert fetch(served, tmp_path) == tmp_path / "song.zip"
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert files(tmp_path) == ["song.zip"]
    size = "0.3 MB" if form == "length" else "size unknown"
    line = f"downloading {served.address}: {size}, licence: CC0 1.0\n"
    assert capsys.readouterr() == ("", line)


def test_what_is_there_is_not_fetched_again(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "song.zip"
    path.write_bytes(DATA)
    fetch(served, tmp_path, sha256=SHA256.upper())
    assert not served.asked
    path.write_bytes(b"other")
    path.chmod(0o600)
    fetch(served, tmp_path)
    assert path.read_bytes() == DATA and path.stat().st_mode & 0o777 == 0o600
    fetch(served, tmp_path, sha256=None)  # nobody knows whether it is the same
    assert len(served.asked) == 2


def test_progress_rises_to_the_end(served: Served, tmp_path: Path) -> None:
    reports: list[tuple[float, str]] = []
    fetch(served, tmp_path, progress=lambda done, task: reports.append((done, task)))
    fractions = [done for done, _ in reports]
    assert fractions == sorted(fractions) and fractions[-1] == 1 and 0 < fractions[0] < 1
    assert {task for _, task in reports} == {"download song.zip"}


def test_a_file_address(tmp_path: Path) -> None:
    source = tmp_path / "a source.bin"
    source.write_bytes(DATA)
    fetch(Served(address=source.as_uri()), tmp_path)
    assert (tmp_path / "song.zip").read_bytes() == DATA
    (tmp_path / "song.zip").unlink()
    refuse(Served(address=source.as_uri() + "x"), tmp_path, "no such file; check the address")
    refuse(Served(address=tmp_path.as_uri()), tmp_path, "directory")


@pytest.mark.parametrize("etag", ["", '"1"', 'W/"1"'])
def test_a_lost_connection_is_continued(served: Served, tmp_path: Path, etag: str) -> None:
    served.cuts, served.etag = [100_000, 50_000], etag
    fetch(served, tmp_path)
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert served.asked == ["", "bytes=100000-", "bytes=150000-"]
    assert sum(served.sent) == len(DATA)


def test_a_chunked_answer_that_ends_early_is_continued(served: Served, tmp_path: Path) -> None:
    served.cuts, served.chunked = [100_000], True
    fetch(served, tmp_path)
    assert served.asked == ["", "bytes=100000-"]


def test_a_server_without_ranges_begins_anew(served: Served, tmp_path: Path) -> None:
    served.cuts, served.ranges = [200_000, 100_000], False
    fetch(served, tmp_path)
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert served.sent == [200_000, 100_000, len(DATA)]


@pytest.mark.parametrize(("etag", "sent"), [('"1"', 200_000), ("", 300_000), ('W/"1"', 300_000)])
def test_without_a_checksum_only_an_etag_joins_parts(
    served: Served, tmp_path: Path, etag: str, sent: int
) -> None:
    served.cuts, served.etag = [100_000], etag
    fetch(served, tmp_path, sha256=None)
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert served.sent == [100_000, sent]


def test_another_file_behind_the_etag_is_fetched_whole(served: Served, tmp_path: Path) -> None:
    served.data, served.cuts, served.etag = OTHER, [250_000], '"1"'

    def exchange(*_: object) -> None:
        if served.sent == [250_000]:
            served.data, served.etag = DATA, '"2"'

    fetch(served, tmp_path, progress=exchange)
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert served.sent == [250_000, len(DATA)]


@pytest.mark.parametrize("left", [OTHER[:250_000], DATA + b"more", DATA + DATA])
def test_a_partial_file_that_does_not_fit_is_replaced(
    served: Served, tmp_path: Path, left: bytes
) -> None:
    leave_partial(served, tmp_path, left)
    fetch(served, tmp_path)
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert files(tmp_path) == ["song.zip"]
    assert served.sent[-1] == len(DATA)


def leave_partial(served: Served, folder: Path, data: bytes) -> Path:
    """Leave a partial file with these bytes, as if an earlier call had failed."""
    served.cuts = [10, 0, 0, 0]
    refuse(served, folder, "connection ended after 10 of 300000 bytes; try again to continue")
    served.cuts = []
    (partial,) = folder.iterdir()
    assert is_temporary(partial.name)
    partial.write_bytes(data)
    return partial


def test_a_complete_partial_file_is_not_fetched_again(served: Served, tmp_path: Path) -> None:
    leave_partial(served, tmp_path, DATA)
    served.asked.clear()
    fetch(served, tmp_path)
    assert not served.asked and files(tmp_path) == ["song.zip"]


def test_a_server_that_sends_another_part(served: Served, tmp_path: Path) -> None:
    served.cuts, served.shift = [100_000], 7
    fetch(served, tmp_path)
    assert (tmp_path / "song.zip").read_bytes() == DATA


def test_an_interrupted_download_is_continued(served: Served, tmp_path: Path) -> None:
    def interrupt(done: float, _: str) -> None:
        if done > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(served, tmp_path, progress=interrupt)
    size = partial_size(tmp_path)
    fetch(served, tmp_path)
    assert served.asked == ["", f"bytes={size}-"] and size > 150_000
    assert (tmp_path / "song.zip").read_bytes() == DATA


def test_a_partial_file_is_kept_for_a_week(served: Served, tmp_path: Path) -> None:
    partial = leave_partial(served, tmp_path, DATA[:1000])
    for days, remain in ((6, True), (8, False)):
        os.utime(partial, (time.time() - days * 86_400,) * 2)
        sweep_temporaries(tmp_path)
        assert partial.exists() == remain


def test_a_wrong_checksum_leaves_nothing(served: Served, tmp_path: Path) -> None:
    served.data = OTHER
    found = hashlib.sha256(OTHER).hexdigest()
    refuse(served, tmp_path, f"300000 bytes have the sha256 {found}, not {SHA256}; nothing was")
    assert not files(tmp_path) and len(served.asked) == 1


def test_a_truncated_file_whose_size_is_not_told(served: Served, tmp_path: Path) -> None:
    served.cuts, served.length = [1000], False
    refuse(served, tmp_path, "its 1000 bytes have the sha256")
    assert not files(tmp_path)


def test_an_existing_file_stays_when_a_download_fails(served: Served, tmp_path: Path) -> None:
    (tmp_path / "song.zip").write_text("old")
    for data, status in ((OTHER, []), (DATA, [404])):
        served.data, served.statuses = data, status
        with pytest.raises(DownloadError):
            fetch(served, tmp_path)
        assert (tmp_path / "song.zip").read_text() == "old" and files(tmp_path) == ["song.zip"]


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ([404], "404 Not Found; the file is not there: check the address"),
        ([410], "410 Gone; the file was removed"),
        ([403], "403 Forbidden; the server refuses it"),
        ([418], "418 I'm a Teapot; check the address"),
        ([503, 503, 503], "503 Service Unavailable; the server has a problem: try again later"),
        ([500, 429, 408], "408 Request Timeout; the server is slow: try again later"),
    ],
)
def test_errors_of_the_server(
    served: Served, tmp_path: Path, statuses: list[int], words: str
) -> None:
    served.statuses = list(statuses)
    refuse(served, tmp_path, words)
    assert len(served.asked) == len(statuses)
    served.statuses = [503, 429]
    fetch(served, tmp_path)


def test_a_server_that_is_not_there(served: Served, tmp_path: Path) -> None:
    refuse(Served(address="http://127.0.0.1:9/a"), tmp_path, "refused; try again later")
    refuse(Served(address="http://no-host.invalid/a"), tmp_path, "no-host.invalid cannot be found")


def test_a_slow_server_is_given_up_and_continued(served: Served, tmp_path: Path) -> None:
    served.cuts, served.stall = [1000], threading.Event()
    fetch(served, tmp_path, timeout=0.3)
    assert served.asked == ["", "bytes=1000-"] and sum(served.sent) == len(DATA)
    served.cuts = [0, 0, 0]
    (tmp_path / "song.zip").unlink()
    refuse(served, tmp_path, r"no data for 0.05 s; try again later", timeout=0.05)


def test_delays_grow_until_bytes_come(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("mirlab.core.transfer.DELAYS", (0.5, 1.0))
    monkeypatch.setattr("mirlab.core.transfer.time", SimpleNamespace(sleep=slept.append))
    served.statuses, served.cuts = [500, 500], [100, 0, 0]
    with pytest.raises(DownloadError):
        fetch(served, tmp_path)
    assert slept == [0.5, 1.0, 0.5, 1.0]


def test_a_disk_without_space_is_found_before(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=200_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    refuse(
        served, tmp_path, "0.3 MB do not fit .* has 0.2 MB: free space, or choose another folder"
    )
    assert not files(tmp_path)


CODE = f"""
import sys
from mirlab.core import DownloadError
from mirlab.core.download import download
try:
    download(*sys.argv[1:], sha256={SHA256!r}, licence="CC0 1.0")
except DownloadError as reason:
    sys.exit(f"error: {{reason}}")
"""


def start(served: Served, folder: Path, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CODE, served.address, folder / "song.zip"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **more)


def test_a_full_disk(served: Served, tmp_path: Path) -> None:
    """Stood for by a limit to the size of files, which needs no rights."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    # Python would cut the compiled modules that it writes, too, and take them for whole later
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    with start(served, tmp_path, preexec_fn=limit, env=environment) as process:
        _, errors = process.communicate(timeout=60)
    line = errors.splitlines()[-1]
    assert process.returncode == 1 and line.startswith(f"error: {served.address}: cannot be writ")
    assert "no space left" in line and "free space, or choose another folder" in line
    assert not files(tmp_path) and len(served.asked) == 1


def partial_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_killed_download_is_continued(served: Served, tmp_path: Path) -> None:
    served.cuts, served.stall = [100_000], threading.Event()
    with start(served, tmp_path) as process:
        wait_for(lambda: partial_size(tmp_path) == 100_000)
        fetch(served, tmp_path)  # the file of a process that lives is not touched
        assert served.sent == [100_000, len(DATA)] and len(files(tmp_path)) == 2
        (tmp_path / "song.zip").unlink()
        process.kill()
    assert process.returncode == -signal.SIGKILL
    served.asked.clear()
    sweep_temporaries(tmp_path)  # whoever writes to the folder meanwhile keeps it
    fetch(served, tmp_path)
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert files(tmp_path) == ["song.zip"]
    assert served.asked == ["bytes=100000-"] and served.sent[-1] == 200_000


def test_two_downloads_at_the_same_time(served: Served, tmp_path: Path) -> None:
    served.cuts, served.stall = [1000, 2000], threading.Event()
    threads = [threading.Thread(target=fetch, args=(served, tmp_path)) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: partial_size(tmp_path) == 3000)
    served.stall.set()
    for thread in threads:
        thread.join()
    assert (tmp_path / "song.zip").read_bytes() == DATA
    assert files(tmp_path) == ["song.zip"] and sum(served.sent) == 2 * len(DATA)


NO_ADDRESSES = ["", "song.zip", "ftp://a/b", "data:,a", "javascript:1", "file:a", "http://"]
NO_ADDRESSES += ["http:///a", "http://[/a", "http://a:b/", "http://a:99999/", "http://a/b c"]
NO_ADDRESSES += ["http://a/b\n", "http://a/é"]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(DownloadError, match="is no http, https or file address"):
        download(address, tmp_path / "a", sha256=SHA256, licence="CC0")
    assert not files(tmp_path)


def test_folders_that_cannot_be_written_to(served: Served, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"the folder .*missing does not exist"):
        fetch(served, tmp_path / "missing")
    (tmp_path / "song.zip").mkdir()
    with pytest.raises(DownloadError, match="is a folder, not a file"):
        fetch(served, tmp_path)
    with pytest.raises(DownloadError, match="the name is too long"):
        download(served.address, tmp_path / ("a" * 300), sha256=SHA256, licence="CC0")
    assert not served.asked
