"""Recorded calls, and the planned next one, as the run's page shows them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from itertools import count
from typing import Any

from django.utils.safestring import SafeString

from flows.exchange.steps import STEPS, Step
from flows.models import ApiCall, Note
from flows.pages.measures import milliseconds
from flows.pages.run import wire
from flows.pages.run.setting_links import NO_LINKS, SettingLinks, to_the_form
from flows.pages.run.target import CallTarget, region_of, target_of
from flows.pages.run.tokens import TokenView, token_view
from flows.programs import AskedCall, Program, ProgramCall, UnknownOperationError, programs_of
from flows.services import PlannedCall
from lessons.errors import ErrorLesson, Ranked, error_for, ranked
from lessons.refusals import Refusal, refusal_for
from lessons.sample_calls import SAMPLES, Sample
from lessons.sign_in_steps import answer_of, purpose_of
from web import sandboxes

_PROTOCOLS = {
    "json": ("JSON", "JSON"),
    "query": ("form", "XML"),
    "rest-xml": ("REST", "XML"),
    "rest-json": ("REST", "JSON"),
    "smithy-rpc-v2-cbor": ("CBOR", "CBOR"),
}
# Ten digits that stand alone: 2017 to 2033. An account number has twelve.
_EPOCH_SECONDS = re.compile(r"(?<![\w.:/-])1[5-9]\d{8}(?![\w.:/-])")
# What a browser brings back from a provider, by the parameter that carries it.
_BROUGHT = {
    "error": "an error",
    "denied": "an error",
    "code": "authorization code",
    "SAMLResponse": "SAML response",
    "oauth_verifier": "OAuth verifier",
}
_VERDICTS = {"pass": ("check", "is-ok", "passed"), "deny": ("cross", "is-no", "denied"), "info": ("minus", "", "noted")}


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One check that was made on the way to an answer. `word` says in text what `icon` and `tone` show.

    `code` is the check's lasting name (decisioncodes), empty in a run that was recorded before there were codes.
    """

    code: str
    check: str
    expected: str
    actual: str
    doc: str
    observed: bool
    verdict: str

    @property
    def icon(self) -> str:
        return f"icons/{_VERDICTS[self.verdict][0]}.svg"

    @property
    def tone(self) -> str:
        return _VERDICTS[self.verdict][1]

    @property
    def word(self) -> str:
        return _VERDICTS[self.verdict][2]


