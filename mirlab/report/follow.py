"""The score in step with the sound: when which bar and note of the picture is heard."""

from __future__ import annotations

import json
from pathlib import Path

from ..analysis import Analysis
from ..score.engraving import PrintedScore

HERE = Path(__file__).parent
HINT = (
    "While the song plays, the bar and the notes that are heard are marked. A click on a bar or "
    "note goes there; so does Enter, and the arrow keys lead from bar to bar."
)


def timing(analysis: Analysis, score: PrintedScore) -> str:
    """The script that leads through the score, and its times.

    Each entry of the times holds seconds, the id of the bar that begins or `""`, the ids of the
    notes that begin, and of those that end.
    """
    assert analysis.notes is not None  # without notes there is no score
    assert analysis.notes.tempo_map is not None
    entries = score.timemap()
    seconds = analysis.notes.tempo_map.seconds([quarters for quarters, *_ in entries]).tolist()
    times = [[round(second, 3), *what] for second, (_, *what) in zip(seconds, entries, strict=True)]
    text = json.dumps(times, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<p class="remark">{HINT}</p>'
        f'<script type="application/json" id="score-times">{text}</script>\n'
        f"<script>{(HERE / 'follow.js').read_text('utf-8')}</script>"
    )
