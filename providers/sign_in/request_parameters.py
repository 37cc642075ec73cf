"""The authorization request, read for people: the page between our application and the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from lessons.request_parameters import NOT_KNOWN, REQUEST_PARAMETERS


@dataclass(frozen=True, slots=True)
class SentParameter:
    """One parameter as it is sent, and what it is for."""

    name: str
    value: str
    meaning: str
    doc: str


def request_parameters(url: str, fields: Mapping[str, str]) -> tuple[SentParameter, ...]:
    """The parameters of an authorization request, from its URL or from the form that carries it."""
    pairs = list(fields.items()) or parse_qsl(urlsplit(url).query)
    return tuple(_parameter(name, value) for name, value in pairs)


def _parameter(name: str, value: str) -> SentParameter:
    lesson = REQUEST_PARAMETERS.get(name, NOT_KNOWN)
    return SentParameter(name, value, lesson.meaning, lesson.doc)


def address(url: str) -> str:
    """Where the request goes, without the parameters."""
    return urlsplit(url)._replace(query="", fragment="").geturl()
