"""Notebook display of the value types: HTML and SVG without scripts, for light and dark pages.

Shapes are SVG and stretch with the page; text lies over them in HTML, so that it keeps its size
on a narrow screen. Colours come from the page (`currentColor`) and from two accents that can be
told apart on white and on black.
"""

from __future__ import annotations

import base64
import colorsys
import html
from collections.abc import Sequence

import numpy as np

from .audio_files import encode
from .columns import NoteColumns
from .constants import SAMPLE_RATE
from .theory import note_name

ACCENT = "#3b82c4"
PLAYER_PEAK = 0.25  # -12 dBFS, the loudest that a page plays
FLAC_SECONDS = 20.0  # longer audio is embedded as MP3
PLAYER_SECONDS = 600.0  # longer audio is truncated
COLUMNS = 800  # columns of a waveform
PIXELS_PER_SECOND = 30  # of the scrolling figures


def audio_html(y: np.ndarray, sr: int, *, title: str = "") -> str:
    """Waveform and player of samples `(channels, samples)` or `(samples,)` as HTML.

    The player embeds a mono copy at 22,050 Hz, attenuated to a peak of -12 dBFS if it is louder:
    FLAC up to 20 s, MP3 above, at most the first ten minutes.
    """
    mono = _mono(y)
    seconds = mono.size / sr
    name = title or f"Sound of {seconds:.1f} s"
    body = svg(_wave_path(mono), 0, -1, COLUMNS, 2, height=80, label=f"Waveform. {name}")
    return figure(body + _time_axis(seconds) + player_html(mono, sr, name), name)


def player_html(y: np.ndarray, sr: int, label: str) -> str:
    """Audio element with embedded data and a label for screen readers."""
    import soxr

    mono = _mono(y)
    seconds = mono.size / sr
    excerpt, rate = mono[: round(min(seconds, PLAYER_SECONDS) * sr)], sr
    if sr > SAMPLE_RATE or excerpt.size / sr > FLAC_SECONDS:
        excerpt, rate = soxr.resample(excerpt, sr, SAMPLE_RATE), SAMPLE_RATE
    peak = float(np.abs(excerpt).max(initial=0.0))
    attenuated = excerpt * np.float32(min(1.0, PLAYER_PEAK / peak if peak else 1.0))
    short = excerpt.size / rate <= FLAC_SECONDS
    suffix, kind = (".flac", "flac") if short else (".mp3", "mpeg")
    data = base64.b64encode(encode(attenuated[None], rate, suffix)).decode()
    part = "" if excerpt.size / rate >= seconds - 1 else " (the first ten minutes)"
    return (
        f'<audio controls preload="metadata" aria-label="{html.escape(label)}" '
        f'style="width:100%;margin-top:4px" src="data:audio/{kind};base64,{data}"></audio>'
        f"<small>{html.escape(part)}</small>"
    )


def notes_html(notes: NoteColumns, y: np.ndarray, sr: int) -> str:
    """Piano roll of at least one note and a player of the rendered audio; one colour a program."""
    name = f"{len(notes)} notes"
    low, high = int(notes.pitch.min()) - 1, int(notes.pitch.max()) + 2
    rows = high - low
    shapes = "".join(
        f'<rect x="0" y="{high - 1 - p}" width="{notes.duration:.3f}" height="1" '
        'fill="currentColor" opacity="0.07"/>'
        for p in range(low, high)
        if p % 12 in (1, 3, 6, 8, 10)
    )
    for a, b, pitch, velocity, program in zip(
        notes.onset, notes.offset, notes.pitch, notes.velocity, notes.program, strict=True
    ):
        shapes += (
            f'<rect x="{a:.3f}" y="{high - 1 - pitch}" width="{b - a:.3f}" height="1" '
            f'fill="{_colour(program / 21)}" opacity="{0.4 + 0.6 * velocity / 127:.2f}">'
            f"<title>{note_name(pitch)}, {a:.2f} to {b:.2f} s</title></rect>"
        )
    height = min(max(6 * rows, 100), 320)
    roll = svg(shapes, 0, 0, notes.duration, rows, height=height, label=f"Piano roll. {name}")
    names = "".join(
        f'<span style="position:absolute;left:2px;top:{(high - 0.5 - p) / rows:.2%};'
        f'transform:translateY(-50%);font-size:11px;opacity:.75">{note_name(p)}</span>'
        for p in range(low, high)
        if p % 12 == 0
    )
    body = f'<div style="position:relative">{roll}{names}</div>{_time_axis(notes.duration)}'
    scroll = _scrolling(body, notes.duration, f"Piano roll of {name}")
    return figure(scroll + player_html(y, sr, f"Player: {name}"), name)


