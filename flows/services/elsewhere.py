"""What people did outside of these pages: brought in, as runs, before their runs are looked at."""

from collections.abc import Callable

from accounts.owners import Owner

Source = Callable[[Owner], None]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Have a function called with whoever is about to look at their runs. It must be quick, and raise nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def bring_in(owner: Owner) -> None:
    """Have what this person did elsewhere stored as runs."""
    for source in _sources:
        source(owner)
