"""Constants shared by all subpackages."""

SAMPLE_RATE = 22050  # Hz; every task resamples its input to it, so that the cost is known
LOWEST_PITCH = 21  # MIDI number of A0: the lowest key of a piano, the first row of a piano roll
PITCHES = 88  # keys of a piano, rows of a piano roll
