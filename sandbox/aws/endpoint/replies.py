"""Complete answers in the wire form of a family, with the headers that AWS sends along."""

import re
from typing import Any

from sandbox.aws.endpoint.target import Target
from sandbox.aws.wire.error_codes import Family
from sandbox.aws.wire.json_text import write_ascii_json, write_json
from sandbox.aws.wire.query_json import query_error_json, query_result_json, wants_json
from sandbox.aws.wire.xml import query_error, query_result, rest_error
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response

JSON = "application/x-amz-json-1.1"
_EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,x-amz-bucket-region,x-sandbox-decisions,Date"
CORS = [("access-control-allow-origin", "*"), ("access-control-expose-headers", _EXPOSED)]
_PREFLIGHT = [
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET,POST,PUT,DELETE,HEAD,OPTIONS"),
    ("access-control-max-age", "172800"),
    ("content-length", "0"),
]
_ASKED_BY_DEFAULT = (
    "authorization,cache-control,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-target,"
    "x-amz-user-agent"
)


# A document of one of these kinds runs nothing in a browser that does not guess (nosniff). A comma would begin another
# kind, and browsers take the last one (Fetch Standard, "extract a MIME type").
_HARMLESS = re.compile(
    r"(?:application/(?:json|pdf|octet-stream|zip|gzip|x-gzip|x-tar|x-amz-json-1\.[01]|vnd\.amazon\.eventstream)"
    r"|binary/octet-stream|text/(?:plain|csv|tab-separated-values|markdown)"
    r"|image/(?:png|jpeg|gif|webp|avif|bmp|tiff|x-icon|vnd\.microsoft\.icon)"
    r"|(?:audio|video|font)/[a-z0-9.+-]+)\s*(?:;[^,]*)?",
    re.IGNORECASE,
)
_NO_STORE = ("cache-control", "no-store")
_NOSNIFF = ("x-content-type-options", "nosniff")
# An origin of its own, without scripts, forms and cookies (CSP Level 3, section 6.3.2).
_CONTAINED = ("content-security-policy", "sandbox")


def forbid_active_content(response: Response) -> None:
    """Have browsers treat what users wrote as nobody's page: ports share cookies, and the application's are beside."""
    kinds = [value for name, value in response.headers if name == "content-type"]
    response.headers.append(_NOSNIFF)
    if response.body and not (len(kinds) == 1 and _HARMLESS.fullmatch(kinds[0].strip())):
        response.headers.append(_CONTAINED)


def preflight_reply(request: Request) -> Response:
    """The answer to a browser's OPTIONS: any origin, and the headers it asks for, since every call is signed anyway."""
    asked = request.headers.get("access-control-request-headers", "")
    allowed = asked if asked and asked.isascii() and asked.isprintable() else _ASKED_BY_DEFAULT
    return Response(
        200, b"", [*_PREFLIGHT, ("access-control-allow-headers", allowed), ("x-amzn-requestid", request.request_id)]
    )


def success_reply(target: Target, output: dict[str, Any], request: Request) -> Response:
    """The answer of an operation that the sandbox serves itself."""
    if target.family == "query":
        as_json = wants_json(request.headers.get("accept", ""))
        written = query_result_json if as_json else query_result
        body = written(target.service, target.operation, output, request.request_id)
        return Response(200, body, _query_headers(request, as_json))
    return Response(200, write_json(output), [("content-type", JSON), ("x-amzn-requestid", request.request_id), *CORS])


def refusal_reply(family: Family, service: str, error: AwsError, request: Request) -> Response:
    """An AwsError as the family of services writes it.

    The JSON form and its three headers have been seen on the wire (amplify-js#2443, amplify-swift#3124).
    """
    request_id = ("x-amzn-requestid", request.request_id)
    if family == "s3":
        body = b"" if request.method == "HEAD" else rest_error(error, request.raw_path, request.request_id)
        # Browsers keep a 301 for good, and here the next request has the same address and another signature.
        place = [("x-amz-bucket-region", error.bucket_region), _NO_STORE] if error.bucket_region else []
        return Response(
            error.status,
            body,
            [
                ("content-type", "application/xml"),
                ("x-amz-request-id", request.request_id),
                request_id,
                *place,
                _NOSNIFF,
                _CONTAINED,
                *CORS,
            ],
        )
    if family == "query":
        as_json = wants_json(request.headers.get("accept", ""))
        known = service if service in ("sts", "iam") else "sts"
        body = query_error_json(error, request.request_id) if as_json else query_error(known, error, request.request_id)
        return Response(error.status, body, _query_headers(request, as_json))
    body = write_ascii_json({"__type": error.code, "message": error.message}).encode()
    content_type = JSON if service == "cognito-identity" else request.headers.get("content-type", JSON)
    headers = [("content-type", content_type if _is_json(content_type) else JSON), request_id]
    headers += [("x-amzn-errortype", f"{error.code}:"), ("x-amzn-errormessage", _header_text(error.message)), *CORS]
    return Response(error.status, body, headers)


def _query_headers(request: Request, as_json: bool) -> list[tuple[str, str]]:
    kind = ("content-type", "application/json" if as_json else "text/xml")
    contained = [] if as_json else [_CONTAINED]
    return [kind, ("x-amzn-requestid", request.request_id), _NOSNIFF, *contained, *CORS]


def _is_json(content_type: str) -> bool:
    return (
        content_type.startswith(("application/x-amz-json-", "application/json"))
        and content_type.isprintable()
        and content_type.isascii()
        and "," not in content_type
    )


def _header_text(message: str) -> str:
    """A message as a header can carry it: one line of ASCII, of a length that every client reads."""
    return "".join(character if 32 <= ord(character) < 127 else "?" for character in message[:1024])
