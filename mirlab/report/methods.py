"""The table of methods at the end of the report."""

from __future__ import annotations

import html

from .._version import __version__
from ..analysis import Analysis

METHODS = (
    ("stems", "Stems", "harmonic and percussive parts, by median filters over the spectrogram"),
    ("harmony", "Chords and key", "24 triad templates on a constant-Q chroma, a Viterbi path; the "
     "key from profiles of the chords' notes"),
    ("beats", "Beats", "onset strength, then dynamic programming; bars of one meter, from chord "
     "changes and from long and low notes"),
    ("sections", "Sections", "novelty of the self-similarity of harmony and timbre; sections of "
     "the same letter have similar sequences of chords"),
    ("notes", "Notes", "{detector}"),
)  # fmt: skip


def methods_html(analysis: Analysis, missing: list[str]) -> str:
    """Methods, their run times, and missing parts."""
    words = {
        "detector": "none"
        if analysis.notes is None
        else "mirlab-notes, a small neural network trained on synthetic music, with a best-path "
        "decoder",
    }
    table = "".join(
        f'<tr><th scope="row">{name}</th><td>{method.format(**words)}</td>'
        f"<td>{analysis.seconds.get(task, 0):.1f} s</td></tr>"
        for task, name, method in METHODS
    )
    total = analysis.seconds.get("total", 0)
    lost = "".join(f"<li>{html.escape(line)}</li>" for line in missing)
    return (
        f"<table><thead><tr><th>Part</th><th>Method</th><th>Time</th></tr></thead>"
        f"<tbody>{table}</tbody></table>"
        f"<p>mirlab {__version__} analysed the recording in mono at {analysis.audio.sr:,} Hz and "
        f"took {total:.1f} s in all. The results contain errors: compare the notes with the "
        "original by ear before you rely on them.</p>"
        + (f"<p>Missing parts:</p><ul>{lost}</ul>" if missing else "")
    )
