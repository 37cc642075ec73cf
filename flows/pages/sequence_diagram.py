"""Sequence diagrams: who asks whom for what. Laid out here, for a flow as for a run; diagram_svg writes them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal

from flows.exchange.steps import Flow, Step

Key = Literal["you", "provider", "app", "pool", "sts", "service"]
# `call`: with its number; `back`: its answer; `inner`: what the pool asks itself; `refused`: a call that was refused;
# `planned`: a call that was not made.
Kind = Literal["call", "back", "inner", "refused", "planned"]

_FIRST_ROW = 76
_BELOW = 44  # from the last arrow to the lower edge
_NOTE = 20  # of a line below an arrow
_GAP = 3  # between an arrow's tip and the line that it points to
_TIP = 8
_NUMBER = 12  # a call begins at the edge of its number
_BESIDE = 16  # and its text beside it
_EDGE = 4
_NEAREST = 128  # between the lines of two neighbours
_LARGER, _WIDEST = 1.25, 740
# An upper bound of the mean width of a character, of 12 units' height, in the fonts that systems have.
_CHARACTER, _BOLD_CHARACTER = 6.7, 7.5

# A drawing as wide as a card of a phone: its lines stand close together, in short names, and words stand across them.
_NARROW = 336
_SHORT_NAMES: Mapping[Key, str] = {
    "you": "You",
    "provider": "Provider",
    "app": "App",
    "pool": "Pool",
    "sts": "STS",
    "service": "AWS",
}
_NARROW_HEAD, _NARROW_ROW = 52, 40

Shape = Literal["", "wide", "narrow"]
ORDER: tuple[Key, ...] = ("you", "provider", "app", "pool", "sts", "service")


@dataclass(frozen=True, slots=True)
class UnplacedArrow:
    """One arrow, before it has a place.

    Attributes:
        number: in the circle at which it begins; empty for what is not a call.
        note: a line below it, such as why it was refused.
    """

    kind: Kind
    sender: Key
    receiver: Key
    text: str
    number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and what belongs to it: one link of the drawing.

    Attributes:
        href: where it leads; empty for none.
        label: of the link, for those who do not see the drawing.
        here: whether it is the one that the page is about.
    """

    messages: tuple[UnplacedArrow, ...]
    href: str = ""
    label: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Participant:
    """One of the columns. Lengths are in units of the drawing; `fixed` is its width where its name does not make it."""

    key: Key
    name: str
    x: int
    fixed: int = 0

    @property
    def width(self) -> int:
        return self.fixed or max(98, round(len(self.name) * _BOLD_CHARACTER) + 16)

    @property
    def left(self) -> int:
        return self.x - self.width // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """One row of the drawing: a message in its place. `narrow`: its words stand across the lines, clear of numbers."""

    message: UnplacedArrow
    sender: Participant
    receiver: Participant
    y: int
    narrow: bool = False

    @property
    def kind(self) -> Kind:
        return self.message.kind

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def number(self) -> str:
        return self.message.number

    @property
    def _direction(self) -> int:
        return 1 if self.receiver.x > self.sender.x else -1

    @property
    def start(self) -> int:
        return self.sender.x + self._direction * (_NUMBER if self.number else _GAP)

    @property
    def end(self) -> int:
        """Where the line ends: before its tip, or where a refusal stops it."""
        return self.receiver.x - self._direction * (_TIP if self.kind != "refused" else 2 * _TIP)

    @property
    def tip(self) -> int:
        return self.receiver.x - self._direction * _GAP

    @property
    def stop(self) -> int:
        """Where the cross of a refusal begins, which is 14 wide."""
        return self.end if self._direction > 0 else self.end - 14

    @property
    def tip_width(self) -> int:
        """Where the tip's back lies, seen from its point."""
        return -9 * self._direction

    @property
    def anchor(self) -> Literal["start", "middle", "end"]:
        """A call's text begins beside its number; others stand in the middle between two lines."""
        if self.narrow or not self.number:
            return "middle"
        return "start" if self._direction > 0 else "end"

    @property
    def text_x(self) -> int:
        middle = (self.sender.x + self.receiver.x) // 2
        if self.narrow:
            words = max(len(self.text) * _BOLD_CHARACTER, len(self.message.note) * _CHARACTER)
            half = min(round(words / 2) + _EDGE, _NARROW // 2)
            return min(max(middle, half), _NARROW - half)
        return self.sender.x + self._direction * _BESIDE if self.number else middle

    @property
    def text_y(self) -> int:
        return self.y - (14 if self.narrow else 8)

    @property
    def note_y(self) -> int:
        return self.y + (22 if self.narrow else 18)


@dataclass(frozen=True, slots=True)
class DiagramRow:
    """The arrows of one call, with the link that they are; `top` and `height` are of the stripe that they stand in."""

    exchange: Exchange
    arrows: tuple[Arrow, ...]
    top: int
    height: int


@dataclass(frozen=True, slots=True)
class SequenceDiagram:
    """What diagram_svg draws.

    Attributes:
        key: of its own among the drawings of a page.
        shape: `wide` for one that has a `narrow` one beside it, which is shown on phones in its place.
    """

    key: str
    title: str
    participants: tuple[Participant, ...]
    rows: tuple[DiagramRow, ...]
    width: int
    shape: Shape = ""

    @property
    def too_wide(self) -> bool:
        """Whether it would be shrunk on a phone, and its words with it."""
        return self.width > _NARROW

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        return tuple(arrow for row in self.rows for arrow in row.arrows)

    @property
    def shown_width(self) -> int:
        """In pixels, where there is room: a small one is shown larger."""
        return max(self.width, min(round(self.width * _LARGER), _WIDEST))

    @property
    def stripe(self) -> int:
        """How wide the stripe of a call is."""
        return self.width - 4

    @property
    def has_links(self) -> bool:
        return any(row.exchange.href for row in self.rows)

    @property
    def height(self) -> int:
        return (self.rows[-1].top + self.rows[-1].height if self.rows else _FIRST_ROW) + _BELOW // 2

    @property
    def line_end(self) -> int:
        """Where the line below each participant ends."""
        return self.height - 8


def drawn(key: str, title: str, names: Mapping[Key, str], exchanges: Sequence[Exchange], row: int) -> SequenceDiagram:
    """The drawing of some exchanges.

    Args:
        names: of the participants; those that take part are drawn, in their order.
        row: the distance from one arrow to the next, in units of the drawing.
    """
    messages = [message for exchange in exchanges for message in exchange.messages]
    taking_part = {key for message in messages for key in (message.sender, message.receiver)}
    participants = _placed([Participant(key, names[key], 0) for key in ORDER if key in taking_part], messages)
    places = {participant.key: participant for participant in participants}
    rows = tuple(_rows(exchanges, places, row))
    last = participants[-1] if participants else Participant("app", "", 0)
    return SequenceDiagram(key, title, tuple(participants), rows, last.x + last.width // 2 + _EDGE)


def drawn_for_all(
    key: str, title: str, names: Mapping[Key, str], exchanges: Sequence[Exchange], row: int
) -> tuple[SequenceDiagram, ...]:
    """The drawing, and where it is too wide for a phone, another one for that."""
    wide = drawn(key, title, names, exchanges, row)
    return (replace(wide, shape="wide"), drawn_narrow(f"{key}-narrow", title, exchanges)) if wide.too_wide else (wide,)


def drawn_narrow(key: str, title: str, exchanges: Sequence[Exchange]) -> SequenceDiagram:
    """The same for a phone, whoever takes part."""
    messages = [message for exchange in exchanges for message in exchange.messages]
    taking_part = {key for message in messages for key in (message.sender, message.receiver)}
    keys = [key for key in ORDER if key in taking_part]
    xs = accumulate(_narrow_gaps(keys, messages), initial=(_NARROW_HEAD + _EDGE) / 2)
    places = {key: Participant(key, _SHORT_NAMES[key], round(x), _NARROW_HEAD) for key, x in zip(keys, xs, strict=True)}
    rows = tuple(_rows(exchanges, places, _NARROW_ROW, narrow=True))
    return SequenceDiagram(key, title, tuple(places.values()), rows, _NARROW, "narrow")


def _narrow_gaps(keys: Sequence[Key], messages: Iterable[UnplacedArrow]) -> list[float]:
    """The distances between neighbours: heads find room, and the rest goes where the words between two are long."""
    least = _NARROW_HEAD + _EDGE
    needed = [
        max([0.0, *(_needed(each) - least for each in messages if {each.sender, each.receiver} == set(pair))])
        for pair in pairwise(keys)
    ]
    room, wanted = _NARROW - least * (len(needed) + 1), sum(needed)
    if wanted > room:
        return [least + each * room / wanted for each in needed]
    return [least + each + (room - wanted) / len(needed) for each in needed]


def _short(message: UnplacedArrow) -> UnplacedArrow:
    """As many of a message's words as a narrow drawing has room for."""
    text, note = (
        words if len(words) <= most else f"{words[: most - 1]}…"
        for words, width in ((message.text, _BOLD_CHARACTER), (message.note, _CHARACTER))
        for most in [int((_NARROW - 2 * _EDGE) / width)]
    )
    return replace(message, text=text, note=note)


def _placed(participants: list[Participant], messages: Iterable[UnplacedArrow]) -> list[Participant]:
    """Each with its x: as near to its neighbours as names and texts allow."""
    numbers = {participant.key: index for index, participant in enumerate(participants)}
    gaps = [max(_NEAREST, (left.width + right.width) // 2 + 20) for left, right in pairwise(participants)]
    for message in sorted(messages, key=lambda each: abs(numbers[each.sender] - numbers[each.receiver])):
        first, last = sorted((numbers[message.sender], numbers[message.receiver]))
        missing = _needed(message) - sum(gaps[first:last])
        if missing > 0:
            gaps[first] += round(missing)
    x = participants[0].width // 2 + _EDGE if participants else 0
    placed = []
    for participant, gap in zip(participants, [0, *gaps], strict=True):
        x += gap
        placed.append(Participant(participant.key, participant.name, x))
    return placed


def _needed(message: UnplacedArrow) -> float:
    """The distance between sender and receiver at which the words of a message find room between their lines."""
    bold = message.kind in ("call", "refused")
    text = len(message.text) * (_BOLD_CHARACTER if bold else _CHARACTER) + (_BESIDE if message.number else 12) + 6
    return max(text, len(message.note) * _CHARACTER + 12)


def _rows(
    exchanges: Iterable[Exchange], places: Mapping[Key, Participant], distance: int, *, narrow: bool = False
) -> Iterator[DiagramRow]:
    y = _FIRST_ROW
    for exchange in exchanges:
        top, arrows = y - distance + 12, []
        for message in exchange.messages:
            shown = _short(message) if narrow else message
            arrows.append(Arrow(shown, places[message.sender], places[message.receiver], y, narrow))
            y += distance + (_NOTE if message.note else 0)
        yield DiagramRow(exchange, tuple(arrows), top, y - distance + 12 - top)


# --- Of a flow --------------------------------------------------------------------------------------------------------

_ROW_OF_FLOW = 42


def flow_diagrams(flow: Flow) -> tuple[SequenceDiagram, ...]:
    """The drawing of a flow: what its steps ask for, and what comes back; and another one for phones."""
    names: dict[Key, str] = {"app": "Your app", "pool": "Identity pool", "sts": "AWS STS"}
    exchanges = [Exchange(tuple(step_messages(step, str(number)))) for number, step in enumerate(flow.steps, 1)]
    title = f"{flow.variant.capitalize()} flow: {len(flow.steps)} calls"
    return drawn_for_all(flow.key, title, names, exchanges, _ROW_OF_FLOW)


def step_messages(step: Step, number: str) -> Iterator[UnplacedArrow]:
    """A step's call, what the pool does before it answers, and the answer."""
    asked: Key = "sts" if step.service == "sts" else "pool"
    yield UnplacedArrow("call", "app", asked, step.operation, number)
    if step.asks_sts:
        request, answer = step.asks_sts
        yield UnplacedArrow("inner", "pool", "sts", request)
        yield UnplacedArrow("inner", "sts", "pool", answer)
    yield UnplacedArrow("back", asked, "app", step.answer)
