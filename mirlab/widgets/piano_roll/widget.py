"""Piano roll: the posteriors of a note network, with interactive decoding and editing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from ...core import Audio, Notes
from ...core.audio_files import encode
from ..shared.base import WidgetError, bundle
from ..shared.packing import COLUMNS, FLAC_SECONDS, PEAK, RATE, pack_notes
from ..shared.user_audio import USER_AUDIO, UserAudio
from . import data as data
from .data import BASIC_PITCH

if TYPE_CHECKING:
    from torch import nn

    from ..shared.packing import LabelledSound

LONGEST = 60.0  # s, longest audio to transcribe
TINY = "mirlab-notes-tiny"


class PianoRoll(UserAudio):
    """Spectrogram, posteriors and notes of a recording, with playback and an editor.

    Created by `PianoRoll.of(audio)`. Changes of decoder and thresholds take effect at once: the
    page decodes by itself, to the same notes as `notes` here. Original and notes play alone or left
    and right. Notes can be dragged, split, joined, deleted and drawn, with undo. If reference notes
    are known, right, missing, extra and wrongly timed or pitched notes are marked and counted. The
    notes can be saved as MIDI and MusicXML. The reader can load audio: with a kernel the model
    transcribes it, without one the page does, with a small network; a page of the book runs it with
    onnxruntime-web, which takes half the time. As in `transcribe`, sound of another tuning than
    A4 = 440 Hz is retuned first, but not by a page without a kernel.

    Parameters
    ----------
    title
        Title of the recording.
    sound
        Audio as FLAC, or MP3 above 20 s; mono, 22,050 Hz, at most 60 s.
    seconds
        Its duration.
    prediction
        Its prediction, packed by `piano_roll.data.predict`.
    model
        Registered name of the model that transcribes the reader's audio.
    reference
        Reference notes: float32 rows as in `shared.packing.pack_notes`; empty if unknown.
    decoder
        `"path"`, `"peaks"`, `"greedy"` or `"thresholds"` (which ignores the onset posterior).
    onset_threshold, frame_threshold
        Thresholds on the posteriors, 0.05 to 0.95.
    min_seconds
        Minimum duration of a note, 0 to 0.5 s.
    edited
        Notes after edits by the reader: float32 rows; None while they are the decoded ones.
    clip
        `"given"`, or `"user_audio"` for the reader's audio.
    user_audio, user_audio_name
        The reader's audio, 16-bit little-endian integers at 22,050 Hz, and its name; empty while
        there is none.
    user_prediction
        Prediction for the reader's audio.
    view
        Visible range `[start, end, low, high]` in seconds and MIDI numbers; `[]` for all.
    listen
        `"original"`, `"notes"` or `"both"` (the original left, the notes right).
    bpm
        Quarter notes per minute in saved files.

    Raises
    ------
    WidgetError
        If a keyword is unknown or a value is out of range.

    Examples
    --------
    >>> from mirlab.transcription.detector import NoteDetector
    >>> silence = Audio(np.zeros(22050), 22050)
    >>> roll = PianoRoll.of(silence, model=NoteDetector().eval())
    >>> roll.decoder = "greedy"
    >>> roll.notes
    Notes(no notes)
    """

    _esm = bundle("piano_roll")
    title = traitlets.Unicode("").tag(sync=True)
    sound = traitlets.Bytes(b"").tag(sync=True)
    seconds = traitlets.Float(0.0, min=0.0).tag(sync=True)
    prediction = traitlets.Dict().tag(sync=True)
    model = traitlets.Unicode(TINY).tag(sync=True)
    reference = traitlets.Bytes(b"").tag(sync=True)
    decoder = traitlets.Enum(list(data.DECODERS), data.SETTINGS["decoder"]).tag(sync=True)
    onset_threshold = traitlets.Float(0.7, min=0.05, max=0.95).tag(sync=True)
    frame_threshold = traitlets.Float(0.6, min=0.05, max=0.95).tag(sync=True)
    min_seconds = traitlets.Float(0.03, min=0.0, max=0.5).tag(sync=True)
    edited = traitlets.Bytes(None, allow_none=True).tag(
        sync=True, from_json=lambda value, widget: None if value is None else bytes(value)
    )
    clip = traitlets.Enum(["given", USER_AUDIO], "given").tag(sync=True)
    user_prediction = traitlets.Dict().tag(sync=True, echo_update=False)
    view: traitlets.List[Any] = traitlets.List().tag(sync=True)
    listen = traitlets.Enum([name for name, _ in data.LISTEN], "original").tag(sync=True)
    bpm = traitlets.Float(120.0, min=20.0, max=400.0).tag(sync=True)
    net = traitlets.Dict(help="network that the page runs, see `pack_net`").tag(sync=True)
    _words = traitlets.Dict(data.WORDS).tag(sync=True)
    _score = traitlets.Dict().tag(sync=True)

    longest_user_audio = LONGEST
    _network: nn.Module | None = None  # the user's model, if not given by name

    @classmethod
    def of(
        cls,
        sound: Audio | LabelledSound,
        *,
        model: str | nn.Module = TINY,
        reference: Notes | None = None,
        **state: Any,
    ) -> PianoRoll:
        """Transcribe a recording with a model and create its roll.

        Parameters
        ----------
        sound
            Recording, of which the first 60 s are used. The notes of an `Example` become the
            reference.
        model
            Name of a registered model with `posteriors(audio)`, such as `"mirlab-notes"`;
            `"basic-pitch"`; or a module of your own, see `piano_roll.data.predict`.
        reference
            Reference notes.
        **state
            Traits by name, such as `decoder="peaks"`.

        Returns
        -------
        PianoRoll
            The roll; its state takes about 20 KB per second of audio, and 0.1 MB for the network.

        Raises
        ------
        WidgetError
            If `sound` is not audio, or a trait is unknown.
        LearningError
            If there is no such model.
        """
        audio = sound if isinstance(sound, Audio) else getattr(sound, "audio", None)
        if not isinstance(audio, Audio):
            raise WidgetError(f"a Piano roll is of an Audio or an Example, not {sound!r}")
        if reference is None:
            reference = getattr(sound, "notes", None)
        name = model if isinstance(model, str) else type(model).__name__
        network = None if isinstance(model, str) else model
        part = audio.mono().slice(0, LONGEST).resample(RATE)
        suffix = ".flac" if part.duration <= FLAC_SECONDS else ".mp3"
        peak = max(float(np.abs(part.y).max()), 1e-9)
        given: dict[str, Any] = dict(data.BASIC_PITCH_SETTINGS if name == BASIC_PITCH else {})
        given |= {
            "title": getattr(sound, "name", ""),
            "sound": encode(part.y, RATE, suffix, gain=PEAK / peak),
            "seconds": part.duration,
            "model": name,
            "prediction": data.predict(part, _load(name) if network is None else network),
            "net": _net(network),
        }
        if reference is not None:
            tempo = reference.tempo_map
            given["reference"] = pack_notes(reference.slice(0, LONGEST))
            given |= {} if tempo is None else {"bpm": float(np.clip(tempo.bpm[0], 20, 400))}
        roll = cls(**{**given, **state})
        roll._network = network
        return roll

    @property
    def notes(self) -> Notes:
        """The displayed notes: the decoded ones, or those edited by the reader."""
        if self.edited is not None:
            return _unpack_notes(self.edited)
        packed = self.prediction if self.clip == "given" else self.user_prediction
        return data.decode(
            data.unpack(packed), {name: getattr(self, name) for name in data.SETTINGS}
        )

    @property
    def audio(self) -> Audio:
        """The displayed audio: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            If there is none.
        """
        if self.clip == USER_AUDIO:
            return self._decode_user_audio()
        if not self.sound:
            raise WidgetError("an empty Piano roll: PianoRoll.of(audio) fills it")
        return Audio.load(self.sound)

    def answer_predict(self, progress: Callable[[float], None], *, id: float) -> dict[str, Any]:
        """Transcribe the reader's audio; `id` is returned with the prediction."""
        audio = self._decode_user_audio()
        network = self._network if self._network is not None else _load(self.model)
        return {"user_prediction": {**data.predict(audio, network, progress), "id": id}}

    def answer_score(self, progress: Callable[[float], None], *, id: float) -> dict[str, Any]:
        """Write the notes as MusicXML; `id` is returned with it."""
        import tempfile
        from pathlib import Path

        from ...core import TempoMap
        from ...score import write_musicxml

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "score.musicxml"
            write_musicxml(self.notes.with_tempo(TempoMap(0, self.bpm)), path, title=self.title)
            return {"_score": {"id": id, "xml": path.read_bytes()}}

    @traitlets.validate("reference", "edited")
    def _check_notes(self, proposal: dict[str, Any]) -> bytes | None:
        packed: bytes | None = proposal["value"]
        if packed is not None:
            _unpack_notes(packed)
        return packed

    @traitlets.validate("view")
    def _check_view(self, proposal: dict[str, Any]) -> list[float]:
        value = proposal["value"]
        try:
            start, end, low, high = view = [float(number) for number in value] or [0, 1, 0, 1]
        except (TypeError, ValueError):
            view = []
        if not view or not (0 <= start < end < np.inf and 0 <= low < high < np.inf):
            raise WidgetError(f"view is [start, end, low, high], s and MIDI numbers, not {value!r}")
        return view if value else []


