"""How much a request may bring, judged by its head: before anything of its body is kept, decoded or believed."""

from sandbox.aws.access.authenticate import authenticate
from sandbox.aws.endpoint.dispatch import refuse
from sandbox.aws.endpoint.replies import refusal_reply
from sandbox.aws.endpoint.request_log import encoded, header_value
from sandbox.aws.endpoint.target import Target, claimed_service, is_form, target_of_head
from sandbox.aws.wire.s3 import SUBRESOURCES
from sandbox.core.decisions import Code, Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response, plain
from sandbox.core.instance import Instance
from sandbox.core.limits import LARGEST_ARCHIVE, MB, HeadProof

ARCHIVE = "/_sandbox/archive"  # the address of whole accounts

_USUAL = MB  # query protocol, JSON, pages; ten logins of 50,000 characters fit twice
_DYNAMODB = 16 * MB  # what BatchWriteItem takes
# SAMLMetadataDocument has up to 10,000,000 characters, each of which may be three in a form.
_IAM_FORM = 3 * 10_000_000 + MB
_S3_OBJECT = 64 * MB
_S3_DOCUMENT = 2 * MB  # DeleteObjects: a thousand keys of 1024 bytes


def largest_body(request: Request) -> int:
    """The most bytes that may follow this head. What is not signed is never more than usual."""
    service = claimed_service(request)
    if service and _is_archive(request):
        return LARGEST_ARCHIVE
    if not service or _is_page(request):
        return _USUAL
    target = target_of_head(request)
    if target.family == "json":
        return _DYNAMODB if target.service == "dynamodb" else _USUAL
    if target.family == "s3":
        return _S3_OBJECT if _is_upload(request) else _S3_DOCUMENT
    return _IAM_FORM if target.service == "iam" and is_form(request) else _USUAL


def too_large(request: Request, largest: int) -> Response:
    """The refusal of a body of more than `largest` bytes; it ends the connection."""
    if _is_page(request):
        return plain(413, "The request is too large.")
    target = target_of_head(request)
    if target.family == "s3":
        status = 400 if claimed_service(request) else 413
        error = AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", status)
    else:
        error = AwsError("RequestEntityTooLarge", f"Request size exceeded {largest} bytes", 413)
    response = _last(refusal_reply(target.family, target.service, error, request))
    return _explained(response, request, "request.limit", "size", f"at most {largest} bytes")


def too_busy(request: Request) -> Response:
    """The answer where more is under way than the sandbox holds; SDKs try again."""
    target = target_of_head(request)
    code = {"s3": "SlowDown", "query": "ServiceUnavailable", "json": "ServiceUnavailableException"}[target.family]
    error = AwsError(
        code, "Please reduce your request rate: the sandbox cannot hold more bytes of requests at the moment.", 503
    )
    response = _last(refusal_reply(target.family, target.service, error, request))
    response.headers.append(("retry-after", "1"))
    return _explained(response, request, "request.busy", "load", "no more bytes of requests than the sandbox can hold")


def proof_of_head(instance: Instance, request: Request) -> HeadProof | Response:
    """What the head proves. An upload's signature is over a stated hash of the body, so it is checked, and refused,
    before the body comes, as S3 does; elsewhere a signature can be checked only when all is there."""
    service = claimed_service(request)
    is_archive = _is_archive(request)
    if not service or (_is_page(request) and not is_archive):
        return HeadProof.STRANGER
    target = Target("sandbox", "json") if is_archive else target_of_head(request)
    if target.family != "s3" and not is_archive:
        return HeadProof.CLAIMED
    if "authorization" in request.headers and "x-amz-content-sha256" not in request.headers:
        return HeadProof.CLAIMED
    decisions = Decisions()
    try:
        authenticate(instance, request, target.service, target.family, decisions, with_body=False)
    except AwsError as error:
        return _last(refuse(instance, request, target, error, decisions))
    return HeadProof.PROVEN


def _is_page(request: Request) -> bool:
    return not request.site.service and request.raw_path.startswith(("/idp/", "/_sandbox/", "/.well-known/"))


def _is_archive(request: Request) -> bool:
    return request.method == "PUT" and request.raw_path == ARCHIVE and _is_page(request)


def _is_upload(request: Request) -> bool:
    """An object, or a part of one, rather than a document about it."""
    if request.method != "PUT":
        return False
    names = {pair.partition("=")[0] for pair in request.query_string.split("&")}
    return not names & (SUBRESOURCES - {"uploadId"})


def _explained(response: Response, request: Request, code: Code, check: str, expected: str) -> Response:
    """The answer with its one decision, which is taken before there is a request that could be remembered."""
    decisions = Decisions()
    decisions.denied(code, check, expected, "more")
    response.headers.append(("x-sandbox-decisions", header_value(decisions, encoded(decisions), request.request_id)))
    return response


def _last(response: Response) -> Response:
    response.headers.append(("connection", "close"))
    return response
