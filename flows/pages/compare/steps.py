"""What differs step by step, each difference once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flows.models import ApiCall
from flows.pages.compare.alignment import Pair
from flows.pages.compare.fields import Difference, HeldCalls
from flows.pages.compare.sentences import (
    ToldDifference,
    checked_otherwise,
    failed_check,
    only_called,
    only_carried,
    only_checked,
    only_noted,
    only_requested,
    only_signed_in,
    told,
)
from flows.pages.run.calls import CallView, DecisionView

_PAIR_TELLS = 8  # characters: two values as long as that, told of once, are not told of again
_MOST_CHECKS = 4  # that are named of those which only one call had
# Whoever composed the calls chose the values. Put in each other's place, a few can grow without end, and thousands of
# them are held against each other.
_MOST_KNOWN = 500  # pairs of values that are remembered
_LONGEST_IMPLIED = 10_000  # characters of a text in which they are put


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """A pair of calls with what differs between them.

    Attributes:
        told: what is said; empty of equal calls, and of those whose differences an earlier step has told.
        again: how many differences an earlier step, or what was chosen, has told already.
        passed_over: what is new in every run.
    """

    pair: Pair
    told: tuple[ToldDifference, ...]
    again: int = 0
    passed_over: tuple[Difference, ...] = ()

    @property
    def equal(self) -> bool:
        return not self.told and not self.again


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells of differences, and remembers which it has told.

    Attributes:
        both_sign_in: whether each run has a sign-in of its own.
    """

    both_sign_in: bool = False
    _sentences: set[str] = field(default_factory=set)
    _values: dict[str, str] = field(default_factory=dict)

    def know(self, a: str, b: str) -> None:
        """These values of A and B are told of elsewhere."""
        if min(len(a), len(b)) >= _PAIR_TELLS and a != b and len(self._values) < _MOST_KNOWN:
            self._values.setdefault(a, b)

    def step(self, pair: Pair, held: HeldCalls | None) -> ComparedStep:
        """What differs in a pair. `held`: its calls, held against each other; None where there is only one."""
        if held is None or pair.a is None or pair.b is None:
            told_ = self._fresh([(None, self._alone(pair.one, "A" if pair.a else "B"))])
            return ComparedStep(pair, told_, 1 - len(told_))
        found = list(_of_pair(pair.a, pair.b, held.differences))
        told_ = self._fresh(found)
        return ComparedStep(pair, told_, len(found) - len(told_), held.passed_over)

    def _alone(self, call: CallView, who: str) -> ToldDifference:
        if not call.is_sign_in:
            return only_called(who, call.row.operation)
        return only_requested(who) if self.both_sign_in else only_signed_in(who)

    def _fresh(self, found: Iterable[tuple[Difference | None, ToldDifference]]) -> tuple[ToldDifference, ...]:
        """Those that nothing told before implies."""
        fresh = []
        for difference, sentence in found:
            if sentence.text in self._sentences or (difference and self._implied(*difference.settled)):
                continue
            self._sentences.add(sentence.text)
            if difference:
                self.know(*difference.settled)
            fresh.append(sentence)
        return tuple(fresh)

    def _implied(self, a: str, b: str) -> bool:
        """Whether A's text becomes B's when what is known to differ is put in its place."""
        if not a or not b:
            return False
        for value in sorted(self._values, key=len, reverse=True):
            a = a.replace(value, self._values[value])
            if len(a) > _LONGEST_IMPLIED:
                return False
        return a == b


def _of_pair(
    a: CallView, b: CallView, differences: Sequence[Difference]
) -> Iterator[tuple[Difference | None, ToldDifference]]:
    """A refusal tells for all that is missing because of it."""
    operation = a.row.operation
    refused = _refused_only(a, b)
    failed = {"A": a.denied, "B": b.denied}
    for each in differences:
        if each.place == "check" or (each.place == "token" and _whole_token_missing(each, a, b)):
            continue
        if refused and _follows(each):
            continue
        yield each, told(each, operation)
    for who, denied in failed.items():
        if denied and not _alike(denied, failed["B" if who == "A" else "A"]):
            yield None, failed_check(who, denied.check, denied.expected, denied.actual)
    yield from _checks_of_both(differences, operation)
    if not refused:  # who was refused has fewer checks and fewer tokens for that reason
        yield from ((None, sentence) for sentence in _checks_of_one(a, b))
        yield from ((None, only_carried(who, kind)) for who, kind in _tokens_of_one(a, b))


def _refused_only(a: CallView, b: CallView) -> str:
    """`A` or `B` where just that one was refused or not answered, else empty."""
    if a.row.failed == b.row.failed:
        return ""
    return "A" if a.row.failed else "B"


def _follows(difference: Difference) -> bool:
    """Whether it only says once more that one of two calls was refused."""
    if difference.place == "call":
        return difference.name in ("status", "message", "state")
    return difference.place == "answer" and (difference.a is None or difference.b is None)


def _alike(one: DecisionView, other: DecisionView | None) -> bool:
    return other is not None and (one.code, one.check, one.expected, one.actual) == (
        *(other.code, other.check),
        *(other.expected, other.actual),
    )


def _checks_of_both(
    differences: Iterable[Difference], operation: str
) -> Iterator[tuple[Difference | None, ToldDifference]]:
    """Checks that both passed, with other values: one sentence for each."""
    by_check: dict[str, dict[str, Difference]] = {}
    for each in differences:
        if each.place == "check" and each.a is not None and each.b is not None:
            check, _, part = each.name.rpartition(".")
            by_check.setdefault(check, {})[part] = each
    for parts in by_check.values():
        expected, found = parts.get("expected"), parts.get("actual")
        if "verdict" in parts:  # of one that was passed and not passed, the failed check tells
            continue
        if expected and found:
            sides = ((expected.a or "", expected.b or ""), (found.a or "", found.b or ""))
            yield found, checked_otherwise(found.label, *sides)
        elif only := expected or found:
            yield only, told(only, operation)


def _checks_of_one(a: CallView, b: CallView) -> Iterator[ToldDifference]:
    for who, mine, others in (("A", a, b), ("B", b, a)):
        codes = {decision.code or decision.check for decision in others.decisions}
        alone = [decision for decision in mine.decisions if (decision.code or decision.check) not in codes]
        yield from (only_noted(who, each.check, each.actual) for each in alone if each.verdict == "info")
        names = list(dict.fromkeys(each.check for each in alone if each.verdict == "pass"))
        if names:
            more = f" and {len(names) - _MOST_CHECKS} more" if len(names) > _MOST_CHECKS else ""
            yield only_checked(who, ", ".join(names[:_MOST_CHECKS]) + more)


def _tokens_of_one(a: CallView, b: CallView) -> Iterator[tuple[str, str]]:
    kinds_a, kinds_b = _kinds(a.row), _kinds(b.row)
    yield from (("A", kind) for kind in kinds_a if kind not in kinds_b)
    yield from (("B", kind) for kind in kinds_b if kind not in kinds_a)


def _whole_token_missing(difference: Difference, a: CallView, b: CallView) -> bool:
    return difference.label not in _kinds(a.row) or difference.label not in _kinds(b.row)


def _kinds(row: ApiCall) -> list[str]:
    return list(dict.fromkeys(str(token.get("kind", "token")) for token in row.tokens))
