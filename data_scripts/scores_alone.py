"""The scores for one instrument, typed in by us from memory."""

from __future__ import annotations

from data_scripts.notation import (
    BASS,
    ENGLISH_HORN,
    GUITAR,
    OURS,
    PIANO,
    Part,
    Piece,
    Sign,
    drums,
    pitch_number,
)


def _prelude() -> tuple[str, str, str]:
    """Bach's three voices: bass, tenor, and the hand that goes up and down."""
    bass, tenor, high = "", "", ""
    for bar in ("C4 E4 G4 C5 E5", "C4 D4 A4 D5 F5", "B3 D4 G4 D5 F5", "C4 E4 G4 C5 E5"):
        b, t, x, y, z = bar.split()
        bass += f"{b}:2 {b}:2 | "
        tenor += f"r:.25 {t}:1.75 r:.25 {t}:1.75 | "
        high += 2 * f"r:.5 {x}:.25 {y} {z} {x} {y} {z} " + "| "
    return bass + "C3+C4:2", tenor + "E4:2", high + "G4+C5:2"


def _strummed(chords: str) -> tuple[Sign, ...]:
    """A bar of guitar a word: down on the beats, up between them, all strings on the first."""
    strings = {
        "G": "G2 B2 D3 G3 B3 G4",
        "D/F#": "F#2 A2 D3 A3 D4 F#4",
        "Em": "E2 B2 E3 G3 B3 E4",
        "C": "C3 E3 G3 C4 E4",
        "Am": "A2 E3 A3 C4 E4",
        "D": "D3 A3 D4 F#4",
    }
    # beat, length, loudness, which strings, struck from the top
    pattern = (
        (0.0, 1.0, 6, slice(None), False),
        (1.0, 0.5, -4, slice(2, None), False),
        (1.5, 0.5, -14, slice(-3, None), True),
        (2.0, 0.5, 2, slice(1, None), False),
        (2.5, 0.5, -14, slice(-3, None), True),
        (3.0, 0.5, -4, slice(2, None), False),
        (3.5, 0.5, -12, slice(-4, None), True),
    )
    found = []
    for bar, name in enumerate(chords.split()):
        halves = name.split("-") * (1 if "-" in name else 2)  # "Am-D": a chord each half
        for beat, length, accent, which, from_top in pattern:
            chosen = strings[halves[beat >= 2]].split()[which]
            for i, note in enumerate(chosen):
                string = len(chosen) - 1 - i if from_top else i
                sign = Sign(4 * bar + beat, length, pitch_number(note), accent, string)
                found.append(sign)
    last = 4 * len(chords.split())
    found += [Sign(last, 3, pitch_number(n), 2, 2 * i) for i, n in enumerate(strings["G"].split())]
    return tuple(found)


