"""A run at a glance, as a list and as a picture of the same stops: the sign-in with its requests, each call that its
flow plans, the credentials, and what they were used for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.template.defaultfilters import pluralize
from django.urls import reverse

from flows.exchange.steps import Flow, Step
from flows.models import Origin, Outcome, Run
from flows.pages.run.calls import CallView
from flows.pages.run.sign_in import RunSignIn
from flows.pages.sequence_diagram import (
    Exchange,
    Key,
    SequenceDiagram,
    UnplacedArrow,
    drawn_for_all,
    step_messages,
)

_OK, _NO, _OPEN, _NONE = ("check", "is-ok"), ("cross", "is-no"), ("clock", "is-open"), ("minus", "")
_MOST_CALLS = 14  # of those that are no step of a flow: more would be a picture that nobody takes in at once
_ROW = 32  # units of the drawing
_LONGEST_NOTE = 58
_ASKED: dict[str, Key] = {"cognito-identity": "pool", "sts": "sts"}
_SERVICES = {
    "s3": "Amazon S3",
    "dynamodb": "DynamoDB",
    "ssm": "Parameter Store",
    "cognito-idp": "User pools",
    "iam": "IAM",
    "sandbox": "The sandbox",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop on the way. `word` says in text what the mark shows.

    Attributes:
        mark: name of the icon, and its tone.
        href: where more is said about it; empty for what leads nowhere.
        number: of its call, as the page counts it: `S1`, `2`.
        took: how long, in words.
        position: of its call in the trace.
        messages: what is drawn of it.
    """

    title: str
    word: str
    mark: tuple[str, str]
    href: str = ""
    number: str = ""
    took: str = ""
    position: int | None = None
    messages: tuple[UnplacedArrow, ...] = ()

    @property
    def icon(self) -> str:
        return f"icons/{self.mark[0]}.svg"

    @property
    def tone(self) -> str:
        return self.mark[1]

    def exchange(self, here: int | None) -> Exchange:
        """The stop as it is drawn."""
        name = f"{self.number}: {self.title}" if self.number else self.title
        label = ", ".join(part for part in (name, self.word, self.took) if part)
        return Exchange(self.messages, self.href, label, here is not None and here == self.position)


