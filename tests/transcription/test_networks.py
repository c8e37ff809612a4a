"""The log-frequency axis and the note network: sines, sizes, symmetry, and training."""

import numpy as np
import pytest
import torch

from benchmarks.transcription.other_networks import ContourNet, RecurrentNet
from mirlab import spectra
from mirlab.core import AudioError, Notes
from mirlab.synthesis import note_rolls
from mirlab.transcription import Rolls, notes_from_peaks
from mirlab.transcription.networks import (
    AXIS,
    BINS,
    FLOOR_DB,
    HarmonicStack,
    LogFrequencyAxis,
    NoteNet,
)
from mirlab.transcription.training import note_loss

SR = 22050
TRANSFORMS = {
    "STFT": spectra.STFT(hop_length=256),
    "Mel": spectra.Mel(hop_length=256, n_mels=229),
    "CQT": spectra.CQT(hop_length=256, fmin=27.5, n_bins=288, bins_per_octave=36),
    "VQT": spectra.VQT(hop_length=256, fmin=27.5, n_bins=288, bins_per_octave=36),
    "Wavelet": spectra.Wavelet(hop_length=256, fmin=27.5, n_bins=288, bins_per_octave=36),
    "Gammatone": spectra.Gammatone(hop_length=256, n_bins=128),
    "Reassigned": spectra.Reassigned(hop_length=256),
}


def sine(pitch: int, seconds: float = 2.5) -> torch.Tensor:
    hz = 440 * 2 ** ((pitch - 69) / 12)
    return 0.3 * torch.sin(2 * torch.pi * hz * torch.arange(int(seconds * SR)) / SR)


def test_the_axis_has_three_bins_per_pitch():
    pitch = 69 + 12 * np.log2(AXIS[1::3][:88] / 440)
    np.testing.assert_allclose(pitch, np.arange(21, 109), atol=1e-9)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("pitch", [57, 69, 84])
