"""Switches for teaching and testing, on a path of their own: they are not part of AWS's API."""
