"""AuthenticationResult: the tokens at the end of a sign-in or a refresh."""

import asyncio
from typing import Any

from sandbox.aws.cognito_idp.named import connection_of
from sandbox.core import spare_keys
from sandbox.core.call import Call
from sandbox.core.store import atomic
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import Refreshed, new_refresh_token, open_grant
from sandbox.user_pools.keys import has_key, keep_key
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.tokens import Minted, mint
from sandbox.user_pools.users import User


async def ensure_key(call: Call, pool: UserPool) -> None:
    """Make the pool's key in a thread, where it has none yet: others are answered meanwhile."""
    if not has_key(connection_of(call), pool):
        key = await asyncio.get_running_loop().run_in_executor(call.instance.threads, spare_keys.take)
        keep_key(connection_of(call), pool, key)


def signed_in_result(call: Call, pool: UserPool, client: Client, user: User) -> dict[str, Any]:
    """The tokens of a sign-in that has just been completed."""
    connection = connection_of(call)
    with atomic(connection):
        grant = open_grant(connection, client, user)
        refresh_token = new_refresh_token(connection, client, grant)
    return {**_result(mint(connection, pool, client, user, grant)), "RefreshToken": refresh_token}


def refreshed_result(call: Call, pool: UserPool, client: Client, refreshed: Refreshed) -> dict[str, Any]:
    """The tokens of a refresh; a refresh token only where it is a new one."""
    minted = mint(connection_of(call), pool, client, refreshed.user, refreshed.grant)
    renewed = {"RefreshToken": refreshed.refresh_token} if refreshed.refresh_token else {}
    return {**_result(minted), **renewed}


def _result(minted: Minted) -> dict[str, Any]:
    return {
        "AccessToken": minted.access_token,
        "ExpiresIn": minted.expires_in,
        "TokenType": "Bearer",
        "IdToken": minted.id_token,
    }