@dataclass(frozen=True)
class RunOverview:
    """What a run's overview is made of.

    Attributes:
        exchange: the calls that were made towards the credentials.
        uses: those that were made with them.
        role: whose credentials they are; empty where nobody says.
        address: of the page with the calls.
        here: the position of the call that stands out, if one does.
        in_room: whether it is shown to a room, where links lead from screen to screen.
    """

    run: Run
    flow: Flow | None
    sign_in: RunSignIn | None
    exchange: Sequence[CallView]
    uses: Sequence[CallView]
    role: str
    address: str
    here: int | None = None
    in_room: bool = False

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """The stops in their order."""
        return tuple(self._stops())

    @cached_property
    def drawings(self) -> tuple[SequenceDiagram, ...]:
        """The picture, and where it is too wide for a phone, another one for that; none for nothing to draw."""
        exchanges = [stop.exchange(self.here) for stop in self.stops if stop.messages]
        if not exchanges:
            return ()
        return drawn_for_all("run", f"Run {self.run.short_code}, call by call", self._names, exchanges, _ROW)

    def _stops(self) -> Iterator[Stop]:
        if self.sign_in:
            yield from self._sign_in(self.sign_in)
        # What somebody asked by CLI or SDK is what they asked: there is no plan of which a part was not run.
        if self.flow and self.run.origin != Origin.CLI:
            made = {call.row.step: call for call in self.exchange}
            steps = {step.key for step in self.flow.steps}
            yield from self._others([call for call in self.exchange if call.row.step not in steps])
            for step in self.flow.steps:
                yield self._step(step, made.get(step.key))
            yield self._credentials()
            yield from self._others(self.uses)
        else:
            yield from self._others(sorted([*self.exchange, *self.uses], key=lambda call: call.row.position))

    @property
    def _names(self) -> dict[Key, str]:
        services = {call.row.service for call in [*self.exchange, *self.uses] if call.row.service not in _ASKED}
        service = next(iter(services), "")
        return {
            "you": "You",
            "provider": self.sign_in.label if self.sign_in else "",
            "app": "CLI or SDK" if self.run.origin == Origin.CLI else "This app",
            "pool": "Identity pool",
            "sts": "AWS STS",
            "service": _SERVICES.get(service, service) if len(services) == 1 else "AWS services",
        }

    def _address_of(self, call: CallView) -> str:
        return f"?present=1&call={call.row.position}" if self.in_room else f"{self.address}{call.query}"

    # --- The sign-in --------------------------------------------------------------------------------------------------

    def _sign_in(self, sign_in: RunSignIn) -> Iterator[Stop]:
        title = "Sign-in here" if sign_in.is_developer else f"Sign-in: {sign_in.label}"
        mark = (
            _OK
            if sign_in.succeeded
            else _NO
            if sign_in.failed or sign_in.sent_anyway
            else _NONE
            if self.run.is_over
            else _OPEN
        )
        yield Stop(title, sign_in.state_label.lower(), mark, "" if self.in_room else f"{self.address}#sign-in")
        for call in sign_in.calls:
            last = call is sign_in.calls[-1]
            yield self._sign_in_request(call, sign_in.refusal if last else "")

    def _sign_in_request(self, call: CallView, refused: str) -> Stop:
        """`refused`: why the sign-in ended with what this request brought; empty where it did not."""
        sender: Key = "you" if call.by_browser else "app"
        asked = UnplacedArrow("call", sender, "provider", _words(call.row.operation, call.took), call.label)
        if not call.ok:
            asked = replace(asked, kind="refused", text=_words(call.row.operation, call.status), note=refused)
            messages = [asked]
        elif refused:
            messages = [asked, UnplacedArrow("refused", "provider", "app", call.brought, note=_note(refused))]
        elif call.brought:
            messages = [asked, UnplacedArrow("back", "provider", "app", call.brought)]
        else:
            messages = [asked]
        word = "by the browser" if call.by_browser else "answered" if call.ok else "failed"
        mark = _NO if refused or not call.ok else _OK
        return Stop(
            call.row.operation,
            word,
            mark,
            self._address_of(call),
            call.label,
            call.took,
            call.row.position,
            tuple(messages),
        )

    # --- The calls ----------------------------------------------------------------------------------------------------

    def _step(self, step: Step, call: CallView | None) -> Stop:
        if call is not None:
            return self._call(call, step)
        asked: Key = "sts" if step.service == "sts" else "pool"
        word = "not run" if self.run.is_over else "not run yet"
        learn = "" if self.in_room else reverse("flows:learn_api", args=[step.operation])
        message = UnplacedArrow("planned", "app", asked, f"{step.operation}, {word}")
        return Stop(step.operation, "not run", _NONE, learn, messages=(message,))

    def _call(self, call: CallView, step: Step | None = None) -> Stop:
        asked: Key = _ASKED.get(call.row.service, "service")
        title = call.row.operation
        if call.pending:
            word, mark = "no answer yet", _OPEN
            messages = [UnplacedArrow("call", "app", asked, _words(title, "no answer yet"), call.label)]
        elif call.ok:
            word, mark = "succeeded", _OK
            text = _words(title, call.took)
            messages = [UnplacedArrow("call", "app", asked, text, call.label)]
            if step:
                drawn_ = [replace(each, text=text) if each.number else each for each in step_messages(step, call.label)]
                answer = self._answer(step, call)
                messages = [replace(each, text=answer) if each.kind == "back" else each for each in drawn_]
        else:
            word, mark = "refused" if call.row.status else "failed", _NO
            status = str(call.row.status or call.row.error_code)
            messages = [
                UnplacedArrow("refused", "app", asked, _words(title, status, call.took), call.label, _note(call.reason))
            ]
        return Stop(
            title, word, mark, self._address_of(call), call.label, call.took, call.row.position, tuple(messages)
        )

    def _answer(self, step: Step, call: CallView) -> str:
        """What came back, with as much of it as tells it from another."""
        if step.answer == "identity ID":
            return f"identity ID …{str(call.row.response_params.get('IdentityId', ''))[-6:]}"
        if step.answer == "OpenID token" and call.tokens:
            return f"OpenID token ‹{call.tokens[-1].fingerprint}›"
        return f"credentials of {self.role}" if self.role and "credentials" in step.answer else step.answer

    def _credentials(self) -> Stop:
        if self.run.outcome == Outcome.SUCCEEDED:
            return Stop("Credentials", f"of {self.role}" if self.role else "received", ("key", "is-ok"))
        return Stop("Credentials", "none" if self.run.is_over else "none yet", _NONE)

    def _others(self, calls: Sequence[CallView]) -> Iterator[Stop]:
        """Calls that are no step of a flow; no more than can be taken in, the one that stands out among them."""
        first = self._first_shown(calls)
        if first:
            yield self._left_out(calls[:first], "earlier")
        for call in calls[first : first + _MOST_CALLS]:
            yield self._call(call)
        if more := calls[first + _MOST_CALLS :]:
            yield self._left_out(more, "more")

    def _first_shown(self, calls: Sequence[CallView]) -> int:
        at = next((index for index, call in enumerate(calls) if call.row.position == self.here), 0)
        return 0 if at < _MOST_CALLS else min(at - _MOST_CALLS // 2, len(calls) - _MOST_CALLS)

    def _left_out(self, calls: Sequence[CallView], which: str) -> Stop:
        title = f"{len(calls)} {which} call{pluralize(len(calls))}"
        arrow = UnplacedArrow("call", "app", _ASKED.get(calls[0].row.service, "service"), title)
        href = self._address_of(calls[0]) if self.in_room else self.address
        return Stop(title, "in the list of calls", _NONE, href, messages=(arrow,))


def _words(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _note(text: str) -> str:
    return text if len(text) <= _LONGEST_NOTE else f"{text[: _LONGEST_NOTE - 1]}…"
