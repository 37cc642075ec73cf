"""The calls of a run as one program: each later call takes what an earlier one was answered with.

What is taken is found by its value: the identity ID of one answer that the next request names, the mark of a token that
was given and is shown. Only members that the operation's model has, and only their first level, can be taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from botocore.model import OperationModel

from flows.programs.call import ProgramCall, SecretNames, SecretVariable, TakenValue

WHOSE = "Whose credentials these are"
_SHORTEST = 16  # characters of what can be taken: a shorter text can be the same by chance
_KEYS = (("AccessKeyId",), ("SecretKey", "SecretAccessKey"), ("SessionToken",))


@dataclass(frozen=True, slots=True)
class AskedCall:
    """A call of the run. `purpose`: a sentence of ours; `answer`: its parameters, as recorded."""

    call: ProgramCall
    purpose: str
    answer: Mapping[str, Any]
    answered: bool


@dataclass(frozen=True, slots=True)
class Link:
    """One call of the program."""

    number: int
    call: ProgramCall
    purpose: str

    @property
    def title(self) -> str:
        name = f"{self.number}. {self.call.model.name}"
        return f"{name}: {self.purpose}" if self.purpose else name


@dataclass(frozen=True)
class Chain:
    """A program's calls, and what becomes of their answers.

    Attributes:
        identity: where the identity ID is taken from at the end.
        credentials: where access key ID, secret key and session token are; None where the last answer has none.
    """

    links: tuple[Link, ...]
    whence: str = ""
    identity: TakenValue | None = None
    credentials: tuple[TakenValue, TakenValue, TakenValue] | None = None

    @property
    def endpoint(self) -> str:
        """Where all of them go; empty for AWS itself."""
        return self.links[0].call.endpoint

    @property
    def region(self) -> str:
        return self.links[-1].call.region

    @cached_property
    def secrets(self) -> list[SecretVariable]:
        """In the order in which they are met."""
        return list({secret.variable: secret for link in self.links for secret in link.call.secrets}.values())

    def notes(self, sign: str) -> list[str]:
        """What to set before, a comment a line. `sign`: with which comments begin."""
        whence = f" {self.whence}" if self.whence else ""
        lines = [
            f"{sign} {secret.variable}: {secret.meaning}{whence}, which is not kept. Set it first."
            for secret in self.secrets
        ]
        if signed := [str(link.number) for link in self.links if link.call.signed]:
            lines.append(
                f"{sign} Call {' and '.join(signed)} is signed with what AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
                "AWS_SESSION_TOKEN hold."
            )
        return lines

    def taken_of(self, number: int) -> list[TakenValue]:
        """What is taken from the answer to a call, each once."""
        of_requests = (taken for link in self.links for taken in _taken_in(link.call.values))
        at_the_end = (self.identity, *(self.credentials or ()))
        found = dict.fromkeys(taken for taken in (*of_requests, *at_the_end) if taken and taken.step == number)
        return list(found)


def chain_of(calls: Sequence[AskedCall], whence: str) -> Chain:
    """The program of these calls. Raises UnknownOperationError."""
    links: list[Link] = []
    taken: dict[str, TakenValue] = {}
    names = SecretNames()
    identity = None
    for number, asked in enumerate(calls, start=1):
        call = replace(asked.call, taken=dict(taken), names=names)
        links.append(Link(number, call, asked.purpose))
        for name, value in _told(call.model, asked.answer):
            found = TakenValue(number, (name,))
            taken.setdefault(value, found)
            identity = found if name == "IdentityId" else identity
    if not links or not calls[-1].answered:
        return Chain(tuple(links), whence)
    return Chain(tuple(links), whence, identity, _credentials(links[-1]))


def _told(model: OperationModel, answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Texts of an answer that a later call may show."""
    members = model.output_shape.members if model.output_shape else {}
    for name, value in answer.items():
        if name in members and isinstance(value, str) and len(value) >= _SHORTEST:
            yield name, value


def _credentials(link: Link) -> tuple[TakenValue, TakenValue, TakenValue] | None:
    output = link.call.model.output_shape
    shape = output.members.get("Credentials") if output else None
    members = getattr(shape, "members", {})
    found = [next((name for name in names if name in members), "") for names in _KEYS]
    if not all(found):
        return None
    key, secret, session = (TakenValue(link.number, ("Credentials", name)) for name in found)
    return key, secret, session


def _taken_in(value: Any) -> Iterator[TakenValue]:
    if isinstance(value, TakenValue):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _taken_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _taken_in(part)
