"""The attributes of a pool's users: which there are, of which kind, and who may read and write them.

Developer Guide, "Working with user attributes"; defaults of the standard ones as DescribeUserPool gives them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sandbox.user_pools.clients import Client
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import invalid_parameter, unwritable

_TEXT = (
    *("profile", "address", "birthdate", "gender", "preferred_username", "middle_name", "website", "picture"),
    *("phone_number", "locale", "nickname", "zoneinfo", "email", "given_name", "family_name", "name"),
)
_BOOLEAN = ("email_verified", "phone_number_verified")
VERIFIED = {"email": "email_verified", "phone_number": "phone_number_verified"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE = re.compile(r"\+[0-9]{1,15}")
_LONGEST = 2048
_WHOLE = re.compile(r"-?[0-9]{1,18}")


class _Limits(NamedTuple):
    """How the values of one kind are limited."""

    member: str
    least: str
    most: str
    noun: str


_LONGEST = 2048  # characters of a text (CreateUserPool, StringAttributeConstraintsType)
_LIMITS = {
    "String": _Limits("StringAttributeConstraints", "MinLength", "MaxLength", "length"),
    "Number": _Limits("NumberAttributeConstraints", "MinValue", "MaxValue", "value"),
}


def standard_attributes() -> dict[str, dict[str, Any]]:
    """Name -> its entry in SchemaAttributes."""
    shared = {"DeveloperOnlyAttribute": False, "Mutable": True, "Required": False}
    text = {"AttributeDataType": "String", **shared}
    found: dict[str, dict[str, Any]] = {
        "sub": {
            "Name": "sub", **text, "Mutable": False, "Required": True,
            "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
        }
    }  # fmt: skip
    for name in _TEXT:
        lengths = (
            {"MinLength": "10", "MaxLength": "10"} if name == "birthdate" else {"MinLength": "0", "MaxLength": "2048"}
        )
        found[name] = {"Name": name, **text, "StringAttributeConstraints": lengths}
    for name in _BOOLEAN:
        found[name] = {"Name": name, "AttributeDataType": "Boolean", **shared}
    found["updated_at"] = {
        "Name": "updated_at", "AttributeDataType": "Number", **shared, "NumberAttributeConstraints": {"MinValue": "0"},
    }  # fmt: skip
    return found


def schema_of(pool: UserPool) -> dict[str, dict[str, Any]]:
    """Name, with `custom:` or `dev:custom:` before it, -> its entry in SchemaAttributes."""
    found = standard_attributes()
    for given in pool.definition.get("Schema") or ():
        if given["Name"] in found:
            name, entry = given["Name"], {**found[given["Name"]], **given}
        else:
            name = custom_name(given)
            entry = {"Mutable": True, "Required": False, "DeveloperOnlyAttribute": False, **given, "Name": name}
        others = {limits.member for kind, limits in _LIMITS.items() if kind != entry["AttributeDataType"]}
        found[name] = {member: value for member, value in entry.items() if member not in others}
    return found


def check_limits(entry: Mapping[str, Any]) -> None:
    """Let an attribute of a schema be limited by whole numbers only, the least before the most.

    Raises:
        AwsError: InvalidParameterException.
    """
    for limits in _LIMITS.values():
        given = entry.get(limits.member) or {}
        if not all(_WHOLE.fullmatch(given.get(end, "0")) for end in (limits.least, limits.most)):
            raise invalid_parameter(f"Invalid {limits.member} for schema attribute {entry['Name']}")
        if limits.noun == "length" and any(int(given.get(end, "0")) > _LONGEST for end in (limits.least, limits.most)):
            raise invalid_parameter(
                f"user.{entry['Name']}: String attributes cannot have a length of more than {_LONGEST}"
            )
        if limits.least in given and limits.most in given and int(given[limits.most]) < int(given[limits.least]):
            raise invalid_parameter(f"user.{entry['Name']}: Max {limits.noun} cannot be less than min {limits.noun}.")


def custom_name(entry: Mapping[str, Any]) -> str:
    """The full name of an attribute that is not a standard one."""
    name = str(entry["Name"])
    return f"dev:custom:{name}" if entry.get("DeveloperOnlyAttribute") else f"custom:{name}"


def readable(pool: UserPool, client: Client) -> set[str]:
    """What a client sees of its users: all but developers' own attributes, unless it lists them (ReadAttributes)."""
    schema = schema_of(pool)
    listed = client.definition.get("ReadAttributes")
    names = set(listed) if listed else {name for name in schema if not name.startswith("dev:")}
    return names & set(schema) | {"sub"}


