"""The grammar of policies, part by part: what IAM, STS and S3 refuse, and in which words.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; the messages are those that IAM is seen to answer.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from iampolicy.conditions import is_operator, list_of, text_of
from iampolicy.dates import is_date
from iampolicy.resource_arns import fails_legacy_parsing, refusal_of

VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_ELEMENTS = {"Version", "Id", "Statement"}
STATEMENT_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
PRINCIPAL_ELEMENTS = {"Principal", "NotPrincipal"}
_VENDOR = re.compile(r"[A-Za-z0-9*?.-]+")
_SYNTAX = "Syntax errors in policy."
_LEGACY = "The policy failed legacy parsing"
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|A[A-Z0-9]{15,}"
    r"|arn:aws[\w-]*:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)/[\w+=,.@/-]+)",
    re.ASCII,
)
_SID = re.compile(r"[A-Za-z0-9]*")


class PolicyRefused(Exception):
    """A document that IAM, STS or S3 would not take, with code, sentence and HTTP status of their answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def malformed(message: str) -> NoReturn:
    raise PolicyRefused("MalformedPolicyDocument", message)


def load(text: str, no_json: str = _SYNTAX, no_version: str = _SYNTAX) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        malformed(no_json)
    if not isinstance(document, dict):
        malformed(_SYNTAX)
    if document.keys() - _DOCUMENT_ELEMENTS or not isinstance(document.get("Id", ""), str):
        malformed(_SYNTAX)
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        malformed(no_version)
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An element that appears twice would be read differently by different readers."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an element appears twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def statements_in(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements, of which a policy has one at least; their Sids are texts."""
    statements = list_of(document.get("Statement", []))
    if not statements or not all(isinstance(statement, dict) for statement in statements):
        malformed(_SYNTAX)
    if not all(isinstance(statement.get("Sid", ""), str) for statement in statements):
        malformed(_SYNTAX)
    return statements


def check_sids(statements: Sequence[Mapping[str, Any]]) -> None:
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if len(sids) != len(set(sids)):
        malformed("Statement IDs (SID) in a single policy must be unique.")
    for sid in sids:
        if not _SID.fullmatch(sid):
            malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                "[0-9A-Za-z]*"
            )


def check_syntax(statement: Mapping[str, Any]) -> None:
    """What makes a statement none of an identity policy."""
    if PRINCIPAL_ELEMENTS & statement.keys():
        malformed("Policy document should not specify a principal.")
    if statement.keys() - STATEMENT_ELEMENTS or str(statement.get("Effect")).lower() not in ("allow", "deny"):
        malformed(_SYNTAX)
    for element in ("Action", "Resource"):
        if element in statement and f"Not{element}" in statement:
            malformed(_SYNTAX)
        if not all(isinstance(value, str) for name in (element, f"Not{element}") for value in _listed(statement, name)):
            malformed(_SYNTAX)
    for operator, keys in _condition_block(statement).items():
        if keys and not is_operator(operator):  # IAM takes any name that nothing is compared by.
            malformed(_SYNTAX)


def _listed(statement: Mapping[str, Any], element: str) -> list[Any]:
    return list_of(statement.get(element, []))


def _condition_block(statement: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The conditions of a statement: operator -> key -> values.

    Raises:
        PolicyRefused: they are not of that form.
    """
    block = statement.get("Condition", {})
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        malformed(_SYNTAX)
    values = (value for keys in block.values() for listed in keys.values() for value in list_of(listed))
    if not all(isinstance(value, str | bool | int | float) for value in values):
        malformed(_SYNTAX)
    return block


def check_legacy(statement: Mapping[str, Any]) -> None:
    """What the older of IAM's two parsers refuses besides: an effect in another case, dates that are none."""
    if statement["Effect"] not in ("Allow", "Deny"):
        malformed(_LEGACY)
    for operator, keys in _condition_block(statement).items():
        compares_dates = operator.rpartition(":")[2].startswith("Date")
        if compares_dates and not all(is_date(text_of(value)) for listed in keys.values() for value in list_of(listed)):
            malformed(_LEGACY)


def complaint_of_resources(statements: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with the first ARN that is refused; empty where all are taken.

    Raises:
        PolicyRefused: one that is before it fails legacy parsing.
    """
    for statement in statements:
        resources = sorted(_listed(statement, "Resource") + _listed(statement, "NotResource"))
        complaint = next(filter(None, map(refusal_of, resources)), "")
        if complaint:
            return complaint
        if any(map(fails_legacy_parsing, resources)):
            malformed(_LEGACY)
    return ""


def check_elements(statement: Mapping[str, Any], known: set[str]) -> None:
    if statement.keys() - known:
        malformed(_SYNTAX)
    if "Effect" not in statement:
        malformed("Missing required field Effect")
    if statement["Effect"] not in ("Allow", "Deny"):
        malformed(f"Invalid effect: {statement['Effect']}")


def strings(statement: Mapping[str, Any], element: str) -> list[str]:
    """The values of `element` or of its Not form, which exclude one another."""
    present = [name for name in (element, f"Not{element}") if name in statement]
    if not present:
        malformed(f"Policy statement must contain {element.lower()}s.")
    if len(present) == 2:
        malformed(_SYNTAX)
    values = list_of(statement[present[0]])
    if not values:
        malformed(f"Policy statement must contain {element.lower()}s.")
    if not all(isinstance(value, str) for value in values):
        malformed(_SYNTAX)
    return values


def check_actions(statement: Mapping[str, Any]) -> None:
    for action in strings(statement, "Action"):
        if action == "*":
            continue
        vendor, colon, name = action.partition(":")
        if not colon:
            malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
        if ":" in name:
            malformed("Actions/Condition can contain only one colon.")
        if not _VENDOR.fullmatch(vendor):
            malformed(f"Vendor {vendor} is not valid")


def check_resources(statement: Mapping[str, Any]) -> None:
    for resource in strings(statement, "Resource"):
        complaint = refusal_of(resource) or (_LEGACY if fails_legacy_parsing(resource) else "")
        if complaint:
            malformed(complaint)


def check_conditions(statement: Mapping[str, Any]) -> None:
    for operator, keys in _condition_block(statement).items():
        if not is_operator(operator):
            malformed(f"Invalid Condition type : {operator}")
        if not all(":" in key for key in keys):
            malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")


def check_principal(statement: Mapping[str, Any]) -> None:
    present = PRINCIPAL_ELEMENTS & statement.keys()
    if not present:
        malformed("Missing required field Principal")
    if len(present) == 2:
        malformed(_SYNTAX)
    (element,) = present
    if element == "NotPrincipal" and statement["Effect"] == "Allow":
        malformed("Allow with NotPrincipal is not allowed.")
    principal = statement[element]
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        malformed(f'Invalid principal in policy: "{principal}"')
    for kind, values in principal.items():
        for value in list_of(values) or [""]:
            if kind not in ("AWS", "Federated", "Service", "CanonicalUser") or not isinstance(value, str) or not value:
                malformed(f'Invalid principal in policy: "{kind}":"{value}"')
            if kind == "AWS" and not _AWS_PRINCIPAL.fullmatch(value):
                malformed(f'Invalid principal in policy: "{kind}":"{value}"')
