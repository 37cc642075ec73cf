"""Who are you? A sign-in ends with an artifact in the vault."""
