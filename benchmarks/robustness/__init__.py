"""Robustness: what damaged and hostile files do."""
