"""The experiments with the note network: tests, data, and resumption."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.transcription import (
    baselines,
    small_net_scores,
    small_nets,
    test_sets,
    training_sets,
)
from benchmarks.transcription.small_nets import Listener
from benchmarks.transcription.spectrograms import GRID, NET, listeners
from benchmarks.transcription.test_sets import HOP, SR, Repeated, Sound
from mirlab.core import MissingPartError, Notes
from mirlab.spectra import CQT, STFT, HarmonicCQT, scale
from mirlab.synthesis import SyntheticMusic, note_rolls
from mirlab.transcription.networks import BINS, LOWEST, HarmonicStack, NoteNet

NOTES = Notes([0.5, 0.5, 1.5], [1.2, 1.0, 2.2], [60, 67, 62], 90)


def rolls_of(notes: Notes, seconds: float = 3.0) -> np.ndarray:
    frames = 1 + int(seconds * SR) // HOP
    return note_rolls(notes, frames=frames, hop_length=HOP, sr=SR)


@pytest.mark.slow
def test_all_networks_have_about_the_same_size() -> None:
    counts = {
        repeated.row: sum(p.numel() for p in NoteNet(**repeated.arguments).parameters())
        for repeated in listeners()
    }
    assert counts.pop("CQT, no harmonics") == 30_256
    assert set(counts.values()) == {29_080}


@pytest.mark.slow
def test_a_stacked_cqt_is_the_harmonic_cqt() -> None:
    """On the bins of both: the network's axis begins at A0 and ends at 10 kHz."""
    harmonics = (0.5, 1, 2, 3, 5)
    y = torch.from_numpy(np.random.default_rng(0).standard_normal(5 * SR)).float()
    cqt = CQT(**{**GRID, "fmin": LOWEST, "n_bins": BINS})
    seen = scale(cqt(y), "power")[None, None].expand(-1, 2, -1, -1)
    ours = HarmonicStack(harmonics).copies(seen)[0, ::2]
    below = LOWEST * 2 ** (-1 / 36)
    hcqt = HarmonicCQT(**{**GRID, "fmin": below, "n_bins": 266}, harmonics=harmonics)
    theirs = scale(hcqt(y), "power")
    for harmonic, stacked, other in zip(harmonics, ours, theirs, strict=True):
        bins = np.arange(266) - 1 + round(36 * np.log2(harmonic))
        both = (bins >= 0) & (bins < BINS)
        np.testing.assert_allclose(stacked[both], other[both], rtol=1e-3, atol=1e-5 * theirs.max())


def test_the_true_notes_score_one() -> None:
    sound = Sound("piano", np.zeros(3 * SR), NOTES)
    found = small_net_scores.decoded(rolls_of(NOTES), 0.5, 0.5)
    assert small_net_scores.onset_f(sound, found) == 1
    assert small_net_scores.frame_f(sound, found) > 0.97
    assert small_net_scores.onset_f(sound, Notes.empty()) == 0


def test_thresholds_come_from_other_sets_of_the_same_kind() -> None:
    names = ("piano", "voice", "rendered piano", "rendered voice")
    sounds = [Sound(name, np.zeros(1), NOTES) for name in names]
    rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    assert small_net_scores._chosen(sounds, rows) == {
        "piano": 1,
        "voice": 0,
        "rendered piano": 1,
        "rendered voice": 2,
    }


def test_a_sounding_pitch_is_compared_with_the_silent_ones_near_it() -> None:
    frame = rolls_of(NOTES)[1]
    frame[62 - 21] = 0.5  # a ghost above the first notes, and the third note itself
    assert small_net_scores.believed(NOTES, frame).tolist() == [True, True, True]
    frame[64 - 21] = 0.8
    assert small_net_scores.believed(NOTES, frame).tolist() == [True, True, False]
    assert small_net_scores.believed(Notes([0.0], [1.0], [110]), frame).tolist() == [False]


def test_octaves_with_few_notes_are_omitted() -> None:
    onset = np.arange(40) / 20
    many = Notes(onset, onset + 0.04, np.full(40, 60))
    few = Notes([0.1], [0.2], [90])
    kinds = {"piano": many, "Chopin": few, "voice": many, "strings": many}
    sounds = [Sound(name, np.zeros(1), notes) for name, notes in kinds.items()]
    tables = small_net_scores.pitches_by_octave(
        sounds, [rolls_of(notes) for notes in kinds.values()]
    )
    assert tables == {
        f"pitch of {kind}, octave 4": {"accuracy": 1.0} for kind in ("piano", "voice", "mixture")
    }


