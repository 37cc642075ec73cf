"""What the programs are written from: a call's parameters, in which secrets are names of environment variables.

Whoever made the call chose every text of it, and somebody else may run the program. So members that the operation does
not have are left out, what is said in a comment stays on its line, and a variable never has the name of one that the
reader's machine has for another purpose.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, OperationNotFoundError

_MARK = re.compile(r"‹(?P<words>[^‹›]*?)(?: · (?P<fingerprint>[0-9a-f]{4}·[0-9a-f]{2}))?›")
_LONGEST = 80  # of what is said of a secret
# Those that runs call. botocore has hundreds, keeps each that it was asked for, and a file may name them all.
_SERVICES = frozenset({"cognito-identity", "cognito-idp", "dynamodb", "iam", "s3", "ssm", "sts"})
_session = botocore.session.Session()


class UnknownOperationError(LookupError):
    """botocore knows no such service or operation."""


@dataclass(frozen=True, slots=True)
class SecretVariable:
    """What a program reads from the environment. `meaning`: in words, such as `ID token ‹ea5f·48›`."""

    variable: str
    meaning: str


@dataclass(frozen=True, slots=True)
class TakenValue:
    """What a program takes from the answer to one of its calls. `step`: its number; `path`: members on the way."""

    step: int
    path: tuple[str, ...]

    @property
    def variable(self) -> str:
        """Where a shell keeps it."""
        return f"answer_{self.step}_{self.path[-1]}"


# A text whose secrets are taken out: what stands around them, and them.
Parts = tuple["str | SecretVariable | TakenValue", ...]


class SecretNames:
    """The secrets that were met, by their marks, each with a variable of its own."""

    def __init__(self) -> None:
        self._met: dict[str, SecretVariable] = {}
        self._variables: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def secret(self, mark: str, base: str, meaning: str) -> SecretVariable:
        """The one with this mark. `base`: its variable, to which a number is added where others have that."""
        if mark not in self._met:
            variable = base
            while variable in self._variables:
                self._numbers[base] += 1
                variable = f"{base}_{self._numbers[base] + 1}"
            self._variables.add(variable)
            self._met[mark] = SecretVariable(variable, meaning)
        return self._met[mark]


@dataclass(frozen=True)
class ProgramCall:
    """One call to AWS.

    Attributes:
        params: of the operation, as recorded: a secret is a mark such as `‹ID token · ea5f·48›`.
        endpoint: where it goes; empty for AWS itself.
        taken: texts that an earlier call of the same program was answered with.
        names: the secrets that were met; the calls of one program share it.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str
    signed: bool
    endpoint: str = ""
    taken: Mapping[str, TakenValue] = field(default_factory=dict, repr=False)
    names: SecretNames = field(default_factory=SecretNames, repr=False)

    @cached_property
    def model(self) -> OperationModel:
        """The operation as the SDK's model of the service describes it.

        Raises:
            UnknownOperationError: the service has none of this name.
        """
        return _model(self.service, self.operation)

    @property
    def values(self) -> dict[str, Any]:
        """The operation's own parameters, with `Parts` where a text holds secrets."""
        known = self.model.input_shape.members if self.model.input_shape else {}
        return {name: self._value(value, name) for name, value in self.params.items() if name in known}

    @property
    def secrets(self) -> list[SecretVariable]:
        """In the order in which they are met."""
        return list({secret.variable: secret for secret in _secrets_in(self.values)}.values())

    def notes(self, sign: str) -> list[str]:
        """What to set before, a comment a line. `sign`: with which comments begin."""
        lines = [
            f"{sign} {secret.variable}: {secret.meaning}, which is not kept. Set it first." for secret in self.secrets
        ]
        if self.signed:
            lines.append(
                f"{sign} Signed with what AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN hold."
            )
        return lines

    def _value(self, value: Any, name: str) -> Any:
        if isinstance(value, Mapping):
            return {key: self._value(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [self._value(part, name) for part in value]
        if isinstance(value, str) and value in self.taken:
            return (self.taken[value],)
        return self._text(value, name) if isinstance(value, str) and _MARK.search(value) else value

    def _text(self, text: str, name: str) -> Parts:
        parts: list[str | SecretVariable | TakenValue] = []
        end = 0
        for found in _MARK.finditer(text):
            if found.start() > end:
                parts.append(text[end : found.start()])
            parts.append(self._secret(found, name))
            end = found.end()
        return (*parts, text[end:]) if end < len(text) else tuple(parts)

    def _secret(self, found: re.Match[str], name: str) -> SecretVariable:
        words, fingerprint = found["words"], found["fingerprint"]
        meaning = f"{words} ‹{fingerprint}›" if fingerprint else f"{name} ({words})"
        return self.names.secret(found[0], _variable(words if fingerprint else name), _on_one_line(meaning))


def _variable(words: str) -> str:
    """`LAB_ID_TOKEN` of “ID token”. Without what it begins with, a call could ask for AWS_SECRET_ACCESS_KEY."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words[:_LONGEST])
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper().replace("OPEN_ID", "OPENID")
    return f"LAB_{plain or 'VALUE'}"


def _on_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text[:_LONGEST])


def _secrets_in(value: Any) -> Iterator[SecretVariable]:
    if isinstance(value, SecretVariable):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _secrets_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _secrets_in(part)


@lru_cache(maxsize=256)
def _model(service: str, operation: str) -> OperationModel:
    if service not in _SERVICES:
        raise UnknownOperationError(f"{service} {operation}")
    try:
        model: OperationModel = _session.get_service_model(service).operation_model(operation)
    except (UnknownServiceError, OperationNotFoundError) as unknown:
        raise UnknownOperationError(f"{service} {operation}") from unknown
    return model
