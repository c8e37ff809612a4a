"""Spectrogram bench: two transforms side by side."""