def test_only_matched_repetitions_are_counted() -> None:
    onset = 0.5 + np.arange(8) / 4
    notes = Notes(onset, onset + 0.2, np.full(8, 60))
    late = Notes([*onset[:6], 2.9], [*(onset[:6] + 0.2), 3.0], np.full(7, 60))
    repeated = Repeated(4, np.zeros(1), notes)
    found = small_net_scores._found([(repeated, rolls_of(late))], 0.5)
    assert found == {"recall": 6 / 8, "precision": 6 / 7}
    assert small_net_scores._found([(repeated, 0 * rolls_of(late))], 0.5) == {
        "recall": 0,
        "precision": 1,
    }


def test_mechanical_playing_is_on_a_grid() -> None:
    human, machine = training_sets.human(3), training_sets.machine(3)
    assert machine.parts.keys() == human.parts.keys()
    assert machine.tempo_map.bpm.size == 1
    for name, notes in machine.parts.items():
        position = machine.tempo_map.beats(notes.onset) * training_sets.GRID
        np.testing.assert_allclose(position, position.round(), atol=1e-3)
        assert np.unique(notes.velocity).size == 1
        assert 0.9 * len(human.parts[name]) <= len(notes) <= len(human.parts[name])
    assert training_sets.machine(3).notes.onset.tolist() == machine.notes.onset.tolist()


def test_piano_and_voice_tests_use_their_programs() -> None:
    piano, voice = test_sets.on_piano(5), test_sets.sung(5)
    assert set(piano.notes.program) == {0} and not piano.notes.is_drum.any()
    assert len(voice.parts) == 1 and set(voice.notes.program) <= set(test_sets.VOICES)


def test_a_missing_font_is_named_with_the_command() -> None:
    with pytest.raises(MissingPartError, match="apt-get install"):
        test_sets.fonts("a font that nobody has")


@pytest.mark.slow
def test_a_listener_is_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps on two items; cached scores are not computed again, and seeds differ."""
    for name, value in {"FOLDER": tmp_path, "ITEMS": 2, "PROCESSES": 1}.items():
        monkeypatch.setattr(small_nets, name, value)
    calls = []

    def answers(listen: small_net_scores.Listen) -> dict[str, dict[str, float]]:
        rolls = listen(np.random.default_rng(0).standard_normal(2 * SR).astype(np.float32))
        calls.append(rolls)
        return {"piano": {"onset_f": float(rolls[0].mean())}, "cost": {"cpu_s": 1.0}}

    monkeypatch.setattr(small_net_scores, "answers", answers)
    monkeypatch.setattr(test_sets, "fonts", lambda *names: {})
    monkeypatch.setenv("MIRLAB_DATA", str(tmp_path))

    def supply() -> SyntheticMusic:
        return SyntheticMusic("notes", duration=6, hop_length=HOP, fonts={}, synths=1)

    listener = Listener("STFT", "trial", STFT(hop_length=HOP), NET, steps=2)
    scores = small_nets.measured([listener], {"trial": supply})
    assert [(s.set, s.file) for s in scores if s.set == "piano"] == [
        ("piano", f"seed {seed}") for seed in small_nets.SEEDS
    ]
    assert len({s.values["onset_f"] for s in scores if s.set == "piano"}) == 3
    assert all(s.values["training_s"] > 0 for s in scores if s.set == "cost")
    assert calls[0].shape[:2] == (4, 88)
    again = small_nets.measured([listener], {"trial": supply})
    assert again == scores and len(calls) == 3


def test_the_compared_systems_include_baseline_and_upper_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    y = np.zeros(3 * SR, np.float32)
    monkeypatch.setattr(baselines, "sounds", lambda: (Sound("piano", y, NOTES),))
    monkeypatch.setattr(baselines, "transcribe", lambda audio, model: NOTES[:1])
    rows = {score.row: score.values for score in baselines.measured()}
    assert rows["silence"] == {"onset_f": 0, "frame_f": 0}
    assert rows["ceiling"]["onset_f"] == 1
    assert rows["basic-pitch"]["onset_f"] == 0.5
