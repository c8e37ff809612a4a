"""Synth bench: a playable synthesizer and a preview of training data."""

from .distance import log_spectral_distance

__all__ = ["log_spectral_distance"]
