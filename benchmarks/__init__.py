"""What mirlab's systems score on real recordings, beside trivial baselines and upper bounds.

One command a task: `python -m benchmarks.notes`, `.chords`, `.beats`, `.analyze`. Each wants the
folder of the development recordings in the environment variable `MIRLAB_DATA` and writes
`benchmarks/results/<task>.json`, which the book's scoreboard shows.
"""
