"""Signature Version 4, the receiving side: what was signed, and whether it was signed with that secret.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Everything is computed from
the bytes of the request line and the headers, never from decoded forms.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, unquote, unquote_to_bytes

from sandbox.core.http import Request

ALGORITHM = "AWS4-HMAC-SHA256"
CONTENT_SHA256 = "x-amz-content-sha256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_HEX = re.compile(r"[0-9a-f]{64}")
_LONGEST_PRESIGNED = 604_800  # seconds: seven days


class Incomplete(Exception):
    """The authorization is there, but a part of it is missing or cannot be read."""


class OtherMechanism(Incomplete):
    """The authorization is of another kind than Signature Version 4."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The authorization of one request, as far as it can be read before any key is known.

    Attributes:
        scope: `DATE/REGION/SERVICE/aws4_request`.
        date: `x-amz-date` as sent, `YYYYMMDDTHHMMSSZ`.
        time: the same in epoch seconds.
        expires: seconds after which a presigned URL is over; None for an Authorization header.
        token: the session token, empty when there is none.
    """

    access_key_id: str
    scope: str
    region: str
    service: str
    date: str
    time: float
    signed_headers: tuple[str, ...]
    signature: str
    token: str
    expires: int | None = None

    @property
    def presigned(self) -> bool:
        return self.expires is not None


def read_authorization(request: Request) -> Signed | None:
    """The request's signature, from its Authorization header or its query string; None when it is anonymous.

    Raises:
        Incomplete: with the sentence that AWS says.
    """
    header = request.headers.get("authorization")
    if header is not None:
        return _from_header(header, request)
    query = dict(_query_pairs(request.query_string))
    return _from_query(query) if "X-Amz-Signature" in query or "X-Amz-Credential" in query else None


def _from_header(header: str, request: Request) -> Signed:
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != ALGORITHM:
        raise OtherMechanism(f"Authorization header requires '{ALGORITHM}'.")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise Incomplete(f"Authorization header requires '{name}' parameter.")
    date = request.headers.get("x-amz-date") or request.headers.get("date", "")
    if not date:
        raise Incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    token = request.headers.get("x-amz-security-token", "")
    return _signed(parts["Credential"], parts["SignedHeaders"], parts["Signature"], date, token, None)


def _from_query(query: dict[str, str]) -> Signed:
    names = ("Algorithm", "Credential", "SignedHeaders", "Signature", "Date", "Expires")
    algorithm, credential, signed_headers, signature, date, expires = (query.get(f"X-Amz-{name}", "") for name in names)
    if not all((algorithm, credential, signed_headers, signature, date)) or algorithm != ALGORITHM:
        raise Incomplete("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                         "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")  # fmt: skip
    # Only S3 demands X-Amz-Expires; elsewhere a presigned request is as short-lived as any other.
    seconds = _seconds(expires) if expires else 900
    return _signed(credential, signed_headers, signature, date, query.get("X-Amz-Security-Token", ""), seconds)


def _seconds(expires: str) -> int:
    """The whole seconds for which a presigned URL is good.

    Raises:
        Incomplete: in S3's words.
    """
    digits = expires.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise Incomplete("X-Amz-Expires should be a number")
    if digits != expires:
        raise Incomplete("X-Amz-Expires must be non-negative")
    if len(digits) > 8 or int(digits) > _LONGEST_PRESIGNED:
        raise Incomplete(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{_LONGEST_PRESIGNED} seconds"
        )
    return int(digits)


def _signed(credential: str, names: str, signature: str, date: str, token: str, expires: int | None) -> Signed:
    # An access key ID holds no slash, so what precedes the last four parts is the ID.
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != "aws4_request" or not parts[0]:
        raise Incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
        )
    try:
        when = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Incomplete("Date must be in ISO-8601 'basic format'. Got '" + date[:40] + "'.") from None
    if date[:8] != parts[1]:
        raise Incomplete(f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                         f"'{parts[1][:20]}' != '{date[:8]}', from '{date[:40]}'.")  # fmt: skip
    headers = tuple(names.lower().split(";"))
    return Signed(
        parts[0], "/".join(parts[1:]), parts[2], parts[3], date, when.timestamp(), headers, signature, token, expires
    )


def read_form(fields: Mapping[str, str]) -> Signed:
    """The authorization of a form that a browser sends to S3, whose policy is what was signed.

    Raises:
        Incomplete: with the sentence that S3 says.
    """
    names = ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")
    algorithm, credential, date, signature = (fields.get(name, "") for name in names)
    missing = [name for name in names if not fields.get(name)]
    if missing or algorithm != ALGORITHM:
        field = missing[0] if missing else names[0]
        raise Incomplete(
            f"Bucket POST must contain a field named '{field}'.  If it is specified, please check the order of the "
            "fields."
        )
    return _signed(credential, "host", signature, date, fields.get("x-amz-security-token", ""), None)


def text_matches(text: str, signed: Signed, secret: str) -> bool:
    """Whether the signature is the one that `secret` gives to a text."""
    key = _signing_key(secret, *signed.scope.split("/")[:3])
    given = signed.signature.lower().encode(errors="replace")
    return hmac.compare_digest(hmac.digest(key, text.encode(), sha256).hex().encode(), given)


def unsigned_headers(request: Request, signed: Signed) -> list[str]:
    """The headers that must be signed and are not: `host` and every `x-amz-*` that was sent, but for one that means
    nothing."""
    demanded = ["host", *(name for name in request.headers if name.startswith("x-amz-"))]
    ignored = {CONTENT_SHA256} if ignores_stated_hash(request, signed) else set()
    return [name for name in demanded if name not in signed.signed_headers and name not in ignored]


def ignores_stated_hash(request: Request, signed: Signed) -> bool:
    """Whether a request states a hash that nobody looks at: S3 passes over the header beside a presigned URL that did
    not sign it (LocalStack's recordings of AWS, tests/aws/services/s3)."""
    unsigned = CONTENT_SHA256 in request.headers and CONTENT_SHA256 not in signed.signed_headers
    return signed.service == "s3" and signed.presigned and unsigned


def payload_hash(request: Request, signed: Signed) -> str:
    """The last line of the canonical request. Signed trailers and `aws-chunked` bodies are named, not hashed, there."""
    stated = None if ignores_stated_hash(request, signed) else request.headers.get(CONTENT_SHA256)
    if signed.service == "s3":
        return stated or (UNSIGNED_PAYLOAD if signed.presigned else request.body_sha256)
    return stated if stated and _HEX.fullmatch(stated) else request.body_sha256


def payload_matches(request: Request, signed: Signed) -> bool:
    """Whether a hash that the client states is the body's. `UNSIGNED-PAYLOAD` and `STREAMING-...` state none."""
    stated = "" if ignores_stated_hash(request, signed) else request.headers.get(CONTENT_SHA256, "")
    return not _HEX.fullmatch(stated) or hmac.compare_digest(stated, request.body_sha256)


def signature_matches(request: Request, signed: Signed, secret: str) -> bool:
    """Whether the signature is the one that `secret` gives."""
    key = _signing_key(secret, *signed.scope.split("/")[:3])
    given = signed.signature.lower().encode(errors="replace")
    return any(
        hmac.compare_digest(hmac.digest(key, string_to_sign(canonical, signed).encode(), sha256).hex().encode(), given)
        for canonical in canonical_requests(request, signed, payload_hash(request, signed))
    )


def string_to_sign(canonical: str, signed: Signed) -> str:
    return "\n".join([ALGORITHM, signed.date, signed.scope, _hash(canonical.encode("utf-8", "surrogateescape"))])


def canonical_requests(request: Request, signed: Signed, payload: str) -> Iterable[str]:
    """The request in the form that is signed, for each way in which SDKs write its path; the likeliest first.

    Args:
        payload: its last line.
    """
    tail = [
        _canonical_query(request.query_string),
        "".join(f"{name}:{_canonical_header(request.headers.get(name, ''))}\n" for name in signed.signed_headers),
        ";".join(signed.signed_headers),
        payload,
    ]
    return ("\n".join([request.method, path, *tail]) for path in _canonical_paths(request.raw_path, signed.service))


def _canonical_paths(raw: str, service: str) -> Iterable[str]:
    """The paths that SDKs sign. S3's is the path as sent, or encoded again where the client left characters unencoded;
    the other services' path is encoded twice."""
    path = raw or "/"
    if service != "s3":
        return (quote(path, safe="/-_.~"),)
    encoded = quote(unquote_to_bytes(path), safe="/-_.~")
    return (path,) if encoded == path else (path, encoded)


def _canonical_query(query_string: str) -> str:
    pairs = [(name, value) for name, value in _query_pairs(query_string) if name != "X-Amz-Signature"]
    return "&".join(f"{name}={value}" for name, value in sorted((_encoded(n), _encoded(v)) for n, v in pairs))


def _query_pairs(query_string: str) -> list[tuple[str, str]]:
    if not query_string:
        return []
    split = (part.partition("=") for part in query_string.split("&") if part)
    return [
        (unquote(name, errors="surrogateescape"), unquote(value, errors="surrogateescape")) for name, _, value in split
    ]


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~", errors="surrogateescape")


def _canonical_header(value: str) -> str:
    return " ".join(value.split())


@lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), sha256)
    return key


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()
