"""The OpenID token of identity pools: its claims, its signature, and how it is read back.

Shape as in decoded public tokens: header `kid`, `typ` JWS, `alg` RS512; claims in the order below.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512

from sandbox.aws.access.assume import Principal
from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.core.caller import ContextValue
from sandbox.core.keys import Keys

PROVIDER = "cognito-identity.amazonaws.com"
ISSUER = f"https://{PROVIDER}"
TAGS_CLAIM = "https://aws.amazon.com/tags"
POOL_ARN_CLAIM = f"{ISSUER}/identity-pool-arn"
BASIC_LIFETIME = 600  # seconds
DEVELOPER_LIFETIME = 900
_LONGEST = 50_000  # characters: the longest value that Logins takes

Claims = dict[str, Any]


class NotOurToken(Exception):
    """Not a token that this installation signed."""


def amr_of(logins: Sequence[VerifiedLogin]) -> list[str]:
    """The `amr` claim: who vouched for the identity in this call."""
    if not logins:
        return ["unauthenticated"]
    return ["authenticated", *(entry for login in logins for entry in (login.provider, login.amr) if entry)]


def token_claims(
    pool: Pool, identity_id: str, amr: Sequence[str], tags: Mapping[str, str], now: float, lifetime: int
) -> Claims:
    """The claims of an OpenID token; `lifetime` in seconds."""
    claims: Claims = {"sub": identity_id, "aud": pool.pool_id, "amr": list(amr)}
    if tags:
        claims[TAGS_CLAIM] = {"principal_tags": {key: [value] for key, value in tags.items()}}
    claims["iss"] = ISSUER
    claims[POOL_ARN_CLAIM] = pool.arn
    claims["exp"] = int(now) + lifetime
    claims["iat"] = int(now)
    return claims


def principal_tags(claims: Claims) -> dict[str, str]:
    """The principal tags that a token of ours carries."""
    return {key: values[0] for key, values in claims.get(TAGS_CLAIM, {}).get("principal_tags", {}).items()}


def web_identity_principal(claims: Claims, account: str) -> Principal:
    """The bearer of an OpenID token of identity pools, as trust policies speak of it."""
    context: dict[str, ContextValue] = {
        f"{PROVIDER}:aud": claims["aud"],
        f"{PROVIDER}:sub": claims["sub"],
        f"{PROVIDER}:amr": list(claims["amr"]),
    }
    return Principal("Federated", [PROVIDER], "sts:AssumeRoleWithWebIdentity", context, account)


def sign(keys: Keys, claims: Claims) -> str:
    header = {"kid": keys.token_kid, "typ": "JWS", "alg": "RS512"}
    body = f"{_encoded(header)}.{_encoded(claims)}"
    signature = keys.token_key.sign(body.encode(), PKCS1v15(), SHA512())
    return f"{body}.{_b64(signature)}"


def read_own_token(keys: Keys, token: str) -> Claims:
    """The claims of a token that this installation signed, expired or not.

    Raises:
        NotOurToken
    """
    parts = token.split(".")
    if len(token) > _LONGEST or len(parts) != 3:
        raise NotOurToken
    try:
        header = json.loads(_unb64(parts[0]))
        if not isinstance(header, dict) or header.get("alg") != "RS512" or header.get("kid") != keys.token_kid:
            raise NotOurToken
        signed = f"{parts[0]}.{parts[1]}".encode("ascii")
        keys.token_key.public_key().verify(_unb64(parts[2]), signed, PKCS1v15(), SHA512())
        claims: Claims = json.loads(_unb64(parts[1]))
    except (ValueError, InvalidSignature, RecursionError):
        raise NotOurToken from None
    return claims


def _encoded(part: dict[str, Any]) -> str:
    return _b64(json.dumps(part, separators=(",", ":")).encode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
