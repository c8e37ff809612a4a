"""The report of an `Analysis`, a self-contained HTML page."""

from __future__ import annotations

import html
import os
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

from ..analysis import Analysis, save_analysis
from ..analysis.saving import NO_METER
from ..core.checks import as_path, require_type
from ..core.files import atomic_write
from ..core.json_files import read_json
from .desk import Desk, fitting_desk
from .downloads import links, small_files, stem_files
from .errors import ReportError
from .follow import timing
from .methods import methods_html
from .sheet import bars, clock, meter_names, rows, timed_chords, with_signs
from .template import BODY, END, HEAD, OUTDATED, TAIL

LIMIT = 20_000_000  # bytes, a common limit of mail servers
MAX_SCORE = 4_000_000  # bytes of the engraved score, enough for about seven minutes
MAX_MUSICXML = 2_000_000  # bytes
SHOWN = 5  # corrections in the head of the page
REMARKS = 1000  # bytes reserved for remarks about omitted parts
HERE = Path(__file__).parent


class _Data(TypedDict):
    """What the report takes from an `analysis.json`."""

    missing: list[str]


def report_html(analysis: Analysis, files: str | os.PathLike[str] | None = None) -> str:
    """Report of a piece as HTML: Listening desk, chord sheet, score and downloads.

    Parameters
    ----------
    analysis
        From `mirlab.analyze`.
    files
        Folder written by `save_analysis` for this analysis; by default the files are made in a
        temporary folder.

    Returns
    -------
    str
        HTML of at most `LIMIT` bytes. For long pieces the page omits the stems to download, the
        last pages of the score, and the end of the audio, with a remark.

    Raises
    ------
    AudioError, NotesError
        When the files cannot be written.
    ReportError
        When `files` is incomplete.
    """
    return "".join(_pieces(analysis, files))


def save_report(
    analysis: Analysis,
    path: str | os.PathLike[str],
    files: str | os.PathLike[str] | None = None,
    *,
    desk: Future[Desk] | None = None,
) -> Path:
    """Write the page of `report_html` to a file atomically, and return its path.

    Parameters
    ----------
    analysis, files
        As in `report_html`.
    path
        The file to write.
    desk
        From `start_desk`, of this analysis; by default the desk is built now.

    Raises
    ------
    ReportError
        When the folder is missing or cannot be written, and as in `report_html`.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from mirlab import analyze
    >>> analysis = analyze((np.zeros(22050), 22050), name="silence", progress=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_report(analysis, Path(folder) / "silence.html")
    ...     "<title>silence" in path.read_text("utf-8")
    True
    """
    target = as_path("path", path, ReportError)
    pieces = _pieces(analysis, files, desk)
    with (
        atomic_write(target, error=ReportError) as temporary,
        temporary.open("w", encoding="utf-8") as file,
    ):
        file.writelines(pieces)
    return target


