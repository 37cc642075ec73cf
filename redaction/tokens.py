"""JSON Web Tokens, read for display.

Decoded is not verified. What `decode` returns says what is written in a token, not who wrote it.
"""

import base64
import re
from dataclasses import dataclass
from typing import Any

from redaction.parsing import read_json

MASKED = "‹masked›"
# What a provider's artifact of each kind (providers.registry) is called where it stands in a trace.
ARTIFACTS = {
    "id_token": "ID token",
    "access_token": "access token",
    "oauth1_token": "OAuth token and secret",
    "saml_response": "SAML response",
}

# What OpenID Connect Core section 5.1 calls standard claims about a person, and what the providers add to them.
_PERSONAL = frozenset(
    [
        *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
        *("website", "email", "gender", "birthdate", "phone_number", "address", "username", "cognito:username"),
        *("upn", "unique_name", "first_name", "last_name"),
        # Members of X's and Amazon's profiles, and SAML attributes by their last part (eduPerson, LDAP, WS-Federation).
        *("screen_name", "profile_image_url", "profile_image_url_https", "profile_banner_url", "description"),
        *("postal_code", "mail", "displayName", "givenName", "sn", "surname", "givenname", "emailaddress", "uid"),
        *("telephoneNumber", "mobile", "RoleSessionName"),
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
        parts = [_document(part) for part in (header, claims)]
    except ValueError:
        return None
    if not all(isinstance(part, dict) for part in parts):
        return None
    return UnverifiedToken(*parts)


def _document(part: str) -> Any:
    return read_json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def without_personal(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims with those about a person masked; that they were there stays visible."""
    return {name: MASKED if is_personal(name) else value for name, value in claims.items()}


def is_personal(name: str) -> bool:
    """Whether a claim, a member of a profile or a SAML attribute of this name is about a person."""
    return name in _PERSONAL or name.rpartition("/")[2] in _PERSONAL
