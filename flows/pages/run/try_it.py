"""The sample calls of a run: what each is expected to lead to, what it led to, and the same call as a program."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.models import Run
from flows.pages.run import wire
from flows.pages.run.calls import CallView
from lessons.sample_calls import Sample, samples_for
from web import sandboxes

_MOST_COLUMNS = 5
_NOT_SHOWN = frozenset({"ETag", "StorageClass", "ChecksumAlgorithm", "ChecksumType", "Owner", "RestoreStatus"})
_EXPECTATIONS = {"allowed": "should be allowed", "refused": "should be refused", "by role": "the role decides"}


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """A list of an answer. `name`: of the member that it is."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SampleTry:
    """One sample. `last`: the last call of it in this run, if there is one."""

    run: Run
    sample: Sample
    last: CallView | None

    @property
    def expected(self) -> str:
        """`allowed`, `refused` or `by role`: only the enhanced flow limits guests by a session policy."""
        basic = self.sample.basic_allows and self.run.flow == "basic"
        return "allowed" if basic else self.sample.expected

    @property
    def expectation(self) -> str:
        return _EXPECTATIONS[self.expected]

    @property
    def outcome(self) -> str:
        """What the last call led to: `allowed`, `refused`, or `failed` without an answer; empty before the first."""
        if self.last is None:
            return ""
        return "allowed" if self.last.ok else "refused" if self.last.row.status else "failed"

    @property
    def verdict(self) -> str:
        """What came, held beside what was expected."""
        if self.outcome in ("", "failed"):
            return "No answer" if self.outcome else ""
        if self.expected == "by role":
            return f"{self.outcome.capitalize()} by this role"
        as_expected = self.outcome == self.expected
        return f"{self.outcome.capitalize()}, {'as expected' if as_expected else f'but {self.expectation}'}"

    @property
    def tone(self) -> str:
        if self.outcome == "failed":
            return "is-no"
        return "is-ok" if self.expected in ("by role", self.outcome) else "is-warn"

    @property
    def table(self) -> AnswerTable | None:
        """The list in the answer; None where there is none, or it has no rows."""
        return next(_tables(self.last.row.response_params), None) if self.last else None

    @property
    def _endpoint(self) -> str:
        return sandboxes.of_account(self.run.account_id).cli_url

    @property
    def python(self) -> str:
        return self.sample.python(self.sample.region(self.run.region), self.run.identity_id, self._endpoint)

    @property
    def javascript(self) -> str:
        return self.sample.javascript(self.sample.region(self.run.region), self.run.identity_id, self._endpoint)


@dataclass(frozen=True, slots=True)
class TryIt:
    """All of them, and the one whose answer is shown."""

    samples: tuple[SampleTry, ...]
    chosen: SampleTry


def try_it(run: Run, uses: Sequence[CallView], *, wanted: str = "", at_call: int | None = None) -> TryIt:
    """The samples for whoever the run is of.

    Args:
        uses: the run's calls with its credentials.
        wanted: the key of the sample whose answer is to be shown.
        at_call: or the position of a call of it.
    """
    last = {call.row.step: call for call in uses}
    samples = tuple(SampleTry(run, sample, last.get(key)) for key, sample in samples_for(run.access).items())
    step = next((call.row.step for call in uses if call.row.position == at_call), wanted)
    latest = uses[-1].row.step if uses else ""
    by_key = {each.sample.key: each for each in samples}
    return TryIt(samples, by_key.get(step) or by_key.get(latest) or samples[0])


def _tables(params: Mapping[str, Any]) -> Iterator[AnswerTable]:
    for name, value in params.items():
        items = value if isinstance(value, list) else []
        nodes = [wire.nodes(item) for item in items if isinstance(item, Mapping)]
        if not nodes or len(nodes) != len(items) or any(node.children for item in nodes for node in item):
            continue
        columns = tuple(dict.fromkeys(node.name for item in nodes for node in item if node.name not in _NOT_SHOWN))
        shown = columns[:_MOST_COLUMNS]
        rows = [{node.name: node.text for node in item} for item in nodes]
        yield AnswerTable(name, shown, tuple(tuple(row.get(column, "") for column in shown) for row in rows))
