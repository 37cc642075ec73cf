"""Whether those who are called answer, for the log: one line when nobody does, one when somebody does again.

Each call that failed is on the page of its run; a class that works makes hundreds of them.
"""

from django.conf import settings

from web import outages


def nobody(address: str | None) -> None:
    """No answer came from there: no connection, no such name, or none in time."""
    outages.tell(_sentence(address))


def somebody(address: str | None) -> None:
    """An answer came from there."""
    outages.is_over(_sentence(address), f"{_whose()} at {address} answers again.")


def _whose() -> str:
    return "The sandbox" if settings.APP_MODE == "sandbox" else "AWS"


def _sentence(address: str | None) -> str:
    return f"{_whose()} at {address} does not answer. Runs fail and say so until it does."
