"""What the checks of a run are about, for the page that says why it went as it did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecisionGroup:
    """Checks of one kind. `question`: what they answer together; `kinds`: the first parts of their codes."""

    title: str
    question: str
    kinds: tuple[str, ...]


DECISION_GROUPS: tuple[DecisionGroup, ...] = (
    DecisionGroup("Token", "Is the proof genuine, in time, and meant for this pool?", ("login", "token")),
    DecisionGroup("Identity", "Whose identity is it, and may it be used this way?", ("identity",)),
    DecisionGroup("Flow", "Does the pool take guests, and does it take this flow?", ("pool",)),
    DecisionGroup("Role and trust", "Which role is it, and does it let this token in?", ("role", "trust")),
    DecisionGroup("Policies", "What do the role’s policies allow?", ("policy",)),
    DecisionGroup("Request", "Was the request taken, and answered?", ("request", "answer", "service", "fault")),
    DecisionGroup("Other", "Checks that were recorded before they had codes", ("",)),
)
