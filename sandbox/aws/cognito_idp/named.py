"""What a call names, found: its pool, its client, its user, the bearer of its access token."""

import sqlite3

from sandbox.core.call import Call
from sandbox.user_pools.clients import Client, client_and_pool, client_of
from sandbox.user_pools.pools import UserPool, pool_in
from sandbox.user_pools.refusals import client_not_found, invalid_access_token
from sandbox.user_pools.tokens import Bearer, believed_access_token
from sandbox.user_pools.users import User, user_in


def connection_of(call: Call) -> sqlite3.Connection:
    return call.instance.store.connection


def pool_named(call: Call) -> UserPool:
    """The caller's pool of that id.

    Raises:
        AwsError: ResourceNotFoundException, for another account's as well.
    """
    return pool_in(connection_of(call), call.account, call.region, call.params["UserPoolId"])


def client_named(call: Call) -> tuple[Client, UserPool]:
    """The client that an unsigned call names, and its pool, whose account the call concerns from now on.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    client, pool = client_and_pool(connection_of(call), call.params["ClientId"])
    if client.region != call.region:
        raise client_not_found(client.client_id)
    call.use_account(pool.account)
    return client, pool


def pool_and_client_named(call: Call) -> tuple[Client, UserPool]:
    """The caller's pool, and the client of it that a signed call names.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    pool = pool_named(call)
    return client_of(connection_of(call), pool, call.params["ClientId"]), pool


def user_named(call: Call) -> tuple[UserPool, User]:
    """The caller's pool, and the user of it.

    Raises:
        AwsError: ResourceNotFoundException, UserNotFoundException.
    """
    pool = pool_named(call)
    return pool, user_in(connection_of(call), pool, call.params["Username"])


def bearer_of(call: Call) -> Bearer:
    """Whose access token the call brings; the call concerns their pool's account from now on.

    Raises:
        AwsError: NotAuthorizedException, UserNotFoundException.
    """
    bearer = believed_access_token(connection_of(call), call.params["AccessToken"])
    if bearer.pool.region != call.region:
        raise invalid_access_token()
    call.use_account(bearer.pool.account)
    return bearer
