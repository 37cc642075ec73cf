"""NEW_PASSWORD_REQUIRED: somebody whom an administrator gave a password chooses one of their own."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws.cognito_idp.named import connection_of
from sandbox.aws.cognito_idp.parameters import needed
from sandbox.core.call import Call
from sandbox.core.store import atomic
from sandbox.user_pools.attributes import check_writable, checked, readable, schema_of
from sandbox.user_pools.challenges import open_challenge, take_challenge
from sandbox.user_pools.clients import Client
from sandbox.user_pools.passwords import check_policy, require_ready, set_password
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.profiles import update_attributes
from sandbox.user_pools.refusals import invalid_parameter, invalid_session
from sandbox.user_pools.users import CONFIRMED, FORCE_CHANGE_PASSWORD, User, renew_aliases, user_by_sub

_NAME = "NEW_PASSWORD_REQUIRED"
_ATTRIBUTE = "userAttributes."


def begin(call: Call, client: Client, pool: UserPool, user: User) -> dict[str, Any]:
    """The challenge, which says what the user lacks of what the pool asks of everybody."""
    connection = connection_of(call)
    secret = open_challenge(connection, client, _NAME, {"sub": user.sub, "set": user.password_set})
    names = readable(pool, client)
    parameters = {
        "USER_ID_FOR_SRP": user.username,
        "requiredAttributes": json.dumps([f"{_ATTRIBUTE}{name}" for name in sorted(_missing(pool, user))]),
        "userAttributes": json.dumps({name: value for name, value in user.attributes.items() if name in names}),
    }
    session = base64.b64encode(secret).decode()
    return {"ChallengeName": _NAME, "Session": session, "ChallengeParameters": parameters}


def finish(call: Call, client: Client, pool: UserPool, responses: Mapping[str, str]) -> User:
    """The user, with the new password. Whoever names one that the policy refuses may answer again.

    Raises:
        AwsError: InvalidPasswordException, NotAuthorizedException, InvalidParameterException.
    """
    connection = connection_of(call)
    password = needed(responses, "NEW_PASSWORD")
    check_policy(pool, password)
    given = checked(
        pool,
        [
            {"Name": name.removeprefix(_ATTRIBUTE), "Value": value}
            for name, value in responses.items()
            if name.startswith(_ATTRIBUTE)
        ],
        new=False,
    )
    check_writable(pool, client, given)
    state = take_challenge(connection, client, _NAME, _secret(call))
    user = user_by_sub(connection, pool.pool_id, state["sub"])
    if user is None or user.status != FORCE_CHANGE_PASSWORD or user.password_set != state["set"]:
        raise invalid_session()  # deleted meanwhile, or given another password
    if pool.folded(responses["USERNAME"]) not in (user.username, user.sub, *_names(pool, user)):
        raise invalid_session()
    require_ready(connection, pool, user)
    _check_attributes(pool, user, given)
    with atomic(connection):
        user, _ = update_attributes(connection, pool, user, given, by_administrator=False)
        user = set_password(connection, user, password, status=CONFIRMED)
        renew_aliases(connection, pool, user)
    return user


def _missing(pool: UserPool, user: User) -> set[str]:
    schema = schema_of(pool)
    return {
        name for name, entry in schema.items() if entry["Required"] and name != "sub" and not user.attributes.get(name)
    }


def _check_attributes(pool: UserPool, user: User, given: Mapping[str, str]) -> None:
    """What is required and there stays as it is; what is required and missing has to come (API reference)."""
    schema = schema_of(pool)
    for name in given:
        if schema[name]["Required"] and user.attributes.get(name):
            raise invalid_parameter(
                "Cannot modify an already provided email"
                if name == "email"
                else f"Cannot modify an already provided {name}"
            )
    missing = sorted(name for name in _missing(pool, user) if not given.get(name))
    if missing:
        raise invalid_parameter(f"Invalid attributes given, {missing[0]} is missing")


def _names(pool: UserPool, user: User) -> list[str]:
    every = (*pool.username_attributes, *pool.alias_attributes)
    return [pool.folded(user.attributes[name]) for name in every if user.attributes.get(name)]


def _secret(call: Call) -> bytes:
    try:
        return base64.b64decode(call.params.get("Session", ""), validate=True)
    except (binascii.Error, ValueError):
        return b""
