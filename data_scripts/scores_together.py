"""The scores for three or four instruments, typed in by us from memory."""

from __future__ import annotations

from data_scripts.notation import (
    BASSOON,
    CELLO,
    CLARINET,
    FLUTE,
    HARP,
    HORN,
    OBOE,
    VIOLA,
    VIOLIN,
    Part,
    Piece,
)

CANON = Piece(
    name="quartet",
    title="Pachelbel, Canon in D, two rounds of its bass: two violins, viola and cello",
    source="Johann Pachelbel (1653-1706), Canon in D; third voice an octave lower, for viola",
    key="D major",
    meter=(4, 4),
    tempo=((0, 58), (2, 62), (13, 62), (16, 52), (18, 46)),
    chords=2 * "D:maj*1 A:maj*1 B:min*1 F#:min*1 G:maj*1 D:maj*1 G:maj*1 A:maj*1 " + "D:maj*2",
    parts=(
        Part(
            "violin 1",
            VIOLIN,
            (
                "D4:.5 F#4 A4 G4 F#4 D4 F#4 E4 | D4 B3 D4 A4 G4 B4 A4 G4 | "
                "F#4 D4 E4 C#5 D5 F#5 A5 A4 | B4 G4 A4 F#4 D4:.5 D5 D5:.75 C#5:.25 | D5:2",
            ),
            velocity=84,
            level=0,
            vibrato=0.12,
            legato=0.98,
        ),
        Part(
            "violin 2",
            VIOLIN,
            (
                "D5:1 C#5 B4 A4 | G4 F#4 G4 E4 | "
                "D4:.5 F#4 A4 G4 F#4 D4 F#4 E4 | D4 B3 D4 A4 G4 B4 A4 G4 | F#4:2",
            ),
            velocity=76,
            level=-2.5,
            vibrato=0.1,
            legato=0.98,
        ),
        Part(
            "viola",
            VIOLA,
            ("F#4:1 E4 D4 C#4 | B3 A3 B3 C#4 | D4 C#4 B3 A3 | G3 F#3 G3 E3 | A3:2",),
            velocity=72,
            level=-4,
            vibrato=0.1,
            legato=0.98,
        ),
        Part(
            "cello",
            CELLO,
            ("D3:1 A2 B2 F#2 | G2 D2 G2 A2 | D3 A2 B2 F#2 | G2 D2 G2 A2 | D2:2",),
            velocity=80,
            level=-2,
            vibrato=0.08,
            legato=0.98,
        ),
    ),
)

HYMN = Piece(
    name="chorale",
    title="Old Hundredth, its first and last line: oboe, clarinet, horn and bassoon",
    source="Tune by Louis Bourgeois (about 1510-1559), Genevan Psalter 1551; four voices by us",
    key="G major",
    meter=(4, 4),
    tempo=((0, 64), (7.9, 64), (8, 52), (8.9, 52), (9, 64), (13, 64), (17, 50)),
    chords=(
        "G:maj*2 D:maj*1 E:min*1 B:min*1 E:min*1 D:maj*1 G:maj*3 "
        "E:min*1 A:min/b3*1 D:7*1 G:maj/5*1 D:7*1 G:maj*2"
    ),
    pickup=1,
    parts=tuple(
        Part(name, program, (voice,), velocity=84, level=level, legato=0.95)
        for name, program, level, voice in (
            ("oboe", OBOE, 0, "G4:1 | G4 F#4 E4 D4 | G4 A4 B4 D5 | B4 G4 A4 C5 | B4 A4 G4:2"),
            (
                "clarinet",
                CLARINET,
                -3,
                "D4:1 | D4 D4 B3 B3 | B3 D4 D4 G4 | D4 E4 E4 F#4 | G4 F#4 D4:2",
            ),
            ("horn", HORN, -3, "B3:1 | B3 A3 G3 F#3 | G3 F#3 G3 B3 | G3 B3 A3 A3 | D4 C4 B3:2"),
            ("bassoon", BASSOON, -1, "G3:1 | G3 D3 E3 B2 | E3 D3 G2 G3 | G3 E3 C3 D3 | D3 D3 G2:2"),
        )
    ),
)

GREENSLEEVES = Piece(
    name="waltz",
    title="Greensleeves, slow then fast: flute, harp and cello",
    source="Traditional, England, 16th century, author unknown; accompaniment by us",
    key="A minor",
    meter=(3, 4),
    tempo=((0, 144), (24, 144), (26, 184), (42, 184), (48, 108)),
    chords=("N*1 A:min*6 G:maj*6 A:min*6 E:maj*6 A:min*6 G:maj*6 A:min*3 E:maj*3 A:min*5"),
    pickup=1,
    parts=(
        Part(
            "flute",
            FLUTE,
            (
                "A5:1 | C6:2 D6:1 | E6:1.5 F#6:.5 E6:1 | D6:2 B5:1 | G5:1.5 A5:.5 B5:1 | "
                "C6:2 A5:1 | A5:1.5 G#5:.5 A5:1 | B5:2 G#5:1 | E5:2 A5:1 | C6:2 D6:1 | "
                "E6:1.5 F#6:.5 E6:1 | D6:2 B5:1 | G5:1.5 A5:.5 B5:1 | C6:1.5 B5:.5 A5:1 | "
                "G#5:1.5 F#5:.5 G#5:1 | A5:3 | A5:2",
            ),
            velocity=88,
            level=0,
            vibrato=0.15,
            legato=0.93,
            loose=0.008,
        ),
        Part(
            "harp",
            HARP,
            (
                "r:1 | "
                + 2 * "r:1 E4+A4+C5:1 E4+A4+C5 | "
                + 2 * "r:1 D4+G4+B4:1 D4+G4+B4 | "
                + 2 * "r:1 E4+A4+C5:1 E4+A4+C5 | "
                + 2 * "r:1 E4+G#4+B4:1 E4+G#4+B4 | "
                + 2 * "r:1 E4+A4+C5:1 E4+A4+C5 | "
                + 2 * "r:1 D4+G4+B4:1 D4+G4+B4 | "
                + "r:1 E4+A4+C5:1 E4+A4+C5 | r:1 E4+G#4+B4:1 E4+G#4+B4 | "
                + "r:1 E4+A4+C5:1 E4+A4+C5 | A3+E4+A4+C5:2",
            ),
            velocity=74,
            level=-3,
            strum=0.012,
            legato=1.0,
        ),
        Part(
            "cello",
            CELLO,
            (
                "r:1 | A2:3 | A2:3 | G2:3 | G2:3 | A2:3 | A2:3 | E2:3 | E3:3 | A2:3 | A2:3 | "
                "G2:3 | G2:3 | A2:3 | E2:3 | A2:3 | A2:2",
            ),
            velocity=76,
            level=-5,
            vibrato=0.08,
        ),
    ),
)
