"""Issuers' published keys: discovery document, JWKS, a cache of ten minutes, a new look when no known key will do.

The Developer Guide ("Set up an OIDC provider") says that identity pools keep keys for about ten minutes.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeGuard

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey, import_key

from sandbox.aws.cognito_identity.logins.fetch import FetchFailed, Thumbprints, fetch
from sandbox.core.instance import Instance

_KEPT = 600.0  # seconds
# So many new looks in so many seconds, however many tokens come in that no known key has signed.
_LOOKS = 60
_WINDOW = 60.0
_MOST_ISSUERS = 1000
_MOST_KEYS = 100
_NIST_CURVES = ("P-256", "P-384", "P-521")
# An issuer that publishes a private key, or has an opinion on operations, is taken at its public key.
_PUBLIC_MEMBERS = ("kty", "n", "e", "crv", "x", "y")


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """`fingerprint` tells keys apart in the cache of verified signatures."""

    kid: str
    alg: str
    key: RSAKey | ECKey
    fingerprint: bytes


# Whose stand-in it is, its URL, and what IAM says of its certificate: the same URL has other keys in another account.
_Key = tuple[str, str, Thumbprints]


@dataclass(slots=True)
class _Issuer:
    fetched: float = 0.0
    looks: deque[float] = field(default_factory=lambda: deque(maxlen=_LOOKS))
    keys: list[PublishedKey] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class PublishedKeys:
    """What issuers have published, as far as it was looked up."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._issuers: dict[_Key, _Issuer] = {}

    async def find(
        self,
        account: str,
        issuer: str,
        kid: str | None,
        *,
        discovery: bool,
        again: bool = False,
        thumbprints: Thumbprints = None,
    ) -> list[PublishedKey]:
        """The keys of an issuer that `kid` may mean: those of that id or of none, or all when the token names none.

        Args:
            account: in whose world the issuer is looked up (`fetch`).
            issuer: its URL.
            discovery: whether the key set is found by the discovery document; for a user pool it is at a fixed path.
            again: none of the keys known so far has signed the token, so the issuer may have new ones.
            thumbprints: of certificates of the issuer's that are good on IAM's word.

        Raises:
            FetchFailed: they could not be looked up.
        """
        # One entry however many slashes a token puts at the end, or each spelling would be looked up again.
        issuer = issuer.rstrip("/")
        key = (account, issuer, thumbprints)
        entry = self._entry(key)
        if again or time.monotonic() - entry.fetched > _KEPT or not _matching(entry, kid):
            async with entry.lock:
                await self._refresh(entry, kid, again, lambda: self._look_up(key, discovery))
        return _matching(entry, kid)

    def forget(self) -> None:
        self._issuers.clear()

    def _entry(self, key: _Key) -> _Issuer:
        if key not in self._issuers:
            if len(self._issuers) >= _MOST_ISSUERS:
                self._issuers.clear()
            self._issuers[key] = _Issuer()
        return self._issuers[key]

    async def _refresh(
        self, entry: _Issuer, kid: str | None, again: bool, look_up: Callable[[], Awaitable[list[PublishedKey]]]
    ) -> None:
        now = time.monotonic()
        fresh = entry.fetched and now - entry.fetched <= _KEPT
        tired = len(entry.looks) == _LOOKS and now - entry.looks[0] < _WINDOW
        if fresh and (tired or (_matching(entry, kid) and not again)):
            return  # It was asked too often, or another request has looked meanwhile.
        entry.looks.append(now)
        try:
            entry.keys = await look_up()
            entry.fetched = time.monotonic()
        except FetchFailed:
            if not _matching(entry, kid) or not fresh:
                raise

    async def _look_up(self, of: _Key, discovery: bool) -> list[PublishedKey]:
        account, issuer, thumbprints = of
        look = partial(fetch, self._instance, account, thumbprints=thumbprints)
        jwks_uri = f"{issuer}/.well-known/jwks.json"
        if discovery:
            found = await look(f"{issuer}/.well-known/openid-configuration")
            document = found.json() if found.status == 200 else None
            if not isinstance(document, dict) or not isinstance(document.get("jwks_uri"), str):
                raise FetchFailed("the issuer has no usable discovery document", answered=True)
            if str(document.get("issuer", "")).rstrip("/") != issuer:
                raise FetchFailed("the discovery document is another issuer's", answered=True)
            jwks_uri = document["jwks_uri"]
        answer = await look(jwks_uri)
        document = answer.json() if answer.status == 200 else None
        if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
            raise FetchFailed("the issuer publishes no key set", answered=True)
        return [key for jwk in document["keys"][:_MOST_KEYS] if (key := _read(jwk)) is not None]


def _matching(entry: _Issuer, kid: str | None) -> list[PublishedKey]:
    """A key set need not name its keys (RFC 7517, section 4.5); one without an id may be the one that is meant."""
    return [key for key in entry.keys if kid is None or key.kid in (kid, "")]


def _read(jwk: Any) -> PublishedKey | None:
    """A signing key: RSA of at least 2048 bits (RFC 7518, section 3.3), or on a NIST curve. Others are passed over."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
        return None
    try:
        key = import_key({name: jwk[name] for name in _PUBLIC_MEMBERS if name in jwk})
    except (JoseError, KeyError, TypeError, ValueError):
        return None
    if _is_strong(key):
        return PublishedKey(str(jwk.get("kid", "")), str(jwk.get("alg", "")), key, key.as_der())
    return None


def _is_strong(key: Key) -> TypeGuard[RSAKey | ECKey]:
    if isinstance(key, RSAKey):
        return key.public_key.key_size >= 2048
    return isinstance(key, ECKey) and key.curve_name in _NIST_CURVES
