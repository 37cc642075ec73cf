"""An operation's members as the fields of a form, made of the service's model; and what was entered, as parameters."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from botocore import xform_name
from botocore.client import BaseClient
from botocore.model import OperationModel, Shape

from flows.exchange import clients

Widget = Literal["text", "long", "number", "choice", "yes-no", "json"]

_WHOLE, _BROKEN = ("integer", "long"), ("float", "double")
# Those that these pages are about come first, in this order.
_FIRST = {
    "cognito-identity": ("GetId", "GetCredentialsForIdentity", "GetOpenIdToken"),
    "sts": ("AssumeRoleWithWebIdentity", "GetCallerIdentity", "AssumeRole"),
    "s3": ("ListObjectsV2", "GetObject", "PutObject", "DeleteObject", "ListBuckets"),
    "dynamodb": ("Scan", "Query", "GetItem", "PutItem", "DeleteItem"),
    "ssm": ("GetParameter",),
    "cognito-idp": ("InitiateAuth", "GetUser", "UpdateUserAttributes", "GetTokensFromRefreshToken", "RevokeToken"),
}
# By the shape's name, where what the model says is not enough to write one.
_EXAMPLES = {
    "LoginsMap": '{"cognito-identity.amazonaws.com": "@12.token"}',
    "AuthParametersType": '{"USERNAME": "ana", "PASSWORD": "…"}',
    "AttributeListType": '[{"Name": "nickname", "Value": "Annie"}]',
}
# Without these a call is valid and of little use, so they are not folded away with what is rarely needed.
_USUAL = {
    "GetId": ("Logins",),
    "GetCredentialsForIdentity": ("Logins",),
    "GetOpenIdToken": ("Logins",),
    "InitiateAuth": ("AuthParameters",),
    "ListObjectsV2": ("Prefix",),
    "PutObject": ("Body",),
}
_DEEPEST = 50  # lists and objects in each other: DynamoDB takes 32
_MOST_VALUES = 1000  # of a member: a batch for DynamoDB has a few hundred
_LONG = ("Token", "AccessToken", "WebIdentityToken", "SAMLAssertion", "Policy", "Body")


class UnusableValue(Exception):
    """A value cannot be what its member has to be. Its text is meant for the visitor.

    Attributes:
        field: of the form, in which the value stands.
    """

    field = ""


@dataclass(frozen=True, slots=True)
class InputMember:
    """One member of an operation's input.

    Attributes:
        usual: whether the operation is mostly called with it, though it need not be.
    """

    name: str
    kind: str
    widget: Widget
    required: bool
    choices: tuple[str, ...] = ()
    example: str = ""
    usual: bool = False

    @property
    def field(self) -> str:
        """The name of its field in the form."""
        return f"p-{self.name}"

    def value(self, text: str) -> Any:
        """What was entered, as the SDK takes it.

        Raises:
            UnusableValue
        """
        if text.startswith("@") and self.kind not in _WHOLE:
            return text.strip()
        if self.widget == "json":
            try:
                return json.loads(text)
            except (ValueError, RecursionError) as problem:
                raise UnusableValue(f"{self.name}: this is not JSON ({problem}).") from None
        if self.kind == "boolean":
            return text == "true"
        if self.kind in (*_WHOLE, *_BROKEN):
            try:
                return int(text) if self.kind in _WHOLE else float(text)
            except ValueError:
                raise UnusableValue(f"{self.name} has to be a number.") from None
        return text.encode() if self.kind == "blob" else text


def operations_of(service: str) -> list[str]:
    """The operations of a service that can be sent, those that people look for first at the top."""
    return list(_operations(service))


@lru_cache(maxsize=8)
def _operations(service: str) -> tuple[str, ...]:
    client = clients.anonymous_client(service, "us-east-1", "")
    model = client.meta.service_model
    usable = [name for name in model.operation_names if _is_usable(client, model.operation_model(name))]
    first = [name for name in _FIRST.get(service, ()) if name in usable]
    return (*first, *sorted(name for name in usable if name not in first))


def _is_usable(client: BaseClient, operation: OperationModel) -> bool:
    """Not those that answer with events, send events, or go to a host that a parameter names."""
    return not (
        operation.has_event_stream_input or operation.has_event_stream_output or operation.endpoint is not None
    ) and hasattr(client, xform_name(operation.name))


@lru_cache(maxsize=64)
def members_of(service: str, operation: str) -> tuple[InputMember, ...]:
    """The members of an operation's input, required ones first, then usual ones."""
    model = clients.anonymous_client(service, "us-east-1", "").meta.service_model.operation_model(operation)
    shape = model.input_shape
    if shape is None:
        return ()
    usual = _USUAL.get(operation, ())
    found = [
        replace(_member(name, member, name in shape.required_members), usual=name in usual)
        for name, member in shape.members.items()
    ]
    return tuple(sorted(found, key=lambda member: (not member.required, not member.usual)))


