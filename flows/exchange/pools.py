"""The identity pools that a person can choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.owners import Owner


class UnknownPool(Exception):
    """No identity pool is configured, or none has the key that was asked for. Its text is meant for the visitor."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One identity pool as this application knows it.

    Attributes:
        pool_id: `region:uuid`; the region is also where its calls go.
        account_id: 12 digits, or empty when unknown; GetId sends it when it is there.
        guest_role_arn, authenticated_role_arn: what the basic flow assumes unless the visitor names another role.
    """

    key: str
    pool_id: str
    label: str
    description: str
    region: str
    account_id: str = ""
    guest_role_arn: str = ""
    authenticated_role_arn: str = ""

    def role_arn(self, access: str) -> str:
        """The role that belongs to the kind of access, `guest` or `authenticated`; empty when none is configured."""
        return self.guest_role_arn if access == "guest" else self.authenticated_role_arn


def _pool(row: Mapping[str, Any]) -> Pool:
    """A pool id begins with its region, so a call sent to another region could only answer "not found"."""
    region, colon, _ = str(row["pool_id"]).partition(":")
    return Pool(**{**row, "region": region if colon else row["region"]})


def pools_for(owner: Owner) -> tuple[Pool, ...]:
    """The pools that this person may choose from, the default first."""
    return tuple(_pool(row) for row in settings.IDENTITY_POOLS)


def pool_for(owner: Owner, key: str = "") -> Pool:
    """The pool that this person uses: the one of that key, or the default one for an empty key.

    This is the only place where a person meets a pool.

    Raises:
        UnknownPool: there is no such pool.
    """
    pools = pools_for(owner)
    if not pools:
        raise UnknownPool("No identity pool is configured. Set COGNITO_IDENTITY_POOL_ID in .env.")
    for pool in pools:
        if not key or pool.key == key:
            return pool
    raise UnknownPool(f"There is no identity pool “{key}” here.")
