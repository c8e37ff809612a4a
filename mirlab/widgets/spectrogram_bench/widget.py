"""Spectrogram bench: two pictures of one sound side by side, to look at and to listen to."""

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

    `SpectrogramBench.of(sounds)` fills it. Pointing at a picture reads time, frequency, note and
    level, and draws the uncertainty cell: how far the transform smears a click in time and a sine
    in frequency there. A click plays that bin alone, a drag marks a region and plays it alone. The
    reader may bring a sound, which a cell then finds under `audio`. With a kernel the pictures are
    `mirlab.spectra`'s; without one the page computes the same.

    Parameters
    ----------
    sounds
        FLAC by name, mono, 22,050 Hz, at most 10 s (see `SpectrogramBench.of`).
    notes
        What is played in a sound, by its name: float32 rows as in `shared.packing.pack_notes`.
    clip
        The name of the sound that is shown; `"own"` is the reader's.
    own, own_name
        The reader's sound, 16-bit little-endian integers at 22,050 a second, and what it is
        called; empty while there is none.
    left, right
        What either picture shows: `kind` (stft, reassigned, mel, gammatone, cqt, vqt, wavelet,
        hcqt or chroma), `n_fft` (512 to 8192 samples; for stft, reassigned and mel),
        `hop_length` (128 to 1024 samples), `bins_per_octave` (12 to 48; for cqt, vqt, wavelet,
        hcqt and chroma) and `scale` (db, power, amplitude or log1p). What is left out is as at
        first: an STFT of 2048 samples on the left, a CQT of 36 bins an octave on the right, every
        256 samples, in dB.
    region
        What is marked in both pictures: `[start, end, low, high]` in seconds and Hz, or `[]`.
    view
        What of both pictures is shown, likewise; `[]` for all.
    notes_shown
        Whether the notes are drawn over the pictures.
    prompts
        Buttons under the pictures: pairs of a text and the traits that it sets, of `clip`, `left`,
        `right`, `region`, `view` and `notes_shown`.

    Raises
    ------
    WidgetError
        For an unknown keyword or a value out of its range.

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
    # for the page, and no part of the state: its words, and answers that follow from the state
    _words = traitlets.Dict(data.WORDS).tag(sync=True)
    _left = traitlets.Dict().tag(sync=True)
    _right = traitlets.Dict().tag(sync=True)
    _sound = traitlets.Dict().tag(sync=True)
    longest_user_audio = LONGEST

    @classmethod
    def of(
        cls, sounds: Sound | Mapping[str, Sound] | Sequence[Sound] | None = None
    ) -> SpectrogramBench:
        """The bench with these sounds, the first one shown.

        Parameters
        ----------
        sounds
            One or several; of each, the first 10 s. An `Example` brings its notes along. None is a
            handful of the shipped pieces.

        Returns
        -------
        SpectrogramBench
            Its state takes about 0.2 MB a sound.

        Raises
        ------
        WidgetError
            For no sound at all, a sound named `"own"`, or two of one name.
        """
        named = data.named(data.shipped() if sounds is None else sounds)
        if USER_AUDIO in named:
            raise WidgetError(
                f"{USER_AUDIO!r} is the reader's own sound; a shipped one needs another name"
            )
        notes = {name: data.packed_notes(sound) for name, sound in named.items()}
        return cls(
            sounds={name: data.pack_sound(sound) for name, sound in named.items()},
            notes={name: packed for name, packed in notes.items() if packed},
            clip=next(iter(named)),
            prompts=[
                one
                for one in data.PROMPTS
                if one[1].get("clip", USER_AUDIO) in (*named, USER_AUDIO)
            ],
        )

    @property
    def audio(self) -> Audio:
        """The sound that is shown: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            While there is none.
        """
        return Audio(self._samples(self.clip), RATE)

    def transform(self, side: str) -> Transform:
        """The transform on a side (`"left"` or `"right"`), to go on with.

        Raises
        ------
        WidgetError
            For another side.
        AudioError
            When the settings do not go together.
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
        """Pictures and a sound in one answer, for of several requests only the newest waits.

        Parameters
        ----------
        progress
            As for every answer.
        clip
            The sound's name.
        sides
            Settings by side: the pictures that are wanted.
        sound
            `settings` and `region`, when a region is to be heard alone; what else it holds is
            given back.

        Returns
        -------
        dict
            `_left`, `_right` and `_sound`, as far as they were wanted: with what was asked, and
            with `refused`, the reason, where that cannot be had.
        """
        samples = self._samples(clip)
        answer: dict[str, Any] = {}
        for side, given in sides.items():
            settings = data.full_settings(side, given)
            answer[f"_{side}"] = {
                "clip": clip,
                "settings": settings,
                **_refusable(_drawn, samples, settings),
            }
        if sound:
            answer["_sound"] = {
                **sound,
                **_refusable(_alone, samples, sound["settings"], sound["region"]),
            }
        return answer

    def _samples(self, clip: str) -> np.ndarray:
        """The samples of a sound by its name: float32, at most 10 s."""
        if clip == USER_AUDIO and self.own:
            return self._user_audio().y[0]
        if clip not in self.sounds:
            raise WidgetError(f"there is no sound {clip!r}; there are: {self._known()}")
        return _decoded(self.sounds[clip])

    def _known(self) -> str:
        """The names of all sounds, for people."""
        return ", ".join([*self.sounds, *([USER_AUDIO] if self.own else [])]) or "none"

    @traitlets.validate("clip")
    def _check_clip(self, proposal: dict[str, Any]) -> str:
        clip: str = proposal["value"]
        if clip and clip not in self.sounds and not (clip == USER_AUDIO and self.own):
            raise WidgetError(f"there is no sound {clip!r}; there are: {self._known()}")
        return clip

    @traitlets.validate("left", "right")
    def _check_settings(self, proposal: dict[str, Any]) -> dict[str, Any]:
        return data.full_settings(proposal["trait"].name, proposal["value"])

    @traitlets.validate("prompts")
    def _check_prompts(self, proposal: dict[str, Any]) -> list[list[Any]]:
        return [data.validate_prompt(one) for one in proposal["value"]]

    @traitlets.validate("region", "view")
    def _check_region(self, proposal: dict[str, Any]) -> list[float]:
        value = proposal["value"]
        return data.checked_region(proposal["trait"].name, value) if value else []


@lru_cache(maxsize=8)
def _decoded(sound: bytes) -> np.ndarray:
    """The samples of a sound file of one channel."""
    return Audio.load(sound).y[0]


def _drawn(samples: np.ndarray, settings: dict[str, Any]) -> dict[str, Any]:
    """A picture and its axes, as the page takes them."""
    from .maths import picture, transform_for

    transform = transform_for(settings)
    levels = picture(samples, settings)
    axes = {
        name: getattr(transform, name).double().numpy().tobytes()
        for name in ("frequencies", "durations", "bandwidths")
    }
    bins, frames = levels.shape
    shape = {"samples": samples.size, "bins": bins, "frames": frames}
    return {**shape, "levels": levels.tobytes(), **axes}


def _alone(
    samples: np.ndarray, settings: Mapping[str, Any], region: Sequence[float]
) -> dict[str, bytes]:
    """A region's sound: 16-bit samples that reach full scale; the page sets the level."""
    from .maths import region_sound

    names = ("start", "end", "low", "high")
    values = data.checked_region("region", region)
    y = region_sound(samples, settings, dict(zip(names, values, strict=True)))
    y = y / max(float(np.abs(y).max()), 1e-9)
    return {"samples": np.round(32767 * y).astype("<i2").tobytes()}


def _refusable(answer: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """The answer, or why there is none: the other picture is drawn all the same."""
    try:
        return answer(*given)
    except MirlabError as error:
        return {"refused": str(error)}
