"""Refresh tokens: what they yield, and their end."""

from typing import Any

from sandbox.aws.cognito_idp.named import client_named, connection_of
from sandbox.aws.cognito_idp.results import ensure_key, refreshed_result
from sandbox.aws.cognito_idp.secret_hash import check_secret
from sandbox.core.call import Call
from sandbox.user_pools.grants import revoke_refresh_token, use_refresh_token


async def get_tokens_from_refresh_token(call: Call) -> dict[str, Any]:
    """New tokens, with a new refresh token where the client rotates them."""
    client, pool = client_named(call)
    check_secret(client, call.params.get("ClientSecret"))
    await ensure_key(call, pool)
    refreshed = use_refresh_token(connection_of(call), client, call.params["RefreshToken"])
    return {"AuthenticationResult": refreshed_result(call, pool, client, refreshed)}


async def revoke_token(call: Call) -> dict[str, Any]:
    client, _ = client_named(call)
    check_secret(client, call.params.get("ClientSecret"))
    revoke_refresh_token(connection_of(call), client, call.params["Token"])
    return {}
