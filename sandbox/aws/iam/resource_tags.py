"""The tags that a resource has at this moment, wherever they are kept. Looked up only when a policy asks for them."""

from collections.abc import Mapping
from urllib.parse import unquote

from sandbox.aws.iam.tags import read_tags
from sandbox.aws.moto.tags import tags_of_ssm, tags_of_table
from sandbox.core.store import Store

# Kind of resource in IAM's ARNs -> where its tags are. The names in the queries are this module's own.
_IAM = {
    "role": ("SELECT tags FROM iam_role WHERE account = ? AND name = ?", True),
    "policy": ("SELECT tags FROM iam_policy WHERE account = ? AND name = ?", True),
    "oidc-provider": ("SELECT tags FROM iam_oidc_provider WHERE account = ? AND issuer = ?", False),
    "saml-provider": ("SELECT tags FROM iam_saml_provider WHERE account = ? AND name = ?", False),
}
_POOL = "SELECT tags FROM identity_pool WHERE account = ? AND pool_id = ?"
_USER_POOL = "SELECT tags FROM user_pool WHERE account = ? AND pool_id = ?"


def tags_of_resource(store: Store, arn: str) -> Mapping[str, str] | None:
    """The tags of what an ARN names; none where it names nothing that exists, or everything. None: nobody knows."""
    parts = arn.split(":", 5)
    if len(parts) != 6:
        return {}
    _, _, service, region, account, rest = parts
    kind, _, name = rest.partition("/")
    if service == "iam":
        return _of_iam(store, account, kind, name)
    if (service, kind) == ("cognito-identity", "identitypool"):
        return _row(store, _POOL, account, name)
    if (service, kind) == ("dynamodb", "table"):
        return tags_of_table(account, region, name.partition("/")[0])
    if service == "ssm":
        return tags_of_ssm(account, region, kind, name)
    if (service, kind) == ("cognito-idp", "userpool"):
        return _row(store, _USER_POOL, account, name)
    return None


def _of_iam(store: Store, account: str, kind: str, name: str) -> Mapping[str, str] | None:
    if kind not in _IAM:
        return {} if kind == "user" else None
    query, has_path = _IAM[kind]
    return _row(store, query, account, name.rpartition("/")[2] if has_path else unquote(name))


def _row(store: Store, query: str, account: str, name: str) -> Mapping[str, str]:
    row = store.connection.execute(query, (account, name)).fetchone()
    return read_tags(row["tags"]) if row else {}
