"""Which role an identity pool chose, by the decisions that came with its answer."""

from collections.abc import Iterable, Mapping
from typing import Any

# The code of each decision that chooses a role, and how the check was worded when decisions had no codes yet.
_CHECKS = {
    "role.custom": "custom role",
    "role.mapping": "role mapping",
    "role.saml": "SAML role",
    "role.missing": "role",
}
_CODES = {check: code for code, check in _CHECKS.items()}


def choice_code(*, code: str, check: str, verdict: str, actual: str) -> str:
    """The code of a decision that chose a role; empty of any other."""
    code = code or _CODES.get(check, "")
    return code if code in _CHECKS and verdict == "pass" and ":role/" in actual else ""


def chosen_role_arn(decisions: Iterable[Mapping[str, Any]]) -> str:
    """The ARN of the role that was chosen; empty where the service does not say (AWS)."""
    said = [
        str(one["actual"])
        for one in decisions
        if choice_code(code=one.get("code", ""), check=one["check"], verdict=one["verdict"], actual=str(one["actual"]))
    ]
    return said[-1] if said else ""
