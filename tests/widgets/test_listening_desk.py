"""What the Listening desk packs, against what went in."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirlab.analysis import Corrections, correct
from mirlab.chords import constant_q
from mirlab.core import Audio, Notes, Segments
from mirlab.evaluation import chord_scores, note_scores
from mirlab.widgets import ListeningDesk
from mirlab.widgets.listening_desk import data
from mirlab.widgets.shared.base import WidgetError
from mirlab.widgets.shared.packing import EXTRA, FOUND, MISSED, PLAIN, pack_notes
from tests.report import pieces

RATE = 22050


def tone(f: float, seconds: float, level: float = 0.3) -> Audio:
    y = level * np.sin(2 * np.pi * f * np.arange(round(seconds * RATE)) / RATE)
    return Audio(y, RATE)


def piece(**changes: Any) -> SimpleNamespace:
    parts = {
        "name": "tone",
        "audio": tone(440, 2),
        "stems": {},
        "notes": Notes([0, 1], [0.9, 1.9], [69, 69]),
        "chords": Segments([[0, 2]], ["A:maj"]),
        "beats": Segments([[0, 0.5], [0.5, 1], [1, 1.5]], ["1", "2", "1"]),
        "key": "A major",
    }
    return SimpleNamespace(**{**parts, **changes})


def unpacked(packed: bytes) -> np.ndarray:
    return np.frombuffer(packed, "<f4").reshape(-1, 6)


def marks(packed: bytes) -> list[int]:
    return unpacked(packed)[:, 4].astype(int).tolist()


def test_state_rebuilds_the_desk() -> None:
    desk = ListeningDesk.of(piece(), truth=piece())
    again = ListeningDesk(**desk.state())
    assert again.state() == desk.state()
    assert list(desk.sounds) == ["original", "notes"]
    assert list(desk.notes) == list(desk.chords) == list(desk.beats) == ["truth", "found"]


@pytest.mark.parametrize("seconds", [2.0, 25.0])
def test_stems_add_up_to_the_original(seconds: float) -> None:
    a, b = tone(220, seconds), tone(660, seconds, 0.1)
    sounds, _, duration = data.pack_sounds(a + b, {"a": a, "b": b}, None)
    assert list(sounds) == ["a", "b"] and duration == seconds
    assert sounds["a"][:4] == b"fLaC" if seconds < 20 else sounds["a"][:4] != b"fLaC"
    decoded = [Audio.load(sounds[name]).y[0] for name in ("a", "b")]
    mix = (a + b).y[0]
    scale = data.PEAK / max(np.abs(y).max() for y in (mix, a.y, b.y))
    error = sum(decoded)[: mix.size] - scale * mix
    # MP3 loses something; neither may shift
    assert 20 * np.log10(error.std() / (scale * mix).std()) < (-80 if seconds < 20 else -25)


def test_notes_sound_as_loud_as_the_original_and_as_long() -> None:
    notes = Notes([0, 1], [0.9, 5], [60, 64])  # longer than the sound
    sounds, waveforms, _ = data.pack_sounds(tone(440, 2), {}, notes)
    original, played = (Audio.load(sounds[name]) for name in ("original", "notes"))
    assert original.samples == played.samples == 2 * RATE
    assert played.y.std() == pytest.approx(original.y.std(), rel=0.01)
    assert {len(pairs) for pairs in waveforms.values()} == {400}


def test_waveforms_hold_the_lowest_and_the_highest() -> None:
    y = np.zeros(RATE, np.float32)
    y[RATE // 2 + 3], y[RATE // 2 + 9] = 0.5, -0.25
    _, waveforms, _ = data.pack_sounds(Audio(y, RATE), {}, None)
    pairs = np.frombuffer(waveforms["original"], np.int8).reshape(-1, 2)
    assert pairs[50].tolist() == [-64, 127]
    assert not np.delete(pairs, 50, axis=0).any()


@pytest.mark.parametrize("f", [110.0, 440.0, 1318.51])
def test_the_spectrogram_shows_a_tone_at_its_pitch(f: float) -> None:
    packed, scale = data.pack_spectrogram(constant_q(tone(f, 2)))
    spectrogram = np.frombuffer(packed, np.uint8).reshape(int(scale["bins"]), int(scale["frames"]))
    row = spectrogram[:, 20].argmax()
    pitch = scale["lowest"] + (scale["bins"] - 1 - row) / scale["per_semitone"]
    assert pitch == pytest.approx(69 + 12 * np.log2(f / 440), abs=1 / 6 + 0.01)  # half a bin
    assert spectrogram.max() == 255
    assert scale["frames"] * scale["hop"] == pytest.approx(2, abs=0.1)


def test_notes_are_found_missed_or_extra() -> None:
    truth = Notes([0, 1, 2, 3], [0.5, 1.5, 2.5, 3.5], [60, 62, 64, 65])
    found = Notes([0.04, 1.06, 2, 3], [0.5, 1.5, 2.5, 3.1], [60, 62, 65, 65])
    packed = pack_notes(found, truth)
    assert marks(packed) == [FOUND, EXTRA, EXTRA, FOUND, MISSED, MISSED]
    assert unpacked(packed)[4:, 2].tolist() == [62, 64]
    assert marks(pack_notes(found)) == [PLAIN] * 4
    assert marks(pack_notes(found, Notes.empty())) == [EXTRA] * 4
    assert marks(pack_notes(Notes.empty(), truth)) == [MISSED] * 4


def test_drums_are_shown_but_not_compared() -> None:
    drums = Notes([0, 1], [0.1, 1.1], [36, 60], is_drum=[True, False])
    packed = pack_notes(drums, Notes([0], [0.1], [36]))
    assert marks(packed) == [PLAIN, EXTRA, MISSED]
    assert unpacked(packed)[:, 5].tolist() == [1, 0, 0]


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_marks_count_what_the_score_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def random_notes(count: int) -> Notes:
        onset = rng.choice(np.arange(0, 3, 0.03), count)
        return Notes(onset, onset + 0.2, rng.integers(60, 64, count))

    truth, found = random_notes(12), random_notes(9)
    counts = np.bincount(marks(pack_notes(found, truth)), minlength=4)
    scores = note_scores(truth, found)
    assert counts[FOUND] == round(scores["onset_precision"] * len(found))
    assert counts[FOUND] + counts[EXTRA] == len(found)
    assert counts[FOUND] + counts[MISSED] == len(truth)


def test_chords_are_spelled_in_the_key_as_on_the_sheet() -> None:
    """E major has G sharp minor; the recogniser's labels have flats."""
    chords = Segments([[0, 1], [1, 2], [2, 3]], ["E:maj", "Ab:min", "N"])
    for key, labels in [
        ("E major", ["E:maj", "G#:min", "N"]),
        ("Ab major", ["E:maj", "Ab:min", "N"]),
        ("", ["E:maj", "Ab:min", "N"]),
        ("D dorian", ["E:maj", "Ab:min", "N"]),
    ]:
        desk = ListeningDesk.of(piece(chords=chords, key=key))
        assert [label for _, _, label, _ in desk.chords["found"]] == labels


