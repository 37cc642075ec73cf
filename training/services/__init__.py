"""Verbs on classes, seats, accounts and attempts."""
