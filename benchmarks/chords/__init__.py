"""Chord and key recognition."""
