"""One run as its page shows it: what it was, how it ended, and its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from flows.exchange.own_accounts import YOURS
from flows.exchange.steps import FLOWS, Flow
from flows.models import ApiCall, Note, Origin, Outcome, Run, RunShare
from flows.pages.history.row import HistoryRow
from flows.pages.measures import Counts, counts_in, measured
from flows.pages.run.calls import CallView, call_views
from flows.pages.run.change import ChangeView
from flows.pages.run.discreet import discreet
from flows.pages.run.reuse import Reuse, reuse_of
from flows.pages.run.role_choice import RoleChoice, role_choice
from flows.pages.run.run_overview import RunOverview
from flows.pages.run.setting_links import NO_LINKS, SettingLinks, to_the_demo
from flows.pages.run.sign_in import RunSignIn
from flows.pages.run.tokens import TokenView
from flows.programs import Program, UnknownOperationError, whole_programs
from flows.services import RunReader
from lessons.refusals import Helps
from providers.registry import PROVIDERS
from web.prepared import Prepared

VIEWS = {
    "credentials": "Credentials",
    "calls": "Calls",
    "why": "Why",
    "tokens": "Tokens",
    "try": "Try it",
    "json": "JSON",
}
_LONGEST_AGAIN = 200  # characters of a value that an address carries
_NOTES = Prepared(lambda run: Note.objects.filter(run_id=run).select_related("author"), BigIntegerField())
# In one statement, as most runs have neither.
_ADDED = Prepared(
    lambda run: (
        Run.objects.filter(pk=run)
        .only("pk")
        .annotate(
            shared=Exists(RunShare.objects.filter(run=OuterRef("pk"))),
            noted=Exists(Note.objects.filter(run=OuterRef("pk"))),
        )
        .order_by()
    ),
    BigIntegerField(),
)
EARLIER_VIEWS = {"flow": "calls", "use": "try", "raw": "json"}  # what addresses that are kept somewhere still say


def run_title(run: Run) -> str:
    """`Guest access, basic flow`, or `Google, enhanced flow`; of a run that is no exchange, what it says itself."""
    flow = FLOWS.get(run.flow)
    if flow is None and run.parameters.get("title"):
        return str(run.parameters["title"])
    provider = PROVIDERS.get(run.provider)
    who = "Guest access" if run.access == "guest" else provider.label if provider else run.provider
    if flow and flow.key.endswith("link"):
        return f"{who}, linked to another identity"
    return f"{who}, {flow.variant if flow else run.flow} flow"


@dataclass(frozen=True)
class RunView:
    """A run with its calls.

    Attributes:
        reader: as what somebody reads it who does not own it.
        alone: whether it is on one page without the others, as for somebody with a link.
        at_call: the position of the call that the page is about, if it is about one.
        in_room: whether many look at it: then accounts' numbers and who signed in are left out.
    """

    run: Run
    reader: RunReader | None = None
    alone: bool = False
    at_call: int | None = None
    in_room: bool = False

    @property
    def own(self) -> bool:
        """Whether the person who looks at it owns it; everybody else only reads."""
        return self.reader is None

    @property
    def whose(self) -> str:
        """Whose account the pool is in, to whoever looks; empty where it is everybody's."""
        words = self.run.pool_whose
        return "Their own account" if words == YOURS and not self.own else words

    @cached_property
    def notes(self) -> list[Note]:
        """All of them, on the run and on its calls."""
        return _NOTES.rows(self.run.pk) if any(row.noted for row in self._added) else []

    @property
    def general_notes(self) -> list[Note]:
        return [note for note in self.notes if note.call is None]

    @property
    def call_notes(self) -> list[Note]:
        return [note for note in self.notes if note.call is not None]

    @cached_property
    def is_shared(self) -> bool:
        """Whether a link opens it for anybody."""
        return any(row.shared for row in self._added)

    @cached_property
    def _added(self) -> list[Any]:
        """The run's key, with whether there is a link to it (`shared`) and whether there are notes (`noted`)."""
        return _ADDED.rows(self.run.pk)

    @property
    def title(self) -> str:
        return run_title(self.run)

    @property
    def row(self) -> HistoryRow:
        """The run in a line: outcome with icon and tone, pool, role."""
        return HistoryRow(self.run)

    @property
    def flow(self) -> Flow | None:
        return FLOWS.get(self.run.flow)

    @property
    def by_hand(self) -> bool:
        """Whether the run is no exchange of a flow, but calls that somebody composed."""
        return self.row.by_hand

    @property
    def shows_credentials(self) -> bool:
        """Whether there is a place for credentials: calls that were composed need not lead to any."""
        return not self.by_hand or bool(self.run.access_key_id)

    @property
    def views(self) -> dict[str, str]:
        """The views that have something to show, by key."""
        if self.shows_credentials:
            return VIEWS
        return {key: label for key, label in VIEWS.items() if key not in ("credentials", "try")}

    @cached_property
    def change(self) -> ChangeView | None:
        """The change that the run is; None of any other."""
        return ChangeView(self.run) if self.run.flow == "configure" else None

    @cached_property
    def calls(self) -> list[CallView]:
        recorded: Sequence[ApiCall] = self.run.recorded()
        if self.in_room:
            recorded = [discreet(call, self.run.subject) for call in recorded]
        return call_views(recorded, self.call_notes, self.setting_links)

    @property
    def send_again(self) -> str:
        """The form of “Send a call” with what this run sent, for its owner; empty for any other run.

        Long texts and structures are left out, and so is what stands for a secret.
        """
        if self.run.flow != "call" or not self.run.pool_key or not self.own:
            return ""
        words = self.run.parameters
        chosen = {
            "pool": self.run.pool_key,
            "service": words.get("service", ""),
            "operation": words.get("operation", ""),
        }
        chosen["sender"] = str(words.get("sender", "")).removeprefix("run ").lstrip("0")
        sent = self.calls[0].row.request_params if self.calls else {}
        texts = {name: text for name, text in sent.items() if isinstance(text, str) and len(text) <= _LONGEST_AGAIN}
        return f"?{urlencode(chosen | {f'p-{name}': text for name, text in texts.items() if '‹' not in text})}"

    @property
    def setting_links(self) -> SettingLinks:
        """From what was sent to the settings behind it, for the person whose run it is and who is not presenting it."""
        if not self.own or self.in_room or self.flow is None or self.flow.key.endswith("link"):
            return NO_LINKS
        return to_the_demo(self.flow, {name: value for name, value in self.choices.items() if name != "provider"})

    @property
    def exchange(self) -> list[CallView]:
        """The calls that led to the credentials, or to the refusal."""
        return [call for call in self.calls if not call.is_use and not call.is_sign_in]

    @property
    def programs(self) -> list[Program]:
        """The exchange as one program in each language; empty of what is none, and where no call was sent."""
        asked = [call.asked for call in self.exchange if call.asked] if self.flow else []
        provider = PROVIDERS.get(self.run.provider)
        signed_in = provider is not None and self.run.access != "guest"
        try:
            return whole_programs(
                asked, f"from the sign-in with {provider.in_a_sentence}" if provider and signed_in else ""
            )
        except UnknownOperationError:
            return []

    @property
    def after_sign_in(self) -> list[CallView]:
        """All calls to AWS."""
        return [call for call in self.calls if not call.is_sign_in]

    @cached_property
    def sign_in(self) -> RunSignIn | None:
        """The first entry of the trace; guests have none."""
        if self.run.access == "guest" or self.run.provider not in PROVIDERS:
            return None
        return RunSignIn(self.run, [call for call in self.calls if call.is_sign_in])

    @cached_property
    def reuse(self) -> Reuse | None:
        """What else the sign-in can be used for, by the person who signed in."""
        return reuse_of(self.run, self.flow) if self.own else None

    @property
    def choices(self) -> dict[str, str]:
        """The fields of a form that begins the same run anew."""
        return {
            "access": self.run.access,
            "flow": self.flow.variant if self.flow else "enhanced",
            "provider": self.run.provider,
            "pool": self.run.pool_key,
            **self.run.parameters,
        }

    @property
    def with_provider(self) -> str:
        """The address at which somebody chooses a provider for the same flow at the same pool."""
        chosen = {"access": "authenticated", "flow": self.choices["flow"], "pool": self.run.pool_key}
        return f"{reverse('flows:demo')}?{urlencode(chosen)}"

    @property
    def can_run_again(self) -> bool:
        """Whether its owner can begin the same once more: an exchange that is over."""
        return self.own and self.run.is_over and self.flow is not None

    @property
    def role(self) -> str:
        """The name of the role; empty where nobody says it."""
        return self.run.role

    @cached_property
    def counts(self) -> Counts:
        return counts_in(call.row for call in self.calls)

    @property
    def sign_in_requests(self) -> int:
        return self.counts.sign_in

    @property
    def measure(self) -> str:
        """`5 sign-in requests, 2 AWS calls, 34 ms`, as lists and the admin say it."""
        return measured(self.run, self.counts)

    @property
    def role_choice(self) -> RoleChoice | None:
        """Why the pool chose that role; for guests there is nothing to choose."""
        return role_choice(self.exchange) if self.flow and self.run.access != "guest" else None

    @property
    def calls_address(self) -> str:
        """Of the page with the calls; empty where that is the page that one is on."""
        return "" if self.alone else reverse("flows:run_view", args=[self.run.code, "calls"])

    @cached_property
    def overview(self) -> RunOverview:
        """The run at a glance."""
        return RunOverview(
            run=self.run,
            flow=self.flow,
            sign_in=self.sign_in,
            exchange=self.exchange,
            uses=self.uses,
            role=self.role,
            address=self.calls_address,
            here=self.at_call,
            in_room=self.in_room,
        )

    @property
    def helps(self) -> Helps:
        """What leads on after a refusal; the same once more where nothing else does."""
        refusal = self.ending_call.refusal if self.ending_call else None
        helps = refusal.helps if refusal else "again"
        possible = {
            "enhanced": self.flow is not None and self.flow.variant == "basic",
            "sign-in-again": self.sign_in is not None and not self.sign_in.is_developer,
        }
        return helps if possible.get(helps, True) else "again"

    @property
    def passed(self) -> int:
        """How many checks were passed on the way to the refusal, or to the credentials."""
        return sum(decision.verdict == "pass" for call in self.exchange for decision in call.decisions)

    @property
    def uses(self) -> list[CallView]:
        return [call for call in self.calls if call.is_use]

    @property
    def ending_call(self) -> CallView | None:
        """The call at which the run ended in anything but success."""
        exchange = self.exchange
        return exchange[-1] if exchange and not exchange[-1].ok else None

    @property
    def planned_calls(self) -> int:
        return len(self.flow.steps) if self.flow else 0

    @property
    def result_tone(self) -> str:
        """The class of the card that says how it ended."""
        if self.run.outcome == Outcome.SUCCEEDED:
            return "result-ok"
        failed = self.ending_call or self.run.error_message or (self.sign_in and self.sign_in.failed)
        return "result-no" if failed else ""

    @property
    def verdict(self) -> str:
        """`Refused at call 2 of 3`; where a number would say nothing, only the outcome."""
        label = self.row.outcome
        if self.sign_in and self.sign_in.failed:
            return f"{label} at the sign-in" if self.run.outcome == Outcome.REFUSED else label
        if self.run.outcome in (Outcome.REFUSED, Outcome.FAILED) and self.ending_call:
            if not self.planned_calls:
                return f"{label} at call {len(self.exchange)}"
            return f"{label} at call {len(self.exchange)} of {self.planned_calls}"
        if self.run.outcome in (Outcome.INTERRUPTED, Outcome.CANCELLED):
            return f"{label} after {len(self.exchange)} of {self.planned_calls} calls"
        if self.run.outcome == Outcome.OPEN:
            if self.sign_in and not self.sign_in.succeeded and not self.sign_in.sent_anyway:
                return "Waiting for the sign-in"
            return f"{len(self.exchange)} of {self.planned_calls} calls made"
        return label

    @property
    def explained(self) -> CallView | None:
        """The call whose decisions stand beside the list: the one that was refused, else the last one."""
        with_reasons = [call for call in self.exchange if call.decisions]
        return self.ending_call or (with_reasons[-1] if with_reasons else None)

    @property
    def tokens(self) -> list[TokenView]:
        return [token for call in self.calls for token in call.tokens]

    @property
    def has_expired(self) -> bool:
        expiry = self.run.credentials_expire_at
        return expiry is not None and expiry <= timezone.now()

    @property
    def never_kept(self) -> bool:
        """Whether nobody has the secret parts of the credentials: how long they are good for says nothing then."""
        return self.run.origin == Origin.PROBE

    @property
    def why_no_secrets(self) -> str:
        """Why the secret parts of the credentials are not here."""
        if self.run.origin == Origin.CLI:
            return "The secret parts went to the CLI or SDK that asked for them, and were never stored here."
        if self.never_kept:
            return "The secret parts are not stored: whoever tries a repair does not keep them."
        if self.has_expired:
            return "The secret parts are no longer stored: they were deleted when they expired."
        # A session of up to twelve hours outlives them, and a backup that is put back has none.
        return "The secret parts are no longer stored: they are kept for one hour at most."

    @property
    def session_name(self) -> str:
        """The last part of the assumed role's ARN."""
        return self.run.assumed_role_arn.rpartition("/")[2]

    @property
    def again_query(self) -> str:
        """The demo's address with the choices of this run."""
        variant = self.flow.variant if self.flow else "enhanced"
        return f"?access={self.run.access}&flow={variant}&pool={self.run.pool_key}"
