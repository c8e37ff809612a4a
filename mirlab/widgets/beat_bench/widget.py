"""Beat bench: beat tracking with tempo prior and tightness to move, clicks, and tapping along."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from ...core import Audio, Segments
from ...rhythm import beat_times, click_track, estimate_tempo, number_beats
from ...rhythm.classic import last_onset
from ...rhythm.clicks import PEAK as CLICK_PEAK
from ..shared.base import WidgetError, bundle
from ..shared.packing import PEAK, RATE
from ..shared.user_audio import USER_AUDIO, UserAudio
from . import data as data
from .data import DEFAULTS, LONGEST, STRENGTHS

if TYPE_CHECKING:
    from ...examples import Example


class BeatBench(UserAudio):
    """Beat tracking step by step: onset strength, tempogram, dynamic programming, clicks, taps.

    Created by `BeatBench.of(audio)`; without arguments it shows a shipped piece. The page computes
    everything itself, the same as `strength`, `tempo` and `beats` here; the controls move the
    centre and width of the tempo prior and the tightness of the dynamic programming. While the
    recording plays, clicks are laid under it and a ring flashes on the beat (without flashes where
    the reader prefers reduced motion). The reader can tap along by key, mouse, touch or MIDI, and
    load audio; cells read `taps`, `errors` and `scores`.

    Parameters
    ----------
    title
        Title of the recording.
    sound
        Audio as FLAC, or MP3 above 20 s; mono, 22,050 Hz, at most 60 s.
    seconds
        Its duration.
    true_beats
        True beats, if known: pairs `[time in s, number in the bar]`, 1 for a downbeat.
    novelty
        Onset strength: `"mel"` (that of `mirlab.track_beats`), `"energy"`, `"spectral"` or
        `"complex"` (`mirlab.rhythm`'s novelty functions).
    tempo_prior
        Centre of the tempo prior in beats per minute, 30..300.
    prior_octaves
        Standard deviation of the prior in octaves, 0.1..4.
    tightness
        Weight of deviations from the tempo, 1..10000.
    beats_per_bar
        Beats per bar of the tracked beats, 1..12.
    reference
        Beats that are clicked, flashed and compared with the taps: `"true"`, if they are known,
        or `"tracked"`.
    click_level
        Level of the clicks, 0..1.
    taps
        Times of the taps in the recording in seconds, as measured.
    latency
        Delay of the taps in seconds, from the calibration, -0.5..0.5.
    clip
        `"given"`, or `"user_audio"` for the reader's audio.
    user_audio, user_audio_name
        The reader's audio, 16-bit little-endian integers at 22,050 Hz, and its name; empty while
        there is none.

    Raises
    ------
    WidgetError
        If a keyword is unknown or a value is out of range.

    Examples
    --------
    >>> clicks = click_track(np.arange(0.2, 12, 0.5))
    >>> bench = BeatBench.of(clicks)
    >>> round(bench.tempo), len(bench.beats)
    (117, 24)
    >>> bench.taps = [0.25, 0.72]
    >>> bench.reference, bench.errors.size
    ('tracked', 2)
    """

    _esm = bundle("beat_bench")
    title = traitlets.Unicode("").tag(sync=True)
    sound = traitlets.Bytes(b"").tag(sync=True)
    seconds = traitlets.Float(0.0, min=0.0).tag(sync=True)
    true_beats: traitlets.List[Any] = traitlets.List().tag(sync=True)
    novelty = traitlets.Enum(list(STRENGTHS), DEFAULTS["novelty"]).tag(sync=True)
    tempo_prior = traitlets.Float(DEFAULTS["tempo_prior"], min=30.0, max=300.0).tag(sync=True)
    prior_octaves = traitlets.Float(DEFAULTS["prior_octaves"], min=0.1, max=4.0).tag(sync=True)
    tightness = traitlets.Float(DEFAULTS["tightness"], min=1.0, max=10000.0).tag(sync=True)
    beats_per_bar = traitlets.Int(4, min=1, max=12).tag(sync=True)
    reference = traitlets.Enum(list(data.REFERENCES), "tracked").tag(sync=True)
    click_level = traitlets.Float(0.5, min=0.0, max=1.0).tag(sync=True)
    taps: traitlets.List[Any] = traitlets.List().tag(sync=True)
    latency = traitlets.Float(0.0, min=-0.5, max=0.5).tag(sync=True)
    clip = traitlets.Enum(["given", USER_AUDIO], "given").tag(sync=True)
    _words = traitlets.Dict(data.WORDS).tag(sync=True)
    longest_user_audio = LONGEST

    def __init__(self, **state: Any) -> None:
        if "sound" not in state:
            from ...examples import load

            state = {**_state_of(load(data.DEFAULT)), **state}
        super().__init__(**state)

    @classmethod
    def of(
        cls, sound: Audio | Example | None = None, *, beats: Segments | None = None, **state: Any
    ) -> BeatBench:
        """Create a bench of a recording.

        Parameters
        ----------
        sound
            Recording, of which the first 60 s are used. The beats and the meter of an `Example`
            are used. None is a shipped piece.
        beats
            True beats, labelled with their numbers in the bar.
        **state
            Traits by name, such as `tempo_prior=90`.

        Returns
        -------
        BeatBench
            The bench; its state takes about 20 KB per second of audio.

        Raises
        ------
        WidgetError
            If `sound` is not audio, the beats are not numbered, or a trait is unknown.
        """
        given = {} if sound is None else _state_of(sound)
        if beats is not None:
            if not isinstance(beats, Segments):
                raise WidgetError(f"beats are Segments, not {type(beats).__name__}")
            given |= {"true_beats": data.pack_beats(beats), "reference": "true"}
        return cls(**{**given, **state})

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
            raise WidgetError("an empty Beat bench: BeatBench.of(audio) fills it")
        return _decode(self.sound)

    @property
    def strength(self) -> np.ndarray:
        """Onset strength by `novelty`, shape `(frames,)`, a frame every 512 samples (23.2 ms)."""
        if self.clip == USER_AUDIO:
            return STRENGTHS[self.novelty](self.audio)
        return _strength(self.sound, self.novelty) if self.sound else np.zeros(0)

    @property
    def tempo(self) -> float:
        """Estimated tempo in beats per minute, 0 where there are no onsets."""
        strength = self.strength
        if not np.any(strength):
            return 0.0
        music = strength[: last_onset(strength) + 1]
        return estimate_tempo(music, prior=self.tempo_prior, prior_octaves=self.prior_octaves)

    @property
    def beats(self) -> Segments:
        """Tracked beats, labelled with their numbers in the bar."""
        strength = self.strength
        if not np.any(strength):
            return Segments([], [])
        times = beat_times(
            strength,
            prior=self.tempo_prior,
            prior_octaves=self.prior_octaves,
            tightness=self.tightness,
        )
        return number_beats(times, strength, np.zeros(0), per_bar=self.beats_per_bar)

    @property
    def reference_beats(self) -> Segments:
        """The beats that are clicked and compared with the taps, see `reference`."""
        is_true = self.reference == "true" and self.clip != USER_AUDIO and self.true_beats
        return data.to_segments(self.true_beats) if is_true else self.beats

    @property
    def errors(self) -> np.ndarray:
        """Signed errors of the taps in s, `latency` subtracted; negative ones are early."""
        return data.tap_errors(self._tap_times(), self.reference_beats.intervals[:, 0])

    @property
    def scores(self) -> dict[str, float]:
        """Number of `taps`, `mean` and `spread` (standard deviation) of the errors in s, and `f`.

        `f` is the F-measure within 70 ms, of the beats from the first tap to the last.
        """
        return data.tap_scores(self._tap_times(), self.reference_beats.intervals[:, 0])

    def click_track(self) -> Audio:
        """The recording with a click on each beat of `reference`, at `click_level`.

        Returns
        -------
        Audio
            Mono, 22,050 Hz, peak 0.9; the page saves the same as a WAV file.
        """
        y = self.audio.y[0]
        clicks = click_track(self.reference_beats, duration=y.size / RATE, sr=RATE).y[0]
        level = self.click_level * data.CLICK_RATIO / CLICK_PEAK
        mix = y / max(float(np.abs(y).max()), 1e-9) + level * clicks[: y.size]
        return Audio(PEAK * mix / max(float(np.abs(mix).max()), 1e-9), RATE)

    def _tap_times(self) -> np.ndarray:
        """Times of the taps without their delay, shape `(taps,)`."""
        return np.array(self.taps, float) - self.latency

    @traitlets.validate("true_beats")
    def _check_true_beats(self, proposal: dict[str, Any]) -> list[list[float]]:
        return data.check_beats(proposal["value"])

    @traitlets.validate("taps")
    def _check_taps(self, proposal: dict[str, Any]) -> list[float]:
        return data.check_taps(proposal["value"])


def _state_of(sound: Any) -> dict[str, Any]:
    """Traits of a bench of an `Audio` or an `Example`."""
    audio = sound if isinstance(sound, Audio) else getattr(sound, "audio", None)
    if not isinstance(audio, Audio):
        raise WidgetError(f"a Beat bench is of an Audio or an Example, not {sound!r}")
    state = {"title": getattr(sound, "name", ""), **data.pack_recording(audio)}
    if isinstance(beats := getattr(sound, "beats", None), Segments):
        state |= {"true_beats": data.pack_beats(beats), "reference": "true"}
    if isinstance(meter := getattr(sound, "meter", None), tuple):
        state["beats_per_bar"] = meter[0]
    return state


@lru_cache(maxsize=4)
def _decode(sound: bytes) -> Audio:
    """Audio of a file with one channel."""
    return Audio.load(sound)


@lru_cache(maxsize=8)
def _strength(sound: bytes, novelty: str) -> np.ndarray:
    """Onset strength of a file; not to be changed, since it is cached."""
    strength = STRENGTHS[novelty](_decode(sound))
    strength.setflags(write=False)
    return strength
