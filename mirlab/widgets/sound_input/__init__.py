"""Sound input: a file or the microphone."""
