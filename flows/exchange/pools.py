"""The identity pools that a person can choose from."""

from collections.abc import Sequence

from django.conf import settings

from accounts.owners import Owner
from flows.exchange.own_accounts import accounts_of
from flows.exchange.pool import Pool, pool_of

__all__ = ["Pool", "UnknownPool", "chosen_pool", "pool_for", "pools_for"]


class UnknownPool(Exception):
    """No identity pool is configured, or none has the key that was asked for. Its text is meant for the visitor."""


def pools_for(owner: Owner) -> tuple[Pool, ...]:
    """The pools that this person may choose from, the default first: those of their own accounts, if they have any,
    else those that are configured for everybody.

    Raises:
        NotThere: their own account is still to be made.
    """
    own = tuple(pool for account in accounts_of(owner) for pool in account.pools)
    return own or tuple(pool_of(row) for row in settings.IDENTITY_POOLS)


def pool_for(owner: Owner, key: str = "") -> Pool:
    """The pool that this person uses: the one of that key, or the default one for an empty key.

    Here and in `pools_for` is where a person meets a pool, and nowhere else.

    Raises:
        UnknownPool: there is no such pool.
    """
    return chosen_pool(pools_for(owner), key)


def chosen_pool(pools: Sequence[Pool], key: str = "") -> Pool:
    """The same among the pools of a person, which are known already.

    Raises:
        UnknownPool: there is no such pool.
    """
    if not pools:
        raise UnknownPool("No identity pool is configured. Set COGNITO_IDENTITY_POOL_ID in .env.")
    for pool in pools:
        if not key or pool.key == key:
            return pool
    raise UnknownPool(f"There is no identity pool “{key}” here.")
