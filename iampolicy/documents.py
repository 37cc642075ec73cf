"""Policy documents as text: read, checked against the grammar, refused in IAM's words.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; the messages are those that IAM is seen to answer.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from iampolicy.conditions import list_of
from iampolicy.grammar import (
    PRINCIPAL_ELEMENTS,
    STATEMENT_ELEMENTS,
    VERSIONS,
    PolicyRefused,
    check_actions,
    check_conditions,
    check_elements,
    check_legacy,
    check_principal,
    check_resources,
    check_sids,
    check_syntax,
    complaint_of_resources,
    load,
    malformed,
    statements_in,
    strings,
)
from iampolicy.statements import PolicyDocument

# Characters, white space left out (IAM and STS quotas). A role's inline policies share theirs.
TRUST_POLICY_LIMIT = 2048
INLINE_POLICIES_LIMIT = 10_240
MANAGED_POLICY_LIMIT = 6144
BUCKET_POLICY_LIMIT = 20 * 1024  # bytes
_COGNITO = "cognito-identity.amazonaws.com"
_COGNITO_AUDIENCE = "cognito-identity.amazonaws.com:aud"


def size_of(text: str) -> int:
    """The size that counts against a quota: IAM does not count white space."""
    return len("".join(text.split()))


def parse_policy(text: str, *, limit: int | None = None, managed: bool = False) -> PolicyDocument:
    """Read an identity or session policy. What is wrong first in the order of IAM's checks is what is told.

    Args:
        limit: characters without white space that are allowed at most.
        managed: whether it is a version of a managed policy, which has to be of the newest language.

    Raises:
        PolicyRefused: MalformedPolicyDocument with what is wrong; LimitExceeded (409) when it is too large.
    """
    document = load(text)
    _check_size(text, limit)
    statements = statements_in(document)
    for statement in statements:
        check_syntax(statement)
    if managed and document.get("Version") != VERSIONS[0]:
        malformed(f"Policy document must be version {VERSIONS[0]} or greater.")
    for statement in statements:
        check_legacy(statement)
    complaint = complaint_of_resources(statements)
    check_sids(statements)
    for statement in statements:
        strings(statement, "Action")
    if complaint:
        malformed(complaint)
    for statement in statements:
        check_actions(statement)
        strings(statement, "Resource")
    return PolicyDocument(document)


def stored_policy(text: str) -> PolicyDocument:
    """A policy that was taken when it was saved, also by rules of another day: it is not checked again."""
    return PolicyDocument(json.loads(text))


def parse_trust_policy(text: str, *, legacy: bool = False) -> PolicyDocument:
    """Read a role's trust policy.

    IAM does not save a statement that lets identity pools assume the role unless it tests the pool's id (Cognito
    Developer Guide, "Role trust and permissions"). Roles from before that rule still work; `legacy` lets one be made.

    Raises:
        PolicyRefused: MalformedPolicyDocument with what is wrong; LimitExceeded (409) when it is too large.
    """
    document = load(text, "This policy contains invalid Json")
    if size_of(text) > TRUST_POLICY_LIMIT:
        raise PolicyRefused("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_LIMIT}", 409)
    statements = statements_in(document)
    check_sids(statements)
    for statement in statements:
        for element in ("Resource", "NotResource"):
            if element in statement:
                malformed(f"Has prohibited field {element}")
        check_elements(statement, STATEMENT_ELEMENTS | PRINCIPAL_ELEMENTS)
        check_actions(statement)
        _check_trust_actions(statement)
        check_principal(statement)
        check_conditions(statement)
        check_legacy(statement)
        if not legacy:
            _check_audience(statement)
    return PolicyDocument(document)


@lru_cache(maxsize=256)
def parse_bucket_policy(text: str, bucket: str) -> PolicyDocument:
    """Read the policy of a bucket.

    Raises:
        PolicyRefused: MalformedPolicy with what is wrong, PolicyTooLarge.
    """
    if not text.lstrip().startswith("{"):
        raise PolicyRefused("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
    if len(text) > BUCKET_POLICY_LIMIT:
        raise PolicyRefused("PolicyTooLarge", "Bucket policy exceeds the maximum allowed document size.")
    try:
        document = load(text, no_version="The policy must contain a valid version string")
        for statement in statements_in(document):
            check_elements(statement, STATEMENT_ELEMENTS | PRINCIPAL_ELEMENTS)
            check_principal(statement)
            check_actions(statement)
            check_resources(statement)
            check_conditions(statement)
    except PolicyRefused as problem:
        raise PolicyRefused("MalformedPolicy", problem.message) from None
    for statement in statements_in(document):
        arn = f"arn:aws:s3:::{bucket}"
        if not all(resource == arn or resource.startswith(f"{arn}/") for resource in strings(statement, "Resource")):
            raise PolicyRefused("MalformedPolicy", "Policy has invalid resource")
        if not all(action == "*" or action.lower().startswith("s3:") for action in strings(statement, "Action")):
            raise PolicyRefused("MalformedPolicy", "Policy has invalid action")
    return PolicyDocument(document)


def _check_size(text: str, limit: int | None) -> None:
    if limit is not None and size_of(text) > limit:
        raise PolicyRefused("LimitExceeded", f"Cannot exceed quota for PolicySize: {limit}", 409)


def _check_trust_actions(statement: Mapping[str, Any]) -> None:
    for action in strings(statement, "Action"):
        if not action.lower().startswith("sts:"):
            malformed("AssumeRole policy may only specify STS AssumeRole actions.")


def _check_audience(statement: Mapping[str, Any]) -> None:
    principal = statement.get("Principal")
    if statement["Effect"] != "Allow" or not isinstance(principal, dict):
        return
    if _COGNITO not in list_of(principal.get("Federated", [])):
        return
    tested = {key.lower() for keys in statement.get("Condition", {}).values() for key in keys}
    if _COGNITO_AUDIENCE not in tested:
        malformed(f"The trust policy for {_COGNITO} must have a condition for {_COGNITO_AUDIENCE}")


__all__ = [
    "BUCKET_POLICY_LIMIT",
    "INLINE_POLICIES_LIMIT",
    "MANAGED_POLICY_LIMIT",
    "TRUST_POLICY_LIMIT",
    "PolicyRefused",
    "parse_bucket_policy",
    "parse_policy",
    "parse_trust_policy",
    "size_of",
    "stored_policy",
]
