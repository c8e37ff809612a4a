"""Spectrogram bench: two transforms of one sound side by side, with playback of regions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from ...core import Audio, MirlabError
from ..shared.base import WidgetError, bundle
from ..shared.packing import RATE
from ..shared.user_audio import USER_AUDIO, UserAudio
from . import data as data
from .data import LONGEST, Sound

if TYPE_CHECKING:
    from ...spectra import Transform


class SpectrogramBench(UserAudio):
    """Two transforms of one sound, side by side.

    Created by `SpectrogramBench.of(sounds)`. Pointing at a spectrogram shows time, frequency, note
    and level, and draws the uncertainty cell: how far the transform smears a click in time and a
    sine in frequency there. A click plays one bin, a drag selects and plays a region. The reader
    can load audio, which cells read as `audio`. With a kernel the transforms are those of
    `mirlab.spectra`; without one the page computes the same.

    Parameters
    ----------
    sounds
        FLAC by name, mono, 22,050 Hz, at most 10 s (see `SpectrogramBench.of`); by default some of
        the shipped pieces, of which the first one is displayed.
    notes
        Notes of the sounds, by name: float32 rows as in `shared.packing.pack_notes`.
    clip
        Name of the displayed sound; `"user_audio"` is the reader's.
    user_audio, user_audio_name
        The reader's audio, 16-bit little-endian integers at 22,050 Hz, and its name; empty while
        there is none.
    left, right
        Settings of either side: `kind` (stft, reassigned, mel, gammatone, cqt, vqt, wavelet, hcqt
        or chroma), `n_fft` (512 to 8192 samples; for stft, reassigned and mel), `hop_length` (128
        to 1024 samples), `bins_per_octave` (12 to 48; for cqt, vqt, wavelet, hcqt and chroma) and
        `scale` (db, power, amplitude or log1p). The defaults are an STFT of 2048 samples on the
        left and a CQT of 36 bins per octave on the right, every 256 samples, in dB.
    region
        Selected region in both spectrograms: `[start, end, low, high]` in seconds and Hz, or `[]`.
    view
        Visible range of both spectrograms, likewise; `[]` for all.
    notes_shown
        Whether the notes are drawn over the spectrograms.
    prompts
        Buttons below the spectrograms: pairs of a text and the traits that it sets, of `clip`,
        `left`, `right`, `region`, `view` and `notes_shown`.

    Raises
    ------
    WidgetError
        If a keyword is unknown or a value is out of range.

    Examples
    --------
    >>> bench = SpectrogramBench.of(Audio(np.sin(np.arange(22050) / 8), 22050))
    >>> bench.right = {"kind": "mel", "n_fft": 1024}
    >>> bench.right["hop_length"], bench.transform("right")
    (256, Mel(
      128 bins, 25.79 to 10736 Hz, sr=22050, hop=256
      (stft): STFT(513 bins, 0 to 11025 Hz, sr=22050, hop=256)
    ))
    """

    _esm = bundle("spectrogram_bench")
    sounds = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    notes = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    clip = traitlets.Unicode("").tag(sync=True)
    left = traitlets.Dict(data.LEFT).tag(sync=True)
    right = traitlets.Dict(data.RIGHT).tag(sync=True)
    region: traitlets.List[Any] = traitlets.List().tag(sync=True)
    view: traitlets.List[Any] = traitlets.List().tag(sync=True)
    notes_shown = traitlets.Bool(True).tag(sync=True)
    prompts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    # for the page, not part of the state: texts, and answers derived from the state
    _words = traitlets.Dict(data.WORDS).tag(sync=True)
    _left = traitlets.Dict().tag(sync=True)
    _right = traitlets.Dict().tag(sync=True)
    _sound = traitlets.Dict().tag(sync=True)
    longest_user_audio = LONGEST

    def __init__(self, **state: Any) -> None:
        given = state if "sounds" in state else {**_state_of(data.shipped()), **state}
        super().__init__(**given)

    @classmethod
    def of(
        cls, sounds: Sound | Mapping[str, Sound] | Sequence[Sound] | None = None
    ) -> SpectrogramBench:
        """Create a bench with these sounds, of which the first one is displayed.

        Parameters
        ----------
        sounds
            One or several sounds, of which the first 10 s are used, with the notes of an
            `Example`. None selects some of the shipped pieces.

        Returns
        -------
        SpectrogramBench
            The bench; its state takes about 0.2 MB per sound.

        Raises
        ------
        WidgetError
            If there is no sound, a sound is named `"user_audio"`, or two have the same name.
        """
        return cls(**_state_of(data.shipped() if sounds is None else sounds))

    @property
    def audio(self) -> Audio:
        """The displayed sound: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            If there is none.
        """
        return Audio(self._samples(self.clip), RATE)

    def transform(self, side: str) -> Transform:
        """The transform of a side (`"left"` or `"right"`), for further use.

        Raises
        ------
        WidgetError
            If `side` is neither.
        AudioError
            If the settings are incompatible.
        """
        from .maths import transform_for

        if side not in data.SIDES:
            raise WidgetError(f"side is 'left' or 'right', not {side!r}")
        return transform_for(getattr(self, side))

    def answer_show(
        self,
        progress: Callable[[float], None],
        *,
        clip: str,
        sides: Mapping[str, Mapping[str, Any]],
        sound: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Spectrograms and a region's sound in one answer, since only one request is queued.

        Parameters
        ----------
        progress
            Callback, as for every answer.
        clip
            Name of the sound.
        sides
            Settings of the requested spectrograms, by side.
        sound
            `settings` and `region` of a region to play; other entries are returned unchanged.

        Returns
        -------
        dict
            `_left`, `_right` and `_sound`, as far as requested, each with its request, and with
            the reason as `refused` if it cannot be computed.
        """
        samples = self._samples(clip)
        answer: dict[str, Any] = {}
        for side, given in sides.items():
            settings = data.full_settings(side, given)
            answer[f"_{side}"] = {
                "clip": clip,
                "settings": settings,
                **_try_answer(_spectrogram_answer, samples, settings),
            }
        if sound:
            answer["_sound"] = {
                **sound,
                **_try_answer(_region_answer, samples, sound["settings"], sound["region"]),
            }
        return answer

    def _samples(self, clip: str) -> np.ndarray:
        """Samples of a sound by its name: float32, at most 10 s."""
        if clip == USER_AUDIO and self.user_audio:
            return self._decode_user_audio().y[0]
        if clip not in self.sounds:
            raise WidgetError(f"there is no sound {clip!r}; there are: {self._known()}")
        return _decode(self.sounds[clip])

    def _known(self) -> str:
        """Names of all sounds, for messages."""
        return ", ".join([*self.sounds, *([USER_AUDIO] if self.user_audio else [])]) or "none"

    @traitlets.validate("clip")
    def _check_clip(self, proposal: dict[str, Any]) -> str:
        clip: str = proposal["value"]
        if clip and clip not in self.sounds and not (clip == USER_AUDIO and self.user_audio):
            raise WidgetError(f"there is no sound {clip!r}; there are: {self._known()}")
        return clip

    @traitlets.validate("left", "right")
    def _check_settings(self, proposal: dict[str, Any]) -> dict[str, Any]:
        return data.full_settings(proposal["trait"].name, proposal["value"])

    @traitlets.validate("prompts")
    def _check_prompts(self, proposal: dict[str, Any]) -> list[list[Any]]:
        return [data.validate_prompt(prompt) for prompt in proposal["value"]]

    @traitlets.validate("region", "view")
    def _check_region(self, proposal: dict[str, Any]) -> list[float]:
        value = proposal["value"]
        return data.check_region(proposal["trait"].name, value) if value else []


