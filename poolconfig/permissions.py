"""What a reader has to be allowed, and which permission a refused read lacked."""

from collections.abc import Mapping
from typing import Any

# Operation -> what else it asks for than the permission of its own name.
READS: Mapping[str, tuple[str, ...]] = {
    "cognito-identity": ("DescribeIdentityPool", "GetIdentityPoolRoles", "GetPrincipalTagAttributeMap"),
    "iam": (
        "GetOpenIDConnectProvider",
        "GetPolicy",
        "GetPolicyVersion",
        "GetRole",
        "GetRolePolicy",
        "GetSAMLProvider",
        "ListAttachedRolePolicies",
        "ListRolePolicies",
        "ListRoles",
    ),
    "cognito-idp": ("DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig", "ListGroups"),
}


def reading_policy() -> dict[str, Any]:
    """The permissions policy of whoever reads a pool: nothing in it changes anything, or shows people or passwords."""
    actions = [f"{service}:{operation}" for service, operations in READS.items() for operation in operations]
    statement = {"Sid": "ReadOneIdentityPool", "Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


class MissingPermissions(Exception):
    """Reads that were refused. Nothing is known of the pool then.

    Attributes:
        missing: (permission, on what) of each.
    """

    def __init__(self, missing: list[tuple[str, str]]) -> None:
        self.missing = missing
        super().__init__("; ".join(f"{permission} on {what}" for permission, what in missing))