def _member(name: str, shape: Shape, required: bool) -> InputMember:
    kind = shape.type_name
    if kind in ("structure", "list", "map"):
        return InputMember(name, kind, "json", required, example=_example(shape))
    if kind == "boolean":
        return InputMember(name, kind, "yes-no", required)
    if kind == "string" and shape.enum:
        return InputMember(name, kind, "choice", required, tuple(shape.enum))
    if kind in (*_WHOLE, *_BROKEN):
        return InputMember(name, kind, "number", required)
    return InputMember(name, kind, "long" if name in _LONG or kind == "blob" else "text", required)


def _example(shape: Shape) -> str:
    """What its JSON looks like."""
    if shape.name in _EXAMPLES:
        return _EXAMPLES[shape.name]
    value = _outline(shape, ())
    text = json.dumps(value)
    return text if len(text) <= 200 else ""


def _outline(shape: Shape, seen: tuple[str, ...]) -> Any:
    if shape.name in seen or len(seen) > 3:
        return "…"
    inner = (*seen, shape.name)
    if shape.type_name == "structure":
        chosen = [name for name in shape.members if name in shape.required_members] or list(shape.members)[:1]
        return {name: _outline(shape.members[name], inner) for name in chosen}
    if shape.type_name == "list":
        return [_outline(shape.member, inner)]
    if shape.type_name == "map":
        return {"name": _outline(shape.value, inner)}
    return {"integer": 1, "long": 1, "boolean": True}.get(shape.type_name, "text")


def parameters_of(members: tuple[InputMember, ...], data: Mapping[str, str]) -> dict[str, Any]:
    """What was entered, by member; what was left empty is not sent.

    Raises:
        UnusableValue
    """
    entered = {member: data.get(member.field, "") for member in members}
    return {member.name: _read(member, text) for member, text in entered.items() if text.strip()}


def _read(member: InputMember, text: str) -> Any:
    try:
        value = _blobs(member.value(text), _DEEPEST)
        if _values_in(value) > _MOST_VALUES:
            raise UnusableValue(f"{member.name} can hold {_MOST_VALUES:,} values here. Send more by the CLI or an SDK.")
    except UnusableValue as problem:
        problem.field = member.field
        raise
    return value


def _values_in(value: Any) -> int:
    """How many entries its objects and lists have together."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return len(parts) + sum(map(_values_in, parts))


def _blobs(value: Any, deep: int) -> Any:
    """`{"$base64": "..."}` in JSON stands for bytes, which JSON has no form for."""
    if not deep:
        raise UnusableValue(f"JSON can be nested {_DEEPEST} deep here.")
    if isinstance(value, dict):
        if set(value) == {"$base64"}:
            try:
                return base64.b64decode(str(value["$base64"]), validate=True)
            except (binascii.Error, ValueError):
                raise UnusableValue("$base64 has to hold base64.") from None
        return {name: _blobs(inner, deep - 1) for name, inner in value.items()}
    return [_blobs(inner, deep - 1) for inner in value] if isinstance(value, list) else value
