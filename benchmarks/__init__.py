"""Scores of mirlab's systems on real recordings, beside trivial baselines and upper bounds.

One folder per task and one command per question, such as
`python -m benchmarks.transcription.real_recordings`. The environment variable
`MIRLAB_DATA` names the folder of the development recordings. Each command writes
`benchmarks/results/<task>/<question>.json`, which the pages of the book show.
"""
