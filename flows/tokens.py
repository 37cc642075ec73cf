"""JSON Web Tokens: read for display, and verified against their issuer's published keys.

Decoded is not verified. What `decode` returns says what is written in a token, not who wrote it.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

MASKED = "‹masked›"

# What OpenID Connect Core section 5.1 calls standard claims about a person, and what the providers add to them.
_PERSONAL = frozenset(
    [
        *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
        *("website", "email", "gender", "birthdate", "phone_number", "address", "username", "cognito:username"),
        *("upn", "unique_name", "first_name", "last_name"),
    ]
)
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    header: dict[str, Any]
    claims: dict[str, Any]


def decode(token: str) -> UnverifiedToken | None:
    """Header and claims of a JSON Web Token in compact form (RFC 7519), or None when it is none."""
    if not _JWT.fullmatch(token):
        return None
    header, claims, _ = token.split(".")
    try:
        parts = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, claims)]
    except ValueError:
        return None
    if not all(isinstance(part, dict) for part in parts):
        return None
    return UnverifiedToken(*parts)


def without_personal(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims with those about a person masked; that they were there stays visible."""
    return {name: MASKED if name in _PERSONAL else value for name, value in claims.items()}
