"""What every widget shares: the base class, packing, the reader's own sound, JavaScript modules."""
