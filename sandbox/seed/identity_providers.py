"""The stand-in identity providers as the seeded pools know them, and how those pools choose roles by what they say."""

from collections.abc import Mapping
from typing import Any

from sandbox.core.facts import DEVELOPER_PROVIDER_NAME, SAML_ROLE, Lab, SeededPool, role_arn
from sandbox.idp.sign_in.people import GROUPS
from sandbox.idp.stand_ins import STAND_INS

# A role of its own for each group of the user pool. Assertions name the same ones.
GROUP_ROLES = (*(group.role for group in GROUPS.values()), SAML_ROLE)

# First match wins. Nobody's department is missing, but no rule knows Sales.
_DEPARTMENTS = {"Engineering": "LabEngineers", "Finance": "LabFinance", "Support": "LabSupport"}


def oidc_providers(lab: Lab) -> dict[str, dict[str, Any]]:
    """ARN of an OpenID Connect provider -> members of CreateOpenIDConnectProvider, for each that IAM has to know."""
    found = {}
    for stand_in in STAND_INS.values():
        if (members := stand_in.oidc_provider(lab)) is not None:
            found[stand_in.role_mapping_key(lab)] = members
    return found


def trusted_providers(lab: Lab) -> dict[str, Any]:
    """The members of CreateIdentityPool by which a pool trusts every stand-in."""
    members: dict[str, Any] = {"DeveloperProviderName": DEVELOPER_PROVIDER_NAME}
    for stand_in in STAND_INS.values():
        for name, value in stand_in.identity_pool_members(lab).items():
            if name in members:
                value = members[name] + value if isinstance(value, list) else members[name] | value
            members[name] = value
    return members


def role_mappings(pool: SeededPool, lab: Lab) -> dict[str, Any]:
    """The RoleMappings of a seeded pool; empty for those that give everybody the same role."""
    choosing = [stand_in for stand_in in STAND_INS.values() if pool.mapping in stand_in.role_mappings]
    if pool.mapping == "Token":
        by_token = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
        return {stand_in.role_mapping_key(lab): by_token for stand_in in choosing}
    return {
        stand_in.role_mapping_key(lab): _by_department(stand_in.department_claim, lab.account) for stand_in in choosing
    }


def choosing_pools(lab: Lab, pools: Mapping[str, SeededPool]) -> dict[str, list[str]]:
    """A provider as it is in `amr` -> ids of the seeded pools that choose roles for its people.

    Args:
        pools: id -> pool.
    """
    return {
        stand_in.amr(lab): [
            pool_id for pool_id, pool in pools.items() if stand_in.names_roles or pool.mapping in stand_in.role_mappings
        ]
        for stand_in in STAND_INS.values()
        if stand_in.names_roles or stand_in.role_mappings
    }


def _by_department(claim: str, account: str) -> dict[str, Any]:
    rules = [
        {"Claim": claim, "MatchType": "Equals", "Value": name, "RoleARN": role_arn(account, role)}
        for name, role in _DEPARTMENTS.items()
    ]
    return {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": rules}}
