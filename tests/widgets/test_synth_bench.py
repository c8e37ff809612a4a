"""The Synth bench seen from Python: what it holds, plays, measures and refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mirlab import Audio, Notes, examples
from mirlab.core import AudioError
from mirlab.synthesis import (
    FAMILIES,
    FM,
    PATCHES,
    Additive,
    Breath,
    DrumKit,
    Plucked,
    Subtractive,
    SyntheticMusic,
    Wavetable,
    random_patch,
)
from mirlab.widgets import SynthBench
from mirlab.widgets.shared.base import WidgetError
from mirlab.widgets.synth_bench import data as data
from mirlab.widgets.synth_bench.distance import log_spectral_distance
from mirlab.widgets.synth_bench.settings import KNOBS, METHODS

SOURCES = dict(zip(METHODS, (Additive, Subtractive, FM, Plucked, Wavetable, Breath), strict=True))
ENVELOPE = {"attack": 0.01, "decay": 0.1, "sustain": 0.8, "release": 0.1}


def note(source: Any, pitch: float = 57, velocity: int = 100) -> np.ndarray:
    return data.render_note(source, pitch, velocity, 0.6).y[0]


@pytest.fixture(scope="module")
def shipped() -> SynthBench:
    return SynthBench.of()


@pytest.mark.parametrize("method", METHODS)
def test_the_first_settings_are_the_sources_own(method: str) -> None:
    found, expected = data.from_source(SynthBench(method=method).source())[1], SOURCES[method]()
    assert repr(SynthBench(method=method).source())[:20] == repr(expected)[:20]
    from_patch = data.from_source(expected)[1]
    assert found.keys() == from_patch.keys()
    np.testing.assert_allclose(note(SynthBench(method=method).source()), note(expected), atol=1e-6)


def test_every_patch_comes_back_as_it_was(shipped: SynthBench) -> None:
    melodic = {
        name: one_patch for name, one_patch in PATCHES.items() if not isinstance(one_patch, DrumKit)
    }
    assert set(shipped.patches) == set(melodic)
    bench = SynthBench(**shipped.state())
    for name, patch in melodic.items():
        bench.use(name)
        assert bench.source() == patch, name
    for family in FAMILIES:
        for seed in range(20 if family != "drums" else 0):
            patch = random_patch(family, seed=seed)
            bench.use(patch)
            assert bench.source() == patch
    with pytest.raises(WidgetError, match="cannot play DrumKit"):
        bench.use(PATCHES["drum kit"])
    with pytest.raises(WidgetError, match="no patch 'piano'; there are: organ"):
        bench.use("piano")


@pytest.mark.parametrize("method", METHODS)
def test_a_sliders_ends_are_the_sources(method: str) -> None:
    for name, (low, high, *_) in KNOBS[method].items():
        for value in (low, high):
            SOURCES[method](**{name: int(value) if name == "oscillators" else value})
        with pytest.raises(AudioError):
            SOURCES[method](**{name: high * 1.01 + 1})


def test_the_state_makes_it_anew(shipped: SynthBench) -> None:
    again = SynthBench(**shipped.state())
    assert again.state() == shipped.state()
    assert not [name for name in shipped.state() if name.startswith("_")]
    assert again.distance() == shipped.distance()


def test_the_note_is_the_one_that_torch_plays() -> None:
    bench = SynthBench(method="plucked", pitch=69, velocity=127, duration=0.5)
    audio = bench.audio
    assert (audio.sr, audio.duration) == (22050, pytest.approx(0.6, abs=1e-4))
    assert np.abs(audio.y).max() == pytest.approx(10 ** (-1 / 20), rel=1e-4)
    np.testing.assert_array_equal(audio.y[0], data.render_note(Plucked(), 69, 127, 0.5).y[0])


def test_targets_are_short_safe_and_can_be_matched(shipped: SynthBench) -> None:
    assert shipped.target == next(iter(shipped.targets)) == "riddle 1 (partials)"
    assert sum(map(len, shipped.targets.values())) < 300_000
    for name, packed in shipped.targets.items():
        audio = Audio.load(packed)
        assert audio.sr == 22050 and audio.duration <= data.LONGEST
        assert np.abs(audio.y).max() <= data.PEAK * 1.001
        pitch = shipped.target_notes[name][0]
        assert data.find_pitch(audio) == pytest.approx(pitch, abs=0.3), name
    bars = [1.0, 0.15, 0.6, 0.0, 0.45, 0.8, 0.0, 0.2]
    bench = SynthBench(**shipped.state())
    far = bench.distance()
    settings = bench.settings["additive"]
    bench.settings = {**bench.settings, "additive": {**settings, "amplitudes": bars}}
    assert bench.distance() < 0.3 < 5 < far


def test_the_distance_is_that_of_the_targets_note(shipped: SynthBench) -> None:
    bench = SynthBench(**shipped.state())
    far = bench.distance()
    bench.pitch, bench.velocity, bench.duration = 80, 30, 0.3
    assert bench.distance() == far
    bench.aim("riddle 2 (FM)")
    assert [bench.pitch, bench.velocity, bench.duration] == bench.target_notes[bench.target]
    bench.target = ""
    with pytest.raises(WidgetError, match="no target is chosen; there are: riddle 1"):
        bench.distance()


def test_the_distance_falls_towards_the_same_sound() -> None:
    wanted = note(Plucked())
    assert log_spectral_distance(0.3 * wanted, wanted) < 1e-3  # at any level
    found = [log_spectral_distance(note(Plucked(dullness=d)), wanted) for d in (0.5, 0.35, 0.25)]
    assert found == sorted(found, reverse=True) and found[-1] > 0.5
    assert log_spectral_distance(wanted[:8000], wanted) > 5  # the shorter one is silent there
    silence = np.zeros(9000)
    assert log_spectral_distance(silence, silence) == 0
    assert log_spectral_distance(np.zeros(10), wanted) <= 60


@pytest.mark.parametrize(("pitch", "sr"), [(40.3, 22050), (57, 44100), (84.5, 16000)])
def test_your_own_sound_is_heard_from_its_onset_at_its_pitch(pitch: float, sr: int) -> None:
    y = np.concatenate([np.zeros(sr // 2), data.render_note(Plucked(), pitch, 100, 1.0).y[0]])
    bench = SynthBench.of({"mine": Audio(y, 22050).resample(sr)}, patch="guitar")
    assert bench.target == "mine" and bench.pitch == pytest.approx(pitch, abs=0.1)
    begin = np.abs(bench.target_audio.y[0][:100]).max()
    assert begin > 0.02 * data.PEAK
    described = SynthBench.of({"mine": (Audio(y, 22050), 61.5)})
    assert described.pitch == 61.5


@pytest.mark.slow
def test_items_are_a_data_set_seen_and_heard() -> None:
    music = SyntheticMusic("notes", duration=5, fonts={}, synths=1)
    bench = SynthBench.of(items=music)
    assert list(bench.items) == list(bench.item_notes) == [f"item {k}" for k in range(10)]
    state = bench.state()
    size = sum(map(len, [*bench.items.values(), *bench.targets.values()]))
    size += sum(map(len, bench.item_notes.values())) + len(repr(state["patches"]))
    assert size < 2e6
    take = music.take(3)
    audio = Audio.load(bench.items["item 3"])
    assert audio.sr == 22050 and audio.duration == pytest.approx(5, abs=0.01)
    whole = music.sound(3, take).y[0][: audio.samples]
    assert np.corrcoef(whole, audio.y[0])[0, 1] > 0.999
    rows = np.frombuffer(bench.item_notes["item 3"], "<f4").reshape(-1, 6)
    begun = sum(int((notes.onset < 5).sum()) for notes in take.notes.values())
    assert len(rows) == begun


def test_items_may_be_examples_takes_or_pairs() -> None:
    piano = examples.load("piano")
    bench = SynthBench.of({}, items=[piano, (piano.audio, Notes(0, 1, 60))])
    assert list(bench.items) == ["item 0", "item 1"] and bench.targets == {}
    assert len(np.frombuffer(bench.item_notes["item 1"], "<f4")) == 6
    with pytest.raises(WidgetError, match=r"an item is a take, an example or \(audio, notes\)"):
        SynthBench.of({}, items=["piano.wav"])


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"method": "sampler"}, "method"),
        ({"settings": {"sampler": {}}}, "method is one of additive"),
        ({"settings": {"plucked": {"tension": 1}}}, "plucked has no 'tension'; there are: t60"),
        ({"settings": {"plucked": {"t60": 100}}}, r"plucked: t60 lies in 0.05..60, not 100"),
        ({"settings": {"plucked": {"t60": "long"}}}, "t60 lies in"),
        ({"settings": {"plucked": {"t60": float("nan")}}}, "t60 lies in"),
        ({"settings": {"plucked": 3}}, "are a dict"),
        ({"settings": {"additive": {"amplitudes": []}}}, "needs 1 to 64 numbers"),
        ({"settings": {"additive": {"amplitudes": [2]}}}, r"amplitudes lies in 0..1"),
        ({"settings": {"additive": {"amplitudes": [1], "ratios": [1, 2]}}}, "same length"),
        ({"settings": {"additive": {"envelope": {"attack": 1}}}}, "envelope has attack, decay"),
        ({"settings": {"additive": {"envelope": {**ENVELOPE, "release": 0}}}}, "release lies in"),
        ({"settings": {"subtractive": {"wave": "saw"}}}, "wave is one of sawtooth"),
        ({"settings": {"subtractive": {"oscillators": 1.5}}}, "integer"),
        ({"settings": {"fm": {"operators": [{}]}}}, "are 2 to 4"),
        ({"settings": {"fm": {"operators": [{"target": 0}, {}]}}}, "an operator before it"),
        ({"settings": {"fm": {"operators": [{}, {"level": 1}]}}}, "each has ratio, index"),
        ({"settings": {"wavetable": {"tables": []}}}, "1 to 8 lists"),
        ({"settings": {"breath": {"formants": [[440, 80]]}}}, "Hz and width"),
        (
            {"settings": {"breath": {"envelope": {"attack": 0.1, "t60": 1, "release": 0.1}}}},
            "not t60",
        ),
        ({"pitch": 10}, "pitch"),
        ({"velocity": 0}, "velocity"),
        ({"duration": 9}, "duration"),
        ({"octave": 9}, "octave"),
        ({"target": "bell"}, "there is no target 'bell'; there are: none"),
        ({"patches": {"a": 1}}, r"a patch is \[method, settings\]"),
        ({"prompts": [["no state"]]}, "a prompt is a text and a dict"),
        ({"prompts": [["x", {"items": {}}]]}, "a prompt sets duration, method"),
        ({"pich": 60}, "did you mean 'pitch'"),
    ],
)
def test_bad_values_are_refused(state: dict[str, Any], message: str) -> None:
    with pytest.raises(WidgetError, match=message):
        SynthBench(**state)


def test_bad_targets_are_refused() -> None:
    with pytest.raises(WidgetError, match="target 'a' is silent"):
        SynthBench.of({"a": Audio(np.zeros(2000), 22050)})
    with pytest.raises(WidgetError, match="target 'a' must be an Audio"):
        SynthBench.of({"a": "a.wav"})
