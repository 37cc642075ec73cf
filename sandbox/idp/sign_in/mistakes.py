"""What a stand-in can do wrong on purpose, so that every check of whoever receives its tokens can be seen to work."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    code: str
    label: str
    effect: str


EXPIRED = Misbehaviour("expired", "Expired token", "it ran out an hour ago")
SHORT_LIVED = Misbehaviour("short_lived", "Token for ten seconds only", "good at sign-in, expired soon after")
WRONG_AUDIENCE = Misbehaviour("wrong_audience", "Wrong audience", "issued for another application")
WRONG_ISSUER = Misbehaviour("wrong_issuer", "Wrong issuer", "claims to come from another issuer")
WRONG_KEY = Misbehaviour("wrong_key", "Wrong key", "signed with a key that the issuer never published")
ACCESS_TOKEN = Misbehaviour("access_token", "Access token instead of ID token", "the usual mix-up")
NO_NONCE = Misbehaviour("no_nonce", "Missing nonce", "the value that binds it to this browser is left out")
WRONG_NONCE = Misbehaviour("wrong_nonce", "Swapped nonce", "the nonce of another sign-in")
REVOKED = Misbehaviour("revoked", "Revoked token", "the provider has taken it back already")
UNSIGNED = Misbehaviour("unsigned", "No signature", "neither response nor assertion is signed")
WRONG_RECIPIENT = Misbehaviour("wrong_recipient", "Wrong recipient", "meant for another address")
NO_AUDIENCE = Misbehaviour("no_audience", "Missing audience", "for whom it is meant is left out")
UNSOLICITED = Misbehaviour("unsolicited", "IdP-initiated", "answers no request: InResponseTo is left out")
NO_ROLE = Misbehaviour("no_role", "No Role attribute", "AWS finds no role to choose")

OIDC = (
    EXPIRED,
    SHORT_LIVED,
    WRONG_AUDIENCE,
    WRONG_ISSUER,
    WRONG_KEY,
    ACCESS_TOKEN,
    NO_NONCE,
    WRONG_NONCE,
)
OPAQUE = (EXPIRED, SHORT_LIVED, WRONG_AUDIENCE, REVOKED)
SAML = (
    EXPIRED,
    WRONG_AUDIENCE,
    NO_AUDIENCE,
    WRONG_ISSUER,
    WRONG_KEY,
    UNSIGNED,
    WRONG_RECIPIENT,
    UNSOLICITED,
    NO_ROLE,
)

FOREIGN_ISSUER = "https://issuer.example.net"
FOREIGN_AUDIENCE = "some-other-application"


def apply_mistake(claims: dict[str, Any], misbehaviour: str) -> dict[str, Any]:
    """An ID token's claims with the misbehaviour applied. Those that concern key or kind of token change no claim."""
    changed = dict(claims)
    match misbehaviour:
        case "expired":
            shift = changed["exp"] - changed["iat"] + 3600
            changed |= {name: changed[name] - shift for name in ("iat", "exp", "auth_time") if name in changed}
        case "short_lived":
            changed["exp"] = changed["iat"] + 10
        case "wrong_audience":
            changed |= {name: FOREIGN_AUDIENCE for name in ("aud", "azp") if name in changed}
        case "wrong_issuer":
            changed["iss"] = FOREIGN_ISSUER
        case "no_nonce":
            changed.pop("nonce", None)
        case "wrong_nonce":
            if "nonce" in changed:
                changed["nonce"] = changed["nonce"][::-1] + "~"
    return changed
