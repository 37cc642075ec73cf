"""Which role the identity pool chose for a run, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.pages.run.calls import CallView, DecisionView


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Which role the identity pool chose, by what (`role.custom`, `role.mapping`, ...), and what the decision said."""

    role: str
    code: str
    why: DecisionView


# The code of each, and how the check was worded when decisions had no codes yet.
_ROLE_CHECKS = {
    "role.custom": "custom role",
    "role.mapping": "role mapping",
    "role.saml": "SAML role",
    "role.missing": "role",
}


def role_choice(calls: Sequence[CallView]) -> RoleChoice | None:
    """From the decisions that came with the answers; None where the service does not say (AWS)."""
    for call in reversed(calls):
        for decision in call.decisions:
            code = _role_code(decision)
            if code and ":role/" in decision.actual and decision.verdict == "pass":
                return RoleChoice(decision.actual.rpartition("/")[2], code, decision)
    return None


def _role_code(decision: DecisionView) -> str:
    """The decision's code if it is one of those that choose a role, else nothing."""
    worded = {check: code for code, check in _ROLE_CHECKS.items()}
    code = decision.code or worded.get(decision.check, "")
    return code if code in _ROLE_CHECKS else ""
