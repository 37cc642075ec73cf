"""What users and administrators change about a user: attributes, and the proof of new addresses."""

import sqlite3
from collections.abc import Iterable, Mapping

from sandbox.core.store import atomic
from sandbox.user_pools.attributes import VERIFIED, schema_of
from sandbox.user_pools.codes import Delivery, Purpose, send_code, take_code
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import code_mismatch, invalid_parameter
from sandbox.user_pools.users import User, change_user, renew_aliases

_ADDRESSES: tuple[Purpose, ...] = ("email", "phone_number")


def update_attributes(
    connection: sqlite3.Connection, pool: UserPool, user: User, given: Mapping[str, str], *, by_administrator: bool
) -> tuple[User, list[Delivery]]:
    """Change attributes that were checked (`attributes.checked`).

    A new address is unproved. Where the pool verifies it automatically, a code goes to it; where it is to be proved
    before it counts (AttributesRequireVerificationBeforeUpdate), the old one stays until then.

    Raises:
        AwsError: AliasExistsException, LimitExceededException.
    """
    attributes, deliveries = dict(user.attributes), []
    waiting = _proved_first(pool) if not by_administrator else set()
    with atomic(connection):
        for name, value in given.items():
            if name not in VERIFIED or value == attributes.get(name):
                attributes[name] = value
                continue
            if value and name in waiting:
                continue
            attributes[name] = value
            if VERIFIED[name] not in given:
                attributes[VERIFIED[name]] = "false" if value else ""
        changed = change_user(connection, user, attributes=attributes)
        renew_aliases(connection, pool, changed)
        for purpose in _ADDRESSES:
            value = given.get(purpose, "")
            is_new = bool(value) and value != user.attributes.get(purpose)
            automatic = purpose in (pool.definition.get("AutoVerifiedAttributes") or ())
            proved = given.get(VERIFIED[purpose]) == "true"
            if is_new and automatic and not proved:
                deliveries.append(send_code(connection, pool, changed, purpose, purpose, value=value))
    return changed, deliveries


def delete_attributes(connection: sqlite3.Connection, pool: UserPool, user: User, names: Iterable[str]) -> User:
    """Remove attributes.

    Raises:
        AwsError: InvalidParameterException: the pool asks it of everybody, does not know it, or it never changes.
    """
    schema, attributes = schema_of(pool), dict(user.attributes)
    names = list(names)
    unknown = [f"user.{name}: Attribute does not exist in the schema.\n" for name in names if name not in schema]
    if unknown:
        raise invalid_parameter(f"Invalid user attributes: {''.join(unknown)}")
    for name in names:
        if schema[name]["Required"] or not schema[name]["Mutable"]:
            raise invalid_parameter(f"user.{name}: Attribute cannot be deleted.")
        attributes.pop(name, None)
        if name in VERIFIED:
            attributes.pop(VERIFIED[name], None)
    with atomic(connection):
        user = change_user(connection, user, attributes=attributes)
        renew_aliases(connection, pool, user)
    return user


def send_attribute_code(connection: sqlite3.Connection, pool: UserPool, user: User, attribute: str) -> Delivery:
    """Send a code that proves an address that the user has.

    Raises:
        AwsError: InvalidParameterException, LimitExceededException.
    """
    purpose = _purpose(attribute)
    if not user.attributes.get(purpose):
        raise invalid_parameter(f"User does not have the attribute {attribute}.")
    return send_code(connection, pool, user, purpose, purpose)


def verify_attribute(connection: sqlite3.Connection, pool: UserPool, user: User, attribute: str, code: str) -> User:
    """Have an address count as proved. Not to be called inside a transaction.

    Raises:
        AwsError: CodeMismatchException, ExpiredCodeException, LimitExceededException, AliasExistsException,
            InvalidParameterException.
    """
    purpose = _purpose(attribute)
    value = take_code(connection, pool, user.sub, purpose, code).partition("=")[2]
    if value != user.attributes.get(purpose) and purpose not in _proved_first(pool):
        raise code_mismatch()  # It proved an address that is the user's no longer.
    attributes = {**user.attributes, purpose: value, VERIFIED[purpose]: "true"}
    with atomic(connection):
        user = change_user(connection, user, attributes=attributes)
        renew_aliases(connection, pool, user)
    return user


def _proved_first(pool: UserPool) -> set[str]:
    settings = pool.definition.get("UserAttributeUpdateSettings") or {}
    return set(settings.get("AttributesRequireVerificationBeforeUpdate") or ())


def _purpose(attribute: str) -> Purpose:
    for purpose in _ADDRESSES:
        if attribute == purpose:
            return purpose
    raise invalid_parameter(f"{attribute} is not an attribute that can be verified.")
