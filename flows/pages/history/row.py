"""One line of the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from flows.exchange.own_accounts import YOURS
from flows.exchange.steps import FLOWS
from flows.models import Origin, Outcome, Run
from flows.pages.measures import Counts, counts_of, measured, milliseconds
from providers.registry import PROVIDERS

# Icon and colour of each outcome; its word stands beside them, so that nothing is said by colour alone.
MARKS = {
    Outcome.OPEN: ("step", "is-open"),
    Outcome.RUNNING: ("clock", "is-open"),
    Outcome.SUCCEEDED: ("check", "is-ok"),
    Outcome.REFUSED: ("cross", "is-no"),
    Outcome.FAILED: ("warning", "is-no"),
    Outcome.INTERRUPTED: ("warning", "is-warn"),
    Outcome.CANCELLED: ("minus", ""),
}
# Runs that are no exchange, by their flow.
BY_HAND = {"configure": "Change", "call": "By hand"}
_ACCESS = {"guest": "Guest", "administrator": "Administrator"}
_SUBJECT_SHOWN = 14
_UNCOUNTED = Counts(0, 0)
_IDENTITY_SHOWN = 12  # hexadecimal digits at the end of the UUID: its beginning is the same for many of a pool


@lru_cache
def _drawn(icon: str) -> SafeString:
    """An icon's SVG, kept: a page of the history has fifty, and including each anew takes a quarter of its time."""
    return render_to_string(f"icons/{icon}.svg")


def shortened(subject: str) -> str:
    """The beginning of a subject, enough to tell people apart."""
    return subject if len(subject) <= _SUBJECT_SHOWN else f"{subject[:_SUBJECT_SHOWN]}…"


@dataclass(frozen=True)
class HistoryRow:
    """A run as the history shows it. Empty where the run has nothing to show.

    Attributes:
        counts: of its calls, where they are shown.
    """

    run: Run
    counts: Counts = _UNCOUNTED

    @property
    def outcome(self) -> str:
        return Outcome(self.run.outcome).label

    @property
    def icon(self) -> str:
        return f"icons/{MARKS[Outcome(self.run.outcome)][0]}.svg"

    @property
    def drawn(self) -> SafeString:
        """The icon of the outcome."""
        return _drawn(MARKS[Outcome(self.run.outcome)][0])

    @property
    def bin(self) -> SafeString:
        """The icon of deleting."""
        return _drawn("trash")

    @property
    def tone(self) -> str:
        return MARKS[Outcome(self.run.outcome)][1]

    @property
    def access(self) -> str:
        return _ACCESS.get(self.run.access, "Authenticated")

    @property
    def flow(self) -> str:
        flow = FLOWS.get(self.run.flow)
        return flow.variant.capitalize() if flow else BY_HAND.get(self.run.flow, self.run.flow)

    @property
    def origin(self) -> str:
        """Who made it, where that was no person on these pages."""
        return Origin(self.run.origin).label if self.run.origin else ""

    @property
    def by_hand(self) -> bool:
        """Whether the run is no exchange of a flow, but calls that somebody composed."""
        return self.run.flow not in FLOWS and bool(self.run.parameters.get("title"))

    @property
    def provider(self) -> str:
        """Guests have none to name beside their access."""
        if self.run.access == "guest":
            return ""
        provider = PROVIDERS.get(self.run.provider)
        return provider.label if provider else self.run.provider

    @property
    def what(self) -> str:
        """`Google · enhanced`, `Guest · basic`; of calls that somebody composed, who sent them and how."""
        return f"{self.provider or self.access} · {self.flow.lower()}"

    @property
    def subject(self) -> str:
        """Who signed in, as the provider names them; shortened where it is long."""
        return shortened(self.run.subject)

    @cached_property
    def pool(self) -> str:
        """The pool's label: as it was when the run was made; of an older run while it is configured, or is one's own of
        that key; else the end of its id."""
        if self.run.pool_label:
            return self.run.pool_label
        labels = {pool["pool_id"]: str(pool["label"]) for pool in settings.IDENTITY_POOLS}
        by_key = {pool["key"]: str(pool["label"]) for pool in settings.IDENTITY_POOLS}
        own = by_key.get(self.run.pool_key) if self.run.account_id != settings.SANDBOX_ACCOUNT_ID else None
        return labels.get(self.run.pool_id) or own or f"…{self.run.pool_id[-12:]}"

    @property
    def elsewhere(self) -> str:
        """The account that the pool is in, where that is not the one in which its owner works anyway."""
        return "" if self.run.pool_whose == YOURS else self.run.pool_whose

    @property
    def identity(self) -> str:
        """`…ba9dfdfe0aba`"""
        return f"…{self.run.identity_id[-_IDENTITY_SHOWN:]}" if self.run.identity_id else ""

    @property
    def role(self) -> str:
        """The role's name; empty where nobody said it."""
        return self.run.role

    @property
    def role_said(self) -> str:
        """The role's name, or what there is to say without one."""
        return self.role or ("the pool’s choice" if self.run.flow in FLOWS else "none")

    @property
    def role_is(self) -> str:
        """What the role is to the run: of credentials that it got, or no more than asked for."""
        return "Role" if self.run.outcome == Outcome.SUCCEEDED else "Requested role"

    @property
    def took(self) -> str:
        return milliseconds(self.run.duration_ms)

    @property
    def measure(self) -> str:
        """`2 AWS calls, 21 ms`"""
        return measured(self.run, self.counts)


def rows_of(runs: Sequence[Run]) -> list[HistoryRow]:
    """Rows with their calls counted."""
    counts = counts_of(runs)
    return [HistoryRow(run, counts[run.pk]) for run in runs]
