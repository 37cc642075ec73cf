"""A run at a glance: the sign-in, each call that its flow plans, and the credentials at the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.exchange.steps import Flow, Step
from flows.models import Outcome, Run
from flows.pages.run.calls import CallView
from flows.pages.run.sign_in import SignInView

_OK, _NO, _OPEN, _NONE = ("check", "is-ok"), ("cross", "is-no"), ("clock", "is-open"), ("minus", "")


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop on the way. `word` says in text what the mark shows.

    Attributes:
        mark: name of the icon, and its tone.
        anchor: where the detailed API flow shows it; empty for what did not happen.
        number: of its call, where it is one.
    """

    title: str
    word: str
    mark: tuple[str, str]
    anchor: str = ""
    number: int | None = None

    @property
    def icon(self) -> str:
        return f"icons/{self.mark[0]}.svg"

    @property
    def tone(self) -> str:
        return self.mark[1]


def stops(run: Run, flow: Flow, sign_in: SignInView | None, exchange: Sequence[CallView], role: str) -> Iterator[Stop]:
    """The stops in their order.

    Args:
        exchange: the calls that were made towards the credentials.
        role: whose credentials they are; empty where nobody says.
    """
    if sign_in:
        yield _sign_in(sign_in)
    made = {call.row.step: call for call in exchange}
    for step in flow.steps:
        yield _call(step, made.get(step.key))
    if run.outcome == Outcome.SUCCEEDED:
        yield Stop("Credentials", f"of {role}" if role else "received", ("key", "is-ok"))
    else:
        yield Stop("Credentials", "none" if run.is_over else "none yet", _NONE)


def _sign_in(sign_in: SignInView) -> Stop:
    title = "Sign-in here" if sign_in.is_developer else f"Sign-in: {sign_in.label}"
    mark = _OK if sign_in.succeeded else _NO if sign_in.failed else _NONE if sign_in.run.is_over else _OPEN
    return Stop(title, sign_in.state_label.lower(), mark, "sign-in")


def _call(step: Step, call: CallView | None) -> Stop:
    if call is None:
        return Stop(step.operation, "not run", _NONE)
    number = call.row.position
    if call.pending:
        return Stop(step.operation, "no answer yet", _OPEN, call.anchor, number)
    if call.ok:
        return Stop(step.operation, "succeeded", _OK, call.anchor, number)
    word = "refused" if call.row.status else "failed"
    return Stop(step.operation, word, _NO, call.anchor, number)
