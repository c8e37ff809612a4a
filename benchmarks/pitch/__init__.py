"""Pitch tracking of one voice."""
