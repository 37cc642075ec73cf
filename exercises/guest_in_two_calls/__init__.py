"""Guest in two calls."""