def writable(pool: UserPool, client: Client) -> set[str]:
    """What a client may write for its users.

    A client that lists none may write every mutable attribute: whoever relies on one for access must say otherwise.
    """
    listed = client.definition.get("WriteAttributes")
    if listed:
        return set(listed)
    return {name for name in schema_of(pool) if not name.startswith("dev:") and name not in ("sub", *_BOOLEAN)}


def check_writable(pool: UserPool, client: Client, names: Iterable[str]) -> None:
    """Let users write only what their client may.

    Raises:
        AwsError: NotAuthorizedException.
    """
    allowed = writable(pool, client) - {"sub", *_BOOLEAN}
    if any(name not in allowed for name in names):
        raise unwritable()


def checked(pool: UserPool, given: Iterable[Mapping[str, Any]], *, new: bool) -> dict[str, str]:
    """A list of `{Name, Value}` as a dictionary.

    Args:
        new: whether they are of a new user, who may have what does not change later.

    Raises:
        AwsError: InvalidParameterException: unknown, immutable, or of another kind.
    """
    schema = schema_of(pool)
    found: dict[str, str] = {}
    for pair in given:
        name, value = str(pair["Name"]), str(pair.get("Value") or "")
        entry = schema.get(name)
        if name == "sub":
            raise invalid_parameter("Cannot modify the non-mutable attribute sub")
        if entry is None:
            raise invalid_parameter(
                f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema.\n"
            )
        if not new and not entry["Mutable"]:
            raise invalid_parameter(f"user.{name}: Attribute cannot be updated.\n")
        _check_value(name, value, entry)
        found[name] = value.lower() if entry["AttributeDataType"] == "Boolean" else value
    return found


def check_required(pool: UserPool, attributes: Mapping[str, str]) -> None:
    """Refuse a new user who lacks what the pool asks of everybody.

    Raises:
        AwsError: InvalidParameterException.
    """
    missing = sorted(
        name for name, entry in schema_of(pool).items()
        if entry["Required"] and name != "sub" and not attributes.get(name)
    )  # fmt: skip
    if missing:
        told = "".join(f"{name}: The attribute {name} is required\n" for name in missing)
        raise invalid_parameter(f"Attributes did not conform to the schema: {told}")


def _check_value(name: str, value: str, entry: Mapping[str, Any]) -> None:
    if len(value) > _LONGEST:
        raise _nonconforming(name, "String must be no longer than 2048 characters")
    if value == "":
        return  # An empty value clears the attribute.
    if name == "email" and not _EMAIL.fullmatch(value):
        raise invalid_parameter("Invalid email address format.")
    if name == "phone_number" and not _PHONE.fullmatch(value):
        raise invalid_parameter("Invalid phone number format.")
    kind = entry["AttributeDataType"]
    if kind == "Boolean" and value.lower() not in ("true", "false"):
        raise _nonconforming(name, "Value must be true or false")
    if kind == "Number":
        if not _WHOLE.fullmatch(value):
            raise _nonconforming(name, "Value must be a number")
        _check_size(name, int(value), kind, entry)
    if kind == "String":
        _check_size(name, len(value), kind, entry)


def _check_size(name: str, size: int, kind: str, entry: Mapping[str, Any]) -> None:
    limits = _LIMITS[kind]
    given = entry.get(limits.member) or {}
    least, most = given.get(limits.least), given.get(limits.most)
    if (least and size < int(least)) or (most and size > int(most)):
        raise _nonconforming(name, f"Value must be between {least or 'any'} and {most or 'any'}")


def _nonconforming(name: str, problem: str) -> Exception:
    return invalid_parameter(f"Attributes did not conform to the schema: {name}: {problem}\n")


def as_list(sub: str, attributes: Mapping[str, str], names: set[str] | None = None) -> list[dict[str, str]]:
    """Attributes as the API gives them, `sub` first; of those the ones in `names`, where it is given."""
    every = {"sub": sub, **attributes}
    return [{"Name": name, "Value": value} for name, value in every.items() if names is None or name in names]
