"""The scores with a rhythm section, typed in by us from memory."""

from __future__ import annotations

from data_scripts.notation import (
    BANJO,
    BASS,
    CLARINET,
    E_PIANO,
    OOHS,
    OURS,
    PIANO,
    TRUMPET,
    UPRIGHT,
    VIBRAPHONE,
    Part,
    Piece,
    Sign,
    drums,
)

SAINTS = Piece(
    name="band",
    title="When the Saints Go Marching In: trumpet, clarinet, banjo, bass and drums",
    source="Traditional, United States, 19th century, author unknown; arranged by us",
    key="F major",
    meter=(2, 4),
    tempo=((0, 108), (29, 110), (32, 96)),
    chords="N*2 F:maj*12 C:7*4 F:maj*2 F:7*2 Bb:maj*4 F:maj*3 C:7*1 F:maj*2",
    pickup=2,
    parts=(
        Part(
            "trumpet",
            TRUMPET,
            (
                "r:.5 F4:.5 A4 Bb4 | C5:1.9 r:.1 | r:.5 F4 A4 Bb4 | "
                "C5:1.9 r:.1 | r:.5 F4 A4 Bb4 | "
                "C5:1 A4 | F4 A4 | G4:1.9 r:.1 | r:.5 A4 A4 G4 | F4:1.5 F4:.5 | A4:1 C5 | "
                "C5:.5 Bb4:1.4 r:.1 | r:1 A4:.5 Bb4 | C5:1 A4 | F4 G4 | F4:2",
            ),
            velocity=92,
            level=0,
            vibrato=0.1,
            legato=0.9,
        ),
        Part(
            "clarinet",
            CLARINET,
            (
                "r:2 | r:.5 A5:.25 C6 A5:.5 F5 | C5:1 r:1 | "
                "r:.5 C6:.25 A5 F5:.5 A5 | C6:1 r:1 | "
                "A5:.5 G5 F5 E5 | D5 E5 F5 A5 | G5:.5 E5:.25 F5 G5:.5 Bb5 | C6:1 Bb5:1 | "
                "A5:.5 F5 C5 F5 | Eb5 F5 A5 Eb5 | D5 F5:.25 G5 A5:.5 Bb5 | D6:.5 C6 Bb5 G5 | "
                "A5 C6 F5 C6 | A5 F5 Bb5 E5 | F5:2",
            ),
            velocity=74,
            level=-5,
            legato=0.9,
        ),
        Part(
            "banjo",
            BANJO,
            (
                "r:2 | "
                + 6 * "r:.5 F4+A4+C5:.5' r:.5 F4+A4+C5:.5'- | "
                + 2 * "r:.5 E4+G4+Bb4:.5' r:.5 E4+G4+Bb4:.5'- | "
                + "r:.5 F4+A4+C5:.5' r:.5 F4+A4+C5:.5'- | "
                "r:.5 Eb4+A4+C5:.5' r:.5 Eb4+A4+C5:.5'- | "
                + 2
                * "r:.5 F4+Bb4+D5:.5' r:.5 F4+Bb4+D5:.5'- | "
                + "r:.5 F4+A4+C5:.5' r:.5 F4+A4+C5:.5'- | "
                "r:.5 F4+A4+C5:.5' r:.5 E4+G4+Bb4:.5'- | " + "F4+A4+C5:1",
            ),
            velocity=80,
            level=-6,
            strum=0.008,
        ),
        Part(
            "bass",
            UPRIGHT,
            (
                "r:2 | F2:1 C2 | F2 A2 | F2 C2 | F2 A2 | "
                "F2 C2 | F2:1 F2:.5 Ab2 | C2:1 G2 | C2 E2 | "
                "F2 C2 | Eb2 F2 | Bb2 F2 | Bb2 D2 | F2 C2 | F2 C2 | F2:2",
            ),
            velocity=88,
            level=-2,
            legato=0.85,
        ),
        Part(
            "drums",
            0,
            (
                drums(
                    [
                        {"stick": "x.x.", "hat": "...."},
                        *(14 * [{"kick": "x...", "hat": ".x.x", "snare": ".ooxoxox"}]),
                        {"crash": "x.", "kick": "X."},
                    ],
                    beats_a_bar=2,
                ),
            ),
            velocity=74,
            level=-7,
            loose=0.004,
            is_drum=True,
        ),
    ),
)

