"""A recorded call as code that makes it again: one file a language, each from botocore's model of the operation.

What was redacted is read from the environment, and a first line says what it is. Nothing is replayed: an SDK signs
anew, so these also work for calls that need a signature.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flows.programs import cli, curl, javascript, python
from flows.programs.call import Call, UnknownOperationError

__all__ = ["Call", "Program", "UnknownOperationError", "programs_of"]


@dataclass(frozen=True, slots=True)
class Program:
    """`language`: as people call it; `key`: for names in pages."""

    key: str
    language: str
    text: str


_LANGUAGES: tuple[tuple[str, str, Callable[[Call], str]], ...] = (
    ("cli", "CLI", cli.written),
    ("python", "Python", python.written),
    ("javascript", "JavaScript", javascript.written),
)


def programs_of(call: Call) -> list[Program]:
    """The call in each language; as curl too where nobody has to sign it.

    Raises:
        UnknownOperationError: botocore knows no such service or operation.
    """
    programs = [Program(key, language, write(call)) for key, language, write in _LANGUAGES]
    return programs if call.signed else [*programs, Program("curl", "curl", curl.written(call))]