def test_chords_differ_where_majmin_says_so() -> None:
    truth = Segments([[0, 2], [2, 4], [4, 6]], ["C:maj", "A:min7", "B:dim"])
    found = Segments([[0, 3], [3, 6]], ["C:maj", "A:min"])
    rows = data.mark_chords(found, truth)
    assert rows == [
        [0, 2, "C:maj", FOUND],
        [2, 3, "C:maj", EXTRA],
        [3, 4, "A:min", FOUND],
        [4, 6, "A:min", PLAIN],  # diminished has no say
    ]
    right = sum(end - start for start, end, _, mark in rows if mark == FOUND)
    counted = sum(end - start for start, end, _, mark in rows if mark != PLAIN)
    assert right / counted == pytest.approx(chord_scores(truth, found)["majmin"])


def test_beats_are_found_within_70_milliseconds() -> None:
    truth = Segments([[0, 1], [1, 2], [2, 3]], ["1", "2", "1"])
    found = Segments([[0.06, 1.08], [1.08, 1.5], [1.5, 2]], ["1", "2", "3"])
    rows = data.mark_beats(found, truth)
    assert rows == [
        [0.06, "1", FOUND],
        [1, "2", MISSED],
        [1.08, "2", EXTRA],
        [1.5, "3", EXTRA],
        [2, "1", MISSED],
    ]
    assert [row[2] for row in data.mark_beats(found)] == [PLAIN] * 3


def test_sections_are_shown_where_there_are_some() -> None:
    sections = Segments([[0, 1.5], [1.5, 2]], ["A", "B"])
    desk = ListeningDesk.of(piece(sections=sections), truth=piece())
    assert desk.sections == {"found": [[0, 1.5, "A", PLAIN], [1.5, 2, "B", PLAIN]]}
    assert ListeningDesk.of(piece(sections=Segments([], []))).sections == {}


def test_alternatives_are_stacked_below() -> None:
    desk = ListeningDesk.of(piece(), truth=piece(), alternatives={"other": piece(notes=None)})
    assert list(desk.chords) == ["truth", "found", "other"]
    assert list(desk.notes) == ["truth", "found"]
    with pytest.raises(WidgetError, match="'truth'"):
        ListeningDesk.of(piece(), alternatives={"truth": piece()})


