"""Base class of the widgets: named state, a request engine, and export to HTML."""

from __future__ import annotations

import difflib
import html
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from ipywidgets import widget_serialization

from ...core.errors import MirlabError
from ...core.files import atomic_write
from .script import SharedScript, shared_script, shared_state

HERE = Path(__file__).parent
RUNTIME = HERE.parent / "runtime/widgets.js"


class WidgetError(MirlabError, ValueError):
    """The widget does not have this trait, or the trait does not accept this value."""


def bundle(name: str) -> str:
    """The JavaScript of a widget, built by `make widgets`.

    It is text, not a path: anywidget connects every widget to the change signal of a file, which
    then keeps the widget, with its sound, in memory for ever.
    """
    return (HERE.parent / name / "bundle.js").read_text("utf-8")


class Instrument(anywidget.AnyWidget):
    """Base of all widgets; a subclass adds traits, its `_esm` and its `answer_*` methods.

    The JavaScript sends requests by name (`ask("notes", {...})`), and the method
    `answer_notes(progress, **arguments)` returns a dict of traits to set: numbers, text, lists and
    bytes. It runs in a separate thread, so that the kernel remains free for the reader's cells.
    While it runs, only the newest request is queued and older ones are dropped. The method may
    report progress by `progress(fraction)` (0..1), or pass it on to a verb of the package
    (`transcribe(audio, progress=progress)`); the page shows it after 300 ms. A page without a
    kernel computes the answer itself if it can, and otherwise uses the answers stored by `bake`.

    Parameters
    ----------
    **state
        Traits by name.

    Raises
    ------
    WidgetError
        If a keyword is not a trait of the widget (the message lists the traits), or a trait does
        not accept its value.
    """

    _css = (HERE / "instrument.css").read_text("utf-8")  # text, see `bundle`
    failure = traitlets.Unicode("", help="error message of the last request").tag(sync=True)
    baked = traitlets.Dict(help="answers stored by `bake`: {name: [[arguments, traits], ...]}").tag(
        sync=True
    )
    _shared = traitlets.Instance(SharedScript).tag(sync=True, **widget_serialization)
    device = "CPU"

    def __init__(self, **state: Any) -> None:
        if unknown := sorted(set(state) - set(self.state_names())):
            raise WidgetError(_unknown(type(self).__name__, unknown[0], self.state_names()))
        self._lock = threading.Lock()
        self._waiting: dict[str, Any] | None = None
        self._working: threading.Thread | None = None
        try:
            super().__init__(**state)
        except traitlets.TraitError as error:
            raise WidgetError(f"{type(self).__name__}: {error}") from error
        self.on_msg(self._on_message)

    @traitlets.default("_shared")
    def _default_shared(self) -> SharedScript:
        return shared_script()

    @classmethod
    def state_names(cls) -> list[str]:
        """Sorted names of the traits that make up the widget's state."""
        inherited = {*anywidget.AnyWidget.class_traits(), "failure"}
        names = set(cls.class_traits(sync=True)) - inherited
        return sorted(name for name in names if not name.startswith("_"))

    def state(self) -> dict[str, Any]:
        """The whole state of the widget; `type(widget)(**widget.state())` copies it."""
        return {name: getattr(self, name) for name in self.state_names()}

    def wait(self, timeout: float = 60) -> bool:
        """Wait until no request is running; return False after `timeout` seconds."""
        while (thread := self._working) is not None:
            thread.join(timeout)
            if thread.is_alive():
                return False
        return True

    def bake(self, name: str, requests: Iterable[Mapping[str, Any]]) -> None:
        """Answer requests now and store the answers, for pages without a kernel.

        The widget's other traits are unchanged. Answers stored for the same arguments are replaced.

        Parameters
        ----------
        name
            Name of the request, answered by `answer_<name>`.
        requests
            Keyword arguments of each request: numbers, text, and lists and dicts of them.

        Raises
        ------
        WidgetError
            If the widget does not answer `name`, the arguments are not JSON, or an answer sets an
            unknown trait. Exceptions of `answer_<name>` itself propagate.
        """
        answer = self._answerer(name)
        stored = {
            _key(arguments): [arguments, result] for arguments, result in self.baked.get(name, [])
        }
        for request in requests:
            arguments = dict(request)
            key = _key(arguments)
            result = answer(lambda fraction: None, **arguments)
            if unknown := sorted(set(result) - set(self.state_names())):
                raise WidgetError(_unknown(type(self).__name__, unknown[0], self.state_names()))
            stored[key] = [json.loads(key), result]
        self.baked = {**self.baked, name: list(stored.values())}

    def fragment(self) -> str:
        """The widget as an HTML fragment, displayed where the fragment is inserted.

        Returns
        -------
        str
            HTML without executable scripts. A page may contain several; `runtime_script()`,
            inserted once anywhere, loads their shared parts and displays them all.
        """
        from ipywidgets.embed import dependency_state, embed_data

        data = embed_data(views=[self], state=dependency_state([self], drop_defaults=False))
        del data["manager_state"]["state"][self._shared.model_id]
        state, view = _state_element(data["manager_state"]), _in_script(data["view_specs"][0])
        return f'{state}\n<script type="application/vnd.jupyter.widget-view+json">{view}</script>'

    def to_html(self, path: str | Path | None = None, *, title: str = "mirlab") -> str:
        """The widget as a self-contained page that needs neither a kernel nor other files.

        Parameters
        ----------
        path
            File to write, if given; an existing file is replaced atomically.
        title
            Title of the page.

        Returns
        -------
        str
            The page, with the current state of the widget.
        """
        page = PAGE.format(
            title=html.escape(title), widget=self.fragment(), runtime=runtime_script()
        )
        if path is not None:
            with atomic_write(path, error=WidgetError) as temporary:
                temporary.write_text(page, "utf-8")
        return page

    def _on_message(self, widget: Any, message: Any, buffers: Any) -> None:
        """Handle a message of the page: a greeting or a request."""
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "hello":
            self.send({"kind": "kernel", "device": self.device})
        elif kind == "request":
            self._enqueue(message)

    def _enqueue(self, request: dict[str, Any]) -> None:
        """Queue `request`, replacing the waiting one; start a thread if none is running."""
        with self._lock:
            dropped, self._waiting = self._waiting, request
            if start := self._working is None:
                self._working = threading.Thread(target=self._work, daemon=True)
        if dropped:
            self.send({"kind": "dropped", "id": dropped.get("id")})
        if start:
            self._working.start()

    def _work(self) -> None:
        """Answer requests until the queue is empty."""
        while True:
            with self._lock:
                request, self._waiting = self._waiting, None
                if request is None:
                    self._working = None
                    return
            self._answer(request)

    def _answer(self, request: dict[str, Any]) -> None:
        """Answer one request; errors are shown in the widget, which stays usable."""
        number, name = request.get("id"), request.get("name")

        def progress(fraction: float, task: str = "") -> None:
            self.send({"kind": "progress", "id": number, "fraction": float(fraction)})

        try:
            result = self._answerer(name)(progress, **request.get("arguments", {}))
            with self.hold_sync():
                self.failure = ""
                for key, value in result.items():
                    setattr(self, key, value)
        except Exception as error:  # shown to the reader, not in the log
            self.failure = f"{type(error).__name__}: {error}"
        self.send({"kind": "done", "id": number})

    def _answerer(self, name: Any) -> Callable[..., dict[str, Any]]:
        """The method that answers `name`; WidgetError if there is none."""
        answer: Callable[..., dict[str, Any]] | None = getattr(self, f"answer_{name}", None)
        if answer is None:
            raise WidgetError(f"{type(self).__name__} cannot answer {name!r}")
        return answer


def runtime_script() -> str:
    """Script elements that display every `fragment` of a page; needed once per page."""
    return f"{_state_element(shared_state())}\n<script>{RUNTIME.read_text('utf-8')}</script>"


def _key(arguments: Mapping[str, Any]) -> str:
    """Canonical JSON of arguments, independent of their order."""
    try:
        return json.dumps(arguments, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise WidgetError(f"{dict(arguments)!r} cannot be asked for by a page: {error}") from error


def _unknown(widget: str, name: str, names: list[str]) -> str:
    """Error message for an unknown keyword."""
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"{widget} has no {name!r}{hint} It takes: {', '.join(names)}"


def _state_element(state: dict[str, Any]) -> str:
    """Script element with the state of a widget manager."""
    return f'<script type="application/vnd.jupyter.widget-state+json">{_in_script(state)}</script>'


def _in_script(value: Any) -> str:
    """JSON, escaped for a script element, which `</script` or `<!--` in a text would change."""
    return json.dumps(value).replace("<", "\\u003c")


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
</head>
<body>
{widget}
{runtime}
</body>
</html>
"""
