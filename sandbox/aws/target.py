"""Which service and operation a request is for: one address serves them all."""

from urllib.parse import unquote

from msgspec import Struct

from sandbox.aws.families import Family
from sandbox.aws.protocol.query import form_fields
from sandbox.aws.services import QUERY_VERSIONS, SERVICES, TARGET_PREFIXES
from sandbox.http import Request

FORM = "application/x-www-form-urlencoded"


class Target(Struct, frozen=True):
    """`operation` is known only for what the sandbox answers itself; `fields` are those of a query request."""

    service: str
    family: Family
    operation: str = ""
    fields: dict[str, str] | None = None

    @property
    def own(self) -> bool:
        return self.service in SERVICES


def target_of(request: Request) -> Target:
    """Told by `X-Amz-Target`, by the query protocol's Version, by the signature's scope, in this order; what none of
    them tells is S3, the only service here that is spoken to by path alone.

    Raises:
        AwsError: MalformedQueryString.
    """
    header = request.headers.get("x-amz-target")
    if header is not None:
        prefix, _, operation = header.partition(".")
        service = TARGET_PREFIXES.get(prefix) or _service_of_scope(request) or prefix.lower()
        return Target(service, "json", operation)
    fields = _query_fields(request)
    if fields is not None:
        service = QUERY_VERSIONS.get(fields.get("Version", "")) or _service_of_scope(request)
        # Without an action it may be anything, unless the service speaks nothing else.
        if "Action" in fields or service in QUERY_VERSIONS.values():
            return Target(service or "sts", "query", fields.get("Action", ""), fields)
    service = _service_of_scope(request) or "s3"
    return Target(service, "s3" if service == "s3" else "json")


def _query_fields(request: Request) -> dict[str, str] | None:
    if request.method == "POST" and request.headers.get("content-type", "").startswith(FORM):
        return form_fields(request.body.decode("utf-8", "replace"))
    if request.method in ("GET", "POST") and "Action=" in request.query_string and request.raw_path == "/":
        return form_fields(request.query_string)
    return None


def _service_of_scope(request: Request) -> str:
    """The service in the credential scope, read before anything is verified: it chooses only who verifies."""
    header = request.headers.get("authorization", "")
    for text, mark, end in ((header, "Credential=", ","), (request.query_string, "X-Amz-Credential=", "&")):
        _, found, rest = text.partition(mark)
        if found:
            parts = unquote(rest.partition(end)[0]).strip().split("/")
            return parts[-2].lower()[:64] if len(parts) >= 5 else ""
    return ""
