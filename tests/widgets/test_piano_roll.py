"""The Piano roll from Python: what it packs, and the notes that it says are shown."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
import torch
from torch import nn

from mirlab import Audio, Notes, load_model, transcribe
from mirlab.core.tempo import TempoMap
from mirlab.evaluation import note_scores
from mirlab.examples import load
from mirlab.transcription.detector import NoteDetector
from mirlab.widgets import PianoRoll
from mirlab.widgets.piano_roll import data as data
from mirlab.widgets.piano_roll.net import export_net, onnx_name, pack_net
from mirlab.widgets.shared.base import WidgetError
from mirlab.widgets.shared.packing import pack_notes

RATE = 22050
HOP = 256 / RATE
NOTES = Notes([0.2, 0.7, 1.2, 1.2], [0.6, 1.1, 1.9, 1.8], [60, 64, 67, 43], [90, 80, 70, 60])


class Told(NoteDetector):
    """A detector that is told the notes, and says them as a well-taught network would."""

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes = notes
        self.eval()

    def posteriors(self, audio: Audio) -> np.ndarray:
        frames = np.arange(1 + audio.resample(RATE).samples // 256)
        posteriors = np.zeros((4, 88, frames.size), np.float32)
        rows = self.notes.pitch - 21
        for row, start, end, velocity in zip(
            rows, self.notes.onset / HOP, self.notes.offset / HOP, self.notes.velocity, strict=True
        ):
            inside = (frames >= start - 1) & (frames <= end)
            posteriors[0, row] = np.maximum(
                posteriors[0, row], np.clip(1 - abs(frames - start) / 3, 0, 1)
            )
            posteriors[1, row, inside] = 0.9
            posteriors[2, row] = np.maximum(
                posteriors[2, row], np.clip(1 - abs(frames - end) / 3, 0, 1)
            )
            posteriors[3, row, inside] = velocity / 127
        return posteriors


def hum(seconds: float = 2.5) -> Audio:
    t = np.arange(round(seconds * RATE)) / RATE
    return Audio(0.3 * np.sin(2 * np.pi * 261.63 * t), RATE)


def described(**state: Any) -> PianoRoll:
    return PianoRoll.of(hum(), model=Told(NOTES), **state)


@pytest.mark.parametrize("decoder", data.DECODERS)
def test_every_decoder_finds_what_the_posteriors_say(decoder: str) -> None:
    notes = described(decoder=decoder).notes
    assert notes.pitch.tolist() == NOTES.pitch.tolist()
    np.testing.assert_allclose(notes.onset, NOTES.onset, atol=0.02)
    np.testing.assert_allclose(notes.offset, NOTES.offset, atol=0.02)


def test_thresholds_and_the_shortest_length_decide() -> None:
    roll = described(decoder="peaks", min_seconds=0.45)
    assert roll.notes.pitch.tolist() == [43, 67]  # the other two last 0.4 s
    roll.decoder, roll.min_seconds = "thresholds", 0.0
    roll.frame_threshold = 0.95  # over all that sounds
    assert len(roll.notes) == 0


def test_posteriors_travel_to_half_a_step_of_255() -> None:
    model = Told(NOTES)
    packed = data.predict(hum(), model)
    posteriors = model.posteriors(hum())
    assert np.abs(data.unpack(packed) / 255 - posteriors).max() <= 0.5 / 255 + 1e-6
    assert len(packed["posteriors"]) < posteriors.size / 20


def test_the_picture_shows_the_tone() -> None:
    packed = data.predict(hum(), Told(NOTES))
    image = np.frombuffer(zlib.decompress(packed["spectrogram"]), np.uint8).reshape(264, -1)
    assert image.shape[1] == -(-packed["frames"] // 2)
    assert image[:, 50].argmax() == 3 * (60 - 21) + 1  # the middle of C4's three rows
    assert image.max() == 255


def test_silence_has_no_notes() -> None:
    roll = PianoRoll.of(Audio(np.zeros(RATE), RATE), model=NoteDetector().eval())
    assert not data.unpack(roll.prediction).any()
    for decoder in data.DECODERS:
        roll.decoder = decoder
        assert len(roll.notes) == 0


def test_an_example_brings_its_notes_and_its_tempo() -> None:
    piece = load("piano")
    roll = PianoRoll.of(piece, model=Told(piece.notes))
    assert roll.title == "piano"
    assert roll.bpm == pytest.approx(piece.notes.tempo_map.bpm[0])
    reference = np.frombuffer(roll.reference, "<f4").reshape(-1, 6)
    assert reference.shape[0] == len(piece.notes)
    other = PianoRoll.of(piece, model=Told(piece.notes), reference=NOTES)
    assert np.frombuffer(other.reference, "<f4").size == 6 * len(NOTES)


def test_what_the_reader_edited_is_what_the_notes_are() -> None:
    roll = described()
    roll.edited = pack_notes(NOTES[:1])
    assert roll.notes.pitch.tolist() == [60]
    assert PianoRoll(**roll.state()).notes.pitch.tolist() == [60]
    roll.edited = None
    assert len(roll.notes) == 4


def test_the_kernel_hears_the_readers_sound() -> None:
    roll = described()
    roll.user_audio = np.round(8000 * hum(1).y[0]).astype("<i2").tobytes()
    answer = roll.answer_predict(lambda fraction: None, id=0.5)
    assert answer["user_prediction"]["id"] == 0.5
    roll.user_prediction, roll.clip = answer["user_prediction"], "user_audio"
    assert roll.notes.pitch.tolist() == [60, 64]  # of what it was told, that begins in 1 s
    np.testing.assert_allclose(roll.audio.y, hum(1).y * 8000 / 32768, atol=1e-4)


def test_the_kernel_writes_the_score() -> None:
    roll = described(bpm=120.0)
    score = roll.answer_score(lambda fraction: None, id=3)["_score"]
    assert score["id"] == 3 and b"<score-partwise" in score["xml"]


def test_long_sounds_are_cut_and_travel_as_mp3() -> None:
    roll = PianoRoll.of(Audio(np.zeros(70 * 8000), 8000), model=NoteDetector().eval())
    assert roll.seconds == pytest.approx(60)
    assert roll.sound[:4] != b"fLaC"
    assert roll.prediction["frames"] == 1 + 60 * RATE // 256


@pytest.mark.parametrize("seconds", [0.05, 1 / RATE])
def test_short_sounds_are_heard(seconds: float) -> None:
    roll = PianoRoll.of(hum(seconds), model=Told(Notes.empty()))
    assert len(roll.notes) == 0


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"decoder": "magic"}, "decoder"),
        ({"onset_threshold": 1.0}, "onset_threshold"),
        ({"min_seconds": -1}, "min_seconds"),
        ({"user_audio": b"odd"}, "not 3 bytes"),
        ({"edited": b"12345"}, "rows of 6"),
        ({"view": [1, 0, 20, 100]}, "view is"),
        ({"view": ["a", 1, 2, 3]}, "view is"),
        ({"treshold": 1}, "onset_threshold"),
    ],
)
def test_bad_values_are_refused(state: dict[str, Any], message: str) -> None:
    with pytest.raises(WidgetError, match=message):
        PianoRoll(**state)


def test_what_is_no_sound_or_no_model_is_refused() -> None:
    with pytest.raises(WidgetError, match="an Audio or an Example"):
        PianoRoll.of("a.wav")  # type: ignore[arg-type]

    class Wrong(nn.Module):
        def posteriors(self, audio: Audio) -> np.ndarray:
            return np.zeros((3, 88, 10))

    with pytest.raises(WidgetError, match=r"\(4, 88, frames\), not \(3, 88, 10\)"):
        data.predict(hum(), Wrong())
    with pytest.raises(WidgetError, match="an empty Piano roll"):
        _ = PianoRoll().audio


@pytest.mark.slow
@pytest.mark.parametrize("rate", [2 ** (-0.45 / 12), 2 ** (0.45 / 12)])
def test_a_sound_of_another_tuning_has_the_notes_of_transcribe(rate: float) -> None:
    """Halfway between two semitones; without retuning, notes are missed and doubled."""
    onset = 0.2 + np.repeat(np.arange(4.0), 4)
    pitch = [41, 60, 65, 69, 46, 62, 65, 70, 48, 60, 64, 67, 41, 57, 60, 65]
    truth = Notes(onset, onset + 0.9, pitch, 80)
    y = soxr.resample(truth.render(sr=RATE, synth="additive").y[0], RATE, RATE / rate)
    sound = Audio(y, RATE)
    notes = transcribe(sound, model="mirlab-notes-tiny", progress=False)
    roll = PianoRoll.of(sound)
    roll.user_audio = np.round(32767 * y / np.abs(y).max()).astype("<i2").tobytes()
    roll.user_prediction = roll.answer_predict(lambda fraction: None, id=1)["user_prediction"]
    assert note_scores(truth, Notes(notes.onset * rate, notes.offset * rate, notes.pitch))[
        "onset_f"
    ] == pytest.approx(1, abs=0.1)
    for clip in ("given", "user_audio"):
        roll.clip = clip
        assert note_scores(notes, roll.notes, onset_tolerance=0.02)["onset_f"] > 0.9
    assert roll.prediction["frames"] == 1 + sound.samples // 256
    columns = np.frombuffer(zlib.decompress(roll.prediction["spectrogram"]), np.uint8)
    rows = columns.reshape(264, -1).astype(float).mean(axis=1)
    c4 = 3 * (60 - 21) + 1  # the middle one of the three rows
    assert rows[c4] > max(rows[c4 - 1], rows[c4 + 1])


def test_basic_pitch_keeps_our_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    from mirlab import transcription

    # a click of its posteriors every second, by its own clock
    seconds = 20
    times = transcription.frame_times(round(seconds * RATE / 256))
    onset = np.zeros((times.size, 88), np.float32)
    frames = [int(np.abs(times - t).argmin()) for t in range(1, seconds)]
    onset[frames, 39] = 1
    monkeypatch.setattr(
        transcription, "basic_pitch_posteriors", lambda audio: (onset, onset, np.zeros((1, 264)))
    )
    posteriors = data._basic_pitch(hum(seconds))
    found = np.flatnonzero(posteriors[0, 39]) * HOP
    for t in range(1, seconds):
        assert np.abs(found - t).min() < 1.5 * HOP
    assert posteriors.shape == (4, 88, 1 + seconds * RATE // 256)


def test_the_packed_net_is_the_net() -> None:
    """Run what was packed by torch's own convolutions: to the numbers of the network itself."""
    torch.manual_seed(0)
    detector = NoteDetector()
    for part in detector.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(part.running_mean)
            nn.init.uniform_(part.running_var, 0.5, 2)
    net = pack_net(detector.eval())
    assert len(net["transforms"]) == len(detector.net.stack.levels)
    assert net["layers"][-1]["shape"][0] == 4 * net["stride"]
    x = torch.randn(1, 16, 88, 20)
    expected = detector.net.heads(torch.relu(detector.net.mix(detector.net.blocks(x))))
    for layer in net["layers"]:
        shape, dilation = layer["shape"], layer["dilation"]
        weights, bias = (
            torch.from_numpy(np.frombuffer(layer[k], "<f4").copy()) for k in ("weights", "bias")
        )
        reach = [d * (n // 2) for d, n in zip(dilation, shape[2:], strict=True)]
        y = nn.functional.conv2d(x, weights.view(shape), bias, padding=reach, dilation=dilation)
        y = torch.relu(y) if layer["relu"] else y
        x = x + y if layer["add"] else y
    torch.testing.assert_close(x, expected, atol=1e-4, rtol=1e-4)


def test_the_shipped_net_names_its_onnx_file_and_a_given_one_does_not() -> None:
    shipped = load_model("transcription/mirlab-notes-tiny")
    assert isinstance(shipped, NoteDetector)
    assert PianoRoll.of(hum(0.2)).net["onnx"] == onnx_name(shipped)
    assert "onnx" not in described().net  # no page has a file of it


def test_the_onnx_file_has_another_name_for_other_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    detector = NoteDetector().eval()
    path = export_net(detector, tmp_path)
    assert path == tmp_path / onnx_name(detector) and path.stat().st_size < 200_000
    with torch.no_grad():
        detector.net.place[0, 0] += 1e-6
    assert not (tmp_path / onnx_name(detector)).exists()


def test_tempo_of_the_reference_is_that_of_the_files() -> None:
    timed = NOTES.with_tempo(TempoMap(0, 90))
    assert PianoRoll.of(hum(), model=Told(NOTES), reference=timed).bpm == 90
