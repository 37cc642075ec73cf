"""Which call of one run stands beside which of the other: by what they ask, whatever came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from flows.models import ApiCall
from flows.pages.run.calls import CallView

_MOST = 400  # calls of a run: aligning takes the square of it


@dataclass(frozen=True, slots=True)
class Pair:
    """A call of each run, or of one of them."""

    a: CallView | None
    b: CallView | None

    @property
    def one(self) -> CallView:
        """Either; they ask the same."""
        found = self.a or self.b
        assert found is not None
        return found


def aligned(a: Sequence[CallView], b: Sequence[CallView]) -> list[Pair]:
    """All calls of both, in an order that is right for each. The same call with another outcome is one pair."""
    return list(_pairs(a[:_MOST], b[:_MOST]))


def _pairs(a: Sequence[CallView], b: Sequence[CallView]) -> Iterator[Pair]:
    matcher = SequenceMatcher(a=[_asks(call) for call in a], b=[_asks(call) for call in b], autojunk=False)
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag == "equal":
            yield from (Pair(one, other) for one, other in zip(a[a_from:a_to], b[b_from:b_to], strict=True))
        else:
            yield from (Pair(one, None) for one in a[a_from:a_to])
            yield from (Pair(None, other) for other in b[b_from:b_to])


def _asks(call: CallView) -> tuple[str, str, str]:
    """Steps of different flows can be the same operation; sample calls of one operation ask different things."""
    row = call.row
    return (row.kind, row.service, row.operation if row.kind == ApiCall.Kind.EXCHANGE else row.step)
