"""Trust clinic."""
