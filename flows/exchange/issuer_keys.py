"""The published keys of token issuers, fetched once in a while and never from an address that a token names."""

import re
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any

import jwt
from django.conf import settings
from requests import RequestException

import httpget
from providers.sign_in import backchannel
from redaction import Verification, tokens
from web import sandboxes

_FRESH_SECONDS = 600
_RETRY_SECONDS = 60
_SECONDS = 5.0
_LARGEST = 256 * 1024
_ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
# The issuer of identity pools: without a region in most regions (the token's own `iss`, seen in decoded tokens).
_POOL_ISSUER = re.compile(r"https://cognito-identity(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?")


@dataclass(slots=True)
class _KeySet:
    keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    fetched: float = 0.0
    reachable: bool = False


_lock = Lock()
_key_sets: dict[str, _KeySet] = {}


def verify(token: str, account: str) -> Verification:
    """Check a token's signature with its issuer's key. Expiry and audience are left to the service that gets the token.

    `account`: where it came from; each sandbox is an issuer of its own.

    A token of an issuer that we know no keys of, or cannot reach, is not verified, and the note says so.
    """
    read = tokens.decode(token)
    if read is None:
        return Verification(False, note="Not a JSON Web Token.")
    issuer, key_id = str(read.claims.get("iss", "")), str(read.header.get("kid", ""))
    address = _address(issuer, sandboxes.of_account(account).endpoint)
    if not address:
        return Verification(False, key_id, "Decoded only: the keys of this issuer are not known here.")
    found = _key_set(address, key_id)
    if not found.reachable:
        return Verification(False, key_id, f"Decoded only: {address} did not answer.")
    if key_id not in found.keys:
        return Verification(False, key_id, f"Decoded only: {address} has no key {key_id}.")
    try:
        jwt.decode(token, found.keys[key_id], algorithms=_ALGORITHMS, options=_SIGNATURE_ONLY)
    except jwt.InvalidTokenError:
        return Verification(False, key_id, f"The signature is not by key {key_id} of {address}.")
    return Verification(True, key_id, f"Verified with key {key_id} of {address}.")


_SIGNATURE_ONLY: Any = dict.fromkeys(("verify_exp", "verify_aud", "verify_iat", "verify_nbf", "verify_iss"), False)


def _address(issuer: str, endpoint: str | None) -> str:
    """Where an issuer's JWKS is; the path of the identity pools' one really is `jwks_uri`."""
    if not _POOL_ISSUER.fullmatch(issuer):
        return ""
    return f"{endpoint or issuer}/.well-known/jwks_uri"


def _key_set(address: str, key_id: str) -> _KeySet:
    with _lock:
        known = _key_sets.get(address)
    age = monotonic() - known.fetched if known else 0.0
    if known and (age < _RETRY_SECONDS or (key_id in known.keys and age < _FRESH_SECONDS)):
        return known
    fetched = _fetch(address)
    with _lock:
        _key_sets[address] = fetched
    return fetched


def _fetch(address: str) -> _KeySet:
    try:
        published = _document(address)["keys"]
    except (httpget.NoAnswer, RequestException, ValueError, KeyError, TypeError):
        published = None
    if not isinstance(published, list):
        return _KeySet(fetched=monotonic())
    return _KeySet(dict(_usable(published)), monotonic(), reachable=True)


def _document(address: str) -> Any:
    """The JSON at an address: the sandbox's directly, AWS's by way of the proxy that the environment may name.

    Raises:
        httpget.NoAnswer, RequestException, ValueError: nothing came back, or no JSON.
    """
    if settings.AWS_ENDPOINT:
        return httpget.get(address, seconds=_SECONDS, largest=_LARGEST).json()
    return backchannel.ask("GET", address).json()


def _usable(published: list[Any]) -> list[tuple[str, jwt.PyJWK]]:
    keys = []
    for document in published:
        try:
            keys.append((str(document["kid"]), jwt.PyJWK(document)))
        except (jwt.PyJWTError, KeyError, TypeError):
            continue
    return keys
