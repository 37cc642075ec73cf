"""What the reference pages say about an operation.

Parameters, answers and errors are read from the service models that boto3 itself works with, so they are those of the
installed SDK. What the models do not say is told in lessons.operations.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape

import botocore.session
from botocore.model import OperationModel, Shape, StructureShape
from django.utils.html import strip_tags

from lessons.operations import OPERATIONS, Operation
from redaction.names import kind_of


@dataclass(frozen=True, slots=True)
class DocumentedMember:
    """One parameter or one member of an answer. `path` is dotted, as in `Credentials.SecretKey`."""

    path: str
    type_name: str
    required: bool
    secret: bool
    limits: str
    text: str


@dataclass(frozen=True, slots=True)
class DocumentedError:
    """One error that the model names, with the first paragraph of what AWS says about it."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The lesson of an operation, with what the SDK's service model says about it."""

    lesson: Operation
    signed: bool
    text: str
    parameters: tuple[DocumentedMember, ...]
    answer: tuple[DocumentedMember, ...]
    faults: tuple[DocumentedError, ...]


class UnknownOperation(LookupError):
    """There is no reference page for this operation."""


@cache
def reference(operation: str) -> Reference:
    """The reference of one operation.

    Raises:
        UnknownOperation: it is not among lessons.operations.
    """
    if operation not in OPERATIONS:
        raise UnknownOperation(operation)
    lesson = OPERATIONS[operation]
    model: OperationModel = botocore.session.Session().get_service_model(lesson.service).operation_model(operation)
    return Reference(
        lesson=lesson,
        # A missing auth type means the service's usual one, Signature Version 4.
        signed=model.auth_type != "none",
        text=_first_paragraph(model.documentation),
        parameters=tuple(_members(model.input_shape)),
        answer=tuple(_members(model.output_shape)),
        faults=tuple(
            DocumentedError(shape.error_code, _first_paragraph(shape.documentation)) for shape in model.error_shapes
        ),
    )


def _members(shape: Shape | None, prefix: str = "") -> Iterator[DocumentedMember]:
    """The members of a structure, nested structures flattened; an operation without parameters has none."""
    if not isinstance(shape, StructureShape):
        return
    for name, member in shape.members.items():
        yield DocumentedMember(
            path=prefix + name,
            type_name=member.type_name,
            required=name in shape.required_members,
            secret=_is_secret(name, member),
            limits=_limits(member),
            text=_first_paragraph(member.documentation),
        )
        yield from _members(member, f"{prefix}{name}.")


def _is_secret(name: str, shape: Shape) -> bool:
    """The models mark secrets as sensitive, all but the session token and the values of Logins."""
    return bool(shape.metadata.get("sensitive")) or bool(kind_of((name,)))


def _limits(shape: Shape) -> str:
    """The constraints of a shape as words: `1 to 55 characters`, `900 to 43200`, `at most 10 entries`."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if most is None:
        return ""
    unit = {"string": " characters", "map": " entries", "list": " entries"}.get(shape.type_name, "")
    return f"at most {most}{unit}" if least is None else f"{least} to {most}{unit}"


def _first_paragraph(html: str) -> str:
    """The first paragraph of a model's documentation as plain text."""
    paragraph = re.split(r"</p>|<ul>|<important>|<note>", html, maxsplit=1)[0]
    return re.sub(r"\s+", " ", unescape(strip_tags(paragraph))).strip()
