"""What an account holds, to be read or kept: pools, roles, policies, providers and identities, and no secret."""

import json
from typing import Any

from sandbox.core.instance import Instance

_MOST_IDENTITIES = 10_000
# Name in the answer -> query. Columns whose text is JSON come out as what they say.
_QUERIES = {
    "identityPools": "SELECT pool_id, definition, roles, role_mappings, tags FROM identity_pool WHERE account = ?"
    " ORDER BY sequence",
    "principalTags": "SELECT pool_id, provider, use_defaults, tags FROM principal_tag_map WHERE account = ?"
    " ORDER BY pool_id, provider",
    "roles": "SELECT name, path, role_id, description, trust_policy, max_session_duration, tags FROM iam_role"
    " WHERE account = ? ORDER BY name",
    "rolePolicies": "SELECT role, name, document FROM iam_role_policy WHERE account = ? ORDER BY role, name",
    "attachedPolicies": "SELECT role, policy_arn FROM iam_attachment WHERE account = ? ORDER BY role, policy_arn",
    "policies": "SELECT policy, version, document FROM iam_policy_version WHERE account = ? ORDER BY policy, version",
    "openIdConnectProviders": "SELECT url, client_ids, thumbprints, tags FROM iam_oidc_provider WHERE account = ?"
    " ORDER BY url",
    "samlProviders": "SELECT name, entity_id, metadata, tags FROM iam_saml_provider WHERE account = ? ORDER BY name",
    "identities": "SELECT identity_id, pool_id, authenticated, disabled, created, modified,"
    " (SELECT json_group_array(provider) FROM identity_login login WHERE login.identity_id = identity.identity_id)"
    " AS providers FROM identity WHERE account = ? ORDER BY sequence LIMIT 10001",
}
_JSON = {
    *("definition", "roles", "role_mappings", "tags", "trust_policy", "document"),
    *("client_ids", "thumbprints", "providers"),
}


def exported(instance: Instance, account: str) -> dict[str, Any]:
    """The account's part of the sandbox's file, as JSON. What moto holds is not in it.

    `moreIdentities` says that there are more than are listed.
    """
    found = {name: _rows(instance, query, account) for name, query in _QUERIES.items()}
    for pool in found["identityPools"]:
        _hide_consumer_secret(pool["definition"])
    more = len(found["identities"]) > _MOST_IDENTITIES
    del found["identities"][_MOST_IDENTITIES:]
    return {**found, "moreIdentities": more}


def _rows(instance: Instance, query: str, account: str) -> list[dict[str, Any]]:
    rows = [dict(row) for row in instance.store.connection.execute(query, (account,))]
    return [{name: json.loads(value) if name in _JSON else value for name, value in row.items()} for row in rows]


def _hide_consumer_secret(definition: dict[str, Any]) -> None:
    """The application's id at X is its consumer key and, after a semicolon, the secret."""
    providers = definition.get("SupportedLoginProviders") or {}
    for name, client in providers.items():
        providers[name] = str(client).partition(";")[0]
