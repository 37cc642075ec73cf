"""The identity pools that a sandbox has from the start, each showing something else."""

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.core.seeded_ids import seeded_pool_id


@dataclass(frozen=True, slots=True)
class SeededPool:
    """One pool.

    Attributes:
        number: makes its id.
        settings: members of CreateIdentityPool.
        mapping: how it chooses roles for signed-in people: by `Rules`, by what the `Token` says, or always the same.
    """

    number: int
    name: str
    settings: dict[str, Any]
    mapping: Literal["", "Rules", "Token"] = ""

    def pool_id(self, region: str, account: str, home: str) -> str:
        return seeded_pool_id(region, account, home, self.number)


_OPEN = {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": True}

POOLS = (
    SeededPool(1, "IdentityPoolsLab", _OPEN),
    SeededPool(2, "IdentityPoolsLabNoGuests", {**_OPEN, "AllowUnauthenticatedIdentities": False}),
    SeededPool(3, "IdentityPoolsLabClassicOff", {**_OPEN, "AllowClassicFlow": False}),
    SeededPool(4, "IdentityPoolsLabRoleByRule", _OPEN, mapping="Rules"),
    SeededPool(5, "IdentityPoolsLabRoleByToken", _OPEN, mapping="Token"),
)
