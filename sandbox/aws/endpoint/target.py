"""Which service and operation a request is for: one address serves them all."""

from urllib.parse import unquote

from msgspec import Struct

from sandbox.aws.endpoint.services import QUERY_VERSIONS, SERVICES, TARGET_PREFIXES
from sandbox.aws.wire.error_codes import Family
from sandbox.aws.wire.query import form_fields
from sandbox.core.errors import AwsError
from sandbox.core.http import Request

_FORM = "application/x-www-form-urlencoded"
_QUERY_SERVICES = frozenset(QUERY_VERSIONS.values())


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
    """Told by `X-Amz-Target`, by the query protocol's Version, by the host name, by the signature's scope, in this
    order; what none of them tells is S3, the only service here that requests name by path only.

    Raises:
        AwsError: MalformedQueryString, or the refusal of an operation that the host's service does not have.
    """
    if "x-amz-target" in request.headers:
        return _at_host(_json_target(request), request)
    fields = _query_fields(request)
    if fields is not None:
        service = QUERY_VERSIONS.get(fields.get("Version", "")) or request.site.service or _service_of_scope(request)
        # Without an action it may be anything, unless the service speaks nothing else.
        if service in _QUERY_SERVICES or ("Action" in fields and service != "s3"):
            target = Target(service or "sts", "query", fields.get("Action", ""), fields)
            return _at_host(target, request)
    return _by_host_or_scope(request)


def target_of_head(request: Request) -> Target:
    """The target as far as the head tells it: a form's service may be another one, its operation is unknown."""
    if "x-amz-target" in request.headers:
        return _json_target(request)
    if is_form(request):
        return Target(request.site.service or _service_of_scope(request) or "sts", "query")
    return _by_host_or_scope(request)


def claimed_service(request: Request) -> str:
    """The service for which the request says it is signed; empty where it says nothing of the kind."""
    service = _service_of_scope(request)
    if service or "AWSAccessKeyId=" not in request.query_string:
        return service
    return "s3"


def _json_target(request: Request) -> Target:
    prefix, _, operation = request.headers["x-amz-target"].partition(".")
    service = TARGET_PREFIXES.get(prefix) or request.site.service or _service_of_scope(request) or prefix.lower()
    return Target(service, "json", operation)


def _by_host_or_scope(request: Request) -> Target:
    service = request.site.service or _service_of_scope(request) or "s3"
    if request.site.service == "cognito-idp" and request.method in ("GET", "HEAD"):
        service = "s3"  # A user pool's keys and discovery document, which nobody signs for.
    family: Family = "query" if service in _QUERY_SERVICES else "s3" if service == "s3" else "json"
    return Target(service, family)


def _at_host(target: Target, request: Request) -> Target:
    """The target, when the service of the host name is the one that was asked.

    Raises:
        AwsError: as a service answers that is asked for another one's operation.
    """
    service = request.site.service
    if not service or service == target.service:
        return target
    name = target.operation[:80]
    if target.family == "query":
        version = (target.fields or {}).get("Version", "NO_VERSION_SPECIFIED")
        raise AwsError("InvalidAction", f"Could not find operation {name} for version {version[:80]}", 400)
    raise AwsError(
        "UnknownOperationException", f"{name} is not an operation of {service}, the service of this host name."
    )


def _query_fields(request: Request) -> dict[str, str] | None:
    if is_form(request):
        return form_fields(request.body.decode("utf-8", "replace"))
    if request.method in ("GET", "POST") and "Action=" in request.query_string and request.raw_path == "/":
        return form_fields(request.query_string)
    return None


def is_form(request: Request) -> bool:
    """Whether the body is a form, as the query protocol sends it."""
    return request.method == "POST" and request.headers.get("content-type", "").startswith(_FORM)


def _service_of_scope(request: Request) -> str:
    """The service in the credential scope, read before anything is verified: it chooses only who verifies."""
    header = request.headers.get("authorization", "")
    for text, mark, end in ((header, "Credential=", ","), (request.query_string, "X-Amz-Credential=", "&")):
        _, found, rest = text.partition(mark)
        if found:
            parts = unquote(rest.partition(end)[0]).strip().split("/")
            return parts[-2].lower()[:64] if len(parts) >= 5 else ""
    return ""