@dataclass(frozen=True)
class CallView:
    """One recorded call.

    Attributes:
        label: what the page calls it: `S1` of a sign-in, `1` of the calls to AWS.
        seen: fingerprint -> the call of this run that carried that secret first.
        notes: what trainers and reviewers wrote about it.
        links: from its values to the settings behind them.
    """

    row: ApiCall
    label: str
    seen: Mapping[str, wire.CallPlace]
    notes: tuple[Note, ...] = ()
    links: SettingLinks = NO_LINKS

    @property
    def anchor(self) -> str:
        return f"call-{self.row.position}"

    @property
    def query(self) -> str:
        """What leads to the call, after the address of the page with the calls."""
        return f"?call={self.row.position}#{self.anchor}"

    @property
    def what(self) -> Step | Sample | None:
        """The step or the sample that the call belongs to; None for one that this version does not know any more."""
        return STEPS.get(self.row.step) or SAMPLES.get(self.row.step)

    @property
    def explanation(self) -> tuple[str, ...]:
        if self.what is None:
            return ()
        return self.what.explanation if isinstance(self.what, Step) else (self.what.explanation,)

    @property
    def is_use(self) -> bool:
        return self.row.kind == ApiCall.Kind.USE

    @property
    def is_sign_in(self) -> bool:
        """Part of the sign-in at a provider, and not a call to AWS."""
        return self.row.kind == ApiCall.Kind.PROVIDER

    @cached_property
    def target(self) -> CallTarget:
        """Where it went."""
        return target_of(self.row)

    @property
    def via(self) -> str:
        """What it went to, in a few words: `cognito-identity · unsigned`; of a sign-in the host."""
        if self.is_sign_in:
            return self.target.address.partition("/")[0]
        words = [self.row.service, "signed" if self.row.signed else "unsigned"]
        return " · ".join([*words, "use of the credentials"] if self.is_use else words)

    @property
    def purpose(self) -> str:
        """What it is for, in a sentence; empty of a call that this version does not know."""
        if self.is_sign_in:
            return purpose_of(self.row.step)
        return self.what.purpose if self.what else ""

    @property
    def programs(self) -> list[Program]:
        """The call as code; empty of what is no call that an SDK makes."""
        try:
            return programs_of(self.asked.call) if self.asked else []
        except UnknownOperationError:
            return []

    @property
    def asked(self) -> AskedCall | None:
        """The call as programs are written from it; None of what no SDK sent."""
        row = self.row
        if self.is_sign_in or not row.method:
            return None
        endpoint = sandboxes.of_account(row.run.account_id).cli_url if row.run.mode == "sandbox" else ""
        call = ProgramCall(row.service, row.operation, row.request_params, region_of(row), row.signed, endpoint)
        return AskedCall(call, self.purpose, row.response_params, self.ok)

    @property
    def by_browser(self) -> bool:
        """Carried by the browser: there and back, while our server waited."""
        return self.is_sign_in and self.row.step == "authorization"

    @property
    def ok(self) -> bool:
        return not self.row.failed

    @property
    def pending(self) -> bool:
        return self.row.state == ApiCall.State.SENT

    @property
    def status(self) -> str:
        """`200 OK`, `400 NotAuthorizedException`, or what became of it without an answer."""
        if self.row.status is None:
            return self.row.error_code or self.row.get_state_display()
        return f"{self.row.status} {self.row.error_code or _phrase(self.row.status)}"

    @property
    def row_class(self) -> str:
        names = [("call-of-sign-in", self.is_sign_in), ("call-refused", not self.ok and not self.pending)]
        return " ".join(name for name, holds in names if holds)

    @property
    def tone(self) -> str:
        return "is-open" if self.pending else "is-ok" if self.ok else "is-no"

    @property
    def status_words(self) -> str:
        """The status as a row shows it; what the browser carries has none of its own."""
        return "by the browser" if self.by_browser and self.ok else self.status

    @property
    def protocol(self) -> tuple[str, str]:
        """How request and answer were written, in words."""
        return _PROTOCOLS.get(self.row.protocol, (self.row.protocol, self.row.protocol))

    @cached_property
    def request(self) -> tuple[wire.Node, ...]:
        nodes = wire.nodes(self.row.request_params, self._earlier)
        return self.links.put_on(nodes) if self.row.kind == ApiCall.Kind.EXCHANGE else nodes

    @cached_property
    def response(self) -> tuple[wire.Node, ...]:
        return wire.nodes(self.row.response_params, self._earlier)

    @property
    def raw_request_head(self) -> SafeString:
        return wire.head(f"{self.row.method} {self.row.url}", self.row.request_headers)

    @property
    def raw_request_body(self) -> SafeString:
        return wire.body(self.row.request_body)

    @property
    def raw_response_head(self) -> SafeString:
        first = f"{self.row.status} {_phrase(self.row.status)}" if self.row.status else ""
        return wire.head(first, self.row.response_headers)

    @property
    def raw_response_body(self) -> SafeString:
        return wire.body(self.row.response_body)

    @cached_property
    def decisions(self) -> tuple[DecisionView, ...]:
        return tuple(decision_view(entry) for entry in self.row.decisions)

    @cached_property
    def tokens(self) -> tuple[TokenView, ...]:
        """The tokens that this call is the first to carry."""
        views = {
            token["fingerprint"]: token_view(token, self.label, self.row.operation)
            for token in self.row.tokens
            if token["where"] == "artifact" or self._is_first(token["fingerprint"])
        }
        return tuple(views.values())

    @property
    def refusal(self) -> Refusal | None:
        return refusal_for(self.row.error_code, self.row.error_message) if self.row.failed else None

    @property
    def error(self) -> ErrorLesson | None:
        """The page about the error that it ended with."""
        return error_for(self.row.error_code, self.row.error_message) if self.row.failed else None

    @property
    def causes(self) -> list[Ranked]:
        """The causes of that error, those first that the call's checks show."""
        verdicts = {verdict: {one.code for one in self.decisions if one.verdict == verdict} for verdict in _VERDICTS}
        return ranked(self.error, verdicts["deny"], verdicts["pass"]) if self.error else []

    @property
    def shown_cause(self) -> Ranked | None:
        """The cause that a check of the call shows."""
        return next((cause for cause in self.causes if cause.standing == "matches"), None)

    @property
    def possible(self) -> list[Ranked]:
        """The causes that its checks leave; all of them where none came with the answer, as from AWS."""
        return [cause for cause in self.causes if cause.standing == "possible"]

    @property
    def ruled_out(self) -> list[Ranked]:
        """The causes that it cannot have been."""
        return [cause for cause in self.causes if cause.standing == "ruled out"]

    @property
    def doc(self) -> str:
        return self.what.doc if self.what else ""

    @property
    def took(self) -> str:
        """How long our server waited for the answer, in words; empty of what the browser carried."""
        return "" if self.by_browser else milliseconds(self.row.duration_ms)

    @property
    def denied(self) -> DecisionView | None:
        """The check that was not passed."""
        return next((decision for decision in self.decisions if decision.verdict == "deny"), None)

    @property
    def checks_words(self) -> str:
        """`6 passed, 1 denied`"""
        counts = Counter(decision.verdict for decision in self.decisions)
        said = (("pass", "passed"), ("deny", "denied"), ("info", "noted"))
        return ", ".join(f"{counts[verdict]} {word}" for verdict, word in said if counts[verdict])

    @property
    def reason(self) -> str:
        """Of a refusal, in a few words: `InvalidParameterException: basic flow`."""
        code = self.row.error_code
        return f"{code}: {self.denied.check}" if self.denied and code else code

    @property
    def brought(self) -> str:
        """What a request of a sign-in brought, in a few words; empty where it brought nothing that has a name."""
        if tokens := [f"{token.kind} ‹{token.fingerprint}›" for token in self.tokens]:
            return tokens[0]
        named = [name for key, name in _BROUGHT.items() if key in self.row.response_params]
        return named[0] if named else answer_of(self.row.step)

    @property
    def _earlier(self) -> dict[str, wire.CallPlace]:
        return {mark: place for mark, place in self.seen.items() if place.position < self.row.position}

    def _is_first(self, fingerprint: str) -> bool:
        place = self.seen.get(fingerprint)
        return place is not None and place.position == self.row.position