def test_a_sine_is_brightest_at_its_pitch(name, pitch):
    spectrogram = LogFrequencyAxis(TRANSFORMS[name])(sine(pitch)[None])[0]
    assert spectrogram.shape[0] == BINS and torch.isfinite(spectrogram).all()
    assert float(spectrogram.max()) == pytest.approx(0, abs=1e-4)
    assert float(spectrogram.min()) >= FLOOR_DB - 1e-4
    found = (int(spectrogram[:, spectrogram.shape[1] // 2].argmax()) - 1) / 3 + 21
    # mel bands and gammatones are wider than a semitone here
    assert abs(found - pitch) <= (1.5 if name in ("Mel", "Gammatone") else 0.5)


def test_chroma_is_repeated_in_every_octave():
    chroma = spectra.Chroma(spectra.CQT(hop_length=256, fmin=55, n_bins=72))
    column = LogFrequencyAxis(chroma)(sine(69)[None])[0, 1::3, 100]
    found = {int(p) % 12 for p in torch.arange(21, 21 + len(column))[column > -1]}
    assert found == {9}


def test_silence_has_the_lowest_level():
    spectrogram = LogFrequencyAxis(TRANSFORMS["CQT"])(torch.zeros(1, 3 * SR))
    np.testing.assert_allclose(spectrogram.numpy(), FLOOR_DB, atol=1e-4)


def test_bad_sound_is_refused():
    with pytest.raises(AudioError, match="2048"):
        LogFrequencyAxis(TRANSFORMS["STFT"])(torch.zeros(1, 100))


def test_sizes_are_those_in_the_docstring():
    counts = [sum(p.numel() for p in NoteNet(c).parameters()) for c in (18, 48)]
    assert counts == [29_080, 154_270]
    assert f"18 give {counts[0]:,} parameters, 48 give {counts[1]:,}" in (NoteNet.__doc__ or "")


@pytest.mark.parametrize("make", [RecurrentNet, ContourNet])
def test_comparison_networks_have_their_stated_size_and_use_all_weights(make):
    net = make()
    count = sum(p.numel() for p in net.parameters())
    assert f" {count:,} parameters" in " ".join((make.__doc__ or "").split())
    assert 25_000 < count < 27_000
    with torch.no_grad():
        assert net.eval()(torch.zeros(2, 2, BINS, 51)).shape == (2, 4, 88, 51)
    torch.manual_seed(0)
    net.train()(torch.randn(1, 2, BINS, 16) - 1).square().sum().backward()
    unused = [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert not unused


def test_two_frames_at_once_are_returned_in_order():
    """A network that passes on the level of each frame gives one level per frame, in order."""
    net = NoteNet(1, harmonics=(1,), spectrograms=2, stride=2).eval()
    with torch.no_grad():
        for weight in net.parameters():
            weight.zero_()
        for level in net.stack.levels:
            level.weight.fill_(1)
        net.norm.weight.fill_(1)
        net.mix.weight.fill_(1)
        net.first.weight[0, 0, 2, 2] = 1  # of the two frames the first
        net.heads.weight[0] = 1
        spectrogram = torch.arange(7.0).expand(1, 2, BINS, 7)
        logits = net(spectrogram)[0, 0, 40]
    assert logits[::2].numpy() == pytest.approx([0, 2, 4, 6], abs=1e-3)
    assert logits[1::2].tolist() == [0, 0, 0]


def test_input_a_semitone_higher_gives_posteriors_a_semitone_higher():
    torch.manual_seed(0)
    net = NoteNet(8, harmonics=(1, 2)).eval()
    spectrogram = torch.full((1, BINS, 40), -1.0)
    spectrogram[:, 130:133, 10:20] = 2.0
    with torch.no_grad():
        here, higher = net(spectrogram), net(spectrogram.roll(3, 1))
    # in the middle, unaffected by the edges of the keyboard
    np.testing.assert_allclose(here[:, :, 42:45], higher[:, :, 43:46], atol=1e-5)
    assert float(here[:, :, 42:45].std(-1).max()) > 1e-3


def test_harmonics_are_aligned_with_their_fundamental():
    spectrogram = torch.zeros(1, BINS, 5)
    f0 = 3 * 40 + 1  # the middle bin of row 40
    for harmonic in (1, 2, 3):
        spectrogram[:, f0 + round(36 * np.log2(harmonic))] = 1.0
    both = torch.stack([spectrogram, spectrogram], 1)
    stack = HarmonicStack((1, 2, 3)).copies(both)[0, ::2, :, 0]
    assert stack[:, 3 * 40 + 2].tolist() == [1.0, 1.0, 1.0]  # a bin more on either side


@pytest.mark.slow
def test_it_learns_to_detect_sines():
    """From random weights, in a few dozen steps, tested on sines with other onsets."""
    torch.manual_seed(0)
    front = LogFrequencyAxis(spectra.VQT(hop_length=512, fmin=55, n_bins=180, bins_per_octave=36))
    rng = np.random.default_rng(0)

    def clip():
        onset = np.sort(rng.uniform(0.1, 2.0, 4))
        notes = Notes(onset, onset + 0.4, rng.choice(np.arange(50, 80), 4, replace=False), 100)
        y = torch.zeros(int(2.6 * SR))
        for a, p in zip(notes.onset, notes.pitch, strict=True):
            start = int(a * SR)
            y[start : start + int(0.4 * SR)] += sine(int(p), 0.4)
        return y, notes

    net = NoteNet(8, harmonics=(1, 2)).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    losses = []
    for _ in range(150):
        clips = [clip() for _ in range(4)]
        spectrograms = front(torch.stack([y for y, _ in clips]))
        frames = spectrograms.shape[-1]
        rolls = [note_rolls(notes, frames=frames, hop_length=512, sr=SR) for _, notes in clips]
        loss = note_loss(net(spectrograms), torch.from_numpy(np.stack(rolls)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.mean(losses[-5:]) < 0.2 * np.mean(losses[:5])
    y, notes = clip()
    with torch.no_grad():
        rolls = torch.sigmoid(net.eval()(front(y[None])))[0].numpy()
    found = notes_from_peaks(Rolls(*rolls), hop_length=512, sr=SR)
    matched = [
        np.any((found.pitch == p) & (np.abs(found.onset - a) < 0.05))
        for a, p in zip(notes.onset, notes.pitch, strict=True)
    ]
    assert sum(matched) >= 3
