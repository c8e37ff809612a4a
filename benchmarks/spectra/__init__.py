"""Time-frequency transforms, without learning."""
