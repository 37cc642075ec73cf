"""Accounts of the sandbox that somebody has for themselves, and their administrators' keys.

Who has which is known above: whoever gives people accounts registers a source here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.owners import Owner
from flows.exchange import sandbox_requests
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pool import Pool

YOURS = "Your account"  # what people call the account that they work in


class NotYours(Exception):
    """The account belongs to somebody else, or to nobody. Its text is meant for the visitor."""


class NotThere(Exception):
    """The person works in an account of their own, and it is not there yet. Its text is meant for the visitor.

    Whoever shows pages answers it with one that waits: nobody is given the pools of everybody in its place.
    """


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One account of the sandbox as its owner meets it.

    Attributes:
        account_id: 12 digits.
        label: what people call it: `YOURS`, or what it is beside that.
        pools: the identity pools in it; their keys are unique among all accounts of the owner.
        writable: whether the owner may change it; not after a class has ended, for instance.
    """

    account_id: str
    region: str
    label: str
    pools: tuple[Pool, ...]
    writable: bool


Source = Callable[[Owner], Sequence[OwnAccount]]

Finder = Callable[[Owner, str], OwnAccount | None]

_sources: list[Source] = []
_finders: list[Finder] = []
_doors: list[str] = []


def register(source: Source) -> None:
    """Have a function asked for the accounts of each owner."""
    if source not in _sources:
        _sources.append(source)


def accounts_of(owner: Owner) -> tuple[OwnAccount, ...]:
    """The accounts that this person has for themselves, the one to begin with first.

    Raises:
        NotThere
    """
    return tuple(account for source in _sources for account in source(owner))


def register_finder(finder: Finder) -> None:
    """Have a function asked for accounts of others that somebody may look into, by number; never to change them."""
    if finder not in _finders:
        _finders.append(finder)


def register_door(name: str) -> None:
    """Tell the name of the page on which people get an account of their own."""
    _doors[:] = [name]


def door() -> str:
    """The name of that page, for `reverse`; empty where nobody gives accounts."""
    return _doors[0] if _doors else ""


def account_seen_by(owner: Owner, account_id: str) -> OwnAccount | None:
    """An account that this person may look into: one of their own, or one that a finder lets them see."""
    own = (account for account in accounts_of(owner) if account.account_id == account_id)
    others = (finder(owner, account_id) for finder in _finders)
    return next(own, None) or next((found for found in others if found is not None), None)


def administrator_of(owner: Owner, account_id: str) -> TemporaryCredentials:
    """The key of an own account's administrator, asked of the sandbox. Whoever has it uses it and keeps it nowhere.

    Its session token is empty, since it is no session's.

    Raises:
        NotYours
        sandbox_requests.NotDone: the sandbox does not answer, or does not know the account.
    """
    if account_id not in {account.account_id for account in accounts_of(owner)}:
        raise NotYours("This account is not one of yours.")
    return sandbox_requests.administrators_key(account_id)