def _repeated(bars: str, strokes: tuple[int, ...]) -> str:
    """A pitch a beat, struck `strokes[k]` times in the k-th pair of bars, first one loud."""
    text = ""
    for number, bar in enumerate(bars.split("|")):
        count = strokes[number // 2]
        for pitch in bar.split():
            text += f"{pitch}:{1 / count:.9f}! " + f"{pitch} " * (count - 1)
        text += "| "
    return text


PRELUDE = Piece(
    name="piano",
    title="Bach, Prelude in C, its first four bars: piano",
    source="Johann Sebastian Bach (1685-1750), Prelude BWV 846, bars 1 to 4 and a final chord",
    key="C major",
    meter=(4, 4),
    tempo=((0, 68), (4, 72), (12, 72), (15, 66), (18, 44)),
    chords="C:maj*4 D:min7/b7*4 G:7/3*4 C:maj*6",
    parts=(
        Part(
            "piano",
            PIANO,
            _prelude(),
            velocity=66,
            legato=0.98,
            loose=0.008,
            swell=((0, -4), (4, -2), (8.5, 0), (12, -3), (15.5, -7), (16, -9)),
        ),
    ),
    ring=1.4,
)

STRUMMING = Piece(
    name="guitar",
    title="Chords in G, strummed: guitar",
    source=OURS,
    key="G major",
    meter=(4, 4),
    tempo=((0, 96), (22, 96), (27, 82)),
    chords="G:maj*4 D:maj/3*4 E:min*4 C:maj*4 G:maj*4 A:min*2 D:maj*2 G:maj*3",
    parts=(
        Part(
            "guitar",
            GUITAR,
            (_strummed("G D/F# Em C G Am-D"),),
            velocity=82,
            strum=0.012,
            legato=1.0,
        ),
    ),
    ring=1.2,
)

LARGO = Piece(
    name="wind",
    title="Dvořák, tune of the Largo from the New World Symphony: English horn",
    source="Antonín Dvořák (1841-1904), Symphony No. 9 (1893), second movement",
    key="Db major",
    meter=(4, 4),
    tempo=((0, 52), (6, 56), (12, 54), (16, 46)),
    chords="N*16",
    parts=(
        Part(
            "english horn",
            ENGLISH_HORN,
            (
                "F4:.75 Ab4:.25 Ab4:1 F4:.75 Eb4:.25 Db4:.92 r:.08 | "
                "Eb4:.75 F4:.25 Ab4:.75 F4:.25 Eb4:1.8 r:.2 | "
                "F4:.75 Ab4:.25 Ab4:1 F4:.75 Eb4:.25 Db4:.92 r:.08 | "
                "Eb4:.75 F4:.25 Eb4:.75 Db4:.25 Db4:2",
            ),
            velocity=80,
            legato=0.99,
            loose=0.012,
            vibrato=0.22,
            swell=(
                (0, -4),
                (1.5, 0),
                (4, -4),
                (5.5, -1),
                (8, -6),
                (9.5, 0),
                (13, -3),
                (16, -10),
            ),
        ),
    ),
    ring=0.6,
)

GROOVE = Piece(
    name="bass",
    title="A groove in A minor: electric bass",
    source=OURS,
    key="A minor",
    meter=(4, 4),
    tempo=((0, 104), (32, 104)),
    chords="N*32",
    parts=(
        Part(
            "bass",
            BASS,
            (
                "A1:.75! A1:.25' r:.5 A2:.5' G2:.5 E2:.5 D2:.5 E2:.5 | "
                "A1:.75! A1:.25' r:.5 C2:.5 D2:.5 D#2:.5 E2:.5! G2:.5' | "
                "A1:.75! A1:.25' r:.5 A2:.5' G2:.5 E2:.5 D2:.5 E2:.5 | "
                "F1:.75! F1:.25' r:.5 F2:.5' E2:.5 C2:.5 A1:.5 G1:.5 | "
                "D2:.75! D2:.25' r:.5 D3:.5' C3:.5 A2:.5 G2:.5 A2:.5 | "
                "A1:.75! A1:.25' r:.5 C2:.5 D2:.5 D#2:.5 E2:.5! G2:.5' | "
                "E2:.75! E2:.25' r:.5 E2:.5' D2:.5 B1:.5 G#1:.5 B1:.5 | "
                "A1:1.5! E2:.5' A1:2",
            ),
            velocity=88,
            legato=0.92,
        ),
    ),
    ring=0.8,
)

BEAT = Piece(
    name="drums",
    title="Eight bars of a rock beat with two fills: drum kit",
    source=OURS,
    key=None,
    meter=(4, 4),
    tempo=((0, 112), (33, 112)),
    chords="N*33",
    parts=(
        Part(
            "drums",
            0,
            (
                drums(
                    [
                        {
                            "crash": "x...",
                            "kick": "x.....x.x...x...",
                            "snare": "....X..o.o..X...",
                            "hat": ".xXxXxXx",
                        },
                        {
                            "kick": "x.....x.x.......",
                            "snare": "....X..o.o..X..o",
                            "hat": "XxXxXxXx",
                        },
                        {
                            "kick": "x.....x.x...x...",
                            "snare": "....X..o.o..X...",
                            "hat": "XxXxXxX.",
                            "open hat": ".......x",
                        },
                        {
                            "kick": "x.....x.........",
                            "snare": "....X...xxo.....",
                            "hat": "XxXx....",
                            "high tom": "..........xx....",
                            "mid tom": "............xx..",
                            "low tom": "..............Xx",
                        },
                        {
                            "crash": "X...",
                            "kick": "x..x..x.x..x....",
                            "snare": "....X.......X...",
                            "ride": ".xxxXxxx",
                        },
                        {
                            "kick": "x..x..x.x..x..x.",
                            "snare": "....X..o....X..o",
                            "ride": "XxxxXxxx",
                        },
                        {
                            "kick": "x..x..x.x..x....",
                            "snare": "....X.......X...",
                            "ride": "XxxxXxxx",
                        },
                        {
                            "kick": "x...x...x...x...",
                            "snare": "..X..X..xoxoxxXX",
                            "hat": "X.......",
                            "low tom": "X..X............",
                        },
                        {"crash": "X...", "kick": "X..."},
                    ]
                ),
            ),
            velocity=88,
            loose=0.004,
            is_drum=True,
        ),
    ),
    ring=1.6,
)

STUDY = Piece(
    name="repeated",
    title="Study in notes struck again, from 3.7 to 11.2 a second: piano",
    source=OURS,
    key="A minor",
    meter=(4, 4),
    tempo=((0, 112), (34, 112)),
    chords=(
        "A:min*2 E:maj*1 A:min*1 D:min*1 A:min*1 E:maj*1 A:min*1 "
        "C:maj*2 G:maj*1 C:maj*1 F:maj*1 C:maj*1 G:maj*1 C:maj*1 "
        "A:min*2 D:min*1 A:min*1 D:min*1 A:min*1 E:maj*2 "
        "A:min*2 E:maj*1 A:min*1 D:min*1 A:min*1 E:maj*1 A:min*3"
    ),
    parts=(
        Part(
            "piano",
            PIANO,
            (
                _repeated(
                    "A4 A4 B4 C5|D5 C5 B4 A4|C5 C5 D5 E5|F5 E5 D5 C5|"
                    "E5 E5 D5 C5|D5 C5 B4 G#4|A4 A4 B4 C5|D5 C5 B4 A4",
                    (2, 3, 4, 6),
                )
                + "A4+C5:2",
                "A2+E3+C4:2 E2+E3+G#3:1 A2+E3+A3 | D3+A3+F3 A2+E3+A3 E2+E3+G#3 A2+E3 | "
                "C3+G3+E4:2 G2+G3+B3:1 C3+G3+C4 | F2+F3+A3 C3+G3+C4 G2+G3+B3 C3+G3 | "
                "A2+E3+C4:2 D3+A3+F3:1 A2+E3+A3 | D3+A3+F3 A2+E3+A3 E2+E3+G#3:2 | "
                "A2+E3+C4:2 E2+E3+G#3:1 A2+E3+A3 | D3+A3+F3 A2+E3+A3 E2+E3+G#3 A2+E3 | "
                "A2+E3+A3:2",
            ),
            velocity=76,
            legato=0.88,
            loose=0.004,
        ),
    ),
    ring=1.2,
)
