"""The command line: `main` runs the commands, which `batch` and `transcribe` implement."""
