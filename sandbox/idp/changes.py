"""What an account's administrator changes about its stand-ins: keys, and people of the user pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sandbox.core.facts import Lab
from sandbox.idp import seeded_user_pool
from sandbox.idp.sign_in.people import PEOPLE, Person

if TYPE_CHECKING:  # the switches read this file at the start, and most processes never serve a stand-in
    from sandbox.idp.accounts import Served
    from sandbox.idp.storage.keys import SigningKeys
    from sandbox.idp.storage.records import Records

# Name of the change -> what makes it to a person of the account's user pool.
OF_PEOPLE: Mapping[str, Callable[[Records, Lab, Person], None]] = {
    "sign-out": seeded_user_pool.sign_out_everywhere,
    "delete": seeded_user_pool.delete,
    "restore": seeded_user_pool.restore,
}


class NoSuchChange(Exception):
    """There is no such issuer, person or change; the text says which there are."""


def issuers(served: Served) -> dict[str, SigningKeys]:
    """Slug of a stand-in that signs with keys of its own -> those keys."""
    return {slug: stand_in.keys for slug, stand_in in served.stand_ins.items() if stand_in.has_keys}


def rotate_key(served: Served, slug: str, *, withdraw: bool) -> None:
    """A new signing key; with `withdraw` the old one is no longer published from now on.

    Raises:
        NoSuchChange
    """
    found = issuers(served)
    if slug not in found:
        raise NoSuchChange(f"There are keys of {', '.join(found)}.")
    found[slug].rotate(withdraw=withdraw)


def change_person(served: Served, key: str, change: str) -> None:
    """Sign out everywhere, delete or restore a person of the user pool.

    Raises:
        NoSuchChange
    """
    if change not in OF_PEOPLE:
        raise NoSuchChange(f"'action' must be one of rotate, {', '.join(OF_PEOPLE)}.")
    person = PEOPLE.get(key)
    if person is None:
        raise NoSuchChange(f"The people are {', '.join(PEOPLE)}.")
    OF_PEOPLE[change](served.context.records, served.context.lab, person)
