"""An `Analysis` as files in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._version import __version__
from ..core import Audio, AudioError, MissingPartError, Notes, Segments
from ..core.files import replacing
from ..transcription import MODEL
from .meter import first_downbeat, quarters_a_beat
from .pictures import save_spectrogram

if TYPE_CHECKING:
    from .analyze import Analysis

# Every file that `save` may write, in the order in which people look for them.
FILES = (
    "score.svg",
    "score.musicxml",
    "notes.mid",
    "chords.lab",
    "key.lab",
    "beats.lab",
    "spectrogram.png",
    "stems/harmonic.flac",
    "stems/percussive.flac",
    "analysis.json",
)
REPORT = "report.html"  # made of these files afterwards, by `mirlab.report`


def save(analysis: Analysis, folder: Path) -> tuple[list[Path], list[str]]:
    """Write what there is; see `Analysis.save`."""
    try:
        (folder / "stems").mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise AudioError(f"{folder}: cannot be made ({reason.strerror})") from reason
    written: list[Path] = []
    missing: list[str] = []
    gain = stem_gain(analysis.stems)
    for stem, audio in analysis.stems.items():
        path = folder / "stems" / f"{stem}.flac"
        written.append(Audio(audio.y * np.float32(gain), audio.sr).save(path))
    end = analysis.audio.duration
    written.append(analysis.chords.save(folder / "chords.lab"))
    written.append(analysis.beats.save(folder / "beats.lab"))
    if analysis.key:
        label = analysis.key.replace(" ", ":")
        written.append(Segments([(0, end)], [label]).save(folder / "key.lab"))
    written.append(
        save_spectrogram(
            folder / "spectrogram.png", analysis.spectrogram, analysis.chords, analysis.notes
        )
    )
    if analysis.notes is not None:
        written.append(analysis.notes.save(folder / "notes.mid"))
        files, missing = _save_score(analysis, analysis.notes, folder)
        written += files
    with replacing(folder / "analysis.json", error=AudioError) as temporary:
        data = as_json(analysis) | {"missing": missing}
        text = json.dumps(data, allow_nan=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    written.append(folder / "analysis.json")
    for name in (*FILES, REPORT):
        if folder / name not in written:
            (folder / name).unlink(missing_ok=True)
    return sorted(written, key=[folder / name for name in FILES].index), missing


def stem_gain(stems: dict[str, Audio]) -> float:
    """What all stems are turned down by so that none clips: a part can peak above its sum."""
    peak = max(float(max(stem.y.max(), -stem.y.min())) for stem in stems.values())
    return min(1.0, 0.999 / peak) if peak > 0 else 1.0


def _save_score(analysis: Analysis, notes: Notes, folder: Path) -> tuple[list[Path], list[str]]:
    """MusicXML and its engraving, as far as the libraries for them are installed."""
    from ..score.engraving import engrave

    if notes.tempo_map is None:
        return [], ["no score: no beat was found, and without beats there is no bar to write"]
    files = []
    try:
        files.append(
            notes.to_musicxml(
                folder / "score.musicxml",
                key=analysis.key,
                meter=analysis.meter,
                downbeat=first_downbeat(analysis.beats) * quarters_a_beat(analysis.meter),
                title=analysis.name.replace("_", " "),
            )
        )
        picture = engrave(files[0])
    except MissingPartError as reason:
        return files, [f"no {'engraved ' if files else ''}score: {reason}"]
    with replacing(folder / "score.svg", error=AudioError) as temporary:
        temporary.write_text(picture, encoding="utf-8")
    return [*files, folder / "score.svg"], []


def as_json(analysis: Analysis) -> dict[str, Any]:
    """See `Analysis.to_json`."""
    notes = analysis.notes
    columns = ("onset", "offset", "pitch", "velocity")
    return {
        "mirlab": __version__,
        "name": analysis.name,
        "duration": round(analysis.audio.duration, 6),
        "key": analysis.key,
        "tempo_bpm": analysis.tempo,
        "meter": "/".join(map(str, analysis.meter)),
        "meter_sure": analysis.meter_sure,
        "tuning_semitones": analysis.spectrogram.tuning,
        "beats": _rows(analysis.beats),
        "chords": _rows(analysis.chords),
        "notes": None
        if notes is None
        else [
            dict(zip(columns, row, strict=True))
            for row in zip(*(np.round(getattr(notes, c), 6).tolist() for c in columns), strict=True)
        ],
        "stems": {name: f"stems/{name}.flac" for name in analysis.stems},
        "stem_gain": stem_gain(analysis.stems),
        "models": {"stems": "hpss", "notes": MODEL, "chords": "templates"},
        "seconds": analysis.seconds,
    }


def _rows(segments: Segments) -> list[dict[str, Any]]:
    """Segments as a list of start, end and label."""
    return [
        {"start": round(a, 6), "end": round(b, 6), "label": label}
        for (a, b), label in zip(segments.intervals.tolist(), segments.labels, strict=True)
    ]
