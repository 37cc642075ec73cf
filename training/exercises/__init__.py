"""Exercises: their folders, read and judged."""
