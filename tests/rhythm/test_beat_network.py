"""The beat network: features, decoder, training data; see test_shipped_beats.py for the weights."""

import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.composer import compose
from mirlab.core import Audio, Notes, NotesError
from mirlab.learning import LearningError
from mirlab.rhythm.decoding import bar_path, beat_path, decode_beats, refine
from mirlab.rhythm.detector import BeatDetector
from mirlab.rhythm.features import FPS, beat_rolls, log_mel
from mirlab.rhythm.networks import BeatNet
from mirlab.rhythm.note_errors import with_errors
from mirlab.rhythm.performed_pieces import SCORES, click_piece, random_piece
from mirlab.rhythm.training import FRAMES, beat_example, beat_loss, beat_targets


def activations(times, downbeats, frames=FRAMES):
    """The training targets as activations."""
    targets = beat_targets(np.asarray(times), np.asarray(downbeats, bool))
    return targets[:, :frames]


@given(
    bpm=st.floats(42, 230),
    per_bar=st.integers(2, 7),
    drift=st.floats(-0.2, 0.2),
    first=st.floats(0.1, 1.0),
)
@settings(max_examples=30)
def test_beats_and_bars_are_decoded_from_ideal_activations(bpm, per_bar, drift, first):
    count = int(36 / (60 / bpm))
    intervals = 60 / bpm * (1 + drift * np.sin(np.arange(count) / 8))
    times = first + np.cumsum(intervals)
    times = times[times < 39]
    downbeats = np.arange(times.size) % per_bar == 0
    beats = decode_beats(activations(times, downbeats))
    assert len(beats) == times.size
    assert np.abs(beats.intervals[:, 0] - times).max() < 0.012
    if times.size >= 4 * per_bar:
        assert [label == "1" for label in beats.labels] == downbeats.tolist()


def test_a_missing_beat_is_filled_and_a_weak_offbeat_is_ignored():
    activation = np.full(1000, 0.02)
    activation[50::25] = 0.8
    activation[62::25] = 0.3
    activation[500:526] = 0.02
    assert np.array_equal(np.diff(beat_path(activation)), np.full(37, 25))


def test_beats_resume_after_a_pause():
    activation = np.full(2000, 0.01)
    activation[50:600:25] = 0.9
    activation[1310:1900:31] = 0.9
    frames = beat_path(activation)
    assert np.array_equal(frames, np.r_[50:600:25, 1310:1900:31])


@pytest.mark.parametrize("level", [0.0, 0.02, 0.3])
def test_no_beats_without_evidence(level):
    assert beat_path(np.full(3000, level)).size == 0
    assert len(decode_beats(np.full((2, 3000), level, np.float32))) == 0


@pytest.mark.parametrize("frames", [0, 1, 2, 5])
def test_short_activations_have_no_beats(frames):
    assert len(decode_beats(np.full((2, frames), 0.1, np.float32))) == 0


def test_a_beat_is_refined_to_the_peak_between_frames():
    times = 1.0 + 0.5 * np.arange(20) + 0.007
    frames = np.round(times * FPS).astype(int)
    found = refine(frames, activations(times, np.zeros(20))[0])
    assert np.abs(found - times).max() < 0.004


def test_bars_change_their_meter_where_the_evidence_is_clear():
    numbers = [1, 2, 3, 4] * 6 + [1, 2, 3] * 8
    evidence = np.where(np.array(numbers) == 1, 0.9, 0.05)
    assert bar_path(evidence).tolist() == numbers


def test_a_pickup_and_a_single_false_downbeat():
    numbers = [3, 4] + [1, 2, 3, 4] * 8
    evidence = np.where(np.array(numbers) == 1, 0.8, 0.1)
    evidence[12] = 0.7
    assert bar_path(evidence).tolist() == numbers


def test_rolls_of_a_window_are_those_of_the_whole():
    rng = np.random.default_rng(0)
    onset = np.sort(rng.uniform(0, 18, 200))
    notes = Notes(onset, onset + rng.uniform(0.05, 3, 200), rng.integers(15, 115, 200))
    whole = beat_rolls(notes, 1100)
    window = beat_rolls(notes, 300, first=400)
    assert np.allclose(window[:, :, 1:], whole[:, :, 401:700], atol=1e-6)


def test_the_rolls_leave_out_drums():
    drums = Notes([0.5], [1.0], [40], is_drum=True)
    assert not beat_rolls(drums, 100).any()


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.5, 3.0])
def test_features_of_short_and_silent_audio(seconds):
    mel = log_mel(Audio(np.zeros(max(1, int(seconds * 22050))), 22050))
    assert mel.shape[0] == 64 and not mel.any()


@pytest.mark.parametrize("frames", [1, 2, 7, 100, 101])
def test_the_network_keeps_the_number_of_frames(frames):
    net = BeatNet(8).eval()
    with torch.no_grad():
        out = net(torch.rand(2, 64, frames), torch.rand(2, 3, 88, frames), torch.ones(2, 2))
    assert out.shape == (2, 2, frames)


