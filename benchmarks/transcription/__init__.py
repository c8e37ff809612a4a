"""Note detection."""
