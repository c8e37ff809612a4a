"""A real browser on a real JupyterLab and on the built book, with every other host out of reach."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from build_book import build_book

ARGUMENTS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# JupyterLab asks for news and updates on its first start.
QUIET = {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True}
# JupyterLab's own promises: "idle" shows before the kernel can be reached, and a Run All in
# between is lost without a word.
RUN_ALL = """async (path) => {
    const app = window.jupyterapp;
    await app.restored;
    const widget = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await widget.context.ready;
    await widget.sessionContext.ready;
    await widget.sessionContext.session.kernel.info;
    await app.commands.execute('notebook:run-all-cells');
    return widget.content.model.sharedModel.cells
        .filter(cell => cell.cell_type === 'code')
        .flatMap(cell => cell.getOutputs())
        .filter(output => output.output_type === 'error' || output.name === 'stderr')
        .map(output => output.ename ? `${output.ename}: ${output.evalue}` : `${output.text}`);
}"""


@pytest.fixture(scope="session")
def browser(require_chromium: str) -> Iterator[Any]:
    """The system's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require_chromium, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., tuple[Any, list[str]]]]:
    """Open an address; give the page, and a list that fills with whatever goes wrong on it."""
    contexts = []

    def opened(address: str, **context: Any) -> tuple[Any, list[str]]:
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        home = "/".join(address.split("/")[:3])
        problems: list[str] = []

        def asked(request: Any) -> None:
            if (
                request.url.startswith(("http", "ws"))
                and request.url.split("//")[1].split("/")[0] != home.split("//")[1]
            ):
                problems.append(f"asked {request.url}")

        page.on("request", asked)
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(address)
        return page, problems

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def lab(
    root: Path, require_chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a JupyterLab on the repository, with settings of its own."""
    own = tmp_path_factory.mktemp("lab")
    settings = own / "settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += ["--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--ServerApp.disable_check_xsrf=True", "--LabApp.expose_app_in_browser=True"]
    command += [f"--ServerApp.root_dir={root}"]
    address, log = f"http://127.0.0.1:{port}", own / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _await(f"{address}/api/status", server, log)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _await(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers; fail with what it wrote when it does not."""
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def run_notebook(
    lab: str, open_page: Callable[..., tuple[Any, list[str]]]
) -> Iterator[Callable[[str], tuple[Any, list[str]]]]:
    """Open a notebook in JupyterLab and run all its cells; a cell that fails or warns fails."""

    def run(path: str) -> tuple[Any, list[str]]:
        # a tall window, for JupyterLab draws only the outputs in view
        size = {"width": 1300, "height": 8000}
        page, problems = open_page(f"{lab}/lab/workspaces/test?reset", viewport=size)
        page.set_default_timeout(180_000)
        page.wait_for_function("() => window.jupyterapp?.shell")
        errors = page.evaluate(RUN_ALL, path)
        assert not errors, errors
        return page, problems

    yield run
    with urllib.request.urlopen(f"{lab}/api/sessions", timeout=5) as answer:
        sessions = json.load(answer)
    for session in sessions:
        address = f"{lab}/api/sessions/{session['id']}"
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=20).close()


@pytest.fixture(scope="session")
def book(root: Path, require_chromium: str) -> Iterator[str]:
    """The address of the built book; what has not changed since the last build is not built."""
    build_book(root, "-q")
    with serving(root / "_build/html") as address:
        yield address


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a static server on `folder`."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder for as long as the test runs; give its address."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(serving(folder))


@pytest.fixture(scope="session")
def screenshots(root: Path) -> Path:
    """Where the pictures of the tests are kept, for CI and for people."""
    folder = root / "_build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """A static server that does not log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
