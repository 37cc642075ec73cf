"""A drawing of identities over time: a lane each, a mark for each run that met it, an arrow where one was merged.

Laid out here; `flows/_identity_lanes.html` writes it as SVG. The same is in a table, for those who cannot see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Mark = Literal["guest", "login", "away"]

_MARGIN = 18
_TOP, _FOOT = 16, 26
_MOST_LANES = 14  # the newest: more would be a picture that nobody takes in at once
_CLOSEST = 34  # units between two marks that both have their runs' numbers below


@dataclass(frozen=True, slots=True)
class Shape:
    """The measures of a drawing, in its units.

    Attributes:
        key: of its own among the drawings of a page.
        width: of all of it.
        names: of that, the room before the lanes for what they are called; 0 where each is called so above its lane.
        lane: how high a lane is.
    """

    key: Literal["wide", "narrow"]
    width: int
    names: int
    lane: int

    @property
    def lane_y(self) -> int:
        """How far below the top of a lane its line is."""
        return self.lane // 2 if self.names else self.lane - 14


WIDE = Shape("wide", width=960, names=208, lane=40)
# As wide as a card of a phone, so that its words are as large there as they are in the wide one.
NARROW = Shape("narrow", width=312, names=0, lane=58)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a run had to do with an identity. `place`: which of the runs it was, counted from the first."""

    place: int
    run: str
    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class Life:
    """An identity, as far as runs met it.

    Attributes:
        name: the end of its ID.
        came_as: by which logins, in words.
        visits: in their order, one at least.
        merged_into: the name of the identity that it went into; empty if it went into none.
        merged_at: which of the runs saw that.
    """

    name: str
    came_as: str
    visits: tuple[Visit, ...]
    merged_into: str = ""
    merged_at: int = 0


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark on a lane."""

    x: float
    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane. `ends` is where its line stops; `arrow` the path of what leads from it into another, else empty.

    `name_y` and `came_y`: the lines on which its two names stand.
    """

    name: str
    came_as: str
    y: int
    name_y: int
    came_y: int
    begins: float
    ends: float
    goes_on: bool
    dots: tuple[Dot, ...]
    arrow: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A run's number below its marks."""

    x: float
    run: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """The whole drawing. `words`: what it shows, in sentences; `left_out`: how many earlier identities there are."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    left_out: int
    shape: Shape
    words: tuple[str, ...] = field(default=())

    @property
    def right(self) -> int:
        """Where lanes go on to."""
        return self.shape.width - (_MARGIN if self.shape.names else 4)

    @property
    def height(self) -> int:
        return self.base + _FOOT

    @property
    def base(self) -> int:
        """Where the lanes end and the numbers of the runs stand below."""
        return _TOP + self.shape.lane * len(self.lanes)

    @property
    def ticks_y(self) -> int:
        return self.base + 16


def drawn_lanes(lives: Sequence[Life], shape: Shape = WIDE) -> Lanes | None:
    """The drawing of these identities, the earliest first; None where there is only one run to draw."""
    shown = lives[-_MOST_LANES:]
    runs = sorted({visit.place: visit.run for life in shown for visit in life.visits}.items())
    if len(runs) < 2:
        return None
    x = _places([place for place, _ in runs], shape)
    y = {life.name: _TOP + shape.lane * row + shape.lane_y for row, life in enumerate(shown)}
    return Lanes(
        lanes=tuple(_lane(life, x, y, shape) for life in shown),
        ticks=_ticks(runs, x),
        left_out=len(lives) - len(shown),
        shape=shape,
        words=tuple(_told(life) for life in shown),
    )


def _places(places: Sequence[int], shape: Shape) -> dict[int, float]:
    """Where each run stands, from left to right: by their order, since a pause between two says nothing."""
    room = shape.width - shape.names - 2 * _MARGIN
    return {
        place: round(shape.names + _MARGIN + room * number / (len(places) - 1), 1)
        for number, place in enumerate(places)
    }


def _lane(life: Life, x: dict[int, float], y: dict[str, int], shape: Shape) -> Lane:
    here = y[life.name]
    merged = life.merged_into in y and life.merged_at in x
    end = x[life.merged_at] if merged else x[life.visits[-1].place]
    return Lane(
        name=life.name,
        came_as=life.came_as,
        y=here,
        name_y=here - (3 if shape.names else 27),
        came_y=here + (12 if shape.names else -12),
        begins=x[life.visits[0].place],
        ends=end,
        goes_on=not life.merged_into,
        dots=tuple(Dot(x[visit.place], visit.mark, visit.words) for visit in life.visits),
        arrow=_arrow(end, here, y[life.merged_into]) if merged else "",
    )


def _arrow(x: float, here: int, there: int) -> str:
    """From a lane to another one, stopping short of the mark there."""
    stop = there - 9 if there > here else there + 9
    return f"M{x} {here}V{stop}"


def _ticks(runs: Sequence[tuple[int, str]], x: dict[int, float]) -> tuple[Tick, ...]:
    """As many of the runs' numbers as have room, the last one for sure."""
    found: list[Tick] = []
    for place, run in reversed(runs):
        if not found or found[-1].x - x[place] >= _CLOSEST:
            found.append(Tick(x[place], run))
    return tuple(reversed(found))


def _told(life: Life) -> str:
    runs = ", ".join(visit.run for visit in life.visits)
    merged = f"; merged into …{life.merged_into}" if life.merged_into else ""
    return f"…{life.name}, {life.came_as}: runs {runs}{merged}."