def _state_of(sounds: Sound | Mapping[str, Sound] | Sequence[Sound]) -> dict[str, Any]:
    """Traits of a bench with these sounds, which displays the first one."""
    by_name = data.name_sounds(sounds)
    if USER_AUDIO in by_name:
        raise WidgetError(
            f"{USER_AUDIO!r} is the reader's own sound; a shipped one needs another name"
        )
    notes = {name: data.pack_sound_notes(sound) for name, sound in by_name.items()}
    return {
        "sounds": {name: data.pack_sound(sound) for name, sound in by_name.items()},
        "notes": {name: packed for name, packed in notes.items() if packed},
        "clip": next(iter(by_name)),
        "prompts": [
            prompt
            for prompt in data.PROMPTS
            if prompt[1].get("clip", USER_AUDIO) in (*by_name, USER_AUDIO)
        ],
    }


@lru_cache(maxsize=8)
def _decode(sound: bytes) -> np.ndarray:
    """Samples of an audio file with one channel."""
    return Audio.load(sound).y[0]


def _spectrogram_answer(samples: np.ndarray, settings: dict[str, Any]) -> dict[str, Any]:
    """An image and its axes, packed for the page."""
    from .maths import spectrogram_image, transform_for

    transform = transform_for(settings)
    levels = spectrogram_image(samples, settings)
    axes = {
        name: getattr(transform, name).double().numpy().tobytes()
        for name in ("frequencies", "durations", "bandwidths")
    }
    bins, frames = levels.shape
    shape = {"samples": samples.size, "bins": bins, "frames": frames}
    return {**shape, "levels": levels.tobytes(), **axes}


def _region_answer(
    samples: np.ndarray, settings: Mapping[str, Any], region: Sequence[float]
) -> dict[str, bytes]:
    """Sound of a region: 16-bit samples at full scale; the page sets the level."""
    from .maths import region_sound

    names = ("start", "end", "low", "high")
    values = data.check_region("region", region)
    y = region_sound(samples, settings, dict(zip(names, values, strict=True)))
    y = y / max(float(np.abs(y).max()), 1e-9)
    return {"samples": np.round(32767 * y).astype("<i2").tobytes()}


def _try_answer(answer: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """The answer, or the error message, so that the other side is still drawn."""
    try:
        return answer(*arguments)
    except MirlabError as error:
        return {"refused": str(error)}
