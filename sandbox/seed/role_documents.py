"""The seeded roles' documents, which name pools and tables with their region.

An account has its seeded pools and samples where the sandbox's own region was when it was seeded. That is a setting,
and may be another one at the next start: the roles then go along. For both regions a trust policy has no room.
"""

from dataclasses import dataclass

from sandbox.core.facts import AUTHENTICATED, GUEST, IDENTITY_POOLS, Lab, pool_role
from sandbox.seed.identity_providers import choosing_providers, chosen_kinds
from sandbox.seed.roles import Document, authenticated_policy, guest_policy, trust_policy


@dataclass(frozen=True, slots=True)
class RoleDocuments:
    """Who may assume a role, and what it may do."""

    trust: Document
    rights: Document
    description: str = ""


def seeded_roles(lab: Lab) -> dict[str, RoleDocuments]:
    """Name of a role -> its documents, for the pools and samples of the lab's region. Each trusts one pool only."""
    region, account = lab.region, lab.account
    found = {}
    for pool in IDENTITY_POOLS:
        pool_id = pool.pool_id(region, account, lab.home)
        found[pool_role(pool.key, GUEST)] = RoleDocuments(
            trust_policy(pool_id, ["unauthenticated"]),
            guest_policy(region, account),
            f"Guests of the identity pool {pool.name}",
        )
        chosen = trust_policy(pool_id, choosing_providers(pool, lab) or ["authenticated"])
        for kind in (AUTHENTICATED, *chosen_kinds(pool)):
            found[pool_role(pool.key, kind)] = RoleDocuments(
                trust_policy(pool_id, ["authenticated"]) if kind == AUTHENTICATED else chosen,
                authenticated_policy(region, account, kind),
                f"Signed-in people of the identity pool {pool.name}",
            )
    return found


def policy_name(role: str) -> str:
    """The name of a seeded role's only policy."""
    return f"{role}Access"
