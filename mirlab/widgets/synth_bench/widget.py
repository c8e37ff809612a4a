"""Synth bench: a keyboard, six methods of synthesis, and a target sound to match."""

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
    """A playable synthesizer with six methods, whose sounds are those of `mirlab.synthesis`.

    Created by `SynthBench.of()`. The page computes every sound itself, even in a notebook with a
    kernel, so that keys respond at once; the samples equal those of torch for the same settings,
    noise included. It is played by mouse, touch, computer keys and Web MIDI.

    Parameters
    ----------
    method
        Method of synthesis: `"additive"`, `"subtractive"`, `"fm"`, `"plucked"`, `"wavetable"` or
        `"breath"`.
    settings
        By method: a dict of the parameters of that source of `mirlab.synthesis` (an envelope is a
        dict, `{"attack": 0.01, "decay": 0.1, "sustain": 0.8, "release": 0.1}` or `{"attack":
        0.003, "t60": 3.0, "release": 0.1}`). Missing values are the defaults.
    patches
        Named settings to choose from: `{name: [method, settings]}`.
    pitch
        Pitch of the displayed note, a fractional MIDI number, 21..108.
    velocity
        Velocity of that note and of mouse and computer keys, 1..127.
    duration
        Duration of that note in s, 0.05..4.
    hear_changes
        Whether the note is played after each change of the settings.
    octave
        Octave of the lowest key, 1..6; 3 begins with C3.
    targets
        Sounds to match: FLAC by name, mono, 22,050 Hz, at most 4 s (see `SynthBench.of`).
    target_notes
        Note of each target: `[pitch, velocity, duration]`.
    target
        Name of the target to match; `""` for none.
    items
        Items of a data set, with playback: FLAC by name, mono, 22,050 Hz, 5 s.
    item_notes
        Notes of each item: float32 rows as in `shared.packing.pack_notes`.
    prompts
        Buttons below the plots: pairs of a text and the traits that it sets, of `method`,
        `settings`, `pitch`, `velocity`, `duration`, `octave` and `target`.

    Raises
    ------
    WidgetError
        If a keyword is unknown or a value is out of range.

    Examples
    --------
    >>> bench = SynthBench(method="plucked", settings={"plucked": {"t60": 2.0}}, pitch=45)
    >>> bench.source()
    Plucked(t60=2.0, dullness=0.2, softness=0.5, position=0.2, body=0.5, release=0.1)
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
    # for the page, not part of the state: texts, and the initial state of the notes' noise
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
        """Create a bench with all melodic patches of `mirlab.synthesis.PATCHES`.

        Parameters
        ----------
        targets
            Sounds to match by name, of which the first one is selected; the first 4 s of each are
            used, after leading silence. An `Audio` is one note, whose pitch is estimated;
            `(audio, pitch)` specifies it. None selects notes of hidden settings and of shipped
            recordings; `{}` none.
        items
            A `SyntheticMusic`, of which the first ten items are shown, or up to ten takes, examples
            or pairs `(audio, notes)`; the first 5 s of each are used.
        patch
            Initial patch: a name, or any source except drums.

        Returns
        -------
        SynthBench
            The bench; its state takes about 0.3 MB, and 0.1 MB more per item.

        Raises
        ------
        WidgetError
            If the bench does not support the patch, or a target or item is invalid.
        """
        sounds = data.shipped_targets() if targets is None else data.pack_targets(targets)
        bench = cls(
            patches=data.all_patches(),
            targets={name: packed for name, (packed, _) in sounds.items()},
            target_notes={name: note for name, (_, note) in sounds.items()},
            **data.pack_items(items),
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
            A name in `patches`, or a source of `mirlab.synthesis` except drums.

        Raises
        ------
        WidgetError
            If the name or source is unknown.
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
        """Select a target and set the note to the target's.

        Raises
        ------
        WidgetError
            If the name is not in `targets`.
        """
        self.target = target
        self.pitch, self.velocity, self.duration = self.target_notes[target]

    def source(self) -> Source:
        """The source of `mirlab.synthesis` with the current settings."""
        return data.to_source(self.method, self.settings[self.method])

    @property
    def audio(self) -> Audio:
        """The note rendered by torch: mono, 22,050 Hz."""
        return data.render_note(self.source(), self.pitch, self.velocity, self.duration)

    @property
    def target_audio(self) -> Audio:
        """The target sound: mono, 22,050 Hz.

        Raises
        ------
        WidgetError
            If no target is selected.
        """
        if not self.target:
            known = ", ".join(self.targets) or "none"
            raise WidgetError(f"no target is chosen; there are: {known}")
        return Audio.load(self.targets[self.target])

    def distance(self) -> float:
        """Distance of the current settings from the target in dB; see `log_spectral_distance`.

        Both play the target's note, independently of `pitch`, `velocity` and `duration`.

        Raises
        ------
        WidgetError
            If no target is selected.
        """
        wanted = self.target_audio
        found = data.render_note(self.source(), *self.target_notes[self.target])
        return log_spectral_distance(found.y[0], wanted.y[0])

    @traitlets.validate("settings")
    def _check_settings(self, proposal: dict[str, Any]) -> dict[str, Any]:
        given = {**FIRST, **proposal["value"]}
        return {method: check_settings(method, settings) for method, settings in given.items()}

    @traitlets.validate("patches")
    def _check_patches(self, proposal: dict[str, Any]) -> dict[str, Any]:
        return {name: data.check_patch(patch) for name, patch in proposal["value"].items()}

    @traitlets.validate("target")
    def _check_target(self, proposal: dict[str, Any]) -> str:
        target: str = proposal["value"]
        if target and target not in self.targets:
            known = ", ".join(self.targets) or "none"
            raise WidgetError(f"there is no target {target!r}; there are: {known}")
        return target

    @traitlets.validate("prompts")
    def _check_prompts(self, proposal: dict[str, Any]) -> list[list[Any]]:
        return [validate_prompt(prompt) for prompt in proposal["value"]]
