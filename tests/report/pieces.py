"""An analysed piece with known contents, and a parser of the page that shows it."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

import numpy as np

from mirlab.analysis import Analysis
from mirlab.chords import LogSpectrogram
from mirlab.core import Audio, Notes, Segments, TempoMap

SR = 22050


def piece(
    *,
    name: str = "my_song",
    chords: tuple[str, ...] = ("F:maj", "C:7"),
    lead: float = 0.5,
    first: int = 4,
    count: int = 10,
    key: str | None = "F major",
) -> Analysis:
    """A piece at 120 bpm: `count` beats from `lead` seconds on; the first has the number `first`.

    Each chord lasts five beats, starting at the first beat; a note sounds on every beat.
    """
    beats = lead + 0.5 * np.arange(count + 1)
    times = np.arange(len(chords)) * 2.5 + lead
    times[0] = 0
    end = max(float(beats[-1]), float(times[-1]) + 2.5) + 0.5
    labels = [str((first - 1 + i) % 4 + 1) for i in range(count)]
    t = np.arange(round(end * SR)) / SR
    low, high = (
        np.float32(0.3) * np.sin(2 * np.pi * hz * t, dtype=np.float32) for hz in (220, 880)
    )
    frames = t.size // 1024 + 1
    pitches = 60 + np.arange(count) % 12
    return Analysis(
        name=name,
        audio=Audio(low + high, SR),
        stems={"harmonic": Audio(low, SR), "percussive": Audio(high, SR)},
        notes=Notes(
            beats[:-1], beats[1:], pitches, tempo_map=TempoMap.from_beats(beats) if count else None
        ),
        chords=Segments(np.column_stack([times, [*times[1:], end]]), chords),
        key=key,
        beats=Segments(np.column_stack([beats[:-1], beats[1:]]), labels),
        meter=(4, 4),
        spectrogram=LogSpectrogram(np.full((252, frames), 0.1), np.arange(frames) * 1024 / SR, 0.0),
        seconds={
            "load": 0.1,
            "stems": 1.0,
            "harmony": 0.5,
            "beats": 0.2,
            "notes": 2.0,
            "sections": 0.1,
            "total": 3.8,
        },
    )


class Links(HTMLParser):
    """The references of a page: values of `src`, `href` and `action`, and its downloads by name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.files: dict[str, bytes] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.targets += [values[name] for name in ("src", "href", "action") if name in values]
        if "download" in values:
            kind, data = values["href"].split(";base64,")
            assert kind.startswith("data:")
            self.files[values["download"]] = base64.b64decode(data)


def words(page: str) -> str:
    """The visible text of a page, without scripts, styles and tags."""
    kept: list[str] = []

    class Words(HTMLParser):
        hidden = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.hidden = tag in ("script", "style")

        def handle_endtag(self, tag: str) -> None:
            self.hidden = False

        def handle_data(self, data: str) -> None:
            if not self.hidden:
                kept.append(data)

    Words().feed(page)
    return " ".join(" ".join(kept).split())
