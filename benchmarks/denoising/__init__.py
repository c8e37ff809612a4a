"""Noise reduction, alone and before other tasks."""
