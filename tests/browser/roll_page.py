"""A Piano roll whose notes differ from the true ones in known ways, and its page."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn

from mirlab import Audio, Notes
from mirlab.transcription.detector import NoteDetector
from mirlab.widgets import PianoRoll

RATE = 22050
HOP = 256 / RATE
OPENED = "() => document.querySelector('.piano-roll')?.dataset.opened"
TRUTH = Notes([0.5, 1.0, 1.5, 2.0, 2.5], [0.9, 1.4, 1.9, 2.4, 2.9], [60, 64, 67, 72, 48], 90)
# Right: 60. Late: 64 at 1.2. An octave off: 67 as 79. Missing: 72. Extra: 84. Right: 48.
FOUND = Notes(
    [0.5, 1.2, 1.5, 0.2, 2.5], [0.9, 1.6, 1.9, 0.4, 2.9], [60, 64, 79, 84, 48], [90, 80, 70, 60, 99]
)
SPY = """() => {
    window.played = [];
    const { start } = AudioBufferSourceNode.prototype;
    const { connect } = AudioNode.prototype;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof AudioBufferSourceNode) this.gain = to.gain;
        return connect.call(this, to, ...rest);
    };
    GainNode.prototype.level = null;
    const { linearRampToValueAtTime: ramp } = AudioParam.prototype;
    AudioParam.prototype.linearRampToValueAtTime = function (value, ...rest) {
        this.goal = value;
        return ramp.call(this, value, ...rest);
    };
    AudioBufferSourceNode.prototype.start = function (when, offset) {
        const ears = [0, 1].map((ear) => Array.from(this.buffer.getChannelData(ear)));
        played.push({ ears, offset, gain: this.gain.goal });
        return start.call(this, when, offset);
    };
}"""


def posteriors(notes: Notes, seconds: float, noise: float = 0.0) -> np.ndarray:
    """Posteriors of a well-trained network for these notes, with noise; shape (4, 88, frames)."""
    rng = np.random.default_rng(0)
    frames = np.arange(1 + round(seconds * RATE) // 256)
    posteriors = rng.uniform(0, 1, (4, 88, frames.size)) ** 3 * noise
    for row, start, end, velocity in zip(
        notes.pitch - 21, notes.onset / HOP, notes.offset / HOP, notes.velocity, strict=True
    ):
        inside = (frames >= start - 1) & (frames <= end)
        onset = np.clip(1 - abs(frames - start) / 3, 0, 1)
        posteriors[0, row] = np.maximum(posteriors[0, row], onset)
        posteriors[1, row, inside] = 0.9 - noise * rng.uniform(0, 0.6, inside.sum())
        offset = np.clip(1 - abs(frames - end) / 3, 0, 1)
        posteriors[2, row] = np.maximum(posteriors[2, row], offset)
        posteriors[3, row, inside] = velocity / 127
    return posteriors.astype(np.float32)


class FakeDetector(NoteDetector):
    """A detector whose posteriors are made from given notes; its network has random weights."""

    def __init__(self, notes: Notes = FOUND) -> None:
        torch.manual_seed(3)
        super().__init__()
        self.notes = notes
        for part in self.modules():
            if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
                nn.init.normal_(part.running_mean, 0, 0.3)
                nn.init.uniform_(part.running_var, 0.5, 2)
        for level in self.net.stack.levels:  # of dB
            level.running_mean.fill_(-60)
            level.running_var.fill_(300)
        nn.init.normal_(self.net.heads.weight, 0, 1.5)
        nn.init.zeros_(self.net.heads.bias)  # type: ignore[arg-type]
        self.eval()

    def posteriors(self, audio: Audio) -> np.ndarray:
        return posteriors(self.notes, audio.duration)


def sound(notes: Notes = TRUTH, seconds: float = 3.2) -> Audio:
    y = np.zeros(round(seconds * RATE))
    for onset, offset, hz in zip(notes.onset, notes.offset, notes.hz, strict=True):
        t = np.arange(round((offset - onset) * RATE)) / RATE
        y[round(onset * RATE) :][: t.size] += 0.3 * np.sin(2 * np.pi * hz * t) * np.exp(-4 * t)
    return Audio(y, RATE)


def roll(**state: Any) -> PianoRoll:
    piece = SimpleNamespace(name="five", audio=sound(), notes=TRUTH)
    return PianoRoll.of(piece, model=FakeDetector(), **state)


def saved(page: Any, button: str, tmp_path: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    target = tmp_path / "saved"
    download.value.save_as(target)
    return target.read_bytes()


def notes_of(page: Any, tmp_path: Path) -> Notes:
    return Notes.from_midi(saved(page, "Save MIDI", tmp_path))
