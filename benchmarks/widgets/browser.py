"""A real browser for pages and JupyterLab; all other hosts are unreachable."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mirlab.core.errors import MirlabError, MissingPartError

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
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
PATIENCE = 120_000  # ms; the machine may be busy
# A tall window, for JupyterLab draws only the outputs in view.
TALL = {"viewport": {"width": 1300, "height": 8000}}
# JupyterLab asks for news and updates on its first start.
QUIET = {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True}
# Awaits JupyterLab's promises: "idle" appears before the kernel is reachable, and a Run All in
# between is silently lost.
RUN = """async ([path, until]) => {
    const app = window.jupyterapp;
    await app.restored;
    const widget = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await widget.context.ready;
    await widget.sessionContext.ready;
    await widget.sessionContext.session.kernel.info;
    const cells = widget.content.model.sharedModel.cells;
    const last = cells.findIndex(cell => cell.cell_type === 'code' && cell.source.includes(until));
    if (last < 0) return [`no cell has ${until}`];
    widget.content.activeCellIndex = last;
    if (until) {
        await app.commands.execute('notebook:run-all-above');
        widget.content.activeCellIndex = last;
        await app.commands.execute('notebook:run-cell');
    } else {
        await app.commands.execute('notebook:run-all-cells');
    }
    return cells
        .filter(cell => cell.cell_type === 'code')
        .flatMap(cell => cell.getOutputs())
        .filter(output => output.output_type === 'error' || output.name === 'stderr')
        .map(output => output.ename ? `${output.ename}: ${output.evalue}` : `${output.text}`);
}"""
# Runs code in the kernel of the open notebook.
CELL = """async (code) => {
    const { session } = window.jupyterapp.shell.currentWidget.sessionContext;
    const future = session.kernel.requestExecute({ code });
    let text = '';
    future.onIOPub = ({ content }) => (text += content.text ?? content.evalue ?? '');
    await future.done;
    return text;
}"""


def chromium_path() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def chromium(*arguments: str) -> Iterator[Any]:
    """Start the system's Chromium, and close it afterwards.

    Parameters
    ----------
    *arguments
        Further command-line arguments.

    Raises
    ------
    MissingPartError
        Without Chromium, or without playwright, which drives it.
    MirlabError
        For errors that playwright reports while the browser is in use.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise MissingPartError("the browser needs playwright: pip install playwright") from None
    path = chromium_path()
    if path is None:
        raise MissingPartError("needs chromium: sudo apt-get install -y chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        except Error as reason:
            raise MirlabError(f"Chromium: {reason.message.splitlines()[0]}") from reason
        finally:
            browser.close()


@contextlib.contextmanager
def opened(browser: Any, address: str, **context: Any) -> Iterator[tuple[Any, list[str]]]:
    """Open an address; yield the page, and a list to which errors on the page are added."""
    settings_folder = browser.new_context(**context)
    try:
        yield watched(settings_folder, address)
    finally:
        settings_folder.close()


def watched(context: Any, address: str) -> tuple[Any, list[str]]:
    """Open an address in a new page of a browser context; see `opened`."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    home = address.split("/")[2]
    problems: list[str] = []

    def asked(request: Any) -> None:
        if request.url.startswith(("http", "ws")) and request.url.split("/")[2] != home:
            problems.append(f"asked {request.url}")

    page.on("request", asked)
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    return page, problems


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder; yield its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextlib.contextmanager
def jupyterlab(root: Path, settings_folder: Path) -> Iterator[str]:
    """Run JupyterLab in the folder `root` with settings in `settings_folder`; yield its address.

    Raises
    ------
    MirlabError
        When it does not start; with its log.
    """
    settings = settings_folder / "settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(settings_folder / "config"),
        "JUPYTER_DATA_DIR": str(settings_folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(settings_folder / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings_folder / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings_folder / "settings"),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += ["--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--ServerApp.disable_check_xsrf=True", "--LabApp.expose_app_in_browser=True"]
    command += [f"--ServerApp.root_dir={root}"]
    address, log = f"http://127.0.0.1:{port}", settings_folder / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _await(f"{address}/api/status", server, log)
            yield address
        finally:
            server.terminate()
            server.wait(20)


@contextlib.contextmanager
def notebook(
    context: Any, lab: str, path: str, *, until: str = ""
) -> Iterator[tuple[Any, list[str]]]:
    """Open a notebook in JupyterLab and run its cells; shut its kernel down afterwards.

    Parameters
    ----------
    context
        Browser context with the settings `TALL`; it loads JupyterLab once for many notebooks.
    lab
        Address of JupyterLab.
    path
        Path of the notebook, relative to JupyterLab's folder.
    until
        Text in the last code cell to run (the first with this text); by default all cells run.

    Yields
    ------
    tuple
        The page and its errors, as from `opened`.

    Raises
    ------
    MirlabError
        When a cell fails or warns.
    """
    page, problems = watched(context, f"{lab}/lab/workspaces/test?reset")
    try:
        page.set_default_timeout(2 * PATIENCE)  # a chapter takes long
        page.wait_for_function("() => window.jupyterapp?.shell")
        if errors := page.evaluate(RUN, [path, until]):
            raise MirlabError(f"{path}: {' '.join(errors)}")
        yield page, problems
    finally:
        page.close()
        _end_kernels(lab)


def _end_kernels(lab: str) -> None:
    """End every session of a JupyterLab."""
    with urllib.request.urlopen(f"{lab}/api/sessions", timeout=60) as answer:
        sessions = json.load(answer)
    for session in sessions:
        address = f"{lab}/api/sessions/{session['id']}"
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=60).close()


def _await(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + 300  # the machine may be busy
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=60).close()
            return
        except OSError:
            time.sleep(0.25)
    raise MirlabError(f"JupyterLab did not start: {log.read_text()[-2000:]}")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """A static server that does not log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def await_kernel(page: Any, code: str, wanted: str, seconds: float = 30) -> None:
    """Wait until `code` prints `wanted` in the kernel, whose widgets lag behind the page.

    Raises
    ------
    MirlabError
        When it does not within `seconds`; with its last output.
    """
    end = time.monotonic() + seconds
    while (answer := in_kernel(page, code)) != wanted:
        if time.monotonic() > end:
            raise MirlabError(f"the kernel answers {answer!r} to {code!r}, not {wanted!r}")
        page.wait_for_timeout(100)


def in_kernel(page: Any, code: str) -> str:
    """Output of code in the kernel of the open notebook, or its error message."""
    text: str = page.evaluate(CELL, code)
    return text
