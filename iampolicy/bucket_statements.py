"""What S3 refuses of a bucket's policy that IAM's grammar takes: actions and condition keys that fit nothing.

Source: Amazon S3 User Guide, "Policies and permissions in Amazon S3", and the Service Authorization Reference; the
sentences are those of S3's answers to PutBucketPolicy in public reports.
Policies that are kept already are not asked again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from iampolicy.conditions import list_of
from iampolicy.grammar import PolicyRefused, statements_in
from iampolicy.reference import actions_of_service, is_documented

_OBJECTS = re.compile(
    r"(Get|Put|Delete|Update)Object|(Replicate|Restore)[A-Z]|AbortMultipartUpload|ListMultipartUploadParts"
    r"|BypassGovernanceRetention|ObjectOwnerOverrideToBucketOwner|InitiateReplication"
)
_NEITHER = {"ListAllMyBuckets"}  # the account's
_SPECIAL = {"*": ".*", "?": "."}


def check_bucket_statements(document: Mapping[str, Any], bucket: str) -> None:
    """Refuse statements of which S3 says that they concern nothing.

    Args:
        document: as `parse_bucket_policy` returns it.

    Raises:
        PolicyRefused: MalformedPolicy.
    """
    for statement in statements_in(document):
        if "Action" in statement and "Resource" in statement:
            _check_keys(statement, _applying(statement, bucket))


def _applying(statement: Mapping[str, Any], bucket: str) -> list[list[str]]:
    """For each of the statement's patterns the names of the actions that concern one of its resources, at least one."""
    resources = list_of(statement["Resource"])
    on_bucket = f"arn:aws:s3:::{bucket}" in resources
    on_objects = any(resource.startswith(f"arn:aws:s3:::{bucket}/") for resource in resources)
    found = []
    for pattern in list_of(statement["Action"]):
        named = _named(pattern)
        if not named:
            raise _refused("Policy has invalid action")
        applying = [
            name for name in named if name not in _NEITHER and (on_objects if _OBJECTS.match(name) else on_bucket)
        ]
        if not applying:
            raise _refused("Action does not apply to any resource(s) in statement")
        found.append(applying)
    return found


def _named(pattern: str) -> list[str]:
    """The names of S3's actions that fit a pattern such as `s3:Get*`."""
    wanted = pattern.partition(":")[2] if ":" in pattern else pattern
    expression = re.compile("".join(_SPECIAL.get(sign, re.escape(sign)) for sign in wanted), re.IGNORECASE)
    return [name for name in actions_of_service("s3") if expression.fullmatch(name)]


def _check_keys(statement: Mapping[str, Any], patterns: Sequence[Sequence[str]]) -> None:
    """Keys of S3's own: there have to be such, and each has to come with an action of every pattern."""
    conditions = statement.get("Condition") or {}
    for key in {key for tested in conditions.values() for key in tested if key.lower().startswith("s3:")}:
        if not _come_with(key, actions_of_service("s3")):
            raise _refused("Policy has an invalid condition key")
        if not all(_come_with(key, actions) for actions in patterns):
            raise _refused("Conditions do not apply to combination of actions and resources in statement")


def _come_with(key: str, actions: Sequence[str]) -> bool:
    return any(is_documented(f"s3:{name}", key) for name in actions)


def _refused(sentence: str) -> PolicyRefused:
    return PolicyRefused("MalformedPolicy", sentence)
