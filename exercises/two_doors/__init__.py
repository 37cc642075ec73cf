"""Two doors."""
