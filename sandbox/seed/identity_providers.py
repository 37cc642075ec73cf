"""The stand-in identity providers as the seeded pools know them, and how those pools choose roles by what they say."""

from typing import Any

from sandbox.core.facts import (
    AUTHENTICATED,
    DEVELOPER_PROVIDER_NAME,
    MAIN_POOL,
    RULES_POOL,
    SAML_USERS,
    TOKEN_POOL,
    Lab,
    SeededPool,
)
from sandbox.idp.sign_in.people import GROUPS
from sandbox.idp.sign_in.stand_in import StandIn
from sandbox.idp.stand_ins import STAND_INS

_TEAMS = tuple(group.kind for group in GROUPS.values())
# First match wins. Nobody's department is missing, but no rule knows Sales.
_DEPARTMENTS = {"Engineering": "Engineers", "Finance": "Finance", "Support": "Support"}
_CHOSEN = {
    MAIN_POOL: (*_TEAMS, SAML_USERS),  # assertions name these
    RULES_POOL: tuple(_DEPARTMENTS.values()),
    TOKEN_POOL: _TEAMS,
}


def chosen_kinds(pool: SeededPool) -> tuple[str, ...]:
    """The kinds of roles that a seeded pool has beside its guests' and its signed-in people's: those it chooses."""
    return _CHOSEN.get(pool.key, ())


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
    """The RoleMappings of a seeded pool; empty for one that gives everybody the same role, or what they bring along."""
    found = {}
    for stand_in in STAND_INS.values():
        key = stand_in.role_mapping_key(lab)
        if _chooses(pool, stand_in):
            found[key] = _by_department(pool, stand_in, lab) if pool.mapping == "Rules" else _by_token()
        elif brings_roles_along(pool, stand_in):
            found[key] = everybody_alike(pool, lab)
    return found


def choosing_providers(pool: SeededPool, lab: Lab) -> list[str]:
    """The providers, as they are in `amr`, of the people for whom a seeded pool chooses a role."""
    if pool.key == MAIN_POOL:
        return [stand_in.amr(lab) for stand_in in STAND_INS.values() if stand_in.names_roles]
    return [stand_in.amr(lab) for stand_in in STAND_INS.values() if _chooses(pool, stand_in)]


def _chooses(pool: SeededPool, stand_in: type[StandIn]) -> bool:
    return bool(pool.mapping) and pool.mapping in stand_in.role_mappings


def brings_roles_along(pool: SeededPool, stand_in: type[StandIn]) -> bool:
    """Whether people of the provider would bring roles along that are the main pool's, and so do not trust this one."""
    return pool.key != MAIN_POOL and stand_in.names_roles and not _chooses(pool, stand_in)


def everybody_alike(pool: SeededPool, lab: Lab) -> dict[str, Any]:
    """A role mapping by which everybody has the pool's own role, whatever the provider names.

    There is no type for that, so that it takes a rule which fits everybody.
    """
    arn = pool.role_arn(lab.account, AUTHENTICATED)
    rule = {"Claim": "mail", "MatchType": "Contains", "Value": "@", "RoleARN": arn}
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": "AuthenticatedRole",
        "RulesConfiguration": {"Rules": [rule]},
    }


def _by_token() -> dict[str, Any]:
    return {"Type": "Token", "AmbiguousRoleResolution": "Deny"}


def _by_department(pool: SeededPool, stand_in: type[StandIn], lab: Lab) -> dict[str, Any]:
    rules = [
        {
            "Claim": stand_in.department_claim,
            "MatchType": "Equals",
            "Value": name,
            "RoleARN": pool.role_arn(lab.account, kind),
        }
        for name, kind in _DEPARTMENTS.items()
    ]
    return {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": rules}}
