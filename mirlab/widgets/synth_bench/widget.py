"""Synth bench: a keyboard, six ways to make a sound, and one to match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import traitlets

from ...core import Audio
from ..shared.base import Instrument, WidgetError, bundle
from . import data as data
from .distance import log_spectral_distance
from .settings import FIRST, METHODS, check_settings
from .words import PROMPTS, WORDS, validate_prompt

if TYPE_CHECKING:
    from ...synthesis import Source, SyntheticMusic


class SynthBench(Instrument):
    """A playable synthesizer of six methods, whose sounds are those of `mirlab.synthesis`.

    `SynthBench.of()` fills it. The page computes every sound by itself, in a notebook with a kernel
    too, so that a key sounds at once; the samples are those that torch gives for the same
    settings, noise included. It plays by mouse, touch, computer keys and Web MIDI.

    Parameters
    ----------
    method
        What makes the sound: `"additive"`, `"subtractive"`, `"fm"`, `"plucked"`, `"wavetable"` or
        `"breath"`.
    settings
        By method: a dict of what that source of `mirlab.synthesis` takes (an envelope is a dict,
        `{"attack": 0.01, "decay": 0.1, "sustain": 0.8, "release": 0.1}` or `{"attack": 0.003,
        "t60": 3.0, "release": 0.1}`). What is left out is as at first.
    patches
        Named settings to choose from: `{name: [method, settings]}`.
    pitch
        Of the note that is drawn, a MIDI number with its fraction, 21..108.
    velocity
        Of that note and of mouse and computer keys, 1..127.
    duration
        How long that note is held, s, 0.05..4.
    hear_changes
        Whether the note is played again after each change of the settings.
    octave
        Of the lowest key, 1..6; 3 begins with C3.
    targets
        Sounds to match: FLAC by name, mono, 22,050 Hz, at most 4 s (see `SynthBench.of`).
    target_notes
        What is played in each: `[pitch, velocity, duration]`.
    target
        The name of the one to match; `""` for none.
    items
        Items of a data set to look at and listen to: FLAC by name, mono, 22,050 Hz, 5 s.
    item_notes
        What is played in each: float32 rows as in `shared.packing.pack_notes`.
    prompts
        Buttons under the pictures: pairs of a text and the traits that it sets, of `method`,
        `settings`, `pitch`, `velocity`, `duration`, `octave` and `target`.

    Raises
    ------
    WidgetError
        For an unknown keyword or a value out of its range.

    Examples
    --------
    >>> bench = SynthBench(method="plucked", settings={"plucked": {"t60": 2.0}}, pitch=45)
    >>> bench.source()
    Plucked(t60=2.0, dullness=0.2, softness=0.5, place=0.2, body=0.5, release=0.1)
    >>> bench.audio
    Audio(1 channel, 1.100 s, 22050 Hz)
    """

    _esm = bundle("synth_bench")
    method = traitlets.Enum(METHODS, "additive").tag(sync=True)
    settings = traitlets.Dict(FIRST).tag(sync=True)
    patches = traitlets.Dict().tag(sync=True)
    pitch = traitlets.Float(57.0, min=21.0, max=108.0).tag(sync=True)
    velocity = traitlets.Int(100, min=1, max=127).tag(sync=True)
    duration = traitlets.Float(1.0, min=0.05, max=4.0).tag(sync=True)
    hear_changes = traitlets.Bool(False).tag(sync=True)
    octave = traitlets.Int(3, min=1, max=6).tag(sync=True)
    targets = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    target_notes = traitlets.Dict(value_trait=traitlets.List()).tag(sync=True)
    target = traitlets.Unicode("").tag(sync=True)
    items = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    item_notes = traitlets.Dict(value_trait=traitlets.Bytes()).tag(sync=True)
    prompts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    # for the page, and no part of the state: its words, and where the notes' noise begins
    _words = traitlets.Dict(WORDS).tag(sync=True)
    _noise = traitlets.List(data.noise_state()).tag(sync=True)

    @classmethod
    def of(
        cls,
        targets: Mapping[str, data.Target] | None = None,
        *,
        items: SyntheticMusic | Sequence[data.Item] | None = None,
        patch: str | Source = "organ",
    ) -> SynthBench:
        """The bench with all melodic patches of `mirlab.synthesis.PATCHES`.

        Parameters
        ----------
        targets
            Sounds to match by name, the first one chosen; of each, the first 4 s after silence. An
            `Audio` is one note, whose pitch is looked for; `(audio, pitch)` tells it. None brings
            notes of hidden settings and of shipped recordings; `{}` none.
        items
            A `SyntheticMusic`, of which the first ten items are shown, or up to ten takes, examples
            or pairs `(audio, notes)`; of each, the first 5 s.
        patch
            With which it begins: a name, or any source but drums.

        Returns
        -------
        SynthBench
            Its state takes about 0.3 MB, and 0.1 MB more an item.

        Raises
        ------
        WidgetError
            For a patch that the bench does not have, or a target or item that is none.
        """
        sounds = data.shipped_targets() if targets is None else data.own_targets(targets)
        bench = cls(
            patches=data.all_patches(),
            targets={name: packed for name, (packed, _) in sounds.items()},
            target_notes={name: note for name, (_, note) in sounds.items()},
            **data.packed_items(items),
            prompts=PROMPTS if targets is None else PROMPTS[:-1],
        )
        bench.use(patch)
        if sounds:
            bench.aim(next(iter(sounds)))
        return bench

    def use(self, patch: str | Source) -> None:
        """Set the method and its settings to those of a patch.

        Parameters
        ----------
        patch
            A name among `patches`, or a source of `mirlab.synthesis` other than drums.

        Raises
        ------
        WidgetError
            For another name or source.
        """
        if isinstance(patch, str):
            if patch not in self.patches:
                known = ", ".join(self.patches) or "none"
                raise WidgetError(f"there is no patch {patch!r}; there are: {known}")
            method, settings = self.patches[patch]
        else:
            method, settings = data.from_source(patch)
        self.settings = {**self.settings, method: settings}
        self.method = method

    def aim(self, target: str) -> None:
        """Choose what is to be matched, and play the note that it plays.

        Raises
        ------
        WidgetError
            For a name that is not among `targets`.
        """
        self.target = target
        self.pitch, self.velocity, self.duration = self.target_notes[target]

    def source(self) -> Source:
        """The source of `mirlab.synthesis` with the settings of now, to go on with."""
        return data.to_source(self.method, self.settings[self.method])

    @property
    def audio(self) -> Audio:
        """The note as torch plays it: mono, 22,050 Hz."""
        return data.rendered(self.source(), self.pitch, self.velocity, self.duration)

    @property
    def target_audio(self) -> Audio:
        """The sound to match: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            While none is chosen.
        """
        if not self.target:
            known = ", ".join(self.targets) or "none"
            raise WidgetError(f"no target is chosen; there are: {known}")
        return Audio.load(self.targets[self.target])

    def distance(self) -> float:
        """How far the settings of now are from the target, in dB; see `log_spectral_distance`.

        Both play the target's own note, whatever `pitch`, `velocity` and `duration` are.

        Raises
        ------
        WidgetError
            While no target is chosen.
        """
        wanted = self.target_audio
        found = data.rendered(self.source(), *self.target_notes[self.target])
        return log_spectral_distance(found.y[0], wanted.y[0])

    @traitlets.validate("settings")
    def _check_settings(self, proposal: dict[str, Any]) -> dict[str, Any]:
        given = {**FIRST, **proposal["value"]}
        return {method: check_settings(method, one) for method, one in given.items()}

    @traitlets.validate("patches")
    def _check_patches(self, proposal: dict[str, Any]) -> dict[str, Any]:
        return {name: data.checked_patch(one) for name, one in proposal["value"].items()}

    @traitlets.validate("target")
    def _check_target(self, proposal: dict[str, Any]) -> str:
        target: str = proposal["value"]
        if target and target not in self.targets:
            known = ", ".join(self.targets) or "none"
            raise WidgetError(f"there is no target {target!r}; there are: {known}")
        return target

    @traitlets.validate("prompts")
    def _check_prompts(self, proposal: dict[str, Any]) -> list[list[Any]]:
        return [validate_prompt(one) for one in proposal["value"]]