SEVENTHS = Piece(
    name="sevenths",
    title="A pop song's chords with sevenths: electric piano, vibraphone, bass and drums",
    source=OURS,
    key="C major",
    meter=(4, 4),
    tempo=((0, 100), (28, 100), (30, 88)),
    chords="C:maj7*4 A:min7*4 D:min7*4 G:7*4 E:min7*4 A:7*4 D:min7*2 G:7*2 C:maj7*2",
    parts=(
        Part(
            "vibraphone",
            VIBRAPHONE,
            (
                "r:1 G4:.5 B4 E5:1.5 D5:.5 | C5:1.5 E5:.5 G4:2 | r:1 F4:.5 A4 C5:1.5 A4:.5 | "
                "B4:1.5 D5:.5 F4:2 | r:.5 G4 B4 D5 E5:1.5 D5:.5 | C#5:1.5 E5:.5 G5:1 E5 | "
                "F5:1 D5:.5 C5 B4:1 G4:.5 D5 | E5:2",
            ),
            velocity=80,
            level=-3,
        ),
        Part(
            "electric piano",
            E_PIANO,
            (
                "E3+G3+B3+C4:1.5 E3+G3+B3+C4:.5' r:.5 E3+G3+B3+C4:1.5 | "
                "E3+G3+A3+C4:1.5 E3+G3+A3+C4:.5' r:.5 E3+G3+A3+C4:1.5 | "
                "F3+A3+C4+D4:1.5 F3+A3+C4+D4:.5' r:.5 F3+A3+C4+D4:1.5 | "
                "F3+G3+B3+D4:1.5 F3+G3+B3+D4:.5' r:.5 F3+G3+B3+D4:1.5 | "
                "E3+G3+B3+D4:1.5 E3+G3+B3+D4:.5' r:.5 E3+G3+B3+D4:1.5 | "
                "E3+G3+A3+C#4:1.5 E3+G3+A3+C#4:.5' r:.5 E3+G3+A3+C#4:1.5 | "
                "F3+A3+C4+D4:1.5 F3+A3+C4+D4:.5' F3+G3+B3+D4:1.5 F3+G3+B3+D4:.5' | "
                "E3+G3+B3+C4:2",
            ),
            velocity=74,
            level=-1,
            strum=0.004,
        ),
        Part(
            "bass",
            BASS,
            (
                "C2:1.5 C2:.5' r:.5 G2:.5 E2 G2 | A1:1.5 A1:.5' r:.5 E2:.5 G2 E2 | "
                "D2:1.5 D2:.5' r:.5 A2:.5 F2 A2 | G1:1.5 G1:.5' r:.5 D2:.5 F2 D2 | "
                "E2:1.5 E2:.5' r:.5 B2:.5 G2 B2 | A1:1.5 A1:.5' r:.5 E2:.5 G2 C#2 | "
                "D2:1.5 A2:.5 G1:1.5 B1:.5 | C2:2",
            ),
            velocity=84,
            level=-2,
        ),
        Part(
            "drums",
            0,
            (
                drums(
                    [
                        *(
                            7
                            * [
                                {
                                    "kick": "x.....x.x.......",
                                    "stick": "....x.......x...",
                                    "hat": "xoxoxoxo",
                                }
                            ]
                        ),
                        {"ride": "x...", "kick": "x..."},
                    ]
                ),
            ),
            velocity=72,
            level=-8,
            loose=0.004,
            is_drum=True,
        ),
    ),
    ring=1.3,
)

