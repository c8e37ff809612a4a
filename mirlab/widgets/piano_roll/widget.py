"""Piano roll: what a network hears in a sound, as notes that can be decoded anew and edited."""

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

LONGEST = 60.0  # s of a sound that is heard
TINY = "mirlab-notes-tiny"


class PianoRoll(UserAudio):
    """Spectrogram, posteriors and notes of a sound in one picture that plays and can be edited.

    `PianoRoll.of(audio)` fills it. Decoder and thresholds follow at once: the page decodes by
    itself, to the same notes as `notes` here. Original and notes are heard alone or left and right.
    Notes are dragged, split, joined, deleted and drawn, with undo; where the true notes are known,
    right, missing, extra and wrongly timed or pitched ones are marked and counted. They are saved
    as MIDI and MusicXML. The reader may bring a sound: with a kernel the model hears it, without
    one the page itself does, with the small network that came along; a page of the book runs that
    with onnxruntime-web, which takes half the time.

    Parameters
    ----------
    title
        What the sound is called.
    sound
        FLAC, or MP3 above 20 s; mono, 22,050 Hz, at most 60 s.
    seconds
        Its length.
    heard
        What the model says of it, see `piano_roll_data.predict`.
    model
        The registered name of the model that hears the reader's sound.
    reference
        The true notes: float32 rows as in `shared.packing.pack_notes`; empty where unknown.
    decoder
        `"path"`, `"peaks"`, `"greedy"` or `"thresholds"` (which asks for no onset).
    onset_threshold, frame_threshold
        Posteriors, 0.05 to 0.95.
    min_seconds
        Shorter notes are dropped, 0 to 0.5 s.
    edited
        The notes as the reader has left them: float32 rows; None while they are those decoded.
    clip
        `"given"`, or `"own"` for the reader's sound.
    own, own_name
        The reader's sound, 16-bit little-endian integers at 22,050 a second, and what it is
        called; empty while there is none.
    own_heard
        What the model says of it.
    view
        What is shown: `[start, end, low, high]` in seconds and MIDI numbers; `[]` for all.
    listen
        `"original"`, `"notes"` or `"both"` (the original left, the notes right).
    bpm
        Quarter notes a minute in the files that are saved.

    Raises
    ------
    WidgetError
        For an unknown keyword or a value out of its range.

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
    heard = traitlets.Dict().tag(sync=True)
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
    own_heard = traitlets.Dict().tag(sync=True, echo_update=False)
    view: traitlets.List[Any] = traitlets.List().tag(sync=True)
    listen = traitlets.Enum([name for name, _ in data.LISTEN], "original").tag(sync=True)
    bpm = traitlets.Float(120.0, min=20.0, max=400.0).tag(sync=True)
    net = traitlets.Dict(help="the network that the page runs, see `pack_net`").tag(sync=True)
    _words = traitlets.Dict(data.WORDS).tag(sync=True)
    _score = traitlets.Dict().tag(sync=True)

    longest_user_audio = LONGEST
    _network: nn.Module | None = None  # a model that was given as it is

    @classmethod
    def of(
        cls,
        sound: Audio | LabelledSound,
        *,
        model: str | nn.Module = TINY,
        reference: Notes | None = None,
        **state: Any,
    ) -> PianoRoll:
        """The roll of a sound, with what a model hears in it.

        Parameters
        ----------
        sound
            Of which the first 60 s are heard. An `Example` brings its notes along as the reference.
        model
            The name of a registered one with `posteriors(audio)`, such as `"mirlab-notes"`;
            `"basic-pitch"`; or a module of your own, see `piano_roll_data.predict`.
        reference
            The true notes.
        **state
            Traits by name, such as `decoder="peaks"`.

        Returns
        -------
        PianoRoll
            Its state takes about 20 KB a second of sound, and 0.1 MB for the page's network.

        Raises
        ------
        WidgetError
            For what is no sound, or for an unknown trait.
        LearningError
            When there is no such model.
        """
        audio = sound if isinstance(sound, Audio) else getattr(sound, "audio", None)
        if not isinstance(audio, Audio):
            raise WidgetError(f"a Piano roll is of an Audio or an Example, not {sound!r}")
        if reference is None:
            reference = getattr(sound, "notes", None)
        name = model if isinstance(model, str) else type(model).__name__
        own = None if isinstance(model, str) else model
        part = audio.mono().slice(0, LONGEST).resample(RATE)
        suffix = ".flac" if part.duration <= FLAC_SECONDS else ".mp3"
        peak = max(float(np.abs(part.y).max()), 1e-9)
        given: dict[str, Any] = dict(data.THEIRS if name == BASIC_PITCH else {})
        given |= {
            "title": getattr(sound, "name", ""),
            "sound": encode(part.y, RATE, suffix, gain=PEAK / peak),
            "seconds": part.duration,
            "model": name,
            "heard": data.predict(part, _loaded(name) if own is None else own),
            "net": _net(own),
        }
        if reference is not None:
            tempo = reference.tempo_map
            given["reference"] = pack_notes(reference.slice(0, LONGEST))
            given |= {} if tempo is None else {"bpm": float(np.clip(tempo.bpm[0], 20, 400))}
        roll = cls(**{**given, **state})
        roll._network = own
        return roll

    @property
    def notes(self) -> Notes:
        """The notes that are shown: those decoded, or as the reader has left them."""
        if self.edited is not None:
            return _unpacked(self.edited)
        heard = self.heard if self.clip == "given" else self.own_heard
        return data.decode(
            data.unpack(heard), {name: getattr(self, name) for name in data.SETTINGS}
        )

    @property
    def audio(self) -> Audio:
        """The sound that is shown: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            While there is none.
        """
        if self.clip == USER_AUDIO:
            return self._user_audio()
        if not self.sound:
            raise WidgetError("an empty Piano roll: PianoRoll.of(audio) fills it")
        return Audio.load(self.sound)

    def answer_hear(self, progress: Callable[[float], None], *, id: float) -> dict[str, Any]:
        """Let the model hear the reader's sound; `id` is given back with what it says."""
        audio = self._user_audio()
        network = self._network if self._network is not None else _loaded(self.model)
        return {"own_heard": {**data.predict(audio, network, progress), "id": id}}

    def answer_score(self, progress: Callable[[float], None], *, id: float) -> dict[str, Any]:
        """Write the notes as MusicXML; `id` is given back."""
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
            _unpacked(packed)
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


