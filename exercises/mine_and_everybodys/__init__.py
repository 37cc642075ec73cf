"""Mine and everybody’s."""