def _pieces(
    analysis: Analysis, files: str | os.PathLike[str] | None, begun: Future[Desk] | None = None
) -> list[str]:
    """Parts of the page, not joined, so that the page is in memory only once.

    Small parts are included first, then the desk, then the stems if there is still room.
    """
    from ..widgets.shared.base import runtime_script

    require_type("analysis", analysis, Analysis, ReportError)
    if begun is not None:
        require_type("desk", begun, Future, ReportError)
    if files is None:
        with TemporaryDirectory() as temporary:
            save_analysis(analysis, temporary)
            return _pieces(analysis, temporary, begun)
    folder = as_path("files", files, ReportError)
    saved = folder / "analysis.json"
    if not saved.exists():
        raise ReportError(f"{folder}: is not a folder of `save_analysis` (no {saved.name})")
    data: _Data = read_json(saved, _Data, kind="of `save_analysis`", error=ReportError)
    missing = data["missing"]
    try:
        small, left_out = small_files(analysis, folder, MAX_MUSICXML)
    except OSError as reason:
        raise ReportError(f"{folder}: is not a folder of `save_analysis` ({reason})") from reason
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
        "made": methods_html(analysis, missing),
        "outdated": OUTDATED,
        "corrected": f'<script type="module">{(HERE / "corrected.js").read_text("utf-8")}</script>',
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
    lost = _paragraph(f"Too large for this page; saved in the same folder: {', '.join(left_out)}.")
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
    """Key, tempo and other facts as a definition list."""
    tempo, notes = analysis.tempo, analysis.notes
    sure = "" if analysis.tempo_sure else " (uncertain)"
    assumed = "" if analysis.meter_sure or tempo is None else " (assumed)"
    facts = {
        "Key": with_signs(analysis.key) if analysis.key else "none found",
        "Tempo": "no beat found" if tempo is None else f"{tempo:.0f} beats per minute{sure}",
        "Meter": meter_names(analysis) + assumed,
        "Length": clock(analysis.audio.duration),
        "Notes": "not analysed" if notes is None else str(len(notes)),
        "Form": " ".join(analysis.sections.labels) or "none found",
        "Chords": str(sum(label != "N" for label in analysis.chords.labels)),
    }
    if len(analysis.corrections):
        facts["Corrected by hand"] = html.escape(_corrected(analysis))
    return "".join(f"<div><dt>{term}</dt><dd>{fact}</dd></div>" for term, fact in facts.items())


def _corrected(analysis: Analysis) -> str:
    """The first corrections in words, and how many there are besides."""
    words = analysis.corrections.describe()
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more


def _cut(seconds: float, duration: float) -> str:
    """Remark for a desk that does not contain the whole piece."""
    if seconds == duration:
        return ""
    return _paragraph(
        f"The desk plays the first {clock(seconds)} of {clock(duration)}, because this page is "
        f"limited to {LIMIT // 10**6} MB. The chord sheet and the MIDI file are complete."
    )


def _chords(analysis: Analysis) -> str:
    """The chord sheet: bars in rows of four, or chords with their times if there are no beats."""
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
            f'<li title="{clock(bar.start)}"><small>{bar.number}{_letter(bar.section)}</small>'
            + "".join(f"<span>{_beat(beat)}</span>" for beat in bar.beats)
            + "</li>"
            for bar in row
        )
        kind = ' class="pickup"' if not row[0].beats[0] else ""
        lines.append(f"<ul{kind}>{cells}</ul>")
    columns = max(len(bar.beats) for bar in found)
    return f'<div class="bars" style="--beats:{columns}">{"".join(lines)}</div>'


def _letter(section: str) -> str:
    """The letter of a section that begins in a bar."""
    return f'<b title="Section {section}">{section}</b>' if section else ""


def _beat(beat: str) -> str:
    """A beat of the sheet: the name of a chord, or a dot where the previous chord continues."""
    return "<i>·</i>" if beat == "." else f"<b>{html.escape(with_signs(beat))}</b>" if beat else ""


def _score(analysis: Analysis, folder: Path, missing: list[str]) -> tuple[str, str, str]:
    """Engraved pages up to the size limit, a remark on omitted pages, and the times of notes."""
    from ..score.engraving import PrintedScore

    if not (folder / "score.svg").is_file():
        reason = next((line for line in missing if "score" in line), "no score: no notes found")
        return "", _paragraph(reason[0].upper() + reason[1:]), ""
    score = PrintedScore(folder / "score.musicxml")
    shown: list[str] = []
    size, remark = 0, ""
    for page in score.pages():
        size += len(page.encode())
        if size > MAX_SCORE:
            remark = _paragraph(
                f"Pages shown: {len(shown)}. All pages are in score.svg, in the same folder."
            )
            break
        shown.append(f'<div class="paper">{page}</div>')
    if NO_METER in missing:
        remark = _paragraph(f"{NO_METER[0].upper()}{NO_METER[1:]}.") + remark
    return "".join(shown), remark, timing(analysis, score) if shown else ""


def _paragraph(text: str) -> str:
    """A remark."""
    return f'<p class="remark">{html.escape(text)}</p>'
