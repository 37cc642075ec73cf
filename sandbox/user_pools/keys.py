"""The signing keys of each pool, made at first use; an account's seeded pool has those of its stand-in."""

from __future__ import annotations

import base64
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

from sandbox.core import signing_keys
from sandbox.core.facts import USER_POOL_NAME
from sandbox.user_pools.pools import UserPool

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

_STAND_IN = "userpool"  # under this issuer the stand-in of the managed login has always kept its keys


def key_issuer(pool: UserPool) -> str:
    """Under which issuer the keys of a pool are kept."""
    seeded = (f"{pool.region}_{USER_POOL_NAME}", f"{pool.region}_Lab{pool.account}")
    return _STAND_IN if pool.pool_id in seeded else pool.pool_id


def new_key_id() -> str:
    """A key id in the shape that user pools use."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def signing_key(connection: sqlite3.Connection, pool: UserPool) -> tuple[str, rsa.RSAPrivateKey]:
    """Key id and key that sign the pool's tokens now."""
    row = signing_keys.active_row(connection, pool.account, key_issuer(pool), new_key_id)
    return row["kid"], signing_keys.parsed_key(row["pem"])


def has_key(connection: sqlite3.Connection, pool: UserPool) -> bool:
    """Whether the pool has a key yet: to make one takes a tenth of a second, and an event loop should not wait."""
    return signing_keys.has_key(connection, pool.account, key_issuer(pool))


def keep_key(connection: sqlite3.Connection, pool: UserPool, key: rsa.RSAPrivateKey) -> None:
    """Have the pool sign with this key, unless it got one meanwhile."""
    signing_keys.add_key(connection, pool.account, key_issuer(pool), new_key_id(), key)


def public_key(connection: sqlite3.Connection, pool: UserPool, kid: str) -> rsa.RSAPublicKey | None:
    """The published key of that id."""
    rows = signing_keys.published_rows(connection, pool.account, key_issuer(pool))
    return next((signing_keys.parsed_key(row["pem"]).public_key() for row in rows if row["kid"] == kid), None)


def jwks(connection: sqlite3.Connection, pool: UserPool) -> dict[str, list[dict[str, Any]]]:
    """The pool's JSON Web Key Set, the active key first."""
    signing_key(connection, pool)
    return signing_keys.jwk_set(signing_keys.published_rows(connection, pool.account, key_issuer(pool)))


def discovery(pool: UserPool, address: str, domain: str | None) -> dict[str, Any]:
    """The pool's discovery document (OpenID Connect Discovery 1.0, section 3).

    Args:
        address: where the pool's own pages are, which is the issuer on AWS.
        domain: where its managed login is; None where it has none, and then no endpoints either.
    """
    document: dict[str, Any] = {
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": pool.issuer,
        "jwks_uri": f"{address}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }
    if domain is not None:
        document |= {
            "authorization_endpoint": f"{domain}/oauth2/authorize",
            "end_session_endpoint": f"{domain}/logout",
            "revocation_endpoint": f"{domain}/oauth2/revoke",
            "token_endpoint": f"{domain}/oauth2/token",
            "userinfo_endpoint": f"{domain}/oauth2/userInfo",
        }
    return document
