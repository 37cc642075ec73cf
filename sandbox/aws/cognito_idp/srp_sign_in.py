"""USER_SRP_AUTH: a PASSWORD_VERIFIER challenge, and its answer.

Whoever is unknown to a client that hides its users gets a challenge as well, the same at each try in what does not
change, and refused in the end like a wrong password (RFC 5054, section 2.5.1.3).
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import Any

from sandbox.aws.cognito_idp.named import connection_of
from sandbox.aws.cognito_idp.parameters import needed
from sandbox.core.call import Call
from sandbox.user_pools import srp
from sandbox.user_pools.challenges import open_challenge, take_challenge
from sandbox.user_pools.clients import Client
from sandbox.user_pools.passwords import password_of, proved, require_try
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import invalid_parameter, invalid_session, user_not_found, wrong_password
from sandbox.user_pools.unknown_users import made_up_username
from sandbox.user_pools.users import User, find_user, user_by_sub

_NAME = "PASSWORD_VERIFIER"
_STAMP = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC [0-9]{4}")


def begin(call: Call, client: Client, pool: UserPool, name: str, srp_a: str) -> dict[str, Any]:
    """The challenge.

    Raises:
        AwsError: InvalidParameterException: no public value; UserNotFoundException, NotAuthorizedException.
    """
    connection = connection_of(call)
    a = srp.public_value(srp_a)
    if a is None:
        raise invalid_parameter("SRP_A is not a public value: hexadecimal digits of a number that N does not divide.")
    user = find_user(connection, pool, name)
    if user is None and not client.hides_users:
        raise user_not_found()
    require_try(connection, pool, user, name)
    kept = password_of(connection, pool, user, name)
    secret, public = srp.begin(kept)
    username = user.username if user else made_up_username(connection, pool, name)
    state = {
        "name": name,
        "username": username,
        "sub": user.sub if user else "",
        "a": f"{a:x}",
        "b": f"{secret:x}",
        "public": f"{public:x}",
    }
    block = open_challenge(connection, client, _NAME, state)
    parameters = {
        "USERNAME": username,
        "USER_ID_FOR_SRP": username,
        "SRP_B": f"{public:x}",
        "SALT": srp.salt_text(kept),
        "SECRET_BLOCK": base64.b64encode(block).decode(),
    }
    return {"ChallengeName": _NAME, "ChallengeParameters": parameters}


def finish(call: Call, client: Client, pool: UserPool, responses: Mapping[str, str]) -> User:
    """Who proved that they know the password. Each challenge is good for one answer.

    Raises:
        AwsError: NotAuthorizedException, InvalidParameterException, and as `passwords.require_ready`.
    """
    connection = connection_of(call)
    block = _decoded(needed(responses, "PASSWORD_CLAIM_SECRET_BLOCK"))
    claimed = _decoded(needed(responses, "PASSWORD_CLAIM_SIGNATURE"))
    timestamp = needed(responses, "TIMESTAMP")
    if not _STAMP.fullmatch(timestamp):
        raise invalid_parameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
    state = take_challenge(connection, client, _NAME, block)
    name: str = state["name"]
    user = user_by_sub(connection, pool.pool_id, state["sub"]) if state["sub"] else None
    if state["sub"] and user is None:
        raise invalid_session()  # deleted meanwhile
    if pool.folded(responses["USERNAME"]) not in (pool.folded(name), state["username"], state["sub"]):
        raise wrong_password()
    require_try(connection, pool, user, name)
    kept = password_of(connection, pool, user, name)
    expected = srp.signature(
        kept,
        int(state["a"], 16),
        int(state["b"], 16),
        int(state["public"], 16),
        pool_id=pool.pool_id,
        username=state["username"],
        block=block,
        timestamp=timestamp,
    )
    right = hmac.compare_digest(expected, claimed)
    return proved(connection, pool, user, name, right=right, hides_users=client.hides_users)


def _decoded(text: str) -> bytes:
    """Bytes in base64; such as fit nothing where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
