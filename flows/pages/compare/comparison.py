"""Two runs held against each other: the verdict, what was chosen, and what differs step by step."""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from flows.models import ApiCall
from flows.pages.compare.alignment import aligned
from flows.pages.compare.choices import Fact, Side, facts, same_provider, told_of_choices
from flows.pages.compare.fields import Difference, held, settled_of
from flows.pages.compare.sentences import ToldDifference
from flows.pages.compare.steps import ComparedStep, Telling
from flows.pages.compare.verdict import verdict

_MOST_SHOWN = 200  # of the values that are new in every run


@dataclass(frozen=True)
class RunComparison:
    """A and B, and all that a page says of them."""

    a: Side
    b: Side

    @property
    def title(self) -> str:
        """Of the page."""
        return f"Runs {self.a.shown.run.short_code} and {self.b.shown.run.short_code} compared"

    @property
    def sides(self) -> tuple[Side, Side]:
        return (self.a, self.b)

    @cached_property
    def choices(self) -> list[ToldDifference]:
        """What differs in what was chosen and in what came of it."""
        return list(told_of_choices(self.a, self.b))

    @property
    def facts(self) -> list[Fact]:
        """The ones that differ."""
        return [fact for fact in facts(self.a, self.b) if not fact.same]

    @property
    def same_facts(self) -> list[Fact]:
        return [fact for fact in facts(self.a, self.b) if fact.same]

    @cached_property
    def steps(self) -> list[ComparedStep]:
        """All pairs of calls, in order."""
        telling = Telling(both_sign_in=all(side.sign_in_requests for side in self.sides))
        for fact in self.facts:
            telling.know(fact.a, fact.b)
        telling.know(self.a.shown.run.pool_id, self.b.shown.run.pool_id)
        first, second = (settled_of(call.row for call in side.shown.calls) for side in self.sides)
        with_sign_in = same_provider(self.a, self.b)
        mine, others = (
            [call for call in side.shown.calls if with_sign_in or not call.is_sign_in] for side in self.sides
        )
        found = []
        for pair in aligned(mine, others):
            both = held(pair.a.row, pair.b.row, first, second) if pair.a and pair.b else None
            found.append(telling.step(pair, both))
        return found

    @property
    def told_steps(self) -> list[ComparedStep]:
        """Those with something to say."""
        return [step for step in self.steps if step.told]

    @property
    def differences(self) -> int:
        """How many sentences there are."""
        return len(self.choices) + sum(len(step.told) for step in self.steps)

    @property
    def verdict(self) -> str:
        return verdict(self.a, self.b, self.differences)

    @cached_property
    def passed_over(self) -> list[tuple[str, Difference]]:
        """What is new in every run: the operation, and the values."""
        return list(chain.from_iterable(((_name(step), each) for each in step.passed_over) for step in self.steps))

    @property
    def passed_over_shown(self) -> list[tuple[str, Difference]]:
        return self.passed_over[:_MOST_SHOWN]


def _name(step: ComparedStep) -> str:
    row = step.pair.one.row
    return f"{row.operation} (sign-in)" if row.kind == ApiCall.Kind.PROVIDER else row.operation
