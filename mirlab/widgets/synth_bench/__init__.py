"""Synth bench: a playable synthesizer and a preview of training data."""
