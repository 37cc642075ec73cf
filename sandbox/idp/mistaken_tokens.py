"""A seeded user pool's tokens with something wrong on purpose. What is right about them is made where all are made."""

from __future__ import annotations

import sqlite3
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any

from sandbox.core.later import later
from sandbox.idp.sign_in.mistakes import apply_mistake
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import Grant
from sandbox.user_pools.keys import signing_key
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.tokens import Minted, access_claims, id_claims, sign
from sandbox.user_pools.users import User

if TYPE_CHECKING:
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa

    from sandbox.core import spare_keys
else:
    jwt = later("jwt")
    spare_keys = later("sandbox.core.spare_keys")

MISBEHAVIOUR = "misbehaviour"  # in a grant's extra: what the pool does wrong with its tokens


def mint_with_mistake(
    connection: sqlite3.Connection, pool: UserPool, client: Client, user: User, grant: Grant
) -> Minted:
    """The tokens of a grant, with what its extra says is to be wrong."""
    mistake, event_id = str(grant.extra.get(MISBEHAVIOUR, "")), str(uuid.uuid4())
    access_token = sign(connection, pool, access_claims(connection, pool, client, user, grant, event_id))
    claims = apply_mistake(id_claims(connection, pool, client, user, grant, event_id, access_token), mistake)
    if mistake == "access_token":
        id_token = access_token
    elif mistake == "wrong_key":
        kid, _ = signing_key(connection, pool)
        id_token = _signed_by_a_stranger(claims, kid)
    else:
        id_token = sign(connection, pool, claims)
    return Minted(id_token, access_token, client.seconds("Access"))


def _signed_by_a_stranger(claims: dict[str, Any], kid: str) -> str:
    return jwt.encode(claims, _unpublished_key(), algorithm="RS256", headers={"kid": kid, "typ": None})


@cache
def _unpublished_key() -> rsa.RSAPrivateKey:
    return spare_keys.new_rsa_key()
