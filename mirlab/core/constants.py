"""Numbers that mean the same in every room."""

SAMPLE_RATE = 22050  # Hz; every task brings its sound to it, so that the cost is known
LOWEST_PITCH = 21  # MIDI number of A0: the lowest key of a piano, the first row of a note roll
PITCHES = 88  # keys of a piano, rows of a note roll
