"""Pages of other origins at a bucket: by its own CORS rules where it has any, and open to all where it has none.

At AWS a bucket without rules is closed to them; here pages may use it at once, as every call is signed anyway.
Source: Amazon S3 User Guide, "Using cross-origin resource sharing", and LocalStack's recordings of AWS
(tests/aws/services/s3/test_s3_cors.py).
"""

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, unquote

from sandbox.aws.access.sessions import account_of_key_id
from sandbox.aws.moto.state import CorsRule, cors_of_bucket, holders_of_bucket
from sandbox.core.config import SandboxConfig
from sandbox.core.http import Request, Response

_HEADERS = "access-control-"
_VARY = ("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
_NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)  # The spelling is S3's.


def preflight_of_bucket(config: SandboxConfig, request: Request) -> Response | None:
    """The answer to a browser's question whether a page may ask for something in a bucket with rules; None where the
    request names none.

    Nobody signs such a question, so it says whose bucket is meant only where it is about a presigned URL. Else one rule
    of one of the accounts that have a bucket of that name is enough: what is asked for afterwards is signed.
    """
    rules = _rules_at(request, _account_of_url(config, request))
    if rules is None:
        return None
    method = request.headers.get("access-control-request-method", "")
    asked = [name.strip().lower() for name in request.headers.get("access-control-request-headers", "").split(",")]
    asked = [name for name in asked if name]
    allowed = _allowed(rules, request.headers.get("origin", ""), method, asked)
    if allowed is None:
        return _forbidden(request, method)
    names = [(f"{_HEADERS}allow-headers", ", ".join(asked))] if asked else []
    return Response(200, b"", [*allowed, *names, ("content-length", "0"), ("x-amz-request-id", request.request_id)])


def apply_rules(config: SandboxConfig, request: Request, response: Response, account: str) -> None:
    """Have the answer say to browsers what the bucket's rules say, and nothing else, where it has rules.

    Args:
        account: whose bucket it is; empty where nobody proved to be anybody.
    """
    rules = _rules_at(request, account or _account_of_url(config, request))
    if rules is None:
        return
    response.headers = [pair for pair in response.headers if not pair[0].startswith(_HEADERS)]
    allowed = _allowed(rules, request.headers.get("origin", ""), request.method, ())
    response.headers += [_VARY] if allowed is None else allowed


def _rules_at(request: Request, account: str) -> list[CorsRule] | None:
    """The rules of the bucket that the request names; None where there is no such bucket, or one without rules."""
    bucket = unquote(request.bucket or request.raw_path.removeprefix("/").partition("/")[0], errors="replace")
    if not bucket:
        return None
    found = [cors_of_bucket(holder, bucket) for holder in ([account] if account else holders_of_bucket(bucket))]
    if not found or not all(found):
        return None
    return [rule for rules in found for rule in rules]


def _account_of_url(config: SandboxConfig, request: Request) -> str:
    """The account of the key that a presigned URL names; empty for every other request. It proves nothing."""
    query = dict(parse_qsl(request.query_string))
    key_id = query.get("X-Amz-Credential", "").partition("/")[0] or query.get("AWSAccessKeyId", "")
    if key_id == config.access_key_id:
        return config.account_id
    if len(key_id) == 12 and key_id.isascii() and key_id.isdigit():
        return key_id
    return account_of_key_id(key_id) or ""


def _allowed(rules: Iterable[CorsRule], origin: str, method: str, asked: Sequence[str]) -> list[tuple[str, str]] | None:
    """The headers by the first rule that fits; None where none does."""
    for rule in rules:
        pattern = next((pattern for pattern in rule.origins if origin and _fits(origin, pattern)), None)
        headers = [pattern.lower() for pattern in rule.headers]
        if pattern is None or method not in rule.methods:
            continue
        if all(any(_fits(name, header) for header in headers) for name in asked):
            return _headers_of(rule, "*" if pattern == "*" else origin)
    return None


def _fits(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern, which may have one star."""
    head, star, tail = pattern.partition("*")
    if not star:
        return text == pattern
    return len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail)


def _headers_of(rule: CorsRule, origin: str) -> list[tuple[str, str]]:
    found = [(f"{_HEADERS}allow-origin", origin), (f"{_HEADERS}allow-methods", ", ".join(rule.methods))]
    if origin != "*":
        found.append((f"{_HEADERS}allow-credentials", "true"))
    if rule.exposed:
        found.append((f"{_HEADERS}expose-headers", ", ".join(rule.exposed)))
    if rule.max_age:
        found.append((f"{_HEADERS}max-age", rule.max_age))
    return [*found, _VARY]


def _forbidden(request: Request, method: str) -> Response:
    kind = "OBJECT" if request.raw_path.count("/") > (0 if request.bucket else 1) else "BUCKET"
    named = method if method.isascii() and method.isalpha() else ""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessForbidden</Code><Message>{_NOT_ALLOWED}</Message>'
        f"<Method>{named}</Method><ResourceType>{kind}</ResourceType><RequestId>{request.request_id}</RequestId></Error>"
    )
    headers = [("content-type", "application/xml"), ("x-amz-request-id", request.request_id), _VARY]
    return Response(403, body.encode(), headers)
