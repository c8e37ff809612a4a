"""What mirlab's systems score on real recordings, beside trivial baselines and upper bounds.

A folder a task and a command a question, such as
`python -m benchmarks.transcription.real_recordings`. Each wants the folder of the development
recordings in the environment variable `MIRLAB_DATA` and writes
`benchmarks/results/<task>/<question>.json`, which the book's scoreboard shows.
"""
