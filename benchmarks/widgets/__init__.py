"""Widgets in a real browser."""
