"""What was chosen for two runs, and what each came to: the differences that are none of a single call."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from flows.models import Origin
from flows.pages.compare.sentences import ToldDifference
from flows.pages.run.calls import CallView
from flows.pages.run.run_view import RunView
from lessons.flows import FLOW_LESSONS
from providers.registry import in_a_sentence

_BY = {
    "role.custom": "named by the app",
    "role.mapping": "chosen by a role mapping",
    "role.saml": "named in the SAML assertion",
    "role.missing": "the pool’s own",
}
_MINUTE = 60
_END = 12  # characters of a pool's ID


@dataclass(frozen=True)
class Side:
    """One of the two. `letter`: A or B; `link`: what the address ends with that shares it, of somebody else's."""

    letter: str
    shown: RunView
    link: str = ""

    @property
    def address(self) -> str:
        """Of its page."""
        return reverse("flows:run_shared", args=[self.link]) if self.link else self.shown.run.get_absolute_url()

    @property
    def calls_address(self) -> str:
        """Of the page with its calls."""
        return self.address if self.link else reverse("flows:run_view", args=[self.shown.run.code, "calls"])

    @property
    def comes_as(self) -> str:
        """As what somebody came: `a guest`, or by which provider they had signed in."""
        if self.shown.run.access == "guest":
            return "a guest"
        if not self.shown.row.provider:
            return self.shown.row.access.lower()
        return f"somebody signed in with {in_a_sentence(self.shown.run.provider)}"

    @property
    def flow(self) -> str:
        """`enhanced flow`; of linking and of what is no exchange, what it is."""
        flow = self.shown.flow
        if flow is None:
            return self.shown.row.flow.lower()
        if flow.key.endswith("link"):
            return FLOW_LESSONS[flow.key].label.lower()
        return f"{flow.variant} flow"

    @property
    def pool(self) -> str:
        """Its label and the end of its ID: two pools can have one label."""
        label, pool_id = self.shown.row.pool, self.shown.run.pool_id
        if label.startswith("…"):
            return label
        return ", ".join(part for part in (f"{label} (…{pool_id[-_END:]})", self.shown.row.elsewhere.lower()) if part)

    @cached_property
    def exchange(self) -> list[CallView]:
        return self.shown.exchange

    @property
    def role(self) -> str:
        return self.shown.role if self.shown.run.access_key_id else ""

    @property
    def chosen_by(self) -> str:
        """Who chose the role, in words; empty where nobody says."""
        if not self.role:
            return ""
        if any(call.row.service == "sts" for call in self.exchange):
            return "named by the app"
        choice = self.shown.role_choice
        return _BY.get(choice.code, "") if choice else ""

    @property
    def lifetime(self) -> str:
        """Of the credentials: `60 minutes`."""
        expiry = self.shown.run.credentials_expire_at
        if expiry is None or not self.exchange:
            return ""
        minutes = round((expiry - self.exchange[-1].row.started_at).total_seconds() / _MINUTE)
        return f"{minutes} minutes"

    @property
    def made_by(self) -> str:
        origin = self.shown.run.origin
        if origin == Origin.SOLUTION:
            return "the system, as an exercise’s solution"
        return {Origin.CLI: "CLI or SDK", Origin.PROBE: "the system, as a probe"}.get(Origin(origin), "these pages")

    @property
    def where(self) -> str:
        return "the sandbox" if self.shown.run.mode == "sandbox" else "AWS"

    @property
    def sign_in_requests(self) -> int:
        return self.shown.sign_in_requests


@dataclass(frozen=True, slots=True)
class RunFact:
    """A fact of a run. `both`: the sentence where two differ in it, with places {a} and {b}."""

    label: str
    of: Callable[[Side], str]
    both: str


# In the order in which people ask.
KINDS: tuple[RunFact, ...] = (
    RunFact("Made on", lambda side: side.where, "A was made in {a}, B in {b}."),
    RunFact("Made by", lambda side: side.made_by, "A was made by {a}, B by {b}."),
    RunFact("Account", lambda side: side.shown.run.account_id, "A is in account {a}, B in {b}."),
    RunFact("Region", lambda side: side.shown.run.region, "A called {a}, B {b}."),
    RunFact("Identity pool", lambda side: side.pool, "They asked different identity pools: A {a}, B {b}."),
    RunFact("Comes as", lambda side: side.comes_as, "A comes as {a}, B as {b}."),
    RunFact(
        "Who signed in",
        lambda side: side.shown.run.subject,
        "Who signed in is {a} in A, {b} in B.",
    ),
    RunFact("Flow", lambda side: side.flow, "A took the {a}, B the {b}."),
    RunFact("Role", lambda side: side.role, "A got credentials of role {a}, B of {b}."),
    RunFact("Role chosen by", lambda side: side.chosen_by, "A’s role was {a}, B’s was {b}."),
    RunFact("Credentials last", lambda side: side.lifetime, "A’s credentials last {a}, B’s {b}."),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the table of what was chosen and what came of it."""

    label: str
    a: str
    b: str

    @property
    def same(self) -> bool:
        return self.a == self.b


def facts(a: Side, b: Side) -> list[Fact]:
    """All that at least one of them has."""
    found = [Fact(kind.label, kind.of(a), kind.of(b)) for kind in KINDS]
    return [fact for fact in found if fact.a or fact.b]


def told_of_choices(a: Side, b: Side) -> Iterator[ToldDifference]:
    """A sentence for each fact that both have and that differs, and some that only the two together show."""
    for kind in KINDS:
        one, other = kind.of(a), kind.of(b)
        if one and other and one != other:
            yield ToldDifference(kind.both, {"a": one, "b": other}, in_words=True)
    yield from _sign_in(a, b)
    yield from _identity(a, b)


def _sign_in(a: Side, b: Side) -> Iterator[ToldDifference]:
    first, second = a.shown.run, b.shown.run
    if first.reuses_id != second.reuses_id and bool(first.reuses_id) != bool(second.reuses_id):
        yield ToldDifference("{who} used an earlier sign-in again.", {"who": "A" if first.reuses_id else "B"})
    elif a.sign_in_requests and b.sign_in_requests and a.sign_in_requests != b.sign_in_requests:
        values = {"a": str(a.sign_in_requests), "b": str(b.sign_in_requests)}
        yield ToldDifference("The sign-in took {a} requests in A, {b} in B.", values, in_words=True)


def _identity(a: Side, b: Side) -> Iterator[ToldDifference]:
    """A guest who brings no identity is a new one each time, which is nothing to tell."""
    first, second = a.shown.run, b.shown.run
    if not first.identity_id or not second.identity_id or "guest" in (first.access, second.access):
        return
    same_person = (first.provider, first.subject) == (second.provider, second.subject)
    same_identity = first.identity_id == second.identity_id
    values = {"a": first.identity_id, "b": second.identity_id}
    if same_person and not same_identity and first.pool_id == second.pool_id:
        yield ToldDifference("The same login led to different identity IDs: A {a}, B {b}.", values)
    elif not same_person and same_identity:
        yield ToldDifference("Different logins led to one identity ID, {a}: they are linked.", values)
    elif not same_identity and first.pool_id == second.pool_id:
        yield ToldDifference("Each login has an identity of its own: A {a}, B {b}.", values)


def same_provider(a: Side, b: Side) -> bool:
    """Whether two sign-ins can be held against each other: at different providers every request is different."""
    return "guest" in (a.shown.run.access, b.shown.run.access) or a.shown.run.provider == b.shown.run.provider
