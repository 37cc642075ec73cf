"""JSON Web Tokens as identity pools read them: taken apart first, believed after the signature (RFC 7515, 7519)."""

import base64
import json
import math
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from sandbox.aws.cognito_identity.logins.keys import PublishedKey
from sandbox.core.instance import Instance

_ALGORITHMS = JWSRegistry(algorithms=("RS256", "RS384", "RS512", "ES256", "ES384", "ES512"))
_CACHED = 8192
# Longer ones are read again each time: anybody may send a token, and must not fill the memory with it.
_LONGEST_CACHED = 4096
_LONGEST_SUBJECT = 2048


class NotAJwt(Exception):
    """The text cannot be read as a signed JWT at all."""


@dataclass(frozen=True, slots=True)
class UnverifiedJwt:
    """A token taken apart. Nothing in it is to be believed before `signature_holds`."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes
    digest: bytes

    @property
    def algorithm(self) -> str:
        return str(self.header.get("alg", ""))

    @property
    def kid(self) -> str | None:
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def audiences(self) -> list[str]:
        """`aud` may be one string or a list (RFC 7519, section 4.1.3)."""
        value = self.claims.get("aud")
        values = value if isinstance(value, list) else [value]
        return [entry for entry in values if isinstance(entry, str) and entry]

    @property
    def subject(self) -> str:
        value = self.claims.get("sub")
        return value if isinstance(value, str) and len(value) <= _LONGEST_SUBJECT else ""

    @property
    def issuer(self) -> str:
        value = self.claims.get("iss")
        return value if isinstance(value, str) else ""

    def seconds(self, claim: str) -> float | None:
        """A time claim in epoch seconds; None when it is absent or no number."""
        value = self.claims.get(claim)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            seconds = float(value)
        except OverflowError:
            return None  # JSON's whole numbers know no limit.
        return seconds if math.isfinite(seconds) else None


class Jwts:
    """Remembers tokens taken apart, and which (token, key) pairs were verified: RSA is the dearest part of a call."""

    def __init__(self, instance: Instance) -> None:
        self._parsed: OrderedDict[bytes, UnverifiedJwt] = OrderedDict()
        self._verified: OrderedDict[bytes, None] = OrderedDict()

    def parse(self, token: str) -> UnverifiedJwt:
        """Take a token apart.

        Raises:
            NotAJwt
        """
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        jwt = self._parsed.get(digest)
        if jwt is None:
            jwt = _parse(token, digest)
            if len(token) > _LONGEST_CACHED:
                return jwt
            self._parsed[digest] = jwt
            if len(self._parsed) > _CACHED:
                self._parsed.popitem(last=False)
        return jwt

    def signature_holds(self, jwt: UnverifiedJwt, key: PublishedKey, algorithms: tuple[str, ...]) -> bool:
        """Whether `key` made the signature, by one of `algorithms`."""
        if jwt.algorithm not in algorithms or (key.alg and key.alg != jwt.algorithm):
            return False
        proof = sha256(jwt.digest + jwt.algorithm.encode() + key.fingerprint).digest()
        if proof in self._verified:
            return True
        try:
            if not _verify(jwt, key):
                return False
        except (JoseError, ValueError):
            return False
        self._verified[proof] = None
        if len(self._verified) > _CACHED:
            self._verified.popitem(last=False)
        return True


def _verify(jwt: UnverifiedJwt, key: PublishedKey) -> bool:
    """Whether the key made the signature.

    Raises:
        JoseError: the key is not for this algorithm: of another type, or on another curve (RFC 7518, section 3.4).
    """
    algorithm = _ALGORITHMS.get_alg(jwt.algorithm)
    algorithm.check_key(key.key)
    return algorithm.verify(jwt.signed, jwt.signature, key.key)


def _parse(token: str, digest: bytes) -> UnverifiedJwt:
    parts = token.split(".")
    if len(parts) != 3:
        raise NotAJwt
    try:
        signed = f"{parts[0]}.{parts[1]}".encode("ascii")
        header, claims = _object(parts[0]), _object(parts[1])
        signature = _bytes(parts[2])
    except (ValueError, RecursionError):
        raise NotAJwt from None
    # An extension that has to be understood cannot be ignored (RFC 7515, section 4.1.11); there is none we know.
    if "crit" in header or not isinstance(header.get("alg"), str):
        raise NotAJwt
    return UnverifiedJwt(header, claims, signed, signature, digest)


def _object(part: str) -> dict[str, Any]:
    text = _bytes(part)
    value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    # An escape can write half of a surrogate pair (RFC 8259, section 8.2), which nobody can store or send.
    if b"\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A claim that appears twice would be read differently by different readers."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim appears twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _bytes(part: str) -> bytes:
    if "=" in part:
        raise ValueError("padding is not part of a JWT")
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
