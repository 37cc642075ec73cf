"""What the application knows of one identity pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Pool:
    """One identity pool as this application knows it.

    Attributes:
        pool_id: `region:uuid`; the region is also where its calls go.
        account_id: 12 digits, or empty when unknown; GetId sends it when it is there.
        guest_role_arn, authenticated_role_arn: what the basic flow assumes unless the visitor names another role.
        whose: the account's name, where the visitor has accounts of their own; empty otherwise.
    """

    key: str
    pool_id: str
    label: str
    description: str
    region: str
    account_id: str = ""
    guest_role_arn: str = ""
    authenticated_role_arn: str = ""
    whose: str = ""

    @property
    def in_rows(self) -> dict[str, str]:
        """The columns with which a run remembers its pool, as `Run` has them."""
        return {
            "account_id": self.account_id,
            "region": self.region,
            "pool_id": self.pool_id,
            "pool_key": self.key,
            "pool_label": self.label[:128],
            "pool_whose": self.whose[:100],
        }

    def role_arn(self, access: str) -> str:
        """The role that belongs to the kind of access, `guest` or `authenticated`; empty when none is configured."""
        return self.guest_role_arn if access == "guest" else self.authenticated_role_arn


def pool_of(row: Mapping[str, Any]) -> Pool:
    """A pool from its members as settings and rows have them.

    A pool id begins with its region, so a call sent to another region could only answer "not found".
    """
    region, colon, _ = str(row["pool_id"]).partition(":")
    return Pool(**{**row, "region": region if colon else row["region"]})
