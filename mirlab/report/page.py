"""One `Analysis` as one page that holds everything and asks for nothing."""

from __future__ import annotations

import html
import json
import os
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory

from ..analysis import Analysis, save_analysis
from ..analysis.meter import count_a_bar
from ..core.files import atomic_write
from .desk import Desk, fitting_desk
from .downloads import links, small_files, stem_files
from .errors import ReportError
from .follow import timing
from .sheet import bars, clock, rows, timed_chords, with_signs

LIMIT = 20_000_000  # bytes: what a mail server takes, hardly more
SCORE_SHARE = 4_000_000  # bytes: the engraved score of some seven minutes
MUSICXML_SHARE = 2_000_000  # bytes
REMARKS = 1000  # bytes, kept free for what is said about the rest
HERE = Path(__file__).parent

METHODS = (
    ("stems", "Stems", "harmonic and percussive parts, by median filters over the spectrogram"),
    ("harmony", "Chords and key", "24 triad templates on a constant-Q chroma, a Viterbi path; the "
     "key from profiles of the chords' notes"),
    ("beats", "Beats", "onset strength, then dynamic programming; bars of {meter}, by where chords "
     "change and where long and low notes stand"),
    ("notes", "Notes", "{detector}"),
)  # fmt: skip


def report_html(analysis: Analysis, files: str | os.PathLike[str] | None = None) -> str:
    """The page of one piece: Listening desk, chord sheet, score and downloads.

    Parameters
    ----------
    analysis
        From `mirlab.analyze`.
    files
        The folder into which `save_analysis` has just written; by default everything is made
        anew.

    Returns
    -------
    str
        HTML of at most `LIMIT` bytes. Where a long piece needs more, the page leaves out the
        stems to download, the later pages of the score, and the end of the sound, and says so.

    Raises
    ------
    AudioError, NotesError
        When the files cannot be written.
    ReportError
        When they are not all there.
    """
    return "".join(_pieces(analysis, files))


def save_report(
    analysis: Analysis,
    path: str | os.PathLike[str],
    files: str | os.PathLike[str] | None = None,
    *,
    desk: Future[Desk] | None = None,
) -> Path:
    """Write the page of `report_html` to a file, whole or not at all; give its path.

    Parameters
    ----------
    analysis, files
        As in `report_html`.
    path
        The file to write.
    desk
        From `start_desk`, of this analysis; by default the desk is made now.

    Raises
    ------
    ReportError
        When the folder is missing or cannot be written, and as `report_html` does.
    """
    pieces = _pieces(analysis, files, desk)
    with (
        atomic_write(path, error=ReportError) as temporary,
        temporary.open("w", encoding="utf-8") as file,
    ):
        file.writelines(pieces)
    return Path(path)


def _pieces(
    analysis: Analysis, files: str | os.PathLike[str] | None, begun: Future[Desk] | None = None
) -> list[str]:
    """The page in pieces, so that it need not be in memory twice.

    What is small comes into it first, then the desk, and the stems where there is still room.
    """
    from ..widgets.shared.base import runtime_script

    if files is None:
        with TemporaryDirectory() as made:
            save_analysis(analysis, made)
            return _pieces(analysis, made, begun)
    folder = Path(files)
    try:
        missing = json.loads((folder / "analysis.json").read_text("utf-8"))["missing"]
        small, left_out = small_files(analysis, folder, MUSICXML_SHARE)
    except OSError as reason:
        raise ReportError(f"{folder}: is not what `save_analysis` wrote ({reason})") from reason
    score, score_remark, times = _score(analysis, folder, missing)
    parts = {
        "title": html.escape(analysis.name.replace("_", " ")),
        "style": (HERE / "report.css").read_text("utf-8"),
        "facts": _facts(analysis),
        "chords": _chords(analysis),
        "score": score,
        "score_remark": score_remark,
        "timing": times,
        "files": links(small),
        "made": _made(analysis, missing),
    }
    head, body, end = (template.format(**parts) for template in (HEAD, BODY, END))
    runtime = runtime_script()
    room = LIMIT - REMARKS - sum(len(text.encode()) for text in (head, body, end, runtime))
    desk = None if begun is None else begun.result()
    if desk is None or len(desk.fragment) > room:
        desk = fitting_desk(analysis, room)
    stems = links(stem_files(analysis, desk)) if desk.seconds == analysis.audio.duration else ""
    if not stems or len(desk.fragment) + len(stems) > room:
        stems = ""
        left_out.append("the stems (in the folder stems)")
    lost = _paragraph(
        f"Too large for this page, but beside it where it was made: {', '.join(left_out)}."
    )
    cut = _cut(desk.seconds, analysis.audio.duration)
    return [
        head,
        desk.fragment,
        cut,
        body,
        stems,
        "</ul>",
        lost if left_out else "",
        end,
        runtime,
        TAIL,
    ]


