"""Listening desk: stems, notes, chords, beats and form of a piece on one playable timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import traitlets

from ...analysis import Analysis, Corrections, correct
from ...core import Audio, Notes, Segments
from ..shared.base import Instrument, WidgetError, bundle
from ..shared.packing import pack_notes
from . import data

SHORTEST_VIEW = 0.05  # s
FIRST_VIEW = 20.0  # s, initial view of a longer piece
TRUTH, FOUND = "truth", "found"
SCORE = Path(__file__).parent / "score.js"


class AnalysisLike(Protocol):
    """Results or references of an analysis: an `Analysis` or an `Example`."""

    @property
    def notes(self) -> Notes | None:
        """The notes, None if they were not analysed."""

    @property
    def chords(self) -> Segments:
        """The chords, labelled in Harte's syntax."""

    @property
    def beats(self) -> Segments:
        """Intervals from beat to beat; the label is the number in the bar."""


class AnnotatedSound(AnalysisLike, Protocol):
    """Audio with its annotations."""

    @property
    def name(self) -> str:
        """Name of the piece."""

    @property
    def audio(self) -> Audio:
        """The audio."""

    @property
    def stems(self) -> dict[str, Audio]:
        """Stems by name."""

    @property
    def key(self) -> str | None:
        """Such as `"G minor"`."""


