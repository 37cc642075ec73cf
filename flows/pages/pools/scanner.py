"""What a scanner of the account would report about a pool, and what the pool itself tells whoever has its ID.

Pure: what it knows is the pool and its roles with their policies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.exchange.pool_facts import COGNITO, PoolFacts, RoleFacts
from iampolicy.conditions import list_of
from iampolicy.statements import statements_of
from lessons.scanner_rules import RULES, STRANGERS, Rule


@dataclass(frozen=True, slots=True)
class ScannerFinding:
    """One rule applied. `where`: the roles, or the statements, that it was found in."""

    rule: Rule
    reported: bool
    where: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        return self.rule.found if self.reported else self.rule.fine


def scan(facts: PoolFacts, roles: Sequence[RoleFacts]) -> list[ScannerFinding]:
    """All rules, those that would be reported first.

    Args:
        roles: those that the pool names, with their policies.
    """
    guests = [role for role in roles if role.arn == facts.roles.get("unauthenticated")]
    found = [
        ScannerFinding(RULES["guests"], facts.lets_guests_in),
        ScannerFinding(RULES["classic"], facts.takes_basic_flow),
        _finding(RULES["aud"], [role.name for role in roles if _lacks(role, "aud")]),
        _finding(RULES["amr"], [role.name for role in roles if _lacks(role, "amr")]),
        _finding(RULES["rights"], [label for role in guests for label in _wide(role)]),
    ]
    return sorted(found, key=lambda finding: not finding.reported)


def told_to_strangers(facts: PoolFacts) -> list[tuple[str, str]]:
    """What calls that nobody has to sign give away: the operation, and its answer in a sentence."""
    told = [STRANGERS["on" if facts.lets_guests_in else "off"]]
    if facts.lets_guests_in:
        told.append(STRANGERS["classic-on" if facts.takes_basic_flow else "classic-off"])
    return told


def _finding(rule: Rule, where: Sequence[str]) -> ScannerFinding:
    return ScannerFinding(rule, bool(where), tuple(where))


def _lacks(role: RoleFacts, claim: str) -> bool:
    """Whether a statement lets identity pools in without asking for that claim of their tokens."""
    return any(
        statement.effect == "Allow"
        and _of_identity_pools(statement.raw)
        and f"{COGNITO}:{claim}" not in {condition.key.lower() for condition in statement.conditions}
        for statement in statements_of(role.trust)
    )


def _of_identity_pools(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    return principal == "*" or COGNITO in list_of(principal.get("Federated", []))


def _wide(role: RoleFacts) -> list[str]:
    """Statements that allow every action of a service, or all, by the policy's name and their own."""
    return [
        f"{name}, {statement.label}"
        for name, document in {**role.policies, **role.attached}.items()
        for statement in statements_of(document)
        if statement.effect == "Allow"
        and any(str(action).partition(":")[2] in ("", "*") for action in list_of(statement.raw.get("Action", "*")))
    ]
