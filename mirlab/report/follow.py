"""Synchronise the engraved score with playback: the times of its bars and notes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..analysis import Analysis
from ..score.engraving import PrintedScore
from ..score.free_time import in_free_time

HERE = Path(__file__).parent
HINT = (
    "During playback the current bar and notes are highlighted. Click a bar or a note, or press "
    "Enter, to play from there; the arrow keys move from bar to bar."
)


def timing(analysis: Analysis, score: PrintedScore) -> str:
    """HTML with the times of the score and the script that follows playback.

    Each entry of the times consists of the seconds, the id of the bar that begins or `""`, the ids
    of the notes that begin, and the ids of the notes that end.
    """
    assert analysis.notes is not None  # a score needs notes
    bars = analysis.bars
    notes = analysis.notes if bars is not None else in_free_time(analysis.notes)
    assert notes.tempo_map is not None
    entries = score.timemap()
    beats = np.array([float(quarters) for quarters, *_ in entries])
    if bars is not None and not score.has_pickup:
        beats += bars.until(0)[0].start  # the score begins with a bar, the recording before it
    seconds = notes.tempo_map.seconds(beats).tolist()
    times = [[round(second, 3), *what] for second, (_, *what) in zip(seconds, entries, strict=True)]
    text = json.dumps(times, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<p class="remark">{HINT}</p>'
        f'<script type="application/json" id="score-times">{text}</script>\n'
        f'<script type="module">{(HERE / "follow.js").read_text("utf-8")}</script>'
    )