AULD_LANG_SYNE = Piece(
    name="song",
    title="Auld Lang Syne as a pop song, with its stems: voice, piano, bass and drums",
    source="Traditional, Scotland, printed 1799, words by Robert Burns (1759-1796); set by us",
    key="Bb major",
    meter=(4, 4),
    tempo=((0, 108), (28, 108), (32, 88)),
    chords=("N*1 Bb:maj*4 F:7*4 Bb:maj*2 Bb:7*2 Eb:maj*4 Bb:maj*4 F:7*4 Eb:maj*2 F:7*2 Bb:maj*3"),
    pickup=1,
    apart=True,
    parts=(
        Part(
            "voice",
            OOHS,
            (
                "F4:1 | Bb4:1.5 Bb4:.5 Bb4:1 D5 | C5:1.5 Bb4:.5 C5:1 D5 | Bb4:1.5 Bb4:.5 D5:1 F5 | "
                "G5:2.8 r:.2 G5:1 | F5:1.5 D5:.5 D5:1 Bb4 | C5:1.5 Bb4:.5 C5:1 D5 | "
                "Bb4:1.5 G4:.5 G4:1 F4 | Bb4:3",
            ),
            velocity=92,
            level=1,
            legato=0.94,
            loose=0.012,
            vibrato=0.28,
            scoop=0.6,
        ),
        Part(
            "piano",
            PIANO,
            (
                "r:1 | D3+F3+Bb3:1.5 D3+F3+Bb3:.5 D3+F3+Bb3:1 F3 | "
                "Eb3+A3+C4:1.5 Eb3+A3+C4:.5 Eb3+A3+C4:1 F3 | "
                "D3+F3+Bb3:1.5 D3+F3+Bb3:.5 D3+Ab3+Bb3:1.5 F3:.5 | "
                "Eb3+G3+Bb3:1.5 Eb3+G3+Bb3:.5 Eb3+G3+Bb3:1 Bb3 | "
                "D3+F3+Bb3:1.5 D3+F3+Bb3:.5 D3+F3+Bb3:1 F3 | "
                "Eb3+A3+C4:1.5 Eb3+A3+C4:.5 Eb3+A3+C4:1 F3 | "
                "Eb3+G3+Bb3:2 Eb3+A3+C4:2 | D3+F3+Bb3:3",
            ),
            velocity=72,
            level=-2,
            strum=0.003,
        ),
        Part(
            "bass",
            BASS,
            (
                "r:1 | Bb1:1.5 Bb1:.5 F2:1 Bb1 | F1:1.5 F1:.5 C2:1 F1 | Bb1:1.5 Bb1:.5 Ab1:1 Bb1 | "
                "Eb2:1.5 Eb2:.5 Bb1:1 Eb2 | Bb1:1.5 Bb1:.5 F2:1 Bb1 | F1:1.5 F1:.5 C2:1 F1 | "
                "Eb2:2 F2:1.5 F2:.5 | Bb1:3",
            ),
            velocity=86,
            level=-1,
        ),
        Part(
            "drums",
            0,
            (
                drums(
                    [
                        {"hat": "x..."},
                    ],
                    beats_a_bar=1,
                )
                + tuple(
                    Sign(s.beat + 1, s.beats, s.pitch, s.accent)
                    for s in drums(
                        [
                            {
                                "crash": "x...",
                                "kick": "x.....x.x.......",
                                "snare": "....x.......x...",
                                "hat": ".oxoxoxo",
                            },
                            *(
                                2
                                * [
                                    {
                                        "kick": "x.....x.x.......",
                                        "snare": "....x.......x...",
                                        "hat": "xoxoxoxo",
                                    }
                                ]
                            ),
                            {
                                "kick": "x.....x.x.......",
                                "snare": "....x.......x.xx",
                                "hat": "xoxoxoxo",
                            },
                            *(
                                2
                                * [
                                    {
                                        "kick": "x.....x.x.......",
                                        "snare": "....x.......x...",
                                        "hat": "xoxoxoxo",
                                    }
                                ]
                            ),
                            {
                                "kick": "x.......x.......",
                                "snare": "....x.....xxxxxX",
                                "hat": "xoxox...",
                            },
                            {"crash": "X...", "kick": "X..."},
                        ]
                    )
                ),
            ),
            velocity=80,
            level=-4,
            loose=0.004,
            is_drum=True,
        ),
    ),
    ring=1.2,
)
