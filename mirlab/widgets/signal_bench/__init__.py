"""Signal bench: partials, sampling, windows and filters."""
