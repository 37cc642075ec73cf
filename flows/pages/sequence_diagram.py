"""A flow as a sequence diagram: who asks whom for what, from the flow's own steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flows.exchange.steps import Flow, Step

_FIRST_ROW = 76
_ROW = 42
_BELOW = 44  # from the last arrow to the lower edge
_GAP = 3  # between an arrow's tip and the line that it points to
_TIP = 8
_NUMBER = 12  # a call begins at the edge of its number


@dataclass(frozen=True, slots=True)
class Participant:
    """One of the three columns. Lengths are in units of the drawing, 444 wide."""

    key: Literal["app", "pool", "sts"]
    name: str
    x: int
    width: int

    @property
    def left(self) -> int:
        return self.x - self.width // 2


APP = Participant("app", "Your app", 50, 98)
POOL = Participant("pool", "Identity pool", 240, 112)
STS = Participant("sts", "AWS STS", 392, 98)


@dataclass(frozen=True, slots=True)
class Arrow:
    """One row of the drawing.

    Attributes:
        kind: `call` (your app's own, with its number), `back` (its answer) or `inner` (what the pool asks itself).
    """

    kind: Literal["call", "back", "inner"]
    sender: Participant
    receiver: Participant
    text: str
    y: int
    number: int = 0

    @property
    def _direction(self) -> int:
        return 1 if self.receiver.x > self.sender.x else -1

    @property
    def start(self) -> int:
        return self.sender.x + self._direction * (_NUMBER if self.number else _GAP)

    @property
    def end(self) -> int:
        return self.receiver.x - self._direction * _TIP

    @property
    def tip(self) -> int:
        return self.receiver.x - self._direction * _GAP

    @property
    def tip_width(self) -> int:
        """Where the tip's back lies, seen from its point."""
        return -9 * self._direction

    @property
    def text_x(self) -> int:
        """A call's text begins beside its number; others stand in the middle, or on the line that the arrow crosses."""
        if self.number:
            return self.sender.x + 16
        crosses_pool = {self.sender.key, self.receiver.key} == {"app", "sts"}
        return POOL.x if crosses_pool else (self.sender.x + self.receiver.x) // 2

    @property
    def text_y(self) -> int:
        return self.y - 8


@dataclass(frozen=True, slots=True)
class SequenceDiagram:
    """What `flows/_sequence_diagram.html` draws."""

    flow: Flow
    arrows: tuple[Arrow, ...]
    participants: tuple[Participant, ...] = (APP, POOL, STS)
    width: int = 444

    @property
    def title(self) -> str:
        return f"{self.flow.variant.capitalize()} flow: {len(self.flow.steps)} calls"

    @property
    def height(self) -> int:
        return self.arrows[-1].y + _BELOW

    @property
    def line_end(self) -> int:
        """Where the line below each participant ends."""
        return self.height - 8


def sequence_diagram(flow: Flow) -> SequenceDiagram:
    """The drawing of a flow."""
    return SequenceDiagram(flow, tuple(_arrows(flow.steps)))


def _arrows(steps: tuple[Step, ...]) -> Iterator[Arrow]:
    y = _FIRST_ROW
    for number, step in enumerate(steps, 1):
        asked = STS if step.service == "sts" else POOL
        yield Arrow("call", APP, asked, step.operation, y, number)
        if step.asks_sts:
            request, answer = step.asks_sts
            yield Arrow("inner", POOL, STS, request, y + _ROW)
            yield Arrow("inner", STS, POOL, answer, y + 2 * _ROW)
            y += 2 * _ROW
        yield Arrow("back", asked, APP, step.answer, y + _ROW)
        y += 2 * _ROW
