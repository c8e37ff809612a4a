"""Listening desk: stems, notes, chords and beats on one timeline."""
