"""Runs and their calls in the admin site: evidence, so nothing is added or changed. A review is all that is new."""

from flows.admin import calls, runs

__all__ = ["calls", "runs"]
