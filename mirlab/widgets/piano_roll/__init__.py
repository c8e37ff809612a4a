"""Piano roll: posteriors, notes decoded from them, and an editor."""
