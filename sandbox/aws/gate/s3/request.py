"""An S3 request taken apart: bucket, key, subresource.

Whoever serves the request afterwards is given what was understood here, written again from that, and never the original
bytes: two readers that understand one request differently are how an authorisation is walked around.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from sandbox.aws.wire.s3 import SUBRESOURCES
from sandbox.core.errors import AwsError
from sandbox.core.http import Request

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
# A line break in a value would end the header and begin another one (RFC 9110, section 5.5).
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# What Signature Version 2 puts into a URL; SDKs copy the two headers there that it signs.
_SIGNATURE_V2 = frozenset(["AWSAccessKeyId", "Signature", "Expires", "content-type", "content-md5"])
_SIGNATURE = re.compile(r"x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)", re.I)


@dataclass(frozen=True, slots=True)
class CopySource:
    """The object that a copy reads."""

    bucket: str
    key: str
    version_id: str | None

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}/{self.key}"

    @property
    def header(self) -> str:
        version = f"?versionId={quote(self.version_id, safe='')}" if self.version_id else ""
        return f"{quote(self.bucket, safe='')}/{quote(self.key, safe='/')}{version}"


@dataclass(frozen=True, slots=True)
class S3Request:
    """What a request speaks of. `bucket` and `key` are empty where the path has none.

    Attributes:
        pairs: the query without the signature's parameters, decoded.
        subresource: the one of SUBRESOURCES that is among them, or an empty text.
    """

    method: str
    bucket: str
    key: str
    pairs: tuple[tuple[str, str], ...]
    subresource: str
    copy_source: CopySource | None

    @property
    def arn(self) -> str:
        if not self.bucket:
            return "arn:aws:s3:::*"
        return f"arn:aws:s3:::{self.bucket}/{self.key}" if self.key else f"arn:aws:s3:::{self.bucket}"

    def value(self, name: str) -> str | None:
        return next((value for key, value in self.pairs if key == name), None)

    @property
    def path(self) -> str:
        """The path written again: decoding it once gives bucket and key."""
        if not self.bucket:
            return "/"
        return f"/{self.bucket}/{quote(self.key, safe='/')}" if self.key else f"/{self.bucket}"

    @property
    def query_string(self) -> str:
        return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.pairs)


def parse_s3(request: Request) -> S3Request:
    """Take a request apart, path-style or virtual-hosted.

    Raises:
        AwsError: InvalidURI, InvalidBucketName, InvalidArgument as S3 answers.
    """
    path = request.raw_path.removeprefix("/")
    bucket, _, raw_key = (request.bucket, "", path) if request.bucket else path.partition("/")
    bucket, key = _decoded(bucket), _decoded(raw_key)
    if (bucket or key) and not _BUCKET.fullmatch(bucket):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.")
    if len(key.encode()) > 1024:
        raise AwsError("KeyTooLongError", "Your key is too long")
    pairs = tuple(pair for pair in _pairs(request.query_string) if not _SIGNATURE.fullmatch(pair[0]))
    if any(name == "AWSAccessKeyId" for name, _ in pairs):
        pairs = tuple(pair for pair in pairs if pair[0] not in _SIGNATURE_V2)
    named = sorted({name for name, _ in pairs} & SUBRESOURCES)
    if len(named) > 1:
        raise AwsError("InvalidArgument", f"Conflicting query string parameters: {', '.join(named)}")
    if len({name for name, _ in pairs}) != len(pairs):
        raise AwsError("InvalidArgument", "A query string parameter appears twice.")
    if not all(is_header_value(value) for name, value in pairs if name.startswith("response-")):
        raise AwsError("InvalidArgument", "Header value cannot be represented using ISO-8859-1.")
    source = request.headers.get("x-amz-copy-source")
    return S3Request(
        method=request.method,
        bucket=bucket,
        key=key,
        pairs=pairs,
        subresource=named[0] if named else "",
        copy_source=_copy_source(source) if source is not None else None,
    )


def is_header_value(value: str) -> bool:
    """Whether a text of the query may stand in a header, of the request or of the answer."""
    return not _CONTROL.search(value) and all(ord(character) < 256 for character in value)


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise AwsError("InvalidURI", "Couldn't parse the specified URI.") from error


def _pairs(query_string: str) -> list[tuple[str, str]]:
    split = (part.partition("=") for part in query_string.split("&") if part)
    return [(_decoded(name.replace("+", " ")), _decoded(value.replace("+", " "))) for name, _, value in split]


def _copy_source(header: str) -> CopySource:
    path, _, query = header.partition("?")
    bucket, slash, key = _decoded(path).removeprefix("/").partition("/")
    if not slash or not key or not _BUCKET.fullmatch(bucket):
        raise AwsError("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    return CopySource(bucket, key, dict(_pairs(query)).get("versionId"))
