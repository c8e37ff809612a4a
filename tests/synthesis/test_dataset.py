"""`SyntheticMusic`: items depend on their index alone, and labels agree with the sound."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from mirlab.composer import compose
from mirlab.core import AudioError, Notes, NotesError, TempoMap
from mirlab.learning import Batches
from mirlab.synthesis import MidiExcerpts, SyntheticMusic, note_rolls
from mirlab.synthesis.dataset import TASKS, four_stems, monophonic_part

SR, HOP = 22050, 256
SHAPES = {
    "separation": {"mixture": (22050,), "stems": (4, 22050)},
    "notes": {"audio": (22050,), "rolls": (4, 88, 87)},
    "chords": {"audio": (22050,), "chords": (3, 12, 87)},
    "f0": {"audio": (22050,), "f0": (87,)},
    "single_notes": {
        "audio": (22050,),
        **dict.fromkeys(("pitch", "velocity", "onset", "offset"), ()),
    },
}


@pytest.mark.parametrize("task", TASKS)
def test_items_have_one_shape_and_are_all_different(task: str) -> None:
    music = SyntheticMusic(task, duration=1, fonts={}, synths=1)
    items = [music.item(k) for k in range(3)]
    for item in items:
        assert {name: tuple(tensor.shape) for name, tensor in item.items()} == SHAPES[task]
        assert all(t.dtype == torch.float32 and t.isfinite().all() for t in item.values())
    sound = next(iter(SHAPES[task]))
    assert not torch.equal(items[0][sound], items[1][sound])
    assert all(item[sound].abs().max() <= 1.0 for item in items)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
@pytest.mark.parametrize("task", ["notes", "separation"])
def test_an_item_is_the_same_for_any_number_of_workers(task: str, require_fluidsynth: None) -> None:
    """Bit-identical: alone, in order, by one worker and by three, with fonts and synthesizers."""
    music = SyntheticMusic(task, duration=1.5, seed=3)
    alone = [music.item(k) for k in range(4)]
    for n_jobs in (0, 1, 3):
        loader = DataLoader(music, batch_size=None, num_workers=n_jobs)
        for alone_item, other in zip(alone, islice(loader, 4), strict=True):
            assert alone_item.keys() == other.keys()
            assert all(torch.equal(alone_item[name], other[name]) for name in alone_item)
    for name, last in SyntheticMusic(task, duration=1.5, seed=3).item(3).items():
        assert torch.equal(alone[3][name], last)


def test_items_can_be_batched() -> None:
    music = SyntheticMusic("single_notes", duration=0.5, fonts={}, synths=1)
    batch = next(iter(Batches(music.item, size=4)))
    assert batch["audio"].shape == (4, 11025)
    assert batch["pitch"].shape == (4,)


def test_the_stems_add_up_to_the_mixture() -> None:
    music = SyntheticMusic("separation", duration=3, fonts={}, synths=1, seed=2)
    for k in range(3):
        item = music.item(k)
        torch.testing.assert_close(item["stems"].sum(0), item["mixture"], atol=2e-6, rtol=0)
        assert item["mixture"].abs().max() > 0.01
    take = music.take(0)
    np.testing.assert_allclose(four_stems(take).sum(axis=0), take.audio.y[0], atol=2e-6)


@pytest.mark.slow
def test_energy_rises_where_the_onset_targets_are() -> None:
    """The rise of the spectrum in the frames of onsets, against the frames away from them."""
    music = SyntheticMusic(
        "notes", duration=5, fonts={}, synths=1, pieces=partial(compose, style="etude", duration=7)
    )
    for k in range(3):
        item = music.item(k)
        spectrogram = torch.stft(
            item["audio"], 1024, HOP, return_complex=True, window=torch.ones(1024)
        )
        level = (1 + 1000 * spectrogram.abs() / spectrogram.abs().max()).log()
        rise = level.diff(dim=1).relu().sum(0)
        onset = item["rolls"][0].amax(0)
        peaks = (onset[1:-1] > 0.75) & (onset[1:-1] >= onset[2:]) & (onset[1:-1] >= onset[:-2])
        at = peaks.nonzero()[:, 0] + 1
        around = torch.stack([rise[(at + d).clamp(0, rise.numel() - 1)] for d in (-2, -1, 0, 1)])
        away = rise[onset[1:] == 0]
        assert at.numel() > 5
        assert around.amax(0).median() > 2 * away.median()


@pytest.mark.slow
def test_the_pitch_curve_agrees_with_the_sound(require_fluidsynth: None) -> None:
    """Where the curve is steady, a harmonic sound repeats after one period."""
    music = SyntheticMusic("f0", duration=6, seed=1, effects=False, synths=0)
    right = frames = 0
    for k in range(6):
        item = music.item(k)
        y, hz = item["audio"].numpy(), item["f0"].numpy()
        for t in range(4, hz.size - 8, 4):
            steady = hz[t - 4 : t + 5]
            if steady.min() < 60 or steady.max() > 1.005 * steady.min():
                continue
            period = SR / hz[t]
            part = y[t * HOP - 512 : t * HOP + 512]
            index = t * HOP - 512 + np.arange(1024) + period
            later = np.interp(index, np.arange(y.size), y)
            frames += 1
            right += part @ later > 0.8 * np.sqrt((part @ part) * (later @ later))
    assert frames > 200
    assert right > 0.85 * frames


@pytest.mark.slow
def test_a_single_note_has_the_pitch_of_its_label(
    require_fluidsynth: None, autocorrelation_hz
) -> None:
    """Sustained recorded instruments; most within 25 cents."""
    music = SyntheticMusic("single_notes", duration=2, synths=0)
    off = []
    for k in range(60):
        item = music.item(k)
        onset, offset, pitch = (float(item[name]) for name in ("onset", "offset", "pitch"))
        if offset - onset > 0.6 and 40 < pitch < 80:
            start = round((onset + 0.15) * SR)
            part = item["audio"][start : start + round(0.4 * SR)].numpy()
            hz = autocorrelation_hz(part, SR, near=pitch)
            off.append(abs(1200 * np.log2(hz / 440) - 100 * (pitch - 69)))
    assert len(off) >= 8
    assert np.median(off) < 10
    assert np.mean(np.array(off) < 25) > 0.75


def test_an_item_is_cut_with_its_labels() -> None:
    music = SyntheticMusic("notes", duration=2, fonts={}, synths=1, effects=False)
    starts = set()
    for k in range(4):
        take, item = music.take(k), music.item(k)
        y = torch.from_numpy(take.audio.y[0])
        (start,) = {
            i * HOP
            for i in range(1 + (y.numel() - music.samples) // HOP)
            if torch.equal(y[i * HOP : i * HOP + music.samples], item["audio"])
        }
        starts.add(start)
        first = start // HOP
        rolls = np.maximum.reduce(
            [
                note_rolls(notes, frames=first + music.frames, hop_length=HOP, sr=SR)
                for notes in take.notes.values()
            ]
        )
        np.testing.assert_array_equal(item["rolls"].numpy(), rolls[..., first:])
    assert len(starts) > 2


def test_a_piece_that_ends_early_is_followed_by_silence() -> None:
    short = partial(compose, style="pop", duration=4)
    item = SyntheticMusic("chords", duration=12, fonts={}, synths=1, pieces=short).item(0)
    assert not item["audio"][-SR:].any() and item["audio"][:SR].any()
    assert not item["chords"][..., -40:].any() and item["chords"][0].any()


def test_one_voice_is_the_part_that_overlaps_least() -> None:
    piece = compose(2, style="pop", duration=6)
    (name,) = monophonic_part(piece).parts
    assert name in ("melody", "bass")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "drums"}, "task must be one of chords, f0, .*not 'drums'"),
        ({"task": "notes", "duration": 0}, r"duration must lie in 0\.5\.\.600 s, not 0"),
        ({"task": "notes", "sr": 22000}, "sr must be one of 8000, .*not 22000"),
        ({"task": "notes", "hop_length": 0}, "hop_length must be an integer >= 1, not 0"),
        ({"task": "notes", "seed": -1}, "seed must be an integer of 0 or more, not -1"),
    ],
)
def test_bad_arguments_are_named(arguments: dict, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        SyntheticMusic(**arguments)


def test_negative_indices_are_refused() -> None:
    with pytest.raises(AudioError, match="no item -1"):
        SyntheticMusic("notes").item(-1)


@pytest.fixture
def scales(tmp_path: Path) -> Path:
    """Two MIDI files: a scale of C major, a note every half second; the same with a drum."""
    onset = 0.5 * np.arange(60)
    pitch = 60 + np.tile([0, 2, 4, 5, 7, 9, 11, 12, 11, 9], 6)
    tempo = TempoMap(0, 120)
    Notes(onset, onset + 0.4, pitch, tempo_map=tempo).save(tmp_path / "one.mid")
    pairs = np.repeat(onset, 2), np.repeat(onset + 0.4, 2), np.c_[pitch, np.full(60, 38)].ravel()
    Notes(*pairs, is_drum=np.tile([False, True], 60), tempo_map=tempo).save(tmp_path / "two.mid")
    return tmp_path


def test_an_excerpt_of_a_file_is_the_file_in_another_key_and_tempo(scales: Path) -> None:
    excerpts = MidiExcerpts(scales, 5)
    steps, rates, styles = set(), set(), set()
    for seed in range(12):
        piece = excerpts(seed)
        styles.add(piece.style)
        notes = piece.parts["acoustic grand piano"]
        rate = 0.5 / np.diff(notes.onset).mean()
        rates.add(round(rate, 3))
        np.testing.assert_allclose(np.diff(notes.onset), 0.5 / rate, atol=2e-3)
        assert 0 <= notes.onset[0] < 0.5 / rate
        assert notes.duration <= 5.001
        assert piece.tempo_map.bpm[0] == pytest.approx(120 * rate, rel=1e-2)
        scale = {0, 2, 4, 5, 7, 9, 11}
        fitting = [s for s in range(-5, 6) if {(p - s) % 12 for p in notes.pitch} <= scale]
        assert fitting
        steps.add(fitting[0])
    assert styles == {"one", "two"}
    assert len(steps) > 2 and len(rates) > 6
    assert min(rates) > 0.84 and max(rates) < 1.19


def test_excerpts_of_files_are_items_and_bad_files_are_skipped(scales: Path) -> None:
    (scales / "bad.mid").write_bytes(b"PK\x03\x04 no MIDI")
    music = SyntheticMusic("notes", duration=1, pieces=MidiExcerpts(scales, 2), fonts={}, synths=1)
    assert all(music.item(k)["rolls"][1].any() for k in range(4))


def test_a_folder_without_midi_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotesError, match=tmp_path.name):
        MidiExcerpts(tmp_path, 5)(0)
