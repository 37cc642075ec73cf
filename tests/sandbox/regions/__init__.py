"""The regions of an account: what is in one is not in another."""