@dataclass(frozen=True)
class PlanView:
    """The next call of an open run, built by what will send it."""

    plan: PlannedCall
    number: int
    seen: Mapping[str, wire.CallPlace]
    links: SettingLinks = NO_LINKS

    @property
    def request(self) -> tuple[wire.Node, ...]:
        here = (field.name for field in self.plan.editable)
        return to_the_form(here, self.links).put_on(wire.nodes(self.plan.params, self.seen))

    @property
    def raw_head(self) -> SafeString:
        return wire.head(f"{self.plan.method} {self.plan.url}", self.plan.headers)

    @property
    def raw_body(self) -> SafeString:
        return wire.body(self.plan.body)


def call_views(calls: Sequence[ApiCall], notes: Sequence[Note] = (), links: SettingLinks = NO_LINKS) -> list[CallView]:
    """The calls in their order, each knowing which secrets were seen before it, and the notes on it."""
    seen, names = first_seen(calls), labels(calls)
    return [
        CallView(call, names[call.position], seen, tuple(note for note in notes if note.call == call.position), links)
        for call in calls
    ]


def labels(calls: Iterable[ApiCall]) -> dict[int, str]:
    """Position of a call -> what the page calls it: S1, S2 those of a sign-in, 1, 2, 3 those to AWS."""
    of_sign_in, to_aws = count(1), count(1)
    return {
        call.position: f"S{next(of_sign_in)}" if call.kind == ApiCall.Kind.PROVIDER else str(next(to_aws))
        for call in calls
    }


def first_seen(calls: Sequence[ApiCall]) -> dict[str, wire.CallPlace]:
    """Fingerprint of a secret -> the call that carried it first."""
    seen: dict[str, wire.CallPlace] = {}
    names = labels(calls)
    for call in calls:
        for fingerprint in wire.fingerprints([call.request_params, call.response_params]):
            seen.setdefault(fingerprint, wire.CallPlace(call.position, names[call.position]))
    return seen


def decision_view(entry: Mapping[str, Any]) -> DecisionView:
    """A stored decision as pages show it."""
    return DecisionView(
        code=entry.get("code", ""),
        check=entry["check"],
        expected=_with_times(entry["expected"]),
        actual=_with_times(entry["actual"]),
        # Whoever answers the call writes this; a link of another kind could be a script.
        doc=entry["doc"] if entry["doc"].startswith("https://") else "",
        observed=entry.get("source") == "observed",
        verdict=entry["verdict"] if entry["verdict"] in _VERDICTS else "info",
    )


def _with_times(text: str) -> str:
    """The text with each number of epoch seconds followed by the time that it means."""
    return _EPOCH_SECONDS.sub(
        lambda found: f"{found[0]} ({datetime.fromtimestamp(int(found[0]), UTC):%H:%M:%S} UTC)", text
    )


def _phrase(status: int | None) -> str:
    try:
        return HTTPStatus(status or 0).phrase
    except ValueError:
        return ""
