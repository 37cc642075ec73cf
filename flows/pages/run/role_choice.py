"""Which role the identity pool chose for a run, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.exchange.chosen_role import choice_code
from flows.pages.run.calls import CallView, DecisionView


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Which role the identity pool chose, by what (`role.custom`, `role.mapping`, ...), and what the decision said."""

    role: str
    code: str
    why: DecisionView


def role_choice(calls: Sequence[CallView]) -> RoleChoice | None:
    """From the decisions that came with the answers; None where the service does not say (AWS)."""
    for call in reversed(calls):
        for decision in call.decisions:
            code = choice_code(
                code=decision.code, check=decision.check, verdict=decision.verdict, actual=decision.actual
            )
            if code:
                return RoleChoice(decision.actual.rpartition("/")[2], code, decision)
    return None
