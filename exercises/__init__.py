"""The exercises: a folder each, and presets of them for classes."""