class ListeningDesk(Instrument):
    """Waveform, spectrogram, form, notes, chords, beats, tempo and stems on one timeline.

    Created by `ListeningDesk.of(analysis)`. The page plays the original or its stems at any speed
    without a change of pitch, together with the notes and with clicks on the beats, and loops a
    region.

    Parameters
    ----------
    title, key
        Title and key of the piece.
    duration
        Duration in s.
    sounds, waveforms, spectrogram, scale, notes, chords, beats, sections
        Data packed by `ListeningDesk.of` (see its module `data`); `notes`, `chords`, `beats` and
        `sections` by version: `"found"`, `"truth"` and the names of the alternatives.
    view
        Visible range `[start, end]` in s, limited to the piece.
    region
        Looped range `[start, end]` in s, or `[]` for the whole piece.
    loop
        Whether playback repeats from the start (of the region).
    position
        Playback position in s; updated whenever playback pauses.
    speed
        Playback speed, 0.25..2, at constant pitch.
    muted, soloed
        Names of stems.
    levels
        Levels of stems, 0..1; 1 by default.
    balance
        0 is the original, 1 the notes; in between, the original is on the left and the notes are
        on the right.
    metronome
        Whether to play clicks on the beats, higher on downbeats.
    follow
        Whether the view follows the playback.
    folded
        Names of the collapsed lanes, such as `"spectrogram"`, `"notes found"`,
        `"stem percussive"`.
    meter
        Such as `"4/4"`.
    corrections
        Operations that were applied by hand, as in `mirlab.analysis.Corrections`; when they change,
        what the desk shows changes, too.
    original
        The beats, chords, key and meter before they were corrected, and `original_notes`, from
        which the page derives the corrected ones where no kernel answers; `{}` if the desk cannot
        be edited: only an `Analysis` without a reference can.
    tempo
        Tempo map of the notes as rows `[time in s, quarter notes per minute]`, from which the page
        writes MIDI and MusicXML; `[]` if it is not known.
    score
        First page of the score after the corrections, SVG, which a kernel engraves after each of
        them (this needs verovio); `""` before.
    score_script
        The script that writes them; `""` if the desk cannot be edited.
    editing
        Whether the controls for corrections are shown.

    Raises
    ------
    WidgetError
        If a keyword is unknown or a value is out of range.

    Examples
    --------
    >>> desk = ListeningDesk(duration=10, view=[2, 30])
    >>> desk.view
    [2.0, 10.0]
    """

    _esm = bundle("listening_desk")
    title = traitlets.Unicode("").tag(sync=True)
    key = traitlets.Unicode("").tag(sync=True)
    duration = traitlets.Float(0.0, min=0.0).tag(sync=True)
    sounds = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    waveforms = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    spectrogram = traitlets.Bytes(b"").tag(sync=True)
    scale = traitlets.Dict().tag(sync=True)
    notes = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    chords = traitlets.Dict(value_trait=traitlets.List()).tag(sync=True)
    beats = traitlets.Dict(value_trait=traitlets.List()).tag(sync=True)
    sections = traitlets.Dict(value_trait=traitlets.List()).tag(sync=True)
    view = traitlets.List([0.0, FIRST_VIEW]).tag(sync=True)
    region = traitlets.List(traitlets.Float(), []).tag(sync=True)
    loop = traitlets.Bool(False).tag(sync=True)
    position = traitlets.Float(0.0, min=0.0).tag(sync=True)
    speed = traitlets.Float(1.0, min=0.25, max=2.0).tag(sync=True)
    muted = traitlets.List(traitlets.Unicode()).tag(sync=True)
    soloed = traitlets.List(traitlets.Unicode()).tag(sync=True)
    levels = traitlets.Dict(value_trait=traitlets.Float(min=0.0, max=1.0)).tag(sync=True)
    balance = traitlets.Float(0.0, min=0.0, max=1.0).tag(sync=True)
    metronome = traitlets.Bool(False).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    folded = traitlets.List(traitlets.Unicode()).tag(sync=True)
    meter = traitlets.Unicode("").tag(sync=True)
    corrections = traitlets.List(traitlets.Dict()).tag(sync=True)
    original = traitlets.Dict().tag(sync=True)
    original_notes = traitlets.Bytes(b"").tag(sync=True)
    tempo = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    score = traitlets.Unicode("").tag(sync=True)
    score_script = traitlets.Unicode("").tag(sync=True)
    editing = traitlets.Bool(False).tag(sync=True)
    _analysis: Analysis | None = None

    @classmethod
    def of(
        cls,
        piece: AnnotatedSound,
        *,
        truth: AnalysisLike | None = None,
        alternatives: Mapping[str, AnalysisLike] | None = None,
        editable: bool = True,
    ) -> ListeningDesk:
        """Create the desk of a piece.

        Parameters
        ----------
        piece
            An `Analysis` or an `Example`; a missing spectrogram is computed.
        truth
            Reference: found, missed and extra events are marked in notes (50 ms, 50 cents), chords
            (major or minor triad) and beats (70 ms).
        alternatives
            Further analyses of the same audio by name, shown below the first one.
        editable
            Whether an `Analysis` can be corrected on the desk.

        Returns
        -------
        ListeningDesk
            The desk; its state takes about 2 MB per minute above 20 s, and 3 MB at 20 s.

        Raises
        ------
        WidgetError
            If an alternative is named `"truth"` or `"found"`.
        """
        from ...chords import constant_q

        others = dict(alternatives or {})
        if taken := {TRUTH, FOUND} & set(others):
            raise WidgetError(f"an alternative cannot be named {taken.pop()!r}")
        sounds, waveforms, duration = data.pack_sounds(piece.audio, piece.stems, piece.notes)
        cqt = getattr(piece, "spectrogram", None) or constant_q(piece.audio)
        spectrogram, scale = data.pack_spectrogram(cqt)
        compared: dict[str, AnalysisLike] = {FOUND: piece, **others}
        analysis = piece if editable and truth is None and isinstance(piece, Analysis) else None
        desk = cls(
            # an example has a title; file names often have underscores
            title=getattr(piece, "title", piece.name.replace("_", " ")),
            key=piece.key or "",
            duration=duration,
            sounds=sounds,
            waveforms=waveforms,
            spectrogram=spectrogram,
            scale=scale,
            **_versions(compared, truth, piece.key),
            view=[0.0, min(duration, FIRST_VIEW)],
            **({} if analysis is None else _editable(analysis)),
        )
        desk._analysis = analysis
        return desk

    @property
    def analysis(self) -> Analysis:
        """The analysis with the corrections made on the desk.

        Raises
        ------
        WidgetError
            If the desk cannot be edited.
        """
        if self._analysis is None:
            raise WidgetError("only the desk of an Analysis, without a reference, can be corrected")
        return self._analysis

    def answer_correct(
        self, progress: Callable[[float], None], *, corrections: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Apply corrections to the original: beats, chords, notes, key and meter."""
        original = self.analysis.original or self.analysis
        found = correct(original, Corrections(corrections))
        self._analysis = found
        versions = _versions({FOUND: found}, None, found.key)
        return {
            **{name: {**getattr(self, name), **rows} for name, rows in versions.items()},
            "key": found.key or "",
            "meter": _meter_name(found),
            "tempo": _tempo_rows(found),
            "corrections": corrections,
        }

    def answer_engrave(self, progress: Callable[[float], None]) -> dict[str, Any]:
        """Engrave the first page of the score; an empty text without notes."""
        from ...score.engraving import PrintedScore
        from ...score.musicxml import musicxml

        found = self.analysis
        if found.notes is None or not len(found.notes):
            return {"score": ""}
        title = found.name.replace("_", " ")
        text = musicxml(found.notes, key=found.key, meter=None, bars=found.bars, title=title)
        return {"score": next(PrintedScore(text).pages())}

    @traitlets.observe("corrections")
    def _apply_corrections(self, change: dict[str, Any]) -> None:
        """Derive everything anew if the corrections are not those of the analysis."""
        analysis = self._analysis
        if analysis is not None and list(analysis.corrections) != change["new"]:
            found = self.answer_correct(lambda fraction: None, corrections=change["new"])
            with self.hold_sync():
                for name, value in found.items():
                    setattr(self, name, value)

    @traitlets.validate("view")
    def _check_view(self, proposal: dict[str, Any]) -> list[float]:
        start, end = _span("view", proposal["value"])
        if self.duration:
            start, end = max(start, 0.0), min(end, self.duration)
        if not end - start >= min(SHORTEST_VIEW, self.duration or SHORTEST_VIEW):
            raise WidgetError(f"the view must show at least {SHORTEST_VIEW} s of the piece")
        return [start, end]

    @traitlets.validate("region")
    def _check_region(self, proposal: dict[str, Any]) -> list[float]:
        if not proposal["value"]:
            return []
        start, end = _span("region", proposal["value"])
        if not 0 <= start < end <= (self.duration or end) + 1e-6:
            raise WidgetError(f"the region must lie in the piece of {self.duration:g} s")
        return [start, end]

    @traitlets.validate("muted", "soloed", "levels")
    def _check_names(self, proposal: dict[str, Any]) -> Any:
        if unknown := sorted(set(proposal["value"]) - set(self.sounds)):
            known = ", ".join(self.sounds) or "none"
            raise WidgetError(f"there is no sound {unknown[0]!r} on the desk; there are: {known}")
        return proposal["value"]


def _editable(analysis: Analysis) -> dict[str, Any]:
    """The traits by which the page corrects an analysis."""
    original = analysis.original or analysis
    versions = _versions({FOUND: original}, None, original.key)
    labels = {name: versions[name][FOUND] for name in ("beats", "chords")}
    return {
        "meter": _meter_name(analysis),
        "corrections": list(analysis.corrections),
        "tempo": _tempo_rows(analysis),
        "original": {
            **labels,
            "key": original.key or "",
            "meter": _meter_name(original),
            "tempo": _tempo_rows(original),
        },
        "original_notes": versions["notes"].get(FOUND, b""),
        "score_script": SCORE.read_text("utf-8"),
    }


def _tempo_rows(analysis: Analysis) -> list[list[float]]:
    """The tempo map of the notes as rows of time and tempo."""
    tempo = None if analysis.notes is None else analysis.notes.tempo_map
    return [] if tempo is None else np.column_stack([tempo.times, tempo.bpm]).tolist()


def _meter_name(analysis: Analysis) -> str:
    """Such as `"3/4"`."""
    return "/".join(map(str, analysis.meter))


def _versions(
    compared: Mapping[str, AnalysisLike], truth: AnalysisLike | None, key: str | None
) -> dict[str, dict[str, Any]]:
    """Packed notes, chords (spelled in a key), beats and sections, marked against the reference."""
    notes: dict[str, bytes] = {}
    chords: dict[str, list[Any]] = {}
    beats: dict[str, list[Any]] = {}
    sections: dict[str, list[Any]] = {}
    if truth is not None:
        compared = {TRUTH: truth, **compared}
    for name, version in compared.items():
        reference = None if name == TRUTH else truth
        if version.notes is not None:
            notes[name] = pack_notes(version.notes, reference.notes if reference else None)
        rows = data.mark_chords(version.chords, reference.chords if reference else None)
        chords[name] = data.spell_chords(rows, key)
        beats[name] = data.mark_beats(version.beats, reference.beats if reference else None)
        form = getattr(version, "sections", None)  # an example has none
        if form is not None and len(form):
            sections[name] = data.section_rows(form)
    return {"notes": notes, "chords": chords, "beats": beats, "sections": sections}


def _span(name: str, values: Any) -> tuple[float, float]:
    """Validate two finite, increasing numbers."""
    try:
        start, end = (float(value) for value in values)
    except (TypeError, ValueError):
        raise WidgetError(f"{name} must be [start, end] in seconds, not {values!r}") from None
    if not -1e9 < start < end < 1e9:
        raise WidgetError(f"{name} must be [start, end] in seconds, not {values!r}")
    return start, end