def test_silence_and_nothing_found() -> None:
    nothing = Segments([], [])
    silent = Audio(np.zeros(RATE, np.float32), RATE)
    desk = ListeningDesk.of(
        piece(audio=silent, notes=Notes.empty(), beats=nothing, key=None), truth=piece()
    )
    assert list(desk.sounds) == ["original"]
    assert set(marks(desk.notes["found"])) == {MISSED}
    assert not np.frombuffer(desk.spectrogram, np.uint8).any()


@pytest.mark.slow
def test_three_minutes_stay_under_twelve_megabytes() -> None:
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 180 * RATE).astype(np.float32)
    half = Audio(noise / 2, RATE)
    sounds, waveforms, _ = data.pack_sounds(half + half, {"a": half, "b": half}, None)
    notes = sounds["a"]  # as long as any third one
    spectrogram = 252 * (180 * RATE // 1024)
    total = sum(map(len, sounds.values())) + sum(map(len, waveforms.values()))
    assert (total + len(notes) + spectrogram) * 4 / 3 < 12e6  # base64


@pytest.mark.parametrize(
    "state",
    [
        {"view": [3, 1]},
        {"view": [0]},
        {"view": ["a", "b"]},
        {"duration": 5, "view": [6, 9]},
        {"duration": 5, "region": [2, 9]},
        {"region": [2, 1]},
        {"speed": 3},
        {"balance": 1.5},
        {"muted": ["drums"]},
        {"levels": {"drums": 0.5}},
        {"sounds": {"original": b""}, "levels": {"original": 2}},
        {"position": -1},
    ],
)
def test_bad_values_are_refused(state: dict[str, Any]) -> None:
    with pytest.raises(WidgetError):
        ListeningDesk(**state)


TEMPO, KEY = {"op": "tempo", "factor": "2"}, {"op": "key", "key": "Eb major"}


def test_the_kernel_answers_corrections_with_what_python_derives() -> None:
    analysis = pieces.piece(count=12, chords=("F:maj", "G#:maj"))
    desk = ListeningDesk.of(analysis)
    request = {"id": 1, "name": "correct", "arguments": {"corrections": [TEMPO, KEY]}}
    desk._answer(request)
    assert desk.failure == "" and desk.corrections == [TEMPO, KEY]
    expected = correct(analysis, Corrections([TEMPO, KEY]))
    assert [row[1] for row in desk.beats["found"]] == list(expected.beats.labels)
    assert len(desk.beats["found"]) == 24
    assert desk.key == "Eb major" and desk.chords["found"][1][2] == "Ab:maj"
    assert desk.analysis.beats.labels == expected.beats.labels
    assert expected.notes is not None and expected.notes.tempo_map is not None
    assert [bpm for _, bpm in desk.tempo] == expected.notes.tempo_map.bpm.tolist()
    assert desk.tempo[0][1] == pytest.approx(2 * desk.original["tempo"][0][1])
    desk._answer({**request, "arguments": {"corrections": [{"op": "tempo", "factor": "9"}]}})
    assert "correction 1 (tempo): factor must be" in desk.failure
    assert desk.corrections == [TEMPO, KEY]  # as before


def test_the_kernel_engraves_the_corrected_score() -> None:
    desk = ListeningDesk.of(pieces.piece(count=12, name="a_waltz"))
    corrections = [KEY, {"op": "meter", "meter": "3/4"}]
    desk._answer({"id": 1, "name": "correct", "arguments": {"corrections": corrections}})
    desk._answer({"id": 2, "name": "engrave", "arguments": {}})
    assert desk.failure == "" and desk.score.startswith("<svg")
    assert "a waltz, page 1" in desk.score
    assert desk.score.count('class="measure') == 5  # a pick-up and four bars of three beats
    silent = ListeningDesk.of(replace(pieces.piece(count=12), notes=None))
    assert silent.answer_engrave(lambda fraction: None) == {"score": ""}


def test_corrections_set_in_python_are_shown_and_undone() -> None:
    desk = ListeningDesk.of(pieces.piece(count=12))
    before = desk.beats
    desk.corrections = [TEMPO]
    assert len(desk.beats["found"]) == 24 and len(desk.analysis.beats) == 24
    desk.corrections = []
    assert desk.beats == before and desk.analysis.corrections == Corrections()


def test_a_desk_begins_with_the_corrections_of_its_analysis() -> None:
    desk = ListeningDesk.of(correct(pieces.piece(count=12), Corrections([TEMPO])))
    assert desk.corrections == [TEMPO] and len(desk.original["beats"]) == 12
    again = ListeningDesk(**desk.state())
    assert again.state() == desk.state()


def test_only_an_analysis_without_a_reference_is_corrected() -> None:
    analysis = pieces.piece(count=12)
    for desk in (
        ListeningDesk.of(piece()),
        ListeningDesk.of(analysis, truth=analysis),
        ListeningDesk.of(analysis, editable=False),
    ):
        assert desk.original == {}
        with pytest.raises(WidgetError, match="can be corrected"):
            _ = desk.analysis
