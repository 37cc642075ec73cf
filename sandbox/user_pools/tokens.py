"""ID and access tokens as user pools write them, and access tokens as they are believed.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html and
.../amazon-cognito-user-pools-using-the-access-token.html.
"""

import base64
import hashlib
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.core.clock import moment_of
from sandbox.core.errors import AwsError
from sandbox.core.later import later
from sandbox.user_pools.attributes import readable
from sandbox.user_pools.clients import Client, find_client
from sandbox.user_pools.grants import SIGN_IN_SCOPE, Grant, find_grant, through_page
from sandbox.user_pools.groups import group_claims, groups_of
from sandbox.user_pools.keys import public_key, signing_key
from sandbox.user_pools.pools import UserPool, find_pool
from sandbox.user_pools.refusals import invalid_access_token, user_disabled, user_not_found
from sandbox.user_pools.users import User, user_by_sub

if TYPE_CHECKING:
    import jwt
else:
    jwt = later("jwt")

_BOOLEANS = {"email_verified", "phone_number_verified"}
_OF_SCOPE = {"email": {"email", "email_verified"}, "phone": {"phone_number", "phone_number_verified"}}
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Minted:
    """The tokens of one answer. `expires_in`: seconds, of the access token."""

    id_token: str
    access_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a good access token is of."""

    pool: UserPool
    client: Client
    user: User
    grant: Grant
    claims: dict[str, Any]


def mint(connection: sqlite3.Connection, pool: UserPool, client: Client, user: User, grant: Grant) -> Minted:
    """ID and access token of a grant, signed by the pool's key."""
    event_id = str(uuid.uuid4())
    access_token = sign(connection, pool, access_claims(connection, pool, client, user, grant, event_id))
    id_token = sign(connection, pool, id_claims(connection, pool, client, user, grant, event_id, access_token))
    return Minted(id_token, access_token, client.seconds("Access"))


def mint_for_client(connection: sqlite3.Connection, pool: UserPool, client: Client, scope: str) -> str:
    """The access token of a client that acts for itself (client credentials grant): no user, and so no sign-in."""
    moment = moment_of(connection, pool.account)
    return sign(
        connection,
        pool,
        {
            "sub": client.client_id,
            "token_use": "access",
            "scope": scope,
            "auth_time": moment.start,
            "iss": pool.issuer,
            "exp": moment.end_base + client.seconds("Access"),
            "iat": moment.start,
            "version": 2,
            "jti": str(uuid.uuid4()),
            "client_id": client.client_id,
        },
    )


def person_claims(
    connection: sqlite3.Connection, pool: UserPool, client: Client, user: User, scope: str
) -> dict[str, Any]:
    """What an ID token says about the user: the attributes that the client may read, groups and roles."""
    names = readable(pool, client) & _names_of_scope(scope, user)
    attributes = {name: _claim(name, value) for name, value in user.attributes.items() if name in names}
    return {
        "sub": user.sub,
        **group_claims(groups_of(connection, user)),
        "cognito:username": user.username,
        **attributes,
    }


def id_claims(
    connection: sqlite3.Connection,
    pool: UserPool,
    client: Client,
    user: User,
    grant: Grant,
    event_id: str,
    access_token: str = "",
) -> dict[str, Any]:
    """An ID token's claims. `claims` and `nonce` of the grant's extra take the place of what the rows say."""
    moment = moment_of(connection, pool.account)
    claims = grant.extra.get("claims")
    if claims is None:
        claims = person_claims(connection, pool, client, user, grant.scope)
    nonce = grant.extra.get("nonce")
    return {
        **({"at_hash": at_hash(access_token)} if through_page(grant) and access_token else {}),
        **claims,
        "iss": pool.issuer,
        **({"nonce": nonce} if nonce else {}),
        "origin_jti": grant.origin_jti,
        "aud": client.client_id,
        "event_id": event_id,
        "token_use": "id",
        "auth_time": grant.auth_time,
        "exp": moment.end_base + client.seconds("Id"),
        "iat": moment.start,
        "jti": str(uuid.uuid4()),
    }


def access_claims(
    connection: sqlite3.Connection, pool: UserPool, client: Client, user: User, grant: Grant, event_id: str
) -> dict[str, Any]:
    """An access token's claims. `version` is there where a sign-in page was used."""
    moment = moment_of(connection, pool.account)
    claims = grant.extra.get("claims")
    groups = (claims if claims is not None else group_claims(groups_of(connection, user))).get("cognito:groups")
    return {
        "sub": user.sub,
        **({"cognito:groups": groups} if groups else {}),
        "iss": pool.issuer,
        **({"version": 2} if through_page(grant) else {}),
        "client_id": client.client_id,
        "origin_jti": grant.origin_jti,
        "event_id": event_id,
        "token_use": "access",
        "scope": grant.scope,
        "auth_time": grant.auth_time,
        "exp": moment.end_base + client.seconds("Access"),
        "iat": moment.start,
        "jti": str(uuid.uuid4()),
        "username": user.username,
    }


