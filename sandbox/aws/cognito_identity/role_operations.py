"""SetIdentityPoolRoles and GetIdentityPoolRoles, principal tag maps."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from iampolicy.evaluator import Access
from sandbox.aws.access.authorization import evaluate
from sandbox.aws.cognito_identity.records.pools import Pool, Pools, TagMap
from sandbox.aws.cognito_identity.records.refusals import invalid_parameter, role_forbidden
from sandbox.core.call import Call

_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/[\w+=,.@/-]+", re.ASCII)
_MOST_RULES = 25


async def set_identity_pool_roles(call: Call) -> dict[str, Any]:
    """A full replace of roles and role mappings."""
    pools = call.instance.part(Pools)
    pool = pools.find_in(call.account, call.region, call.params["IdentityPoolId"])
    roles = call.params["Roles"]
    mappings = call.params.get("RoleMappings") or {}
    check_roles(call.account, roles.values())
    for key, mapping in mappings.items():
        _check_mapping(call.account, pool, key, mapping)
    _check_passing(call, {*roles.values(), *(arn for mapping in mappings.values() for arn in rule_roles(mapping))})
    pools.set_roles(pool.pool_id, roles, mappings)
    return {}


async def get_identity_pool_roles(call: Call) -> dict[str, Any]:
    pool = call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"])
    answer: dict[str, Any] = {"IdentityPoolId": pool.pool_id}
    if pool.roles:
        answer["Roles"] = dict(pool.roles)
    if pool.role_mappings:
        answer["RoleMappings"] = dict(pool.role_mappings)
    return answer


async def set_principal_tag_attribute_map(call: Call) -> dict[str, Any]:
    pools = call.instance.part(Pools)
    pool = pools.find_in(call.account, call.region, call.params["IdentityPoolId"])
    provider = call.params["IdentityProviderName"]
    if provider not in _tag_providers(pool):
        raise invalid_parameter(f"{provider} is not a configured provider of this identity pool.")
    use_defaults = bool(call.params.get("UseDefaults"))
    tags = {} if use_defaults else call.params.get("PrincipalTags") or {}
    pools.set_tag_map(pool, provider, TagMap(use_defaults, tags))
    return _tag_map(pools.find(pool.pool_id), provider)


async def get_principal_tag_attribute_map(call: Call) -> dict[str, Any]:
    pool = call.instance.part(Pools).find_in(call.account, call.region, call.params["IdentityPoolId"])
    return _tag_map(pool, call.params["IdentityProviderName"])


def _tag_map(pool: Pool, provider: str) -> dict[str, Any]:
    tag_map = pool.tag_maps.get(provider)
    answer: dict[str, Any] = {"IdentityPoolId": pool.pool_id, "IdentityProviderName": provider}
    if tag_map is not None:
        answer |= {"UseDefaults": tag_map.use_defaults, "PrincipalTags": dict(tag_map.tags)}
    return answer


def check_roles(account: str, arns: Iterable[str]) -> None:
    """Let only ARNs of roles of this account pass.

    Raises:
        AwsError: NotAuthorizedException: a name instead of an ARN, or another account's role.
    """
    for arn in arns:
        match = _ROLE_ARN.fullmatch(arn)
        if match is None or match[1] != account:
            raise role_forbidden(arn)


def _check_passing(call: Call, arns: Iterable[str]) -> None:
    """Whoever gives a role to a pool gives it to everybody who can get an identity there, so it takes iam:PassRole.

    Raises:
        AwsError: NotAuthorizedException.
    """
    assert call.caller is not None
    for arn in sorted(arns):
        access = Access("iam:PassRole", arn, {"iam:PassedToService": "cognito-identity.amazonaws.com"})
        if evaluate(call.instance, call.request, call.caller, access).verdict != "allow":
            call.decisions.denied("policy.identity", "Identity policy", f"allows iam:PassRole on {arn}", "not allowed")
            raise role_forbidden(arn)


def _check_mapping(account: str, pool: Pool, key: str, mapping: Mapping[str, Any]) -> None:
    if key not in _mapping_keys(pool):
        raise invalid_parameter(f"({key}) is not a valid RoleMapping ProviderName or is not a configured provider.")
    if "AmbiguousRoleResolution" not in mapping:
        raise invalid_parameter("AmbiguousRoleResolution is required for the role mapping type.")
    if mapping["Type"] != "Rules":
        return
    rules = _rules(mapping)
    if not rules:
        raise invalid_parameter("RulesConfiguration is required for the role mapping type Rules.")
    if len(rules) > _MOST_RULES:
        raise invalid_parameter(f"A role mapping can have at most {_MOST_RULES} rules.")
    check_roles(account, rule_roles(mapping))


def _rules(mapping: Mapping[str, Any]) -> list[dict[str, str]]:
    return (mapping.get("RulesConfiguration") or {}).get("Rules") or []


def rule_roles(mapping: Mapping[str, Any]) -> list[str]:
    """The roles that a role mapping's rules name."""
    return [rule["RoleARN"] for rule in _rules(mapping)]


def _mapping_keys(pool: Pool) -> set[str]:
    """How RoleMappings name providers: a user pool with its client id, those of IAM by ARN, others by host."""
    user_pools = {f"{name}:{client}" for name, clients in pool.clients.items() for client in clients}
    return user_pools | set(pool.login_providers) | set(pool.oidc_provider_arns) | set(pool.saml_provider_arns)


def _tag_providers(pool: Pool) -> set[str]:
    developer = {pool.developer_provider} if pool.developer_provider else set()
    others = set(pool.login_providers) | set(pool.oidc_provider_arns) | set(pool.saml_provider_arns)
    return set(pool.clients) | others | developer
