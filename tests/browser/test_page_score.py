"""Tempo, MIDI and MusicXML that the page writes are those that Python writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirlab.analysis.meter import bars_of_beats, tempo_of_beats
from mirlab.core import Notes, Segments
from mirlab.core.midi_files import read_meters
from mirlab.score import spelling
from mirlab.score.musicxml import musicxml
from mirlab.widgets.shared.base import HERE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Call = Callable[..., Any]
CALL = """async ([address, name, piece]) => {
    const score = await import(address + '/listening_desk/js/score/index.js');
    if (name === 'spellChord') return piece.map(([label, key]) => score.spellChord(label, key));
    const { notes, beats, meter, key, title, placed } = piece;
    const times = beats.map(([time]) => time);
    const tempo = score.tempoOfBeats(times, notes.map(({ onset }) => onset), meter, placed);
    if (name === 'tempo') return [tempo.times, tempo.bpm];
    const given = { notes, beats, tempo, meter, key, title };
    return name === 'midi' ? [...score.midiFile(given)] : score.musicxml(given);
}"""
SIGNS = {  # kind of performance: what at least one of its scores contains
    "plain": "<voice>2</voice>",
    "swing": "<words>Swing</words>",
    "triplets": "<actual-notes>3</actual-notes>",
    "compound": "<beat-unit-dot/>",
    "two hands": "<staves>2</staves>",
    "line": "<tied ",
    "changing bars": "<beats>5</beats>",
}


@pytest.fixture(scope="module")
def call(chromium: Any) -> Iterator[Call]:
    """Call a function of the score's script in a page."""
    from benchmarks.widgets.browser import opened, serving

    with (
        serving(HERE.parent) as address,
        opened(chromium, f"{address}/shared/js/fft.js") as (page, _),
    ):
        yield lambda name, piece: page.evaluate(CALL, [address, name, piece])


def played(kind: str, seed: int) -> tuple[Notes, Segments, tuple[int, int]]:
    """A performance at random: its notes with their tempo map, its beats and its meter."""
    rng = np.random.default_rng(seed)
    meter = (6, 8) if kind == "compound" else [(4, 4), (3, 4), (2, 4)][seed % 3]
    per_bar = 2 if kind == "compound" else meter[0]
    count = int(rng.integers(10, 40))
    drift = rng.normal(0, rng.choice([0.0, 0.004, 0.03]), count)
    times = np.cumsum(0.5 + np.clip(drift, -0.1, 0.1))
    times += rng.choice([0.0, 0.013, 0.3]) - times[0]
    first = int(rng.integers(per_bar))
    numbers = [(first + i) % per_bar + 1 for i in range(count)]
    if kind == "changing bars":
        numbers = [n for length in [3, 4, 4, 2, 5, 3] * 3 for n in range(1, length + 1)][:count]
    inside = {
        "compound": [0, 1 / 3, 2 / 3],
        "swing": [0, 0.65],
        "triplets": [0, 1 / 3, 0.5, 2 / 3],
    }.get(kind, [0, 0.25, 0.5, 0.75])
    rows = []
    for at in range(count - 1):
        for x in inside:
            if rng.random() < (0.9 if x == 0 else 0.45):
                begins = at + x
                middle = 64 if kind != "two hands" else int(rng.choice([45, 72]))
                for _ in range(1 if kind in ("line", "swing") else int(rng.integers(1, 4))):
                    length = float(rng.choice([0.2, 0.5, 1, 1.5, 3]))
                    pitch = int(np.clip(round(rng.normal(middle, 9)), 24, 100))
                    rows.append((begins, begins + length, pitch))
    beats, ends, pitch = np.array(rows).T
    onset = np.maximum(np.interp(beats, np.arange(count), times), 0)
    onset = np.maximum(onset + rng.normal(0, 0.008, onset.size), 0)
    offset = np.interp(ends, np.arange(count + 4), [*times, *(times[-1] + 0.5 * np.arange(1, 5))])
    velocity = np.clip(rng.normal(60 + 20 * np.sin(onset / 3), 8), 1, 127).astype(int)
    if seed % 4 == 0:
        velocity = np.full(onset.size, 80)
    drum = rng.random(onset.size) < 0.05
    notes = Notes(
        onset, np.maximum(offset, onset + 0.05), pitch.astype(int), velocity, is_drum=drum
    )
    intervals = np.column_stack([times, [*times[1:], times[-1] + 0.5]])
    notes = notes.with_tempo(tempo_of_beats(times, notes.onset, meter))
    return notes, Segments(intervals, [str(n) for n in numbers]), meter


