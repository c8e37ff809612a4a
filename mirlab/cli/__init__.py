"""The command line: `main` parses, `batch` and `transcribe` do the work of its commands."""
