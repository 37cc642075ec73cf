"""Which role the enhanced flow takes (Developer Guide, "Role-based access control")."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.principal_tags import claim_text
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.aws.cognito_identity.records.refusals import ambiguous_role, bad_configuration, role_not_in_token
from sandbox.core.decisions import Decisions

DOC = "https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html"


def choose_role(pool: Pool, logins: Sequence[VerifiedLogin], custom_role: str | None, decisions: Decisions) -> str:
    """The ARN of the role for these logins; for a guest there are none.

    Raises:
        AwsError: InvalidIdentityPoolConfigurationException (no role is set), NotAuthorizedException (the mapping
            denies, or the custom role is not among those allowed).
    """
    for login in logins:
        mapping = pool.role_mappings.get(login.mapping_key)
        if mapping is not None:
            return _mapped(pool, login, mapping, custom_role, decisions)
        if login.roles:
            return _of_assertion(login, custom_role, decisions)
    if custom_role is not None:
        decisions.denied(
            "role.custom", "custom role", "a role mapping or a SAML assertion that offers roles", custom_role, DOC
        )
        raise role_not_in_token(custom_role)
    return default_role(pool, "authenticated" if logins else "unauthenticated", decisions)


def default_role(pool: Pool, kind: str, decisions: Decisions) -> str:
    """The pool's role for `authenticated` or `unauthenticated` identities.

    Raises:
        AwsError: InvalidIdentityPoolConfigurationException: none is set.
    """
    role = pool.roles.get(kind)
    if not role:
        decisions.denied("role.missing", "role", f"an {kind} role on the pool", "none", DOC)
        raise bad_configuration()
    decisions.passed("role.missing", "role", f"the pool's {kind} role", role, DOC)
    return role


def _mapped(
    pool: Pool, login: VerifiedLogin, mapping: Mapping[str, Any], custom_role: str | None, decisions: Decisions
) -> str:
    if mapping["Type"] == "Token":
        allowed = _roles_claim(login.claims)
        preferred = login.claims.get("cognito:preferred_role")
        chosen = preferred if isinstance(preferred, str) and preferred else None
        expected = "a preferred role in the token (cognito:preferred_role)"
    else:
        rules = mapping.get("RulesConfiguration", {}).get("Rules", [])
        allowed = [rule["RoleARN"] for rule in rules if _applies(rule, login.claims)]
        chosen = allowed[0] if allowed else None
        expected = "a rule that matches"
    if custom_role is not None:
        if custom_role not in allowed:
            decisions.denied("role.custom", "custom role", " or ".join(allowed) or "(none)", custom_role, DOC)
            raise role_not_in_token(custom_role)
        decisions.passed("role.custom", "custom role", " or ".join(allowed), custom_role, DOC)
        return custom_role
    if chosen is not None:
        decisions.passed("role.mapping", "role mapping", expected, chosen, DOC)
        return chosen
    if mapping.get("AmbiguousRoleResolution") == "AuthenticatedRole":
        decisions.info(
            "role.mapping", "role mapping", "none found; AmbiguousRoleResolution takes the authenticated role", DOC
        )
        return default_role(pool, "authenticated", decisions)
    decisions.denied("role.mapping", "role mapping", expected, "none; AmbiguousRoleResolution is Deny", DOC)
    raise ambiguous_role(login.mapping_key)


def _of_assertion(login: VerifiedLogin, custom_role: str | None, decisions: Decisions) -> str:
    if custom_role is not None:
        if custom_role not in login.roles:
            decisions.denied("role.custom", "custom role", " or ".join(login.roles), custom_role, DOC)
            raise role_not_in_token(custom_role)
        decisions.passed("role.custom", "custom role", " or ".join(login.roles), custom_role, DOC)
        return custom_role
    if len(set(login.roles)) > 1:
        decisions.denied("role.saml", "SAML role", "one role, or a CustomRoleArn", ", ".join(login.roles), DOC)
        raise ambiguous_role(login.mapping_key)
    decisions.passed("role.saml", "SAML role", "one role", login.roles[0], DOC)
    return login.roles[0]


def _roles_claim(claims: Mapping[str, Any]) -> list[str]:
    """`cognito:roles`: an array in real tokens, a comma-separated string in the guide; both are read."""
    value = claims.get("cognito:roles")
    if isinstance(value, str):
        return [part.strip() for part in value.strip("[]").split(",") if part.strip()]
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _applies(rule: Mapping[str, str], claims: Mapping[str, Any]) -> bool:
    """Plain, case-sensitive comparison. A claim that is absent matches nothing, NotEqual included; of a list one entry
    has to match, and for NotEqual all have to differ."""
    given = claims.get(rule["Claim"])
    if given is None or isinstance(given, dict):
        return False
    values = [claim_text(entry) for entry in given] if isinstance(given, list) else [claim_text(given)]
    wanted, match_type = rule["Value"], rule["MatchType"]
    if match_type == "NotEqual":
        return all(value != wanted for value in values)
    if match_type == "Equals":
        return wanted in values
    if match_type == "StartsWith":
        return any(value.startswith(wanted) for value in values)
    return any(wanted in value for value in values)