def given(
    notes: Notes, beats: Segments, meter: tuple[int, int], key: str | None, title: str = ""
) -> dict[str, Any]:
    """A performance as the page takes it."""
    names = ("onset", "offset", "pitch", "velocity")
    columns = [getattr(notes, name).tolist() for name in names]
    return {
        "notes": [
            dict(zip([*names, "drum"], row, strict=True))
            for row in zip(*columns, [int(drum) for drum in notes.is_drum], strict=True)
        ],
        "beats": [
            [t, label]
            for t, label in zip(beats.intervals[:, 0].tolist(), beats.labels, strict=True)
        ],
        "meter": "/".join(map(str, meter)),
        "key": key or "",
        "title": title,
    }


@pytest.mark.parametrize("kind", SIGNS)
def test_the_page_writes_the_score_that_python_writes(call: Call, kind: str) -> None:
    """The text of MusicXML is the same: bars, voices, pitches, durations, ties, dynamics."""
    keys = [None, "G minor", "E major", "Db major"]
    texts = []
    for seed in range(16):
        notes, beats, meter = played(kind, seed)
        key, title = keys[seed % 4], "A & <b>" if seed % 2 else ""
        bars = bars_of_beats(beats, notes, meter)
        python = musicxml(notes, key=key, meter=None, bars=bars, title=title)
        python = re.sub(r"<software>mirlab [^<]*", "<software>mirlab", python)
        page = call("musicxml", given(notes, beats, meter, key, title))
        assert page.splitlines() == python.splitlines(), f"{kind}, seed {seed}"
        texts.append(page)
    assert any(SIGNS[kind] in text for text in texts)


@pytest.mark.parametrize("kind", SIGNS)
def test_the_page_has_the_tempo_map_and_midi_of_python(
    call: Call, kind: str, tmp_path: Path
) -> None:
    for seed in range(4):
        notes, beats, meter = played(kind, seed)
        piece = given(notes, beats, meter, None)
        assert notes.tempo_map is not None
        times, bpm = call("tempo", piece)
        np.testing.assert_allclose(times, notes.tempo_map.times, atol=1e-9)
        np.testing.assert_allclose(bpm, notes.tempo_map.bpm, rtol=1e-9)
        notes.save(tmp_path / "python.mid", bars=bars_of_beats(beats, notes, meter))
        (tmp_path / "page.mid").write_bytes(bytes(call("midi", piece)))
        assert ticks(tmp_path / "page.mid") == ticks(tmp_path / "python.mid"), f"{kind}, {seed}"
        assert read_meters(tmp_path / "page.mid") == read_meters(tmp_path / "python.mid")


def ticks(path: Path) -> tuple[int, list[Any], list[Any], list[Any]]:
    """Ticks per quarter note, tempi, time signatures and notes of a MIDI file, in ticks."""
    import mido

    file = mido.MidiFile(path)
    tempi, meters, notes = [], [], []
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "set_tempo":
                tempi.append((now, message.tempo))
            elif message.type == "time_signature":
                meters.append((now, message.numerator, message.denominator))
            elif message.type in ("note_on", "note_off"):
                sounds = message.type == "note_on" and message.velocity > 0
                velocity = message.velocity if sounds else 0
                notes.append((now, sounds, message.note, velocity, message.channel == 9))
    return file.ticks_per_beat, tempi, meters, sorted(notes)


def test_beats_that_were_placed_stay(call: Call) -> None:
    notes, beats, meter = played("plain", 3)
    placed = np.arange(len(beats)) % 2 == 0
    tempo = tempo_of_beats(beats.intervals[:, 0], notes.onset, meter, placed=placed)
    piece = given(notes, beats, meter, None) | {"placed": placed.tolist()}
    times, bpm = call("tempo", piece)
    np.testing.assert_allclose(times, tempo.times, atol=1e-9)
    np.testing.assert_allclose(bpm, tempo.bpm, rtol=1e-9)


def test_chords_are_spelled_in_a_key_as_python_does(call: Call) -> None:
    roots = ["C", "C#", "Db", "Gb", "F#", "B", "Cb", "E#", "Bbb"]
    labels = ["N", *(root + quality for root in roots for quality in ("", ":min7", ":maj/3"))]
    keys = ["C major", "F# major", "Eb minor", "G# major", "Db major"]
    pairs = [(label, key) for label in labels for key in keys]
    expected = [spelling.spell_chord(label, spelling.signature(key)) for label, key in pairs]
    assert call("spellChord", pairs) == expected
    assert call("spellChord", [("Ab:min", ""), ("Ab:min", "D dorian")]) == ["Ab:min", "Ab:min"]
