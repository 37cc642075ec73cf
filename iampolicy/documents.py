"""Policy documents as text: read, checked against the grammar, refused in IAM's words.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; the messages are those that IAM is seen to answer.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn

from iampolicy.conditions import UnknownOperator, list_of, parse_operator
from iampolicy.statements import PolicyDocument

# Characters, white space left out (IAM and STS quotas). A role's inline policies share theirs.
TRUST_POLICY_LIMIT = 2048
INLINE_POLICIES_LIMIT = 10_240
MANAGED_POLICY_LIMIT = 6144
BUCKET_POLICY_LIMIT = 20 * 1024  # bytes

_VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_ELEMENTS = {"Version", "Id", "Statement"}
_STATEMENT_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_PRINCIPAL_ELEMENTS = {"Principal", "NotPrincipal"}
_VENDOR = re.compile(r"[A-Za-z0-9*?-]+")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_PATTERN = re.compile(r"[*?$]")
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|A[A-Z0-9]{15,}"
    r"|arn:aws[\w-]*:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)/[\w+=,.@/-]+)",
    re.ASCII,
)
_SID = re.compile(r"[A-Za-z0-9]*")
_COGNITO = "cognito-identity.amazonaws.com"
_COGNITO_AUDIENCE = "cognito-identity.amazonaws.com:aud"


class PolicyRefused(Exception):
    """A document that IAM, STS or S3 would not take, with code, sentence and HTTP status of their answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def _malformed(message: str) -> NoReturn:
    raise PolicyRefused("MalformedPolicyDocument", message)


def size_of(text: str) -> int:
    """The size that counts against a quota: IAM does not count white space."""
    return len("".join(text.split()))


def parse_policy(text: str, *, limit: int | None = None) -> PolicyDocument:
    """Read an identity or session policy.

    Args:
        limit: characters without white space that are allowed at most.

    Raises:
        PolicyRefused: MalformedPolicyDocument with what is wrong; LimitExceeded (409) when it is too large.
    """
    document = _load(text)
    _check_size(text, limit)
    for statement in _statements(document):
        if _PRINCIPAL_ELEMENTS & statement.keys():
            _malformed("Policy document should not specify a principal.")
        _check_elements(statement, _STATEMENT_ELEMENTS)
        _check_actions(statement)
        _check_resources(statement)
        _check_conditions(statement)
    return PolicyDocument(document)


def parse_trust_policy(text: str, *, legacy: bool = False) -> PolicyDocument:
    """Read a role's trust policy.

    IAM does not save a statement that lets identity pools assume the role unless it tests the pool's id (Cognito
    Developer Guide, "Role trust and permissions"). Roles from before that rule still work; `legacy` lets one be made.

    Raises:
        PolicyRefused: MalformedPolicyDocument with what is wrong; LimitExceeded (409) when it is too large.
    """
    document = _load(text)
    if size_of(text) > TRUST_POLICY_LIMIT:
        raise PolicyRefused("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_LIMIT}", 409)
    for statement in _statements(document):
        for element in ("Resource", "NotResource"):
            if element in statement:
                _malformed(f"Has prohibited field {element}")
        _check_elements(statement, _STATEMENT_ELEMENTS | _PRINCIPAL_ELEMENTS)
        _check_actions(statement)
        _check_trust_actions(statement)
        _check_principal(statement)
        _check_conditions(statement)
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
        document = _load(text)
        for statement in _statements(document):
            _check_elements(statement, _STATEMENT_ELEMENTS | _PRINCIPAL_ELEMENTS)
            _check_principal(statement)
            _check_actions(statement)
            _check_resources(statement)
            _check_conditions(statement)
    except PolicyRefused as problem:
        raise PolicyRefused("MalformedPolicy", problem.message) from None
    for statement in _statements(document):
        arn = f"arn:aws:s3:::{bucket}"
        if not all(resource == arn or resource.startswith(f"{arn}/") for resource in _strings(statement, "Resource")):
            raise PolicyRefused("MalformedPolicy", "Policy has invalid resource")
        if not all(action == "*" or action.lower().startswith("s3:") for action in _strings(statement, "Action")):
            raise PolicyRefused("MalformedPolicy", "Policy has invalid action")
    return PolicyDocument(document)


def _load(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _malformed("Syntax errors in policy.")
    if not isinstance(document, dict):
        _malformed("Syntax errors in policy.")
    if document.keys() - _DOCUMENT_ELEMENTS or not isinstance(document.get("Id", ""), str):
        _malformed("Syntax errors in policy.")
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        _malformed("The policy must contain a valid version string")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An element that appears twice would be read differently by different readers."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an element appears twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_size(text: str, limit: int | None) -> None:
    if limit is not None and size_of(text) > limit:
        raise PolicyRefused("LimitExceeded", f"Cannot exceed quota for PolicySize: {limit}", 409)


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "Statement" not in document:
        _malformed("Missing required field Statement")
    statements = list_of(document["Statement"])
    if not statements or not all(isinstance(statement, dict) for statement in statements):
        _malformed("Syntax errors in policy.")
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if not all(isinstance(sid, str) for sid in sids):
        _malformed("Syntax errors in policy.")
    if len(sids) != len(set(sids)):
        _malformed("Statement IDs (SID) in a single policy must be unique.")
    for sid in sids:
        if not _SID.fullmatch(sid):
            _malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                "[A-Za-z0-9]*"
            )
    return statements


