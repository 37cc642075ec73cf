"""The identity pools that a sandbox has from the start, each showing something else."""

from dataclasses import dataclass
from typing import Any

# The ids are the same on every machine, because the configuration of clients is static.
_FAMILY = "5a4db000"


@dataclass(frozen=True, slots=True)
class SeededPool:
    """One pool. `number` makes its id; `settings` are members of CreateIdentityPool."""

    number: int
    name: str
    settings: dict[str, Any]

    def pool_id(self, region: str, account: str, home: str) -> str:
        """The id: of the sandbox's home account `...-000000000001`, of another the account's digits at its end."""
        if account == home:
            return f"{region}:{_FAMILY}-0000-c000-8000-{self.number:012d}"
        return f"{region}:{_FAMILY}-{self.number:04d}-c000-8000-{account}"


POOLS = (
    SeededPool(1, "IdentityPoolsLab", {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": True}),
    SeededPool(2, "IdentityPoolsLabNoGuests", {"AllowUnauthenticatedIdentities": False, "AllowClassicFlow": True}),
    SeededPool(3, "IdentityPoolsLabClassicOff", {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": False}),
)