def sign(connection: sqlite3.Connection, pool: UserPool, claims: dict[str, Any]) -> str:
    """RS256 by the pool's key; the header names the key and, as Cognito's, no type."""
    kid, key = signing_key(connection, pool)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid, "typ": None})


def believed_access_token(
    connection: sqlite3.Connection, token: str, *, scope: str = SIGN_IN_SCOPE, client: Client | None = None
) -> Bearer:
    """Whose access token this is, when it is genuine, in time, of a sign-in that was not ended, and has the scope.

    Args:
        scope: empty where any will do.
        client: where the token has to be of a certain client.

    Raises:
        AwsError: NotAuthorizedException, UserNotFoundException.
    """
    pool, claims = _verified(connection, token)
    if claims.get("token_use") != "access":
        raise invalid_access_token()
    if claims["exp"] <= moment_of(connection, pool.account).account:
        raise AwsError("NotAuthorizedException", "Access Token has expired")
    found = find_grant(connection, str(claims.get("origin_jti", "")))
    its_client = find_client(connection, str(claims.get("client_id", "")))
    if found is None or its_client is None or found[0].pool_id != pool.pool_id:
        raise invalid_access_token()
    grant, revoked = found
    if grant.client_id != its_client.client_id or (client and client.client_id != its_client.client_id):
        raise invalid_access_token()
    if revoked:
        raise AwsError("NotAuthorizedException", "Access Token has been revoked")
    if scope and scope not in str(claims.get("scope", "")).split():
        raise AwsError("NotAuthorizedException", "Access Token does not have required scopes")
    user = user_by_sub(connection, pool.pool_id, grant.sub)
    if user is None:
        raise user_not_found()
    if not user.enabled:
        raise user_disabled()
    return Bearer(pool, its_client, user, grant, claims)


def pool_of_token(connection: sqlite3.Connection, token: str) -> UserPool | None:
    """The pool that a token says it is from. Nothing of it is believed yet."""
    try:
        if len(token) > _LONGEST:
            return None
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError):
        return None
    pool = find_pool(connection, str(claims.get("iss", "")).rpartition("/")[2])
    return pool if pool is not None and claims.get("iss") == pool.issuer else None


def pool_of_call(connection: sqlite3.Connection, params: Mapping[str, Any]) -> UserPool | None:
    """The pool that a call is about, as far as it names one: by its id, its client or an access token."""
    if "UserPoolId" in params:
        return find_pool(connection, str(params["UserPoolId"]))
    if "ClientId" in params:
        client = find_client(connection, str(params["ClientId"]))
        return find_pool(connection, client.pool_id) if client is not None else None
    return pool_of_token(connection, str(params["AccessToken"])) if "AccessToken" in params else None


def at_hash(access_token: str) -> str:
    """The left half of the access token's SHA-256, base64url (OpenID Connect Core, section 3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def _verified(connection: sqlite3.Connection, token: str) -> tuple[UserPool, dict[str, Any]]:
    pool = pool_of_token(connection, token)
    if pool is None:
        raise invalid_access_token()
    # Times are on the account's clock, which PyJWT does not know.
    unchecked = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "sub", "jti")}
    try:
        key = public_key(connection, pool, str(jwt.get_unverified_header(token).get("kid", "")))
        if key is None:
            raise invalid_access_token()
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=pool.issuer, options=unchecked)  # type: ignore[arg-type]
    except jwt.PyJWTError:
        raise invalid_access_token() from None
    if not isinstance(claims.get("exp"), int):
        raise invalid_access_token()
    return pool, claims


def _names_of_scope(scope: str, user: User) -> set[str]:
    """The attributes that a scope opens: all for a sign-in through the API, with `profile`, and with `openid` alone.

    Developer Guide, "Scopes, M2M, and resource servers".
    """
    scopes = set(scope.split())
    every = set(user.attributes)
    if "profile" in scopes or not scopes & set(_OF_SCOPE):
        return every
    return {name for name in every if any(name in names for key, names in _OF_SCOPE.items() if key in scopes)}


def _claim(name: str, value: str) -> Any:
    if name in _BOOLEANS:
        return value.lower() == "true"
    return {"formatted": value} if name == "address" else value
