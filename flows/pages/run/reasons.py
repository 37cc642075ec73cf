"""Why a run went as it did: the checks of all its calls by what they looked at, the failed ones apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flows.pages.run.calls import CallView, DecisionView
from lessons.decision_groups import DECISION_GROUPS, DecisionGroup

_SAID = (("pass", "passed"), ("deny", "denied"), ("info", "noted"))


@dataclass(frozen=True, slots=True)
class Reason:
    """One check, and the call that it was made for. `anchor`: where links to the reasons of that call lead."""

    decision: DecisionView
    call: CallView
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Checks of one kind. Those that were not passed are counted here, and shown above."""

    about: DecisionGroup
    reasons: tuple[Reason, ...]

    @property
    def shown(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.decision.verdict != "deny")

    @property
    def counts(self) -> str:
        """`6 passed, 1 denied`"""
        counted = Counter(reason.decision.verdict for reason in self.reasons)
        return ", ".join(f"{counted[verdict]} {word}" for verdict, word in _SAID if counted[verdict])

    @property
    def is_denied(self) -> bool:
        return any(reason.decision.verdict == "deny" for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Reasons:
    """`denied`: the checks that were not passed, in their order; `groups`: all, by what they looked at."""

    denied: tuple[Reason, ...]
    groups: tuple[ReasonGroup, ...]


def reasons(calls: Sequence[CallView]) -> Reasons:
    """From the decisions that came with the answers."""
    found: list[Reason] = []
    for call in calls:
        first = call.denied or next(iter(call.decisions), None)
        for decision in call.decisions:
            found.append(Reason(decision, call, f"why-{call.anchor}" if decision is first else ""))
    groups = (
        ReasonGroup(about, tuple(one for one in found if _kind(one.decision) in about.kinds))
        for about in DECISION_GROUPS
    )
    return Reasons(
        tuple(one for one in found if one.decision.verdict == "deny"), tuple(group for group in groups if group.reasons)
    )


def _kind(decision: DecisionView) -> str:
    """The first part of its code; of one from before there were codes, by the words that it began with."""
    if not decision.code and decision.check.lower().startswith("trust policy"):
        return "trust"
    return decision.code.partition(".")[0]
