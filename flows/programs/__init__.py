"""Recorded calls as code that makes them again: one file a language, each from botocore's model of the operation.

What was redacted is read from the environment, and a first line says what it is. Nothing is replayed: an SDK signs
anew, so these also work for calls that need a signature.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flows.programs import cli, curl, javascript, python
from flows.programs.call import ProgramCall, UnknownOperationError
from flows.programs.chain import AskedCall, Chain, chain_of

__all__ = ["AskedCall", "Program", "ProgramCall", "UnknownOperationError", "programs_of", "whole_programs"]


@dataclass(frozen=True, slots=True)
class Program:
    """`language`: as people call it; `key`: for names in pages."""

    key: str
    language: str
    text: str


_LANGUAGES: tuple[tuple[str, str, Callable[[ProgramCall], str]], ...] = (
    ("cli", "CLI", cli.written),
    ("python", "Python", python.written),
    ("javascript", "JavaScript", javascript.written),
)

_WHOLE: tuple[tuple[str, str, Callable[[Chain], str]], ...] = (
    ("python", "Python", python.whole),
    ("javascript", "JavaScript", javascript.whole),
    ("cli", "AWS CLI", cli.whole),
)


def whole_programs(calls: Sequence[AskedCall], whence: str) -> list[Program]:
    """The calls of a run as one program in each language: what a call was answered with, the later ones take from it.

    It is the exchange and no replay: at its end it says whose credentials it got.

    Args:
        whence: where the secrets come from, as people are told: `from the sign-in at Google`.

    Raises:
        UnknownOperationError: botocore knows no such service or operation.
    """
    chain = chain_of(calls, whence)
    return [Program(key, language, write(chain)) for key, language, write in _WHOLE] if chain.links else []


def programs_of(call: ProgramCall) -> list[Program]:
    """The call in each language; as curl too where nobody has to sign it.

    Raises:
        UnknownOperationError: botocore knows no such service or operation.
    """
    programs = [Program(key, language, write(call)) for key, language, write in _LANGUAGES]
    return programs if call.signed else [*programs, Program("curl", "curl", curl.written(call))]
