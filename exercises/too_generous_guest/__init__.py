"""Too generous a guest."""
