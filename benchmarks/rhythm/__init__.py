"""Beat tracking."""
