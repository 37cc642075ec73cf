"""Statements of a policy, compiled once: which actions, resources and principals they name, under which conditions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from iampolicy.conditions import Condition, compile_conditions, list_of
from iampolicy.truth import Truth, Unknown, all_of, any_of, opposite
from iampolicy.wildcards import Context, arn_pattern, pattern

VARIABLES_VERSION = "2012-10-17"


class Statement:
    """One statement.

    Attributes:
        raw: as the policy has it.
        label: its Sid, or its number: how people find it in the document.
    """

    __slots__ = ("_actions", "_not_action", "_not_resource", "_resources", "conditions", "effect", "label", "raw")

    def __init__(self, raw: Mapping[str, Any], number: int, variables: bool) -> None:
        self.raw = raw
        self.effect: str = raw["Effect"]
        self.label: str = str(raw.get("Sid") or f"statement {number}")
        self._not_action = "NotAction" in raw
        self._not_resource = "NotResource" in raw
        actions = list_of(raw.get("NotAction" if self._not_action else "Action", []))
        resources = list_of(raw.get("NotResource" if self._not_resource else "Resource", []))
        # Variables are allowed in resources and conditions, not in actions.
        self._actions = [pattern(text, False, ignore_case=True) for text in actions]
        self._resources = [arn_pattern(text, variables) for text in resources]
        self.conditions: tuple[Condition, ...] = compile_conditions(raw.get("Condition") or {}, variables)

    def names_action(self, action: str) -> bool:
        named = any(wanted.matches(action, {}) for wanted in self._actions)
        return named is not self._not_action

    def names_resource(self, resource: str, context: Context) -> Truth:
        named = any_of(wanted.matches(resource, context) for wanted in self._resources)
        return opposite(named) if self._not_resource else named

    def holds(self, context: Context) -> Truth:
        """Whether all conditions hold; None when that cannot be told. One that certainly does not settles it."""
        return all_of(condition.holds(context) for condition in self.conditions)

    def matches(self, action: str, resource: str, context: Context) -> Truth:
        """Whether the statement speaks of this access."""
        if not self.names_action(action):
            return False
        named = self.names_resource(resource, context)
        return False if named is False else all_of((named, self.holds(context)))

    def doubts(self, action: str, resource: str, context: Context) -> tuple[str, ...]:
        """Why it cannot be told whether the statement applies: the unknown keys that it asks for, or operators that
        are none.
        """
        watched = _Watched(context)
        self.matches(action, resource, watched)
        return (*watched.unknown, *(condition.operator for condition in self.conditions if not condition.usable))


class _Watched(Mapping[str, str | tuple[str, ...] | Unknown]):
    """A context that remembers which unknown keys it was asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.unknown: dict[str, None] = {}

    def __getitem__(self, key: str) -> str | tuple[str, ...] | Unknown:
        value = self._context[key]
        if isinstance(value, Unknown):
            self.unknown[key] = None
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._context)

    def __len__(self) -> int:
        return len(self._context)


class PolicyDocument(dict[str, Any]):
    """A policy that has been checked, with its statements compiled when they are first needed."""

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        variables = self.get("Version") == VARIABLES_VERSION
        return tuple(
            Statement(raw, number, variables) for number, raw in enumerate(list_of(self.get("Statement", [])), start=1)
        )


def statements_of(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The compiled statements of any policy document; those of a PolicyDocument are compiled once."""
    return document.statements if isinstance(document, PolicyDocument) else PolicyDocument(document).statements


def all_statements(documents: Sequence[Mapping[str, Any]]) -> Iterable[tuple[int, Statement]]:
    """Every statement with the index of its document."""
    for index, document in enumerate(documents):
        for statement in statements_of(document):
            yield index, statement
