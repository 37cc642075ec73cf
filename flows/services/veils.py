"""What a page should not tell before its reader has found it out: packages above this one say of which pools.

Nothing is kept from anybody: whoever wants to be told asks for it.
"""

from collections.abc import Callable

from accounts.owners import Owner
from flows.exchange.pools import Pool

Source = Callable[[Owner, Pool], str]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Have a function say why the judgement on a pool should wait for this person; an empty text where it need not."""
    if source not in _sources:
        _sources.append(source)
    return source


def veil_over(owner: Owner, pool: Pool) -> str:
    """Why the judgement on a pool waits, as a sentence; empty where it does not."""
    return next((text for source in _sources if (text := source(owner, pool))), "")
