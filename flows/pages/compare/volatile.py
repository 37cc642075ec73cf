"""What is new in every run and says nothing about it: the one list of what a comparison passes over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Members of requests and answers, claims and facts of a call, by the last part of their name.
_NAMES = frozenset(
    {
        *("AccessKeyId", "AssumedRoleId", "Expiration", "SecretKey", "SecretAccessKey", "SessionToken", "Token"),
        *("WebIdentityToken", "SAMLAssertion", "PackedPolicySize", "RequestId", "HostId"),
        *("exp", "iat", "nbf", "auth_time", "jti", "nonce", "at_hash", "c_hash", "sid", "origin_jti", "event_id"),
        *("kid", "state", "code", "RelayState", "SAMLRequest", "SAMLResponse", "SigAlg", "Signature", "InResponseTo"),
        *("code_challenge", "code_verifier", "oauth_nonce", "oauth_timestamp", "oauth_token", "oauth_verifier"),
        *("access_token", "id_token", "refresh_token", "expires_in", "duration", "request id", "time", "sessionIndex"),
        *("NotBefore", "NotOnOrAfter", "IssueInstant", "AuthnInstant", "SessionIndex", "ID"),
    }
)
# Of the headers these two say what a call is; the rest is the SDK's and the transport's.
_TELLING_HEADERS = frozenset({"content-type", "x-amz-target"})

_MARK = re.compile(r"‹([^‹›·]*?) · [0-9a-f]{4}·[0-9a-f]{2}›")
_ID = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SETTLED = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"), "‹time›"),
    # Ten digits that stand alone are epoch seconds, 2017 to 2033; an account's number has twelve.
    (re.compile(r"(?<![\w.:/-])1[5-9]\d{8}(?![\w.:/-])"), "‹time›"),
    (re.compile(r"\bA[SK]IA[A-Z0-9]{12,}"), "‹access key ID›"),
    (re.compile(r"\bAROA[A-Z0-9]{12,}"), "‹role’s ID›"),
)


def is_volatile(place: str, name: str) -> bool:
    """Whether a field is new in every run.

    Args:
        place: what the field is of, such as `request`, `answer`, `header`, `ID token`.
        name: its name, whose parts are separated by dots.
    """
    if place.endswith("header"):
        return name.lower() not in _TELLING_HEADERS
    return name.rpartition(".")[2] in _NAMES


@dataclass
class Settled:
    """Makes texts of one run comparable with those of another: what is new in every run gets a name that is not.

    Identity IDs are numbered in the order in which the run met them, so that it still shows when an answer names
    another one than the request.
    """

    _identities: dict[str, str] = field(default_factory=dict)

    def met(self, identity_id: str) -> None:
        """This is an identity ID of the run."""
        if identity_id and identity_id not in self._identities:
            self._identities[identity_id] = f"‹identity {len(self._identities) + 1}›"

    @property
    def identities(self) -> Mapping[str, str]:
        return self._identities

    def text(self, text: str) -> str:
        """The text as it is compared; it is never shown."""
        text = _ID.sub(lambda found: self._identities.get(found[0], found[0]), _MARK.sub(r"‹\1›", text))
        for pattern, name in _SETTLED:
            text = pattern.sub(name, text)
        return text