def _unpacked(packed: bytes) -> Notes:
    """Notes of float32 rows; a WidgetError when they are none."""
    if len(packed) % (4 * COLUMNS):
        raise WidgetError(f"notes are rows of {COLUMNS} float32 numbers, not {len(packed)} bytes")
    rows = np.frombuffer(packed, "<f4").reshape(-1, COLUMNS).astype(float)
    onset, offset, pitch, velocity, _, drum = rows.T
    return Notes(onset, offset, pitch.astype(int), velocity.astype(int), is_drum=drum.astype(int))


def _loaded(name: str) -> Any:
    """A model by its name, with or without its task."""
    from ...learning import load_model

    name = name.removeprefix("transcription/")
    return name if name == BASIC_PITCH else load_model(f"transcription/{name}")


def _net(own: Any) -> dict[str, Any]:
    """What the page runs, from `pack_net`: a small model that was given, else the tiny one.

    `onnx` names the file with the tiny one's network that the book's build exports.
    """
    from ...transcription.detector import NoteDetector
    from .net import LARGEST, onnx_name, pack_net

    small = isinstance(own, NoteDetector)
    small = small and sum(weight.numel() for weight in own.parameters()) <= LARGEST
    if small:
        return pack_net(own)
    shipped = _loaded(TINY)
    return {**pack_net(shipped), "onnx": onnx_name(shipped)}