def segments_html(intervals: np.ndarray, labels: Sequence[str], *, title: str = "") -> str:
    """Row of labelled intervals `(n, 2)`; one hue per chord root (or label), the label in each."""
    if not len(labels):
        return figure("no segments", title or "Segments")
    end = float(intervals[-1, 1])
    name = title or f"{len(labels)} segments"
    hues = {label: i for i, label in enumerate(sorted({s.split(":")[0] for s in labels}))}
    blocks = ""
    for (a, b), label in zip(intervals, labels, strict=True):
        hue = hues[label.split(":")[0]] / len(hues)
        background = "transparent" if label == "N" else _colour(hue) + "55"
        blocks += (
            f'<span role="listitem" title="{html.escape(label)}, {a:.2f} to {b:.2f} s" '
            f'style="position:absolute;left:{a / end:.3%};width:{(b - a) / end:.3%};top:0;bottom:0;'
            f"background:{background};border-left:1px solid currentColor;box-sizing:border-box;"
            'overflow:hidden;white-space:nowrap;font-size:12px;padding:4px 0 0 3px">'
            f"{html.escape(label)}</span>"
        )
    row = (
        f'<div role="list" aria-label="{html.escape(name)}" '
        f'style="position:relative;height:28px">{blocks}</div>{_time_axis(end)}'
    )
    return figure(_scrolling(row, end, f"Lane of {name}"), name)


def _mono(y: np.ndarray) -> np.ndarray:
    """Mean of the channels, shape `(samples,)`."""
    return np.atleast_2d(y).mean(axis=0, dtype=np.float32)


def _wave_path(y: np.ndarray) -> str:
    """Minimum and maximum sample of each column as one closed path."""
    edges = np.unique(np.linspace(0, y.size, min(COLUMNS, y.size) + 1).astype(int))
    top = np.maximum.reduceat(y, edges[:-1])
    bottom = np.minimum.reduceat(y, edges[:-1])
    scale = max(float(np.abs(y).max()), 1e-9)
    x = np.linspace(0, COLUMNS, top.size)
    down = 0.01 - bottom[::-1] / scale  # slightly lower, so that silence is still a line
    outline = [f"{a:.1f},{b:.3f}" for a, b in zip(x, -top / scale, strict=True)]
    outline += [f"{a:.1f},{b:.3f}" for a, b in zip(x[::-1], down, strict=True)]
    return f'<path d="M{" ".join(outline)}Z" fill="{ACCENT}"/>'


def svg(
    shapes: str, x: float, y: float, width: float, rows: float, *, height: int, label: str
) -> str:
    """SVG of shapes that stretch to the width of the page at a fixed height in pixels."""
    return (
        f'<svg role="img" aria-label="{html.escape(label)}" preserveAspectRatio="none" '
        f'viewBox="{x} {y} {width:.3f} {rows}" width="100%" height="{height}" '
        f'style="display:block;width:100%;height:{height}px">{shapes}</svg>'
    )


def _time_axis(duration: float) -> str:
    """Time axis in seconds, at round steps."""
    steps = np.array([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800])
    step = float(steps[np.searchsorted(steps, duration / 8).clip(max=steps.size - 1)])
    marks = "".join(
        f'<span style="position:absolute;left:{t / duration:.2%};font-size:11px;opacity:.75">'
        f"{t:g} s</span>"
        for t in np.arange(0, duration * 0.97, step).round(3)
    )
    return f'<div aria-hidden="true" style="position:relative;height:16px">{marks}</div>'


def _scrolling(body: str, duration: float, label: str) -> str:
    """Region that scrolls horizontally if the duration does not fit on the page."""
    width = int(duration * PIXELS_PER_SECOND)
    return (
        f'<div role="region" tabindex="0" aria-label="{html.escape(label)}" '
        'style="overflow-x:auto;overflow-y:hidden">'
        f'<div style="min-width:100%;width:{width}px">{body}</div></div>'
    )


def figure(body: str, name: str) -> str:
    """Wrap `body` in a figure with a caption."""
    return (
        '<figure class="mirlab" style="margin:0.5em 0;max-width:100%">'
        f'<figcaption style="font-size:13px;opacity:.85">{html.escape(name)}</figcaption>'
        f"{body}</figure>"
    )


def _colour(turn: float) -> str:
    """Colour of a hue (in turns, from the accent's), visible on white and on black."""
    red, green, blue = colorsys.hls_to_rgb((0.578 + turn) % 1, 0.5, 0.55)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
