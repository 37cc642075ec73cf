"""Signature Version 2 of presigned S3 URLs, the receiving side.

boto3 still makes such URLs for the oldest regions unless it is told otherwise, and S3 still takes them there. Requests
that are signed in a header have no version but the fourth.
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html, "Query string request authentication".
"""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import quote, unquote

from sandbox.aws.wire.s3 import SUBRESOURCES
from sandbox.core.http import Request

# Those of before January 30, 2014 (Amazon S3 User Guide, "Using an AWS SDK, Signature Version 2").
REGIONS = frozenset(
    [
        *("us-east-1", "us-west-1", "us-west-2", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2"),
        *("eu-west-1", "sa-east-1", "us-gov-west-1"),
    ]
)
# What S3 says of it elsewhere.
UNSUPPORTED = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
INCOMPLETE = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
_RESOURCE_PARAMETERS = SUBRESOURCES | {"partNumber", "versionId", "storageClass", "select-type"}


@dataclass(frozen=True, slots=True)
class Presigned:
    """The authorization in a URL; `expires` as sent, which should be epoch seconds."""

    access_key_id: str
    signature: str
    expires: str
    token: str


def is_presigned(request: Request) -> bool:
    """Whether a URL of this version was used, whatever its signature is worth."""
    return "AWSAccessKeyId=" in request.query_string and "authorization" not in request.headers


def lacks_a_part(request: Request) -> bool:
    """Whether a URL has some of the parameters of this version, and no complete authorization of any."""
    if "authorization" in request.headers or "X-Amz-" in request.query_string:
        return False
    names = {name for name, _ in _pairs(request.query_string)}
    return bool(names & {"AWSAccessKeyId", "Signature"}) and read_presigned(request) is None


def read_presigned(request: Request) -> Presigned | None:
    """The authorization of a URL; None when there is none of this version."""
    if not is_presigned(request):
        return None
    query = dict(_pairs(request.query_string))
    if not all(query.get(name) for name in ("AWSAccessKeyId", "Signature", "Expires")):
        return None
    token = query.get("x-amz-security-token", "")
    # A plus sign that was left as it is in the signature reads as a blank.
    return Presigned(query["AWSAccessKeyId"], query["Signature"].replace(" ", "+"), query["Expires"], token)


def signature_matches(request: Request, presigned: Presigned, secret: str) -> bool:
    """Whether the signature is the one that `secret` gives. All `x-amz-` headers and parameters are signed."""
    given = presigned.signature.encode(errors="replace")
    return any(
        hmac.compare_digest(_signature(secret, text), given) for text in strings_to_sign(request, presigned.expires)
    )


def strings_to_sign(request: Request, expires: str) -> Iterable[str]:
    """The request in the form that is signed, for each way in which SDKs write its path; as sent first."""
    pairs = _pairs(request.query_string)
    query = dict(pairs)
    headers = {name: value for name, value in [*pairs, *request.headers.items()] if name.lower().startswith("x-amz-")}
    head = [
        request.method,
        *(request.headers.get(name) or query.get(name, "") for name in ("content-md5", "content-type")),
        expires,
        *(f"{name.lower()}:{' '.join(value.split())}" for name, value in sorted(headers.items())),
    ]
    named = sorted(
        f"{name}={value}" if value else name
        for name, value in pairs
        if name in _RESOURCE_PARAMETERS or name.startswith("response-")
    )
    parameters = f"?{'&'.join(named)}" if named else ""
    return ("\n".join([*head, path + parameters]) for path in _paths(request))


def text_matches(text: str, signature: str, secret: str) -> bool:
    """Whether a signature is the one that `secret` gives to a text: the policy of a form, say."""
    return hmac.compare_digest(_signature(secret, text), signature.encode(errors="replace"))


def _signature(secret: str, text: str) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "surrogateescape"), sha1))


def _paths(request: Request) -> Iterable[str]:
    """Bucket and key as SDKs sign them: as sent, or encoded again."""
    path = f"/{request.bucket}{request.raw_path}" if request.bucket else request.raw_path
    return dict.fromkeys([path, quote(unquote(path, errors="surrogateescape"), safe="/~", errors="surrogateescape")])


def _pairs(query_string: str) -> list[tuple[str, str]]:
    split = (part.partition("=") for part in query_string.split("&") if part)
    return [
        (unquote(name, errors="surrogateescape"), unquote(value.replace("+", " "), errors="surrogateescape"))
        for name, _, value in split
    ]
