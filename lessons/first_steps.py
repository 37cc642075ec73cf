"""What to try first, in the order in which the steps explain one another.

Whether a step was done is read from stored traces: one run that shows it is enough.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class CallLike(Protocol):
    """What a predicate reads of a call in a trace."""

    @property
    def kind(self) -> str:
        """`provider`, `exchange` or `use`."""


class TraceLike(Protocol):
    """What a predicate reads of a trace: an exported one fits (flows.traces), and so do the rows of a run."""

    @property
    def access(self) -> str: ...
    @property
    def flow(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def calls(self) -> Sequence[CallLike]: ...


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One thing to try.

    Attributes:
        start: the query of the demo's address where it begins.
        is_shown_by: whether a run with that trace shows that it was done. It reads the trace and nothing else.
        goes_on_from_last_run: it needs credentials, so it begins at the newest run if that has some.
        sandbox_only: it needs an identity pool that only the sandbox is sure to have.
    """

    key: str
    title: str
    text: str
    start: str
    is_shown_by: Callable[[TraceLike], bool]
    goes_on_from_last_run: bool = False
    sandbox_only: bool = False


def _succeeded(trace: TraceLike) -> bool:
    return trace.outcome == "succeeded"


FIRST_STEPS = (
    FirstStep(
        key="guest",
        title="Be a guest",
        text="Two calls, no sign-in: the enhanced flow.",
        start="access=guest&flow=enhanced",
        is_shown_by=lambda trace: _succeeded(trace) and trace.access == "guest" and trace.flow == "enhanced",
    ),
    FirstStep(
        key="own-role",
        title="Choose the role yourself",
        text="Three calls, and a token to look into: the basic flow.",
        start="access=guest&flow=basic",
        is_shown_by=lambda trace: _succeeded(trace) and "basic" in trace.flow,
    ),
    FirstStep(
        key="sign-in",
        title="Sign in as somebody",
        text="What a provider vouches for becomes an identity that stays the same.",
        start="access=authenticated",
        is_shown_by=lambda trace: _succeeded(trace) and trace.access == "authenticated",
    ),
    FirstStep(
        key="use",
        title="Use what you got",
        text="Read from S3 with the credentials, and see what the role does not allow.",
        start="access=guest",
        is_shown_by=lambda trace: any(call.kind == "use" for call in trace.calls),
        goes_on_from_last_run=True,
    ),
    FirstStep(
        key="refused",
        title="Be refused",
        text="Ask a pool that allows no guests, and read why it says no.",
        start="access=guest&pool=no-guests",
        is_shown_by=lambda trace: trace.outcome == "refused",
        sandbox_only=True,
    ),
)
