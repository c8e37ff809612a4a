"""Benchmarks of the value types and their files."""
