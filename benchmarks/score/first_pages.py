"""First pages of the scores of ten piano recordings, to be judged by eye.

`python -m benchmarks.score.first_pages FOLDER` writes for each recording a page from

- `true`: the notes that drove the piano on the true beats; what is hard to read here is a fault of
  quantization, voices or notation
- `beats`: the same notes on the beats and bars that mirlab finds
- `mirlab`: notes, beats and key as mirlab finds them

as `NAME.ROW.svg`, and as `NAME.ROW.png` where there is a Chromium.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks import results
from benchmarks.recordings import BeatRecording, beat_recordings, data_folder, note_recordings
from benchmarks.widgets import browser
from mirlab.analysis.meter import MeteredNotes, meter_from_audio, metered_notes
from mirlab.core import Audio, MirlabError, Notes, Segments
from mirlab.score.engraving import PrintedScore
from mirlab.score.musicxml import musicxml
from mirlab.transcription import transcribe

SET = "piano_maps_disklavier"
SECONDS = 90.0  # of music; more than a page


def main() -> int:
    """Run as a command; return its exit code."""
    command = results.command_of("score/first_pages")
    parser = argparse.ArgumentParser(prog=command, description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS))
    options = parser.parse_args()
    try:
        write_pages(options.folder, options.rows)
    except MirlabError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    return 0


def write_pages(folder: Path, rows: list[str]) -> None:
    """Write the pages of these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    data = data_folder()
    notes = {r.name: r.notes for r in note_recordings(data) if r.set == SET}
    recordings = [r for r in beat_recordings(data) if r.set == SET]
    pages = []
    for recording in tqdm(recordings, desc="first pages", unit="file"):
        for row in rows:
            found, key = ROWS[row](recording, notes[recording.name])
            path = folder / f"{recording.name}.{row}.svg"
            path.write_text(first_page(found, key, f"{recording.name}, {row}"), encoding="utf-8")
            pages.append(path)
    if browser.chromium_path():
        draw(pages)


def first_page(found: MeteredNotes, key: str | None, title: str) -> str:
    """The first page as SVG."""
    notes = found.notes.slice(0, SECONDS)
    text = musicxml(notes, key=key, meter=None, bars=found.bars, title=title)
    return next(PrintedScore(text).pages())


def draw(pages: list[Path]) -> None:
    """Draw SVG files as PNG files beside them."""
    with browser.chromium() as chromium:
        page = chromium.new_page(viewport={"width": 900, "height": 1200})
        for path in pages:
            page.set_content(f'<body style="margin: 0">{path.read_text("utf-8")}</body>')
            page.screenshot(path=path.with_suffix(".png"), full_page=True)


def _true(recording: BeatRecording, notes: Notes) -> tuple[MeteredNotes, str | None]:
    """The true notes on the true beats."""
    assert isinstance(recording.bars, Segments)  # all of this set have bars
    return metered_notes(notes, recording.bars), recording.key


def _beats(recording: BeatRecording, notes: Notes) -> tuple[MeteredNotes, str | None]:
    """The true notes on the beats that mirlab finds."""
    return meter_from_audio(Audio.load(recording.audio), notes)


def _mirlab(recording: BeatRecording, _: Notes) -> tuple[MeteredNotes, str | None]:
    """Notes and beats that mirlab finds."""
    audio = Audio.load(recording.audio)
    return meter_from_audio(audio, transcribe(audio, progress=False))


ROWS: dict[str, Callable[..., tuple[MeteredNotes, Any]]] = {
    "true": _true,
    "beats": _beats,
    "mirlab": _mirlab,
}


if __name__ == "__main__":
    sys.exit(main())