def test_an_absent_input_has_no_influence():
    net = BeatNet(8).eval()
    mel, rolls = torch.rand(1, 64, 50), torch.rand(1, 3, 88, 50)
    with torch.no_grad():
        notes_only = [net(m, rolls, torch.tensor([[0.0, 1.0]])) for m in (mel, 0 * mel)]
        audio_only = [net(mel, r, torch.tensor([[1.0, 0.0]])) for r in (rolls, 0 * rolls)]
    assert torch.equal(*notes_only) and torch.equal(*audio_only)


def test_windows_give_the_activations_of_the_whole(monkeypatch):
    """The context of the network is 41 s; beyond 30 s it matters little."""
    torch.manual_seed(0)
    detector = BeatDetector(8).eval()
    rng = np.random.default_rng(0)
    mel = rng.random((64, 9000)).astype(np.float32)
    whole = detector.activations(mel, None)
    monkeypatch.setattr("mirlab.rhythm.detector.WINDOW", 2500)
    monkeypatch.setattr("mirlab.rhythm.detector.MARGIN", 2100)
    assert np.abs(detector.activations(mel, None) - whole).max() < 0.01


def test_simulated_transcriptions_lose_soft_notes_first():
    onset = np.linspace(0, 100, 4000)
    soft = np.arange(4000) % 2 == 0
    notes = Notes(onset, onset + 0.3, np.where(soft, 50, 80), np.where(soft, 20, 110))
    counts = []
    for k in range(30):
        found = with_errors(notes, np.random.default_rng(k))
        counts.append([np.sum(found.pitch == 50), np.sum(found.pitch == 80)])
        assert 0.4 * len(notes) < len(found) < 1.4 * len(notes)
    soft_count, loud_count = np.mean(counts, axis=0)
    assert soft_count < 0.95 * loud_count


def test_no_notes_stay_no_notes():
    assert len(with_errors(Notes.empty(), np.random.default_rng(0))) == 0


def item(rng):
    """A small training item."""
    notes = np.full((50, 4), np.nan, np.float32)
    onset = np.arange(40) * 0.9
    notes[:40] = np.column_stack([onset, onset + 0.4, rng.integers(40, 80, 40), np.full(40, 70)])
    beats = np.full((60, 2), np.nan, np.float32)
    beats[:40] = np.column_stack([onset, np.arange(40) % 4 == 0])
    return {
        "mel": rng.integers(0, 255, (64, FRAMES)).astype(np.uint8),
        "notes": notes,
        "beats": beats,
    }


def test_a_training_example_keeps_notes_and_beats_together():
    rng = np.random.default_rng(0)
    for k in range(20):
        example = beat_example(item(rng), np.random.default_rng(k))
        onsets = example["rolls"][0].sum(dim=0).numpy()
        beats = example["targets"][0].numpy()
        if onsets.any():
            near = np.convolve(onsets > 0.1, np.ones(9), "same") > 0
            assert beats[near].sum() > 0.6 * beats.sum()
        assert 0 < example["present"].sum() <= 2
        assert example["mel"].min() >= 0 and example["mel"].max() <= 1


def test_the_loss_falls_on_one_batch():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    examples = [beat_example(item(rng), np.random.default_rng(k)) for k in range(2)]
    batch = {
        name: torch.stack([e[name][..., :600] if e[name].ndim else e[name] for e in examples])
        for name in examples[0]
    }
    model = BeatDetector(8)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    losses = []
    for _ in range(15):
        loss = beat_loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


def test_notes_must_be_notes():
    with pytest.raises(NotesError, match="notes"):
        BeatDetector(8).track_beats(Audio(np.zeros(22050), 22050), notes=[1, 2])


@pytest.mark.parametrize("seed", range(6))
def test_click_pieces_have_clicks_on_their_beats(seed):
    piece = click_piece(np.random.default_rng(seed))
    clicks, beats = piece.parts["drums"], piece.beats.intervals[:, 0]
    assert np.abs(beats[:, None] - clicks.onset).min(axis=1).max() < 1e-6
    downbeats = np.array(piece.beats.labels) == "1"
    if downbeats.any():  # they are marked by pitch or level
        marked = clicks[np.isin(clicks.onset, beats[downbeats])]
        others = clicks[np.isin(clicks.onset, beats[~downbeats])]
        assert marked.velocity.min() > others.velocity.max()


def test_scores_are_taken_from_the_folder_of_training_data(monkeypatch, tmp_path):
    piece = compose(3, style="waltz", duration=60)
    file = piece.notes.save(tmp_path / "a waltz.mid").read_bytes()
    folder = tmp_path / "symbolic_openscore_cc0"
    folder.mkdir()
    for kind in SCORES:
        with zipfile.ZipFile(folder / f"{kind}.zip", "w") as archive:
            archive.writestr("a waltz.mid", file)
    monkeypatch.setenv("MIRLAB_TRAIN", str(tmp_path))
    monkeypatch.setenv("MIRLAB_CACHE", str(tmp_path / "cache"))
    styles = {random_piece(seed).style for seed in range(8)}
    assert "a waltz" in styles and len(styles) > 1


def test_missing_scores_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MIRLAB_TRAIN", str(tmp_path))
    with pytest.raises(LearningError, match=r"fetch_openscore"):
        for seed in range(20):
            random_piece(seed)
