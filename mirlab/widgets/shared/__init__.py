"""Shared parts of the widgets: base class, packing, user audio, JavaScript modules."""
