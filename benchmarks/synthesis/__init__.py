"""Rendering of training data."""
