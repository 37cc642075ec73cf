"""Accounts of the sandbox that somebody has for themselves, and their administrators' keys.

Who has which is known above: whoever gives people accounts registers a source here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.owners import Owner
from flows.exchange import sandbox_requests
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pool import Pool


class NotYours(Exception):
    """The account belongs to somebody else, or to nobody. Its text is meant for the visitor."""


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One account of the sandbox as its owner meets it.

    Attributes:
        account_id: 12 digits.
        label: what people call it: `Your account`.
        pools: the identity pools in it; their keys are unique among all accounts of the owner.
        writable: whether the owner may change it; not after a class has ended, for instance.
    """

    account_id: str
    region: str
    label: str
    pools: tuple[Pool, ...]
    writable: bool


Source = Callable[[Owner], Sequence[OwnAccount]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Have a function asked for the accounts of each owner."""
    if source not in _sources:
        _sources.append(source)


def accounts_of(owner: Owner) -> tuple[OwnAccount, ...]:
    """The accounts that this person has for themselves, the one to begin with first."""
    return tuple(account for source in _sources for account in source(owner))


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
