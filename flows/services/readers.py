"""Who reads a run beside its owner: reviewers, and whom packages above this one name, such as trainers of a class."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from flows.models import Run


@dataclass(frozen=True, slots=True)
class RunReader:
    """`capacity`: as what somebody reads it, for the head of the page; `notes`: whether they may write notes on it."""

    capacity: str
    notes: bool = False


Source = Callable[[User, Run], RunReader | None]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Ask this function too who may read a run. It is asked for each page, so it may note that somebody looked."""
    if source not in _sources:
        _sources.append(source)
    return source


def reader_of(user: User, run: Run) -> RunReader | None:
    """As what an account reads a run that is not its own; None for whoever may not."""
    for source in _sources:
        if reader := source(user, run):
            return reader
    return RunReader("a reviewer", notes=True) if user.has_perm("flows.review_run") else None