def _facts(analysis: Analysis) -> str:
    """Key, tempo and the like as a list of terms."""
    tempo, notes = analysis.tempo, analysis.notes
    facts = {
        "Key": with_signs(analysis.key) if analysis.key else "none found",
        "Tempo": "no beat found" if tempo is None else f"{tempo:.0f} beats a minute",
        "Meter": "/".join(map(str, analysis.meter)) + ("" if analysis.meter_sure else " (assumed)"),
        "Length": clock(analysis.audio.duration),
        "Notes": "not looked for" if notes is None else str(len(notes)),
        "Chords": str(sum(label != "N" for label in analysis.chords.labels)),
    }
    return "".join(f"<div><dt>{term}</dt><dd>{fact}</dd></div>" for term, fact in facts.items())


def _cut(seconds: float, duration: float) -> str:
    """What to say where the desk does not hold the whole piece."""
    if seconds == duration:
        return ""
    return _paragraph(
        f"The desk holds the first {clock(seconds)} of {clock(duration)}: this page is kept under "
        f"{LIMIT // 10**6} MB. Chord sheet and MIDI file are whole."
    )


def _chords(analysis: Analysis) -> str:
    """The chord sheet: bars in rows of four, or chords with their times where there is no beat."""
    found = bars(analysis)
    if not found:
        chords = "".join(
            f"<li><small>{at}</small> <b>{html.escape(with_signs(name))}</b></li>"
            for at, name in timed_chords(analysis)
        )
        return f'<p>No beat was found, so there are no bars.</p><ul class="timed">{chords}</ul>'
    lines = []
    for row in rows(found):
        cells = "".join(
            f'<li title="{clock(bar.start)}"><small>{bar.number}</small>'
            + "".join(f"<span>{_beat(beat)}</span>" for beat in bar.beats)
            + "</li>"
            for bar in row
        )
        kind = ' class="pickup"' if not row[0].beats[0] else ""
        lines.append(f"<ul{kind}>{cells}</ul>")
    columns = count_a_bar(analysis.meter)
    return f'<div class="bars" style="--beats:{columns}">{"".join(lines)}</div>'


def _beat(beat: str) -> str:
    """A beat of the sheet: a chord's name, or a dot where the last one goes on."""
    return "<i>·</i>" if beat == "." else f"<b>{html.escape(with_signs(beat))}</b>" if beat else ""


def _score(analysis: Analysis, folder: Path, missing: list[str]) -> tuple[str, str, str]:
    """The engraved pages that there is room for, a remark on the others, and the times of notes."""
    from ..score.engraving import PrintedScore

    if not (folder / "score.svg").is_file():
        why = next((line for line in missing if "score" in line), "no score: no notes were found")
        return "", _paragraph(why[0].upper() + why[1:]), ""
    score = PrintedScore(folder / "score.musicxml")
    shown: list[str] = []
    size, remark = 0, ""
    for page in score.pages():
        size += len(page.encode())
        if size > SCORE_SHARE:
            remark = _paragraph(
                f"Pages shown: {len(shown)}. All are in score.svg, beside this page."
            )
            break
        shown.append(f'<div class="paper">{page}</div>')
    return "".join(shown), remark, timing(analysis, score) if shown else ""


def _made(analysis: Analysis, missing: list[str]) -> str:
    """By which methods, in which time, and what was missing."""
    from .._version import __version__

    words = {
        "meter": f"{count_a_bar(analysis.meter)} beats",
        "detector": "nothing"
        if analysis.notes is None
        else "mirlab-notes, a small neural network taught on synthetic music, and the best path",
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
        f"<p>mirlab {__version__} heard it in mono at {analysis.audio.sr:,} Hz and took "
        f"{total:.1f} s in all. Machines mishear: listen to the notes beside the original before "
        "you trust them.</p>" + (f"<p>What is missing:</p><ul>{lost}</ul>" if missing else "")
    )


def _paragraph(text: str) -> str:
    """A remark."""
    return f'<p class="remark">{html.escape(text)}</p>'


HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="mirlab">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<dl>{facts}</dl>
<nav aria-label="On this page"><a href="#listen">Listen</a> <a href="#chords">Chords</a>
<a href="#score">Score</a> <a href="#files">Files</a> <a href="#made">How it was made</a></nav>
</header>
<main>
<section id="listen"><h2>Listen</h2>
"""
BODY = """</section>
<section id="chords"><h2>Chords</h2>{chords}</section>
<section id="score"><h2>Score</h2>
<div class="papers" tabindex="0" role="region" aria-label="Score">{score}</div>
{score_remark}{timing}</section>
<section id="files"><h2>Files to take along</h2><ul>{files}"""
END = """</section>
<section id="made"><h2>How it was made</h2>{made}</section>
</main>
"""
TAIL = "</body>\n</html>\n"
