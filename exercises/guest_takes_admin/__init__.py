"""The guest who chose a better role."""