def _check_elements(statement: Mapping[str, Any], known: set[str]) -> None:
    if statement.keys() - known:
        _malformed("Syntax errors in policy.")
    if "Effect" not in statement:
        _malformed("Missing required field Effect")
    if statement["Effect"] not in ("Allow", "Deny"):
        _malformed(f"Invalid effect: {statement['Effect']}")


def _strings(statement: Mapping[str, Any], element: str) -> list[str]:
    """The values of `element` or of its Not form, which exclude one another."""
    present = [name for name in (element, f"Not{element}") if name in statement]
    if not present:
        _malformed(f"Policy statement must contain {element.lower()}s.")
    if len(present) == 2:
        _malformed("Syntax errors in policy.")
    values = list_of(statement[present[0]])
    if not values:
        _malformed(f"Policy statement must contain {element.lower()}s.")
    if not all(isinstance(value, str) for value in values):
        _malformed("Syntax errors in policy.")
    return values


def _check_actions(statement: Mapping[str, Any]) -> None:
    for action in _strings(statement, "Action"):
        if action == "*":
            continue
        vendor, colon, name = action.partition(":")
        if not colon:
            _malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
        if ":" in name:
            _malformed("Actions/Condition can contain only one colon.")
        if not _VENDOR.fullmatch(vendor):
            _malformed(f"Vendor {vendor} is not valid")


def _check_resources(statement: Mapping[str, Any]) -> None:
    for resource in _strings(statement, "Resource"):
        if resource != "*" and not resource.startswith("arn:") and not resource.startswith("${"):
            _malformed(f'Resource {resource} must be in ARN format or "*".')
        if resource.startswith("arn:"):
            _check_arn(resource)


def _check_arn(resource: str) -> None:
    """What IAM refuses in an ARN; one with fewer than six parts it completes."""
    parts = [*resource.split(":", 5), *["*"] * 4][:6]
    if parts[1] not in _PARTITIONS and not _PATTERN.search(parts[1]):
        _malformed(f'Partition "{parts[1]}" is not valid for resource "{":".join(parts)}".')
    if parts[2] == "iam" and parts[3] not in ("", "*"):
        _malformed(f"IAM resource {resource} cannot contain region information.")
    if parts[2] == "s3" and parts[3] not in ("", "*") and not parts[5].startswith("accesspoint/"):
        _malformed(f"Resource {resource} can not contain region information.")


def _check_conditions(statement: Mapping[str, Any]) -> None:
    block = statement.get("Condition", {})
    if not isinstance(block, dict):
        _malformed("Syntax errors in policy.")
    for operator, keys in block.items():
        try:
            parse_operator(operator)
        except UnknownOperator:
            _malformed(f"Invalid Condition type : {operator}")
        if not isinstance(keys, dict):
            _malformed("Syntax errors in policy.")
        for key, values in keys.items():
            if ":" not in key:
                _malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
            if not all(isinstance(value, str | bool | int | float) for value in list_of(values)):
                _malformed("Syntax errors in policy.")


def _check_trust_actions(statement: Mapping[str, Any]) -> None:
    for action in _strings(statement, "Action"):
        if not action.lower().startswith("sts:"):
            _malformed("AssumeRole policy may only specify STS AssumeRole actions.")


def _check_principal(statement: Mapping[str, Any]) -> None:
    present = _PRINCIPAL_ELEMENTS & statement.keys()
    if not present:
        _malformed("Missing required field Principal")
    if len(present) == 2:
        _malformed("Syntax errors in policy.")
    (element,) = present
    if element == "NotPrincipal" and statement["Effect"] == "Allow":
        _malformed("Allow with NotPrincipal is not allowed.")
    principal = statement[element]
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        _malformed(f'Invalid principal in policy: "{principal}"')
    for kind, values in principal.items():
        for value in list_of(values) or [""]:
            if kind not in ("AWS", "Federated", "Service", "CanonicalUser") or not isinstance(value, str) or not value:
                _malformed(f'Invalid principal in policy: "{kind}":"{value}"')
            if kind == "AWS" and not _AWS_PRINCIPAL.fullmatch(value):
                _malformed(f'Invalid principal in policy: "{kind}":"{value}"')


def _check_audience(statement: Mapping[str, Any]) -> None:
    principal = statement.get("Principal")
    if statement["Effect"] != "Allow" or not isinstance(principal, dict):
        return
    if _COGNITO not in list_of(principal.get("Federated", [])):
        return
    tested = {key.lower() for keys in statement.get("Condition", {}).values() for key in keys}
    if _COGNITO_AUDIENCE not in tested:
        _malformed(f"The trust policy for {_COGNITO} must have a condition for {_COGNITO_AUDIENCE}")