def _unpack_notes(packed: bytes) -> Notes:
    """Notes from float32 rows; WidgetError if the size is wrong."""
    if len(packed) % (4 * COLUMNS):
        raise WidgetError(f"notes are rows of {COLUMNS} float32 numbers, not {len(packed)} bytes")
    rows = np.frombuffer(packed, "<f4").reshape(-1, COLUMNS).astype(float)
    onset, offset, pitch, velocity, _, drum = rows.T
    return Notes(onset, offset, pitch.astype(int), velocity.astype(int), is_drum=drum.astype(int))


def _load(name: str) -> Any:
    """Load a model by its name, with or without its task."""
    from ...learning import load_model

    name = name.removeprefix("transcription/")
    return name if name == BASIC_PITCH else load_model(f"transcription/{name}")


def _net(network: Any) -> dict[str, Any]:
    """The network for the page, by `pack_net`: the given one if it is small, else the tiny one.

    `onnx` is the file name of the tiny network, which the book's build exports.
    """
    from ...transcription.detector import NoteDetector
    from .net import LARGEST, onnx_name, pack_net

    small = isinstance(network, NoteDetector)
    small = small and sum(weight.numel() for weight in network.parameters()) <= LARGEST
    if small:
        return pack_net(network)
    shipped = _load(TINY)
    return {**pack_net(shipped), "onnx": onnx_name(shipped)}
