"""`mirlab analyze` as a whole: time and memory."""
