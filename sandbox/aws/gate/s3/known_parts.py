"""What of an S3 request belongs to its operation. All decisions are about that, and nothing else is passed on."""

import re
from dataclasses import replace

from sandbox.aws.gate.s3.actions import is_known
from sandbox.aws.gate.s3.request import S3Request, is_header_value, parse_s3
from sandbox.aws.signing import sigv4
from sandbox.aws.wire.s3 import WireNames, known_headers, passed_headers, wire_names
from sandbox.core.errors import AwsError
from sandbox.core.http import Request

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")  # the name of a header (RFC 9110, section 5.6.2)
_CONDITIONS = ("if-match", "if-none-match")
# A presigned URL carries these for the body that its maker had, not for the one that is uploaded.
_NOT_HOISTED = ("x-amz-checksum-", "x-amz-sdk-checksum-algorithm")


def read_known_parts(request: Request) -> tuple[S3Request, Request]:
    """The request as S3 understands it, without the headers and query parameters that its operation does not have.

    Raises:
        AwsError: MethodNotAllowed; InvalidArgument when a parameter is missing, or could be no header.
    """
    return _known_parts(*_without_hoisted_headers(parse_s3(request), _without_ignored_hash(request)))


def headers_for_moto(call: S3Request, headers: dict[str, str]) -> dict[str, str]:
    """The headers of the operation that moto is to see."""
    passed = passed_headers(headers, _names(call))
    if call.copy_source is not None:
        passed["x-amz-copy-source"] = call.copy_source.header
    return passed


def _without_ignored_hash(request: Request) -> Request:
    if "authorization" in request.headers or sigv4.CONTENT_SHA256 not in request.headers:
        return request
    signed = sigv4.read_authorization(request)
    if signed is None or not sigv4.ignores_stated_hash(request, signed):
        return request
    headers = {name: value for name, value in request.headers.items() if name != sigv4.CONTENT_SHA256}
    return replace(request, headers=headers)


def _without_hoisted_headers(call: S3Request, request: Request) -> tuple[S3Request, Request]:
    """Presigned URLs carry `x-amz-` headers in the query, and conditions; S3 reads them as headers.

    Raises:
        AwsError: InvalidArgument for what could be no header.
    """
    conditions = _CONDITIONS if "X-Amz-Signature=" in request.query_string else ()
    hoisted = {
        name.lower(): value
        for name, value in call.pairs
        if name.lower().startswith("x-amz-") or name.lower() in conditions
    }
    if not hoisted:
        return call, request
    if not all(_TOKEN.fullmatch(name) for name in hoisted) or not all(map(is_header_value, hoisted.values())):
        raise AwsError("InvalidArgument", "A query string parameter cannot be read as a header.")
    rest = tuple(pair for pair in call.pairs if pair[0].lower() not in hoisted)
    taken = {name: value for name, value in hoisted.items() if not name.startswith(_NOT_HOISTED)}
    merged = replace(request, headers={**taken, **request.headers})
    source = parse_s3(merged).copy_source
    return replace(call, pairs=rest, copy_source=source), merged


def _known_parts(call: S3Request, request: Request) -> tuple[S3Request, Request]:
    if not is_known(call):
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    names = _names(call)
    headers = known_headers(request.headers, names)
    pairs = tuple(pair for pair in call.pairs if pair[0] in names.query)
    missing = names.required - {name for name, _ in pairs}
    if missing:
        raise AwsError("InvalidArgument", f"This operation needs the query string parameter {min(missing)}.")
    source = call.copy_source if "x-amz-copy-source" in headers else None
    return replace(call, pairs=pairs, copy_source=source), replace(request, headers=headers)


def _names(call: S3Request) -> WireNames:
    return wire_names(call.method, call.subresource, bucket=bool(call.bucket), key=bool(call.key))
