"""The same by hand."""
